// Sites of a scan under every estimator: gradients of the bound in expectation against exact values, and what each estimator is told.

import { describe, expect, test } from "vitest";
import { CLOSE, distance, noisyIn, truthOf } from "./support/exact-checks.ts";
import { logBernoulli, logNormal } from "./support/exact-elbo.ts";
import { members, squared, sum, type TestModel } from "./support/exact-model.ts";
import { compiled, expectation, replicates } from "./support/exact-replicates.ts";

const y = [0.7, -0.4, 1.1];
const amplitudes = [0.8, 1.3, 1.1, 0.6, 0.9, 1.2];

/** A Boolean state whose prior reads the step before, with the automatic guide: a free Bernoulli per step. */
const states: TestModel = {
  text: `
data { dim T; y: real[T] }
model {
  scan t in T carry z: bool {
    sample z[t] ~ Bernoulli(logit = if t == 0 then 0.3 else if z[t - 1] then 1.1 else -0.8)
    observe y[t] ~ Normal(0.9 * z[t], 0.8)
  }
}`,
  data: { y },
  knots: 1,
  theta: { "z.amplitude": amplitudes },
  variables: members(3, "z", "bool", (t) => (theta) => {
    const [no, yes] = theta["z.amplitude"]!.slice(2 * t, 2 * t + 2) as [number, number];
    return { prob: squared([no, yes]) };
  }),
  logJoint: (z) =>
    sum(
      3,
      (t) => logBernoulli(z[t]!, t === 0 ? 0.3 : z[t - 1] === 1 ? 1.1 : -0.8) + logNormal(y[t]!, 0.9 * z[t]!, 0.8),
    ),
};

/** A carried let that reads a site of each step, and a start that is latent. */
const chain: TestModel = {
  text: `
data { dim T; y: real[T] }
model {
  sample a ~ Normal(0.2, 1)
  scan t in T carry m = a {
    sample e[t] ~ Bernoulli(0.35)
    let m[t] = 0.6 * m[t - 1] + 0.5 * e[t] + 0.1
    observe y[t] ~ Normal(m[t], 0.9)
  }
}
guide { param l = 0  param s = 0  sample a ~ Normal(l, exp(s)) }`,
  data: { y },
  knots: 20,
  theta: { l: [0.3], s: [-0.4], "e.amplitude": amplitudes },
  variables: [
    { site: "a", kind: "normal", law: ({ l, s }) => ({ mean: l![0]!, sd: Math.exp(s![0]!) }) },
    ...members(3, "e", "bool", (t) => (theta) => {
      const [no, yes] = theta["e.amplitude"]!.slice(2 * t, 2 * t + 2) as [number, number];
      return { prob: squared([no, yes]) };
    }),
  ],
  logJoint: ([a, ...e]) => {
    let m = a!;
    return (
      logNormal(a!, 0.2, 1) +
      sum(3, (t) => {
        m = 0.6 * m + 0.5 * e[t]! + 0.1;
        return Math.log(e[t] === 1 ? 0.35 : 0.65) + logNormal(y[t]!, m, 0.9);
      })
    );
  },
};

const cases = [
  { name: "states, score", model: states, choice: { z: "score" }, particles: 1 },
  { name: "states, loo", model: states, choice: { z: "loo" }, particles: 2 },
  { name: "chain, score and path", model: chain, choice: { e: "score", a: "path" }, particles: 1 },
  { name: "chain, score twice", model: chain, choice: { e: "score", a: "score" }, particles: 1 },
] as const;

describe("the expectation over all draws is the exact gradient", () => {
  test.each(cases)("$name", ({ model, choice, particles }) => {
    const { rules, elbo, gradient } = truthOf(model);
    const found = expectation(model, replicates(model, { estimators: choice, particles }), rules, {
      noisy: noisyIn(choice),
      particles,
    });
    expect(distance(found.gradient, gradient)).toBeLessThan(CLOSE);
    expect(found.value).toBeCloseTo(elbo, 9);
  });
});

test("steps that read each other meet: a sum over the states of one alone is refused", () => {
  const prepared = compiled(states, { estimators: {} });
  const z = prepared.chosen.get("z")!;
  expect(z.rejected.find(({ estimator }) => estimator === "enumerate")?.reason).toContain(
    "members of a plate meet in the prior of z",
  );
});
