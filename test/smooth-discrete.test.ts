// Uses of drawn Booleans and categories: which have a derivative in the value, that the derivative is that of the extension linear in each of them, and
// which terms are named where there is none. The judge is enumeration in plain code.

import { describe, expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { distance, truthOf } from "./support/exact-checks.ts";
import { logNormal, softmax } from "./support/exact-elbo.ts";
import { bernoulli, type TestModel } from "./support/exact-model.ts";
import { BOUND, compiled, moments, replicates, worstZ } from "./support/exact-replicates.ts";

const REPLICATES = 6000;

/** `y ~ Normal(use, 1.1)` of two Booleans z, w, or of three categories z, w, r. */
type Use = readonly [text: string, value: (z: number, w: number, r: number) => number];

const data = {
  a: 0.8,
  b: -0.7,
  y: 0.4,
  u: [0.5, -0.9, 1.3],
  v: [0.2, 0.9],
  M: [
    [0.1, -0.6],
    [1.2, 0.4],
    [-0.3, 0.8],
  ],
  next: [2, 0, 1],
};

const DATA =
  "data { a: real; b: real; y: real; dim K = 3; dim L = 2; u: real[K]; v: real[L]; M: real[K, L]; next: index(K)[K] }";

const booleans = ([text, value]: Use): TestModel => ({
  text: `${DATA}
model {
  sample z ~ Bernoulli(0.4)
  sample w ~ Bernoulli(0.7)
  observe y ~ Normal(${text}, 1.1)
}
guide {
  param s = 0
  param t = 0
  sample z ~ Bernoulli(logit = s)
  sample w ~ Bernoulli(logit = t)
}`,
  data,
  knots: 1,
  theta: { s: [0.37], t: [-0.58] },
  variables: [
    { site: "z", kind: "bool", law: ({ s }) => bernoulli(s![0]!) },
    { site: "w", kind: "bool", law: ({ t }) => bernoulli(t![0]!) },
  ],
  logJoint: ([z, w]) =>
    Math.log(z === 1 ? 0.4 : 0.6) + Math.log(w === 1 ? 0.7 : 0.3) + logNormal(data.y, value(z!, w!, 0), 1.1),
});

const categories = ([text, value]: Use): TestModel => ({
  text: `${DATA}
model {
  sample z ~ Categorical([0.2, 0.5, 0.3])
  sample w ~ Categorical([0.6, 0.4])
  sample r ~ Categorical([0.3, 0.3, 0.4])
  observe y ~ Normal(${text}, 1.1)
}
guide {
  param s: real[K] = 0
  param t: real[L] = 0
  param q: real[K] = 0
  sample z ~ Categorical(logit = s)
  sample w ~ Categorical(logit = t)
  sample r ~ Categorical(logit = q)
}`,
  data,
  knots: 1,
  theta: { s: [0.37, -0.2, 0.1], t: [-0.3, 0.25], q: [0.15, 0.05, -0.4] },
  variables: [
    { site: "z", kind: "category", law: ({ s }) => ({ prob: softmax(s!) }) },
    { site: "w", kind: "category", law: ({ t }) => ({ prob: softmax(t!) }) },
    { site: "r", kind: "category", law: ({ q }) => ({ prob: softmax(q!) }) },
  ],
  logJoint: ([z, w, r]) =>
    Math.log([0.2, 0.5, 0.3][z!]!) +
    Math.log([0.6, 0.4][w!]!) +
    Math.log([0.3, 0.3, 0.4][r!]!) +
    logNormal(data.y, value(z!, w!, r!), 1.1),
});

const { a, b, u, v, M } = data;

/** At most quadratic in each value: ReinMax is exact in the mean. */
const smoothBooleans: readonly Use[] = [
  ["z * a + w * b", (z, w) => z * a + w * b],
  ["if z then a else b * w", (z, w) => (z ? a : b * w)],
  ["select(z, a, b) + w", (z, w) => (z ? a : b) + w],
  ["if !z then a else w * b", (z, w) => (z ? w * b : a)],
  ["if z && w then a else b", (z, w) => (z && w ? a : b)],
  ["if z || w then a else b", (z, w) => (z || w ? a : b)],
  ["if z == w then a else b", (z, w) => (z === w ? a : b)],
  ["if z != w then a else b", (z, w) => (z !== w ? a : b)],
  ["if z == true then a else b + w", (z, w) => (z ? a : b + w)],
  ["a * int(z) + real(w)", (z, w) => a * z + w],
  ["sum([z * 1.0, w * a])", (z, w) => z + w * a],
  ["if any([z, w]) then a else b", (z, w) => (z || w ? a : b)],
  ["if all([z, w]) then a else b", (z, w) => (z && w ? a : b)],
  ["count([z, w]) * b", (z, w) => (z + w) * b],
  ["if z then (if w then a else b) else 0.3", (z, w) => (z ? (w ? a : b) : 0.3)],
];

const roughBooleans: readonly Use[] = [
  ["if z + w > 1 then a else b", (z, w) => (z + w > 1 ? a : b)],
  ["floor(0.6 * (z + w)) * a", (z, w) => Math.floor(0.6 * (z + w)) * a],
  ["u[int(z) + int(w)]", (z, w) => u[z + w]!],
  ["((z + w) % 2) * a", (z, w) => ((z + w) % 2) * a],
];

const smoothCategories: readonly Use[] = [
  ["u[z] + v[w]", (z, w, r) => u[z]! + v[w]!],
  ["u[z] * v[w] + u[r]", (z, w, r) => u[z]! * v[w]! + u[r]!],
  ["M[z, w] + u[r]", (z, w, r) => M[z]![w]! + u[r]!],
  ["M[z][w] * u[r]", (z, w, r) => M[z]![w]! * u[r]!],
  ["sum(M[z]) + v[w] * u[r]", (z, w, r) => M[z]![0]! + M[z]![1]! + v[w]! * u[r]!],
  ["if z == 1 then a else u[r] * v[w]", (z, w, r) => (z === 1 ? a : u[r]! * v[w]!)],
  ["if z != 1 then a else u[r] * v[w]", (z, w, r) => (z !== 1 ? a : u[r]! * v[w]!)],
  ["if z == r then v[w] else b", (z, w, r) => (z === r ? v[w]! : b)],
  ["if z != r && w == 1 then a else b", (z, w, r) => (z !== r && w === 1 ? a : b)],
];

const roughCategories: readonly Use[] = [
  ["u[next[z]] + v[w] * u[r]", (z, w, r) => u[data.next[z]!]! + v[w]! * u[r]!],
  ["a * int(z) + v[w] * u[r]", (z, w, r) => a * z + v[w]! * u[r]!],
  ["if z < 2 then a else v[w] * u[r]", (z, w, r) => (z < 2 ? a : v[w]! * u[r]!)],
];

const everywhere = (model: TestModel, estimator: string): Readonly<Record<string, string>> =>
  Object.fromEntries(model.variables.map(({ site }) => [site, estimator]));

const zOf = (model: TestModel, estimator: string, particles = 1): number =>
  worstZ(
    moments(replicates(model, { estimators: everywhere(model, estimator), particles }).run(REPLICATES).gradient),
    truthOf(model).gradient,
  );

/** The message that refuses `estimator` at z. */
function refusalOf(model: TestModel, estimator: string): string {
  try {
    compiled(model, { estimators: { z: estimator } });
  } catch (e) {
    if (e instanceof VariateError) return e.diagnostics.find(({ code }) => code === "PPL508")!.message;
    throw e;
  }
  return "admitted";
}

describe("a value with a derivative", () => {
  const cases = [
    ...smoothBooleans.map((use) => [use[0], booleans(use)] as const),
    ...smoothCategories.map((use) => [use[0], categories(use)] as const),
  ];

  test.each(cases)("%s: enumeration, ReinMax and REBAR are exact in the mean", (_text, model) => {
    const { gradient } = replicates(model, { estimators: everywhere(model, "enumerate") }).run(1);
    expect(distance([...gradient[0]!], truthOf(model).gradient)).toBeLessThan(1e-8);
    expect(zOf(model, "reinmax")).toBeLessThan(BOUND);
    expect(
      worstZ(
        moments(
          replicates(model, { estimators: { ...everywhere(model, "enumerate"), z: "rebar" } }).run(REPLICATES).gradient,
        ),
        truthOf(model).gradient,
      ),
    ).toBeLessThan(BOUND);
  });

  test("straight-through fails the same check where the cost is quadratic", () => {
    expect(zOf(booleans(["3 * (if z then a else b) + w", (z, w) => 3 * (z ? a : b) + w]), "st")).toBeGreaterThan(
      2 * BOUND,
    );
  });
});

describe("a value without one", () => {
  const cases = [
    ...roughBooleans.map((use) => [use[0], booleans(use)] as const),
    ...roughCategories.map((use) => [use[0], categories(use)] as const),
  ];

  test.each(cases)("%s: the term is named, and ARSM is exact in the mean", (_text, model) => {
    expect(refusalOf(model, "reinmax")).toMatch(/the likelihood of y has no derivative in the value/);
    expect(zOf(model, "arsm")).toBeLessThan(BOUND);
  });

  test("exactly the terms that lack one are named", () => {
    const model = booleans(["z * a + w", (z, w) => z * a + w]);
    const both = { ...model, text: model.text.replace("observe y", "factor if z + w > 1 then a else b\n  observe y") };
    expect(refusalOf(both, "reinmax")).toMatch(/: the factor in line 5 has no derivative in the value/);
    expect(refusalOf(both, "reinmax")).not.toMatch(/likelihood|prior/);
  });
});
