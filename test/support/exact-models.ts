// The models of the estimator tests: the text that the compiler reads, and beside it the same densities by hand. Parameters are generic
// on purpose: a symmetric or periodic value can hide a wrong estimator.

import type { RawData } from "../../src/result.ts";
import { logBernoulli, logNormal, poissonProbabilities, sigmoid, softmax, type Exact, type Law, type Theta, type Variable } from "./exact-elbo.ts";

export type TestModel = Exact & {
  readonly text: string;
  readonly data: RawData;
  /** Where gradients are compared: the guide's parameters (and the model's), none of which has bounds. */
  readonly theta: Theta;
  /** Quadrature nodes that make the bound exact to 1e-10. */
  readonly knots: number;
};

type V = readonly number[];

const bernoulli = (logit: number): Law => ({ prob: [1 - sigmoid(logit), sigmoid(logit)] });
const sum = (n: number, f: (i: number) => number): number => Array.from({ length: n }, (_, i) => f(i)).reduce((a, b) => a + b, 0);
const members = (n: number, site: string, kind: Variable["kind"], law: (i: number) => Variable["law"]): Variable[] =>
  Array.from({ length: n }, (_, i) => ({ site, kind, law: law(i) }));

// ---------------------------------------------------------------------------------------- a discrete site above a continuous one

const above = { y: 0.7, p: [0.5, 0.2, 0.3], loc: [-1.1, 0.4, 1.7], w: [0.9, -0.3, 0.35] };

const aboveModel = `
data { dim K = 3; y: real; p: real[K]; loc: real[K]; w: real[K] }
model {
  sample z ~ Categorical(p)
  sample x ~ Normal(loc[z], 0.8)
  observe y ~ Normal(w[z] * x + 0.2 * x^2, 1.1)
}`;

const aboveJoint = ([z, x]: V): number =>
  Math.log(above.p[z!]!) + logNormal(x!, above.loc[z!]!, 0.8) + logNormal(above.y, above.w[z!]! * x! + 0.2 * x! ** 2, 1.1);

/** The guide of x reads z. */
const discreteAbove: TestModel = {
  text: `${aboveModel}
guide {
  param t: real[K] = 0
  param m: real[K] = 0
  param ls = 0
  sample z ~ Categorical(logit = t)
  sample x ~ Normal(m[z], exp(ls))
}`,
  data: above, knots: 8,
  theta: { t: [0.31, -0.52, 0.17], m: [-0.74, 0.23, 1.32], ls: [-0.43] },
  variables: [
    { site: "z", kind: "category", law: ({ t }) => ({ prob: softmax(t!) }) },
    { site: "x", kind: "normal", law: ({ m, ls }, [z]) => ({ mean: m![z!]!, sd: Math.exp(ls![0]!) }) },
  ],
  logJoint: aboveJoint,
};

/** The guide of x does not read z. */
const discreteBeside: TestModel = {
  text: `${aboveModel}
guide {
  param t: real[K] = 0
  param m = 0
  param ls = 0
  sample x ~ Normal(m, exp(ls))
  sample z ~ Categorical(logit = t)
}`,
  data: above, knots: 8,
  theta: { t: [0.31, -0.52, 0.17], m: [0.37], ls: [-0.29] },
  variables: [
    { site: "x", kind: "normal", law: ({ m, ls }) => ({ mean: m![0]!, sd: Math.exp(ls![0]!) }) },
    { site: "z", kind: "category", law: ({ t }) => ({ prob: softmax(t!) }) },
  ],
  logJoint: ([x, z]) => aboveJoint([z!, x!]),
};

// ---------------------------------------------------------------------------------------- a discrete site below a continuous one

const discreteBelow: TestModel = {
  text: `
data { y: real }
model {
  sample x ~ Normal(0.2, 1.3)
  sample z ~ Bernoulli(logit = 0.4 - 0.9 * x)
  observe y ~ Normal(1.3 * z + 0.6 * x, 0.9)
}
guide {
  param m = 0
  param ls = 0
  param a = 0
  param b = 0
  sample x ~ Normal(m, exp(ls))
  sample z ~ Bernoulli(logit = a + b * x)
}`,
  data: { y: 1.15 }, knots: 48,
  theta: { m: [0.43], ls: [-0.37], a: [0.62], b: [-0.81] },
  variables: [
    { site: "x", kind: "normal", law: ({ m, ls }) => ({ mean: m![0]!, sd: Math.exp(ls![0]!) }) },
    { site: "z", kind: "bool", law: ({ a, b }, [x]) => bernoulli(a![0]! + b![0]! * x!) },
  ],
  logJoint: ([x, z]) => logNormal(x!, 0.2, 1.3) + logBernoulli(z!, 0.4 - 0.9 * x!) + logNormal(1.15, 1.3 * z! + 0.6 * x!, 0.9),
};

