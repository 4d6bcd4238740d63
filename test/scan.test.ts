// Scans: values against plain loops, gradients against finite differences, first and second order, both directions.

import { expect, test } from "vitest";
import { reference } from "../src/exec/reference.ts";
import { wasmWith } from "../src/exec/wasm.ts";
import type { Node } from "../src/ir/node.ts";
import { parseGraph } from "../src/ir/parse.ts";
import { printGraph } from "../src/ir/print.ts";
import { verify } from "../src/ir/verify.ts";
import { topological } from "../src/ir/walk.ts";
import {
  add,
  carryBefore,
  concat,
  followed,
  gather,
  mul,
  ops,
  param,
  previous,
  reshape,
  scalar,
  scan,
  sin,
  slice,
  square,
  stop,
  sub,
  sum,
  sumAxis,
  tanh,
  toAxis,
  toEvent,
} from "../src/op/index.ts";
import { erase } from "../src/pass/erase.ts";
import { grad } from "../src/pass/grad.ts";
import { substitute } from "../src/pass/substitute.ts";

const T = 7;
const K = 3;
const sizes = { T, particle: K };

type Params = Record<string, Float64Array>;
const run = (node: Node, params: Params): Float64Array =>
  reference.load({ outputs: { y: node } }, {}).run({ params, sizes, seed: 0, step: 0 })["y"]!.values;

/** Central differences of the sum of `node` in every number of `name`. */
function differences(node: Node, params: Params, name: string, h = 1e-5): number[] {
  const total = (shift: number, i: number): number => {
    const values = Float64Array.from(params[name]!);
    values[i]! += shift;
    return run(node, { ...params, [name]: values }).reduce((a, b) => a + b, 0);
  };
  return [...params[name]!.keys()].map((i) => (total(h, i) - total(-h, i)) / (2 * h));
}

const u = toAxis(param("u", [], [T]), 0, "T");
const phi = param("phi", ["particle"], []);
const c0 = param("c0", [], []);
const params: Params = {
  u: Float64Array.from({ length: T }, (_, i) => Math.sin(3 * i + 1)),
  phi: Float64Array.of(0.7, -0.4, 1.1),
  c0: Float64Array.of(0.3),
  w: Float64Array.of(0.5, -1.2),
};
const u1 = reshape(u, [1]);
const step = (carry: Node): Node => add(tanh(mul(phi, carry)), mul(u, sin(carry)));

/** Layout of the result: axes sorted, T before particle. */
function looped(direction: "forward" | "backward"): number[] {
  const out = new Array<number>(T * K);
  for (let k = 0; k < K; k++) {
    let c = params["c0"]![0]!;
    for (let i = 0; i < T; i++) {
      const t = direction === "forward" ? i : T - 1 - i;
      c = Math.tanh(params["phi"]![k]! * c) + params["u"]![t]! * Math.sin(c);
      out[t * K + k] = c;
    }
  }
  return out;
}

test.each(["forward", "backward"] as const)(
  "a %s scan is the loop, and its carry takes the axes of its step",
  (direction) => {
    const node = scan("T", T, c0, step, direction);
    expect(node.axes).toEqual(["T", "particle"]);
    expect([...run(node, params)].map((v) => v.toFixed(12))).toEqual(looped(direction).map((v) => v.toFixed(12)));
  },
);

const cost = (direction: "forward" | "backward"): Node => {
  const c = scan("T", T, c0, step, direction);
  return sumAxis(sumAxis(add(square(sub(c, u)), mul(c, previous(c, c0, "T", T, direction))), "T"), "particle");
};

test.each(["forward", "backward"] as const)(
  "gradients of a %s scan agree with differences, first and second order",
  (direction) => {
    const leaves = { u: param("u", [], [T]), phi, c0 };
    const root = cost(direction);
    for (const [name, leaf] of Object.entries(leaves)) {
      const first = grad(root, [leaf])[0]!;
      expect(verify({ outputs: { first } })).toEqual([]);
      const wanted = differences(root, params, name);
      [...run(first, params)].forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 6));
      const weighted = mul(first, sin(first));
      for (const [other, second] of Object.entries(leaves)) {
        const mixed = differences(weighted, params, other);
        [...run(grad(weighted, [second])[0]!, params)].forEach((v, i) => expect(v).toBeCloseTo(mixed[i]!, 4));
      }
    }
  },
);

