// What the objective tells estimators: how members of a plate reach a term, which terms a draw is credited with, and
// what another value would cost. Values are compared with the densities written by hand.

import { describe, expect, test } from "vitest";
import { planOf } from "../src/build/prepare.ts";
import { buildProgram, type Program } from "../src/build/program.ts";
import { reference } from "../src/exec/reference.ts";
import type { Tensor } from "../src/exec/engine.ts";
import type { Node } from "../src/ir/node.ts";
import { costOf, onMembers } from "../src/objective/credit.ts";
import { factsIn, type Known } from "../src/objective/facts.ts";
import { sumPlates, type Reduction } from "../src/objective/reduce.ts";
import { routes, type Route } from "../src/objective/routes.ts";
import { PARTICLE, type PlacedSite } from "../src/objective/term.ts";
import {
  add,
  constant,
  data,
  exp,
  gather,
  iota,
  mark,
  mul,
  param,
  rename,
  reshape,
  scalar,
  square,
  sub,
  sum,
  sumAxis,
  toAxis,
  toEvent,
  transpose,
} from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { axesOf, finish, load, reductionOf, sizesOf } from "../src/run/graphs.ts";
import type { TestModel } from "./support/exact-model.ts";
import { models } from "./support/exact-models.ts";
import { compiled, type Setup } from "./support/exact-replicates.ts";
import { valueOf } from "./support/run-graph.ts";

// ---------------------------------------------------------------------------------------- routes

const value = mark(param("z", ["D"], []), "z", ["D"]);
const grid = mark(param("w", ["D", "E"], []), "w", ["D", "E"]);
const whole = toEvent(value, "D", 0, 3);
const doc = data("doc", ["T"], []);
const other = data("other", ["T"], []);
const token = data("token", ["N"], []);
const friend = data("friend", ["D"], []);
const both = data("both", ["T"], [2]);
const y = data("y", ["T"], []);

const VALUES = {
  doc: Float64Array.of(2, 0, 0, 1),
  other: Float64Array.of(1, 1, 2, 0),
  token: Float64Array.of(3, 0, 3, 2, 1),
  friend: Float64Array.of(1, 2, 0),
};
const SIZES = { D: 3, T: 4, N: 5 };

const show = (route: Route): string =>
  route.kind === "index" ? `index ${[...valueOf(route.index, VALUES, SIZES).values].join(" ")}` : route.kind;
const shown = (node: Node, of: Node = value, plate = "D"): readonly string[] => routes(node, of, plate).map(show);

describe("routes", () => {
  const byDoc = gather(whole, 0, doc);
  const cases: readonly (readonly [what: string, node: Node, routes: readonly string[]])[] = [
    ["the value itself", value, ["same"]],
    ["a function of it", mul(exp(value), data("b", ["D"], [])), ["same"]],
    ["no dependence", y, []],
    ["one index", sub(y, byDoc), ["index 2 0 0 1"]],
    ["the same index twice", mul(byDoc, square(byDoc)), ["index 2 0 0 1"]],
    ["two indices", sub(byDoc, gather(whole, 0, other)), ["index 2 0 0 1", "index 1 1 2 0"]],
    ["itself and an index of its own plate", add(value, gather(whole, 0, friend)), ["same", "index 1 2 0"]],
    ["a function of the whole, then an index", gather(exp(whole), 0, doc), ["index 2 0 0 1"]],
    ["gathers in a row are composed", gather(toEvent(byDoc, "T", 0, 4), 0, token), ["index 1 2 1 0 0"]],
    [
      "an index of an index of its own plate",
      gather(toEvent(gather(whole, 0, friend), "D", 0, 3), 0, doc),
      ["index 0 1 1 2"],
    ],
    ["the sum over the plate", sumAxis(value, "D"), ["all"]],
    ["the sum over the event that it became", sum(whole), ["all"]],
    ["the whole, not yet read", whole, ["all"]],
    ["an array of indices: several members in one event", sum(gather(whole, 0, both)), ["all"]],
    ["under another name", rename(value, "D", "D'"), ["all"]],
    ["after a gather, the sum over the index's axis", sumAxis(byDoc, "T"), ["all"]],
    ["reshaped", gather(reshape(whole, [3, 1]), 0, doc), ["index 2 0 0 1"]],
  ];
  test.each(cases)("%s", (_, node, expected) => expect(shown(node)).toEqual(expected));

  test("two plates are traced one at a time, wherever their dims lie", () => {
    const matrix = toEvent(toEvent(grid, "E", 0, 2), "D", 0, 3);
    const atDoc = toAxis(gather(matrix, 0, doc), 0, "E");
    expect(shown(atDoc, grid, "D")).toEqual(["index 2 0 0 1"]);
    expect(routes(atDoc, grid, "E")).toEqual([{ kind: "all" }]);
    const element = gather(gather(matrix, 0, doc), 0, other);
    expect(shown(element, grid, "D")).toEqual(["index 2 0 0 1"]);
    expect(shown(element, grid, "E")).toEqual(["index 1 1 2 0"]);
    const turned = gather(gather(transpose(matrix, [1, 0]), 0, other), 0, doc);
    expect(shown(turned, grid, "D")).toEqual(["index 2 0 0 1"]);
    expect(shown(turned, grid, "E")).toEqual(["index 1 1 2 0"]);
    expect(shown(gather(toEvent(grid, "D", 0, 3), 0, doc), grid, "E")).toEqual(["same"]);
  });
});

