// The models of the estimator tests. Parameters are generic on purpose: a symmetric or periodic value can hide a wrong
// estimator.

import { logBernoulli, logNormal, poissonProbabilities, softmax } from "./exact-elbo.ts";
import { bernoulli, members, sum, type TestModel, type V } from "./exact-model.ts";
import * as gathers from "./exact-models-gathers.ts";
import * as plates from "./exact-models-plates.ts";

// ---------------------------------------------------------------------------------------- discrete above continuous

const above = { y: 0.7, p: [0.5, 0.2, 0.3], loc: [-1.1, 0.4, 1.7], w: [0.9, -0.3, 0.35] };

const aboveModel = `
data { dim K = 3; y: real; p: real[K]; loc: real[K]; w: real[K] }
model {
  sample z ~ Categorical(p)
  sample x ~ Normal(loc[z], 0.8)
  observe y ~ Normal(w[z] * x + 0.2 * x^2, 1.1)
}`;

const aboveJoint = ([z, x]: V): number =>
  Math.log(above.p[z!]!) +
  logNormal(x!, above.loc[z!]!, 0.8) +
  logNormal(above.y, above.w[z!]! * x! + 0.2 * x! ** 2, 1.1);

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
  data: above,
  knots: 8,
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
  data: above,
  knots: 8,
  theta: { t: [0.31, -0.52, 0.17], m: [0.37], ls: [-0.29] },
  variables: [
    { site: "x", kind: "normal", law: ({ m, ls }) => ({ mean: m![0]!, sd: Math.exp(ls![0]!) }) },
    { site: "z", kind: "category", law: ({ t }) => ({ prob: softmax(t!) }) },
  ],
  logJoint: ([x, z]) => aboveJoint([z!, x!]),
};

// ---------------------------------------------------------------------------------------- discrete below continuous

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
  data: { y: 1.15 },
  knots: 48,
  theta: { m: [0.43], ls: [-0.37], a: [0.62], b: [-0.81] },
  variables: [
    { site: "x", kind: "normal", law: ({ m, ls }) => ({ mean: m![0]!, sd: Math.exp(ls![0]!) }) },
    { site: "z", kind: "bool", law: ({ a, b }, [x]) => bernoulli(a![0]! + b![0]! * x!) },
  ],
  logJoint: ([x, z]) =>
    logNormal(x!, 0.2, 1.3) + logBernoulli(z!, 0.4 - 0.9 * x!) + logNormal(1.15, 1.3 * z! + 0.6 * x!, 0.9),
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
  data: { y: 1.4 },
  knots: 48,
  theta: { q: [-0.23], m: [-0.41, 0.87], ls: [-0.31], a: [0.29], b: [0.77] },
  variables: [
    { site: "s", kind: "bool", law: ({ q }) => bernoulli(q![0]!) },
    { site: "x", kind: "normal", law: ({ m, ls }, [s]) => ({ mean: m![s!]!, sd: Math.exp(ls![0]!) }) },
    { site: "z", kind: "bool", law: ({ a, b }, [, x]) => bernoulli(a![0]! + b![0]! * x!) },
  ],
  logJoint: ([s, x, z]) =>
    Math.log(s === 1 ? 0.37 : 0.63) +
    logNormal(x!, 0.9 * s! - 0.3, 1.2) +
    logBernoulli(z!, 0.7 * x! - 0.2) +
    logNormal(1.4, x! + 0.8 * z! + 0.5 * s! * z!, 1.05),
};

// ---------------------------------------------------------------------------------------- chains and counts

const chainPrior = [0.5, 0.2, 0.3];
const chainTable = [
  [0.6, 0.3, 0.1],
  [0.15, 0.5, 0.35],
  [0.25, 0.1, 0.65],
];
const chainLoc = [
  [0.3, -0.9, 1.1],
  [0.8, 0.1, -0.4],
  [-0.6, 1.5, 0.5],
];

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
  data: { y: 0.65, prior: chainPrior, table: chainTable, loc: chainLoc },
  knots: 1,
  theta: { s: [0.31, -0.52, 0.17], t: [0.44, -0.23, 0.08, -0.35, 0.52, 0.29, 0.13, -0.61, 0.36] },
  variables: [
    { site: "a", kind: "category", law: ({ s }) => ({ prob: softmax(s!) }) },
    { site: "b", kind: "category", law: ({ t }, [a]) => ({ prob: softmax(t!.slice(3 * a!, 3 * a! + 3)) }) },
  ],
  logJoint: ([a, b]) =>
    Math.log(chainPrior[a!]!) + Math.log(chainTable[a!]![b!]!) + logNormal(0.65, chainLoc[a!]![b!]!, 0.8),
};

