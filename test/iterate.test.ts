// Many steps in one call: the same numbers on both engines and however a run is cut; what the optimiser does, by its formulas.

import { describe, expect, test } from "vitest";
import { compile, type CompileOptions } from "../src/compile.ts";
import type { Engine } from "../src/exec/engine.ts";
import { subsets } from "../src/exec/random.ts";
import { reference } from "../src/exec/reference.ts";
import { wasm, wasmWith } from "../src/exec/wasm.ts";
import { firstWeight } from "../src/fit/score-weight.ts";
import type { Gradient, LegState, StochasticTarget } from "../src/fit/target.ts";
import type { Node } from "../src/ir/node.ts";
import { add, iota, mul, noise, param, scalar, sub, sumAxis } from "../src/op/index.ts";
import { fedByHand, plainMoves, type Moves } from "../src/run/hand-fed.ts";
import { stochasticTarget } from "../src/run/stochastic-target.ts";
import { EXAMPLES, readData, readModel, type Example } from "./support/examples.ts";

const STEPS = 50;

const targetOn = (engine: Engine, name: Example, options: CompileOptions): StochasticTarget => {
  const { prepared, wishes } = compile(
    readModel(`examples/${name}/model.ppl`),
    readData(`examples/${name}/data.json`),
    options,
  );
  return stochasticTarget(prepared, engine, { particles: wishes.particles, seed: 7, batch: wishes.batch }, []).target;
};

type Run = LegState & { readonly values: Float64Array };

/** A run of STEPS steps in calls of these lengths, which are used in turn. */
function climbed(target: StochasticTarget, calls: readonly number[]): Run {
  const leg = { params: target.start, from: 3, length: STEPS, rate: 0.1, weight: firstWeight("adaptive") };
  const values = new Float64Array(STEPS);
  let at = target.begin(leg);
  for (let done = 0, i = 0; done < STEPS; i++) {
    const next = target.advance(at, Math.min(calls[i % calls.length]!, STEPS - done));
    values.set(next.values, done);
    done += next.values.length;
    at = next.to;
  }
  return { ...target.reached(at), values };
}

/** Largest relative difference of two lists of numbers, by the largest number; NaN in one alone is infinite. */
function gap(a: Float64Array, b: Float64Array): number {
  const scale = Math.max(1e-3, ...a.map(Math.abs).filter(Number.isFinite));
  return a.reduce((most, x, i) => {
    const y = b[i]!;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Infinity;
    return Number.isNaN(x) ? most : Math.max(most, Math.abs(x - y) / scale);
  }, 0);
}

const CASES: readonly (readonly [Example, CompileOptions])[] = [
  ...EXAMPLES.map((name) => [name, {}] as const),
  ["wells", { batch: { N: 37 } }],
  ["radon", { batch: { N: 64 } }],
  ["eight-schools", { particles: 100 }],
  ["eight-schools", { guide: "fullrank" }],
  ["eight-schools", { estimators: { mu: "adaptive", z: "adaptive" } }],
  ["eight-schools", { objective: "iwae", particles: 5 }],
  ["lda", { particles: 3 }],
  ["mixture", { estimators: { z: "nvil" }, particles: 2 }],
  ["mixture", { estimators: { z: "rebar" } }],
  ["mixture", { estimators: { z: "relax" } }],
  ["mixture", { estimators: { z: "loo" }, particles: 3 }],
];

describe.each(CASES.map(([name, options]) => [name, JSON.stringify(options), options] as const))(
  "%s with %s",
  (name, _, options) => {
    const target = targetOn(wasm, name, { method: "adam", ...options });
    const run = climbed(target, [STEPS]);

    test("both engines make the same steps", () => {
      const wanted = climbed(targetOn(reference, name, { method: "adam", ...options }), [STEPS]);
      expect(wanted.values.some(Number.isFinite)).toBe(true);
      expect(gap(wanted.values, run.values)).toBeLessThan(1e-8);
      expect(gap(wanted.params, run.params)).toBeLessThan(1e-8);
      expect(gap(wanted.average, run.average)).toBeLessThan(1e-8);
      expect(wanted.weight.now - run.weight.now).toBeCloseTo(0, 8);
      expect(gap(wanted.params, target.start)).toBeGreaterThan(1e-3);
    });

    test("cuts change no bit", () => {
      for (const calls of [[1], [1, 1, 2, 4, 8, 16], [7, 3]]) expect(climbed(target, calls)).toEqual(run);
    });
  },
);

