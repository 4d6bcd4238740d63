// Learned numbers under a minibatch: the baselines of members that a step does not see stay as they are.

import { expect, test } from "vitest";
import { reference } from "../src/exec/reference.ts";
import { membersOf, stochasticTarget } from "../src/run/stochastic-target.ts";
import { models } from "./support/exact-models.ts";
import { compiled } from "./support/exact-replicates.ts";

const SETUP = { particles: 2, seed: 5, batch: { N: 2 } };

test("only the baselines of present members move", () => {
  const prepared = compiled(models.plate, { estimators: { mu: "score", z: "nvil" }, particles: 2, batch: SETUP.batch });
  const { target, averaged, leaves } = stochasticTarget(prepared, reference, SETUP, []);
  const own = leaves.find(({ name }) => name.includes("baseline_of_member"))!;
  const from = leaves.slice(0, leaves.indexOf(own)).reduce((sum, { size }) => sum + size, 0);
  expect(own.size).toBe(4);
  for (let step = 0; step < 6; step++) {
    const { gradient } = target.gradient(target.start, step);
    const present = [...membersOf(prepared, SETUP)(step)["N"]!];
    for (let i = 0; i < 4; i++) expect(gradient[from + i] !== 0).toBe(present.includes(i));
  }
  expect([...averaged.subarray(from, from + 4)].every((rate) => rate === 0.2)).toBe(true);
});
