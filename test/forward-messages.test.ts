// The forward algorithm on numbers of extended range against the same recursion in log space, as it stands in books: values, gradients, second derivatives, on
// both engines and in both precisions; chains whose states are thousands of nats apart, or impossible.

import { describe, expect, test } from "vitest";
import type { Engine } from "../src/exec/engine.ts";
import { reference } from "../src/exec/reference.ts";
import { wasmWith } from "../src/exec/wasm.ts";
import type { Node } from "../src/ir/node.ts";
import { topological } from "../src/ir/walk.ts";
import { type Chain, forwardMessages, logMessages, logTotal } from "../src/objective/chain.ts";
import {
  add,
  addAll,
  constant,
  equal,
  gather,
  iota,
  less,
  lse,
  lseAxis,
  mul,
  param,
  scalar,
  scan,
  select,
  sin,
  sum,
  sumAxis,
  toAxis,
  toEvent,
} from "../src/op/index.ts";
import { erase } from "../src/pass/erase.ts";
import { grad } from "../src/pass/grad.ts";
import { simplify } from "../src/pass/simplify.ts";
import { printStage } from "../src/print-stage.ts";
import { testNumbers } from "./support/run-graph.ts";

type Direction = Chain["direction"];
type Model = {
  readonly states: number;
  readonly steps: number;
  readonly direction: Direction;
  readonly before: Node;
  readonly rest: Node;
};

const certain = (states: number): Node =>
  constant(
    Array.from({ length: states }, (_, i) => (i === 0 ? 0 : -Infinity)),
    [states],
  );

const chainOf = ({ states, steps, direction }: Model): Chain => ({
  axis: "b",
  along: "T",
  size: steps,
  direction,
  before: scalar(0),
  first: certain(states),
});

type Result = { readonly total: Node; readonly alpha: Node };

function extended(model: Model): Result {
  const chain = chainOf(model);
  const messages = forwardMessages({ before: model.before, rest: model.rest, here: "c", count: model.states }, chain);
  return { total: logTotal(messages, chain), alpha: logMessages(messages) };
}

/** alpha_t(c) = log sum_b exp(alpha_{t-1}(b) + before_t(b, c)) + rest_t(c). */
function inLogSpace({ states, steps, direction, before, rest }: Model): Result {
  const alpha = scan(
    "T",
    steps,
    certain(states),
    (carry) => toEvent(lseAxis(addAll([toAxis(carry, 0, "b"), before, rest]), "b"), "c", 0, states),
    direction,
  );
  const end = scalar(direction === "forward" ? steps - 1 : 0);
  return { total: lse(gather(toEvent(alpha, "T", 0, steps), 0, end)), alpha };
}

/** Log probabilities of moves, of the start where a step says that it is the first, and emissions per step: all of them parameters. */
function model(states: number, steps: number, direction: Direction, choose: "first" | "never" | "reset"): Model {
  const A = toAxis(toAxis(param("A", [], [states, states]), 1, "c"), 0, "b");
  const start = toAxis(param("start", [], [states]), 0, "c");
  const rest = toAxis(toAxis(param("B", [], [steps, states]), 1, "c"), 0, "T");
  const first = scalar(direction === "forward" ? 0 : steps - 1);
  const begins = choose === "reset" ? less(sin(iota("T")), scalar(-0.5)) : equal(iota("T"), first);
  return { states, steps, direction, rest, before: choose === "never" ? A : select(begins, start, A) };
}

type Values = Readonly<Record<string, Float64Array>>;

function valuesFor({ states, steps }: Model, seed: number, scale: number, absent: number): Values {
  const next = testNumbers(seed);
  const numbers = (n: number): Float64Array =>
    Float64Array.from({ length: n }, () => {
      const x = scale * (2 * next() - 1);
      return next() < absent ? -Infinity : x;
    });
  return { A: numbers(states ** 2), start: numbers(states), B: numbers(steps * states) };
}

const LEAVES = ["A", "start", "B"];

/** The total, its gradient in every leaf, and alpha. */
function numbersOf(of: (model: Model) => Result, own: Model, values: Values, engine: Engine): readonly Float64Array[] {
  const { total, alpha } = of(own);
  const leaves = topological([own.before, own.rest]).filter(({ op }) => op.name === "param");
  const found = LEAVES.flatMap((name) => leaves.filter(({ attrs }) => attrs["name"] === name));
  const outputs = simplify(erase([total, toEvent(alpha, "T", 0, own.steps), ...grad(total, found)]));
  const graph = { outputs: Object.fromEntries(outputs.map((node, i) => [String(i), node])) };
  const params = Object.fromEntries(
    found.map(({ attrs }) => [attrs["name"] as string, values[attrs["name"] as string]!]),
  );
  const out = engine
    .load(graph, {})
    .run({ params, sizes: { T: own.steps, b: own.states, c: own.states }, seed: 0, step: 0 });
  return outputs.map((_, i) => out[String(i)]!.values);
}

