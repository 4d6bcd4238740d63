// Estimators that must not be right: refusals with their reasons, refusals switched off, and wrong estimators, which
// fail the checks that the right ones pass.

import { describe, expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { enumerate } from "../src/estimator/enumerate.ts";
import type { Placed } from "../src/estimator/estimator.ts";
import { path } from "../src/estimator/path.ts";
import { loo } from "../src/estimator/loo.ts";
import { score } from "../src/estimator/score.ts";
import { costOf } from "../src/objective/credit.ts";
import { elbo } from "../src/objective/elbo.ts";
import { sumPlates, type Reduction } from "../src/objective/reduce.ts";
import { PARTICLE, type PlacedSite } from "../src/objective/term.ts";
import { addAll, axisSize, data, div, gather, mul, scalar, stop, sub, sumAxis, toEvent } from "../src/op/index.ts";
import {
  batchExpectation,
  distance,
  gatherBatch,
  noisyIn,
  plateBatch,
  truthOf,
  type Choice,
} from "./support/exact-checks.ts";
import { models, type ModelName } from "./support/exact-models.ts";
import { BOUND, compiled, expectation, moments, replicates, worstZ, type Other } from "./support/exact-replicates.ts";

// ---------------------------------------------------------------------------------------- refusals

describe("refusals", () => {
  const cases: readonly (readonly [
    name: ModelName,
    site: string,
    estimator: string,
    particles: number,
    reason: RegExp,
  ])[] = [
    ["twoIndices", "z", "enumerate", 1, /members of a plate meet in the likelihood of y/],
    ["wholeIndex", "z", "enumerate", 1, /members of a plate meet in the likelihood of y/],
    ["openedTwice", "z", "enumerate", 1, /members of a plate meet in the likelihood of y/],
    ["vector", "z", "enumerate", 1, /its values cannot be listed/],
    ["discreteAbove", "x", "enumerate", 1, /its values cannot be listed/],
    ["count", "n", "enumerate", 1, /its values cannot be listed/],
    ["discreteAbove", "z", "path", 1, /a discrete value does not move smoothly/],
    ["discreteBelow", "z", "total", 1, /a discrete value does not move smoothly/],
    ["count", "n", "path", 2, /does not move smoothly with its parameters/],
    ["discreteAbove", "z", "loo", 1, /there is only one particle/],
    ["discreteAbove", "x", "loo", 1, /there is only one particle/],
    ["moving", "x", "path", 1, /the guide's support moves with its parameters/],
    ["moving", "x", "path(weight=0.3)", 1, /the guide's support moves with its parameters/],
    ["moving", "x", "score", 1, /misses the boundary/],
    ["moving", "x", "loo", 2, /misses the boundary/],
    ["discreteAbove", "x", "path(weight=1.5)", 1, /is not a number between 0 and 1/],
    ["discreteAbove", "x", "path(wait=1)", 1, /it has no option `wait`/],
    ["discreteAbove", "x", "rebar", 1, /no estimator of this name/],
  ];
  test.each(cases)("%s: %s=%s with %d particles", (name, site, estimator, particles, reason) => {
    let thrown: unknown = null;
    try {
      compiled(models[name], { estimators: { [site]: estimator }, particles });
    } catch (e) {
      thrown = e;
    }
    expect(thrown).toBeInstanceOf(VariateError);
    const [first] = (thrown as VariateError).diagnostics;
    expect(first).toMatchObject({ code: "PPL508", message: expect.stringMatching(reason) as unknown });
    expect(first!.hint).not.toBe("");
  });
});

/** Exact bias of an objective that was built in another way. */
function biasOf(name: ModelName, choice: Choice, other: Other, noisy = noisyIn(choice)): number {
  const model = models[name];
  const { rules, gradient } = truthOf(model);
  return distance(
    expectation(model, replicates(model, { estimators: choice }, other), rules, { noisy }).gradient,
    gradient,
  );
}

describe("every refusal is real: switched off, the gradient is wrong", () => {
  const moved = (place: Other["place"]): number => biasOf("moving", { x: "total" }, { place: place! });

  test("path with a moving support", () => {
    expect(moved((site) => path.place(site, {}))).toBeGreaterThan(0.1);
    expect(moved((site) => path.place(site, { weight: 0.3 }))).toBeGreaterThan(0.1);
  });

  test("score with a moving support", () => {
    expect(moved((site) => score.place(site, {}))).toBeGreaterThan(0.1);
  });

  test("path through a discrete draw", () => {
    const other: Other = { place: (site) => (site.name === "z" ? path.place(site, {}) : null) };
    expect(biasOf("discreteAbove", { z: "score", x: "path" }, other)).toBeGreaterThan(0.02);
    expect(biasOf("discreteBelow", { x: "path", z: "score" }, other)).toBeGreaterThan(0.02);
  });

  test("enumeration where members meet: one axis of states holds only their equal states", () => {
    const place: Other["place"] = (site) => enumerate.place(site, {});
    const build = (other: Other) => replicates(models.twoIndices, { estimators: { z: "score" } }, other);
    expect(() => build({ place })).toThrow(/members of plate J meet/);
    // Without noise one run is the expectation.
    const { gradient } = build({ place, objective: weightedByFirstIndex }).run(1);
    expect(distance([...gradient[0]!], truthOf(models.twoIndices).gradient)).toBeGreaterThan(0.1);
  });

  test("a baseline from no other particle", () => {
    const alone = replicates(
      models.chain,
      { estimators: { a: "score", b: "score" } },
      { place: (site) => loo.place(site, {}) },
    );
    expect(alone.run(1).gradient[0]!.some(Number.isFinite)).toBe(false);
  });
});

/** What enumeration would do with two indices if it took the probabilities of the first. */
const weightedByFirstIndex: NonNullable<Other["objective"]> = ({ terms, placed: [z] }, r) => {
  const { axis, prob } = z!.placed.weight!;
  const first = gather(toEvent(prob, "J", 0, 3), 0, data("a", ["T"], []));
  const averaged = terms.map((t) => {
    const mean = sumAxis(mul(t.node, t.plates.includes("T") ? first : prob), axis);
    return sumPlates(mean, t.plates, [], r);
  });
  const root = addAll(averaged);
  return { root, perDraw: root, bound: root, learning: [] };
};

// ---------------------------------------------------------------------------------------- negative controls

type Wrong = (
  site: PlacedSite,
  terms: Parameters<typeof elbo>[0],
  leaves: Parameters<typeof elbo>[1],
  r: Reduction,
) => Placed;

/** The objective in which one site is placed wrongly. */
const wrongly = (name: string, wrong: Wrong): Other => ({
  objective: ({ terms, leaves, placed }, r) => {
    const nodes = leaves.map((l) => l.node);
    return elbo(terms, nodes, {
      ...r,
      sites: placed.map((p) => (p.site.name === name ? { ...p, placed: wrong(p, terms, nodes, r) } : p)),
    });
  },
});

/** The right surrogate of wrong credit. */
const withoutTerms =
  (left: RegExp): Wrong =>
  (p, terms, leaves, r) => {
    const { placed } = p;
    const cost = costOf(
      p,
      terms.filter((t) => !left.test(t.name)),
      leaves,
      r,
    );
    return { ...placed, surrogate: () => placed.surrogate!(cost) };
  };

const times =
  (factor: number): Wrong =>
  ({ placed }) => ({ ...placed, surrogate: (c) => mul(scalar(factor), placed.surrogate!(c)) });

const ownBaseline: Wrong = ({ placed, site }) => ({
  ...placed,
  surrogate: ({ here }) =>
    mul(stop(sub(here, div(sumAxis(here, PARTICLE), axisSize(PARTICLE)))), site.guide.logProb(placed.value)),
});

const heldWeights: Wrong = ({ placed }) => ({
  ...placed,
  weight: { axis: placed.weight!.axis, prob: stop(placed.weight!.prob) },
});

const liveCredit: Wrong = ({ placed }) => ({ ...placed, surrogate: (c) => mul(c.here, placed.surrogate!(c)) });

type Control = {
  readonly what: string;
  readonly name: ModelName;
  readonly choice: Choice;
  readonly particles?: number;
  readonly other: Other;
};

const CONTROLS: readonly Control[] = [
  {
    what: "score without the terms of the site below",
    name: "nested",
    choice: { s: "score", z: "score" },
    other: wrongly("s", withoutTerms(/ of z$/)),
  },
  {
    what: "score without its own log q",
    name: "discreteAbove",
    choice: { z: "score", x: "path" },
    other: wrongly("z", withoutTerms(/guide of z/)),
  },
  {
    what: "score without the likelihood",
    name: "chain",
    choice: { a: "score", b: "score" },
    other: wrongly("a", withoutTerms(/likelihood/)),
  },
  {
    what: "the surrogate doubled",
    name: "discreteBelow",
    choice: { x: "path", z: "score" },
    other: wrongly("z", times(2)),
  },
  {
    what: "the surrogate with the wrong sign",
    name: "gather",
    choice: { z: "score", x: "path" },
    other: wrongly("z", times(-1)),
  },
  { what: "no surrogate", name: "nested", choice: { s: "enumerate", z: "score" }, other: wrongly("z", times(0)) },
  {
    what: "a baseline that sees the own draw",
    name: "chain",
    choice: { a: "loo", b: "loo" },
    particles: 2,
    other: wrongly("a", ownBaseline),
  },
  {
    what: "enumeration with held probabilities",
    name: "chain",
    choice: { a: "enumerate", b: "enumerate" },
    other: wrongly("a", heldWeights),
  },
  {
    what: "credit that is not stopped",
    name: "sandwich",
    choice: { s: "score", x: "score", z: "score" },
    other: wrongly("x", liveCredit),
  },
  {
    what: "log q held at its value",
    name: "discreteAbove",
    choice: { z: "enumerate", x: "path" },
    other: {
      place: (site) => (site.name === "x" ? { value: site.draw(), logq: (v) => stop(site.guide.logProb(v)) } : null),
    },
  },
  {
    what: "a path whose draw is held",
    name: "hierarchy",
    choice: { mu: "path", x: "path" },
    other: { place: (site) => (site.name === "mu" ? { value: stop(site.draw()) } : null) },
  },
];

describe("negative controls: wrong estimators fail the same check", () => {
  test.each(CONTROLS)("$what ($name)", ({ name, choice, particles = 1, other }) => {
    const setup = { estimators: choice, particles };
    const { gradient } = truthOf(models[name]);
    expect(worstZ(moments(replicates(models[name], setup).run(20_000).gradient), gradient)).toBeLessThan(BOUND);
    expect(worstZ(moments(replicates(models[name], setup, other).run(20_000).gradient), gradient)).toBeGreaterThan(
      1.5 * BOUND,
    );
  });

  test("a surrogate without the scale of its minibatch", () => {
    for (const batched of [plateBatch({ mu: "path", z: "score" }), gatherBatch({ z: "score", x: "score" })]) {
      const { gradient } = batchExpectation(batched, wrongly("z", times(0.5)));
      expect(distance(gradient, truthOf(models[batched.name]).gradient)).toBeGreaterThan(0.05);
    }
  });
});
