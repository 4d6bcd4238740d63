// Every estimator against exact values. Two measures: the exact expectation of an estimate over all its draws, which
// must agree to rounding, and the mean of many random estimates in standard errors.

import { describe, expect, test } from "vitest";
import { reference } from "../src/exec/reference.ts";
import { stochasticTarget } from "../src/run/stochastic-target.ts";
import {
  admitted,
  batchExpectation,
  choices,
  CLOSE,
  distance,
  gatherBatch,
  names,
  nestedBatch,
  noisyIn,
  plateBatch,
  truthOf,
  written,
  type Batched,
  type Choice,
} from "./support/exact-checks.ts";
import { rulesOf } from "./support/exact-elbo.ts";
import { models, type ModelName } from "./support/exact-models.ts";
import { BOUND, compiled, draws, expectation, moments, replicates, worstZ } from "./support/exact-replicates.ts";

const isCount = (name: ModelName): boolean => models[name].variables.some((v) => v.kind === "count");

/** Choices whose draws can be listed with their probabilities: all but a draw whose law reads an enumerated value. */
const listed = (name: ModelName): readonly Choice[] =>
  choices(name, (site) => admitted(name, site, "score")).filter(
    (c) => draws(models[name], rulesOf(models[name].knots), noisyIn(c)) !== null,
  );

describe("the expectation over all draws is the exact gradient, its value the exact bound", () => {
  const cases = names
    .filter((name) => !isCount(name))
    .flatMap((name) => listed(name).map((choice) => ({ name, choice, as: written(choice) })));

  test("almost every mixture of estimators can be listed", () => expect(cases.length).toBeGreaterThan(120));

  test.each(cases)("$name: $as", ({ name, choice }) => {
    const model = models[name];
    const { rules, elbo, gradient } = truthOf(model);
    const found = expectation(model, replicates(model, { estimators: choice }), rules, { noisy: noisyIn(choice) });
    expect(distance(found.gradient, gradient)).toBeLessThan(CLOSE);
    expect(found.value).toBeCloseTo(elbo, 9);
  });
});

describe("leave-one-out: the expectation over all pairs of draws", () => {
  const cases: readonly { name: ModelName; choice: Choice }[] = [
    { name: "twoIndices", choice: { z: "loo" } },
    { name: "wholeIndex", choice: { z: "loo" } },
    { name: "chain", choice: { a: "loo", b: "loo" } },
    { name: "chain", choice: { a: "loo", b: "score" } },
    { name: "chain", choice: { a: "loo", b: "enumerate" } },
    { name: "nested", choice: { s: "loo", z: "loo" } },
    { name: "discreteAbove", choice: { z: "loo", x: "loo" } },
    { name: "discreteAbove", choice: { z: "loo", x: "path" } },
    { name: "discreteAbove", choice: { z: "enumerate", x: "loo" } },
    { name: "ladder", choice: { a: "enumerate", b: "enumerate", x: "loo" } },
  ];
  test.each(cases.map((c) => ({ ...c, as: written(c.choice) })))("$name: $as", ({ name, choice }) => {
    const model = models[name];
    const { rules, elbo, gradient } = truthOf(model);
    const found = expectation(model, replicates(model, { estimators: choice, particles: 2 }), rules, {
      noisy: noisyIn(choice),
      particles: 2,
    });
    expect(distance(found.gradient, gradient)).toBeLessThan(CLOSE);
    expect(found.value).toBeCloseTo(elbo, 9);
  });
});

// ---------------------------------------------------------------------------------------- minibatches

const BATCHED: readonly Batched[] = [
  plateBatch({ mu: "path", z: "enumerate" }),
  plateBatch({ mu: "path", z: "score" }),
  plateBatch({ mu: "score", z: "score" }),
  plateBatch({ mu: "score", z: "enumerate" }),
  plateBatch({ mu: "total", z: "score" }, 3),
  plateBatch({ mu: "path(weight=0.3)", z: "enumerate" }, 1),
  nestedBatch({ s: "enumerate", z: "enumerate" }, "I"),
  nestedBatch({ s: "score", z: "score" }, "I"),
  nestedBatch({ s: "score", z: "enumerate" }, "J"),
  nestedBatch({ s: "score", z: "score" }, "J"),
  gatherBatch({ z: "enumerate", x: "path" }),
  gatherBatch({ z: "score", x: "score" }),
  gatherBatch({ z: "enumerate", x: "score" }),
];

describe("the mean over all minibatches is the gradient of the full data", () => {
  test.each(BATCHED.map((c) => ({ ...c, as: written(c.choice) })))(
    "$name, $size of $full along $axis: $as",
    (batched) => {
      const { elbo, gradient } = truthOf(models[batched.name]);
      const found = batchExpectation(batched);
      expect(distance(found.gradient, gradient)).toBeLessThan(CLOSE);
      expect(found.value).toBeCloseTo(elbo, 9);
    },
  );

  test("random minibatches and random draws, through the stochastic target", () => {
    const batch = { N: 2 };
    const prepared = compiled(models.plate, { estimators: { mu: "path", z: "loo" }, particles: 2, batch });
    const { target, leaves } = stochasticTarget(prepared, reference, { particles: 2, seed: 5, batch }, []);
    const { theta } = models.plate;
    const at = Float64Array.from(leaves.flatMap((leaf) => theta[leaf.name]!));
    const inOrder = (g: Float64Array): number[] => {
      const parts = new Map<string, number[]>();
      let from = 0;
      for (const { name, size } of leaves) parts.set(name, [...g.subarray(from, (from += size))]);
      return Object.keys(theta).flatMap((name) => parts.get(name)!);
    };
    const steps = Array.from({ length: 6000 }, (_, step) => target.gradient(at, step));
    expect(worstZ(moments(steps.map((s) => inOrder(s.gradient))), truthOf(models.plate).gradient)).toBeLessThan(BOUND);
    expect(worstZ(moments(steps.map((s) => [s.value])), [truthOf(models.plate).elbo])).toBeLessThan(BOUND);
  });
});

// ---------------------------------------------------------------------------------------- random draws

/** Enumerated and leave-one-out sites, paths and leave-one-out, in all mixtures. */
const RANDOM = names.flatMap((name) =>
  choices(name, (site) =>
    admitted(name, site, "loo").filter((e) => !e.includes("weight") || models[name].variables[0]!.kind === "uniform"),
  ).map((choice, i) => ({ name, choice, particles: 2 + (i % 2), as: written(choice) })),
);

describe("the mean of random estimates is the exact gradient, within standard errors", () => {
  test.each(RANDOM)("$name, $particles particles: $as", ({ name, choice, particles }) => {
    const { elbo, gradient } = truthOf(models[name]);
    const { gradient: rows, root, perDraw } = replicates(models[name], { estimators: choice, particles }).run(3000);
    expect(worstZ(moments(rows), gradient)).toBeLessThan(BOUND);
    expect(worstZ(moments([...root].map((v) => [v])), [elbo])).toBeLessThan(BOUND);
    root.forEach((v, r) =>
      expect(v).toBeCloseTo(
        perDraw.subarray(r * particles, (r + 1) * particles).reduce((a, b) => a + b, 0) / particles,
        10,
      ),
    );
  });

  test.each(["score", "loo"])("a count: %s", (estimator) => {
    const { gradient } = truthOf(models.count);
    const { gradient: rows } = replicates(models.count, { estimators: { n: estimator }, particles: 3 }).run(20_000);
    expect(worstZ(moments(rows), gradient)).toBeLessThan(BOUND);
  });
});