describe("what an engine carries on", () => {
  const [a, b] = [param("a", ["%entry#3"], []), param("b", ["%entry#3"], [])];
  const engines = [reference, wasm];
  const given = { a: Float64Array.of(1, 2, 3), b: Float64Array.of(10, 20, 30) };
  const inputs = { params: given, sizes: { "%entry#3": 3 }, seed: 0, step: 5 };

  test.each(engines.map((engine) => [engine.name, engine] as const))("%s: all outputs before any leaf", (_, engine) => {
    const total = sumAxis(add(a, b), "%entry#3");
    const graph = { outputs: { a: b, b: a, total: sub(total, sumAxis(a, "%entry#3")), unread: add(a, scalar(1)) } };
    const iteration = { carry: { a: "a", b: "b", absent: "unread" }, record: ["total"] };
    const { params, records } = engine.load(graph, {}).iterate(inputs, iteration, 3);
    expect(params["a"]).toEqual(given.b);
    expect(params["b"]).toEqual(given.a);
    expect(params["absent"]).toEqual(Float64Array.of(2, 3, 4)); // from `a` before the last step
    expect([...records["total"]!]).toEqual([60, 6, 60]);
  });

  test.each(engines.map((engine) => [engine.name, engine] as const))("%s: none of no steps", (_, engine) => {
    const { params, records } = engine
      .load({ outputs: { next: add(a, b), one: scalar(1) } }, {})
      .iterate(inputs, { carry: { a: "next" }, record: ["one"] }, 0);
    expect(params).toEqual({ a: given.a });
    expect(records["one"]).toHaveLength(0);
  });

  test.each(engines.map((engine) => [engine.name, engine] as const))(
    "%s: noise and members of every step, more steps than a table holds",
    (_, engine) => {
      const x = param("x", [], []);
      const drawn = sumAxis(mul(noise("normal", "z", ["N"], []), iota("N")), "N");
      const graph = { outputs: { next: add(mul(scalar(0.5), x), drawn), drawn } };
      const executable = engine.load(graph, {});
      const at = { sizes: { N: 2 }, fullSizes: { N: 7 }, seed: 9 };
      const subset = subsets(7, 2, { seed: at.seed, site: "shuffle" });
      const { params, records } = executable.iterate(
        { ...at, params: { x: Float64Array.of(1) }, step: 4 },
        { carry: { x: "next" }, record: ["drawn"], batches: { N: "shuffle" } },
        1500,
      );
      let [x1, seen] = [1, 0];
      for (let step = 4; step < 1504; step++) {
        const out = reference
          .load(graph, {})
          .run({ ...at, params: { x: Float64Array.of(x1) }, step, members: { N: subset(step) } });
        x1 = out["next"]!.values[0]!;
        seen = Math.max(seen, Math.abs(out["drawn"]!.values[0]! - records["drawn"]![step - 4]!));
      }
      expect(seen).toBeLessThan(1e-12);
      expect(params["x"]![0]).toBeCloseTo(x1, 10);
    },
  );
});

test.each(["f64", "f32"] as const)("%s: batches of any size are the subsets of the interpreter's", (precision) => {
  const [N, M] = [iota("N"), iota("M")];
  const far = (axis: string, x: Node): Node =>
    sumAxis(mul(x, add(x, mul(scalar(0.25), noise("uniform", axis, [axis], [])))), axis);
  const graph = {
    outputs: { next: param("x", [], []), n: sumAxis(N, "N"), m: sumAxis(M, "M"), far: add(far("N", N), far("M", M)) },
  };
  for (const [n, m, all] of [
    [1, 1, 1],
    [3, 17, 33],
    [100, 64, 100],
    [5, 33, 3000],
  ] as const) {
    const inputs = {
      params: { x: Float64Array.of(0) },
      sizes: { N: n, M: m },
      fullSizes: { N: all, M: all },
      seed: 5,
      step: 2,
    };
    const iteration = { carry: { x: "next" }, record: ["n", "m", "far"], batches: { N: "one", M: "other" } };
    const [found, wanted] = [wasmWith({ precision }), reference].map((engine) =>
      engine.load(graph, {}).iterate(inputs, iteration, 40),
    );
    expect(found!.records["n"]).toEqual(wanted!.records["n"]);
    expect(found!.records["m"]).toEqual(wanted!.records["m"]);
    const close = found!.records["far"]!.map((x, i) => Math.abs(x / wanted!.records["far"]![i]! - 1));
    if (all > 1) expect(Math.max(...close)).toBeLessThan(precision === "f64" ? 1e-12 : 1e-5);
  }
});