// ---------------------------------------------------------------------------------------- credit of members

describe("one term on the members of a site", () => {
  const plain = {
    size: (plate: string): number => SIZES[plate as keyof typeof SIZES],
    scale: (plate: string): number => (plate === "T" ? 2 : 1),
  };
  const z = Float64Array.of(0.7, -1.2, 0.4);
  const values = { ...VALUES, z, y: Float64Array.of(1.1, 2.3, -0.4, 0.9), weight: Float64Array.of(0.3, 1.7, -0.6) };
  const creditOf = (node: Node, plates: readonly string[], site = { plates: ["D"], value }): number[] => [
    ...valueOf(onMembers(node, plates, site, plain), values, SIZES).values,
  ];
  const at = (i: number): number => z[i]!;

  test("members that stay themselves keep their own", () => {
    expect(creditOf(mul(value, scalar(3)), ["D"])).toEqual([...z].map((x) => 3 * x));
  });

  test("through an index each gets the sum of its readers, scaled as the readers' plate is", () => {
    const term = (t: number): number => values.y[t]! * at(values.doc[t]!);
    const expected = [0, 1, 2].map((d) =>
      [0, 1, 2, 3].filter((t) => values.doc[t] === d).reduce((s, t) => s + 2 * term(t), 0),
    );
    creditOf(mul(y, gather(whole, 0, doc)), ["T"]).forEach((c, d) => expect(c).toBeCloseTo(expected[d]!, 12));
  });

  test("an index of the own plate", () => {
    const reader = (d: number): number => values.friend.indexOf(d);
    creditOf(mul(data("weight", ["D"], []), gather(whole, 0, friend)), ["D"]).forEach((c, d) =>
      expect(c).toBeCloseTo(values.weight[reader(d)]! * at(d), 12),
    );
  });

  test("where members meet each gets the total", () => {
    const total = 2 * [0, 1, 2, 3].reduce((s, t) => s + at(values.doc[t]!) * at(values.other[t]!), 0);
    expect(
      creditOf(mul(gather(whole, 0, doc), gather(whole, 0, other)), ["T"]).every((c) => Math.abs(c - total) < 1e-12),
    ).toBe(true);
  });
});

// ---------------------------------------------------------------------------------------- costs of whole models

type Open = {
  readonly program: Program;
  readonly reduction: Reduction;
  readonly site: PlacedSite;
  readonly leaves: readonly Node[];
  /** Values of nodes on chosen noise and parameters. */
  readonly evaluate: (
    nodes: Readonly<Record<string, Node>>,
    noise?: Record<string, Float64Array>,
    more?: Record<string, Float64Array>,
  ) => Record<string, Tensor>;
};

function open(model: TestModel, setup: Setup, name: string): Open {
  const prepared = compiled(model, setup);
  const program = buildProgram(prepared.bound, planOf(prepared, "leaves"), []);
  const reduction = reductionOf(program, prepared, setup.batch ?? {});
  return {
    program,
    reduction,
    leaves: program.leaves.map((l) => l.node),
    site: program.placed.find((p) => p.site.name === name)!,
    evaluate: (nodes, noise = {}, more = {}) => {
      const graph = finish(nodes);
      const params = {
        ...Object.fromEntries(Object.entries(model.theta).map(([n, v]) => [n, Float64Array.from(v)])),
        ...more,
      };
      return load(reference, graph, prepared).run({
        params,
        sizes: sizesOf(prepared, axesOf(graph), setup.particles ?? 1),
        seed: 4,
        step: 0,
        noise,
      });
    },
  };
}

/** log q of one outcome, by hand. */
const logqOf = (model: TestModel, v: readonly number[], keep: (site: string) => boolean = () => true): number =>
  model.variables.reduce((total, variable, i) => {
    if (!keep(variable.site)) return total;
    const law = variable.law(model.theta, v);
    if ("prob" in law) return total + Math.log(law.prob[v[i]!]!);
    if ("lower" in law) return total - Math.log(law.upper - law.lower);
    return total - 0.5 * ((v[i]! - law.mean) / law.sd) ** 2 - Math.log(law.sd) - 0.5 * Math.log(2 * Math.PI);
  }, 0);

