// Models that read the members of a plate through indices, for the estimator tests.

import { logNormal, softmax } from "./exact-elbo.ts";
import { bernoulli, members, sum, type TestModel } from "./exact-model.ts";

/** Three Booleans under a guide of free logits q, and the point where gradients are compared. */
const threeBooleans: Pick<TestModel, "theta" | "variables"> = {
  theta: { q: [0.37, -0.58, 0.21] },
  variables: members(
    3,
    "z",
    "bool",
    (j) =>
      ({ q }) =>
        bernoulli(q![j]!),
  ),
};

const gatherY = [0.9, -0.4, 1.7, 0.1, -1.2];
const gatherDoc = [0, 1, 1, 0, 1];
const gatherLoc = [-0.8, 0.25, 1.35];
const gatherPrior = [0.25, 0.35, 0.4];

/** z[doc[t]], documents of different lengths. */
export const gather: TestModel = {
  text: `
data { dim D = 2, T, K = 3; doc: index(D)[T]; y: real[T]; prior: real[K]; loc: real[K] }
model {
  plate d in D {
    sample z[d] ~ Categorical(prior)
    sample x[d] ~ Normal(0, 1.4)
  }
  let level = 0.6 * x
  plate t in T { observe y[t] ~ Normal(loc[z[doc[t]]] + level[doc[t]], 0.9) }
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
  data: { doc: gatherDoc, y: gatherY, prior: gatherPrior, loc: gatherLoc },
  knots: 4,
  theta: { q: [0.41, -0.37, 0.12, -0.29, 0.58, 0.05], m: [0.33, -0.61], ls: [-0.27, -0.52] },
  variables: [
    ...members(2, "z", "category", (d) => ({ q }) => ({ prob: softmax(q!.slice(3 * d, 3 * d + 3)) })),
    ...members(2, "x", "normal", (d) => ({ m, ls }, z) => ({
      mean: m![d]! + 0.3 * gatherLoc[z[d]!]!,
      sd: Math.exp(ls![d]!),
    })),
  ],
  logJoint: (v) =>
    sum(2, (d) => Math.log(gatherPrior[v[d]!]!) + logNormal(v[2 + d]!, 0, 1.4)) +
    sum(5, (t) => logNormal(gatherY[t]!, gatherLoc[v[gatherDoc[t]!]!]! + 0.6 * v[2 + gatherDoc[t]!]!, 0.9)),
};

const pairA = [0, 1, 2, 0];
const pairB = [1, 2, 0, 2];
const pairY = [0.8, -1.1, 0.35, 0.6];

/** Two indices into one plate: members meet. */
export const twoIndices: TestModel = {
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
  data: { a: pairA, b: pairB, y: pairY },
  knots: 1,
  ...threeBooleans,
  logJoint: (z) =>
    sum(3, (j) => Math.log(z[j] === 1 ? 0.41 : 0.59)) +
    sum(4, (t) => logNormal(pairY[t]!, 1.3 * z[pairA[t]!]! - 0.9 * z[pairB[t]!]!, 0.75)),
};

const wholeDoc = [1, 0, 2, 1];

/** A whole array of indices in one vector observation: members meet there too. */
export const wholeIndex: TestModel = {
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
  data: { doc: wholeDoc, y: pairY },
  knots: 1,
  ...threeBooleans,
  logJoint: (z) =>
    sum(3, (j) => Math.log(z[j] === 1 ? 0.41 : 0.59)) +
    sum(4, (t) => logNormal(pairY[t]!, 1.3 * z[wholeDoc[t]!]!, 0.75)),
};

const friend = [2, 0, 0];
const friendY = [0.9, -0.6, 1.2];

/** Members read another member of their own plate. */
export const ownPlate: TestModel = {
  text: `
data { dim J; friend: index(J)[J]; y: real[J] }
model {
  plate j in J { sample z[j] ~ Bernoulli(0.41) }
  plate j in J { observe y[j] ~ Normal(1.3 * z[friend[j]] - 0.2, 0.75) }
}
guide {
  plate j in J {
    param q[j] = 0
    sample z[j] ~ Bernoulli(logit = q[j])
  }
}`,
  data: { friend, y: friendY },
  knots: 1,
  ...threeBooleans,
  logJoint: (z) =>
    sum(3, (j) => Math.log(z[j] === 1 ? 0.41 : 0.59) + logNormal(friendY[j]!, 1.3 * z[friend[j]!]! - 0.2, 0.75)),
};

const pairs = [
  [0.3, -0.8, 1.2],
  [0.9, 0.1, -0.5],
  [-1.1, 0.6, 0.4],
];

/** One dim opened twice: every member meets every other. */
export const openedTwice: TestModel = {
  text: `
data { dim J; y: real[J, J] }
model {
  plate j in J { sample z[j] ~ Bernoulli(0.41) }
  plate i in J, j in J { observe y[i, j] ~ Normal(1.3 * z[i] - 0.6 * z[j] + 0.5 * z[i] * z[j], 0.95) }
}
guide {
  plate j in J {
    param q[j] = 0
    sample z[j] ~ Bernoulli(logit = q[j])
  }
}`,
  data: { y: pairs },
  knots: 1,
  ...threeBooleans,
  logJoint: (z) =>
    sum(3, (j) => Math.log(z[j] === 1 ? 0.41 : 0.59)) +
    sum(3, (i) => sum(3, (j) => logNormal(pairs[i]![j]!, 1.3 * z[i]! - 0.6 * z[j]! + 0.5 * z[i]! * z[j]!, 0.95))),
};

/** A vector of Booleans in one draw: its states are not listed one by one. */
export const vector: TestModel = {
  text: `
data { dim J; y: real; w: real[J] }
model {
  sample z ~ Bernoulli([0.41, 0.27, 0.66])
  observe y ~ Normal(dot(w, z), 0.75)
}
guide {
  param q: real[3] = 0
  sample z ~ Bernoulli(logit = q)
}`,
  data: { y: 0.8, w: friendY },
  knots: 1,
  ...threeBooleans,
  logJoint: (z) =>
    sum(3, (j) => Math.log(z[j] === 1 ? [0.41, 0.27, 0.66][j]! : 1 - [0.41, 0.27, 0.66][j]!)) +
    logNormal(
      0.8,
      sum(3, (j) => friendY[j]! * z[j]!),
      0.75,
    ),
};

/** Members that exist only where the data say so, and terms chosen by the data. */
export const guarded: TestModel = {
  text: `
data { dim J; seen: bool[J]; y: real[J] }
model {
  plate j in J {
    sample z[j] ~ Bernoulli(0.41)
    if seen[j] { observe y[j] ~ Normal(1.3 * z[j], 0.75) } else { factor 0.9 * z[j] }
  }
}
guide {
  plate j in J {
    param q[j] = 0
    sample z[j] ~ Bernoulli(logit = q[j])
  }
}`,
  data: { seen: [1, 0, 1], y: friendY },
  knots: 1,
  ...threeBooleans,
  logJoint: (z) =>
    sum(
      3,
      (j) => Math.log(z[j] === 1 ? 0.41 : 0.59) + (j === 1 ? 0.9 * z[j]! : logNormal(friendY[j]!, 1.3 * z[j]!, 0.75)),
    ),
};

const tokenDoc = [1, 0, 1];
const wordToken = [2, 0, 1, 0];

/** Two gathers in a row: words read tokens, tokens read documents. */
export const composed: TestModel = {
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
  data: { doc: tokenDoc, token: wordToken, y: pairY },
  knots: 4,
  theta: { b: [0.47], q: [0.37, -0.58], m: [0.21, -0.33, 0.64], ls: [-0.24, -0.41, -0.13] },
  variables: [
    ...members(
      2,
      "z",
      "bool",
      (d) =>
        ({ q }) =>
          bernoulli(q![d]!),
    ),
    ...members(3, "x", "normal", (t) => ({ b, m, ls }, z) => ({
      mean: m![t]! + b![0]! * z[tokenDoc[t]!]!,
      sd: Math.exp(ls![t]!),
    })),
  ],
  logJoint: (v) =>
    sum(2, (d) => Math.log(v[d] === 1 ? 0.41 : 0.59)) +
    sum(3, (t) => logNormal(v[2 + t]!, 0.8 * v[tokenDoc[t]!]!, 1.1)) +
    sum(4, (n) => logNormal(pairY[n]!, v[2 + wordToken[n]!]!, 0.9)),
};

const gridRow = [0, 1, 1];
const gridColumn = [1, 0, 1];

/** Two plates read through two indices at once. */
export const grid: TestModel = {
  text: `
data { dim I = 2, J = 2, T; row: index(I)[T]; column: index(J)[T]; y: real[T] }
model {
  plate i in I, j in J { sample z[i, j] ~ Bernoulli(0.41) }
  plate t in T { observe y[t] ~ Normal(1.3 * z[row[t], column[t]], 0.75) }
}
guide {
  plate i in I, j in J {
    param q[i, j] = 0
    sample z[i, j] ~ Bernoulli(logit = q[i, j])
  }
}`,
  data: { row: gridRow, column: gridColumn, y: pairY.slice(0, 3) },
  knots: 1,
  theta: { q: [0.37, -0.58, 0.21, 0.64] },
  variables: members(
    4,
    "z",
    "bool",
    (n) =>
      ({ q }) =>
        bernoulli(q![n]!),
  ),
  logJoint: (z) =>
    sum(4, (n) => Math.log(z[n] === 1 ? 0.41 : 0.59)) +
    sum(3, (t) => logNormal(pairY[t]!, 1.3 * z[2 * gridRow[t]! + gridColumn[t]!]!, 0.75)),
};