/** Discrete, continuous, discrete: each guide reads the site above. */
const sandwich: TestModel = {
  text: `
data { y: real }
model {
  sample s ~ Bernoulli(0.37)
  sample x ~ Normal(0.9 * s - 0.3, 1.2)
  sample z ~ Bernoulli(logit = 0.7 * x - 0.2)
  observe y ~ Normal(x + 0.8 * z + 0.5 * s * z, 1.05)
}
guide {
  param q = 0
  param m: real[2] = 0
  param ls = 0
  param a = 0
  param b = 0
  sample s ~ Bernoulli(logit = q)
  sample x ~ Normal(if s then m[1] else m[0], exp(ls))
  sample z ~ Bernoulli(logit = a + b * x)
}`,
  data: { y: 1.4 }, knots: 48,
  theta: { q: [-0.23], m: [-0.41, 0.87], ls: [-0.31], a: [0.29], b: [0.77] },
  variables: [
    { site: "s", kind: "bool", law: ({ q }) => bernoulli(q![0]!) },
    { site: "x", kind: "normal", law: ({ m, ls }, [s]) => ({ mean: m![s!]!, sd: Math.exp(ls![0]!) }) },
    { site: "z", kind: "bool", law: ({ a, b }, [, x]) => bernoulli(a![0]! + b![0]! * x!) },
  ],
  logJoint: ([s, x, z]) =>
    Math.log(s === 1 ? 0.37 : 0.63) + logNormal(x!, 0.9 * s! - 0.3, 1.2) + logBernoulli(z!, 0.7 * x! - 0.2) +
    logNormal(1.4, x! + 0.8 * z! + 0.5 * s! * z!, 1.05),
};

// ---------------------------------------------------------------------------------------- plates

const plateY = [0.6, -1.3, 1.9, 0.25];
const plateC = [0.35, -0.6, 0.15];
const plateLoc = [-0.9, 0.3, 1.4];
const platePrior = [0.45, 0.3, 0.25];
const plateT = [0.31, -0.52, 0.17, -0.44, 0.23, 0.61, 0.08, -0.35, 0.52, 0.77, -0.19, -0.28];

/** A global continuous site and a category per datum whose guide reads it. */
const plate: TestModel = {
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
  data: { y: plateY, prior: platePrior, loc: plateLoc, c: plateC }, knots: 20,
  theta: { m: [0.22], ls: [-0.56], t: plateT },
  variables: [
    { site: "mu", kind: "normal", law: ({ m, ls }) => ({ mean: m![0]!, sd: Math.exp(ls![0]!) }) },
    ...members(4, "z", "category", (i) => ({ t }, [mu]) => ({ prob: softmax([0, 1, 2].map((k) => t![3 * i + k]! + mu! * plateC[k]!)) })),
  ],
  logJoint: ([mu, ...z]) =>
    logNormal(mu!, 0.1, 1.5) + sum(4, (i) => Math.log(platePrior[z[i]!]!) + logNormal(plateY[i]!, mu! + plateLoc[z[i]!]!, 0.7)),
};

const nestedY = [[0.4, -0.7], [1.3, 0.9]];

/** A plate inside a plate; the inner site's guide reads the outer site. */
const nested: TestModel = {
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
  data: { y: nestedY }, knots: 1,
  theta: { b: [0.66], a: [0.27, -0.48], d: [-0.35, 0.52, 0.13, -0.71] },
  variables: [
    ...members(2, "s", "bool", (i) => ({ a }) => bernoulli(a![i]!)),
    ...members(4, "z", "bool", (n) => ({ b, d }, s) => bernoulli(d![n]! + b![0]! * s[n >> 1]!)),
  ],
  logJoint: (v) =>
    sum(2, (i) => {
      const s = v[i]!;
      return Math.log(s === 1 ? 0.42 : 0.58) + sum(2, (j) => {
        const z = v[2 + 2 * i + j]!;
        return logBernoulli(z, 0.3 - 0.8 * s) + logNormal(nestedY[i]![j]!, 0.9 * s - 1.2 * z + 0.4 * s * z, 0.85);
      });
    }),
};