const coupledLoc = [
  [1.9, -1.4, 0.3],
  [-1.1, 0.6, 1.8],
  [0.2, 1.5, -1.7],
];

/** Two categories that say much about each other, so that an estimator of one that misses the other is far off. */
const coupled: TestModel = {
  text: `
data { dim K = 3; y: real; loc: real[K, K] }
model {
  sample a ~ Categorical(ones(K) / 3)
  sample b ~ Categorical(ones(K) / 3)
  observe y ~ Normal(loc[a, b], 0.6)
}
guide {
  param s: real[K] = 0
  param t: real[K, K] = 0
  sample a ~ Categorical(logit = s)
  sample b ~ Categorical(logit = t[a])
}`,
  data: { y: 0.65, loc: coupledLoc },
  knots: 1,
  theta: { s: [0.31, -0.52, 0.17], t: [2.1, -0.9, 0.2, -1.2, 1.7, 0.4, 0.1, -0.8, 1.9] },
  variables: [
    { site: "a", kind: "category", law: ({ s }) => ({ prob: softmax(s!) }) },
    { site: "b", kind: "category", law: ({ t }, [a]) => ({ prob: softmax(t!.slice(3 * a!, 3 * a! + 3)) }) },
  ],
  logJoint: ([a, b]) => 2 * Math.log(1 / 3) + logNormal(0.65, coupledLoc[a!]![b!]!, 0.6),
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
  data: { y: 1.7 },
  knots: 4,
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
  data: { y: [0.6, -1.3] },
  knots: 6,
  theta: { c: [0.87], m: [0.22], ls: [-0.34], b: [0.53], a: [0.41, -0.67] },
  variables: [
    { site: "mu", kind: "normal", law: ({ m, ls }) => ({ mean: m![0]!, sd: Math.exp(ls![0]!) }) },
    ...members(2, "x", "normal", (i) => ({ a, b }, [mu]) => ({ mean: a![i]! + b![0]! * mu!, sd: 0.7 })),
  ],
  logJoint: ([mu, ...x], { c }) =>
    logNormal(mu!, 0.3, 1.2) +
    sum(2, (i) => logNormal(x[i]!, mu!, 0.9) + logNormal([0.6, -1.3][i]!, c![0]! * x[i]!, 0.8)),
};

const ladderPrior = [0.35, 0.25, 0.4];

/** Two linked categories above a continuous site, and the likelihood reads the first one again. */
const ladder: TestModel = {
  text: `
data { dim K = 3; y: real; prior: real[K]; table: real[K, K]; loc: real[K] }
model {
  sample a ~ Categorical(prior)
  sample b ~ Categorical(table[a])
  sample x ~ Normal(loc[b], 0.9)
  observe y ~ Normal(x + 0.7 * loc[a] * x, 0.8)
}
guide {
  param s: real[K] = 0
  param t: real[K, K] = 0
  param m: real[K] = 0
  param ls = 0
  sample a ~ Categorical(logit = s)
  sample b ~ Categorical(logit = t[a])
  sample x ~ Normal(m[b], exp(ls))
}`,
  data: { y: 0.65, prior: ladderPrior, table: chainTable, loc: above.loc },
  knots: 4,
  theta: {
    s: [0.31, -0.52, 0.17],
    t: [0.44, -0.23, 0.08, -0.35, 0.52, 0.29, 0.13, -0.61, 0.36],
    m: [-0.44, 0.63, 1.12],
    ls: [-0.57],
  },
  variables: [
    { site: "a", kind: "category", law: ({ s }) => ({ prob: softmax(s!) }) },
    { site: "b", kind: "category", law: ({ t }, [a]) => ({ prob: softmax(t!.slice(3 * a!, 3 * a! + 3)) }) },
    { site: "x", kind: "normal", law: ({ m, ls }, [, b]) => ({ mean: m![b!]!, sd: Math.exp(ls![0]!) }) },
  ],
  logJoint: ([a, b, x]) =>
    Math.log(ladderPrior[a!]!) +
    Math.log(chainTable[a!]![b!]!) +
    logNormal(x!, above.loc[b!]!, 0.9) +
    logNormal(0.65, x! + 0.7 * above.loc[a!]! * x!, 0.8),
};

