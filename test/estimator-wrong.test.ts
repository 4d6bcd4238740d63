// Estimators that must not be right: refusals switched off, and wrong estimators, which fail the checks that the right
// ones pass.

import { describe, expect, test } from "vitest";
import { enumerate } from "../src/estimator/enumerate.ts";
import type { Placed } from "../src/estimator/estimator.ts";
import type { Node } from "../src/ir/node.ts";
import { iwaeRow } from "../src/objective/bound.ts";
import { path } from "../src/estimator/path.ts";
import { loo } from "../src/estimator/loo.ts";
import { score } from "../src/estimator/score.ts";
import { costOf } from "../src/objective/credit.ts";
import { elbo } from "../src/objective/elbo.ts";
import { sumPlates, type Reduction } from "../src/objective/reduce.ts";
import { PARTICLE, type PlacedSite } from "../src/objective/term.ts";
import {
  addAll,
  axisSize,
  constant,
  data,
  div,
  einsum,
  gather,
  mul,
  reshape,
  scalar,
  slice,
  stop,
  sub,
  sumAxis,
  toEvent,
} from "../src/op/index.ts";
import { exactBoundGradient } from "./support/exact-bound.ts";
import {
  batchExpectation,
  distance,
  gatherBatch,
  judged,
  noisyIn,
  plateBatch,
  subsets,
  truthOf,
  type Choice,
} from "./support/exact-checks.ts";
import { models, type ModelName } from "./support/exact-models.ts";
import { rulesOf, softmax } from "./support/exact-elbo.ts";
import { streamOf } from "./support/exact-streams.ts";
import { estimates, rowOf } from "./support/one-site.ts";
import { BOUND, expectation, moments, replicates, worstZ, type Other } from "./support/exact-replicates.ts";