// ---------------------------------------------------------------------------------------- gathers

const gatherY = [0.9, -0.4, 1.7, 0.1, -1.2];
const gatherDoc = [0, 1, 1, 0, 1];
const gatherLoc = [-0.8, 0.25, 1.35];
const gatherPrior = [0.25, 0.35, 0.4];

/** z[doc[t]], documents of different lengths. */
const gather: TestModel = {
  text: `
data { dim D = 2, T, K = 3; doc: index(D)[T]; y: real[T]; prior: real[K]; loc: real[K] }
model {
  plate d in D {
    sample z[d] ~ Categorical(prior)
    sample x[d] ~ Normal(0, 1.4)
  }
  plate t in T { observe y[t] ~ Normal(loc[z[doc[t]]] + 0.6 * x[doc[t]], 0.9) }
}
guide {
  plate d in D {
    param q[d]: real[K] = 0
    param m[d] = 0
    param ls[d] = 0
    sample z[d] ~ Categorical(logit = q[d])
    sample x[d] ~ Normal(m[d] + 0.3 * loc[z[d]], exp(ls[d]))
  }
}`,
  data: { doc: gatherDoc, y: gatherY, prior: gatherPrior, loc: gatherLoc }, knots: 4,
  theta: { q: [0.41, -0.37, 0.12, -0.29, 0.58, 0.05], m: [0.33, -0.61], ls: [-0.27, -0.52] },
  variables: [
    ...members(2, "z", "category", (d) => ({ q }) => ({ prob: softmax(q!.slice(3 * d, 3 * d + 3)) })),
    ...members(2, "x", "normal", (d) => ({ m, ls }, z) => ({ mean: m![d]! + 0.3 * gatherLoc[z[d]!]!, sd: Math.exp(ls![d]!) })),
  ],
  logJoint: (v) =>
    sum(2, (d) => Math.log(gatherPrior[v[d]!]!) + logNormal(v[2 + d]!, 0, 1.4)) +
    sum(5, (t) => logNormal(gatherY[t]!, gatherLoc[v[gatherDoc[t]!]!]! + 0.6 * v[2 + gatherDoc[t]!]!, 0.9)),
};

const pairA = [0, 1, 2, 0];
const pairB = [1, 2, 0, 2];
const pairY = [0.8, -1.1, 0.35, 0.6];

/** Two indices into one plate: members meet. */
const twoIndices: TestModel = {
  text: `
data { dim J = 3, T; a: index(J)[T]; b: index(J)[T]; y: real[T] }
model {
  plate j in J { sample z[j] ~ Bernoulli(0.41) }
  plate t in T { observe y[t] ~ Normal(1.3 * z[a[t]] - 0.9 * z[b[t]], 0.75) }
}
guide {
  plate j in J {
    param q[j] = 0
    sample z[j] ~ Bernoulli(logit = q[j])
  }
}`,
  data: { a: pairA, b: pairB, y: pairY }, knots: 1,
  theta: { q: [0.37, -0.58, 0.21] },
  variables: members(3, "z", "bool", (j) => ({ q }) => bernoulli(q![j]!)),
  logJoint: (z) =>
    sum(3, (j) => Math.log(z[j] === 1 ? 0.41 : 0.59)) + sum(4, (t) => logNormal(pairY[t]!, 1.3 * z[pairA[t]!]! - 0.9 * z[pairB[t]!]!, 0.75)),
};

const wholeDoc = [1, 0, 2, 1];

/** A whole array of indices in one vector observation: members meet there too. */
const wholeIndex: TestModel = {
  text: `
data { dim J = 3, T; doc: index(J)[T]; y: real[T] }
model {
  plate j in J { sample z[j] ~ Bernoulli(0.41) }
  observe y ~ Normal(1.3 * z[doc], 0.75)
}
guide {
  plate j in J {
    param q[j] = 0
    sample z[j] ~ Bernoulli(logit = q[j])
  }
}`,
  data: { doc: wholeDoc, y: pairY }, knots: 1,
  theta: { q: [0.37, -0.58, 0.21] },
  variables: members(3, "z", "bool", (j) => ({ q }) => bernoulli(q![j]!)),
  logJoint: (z) => sum(3, (j) => Math.log(z[j] === 1 ? 0.41 : 0.59)) + sum(4, (t) => logNormal(pairY[t]!, 1.3 * z[wholeDoc[t]!]!, 0.75)),
};

const friend = [2, 0, 0];
const friendY = [0.9, -0.6, 1.2];