test("a vector carry, an invariant outside, and nodes that do not grow with the number of steps", () => {
  const w = param("w", [], [2]);
  const pair = (size: number): Node => {
    const x = scan("T", size, concat([reshape(c0, [1]), reshape(scalar(1), [1])], 0), (c) => {
      const at = (i: number): Node => reshape(slice(c, 0, i, 1), []);
      return concat([reshape(add(mul(at(1), sum(w)), u), [1]), reshape(at(0), [1])], 0);
    });
    return sumAxis(sum(square(x)), "T");
  };
  const first = grad(pair(T), [w])[0]!;
  const wanted = differences(pair(T), params, "w");
  [...run(first, params)].forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 6));
  expect(topological([grad(pair(500), [w])[0]!]).length).toBe(topological([first]).length);
});

test("a step that does not read the carry is no recursion", () => {
  expect(scan("T", T, c0, () => u).op.name).not.toBe("scan");
});

test("substitution passes through: an argument that gains an axis gives it to the trajectory", () => {
  const node = scan("T", T, c0, (carry) => add(carry, mul(u, c0)));
  const moved = substitute(node, new Map([[c0, phi]]));
  expect(moved.axes).toEqual(["T", "particle"]);
  const u0 = params["u"]!;
  const wanted = [...params["phi"]!].map((p) => u0.reduce((c, v) => c + v * p, p));
  const last = gather(param("all", [], [T * K]), 0, scalar(0));
  expect(last.shape).toEqual([]);
  const values = run(moved, params);
  wanted.forEach((v, k) => expect(values[(T - 1) * K + k]).toBeCloseTo(v, 10));
});

test("the printed form of a scan reads back", () => {
  const graph = { outputs: { y: grad(cost("forward"), [c0])[0]! } };
  const text = printGraph(graph);
  expect(printGraph(parseGraph(text, ops))).toBe(text);
});

test.each(["forward", "backward"] as const)(
  "%s: the carry before each step, its gradient, and a part of it",
  (direction) => {
    const x = scan("T", T, c0, step, direction);
    const before = carryBefore(x, c0, "T", T, direction);
    const wanted = previous(x, c0, "T", T, direction);
    expect([...run(before, params)]).toEqual([...run(wanted, params)]);
    for (const name of ["u", "phi", "c0"]) {
      const leaf = { u: u.inputs[0]!, phi, c0 }[name]!;
      const [found, known] = [before, wanted].map((node) => run(grad(sin(node), [leaf])[0]!, params));
      found!.forEach((v, i) => expect(v).toBeCloseTo(known![i]!, 12));
    }
  },
);

test.each(["forward", "backward"] as const)(
  "%s: what stands before in a module, in the memory of a recursion and elsewhere",
  (direction) => {
    const two = concat([reshape(phi, [1]), reshape(c0, [1])], 0);
    const x = scan(
      "T",
      T,
      two,
      (carry) => concat([sin(add(slice(carry, 0, 1, 1), u1)), slice(carry, 0, 0, 1)], 0),
      direction,
    );
    const part = (node: Node): Node => slice(node, 0, 0, 1);
    const cases = [
      [carryBefore(x, two, "T", T, direction), previous(x, two, "T", T, direction)],
      [carryBefore(part(x), part(two), "T", T, direction), previous(part(x), part(two), "T", T, direction)],
      [carryBefore(mul(u, phi), c0, "T", T, direction), previous(mul(u, phi), c0, "T", T, direction)],
      [carryBefore(u, phi, "T", T, direction), previous(u, phi, "T", T, direction)],
    ];
    const outputs = Object.fromEntries(
      cases.flatMap(([found, wanted], i) => [
        [`f${i}`, found!],
        [`w${i}`, wanted!],
      ]),
    );
    for (const engine of [reference, wasmWith({})]) {
      const out = engine.load({ outputs }, {}).run({ params, sizes, seed: 0, step: 0 });
      cases.forEach((_, i) => {
        expect(out[`f${i}`]!.axes).toEqual(out[`w${i}`]!.axes);
        expect([...out[`f${i}`]!.values], String(i)).toEqual([...out[`w${i}`]!.values]);
      });
    }
  },
);