// ---------------------------------------------------------------------------------------- refusals switched off

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

  /** Distance of the listed expectation under two draws, with another estimator in place of an admitted one. */
  const distanceOfPair = (name: ModelName, choice: Choice, knots: number, other: Other): number => {
    const model = models[name];
    const rules = rulesOf(knots);
    const exact = exactBoundGradient([model], model.theta, rules, 2);
    const at = (how: Other = {}): number => {
      const { how: measured, gap } = judged(model, { estimators: choice, particles: 2, objective: "iwae" }, exact, {
        rules,
        reps: 0,
        most: 10_000,
        close: 1,
        other: how,
      });
      expect(measured).toBe("listed");
      return gap;
    };
    expect(at()).toBeLessThan(1e-6);
    return at(other);
  };

  test("log q with held parameters under a bound of several draws", () => {
    const held: Other["place"] = (site) => ({ ...rowOf("score").place(site, {}), logq: site.frozen.logProb });
    expect(distanceOfPair("twoIndices", { z: "score" }, 1, { place: held })).toBeGreaterThan(0.02);
    const path: Other["place"] = (site) => (site.name === "x" ? rowOf("path").place(site, {}) : null);
    expect(distanceOfPair("discreteAbove", { z: "score", x: "total" }, 24, { place: path })).toBeGreaterThan(0.02);
  });

  test("vargrad under a bound of several draws: all have the same cost", () => {
    expect(
      distanceOfPair("twoIndices", { z: "score" }, 1, { place: (site) => rowOf("vargrad").place(site, {}) }),
    ).toBeGreaterThan(0.02);
  });

  test("dreg above a discrete site whose guide reads it", () => {
    const place: Other["place"] = (site) => (site.name === "x" ? rowOf("dreg").place(site, {}) : null);
    expect(distanceOfPair("discreteBelow", { x: "total", z: "score" }, 48, { place })).toBeGreaterThan(0.005);
  });

  /** Many draws, with the refused estimator in place of an admitted one, in units of the bound on standard errors. */
  const gapOf = (name: ModelName, choice: Choice, other: Other, reps: number): number => {
    const { rules, gradient } = truthOf(models[name]);
    expect(judged(models[name], { estimators: choice }, gradient, { rules, reps, most: 0 }).gap).toBeLessThan(1);
    return judged(models[name], { estimators: choice }, gradient, { rules, reps, most: 0, other }).gap;
  };
  const rebarAt = (name: string): Other => ({
    place: (site) => (site.name === name ? rowOf("rebar").place(site, {}) : null),
  });

  test("rebar above a discrete site that is drawn", () => {
    expect(gapOf("coupled", { a: "arsm", b: "arsm" }, rebarAt("a"), 20_000)).toBeGreaterThan(1.5);
    // Enumerated below, it is admitted.
    expect(gapOf("coupled", { a: "rebar", b: "enumerate" }, {}, 20_000)).toBeLessThan(1);
  });

  test("rebar, and all that follow a derivative, where the cost has none", () => {
    expect(gapOf("opaque", { a: "score", b: "arsm" }, rebarAt("b"), 20_000)).toBeGreaterThan(1.5);
    // Straight-through sees none of the likelihood there: its relative bias is not one of curvature.
    const { rules, gradient } = truthOf(models.opaque);
    const streams = { b: streamOf("st", 3)! };
    const other: Other = { place: (site) => (site.name === "b" ? rowOf("st").place(site, {}) : null) };
    const found = expectation(
      models.opaque,
      replicates(models.opaque, { estimators: { a: "score", b: "score" } }, other),
      rules,
      { noisy: new Set(["a", "b"]), streams },
    );
    expect(distance(found.gradient, gradient)).toBeGreaterThan(0.05);
  });

  test("a batch inside a logarithm", () => {
    const model = models.hierarchy;
    const exact = exactBoundGradient([model], model.theta, rulesOf(10), 2);
    const choice = { mu: "total", x: "total" };
    const gapWith = (size: number): number => {
      const objective: Other["objective"] = ({ terms, leaves }, r) =>
        iwaeRow.build(
          terms,
          leaves.map((l) => l.node),
          r,
          0,
        );
      const built = replicates(model, { estimators: choice, particles: 2, batch: { N: size } }, { objective });
      const found = subsets(2, size).map((m, step) =>
        moments(built.run(20_000, { members: { N: Int32Array.from(m) }, step }).gradient),
      );
      const over = (of: (m: (typeof found)[number]) => number[]): number[] =>
        exact.map((_, i) => found.reduce((s, m) => s + of(m)[i]!, 0) / found.length);
      return worstZ({ mean: over((m) => m.mean), se: over((m) => m.se), variance: [] }, exact) / BOUND;
    };
    expect(gapWith(2)).toBeLessThan(1);
    expect(gapWith(1)).toBeGreaterThan(1.5);
  });

  test("swapping all steps at once where the guide goes from step to step", () => {
    const theta = [
      [0.3, -0.4, 0.1],
      [-0.2, 0.5, 0.4],
    ];
    const table = [0.9, -1.3, 0.4, 1.6, 0.2, -0.7, -0.5, 1.1, 0.8];
    const carried = 1.7;
    const cost = (D: Node): Node =>
      einsum("c,c->", slice2(D, 0), einsum("cd,d->c", constant(table, [3, 3]), slice2(D, 1)));
    const slice2 = (D: Node, k: number): Node => reshape(slice(D, 0, k, 1), [3]);
    const value = (t: readonly (readonly number[])[]): number => {
      const first = softmax(t[0]!);
      return first.reduce(
        (s, p, a) =>
          s +
          p *
            softmax(t[1]!.map((x, c) => x + (c === a ? carried : 0))).reduce((u, q, b) => u + q * table[3 * a + b]!, 0),
        0,
      );
    };
    const exact = theta.flatMap((row, k) =>
      row.map((_, c) => {
        const at = (h: number): number => value(theta.map((r, i) => r.map((x, j) => x + (i === k && j === c ? h : 0))));
        return (at(1e-4) - at(-1e-4)) / 2e-4;
      }),
    );
    const gap = (row: string): number =>
      worstZ(moments(estimates(row, {}, { theta, cost, carried, runs: 20_000 }).gradient.map((g) => g.flat())), exact) /
      BOUND;
    expect(gap("score")).toBeLessThan(1);
    for (const row of ["arsm", "ars", "disarm"]) expect(gap(row), row).toBeGreaterThan(1.5);
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
