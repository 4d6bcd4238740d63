// Every row of the table of estimators on the WebAssembly engine, in both precisions: the gradients of models whose sites admit it, from the same noise.

import { describe, expect, test } from "vitest";
import { estimators } from "../src/estimator/index.ts";
import { dataOf, axesOf, evaluation, sizesOf } from "../src/run/graphs.ts";
import { someParams } from "./support/engines.ts";
import { admittedBeside, names, refusalsOf, sitesOf } from "./support/exact-checks.ts";
import type { TestModel } from "./support/exact-model.ts";
import { models } from "./support/exact-models.ts";
import { compiled, type Setup } from "./support/exact-replicates.ts";
import { judged } from "./support/rounded.ts";

type Case = { readonly name: string; readonly model: TestModel; readonly setup: Setup };

/** Guides whose paths are implicit, and one with components, which the exact models do not have. */
const OTHERS: Readonly<Record<string, TestModel>> = {
  gamma: other("Gamma(2, 3)", "Gamma(exp(a), exp(b))"),
  beta: other("Beta(2, 3)", "Beta(exp(a), exp(b))"),
  mixture: other("Normal(0, 2)", "Mixture([0.3, 0.7], [Normal(a, 0.8), Normal(1 + b, 0.7)])"),
};

function other(prior: string, guide: string): TestModel {
  const text = `
data { y: real }
model { sample x ~ ${prior}  observe y ~ Normal(x, 1) }
guide { param a = 0  param b = 0  sample x ~ ${guide} }`;
  return { text, data: { y: 0.6 }, theta: { a: [0.3], b: [-0.2] }, knots: 1, variables: [], logJoint: () => NaN };
}

/** How many models of each row and objective. */
const MODELS = 2;

/** Sites of the models that admit a row, beside the default choice at the other sites. */
function casesOf(): ReadonlyMap<string, readonly Case[]> {
  const found = new Map<string, Case[]>();
  const all = [
    ...names.map((name) => [name, models[name], sitesOf(name)] as const),
    ...Object.entries(OTHERS).map(([name, model]) => [name, model, ["x"]] as const),
  ];
  for (const objective of ["elbo", "iwae"])
    for (const [name, model, sites] of all) {
      const setup: Setup = { estimators: {}, particles: 2, objective };
      if (refusalsOf(model, setup).length > 0) continue;
      const rows = admittedBeside(model, setup);
      for (const site of sites)
        for (const row of rows(site)) {
          const key = `${row}, ${objective}`;
          const before = found.get(key) ?? [];
          const own = { ...setup, estimators: { [site]: row } };
          if (before.length >= MODELS || before.some((c) => c.name === name) || refusalsOf(model, own).length > 0)
            continue;
          found.set(key, [...before, { name, model, setup: own }]);
        }
    }
  return found;
}

const cases = casesOf();

describe("agree", () => {
  test.each([...cases].flatMap(([key, list]) => list.map((c) => [key, c.name, c] as const)))("%s: %s", (_, __, c) => {
    const prepared = compiled(c.model, c.setup);
    const { graph } = evaluation(prepared, {});
    const sizes = sizesOf(prepared, axesOf(graph), 2);
    const inputs = { params: someParams(Object.values(graph.outputs), sizes), sizes, seed: 3, step: 1 };
    for (const precision of ["f64", "f32"] as const) {
      const gap = judged(graph, dataOf(prepared), inputs, precision);
      expect(gap.error, `${precision}: ${JSON.stringify(gap)}`).toBeLessThan(1);
      expect(gap.counted).toBeGreaterThan(0.9 * gap.finite);
      expect(gap.finite).toBeGreaterThan(0);
    }
  });
});

test("every row has a case", () => {
  const tested = new Set([...cases.keys()].map((key) => key.split(",")[0]!));
  expect(estimators.filter(({ name }) => !tested.has(name)).map(({ name }) => name)).toEqual([]);
});