test.each(["forward", "backward"] as const)("%s: a recursion that follows its own trajectory", (direction) => {
  const own = scan("T", T, c0, step, direction);
  const known = followed(stop(own), "T", T, c0, step, direction);
  expect(erase([known])[0]).toBe(erase([own])[0]);
  expect([...run(known, params)]).toEqual([...run(own, params)]);
  for (const leaf of [u.inputs[0]!, phi, c0]) {
    const ofLast = (x: Node): Node =>
      square(gather(toEvent(x, "T", 0, T), 0, scalar(direction === "forward" ? T - 1 : 0)));
    for (const of of [square, ofLast]) {
      const [found, wanted] = [known, own].map((x) => run(erase(grad(of(x), [leaf]))[0]!, params));
      found!.forEach((v, i) => expect(v).toBeCloseTo(wanted![i]!, 12));
    }
  }
  // once the gradient is taken the recursion itself is not computed a second time
  const scans = topological(erase(grad(square(known), [phi]))).filter(({ op }) => op.name === "scan");
  expect(scans.length).toBe(2);
});

test("the cotangent of the last carry alone begins the adjoint", () => {
  const last = gather(toEvent(scan("T", T, c0, step), "T", 0, T), 0, scalar(T - 1));
  const names = topological(grad(last, [phi])).map(({ op }) => op.name);
  expect(names).not.toContain("scatter");
  const inside = gather(toEvent(scan("T", T, c0, step), "T", 0, T), 0, scalar(T - 2));
  expect(topological(grad(inside, [phi])).map(({ op }) => op.name)).toContain("scatter");
});

test("a wrong adjoint is caught: differences of another recursion do not agree", () => {
  const wrong = sumAxis(sumAxis(square(scan("T", T, c0, (c) => add(tanh(mul(phi, c)), mul(u, c)))), "T"), "particle");
  const first = run(grad(cost("forward"), [c0])[0]!, params);
  expect(Math.abs(first[0]! - differences(wrong, params, "c0")[0]!)).toBeGreaterThan(1e-3);
});

test("a recursion inside the step of another, which reads both carries", () => {
  const S = 4;
  const b = param("b", [], []);
  const inner = (c: Node): Node => scan("S", S, c, (d) => tanh(add(mul(b, d), c)));
  const outer = scan("T", T, c0, (c) => add(sumAxis(inner(c), "S"), u));
  const values: Params = { ...params, b: Float64Array.of(0.3) };
  const all = { ...sizes, S };
  const at = (node: Node, given: Params): Float64Array =>
    reference.load({ outputs: { y: node } }, {}).run({ params: given, sizes: all, seed: 0, step: 0 })["y"]!.values;
  let carry = values["c0"]![0]!;
  const expected = Array.from({ length: T }, (_, t) => {
    let [d, total] = [carry, 0];
    for (let s = 0; s < S; s++) {
      d = Math.tanh(0.3 * d + carry);
      total += d;
    }
    return (carry = total + values["u"]![t]!);
  });
  at(outer, values).forEach((value, t) => expect(value).toBeCloseTo(expected[t]!, 12));
  const h = 1e-5;
  const [slope] = at(grad(sumAxis(outer, "T"), [b])[0]!, values);
  const total = (shift: number): number =>
    at(outer, { ...values, b: Float64Array.of(0.3 + shift) }).reduce((a, v) => a + v, 0);
  expect(slope).toBeCloseTo((total(h) - total(-h)) / (2 * h), 6);
});