/** Relative to the largest number of an array; infinities and their places agree. */
function expectClose(found: readonly Float64Array[], wanted: readonly Float64Array[], tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((array, i) => {
    const largest = wanted[i]!.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1e-300);
    array.forEach((x, k) => {
      const y = wanted[i]![k]!;
      if (!Number.isFinite(y)) expect(x, `${i} ${k}`).toBe(y);
      else expect(Math.abs(x - y), `${i} ${k}: ${x} ${y}`).toBeLessThanOrEqual(tolerance * largest);
    });
  });
}

const f64 = wasmWith({ precision: "f64" });
const f32 = wasmWith({ precision: "f32" });

const SHAPES = [
  [1, 1],
  [1, 5],
  [2, 1],
  [2, 2],
  [4, 2],
  [4, 60],
  [7, 9],
] as const;

describe.each(["forward", "backward"] as const)("%s", (direction) => {
  test.each(SHAPES)("%i states, %i steps", (states, steps) => {
    for (const choose of ["first", "never", "reset"] as const) {
      const own = model(states, steps, direction, choose);
      const values = valuesFor(own, 10 * states + steps, 3, 0);
      const wanted = numbersOf(inLogSpace, own, values, reference);
      expectClose(numbersOf(extended, own, values, reference), wanted, 1e-12);
      expectClose(numbersOf(extended, own, values, f64), wanted, 1e-12);
      expectClose(numbersOf(extended, own, values, f32), wanted, 1e-5);
    }
  });

  test("entries that are impossible", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const own = model(4, 12, direction, seed % 2 === 0 ? "first" : "never");
      const values = valuesFor(own, seed, 2, 0.25);
      const wanted = numbersOf(inLogSpace, own, values, reference);
      expectClose(numbersOf(extended, own, values, reference), wanted, 1e-12);
      expectClose(numbersOf(extended, own, values, f64), wanted, 1e-12);
      expectClose(numbersOf(extended, own, values, f32), wanted, 1e-5);
    }
  });

  test.each([1e3, 1e5])("log densities of size %f", (scale) => {
    const own = model(4, 30, direction, "first");
    const values = valuesFor(own, 5, scale, 0.1);
    const wanted = numbersOf(inLogSpace, own, values, reference);
    expectClose(numbersOf(extended, own, values, f64), wanted, 1e-9);
    // the value alone: where ways are as far apart as numbers of float32, it cannot tell which is taken
    expectClose(numbersOf(extended, own, values, f32).slice(0, 1), wanted.slice(0, 1), 1e-6);
  });
});

test("nothing possible: -inf, and no gradient", () => {
  const own = model(3, 6, "forward", "first");
  const values = { ...valuesFor(own, 3, 1, 0), B: new Float64Array(18).fill(-Infinity) };
  for (const engine of [reference, f64, f32]) {
    const [total, alpha, ...gradients] = numbersOf(extended, own, values, engine);
    expect(total![0]).toBe(-Infinity);
    expect(alpha!.every((x) => x === -Infinity)).toBe(true);
    for (const gradient of gradients) expect(gradient.every((x) => x === 0)).toBe(true);
  }
});

/** From left to right: a state that is 3,000 nats behind at the middle of the chain wins at its end. */
test("a state is not lost beside one that is far ahead for a while", () => {
  const [states, steps] = [2, 400];
  const own = model(states, steps, "forward", "first");
  const B = Float64Array.from({ length: steps * states }, (_, i) => {
    const [t, c] = [Math.floor(i / states), i % states];
    return (c === 0) === t < steps / 2 ? 0 : -15;
  });
  const values = { A: Float64Array.of(0, -Infinity, -Infinity, 0), start: Float64Array.of(-1, -1.5), B };
  const wanted = -1 - 15 * 200 + Math.log(1 + Math.exp(-0.5));
  for (const [engine, tolerance] of [
    [reference, 1e-12],
    [f64, 1e-12],
    [f32, 1e-6],
  ] as const) {
    const [total, , A, start] = numbersOf(extended, own, values, engine);
    expect(Math.abs(total![0]! - wanted)).toBeLessThan(-wanted * tolerance);
    const share = 1 / (1 + Math.exp(-0.5));
    expect(start![0]).toBeCloseTo(share, 5);
    expect(A![0]).toBeCloseTo(399 * share, 3);
    expect(A![3]).toBeCloseTo(399 * (1 - share), 3);
  }
  // a mantissa beside a common exponent would not do: half way, one state is e^-3000 of the other
  const alpha = numbersOf(extended, own, values, f32)[1]!;
  expect(alpha[2 * 199]! - alpha[2 * 199 + 1]!).toBeGreaterThan(2900);
});