describe("the optimiser", () => {
  const size = 3;
  const start = Float64Array.of(0.5, Math.log(3), -1);
  const moves: Moves = { scaledBy: Int32Array.of(1, -1, -1), averaged: Float64Array.of(0, 0, 0.25) };
  const at = (step: number): Gradient => ({
    value: step,
    gradient: Float64Array.of(Math.cos(step), 1 - 0.1 * step, 2 + Math.sin(3 * step)),
    score: Float64Array.of(0.1 * step, -Math.sin(step), 0.3),
  });

  test("is Adam in units of the guide's sds, averages and the adaptive weight: its formulas in plain numbers", () => {
    const length = 24;
    const fed = fedByHand(moves, true, (_, step) => at(step));
    const leg = { params: start, from: 0, length, rate: 0.1, weight: firstWeight("adaptive") };
    const end = fed.reached(fed.advance(fed.begin(leg), length).to);
    const p = [...start];
    const [m, v, mean] = [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ];
    let [cross, square, lambda] = [0, 0, 0];
    for (let t = 0; t < length; t++) {
      const { gradient, score } = at(t);
      const units = [Math.exp(p[1]!), 1, 1];
      const [g, c] = [gradient, score!].map((x) => [...x].map((xi, i) => xi * units[i]!)) as [number[], number[]];
      const rate = (0.1 * (1 + Math.cos((Math.PI * t) / length))) / 2;
      for (let i = 0; i < size; i++) {
        const whole = g[i]! + lambda * c[i]!;
        m[i] = 0.9 * m[i]! + 0.1 * whole;
        v[i] = 0.999 * v[i]! + 0.001 * whole ** 2;
        const step =
          (units[i]! * rate * (m[i]! / (1 - 0.9 ** (t + 1)))) / (Math.sqrt(v[i]! / (1 - 0.999 ** (t + 1))) + 1e-8);
        p[i] = i === 2 ? p[i]! + 0.25 * gradient[i]! : p[i]! + step;
        if (t >= length - 3) mean[i]! += p[i]! / 3;
      }
      cross = 0.99 * cross + 0.01 * g.reduce((sum, gi, i) => sum + gi * c[i]!, 0);
      square = 0.99 * square + 0.01 * c.reduce((sum, ci) => sum + ci * ci, 0);
      lambda = t + 1 < 10 ? 0 : Math.min(Math.max(-cross / square, 0), 4);
    }
    expect(gap(end.params, Float64Array.from(p))).toBeLessThan(1e-12);
    expect(gap(end.average, Float64Array.from(mean))).toBeLessThan(1e-12);
    expect(end.weight).toMatchObject({ adaptive: true, steps: length });
    expect(end.weight.now).toBeCloseTo(lambda, 12);
    expect(lambda).toBeGreaterThan(0.01);
  });

  test("a step that is not finite changes nothing but its number", () => {
    const bad = (step: number): Gradient =>
      step === 2
        ? { ...at(step), gradient: Float64Array.of(1, NaN, 1) }
        : step === 4
          ? { ...at(4), value: Infinity }
          : at(step);
    const fed = fedByHand(moves, true, (_, step) => bad(step));
    let standing = fed.begin({ params: start, from: 0, length: 6, rate: 0.1, weight: firstWeight("path") });
    const seen: number[] = [];
    for (let step = 0; step < 6; step++) {
      const next = fed.advance(standing, 1);
      const moved = gap(fed.reached(next.to).params, fed.reached(standing).params) > 0;
      expect(moved).toBe(step !== 2 && step !== 4);
      expect(fed.reached(next.to).weight.now).toBe(1);
      seen.push(next.values[0]!);
      standing = next.to;
    }
    expect(seen).toEqual([0, 1, NaN, 3, NaN, 5]);
  });

  test("the adaptive weight: 0 at first, then the regression coefficient, clipped", () => {
    const c = Float64Array.of(1, -2);
    const follow = (slopes: readonly (readonly [slope: number, steps: number])[]): readonly number[] => {
      const along = slopes.flatMap(([slope, steps]) => Array<number>(steps).fill(slope));
      const fed = fedByHand(plainMoves(2), true, (_, step) => ({
        value: 0,
        gradient: c.map((ci) => along[step]! * ci),
        score: c,
      }));
      let standing = fed.begin({
        params: new Float64Array(2),
        from: 0,
        length: 1e4,
        rate: 0,
        weight: firstWeight("adaptive"),
      });
      return along.map(() => fed.reached((standing = fed.advance(standing, 1).to)).weight.now);
    };
    const weights = follow([
      [-1.3, 10],
      [-9, 2000],
      [1, 2000],
    ]);
    expect(weights.slice(0, 9).every((weight) => weight === 0)).toBe(true);
    expect(weights[9]).toBeCloseTo(1.3, 12);
    expect(weights[2009]).toBe(4);
    expect(weights.at(-1)).toBe(0);
  });

  test("moments that nothing feeds any more come to rest before denormal numbers", () => {
    const fed = fedByHand(plainMoves(1), false, (_, step) => ({
      value: 0,
      gradient: Float64Array.of(step === 0 ? 1 : 0),
      score: null,
    }));
    const leg = { params: new Float64Array(1), from: 0, length: 1e5, rate: 0.1, weight: firstWeight("total") };
    const { leaves } = fed.advance(fed.begin(leg), 9000).to;
    const rest = Math.abs(leaves["adam.first"]![0]!);
    expect(rest).toBeLessThan(1e-30);
    expect(rest === 0 || rest > 1e-300).toBe(true);
    expect(leaves["adam.power1"]![0]).toBe(1e-30);
  });
});

test.each([
  ["eight-schools", {}],
  ["wells", { batch: { N: 37 } }],
  ["mixture", {}],
] as const)("float32 makes the same steps to its precision, and sums many iterates: %s", (name, options) => {
  const [wide, narrow] = (["f64", "f32"] as const).map((precision) => {
    const target = targetOn(wasmWith({ precision }), name, { method: "adam", ...options });
    const leg = { params: target.start, from: 0, length: 2000, rate: 0.05, weight: firstWeight("total") };
    return target.reached(target.advance(target.begin(leg), 2000).to);
  });
  expect(gap(wide!.average, narrow!.average)).toBeLessThan(1e-4);
});