/** Members read another member of their own plate. */
const ownPlate: TestModel = {
  text: `
data { dim J; friend: index(J)[J]; y: real[J] }
model {
  plate j in J {
    sample z[j] ~ Bernoulli(0.41)
    observe y[j] ~ Normal(1.3 * z[friend[j]] - 0.2, 0.75)
  }
}
guide {
  plate j in J {
    param q[j] = 0
    sample z[j] ~ Bernoulli(logit = q[j])
  }
}`,
  data: { friend, y: friendY }, knots: 1,
  theta: { q: [0.37, -0.58, 0.21] },
  variables: members(3, "z", "bool", (j) => ({ q }) => bernoulli(q![j]!)),
  logJoint: (z) => sum(3, (j) => Math.log(z[j] === 1 ? 0.41 : 0.59) + logNormal(friendY[j]!, 1.3 * z[friend[j]!]! - 0.2, 0.75)),
};

const tokenDoc = [1, 0, 1];
const wordToken = [2, 0, 1, 0];

/** Two gathers in a row: words read tokens, tokens read documents. */
const composed: TestModel = {
  text: `
data { dim D = 2, T, N; doc: index(D)[T]; token: index(T)[N]; y: real[N] }
model {
  plate d in D { sample z[d] ~ Bernoulli(0.41) }
  plate t in T { sample x[t] ~ Normal(0.8 * z[doc[t]], 1.1) }
  plate n in N { observe y[n] ~ Normal(x[token[n]], 0.9) }
}
guide {
  param b = 0
  plate d in D {
    param q[d] = 0
    sample z[d] ~ Bernoulli(logit = q[d])
  }
  plate t in T {
    param m[t] = 0
    param ls[t] = 0
    sample x[t] ~ Normal(m[t] + b * z[doc[t]], exp(ls[t]))
  }
}`,
  data: { doc: tokenDoc, token: wordToken, y: pairY }, knots: 4,
  theta: { b: [0.47], q: [0.37, -0.58], m: [0.21, -0.33, 0.64], ls: [-0.24, -0.41, -0.13] },
  variables: [
    ...members(2, "z", "bool", (d) => ({ q }) => bernoulli(q![d]!)),
    ...members(3, "x", "normal", (t) => ({ b, m, ls }, z) => ({ mean: m![t]! + b![0]! * z[tokenDoc[t]!]!, sd: Math.exp(ls![t]!) })),
  ],
  logJoint: (v) =>
    sum(2, (d) => Math.log(v[d] === 1 ? 0.41 : 0.59)) +
    sum(3, (t) => logNormal(v[2 + t]!, 0.8 * v[tokenDoc[t]!]!, 1.1)) +
    sum(4, (n) => logNormal(pairY[n]!, v[2 + wordToken[n]!]!, 0.9)),
};

// ---------------------------------------------------------------------------------------- chains and counts

const chainPrior = [0.5, 0.2, 0.3];
const chainTable = [[0.6, 0.3, 0.1], [0.15, 0.5, 0.35], [0.25, 0.1, 0.65]];
const chainLoc = [[0.3, -0.9, 1.1], [0.8, 0.1, -0.4], [-0.6, 1.5, 0.5]];

/** Two categories, both sides of the guide linked. */
const chain: TestModel = {
  text: `
data { dim K = 3; y: real; prior: real[K]; table: real[K, K]; loc: real[K, K] }
model {
  sample a ~ Categorical(prior)
  sample b ~ Categorical(table[a])
  observe y ~ Normal(loc[a, b], 0.8)
}
guide {
  param s: real[K] = 0
  param t: real[K, K] = 0
  sample a ~ Categorical(logit = s)
  sample b ~ Categorical(logit = t[a])
}`,
  data: { y: 0.65, prior: chainPrior, table: chainTable, loc: chainLoc }, knots: 1,
  theta: { s: [0.31, -0.52, 0.17], t: [0.44, -0.23, 0.08, -0.35, 0.52, 0.29, 0.13, -0.61, 0.36] },
  variables: [
    { site: "a", kind: "category", law: ({ s }) => ({ prob: softmax(s!) }) },
    { site: "b", kind: "category", law: ({ t }, [a]) => ({ prob: softmax(t!.slice(3 * a!, 3 * a! + 3)) }) },
  ],
  logJoint: ([a, b]) => Math.log(chainPrior[a!]!) + Math.log(chainTable[a!]![b!]!) + logNormal(0.65, chainLoc[a!]![b!]!, 0.8),
};