const hot = (state: number, count = 3): number[] => Array.from({ length: count }, (_, i) => (i === state ? 1 : 0));
/** Noise under which a category is drawn. */
const race = (state: number): number[] => hot(state).map((h) => (h === 1 ? 1 - 1e-9 : 1e-9));

describe("cost", () => {
  const EPS = 0.37;
  const { discreteAbove, discreteBelow } = models;
  const xAt = (z: number): number => discreteAbove.theta["m"]![z]! + Math.exp(discreteAbove.theta["ls"]![0]!) * EPS;
  const costBy = (z: number): number =>
    discreteAbove.logJoint([z, xAt(z)], discreteAbove.theta) - logqOf(discreteAbove, [z, xAt(z)]);
  const opened = (): Open => open(discreteAbove, { estimators: { z: "score", x: "path" } }, "z");

  test("here: all that lies downstream of the drawn value", () => {
    const { site, program, leaves, reduction, evaluate } = opened();
    const { here } = costOf(site, program.terms, leaves, reduction);
    for (const z of [0, 1, 2]) {
      const out = evaluate({ here }, { z: Float64Array.from(race(z)), x: Float64Array.of(EPS) });
      expect(out["here"]!.values[0]).toBeCloseTo(costBy(z), 10);
    }
  });

  test("here leaves out what lies upstream", () => {
    const { site, program, leaves, reduction, evaluate } = open(discreteBelow, { estimators: { z: "score" } }, "z");
    const { here } = costOf(site, program.terms, leaves, reduction);
    const { theta, logJoint } = discreteBelow;
    const x = theta["m"]![0]! + Math.exp(theta["ls"]![0]!) * EPS;
    const priorOfX = -0.5 * ((x - 0.2) / 1.3) ** 2 - Math.log(1.3) - 0.5 * Math.log(2 * Math.PI);
    const expected = logJoint([x, 1], theta) - priorOfX - logqOf(discreteBelow, [x, 1], (s) => s === "z");
    expect(evaluate({ here }, { x: Float64Array.of(EPS), z: Float64Array.of(1e-12) })["here"]!.values[0]).toBeCloseTo(
      expected,
      10,
    );
  });

  test("at another value: the draws below are made again, with the same noise", () => {
    const { site, program, leaves, reduction, evaluate } = opened();
    const cost = costOf(site, program.terms, leaves, reduction);
    for (const drawn of [0, 2]) {
      for (const z of [0, 1, 2]) {
        const out = evaluate(
          { at: cost.at(constant(hot(z), [3])) },
          { z: Float64Array.from(race(drawn)), x: Float64Array.of(EPS) },
        );
        expect(out["at"]!.values[0]).toBeCloseTo(costBy(z), 10);
      }
    }
  });

  test("a value with an axis of its own costs on that axis", () => {
    const { site, program, leaves, reduction, evaluate } = opened();
    const all = toAxis(
      constant(
        [0, 1, 2].flatMap((z) => hot(z)),
        [3, 3],
      ),
      0,
      "%z",
    );
    const out = evaluate(
      { at: costOf(site, program.terms, leaves, reduction).at(all) },
      { z: Float64Array.from(race(1)), x: Float64Array.of(EPS) },
    );
    expect(out["at"]!.axes).toContain("%z");
    [...out["at"]!.values].forEach((c, z) => expect(c).toBeCloseTo(costBy(z), 10));
  });

  test("at is constant in all but its argument", () => {
    const { site, program, leaves, reduction, evaluate } = opened();
    const argument = param("v", [], [3]);
    const at = costOf(site, program.terms, leaves, reduction).at(argument);
    const gradients = Object.fromEntries(grad(at, [argument, ...leaves]).map((g, i) => [String(i), g]));
    const out = evaluate(gradients, { x: Float64Array.of(EPS) }, { v: Float64Array.of(0.2, 0.5, 0.3) });
    expect(Math.max(...out["0"]!.values.map(Math.abs))).toBeGreaterThan(0.1);
    leaves.forEach((_, i) => expect(Math.max(...out[String(i + 1)]!.values.map(Math.abs))).toBe(0));
  });

  test("the upstream value is held in at, and live in here", () => {
    const { site, program, leaves, reduction, evaluate } = open(discreteBelow, { estimators: { z: "score" } }, "z");
    const upstream = program.placed.find((p) => p.site.name === "x")!.value;
    const cost = costOf(site, program.terms, leaves, reduction);
    const out = evaluate(
      { at: grad(cost.at(scalar(1)), [upstream])[0]!, here: grad(cost.here, [upstream])[0]! },
      { x: Float64Array.of(EPS), z: Float64Array.of(1e-12) },
    );
    expect(out["at"]!.values.every((v) => v === 0)).toBe(true);
    expect(Math.abs(out["here"]!.values[0]!)).toBeGreaterThan(0.1);
  });

  test("the baseline is the mean of the other draws", () => {
    const particles = 3;
    const { site, program, leaves, reduction, evaluate } = open(
      discreteAbove,
      { estimators: { z: "loo", x: "path" }, particles },
      "z",
    );
    const cost = costOf(site, program.terms, leaves, reduction);
    const { here, baseline } = evaluate({ here: cost.here, baseline: cost.baseline() });
    const total = here!.values.reduce((a, b) => a + b, 0);
    baseline!.values.forEach((b, k) => expect(b).toBeCloseTo((total - here!.values[k]!) / (particles - 1), 10));
    expect(new Set(here!.values).size).toBe(particles);
  });

  test("members of a plate have costs of their own, through a gather as well", () => {
    const { gather: model } = models;
    const { site, program, leaves, reduction, evaluate } = open(model, { estimators: { z: "score", x: "path" } }, "z");
    const { here } = costOf(site, program.terms, leaves, reduction);
    const v = [2, 0, 0, 0];
    const eps = [0.37, -0.81];
    for (const d of [0, 1]) {
      const { mean, sd } = model.variables[2 + d]!.law(model.theta, v) as { mean: number; sd: number };
      v[2 + d] = mean + sd * eps[d]!;
    }
    const out = evaluate({ here }, { z: Float64Array.from([...race(2), ...race(0)]), x: Float64Array.from(eps) });
    expect(out["here"]!.axes).toContain("D");
    // The two documents share nothing, so their costs add up to the whole bound.
    const [first, second] = out["here"]!.values as unknown as [number, number];
    expect(first + second).toBeCloseTo(model.logJoint(v, model.theta) - logqOf(model, v), 10);
    const moved = evaluate({ here }, { z: Float64Array.from([...race(2), ...race(1)]), x: Float64Array.from(eps) })[
      "here"
    ]!.values;
    expect(moved[0]).toBeCloseTo(first, 12);
    expect(Math.abs(moved[1]! - second)).toBeGreaterThan(0.01);
  });

  test("a draw that differs between the states of an enumerated site has a cost in each state", () => {
    const { site, program, leaves, reduction, evaluate } = open(
      discreteAbove,
      { estimators: { z: "enumerate", x: "score" } },
      "x",
    );
    const { here } = costOf(site, program.terms, leaves, reduction);
    const out = evaluate({ here }, { x: Float64Array.of(EPS) })["here"]!;
    expect(out.axes).toContain("%z");
    const priorOfZ = [0.5, 0.2, 0.3];
    [...out.values].forEach((c, z) => {
      const upstream = Math.log(priorOfZ[z]!) - logqOf(discreteAbove, [z, xAt(z)], (s) => s === "z");
      expect(c).toBeCloseTo(costBy(z) - upstream, 10);
    });
  });
});