/** States as numbers, comparisons of two latents, choices by a latent: nothing here is linear in the one-hot vector. */
const opaque: TestModel = {
  text: `
data { dim K = 3; y: real; prior: real[K] }
model {
  sample a ~ Categorical(prior)
  sample b ~ Categorical(prior)
  observe y ~ Normal(if a > b then 0.4 * a^2 else 0.7 * b - 0.3 * a, 0.8)
  factor if a == 1 then 0.6 * b else -0.2
}
guide {
  param s: real[K] = 0
  param t: real[K] = 0
  param c = 0
  sample a ~ Categorical(logit = s)
  sample b ~ Categorical(logit = t + c * a * t)
}`,
  data: { y: 0.65, prior: chainPrior },
  knots: 1,
  theta: { s: [0.31, -0.52, 0.17], t: [-0.44, 0.23, 0.61], c: [0.37] },
  variables: [
    { site: "a", kind: "category", law: ({ s }) => ({ prob: softmax(s!) }) },
    { site: "b", kind: "category", law: ({ t, c }, [a]) => ({ prob: softmax(t!.map((x) => x + c![0]! * a! * x)) }) },
  ],
  logJoint: ([a, b]) =>
    Math.log(chainPrior[a!]!) +
    Math.log(chainPrior[b!]!) +
    logNormal(0.65, a! > b! ? 0.4 * a! ** 2 : 0.7 * b! - 0.3 * a!, 0.8) +
    (a === 1 ? 0.6 * b! : -0.2),
};

/** The support of the guide moves with its parameters. */
const moving: TestModel = {
  text: `
data { y: real }
model {
  sample x ~ Normal(0.4, 1.1)
  observe y ~ Normal(x + 0.5 * x^2, 0.9)
}
guide {
  param a = 0
  param b = 0
  sample x ~ Uniform(a, a + exp(b))
}`,
  data: { y: 1.3 },
  knots: 8,
  theta: { a: [-0.36], b: [0.27] },
  variables: [{ site: "x", kind: "uniform", law: ({ a, b }) => ({ lower: a![0]!, upper: a![0]! + Math.exp(b![0]!) }) }],
  logJoint: ([x]) => logNormal(x!, 0.4, 1.1) + logNormal(1.3, x! + 0.5 * x! ** 2, 0.9),
};

const precision = 1 / 1.2 ** 2 + 1 / 0.8 ** 2;

/** The guide is the posterior: prior and likelihood are normal. */
const conjugate: TestModel = {
  text: `
data { y: real }
model {
  sample mu ~ Normal(0.3, 1.2)
  observe y ~ Normal(mu, 0.8)
}
guide {
  param m = 0
  param ls = 0
  sample mu ~ Normal(m, exp(ls))
}`,
  data: { y: 1.1 },
  knots: 4,
  theta: { m: [(0.3 / 1.2 ** 2 + 1.1 / 0.8 ** 2) / precision], ls: [-0.5 * Math.log(precision)] },
  variables: [{ site: "mu", kind: "normal", law: ({ m, ls }) => ({ mean: m![0]!, sd: Math.exp(ls![0]!) }) }],
  logJoint: ([mu]) => logNormal(mu!, 0.3, 1.2) + logNormal(1.1, mu!, 0.8),
};

export const models = {
  discreteAbove,
  discreteBeside,
  discreteBelow,
  sandwich,
  chain,
  coupled,
  ladder,
  opaque,
  count,
  hierarchy,
  moving,
  conjugate,
  ...plates,
  ...gathers,
} satisfies Readonly<Record<string, TestModel>>;

export type ModelName = keyof typeof models;