/** A count, whose values cannot be listed, above a continuous site. */
const count: TestModel = {
  text: `
data { y: real }
model {
  sample n ~ Poisson(2.5)
  sample x ~ Normal(0.4 * n, 0.9)
  observe y ~ Normal(x + 0.3 * n, 1.1)
}
guide {
  param l = 0
  param m = 0
  param b = 0
  param ls = 0
  sample n ~ Poisson(exp(l))
  sample x ~ Normal(m + b * n, exp(ls))
}`,
  data: { y: 1.7 }, knots: 4,
  theta: { l: [0.74], m: [0.23], b: [0.31], ls: [-0.36] },
  variables: [
    { site: "n", kind: "count", law: ({ l }) => ({ prob: poissonProbabilities(Math.exp(l![0]!)) }) },
    { site: "x", kind: "normal", law: ({ m, b, ls }, [n]) => ({ mean: m![0]! + b![0]! * n!, sd: Math.exp(ls![0]!) }) },
  ],
  logJoint: ([n, x]) =>
    Math.log(poissonProbabilities(2.5)[n!]!) + logNormal(x!, 0.4 * n!, 0.9) + logNormal(1.7, x! + 0.3 * n!, 1.1),
};

/** Continuous above continuous, and a parameter of the model that no site has. */
const hierarchy: TestModel = {
  text: `
data { dim N; y: real[N] }
model {
  param c = 0
  sample mu ~ Normal(0.3, 1.2)
  plate i in N {
    sample x[i] ~ Normal(mu, 0.9)
    observe y[i] ~ Normal(c * x[i], 0.8)
  }
}
guide {
  param m = 0
  param ls = 0
  param b = 0
  sample mu ~ Normal(m, exp(ls))
  plate i in N {
    param a[i] = 0
    sample x[i] ~ Normal(a[i] + b * mu, 0.7)
  }
}`,
  data: { y: [0.6, -1.3] }, knots: 6,
  theta: { c: [0.87], m: [0.22], ls: [-0.34], b: [0.53], a: [0.41, -0.67] },
  variables: [
    { site: "mu", kind: "normal", law: ({ m, ls }) => ({ mean: m![0]!, sd: Math.exp(ls![0]!) }) },
    ...members(2, "x", "normal", (i) => ({ a, b }, [mu]) => ({ mean: a![i]! + b![0]! * mu!, sd: 0.7 })),
  ],
  logJoint: ([mu, ...x], { c }) =>
    logNormal(mu!, 0.3, 1.2) + sum(2, (i) => logNormal(x[i]!, mu!, 0.9) + logNormal([0.6, -1.3][i]!, c![0]! * x[i]!, 0.8)),
};

/** No guide block: a Gaussian per continuous site, a free table per discrete one. */
const automatic: TestModel = {
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
  data: { y: plateY.slice(0, 2), prior: platePrior, loc: plateLoc }, knots: 4,
  theta: {
    "mu.loc": [0.22], "mu.log_sd": [-0.56], "z.logit": [0.31, -0.52, 0.17, -0.44, 0.23, 0.61],
    "e.loc": [0.45, -0.71], "e.log_sd": [-0.32, -0.18],
  },
  variables: [
    { site: "mu", kind: "normal", law: (t) => ({ mean: t["mu.loc"]![0]!, sd: Math.exp(t["mu.log_sd"]![0]!) }) },
    ...members(2, "z", "category", (i) => (t) => ({ prob: softmax(t["z.logit"]!.slice(3 * i, 3 * i + 3)) })),
    ...members(2, "e", "normal", (i) => (t) => ({ mean: t["e.loc"]![i]!, sd: Math.exp(t["e.log_sd"]![i]!) })),
  ],
  logJoint: ([mu, z0, z1, e0, e1]) =>
    logNormal(mu!, 0.1, 1.5) +
    sum(2, (i) => Math.log(platePrior[[z0!, z1!][i]!]!) + logNormal([e0!, e1!][i]!, plateLoc[[z0!, z1!][i]!]!, 0.6) +
      logNormal(plateY[i]!, mu! + [e0!, e1!][i]!, 0.7)),
};

export const models = {
  discreteAbove, discreteBeside, discreteBelow, sandwich, plate, nested, gather, twoIndices, wholeIndex, ownPlate, composed, chain, count,
  hierarchy, automatic,
} satisfies Readonly<Record<string, TestModel>>;

export type ModelName = keyof typeof models;