// ---------------------------------------------------------------------------------------- facts and sums

const known = (particles: number): Known => ({
  objective: "elbo",
  linear: true,
  particles,
  chosen: new Map([["x", "path"]]),
});

test("facts name the terms in which members meet, and what lies below", () => {
  const { site, program } = open(models.twoIndices, { estimators: { z: "score" } }, "z");
  expect(factsIn(program.placed, program.terms)(site, known(1))).toMatchObject({
    particles: 1,
    meeting: ["the likelihood of y"],
    below: [],
  });
  const chain = open(models.composed, { estimators: { z: "score", x: "path" } }, "z");
  expect(factsIn(chain.program.placed, chain.program.terms)(chain.site, known(3))).toMatchObject({
    particles: 3,
    meeting: [],
    below: [{ name: "x", discrete: false, estimator: "path" }],
  });
});

test("a plate is scaled where it is summed, and a term that lacks it counts once per member", () => {
  const r = { sites: [], size: (): number => 4, scale: (plate: string): number => (plate === "T" ? 2 : 1) };
  const values = { y: Float64Array.of(1, 2, 3, 5) };
  expect([...valueOf(sumPlates(y, ["T"], [], r), values, { T: 4 }).values]).toEqual([22]);
  expect([...valueOf(sumPlates(y, ["T"], ["T"], r), values, { T: 4 }).values]).toEqual([1, 2, 3, 5]);
  expect([
    ...valueOf(add(sumPlates(scalar(0.5), ["T"], [], r), mul(iota(PARTICLE), scalar(0))), values, {
      T: 4,
      [PARTICLE]: 1,
    }).values,
  ]).toEqual([4]);
});
