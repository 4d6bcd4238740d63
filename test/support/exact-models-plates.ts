// Models with plates for the estimator tests: full data, nested plates, automatic guides.

import { logBernoulli, logNormal, softmax, type Law } from "./exact-elbo.ts";
import { bernoulli, members, squared, sum, type TestModel } from "./exact-model.ts";

// ---------------------------------------------------------------------------------------- plates

const plateY = [0.6, -1.3, 1.9, 0.25];
const plateC = [0.35, -0.6, 0.15];
const plateLoc = [-0.9, 0.3, 1.4];
const platePrior = [0.45, 0.3, 0.25];
const plateT = [0.31, -0.52, 0.17, -0.44, 0.23, 0.61, 0.08, -0.35, 0.52, 0.77, -0.19, -0.28];

/** A global continuous site and a category per datum whose guide reads it. */
export const plate: TestModel = {
  text: `
data { dim N, K = 3; y: real[N]; prior: real[K]; loc: real[K]; c: real[K] }
model {
  sample mu ~ Normal(0.1, 1.5)
  plate i in N {
    sample z[i] ~ Categorical(prior)
    observe y[i] ~ Normal(mu + loc[z[i]], 0.7)
  }
}
guide {
  param m = 0
  param ls = 0
  sample mu ~ Normal(m, exp(ls))
  plate i in N {
    param t[i]: real[K] = 0
    sample z[i] ~ Categorical(logit = t[i] + mu * c)
  }
}`,
  data: { y: plateY, prior: platePrior, loc: plateLoc, c: plateC },
  knots: 20,
  theta: { m: [0.22], ls: [-0.56], t: plateT },
  variables: [
    { site: "mu", kind: "normal", law: ({ m, ls }) => ({ mean: m![0]!, sd: Math.exp(ls![0]!) }) },
    ...members(4, "z", "category", (i) => ({ t }, [mu]) => ({
      prob: softmax([0, 1, 2].map((k) => t![3 * i + k]! + mu! * plateC[k]!)),
    })),
  ],
  logJoint: ([mu, ...z]) =>
    logNormal(mu!, 0.1, 1.5) +
    sum(4, (i) => Math.log(platePrior[z[i]!]!) + logNormal(plateY[i]!, mu! + plateLoc[z[i]!]!, 0.7)),
};

const nestedY = [
  [0.4, -0.7],
  [1.3, 0.9],
];

/** A plate inside a plate; the inner site's guide reads the outer site. */
export const nested: TestModel = {
  text: `
data { dim I, J; y: real[I, J] }
model {
  plate i in I {
    sample s[i] ~ Bernoulli(0.42)
    plate j in J {
      sample z[i, j] ~ Bernoulli(logit = 0.3 - 0.8 * s[i])
      observe y[i, j] ~ Normal(0.9 * s[i] - 1.2 * z[i, j] + 0.4 * s[i] * z[i, j], 0.85)
    }
  }
}
guide {
  param b = 0
  plate i in I {
    param a[i] = 0
    sample s[i] ~ Bernoulli(logit = a[i])
    plate j in J {
      param d[i, j] = 0
      sample z[i, j] ~ Bernoulli(logit = d[i, j] + b * s[i])
    }
  }
}`,
  data: { y: nestedY },
  knots: 1,
  theta: { b: [0.66], a: [0.27, -0.48], d: [-0.35, 0.52, 0.13, -0.71] },
  variables: [
    ...members(
      2,
      "s",
      "bool",
      (i) =>
        ({ a }) =>
          bernoulli(a![i]!),
    ),
    ...members(
      4,
      "z",
      "bool",
      (n) =>
        ({ b, d }, s) =>
          bernoulli(d![n]! + b![0]! * s[n >> 1]!),
    ),
  ],
  logJoint: (v) =>
    sum(2, (i) => {
      const s = v[i]!;
      return (
        Math.log(s === 1 ? 0.42 : 0.58) +
        sum(2, (j) => {
          const z = v[2 + 2 * i + j]!;
          return logBernoulli(z, 0.3 - 0.8 * s) + logNormal(nestedY[i]![j]!, 0.9 * s - 1.2 * z + 0.4 * s * z, 0.85);
        })
      );
    }),
};

/** No guide block: a Gaussian per continuous site, a free table per discrete one. */
export const automatic: TestModel = {
  text: `
data { dim N, K = 3; y: real[N]; prior: real[K]; loc: real[K] }
model {
  sample mu ~ Normal(0.1, 1.5)
  plate i in N {
    sample z[i] ~ Categorical(prior)
    sample e[i] ~ Normal(loc[z[i]], 0.6)
    observe y[i] ~ Normal(mu + e[i], 0.7)
  }
}`,
  data: { y: plateY.slice(0, 2), prior: platePrior, loc: plateLoc },
  knots: 4,
  theta: {
    "mu.loc": [0.22],
    "mu.log_sd": [-0.56],
    "z.amplitude": [1.31, -0.52, 0.87, -0.44, 1.23, 0.61],
    "e.loc": [0.45, -0.71],
    "e.log_sd": [-0.32, -0.18],
  },
  variables: [
    { site: "mu", kind: "normal", law: (t) => ({ mean: t["mu.loc"]![0]!, sd: Math.exp(t["mu.log_sd"]![0]!) }) },
    ...members(2, "z", "category", (i) => (t) => ({ prob: squared(t["z.amplitude"]!.slice(3 * i, 3 * i + 3)) })),
    ...members(2, "e", "normal", (i) => (t) => ({ mean: t["e.loc"]![i]!, sd: Math.exp(t["e.log_sd"]![i]!) })),
  ],
  logJoint: ([mu, z0, z1, e0, e1]) =>
    logNormal(mu!, 0.1, 1.5) +
    sum(
      2,
      (i) =>
        Math.log(platePrior[[z0!, z1!][i]!]!) +
        logNormal([e0!, e1!][i]!, plateLoc[[z0!, z1!][i]!]!, 0.6) +
        logNormal(plateY[i]!, mu! + [e0!, e1!][i]!, 0.7),
    ),
};

/** The conditional laws of u = m + L eps, row by row; L has exp(raw_ii) on its diagonal. */
function conditional(m: readonly number[], raw: readonly number[], row: number, u: readonly number[]): Law {
  const size = m.length;
  const entry = (i: number, j: number): number => (i === j ? Math.exp(raw[i * size + i]!) : raw[i * size + j]!);
  const eps: number[] = [];
  for (let i = 0; i < row; i++) eps.push((u[i]! - m[i]! - sum(i, (j) => entry(i, j) * eps[j]!)) / entry(i, i));
  return { mean: m[row]! + sum(row, (j) => entry(row, j) * eps[j]!), sd: entry(row, row) };
}

/** One Gaussian over all continuous sites, members of a plate included. */
export const fullRank: TestModel = {
  ...automatic,
  guide: "fullrank",
  theta: {
    "mu+e.loc": [0.22, 0.45, -0.71],
    "mu+e.scale": [-0.56, 0.41, 0.37, -0.28, -0.32, -0.53, 0.61, 0.24, -0.18],
    "z.amplitude": automatic.theta["z.amplitude"]!,
  },
  variables: [
    ...members(3, "mu+e", "normal", (i) => (t, u) => conditional(t["mu+e.loc"]!, t["mu+e.scale"]!, i, u)),
    ...automatic.variables.filter((v) => v.site === "z"),
  ],
  logJoint: ([mu, e0, e1, z0, z1], theta) => automatic.logJoint([mu!, z0!, z1!, e0!, e1!], theta),
};