test("second derivatives are those of log space", () => {
  const own = model(3, 5, "forward", "first");
  const values = valuesFor(own, 8, 1, 0);
  const direction = constant(
    Array.from({ length: 9 }, (_, i) => Math.sin(i + 1)),
    [3, 3],
  );
  const second =
    (of: (own: Model) => Result): ((own: Model) => Result) =>
    (given) => {
      const { total, alpha } = of(given);
      const A = topological([given.before]).find(({ attrs }) => attrs["name"] === "A")!;
      return { total: sum(mul(grad(total, [A])[0]!, direction)), alpha };
    };
  const wanted = numbersOf(second(inLogSpace), own, values, reference);
  expectClose(numbersOf(second(extended), own, values, reference), wanted, 1e-11);
  expectClose(numbersOf(second(extended), own, values, f64), wanted, 1e-11);
});

test("plates and draws around a chain", () => {
  const own = model(3, 8, "forward", "first");
  const shift = param("shift", ["particle"], []);
  const shifted: Model = { ...own, rest: add(own.rest, mul(shift, sin(add(own.rest, iota("T"))))) };
  const values = { ...valuesFor(own, 4, 1, 0), shift: Float64Array.of(0.3, -0.7, 1.1, 0.4, 0.9) };
  const run = (of: (model: Model) => Result, engine: Engine): Float64Array[] => {
    const total = sumAxis(of(shifted).total, "particle");
    const outputs = simplify(erase([total, ...grad(total, [shift])]));
    const graph = { outputs: Object.fromEntries(outputs.map((node, i) => [String(i), node])) };
    const sizes = { T: 8, b: 3, c: 3, particle: 5 };
    const out = engine.load(graph, {}).run({ params: values, sizes, seed: 0, step: 0 });
    return outputs.map((_, i) => out[String(i)]!.values);
  };
  const wanted = run(inLogSpace, reference);
  expectClose(run(extended, reference), wanted, 1e-12);
  expectClose(run(extended, f64), wanted, 1e-12);
  expectClose(run(extended, f32), wanted, 1e-5);
});

test("no step has an exponential or a logarithm, and the first is told from the others without a choice between moves", () => {
  const own = model(3, 5, "forward", "first");
  const { total } = extended(own);
  const [root] = erase([total]);
  const inSteps = topological([root!]).flatMap(({ body }) => (body === null ? [] : topological([body.result])));
  expect(inSteps.length).toBeGreaterThan(0);
  const names = new Set(inSteps.map(({ op }) => op.name));
  for (const name of ["exp", "expWeight", "log", "lseAxis"]) expect(names.has(name), name).toBe(false);
  expect(names.has("timesPowerOf2")).toBe(true);
  const wide = topological([root!]).filter(({ op, axes }) => op.name === "expMantissa" && axes.length === 3);
  expect(wide).toEqual([]);
  // negative control: a choice that is not of the first step stays one between moves
  const [reset] = erase([extended(model(3, 5, "forward", "reset")).total]);
  expect(topological([reset!]).some(({ op, axes }) => op.name === "expMantissa" && axes.length === 3)).toBe(true);
});

test("a step of the reverse is one loop over the state before, whose sums stay in registers", () => {
  const text = `data { dim T, K; y: real[T] }
    model {
      plate k in K { sample move[k] ~ Dirichlet(1, K) sample mu[k] ~ Normal(0, 1) }
      scan t in T carry z: index(K) {
        @marginal sample z[t] ~ Categorical(if t == 0 then ones(K) / K else move[z[t - 1]])
        observe y[t] ~ Normal(mu[z[t]], 1)
      }
    }`;
  const y = Array.from({ length: 40 }, (_, t) => Math.sin(t));
  const program = printStage({ path: "m.ppl", text }, { y, K: 7 }, "program", {
    method: "adam",
    guide: "meanfield",
  }).text;
  const [, step] = /for \S+ in 40 backward \{\n(.*?)\n\}/s.exec(program)!;
  const loops = [...step!.matchAll(/for (\S+) in 7 \{/g)].map(([, label]) => label);
  expect(loops).toEqual(["%z.before", "%z"]);
  expect(step).not.toContain("+=");
});
