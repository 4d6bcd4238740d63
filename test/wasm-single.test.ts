// Float32 where its range is shorter: bounds keep what they are for, draws of small shapes have a density, long sums keep their digits, and the judge of agreement judges.

import { describe, expect, test } from "vitest";
import { drawOf } from "../src/dist/draw.ts";
import { distOf } from "../src/dist/index.ts";
import { instance, logProbInside } from "../src/dist/instance.ts";
import type { Engine } from "../src/exec/engine.ts";
import { reference } from "../src/exec/reference.ts";
import { wasmWith } from "../src/exec/wasm.ts";
import { asSingle } from "../src/exec/wasm/code/single.ts";
import type { Node } from "../src/ir/node.ts";
import {
  add,
  log,
  maximum,
  minimum,
  mul,
  noise,
  param,
  scalar,
  sigmoid,
  square,
  sub,
  sumAxis,
} from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { judged } from "./support/rounded.ts";

const PRECISIONS = ["f64", "f32"] as const;

test.each([
  [1e-300, 2 ** -116],
  [-1e300, -(2 ** 116)],
  [1 - 2 ** -53, 1 - 2 ** -24],
  [-(1 - 2 ** -53), -(1 - 2 ** -24)],
  [0, 0],
  [1, 1],
  [0.1, Math.fround(0.1)],
  [1e38, Math.fround(1e38)],
  [Infinity, Infinity],
  [NaN, NaN],
])("the number %d is %d", (wide, narrow) => expect(asSingle(wide)).toBe(narrow));

test.each(PRECISIONS)("%s: a bound keeps its logarithm finite", (precision) => {
  const x = param("x", ["J"], []);
  const outputs = {
    low: log(maximum(x, scalar(1e-300))),
    high: log(sub(scalar(1), minimum(sigmoid(x), scalar(1 - 2 ** -53)))),
  };
  const inputs = { params: { x: Float64Array.of(0, 60, 900) }, sizes: { J: 3 }, seed: 0, step: 0 };
  const found = wasmWith({ precision }).load({ outputs }, {}).run(inputs);
  for (const { values } of Object.values(found)) expect([...values].every(Number.isFinite)).toBe(true);
});

const SHAPES: readonly (readonly [string, Readonly<Record<string, readonly number[]>>])[] = [
  ["Gamma", { shape: [0.005], rate: [2] }],
  ["InverseGamma", { shape: [0.005], scale: [2] }],
  ["Beta", { a: [0.005], b: [0.007] }],
  ["Dirichlet", { concentration: [0.005, 0.01, 0.02, 0.003] }],
];

describe.each(PRECISIONS)("%s: draws of small shapes have a density and a gradient", (precision) => {
  test.each(SHAPES)("%s", (name, params) => {
    const isVector = name === "Dirichlet";
    const leaves = Object.fromEntries(
      Object.entries(params).map(([p, v]) => [p, param(p, [], isVector ? [v.length] : [])]),
    );
    const d = instance(distOf(name)!, 0, leaves);
    const draw = drawOf(d, { site: "z", axes: ["J"], shape: isVector ? [4] : [] });
    const density = logProbInside(d, draw);
    const gradients = grad(sumAxis(density, "J"), Object.values(leaves));
    const outputs: Record<string, Node> = { density, ...Object.fromEntries(gradients.map((g, i) => [`grad ${i}`, g])) };
    const given = Object.fromEntries(Object.entries(params).map(([p, v]) => [p, Float64Array.from(v)]));
    const found = wasmWith({ precision })
      .load({ outputs }, {})
      .run({ params: given, sizes: { J: 500 }, seed: 1, step: 0 });
    for (const [output, { values }] of Object.entries(found))
      expect([...values].every(Number.isFinite), output).toBe(true);
  });
});

test("a sum over 300,000 rows keeps its digits", () => {
  const [x, m] = [noise("normal", "x", ["N"], []), param("m", [], [])];
  const total = sumAxis(add(square(sub(x, m)), mul(m, scalar(0.1))), "N");
  const outputs = { total, slope: grad(total, [m])[0]! };
  const inputs = { params: { m: Float64Array.of(1.5) }, sizes: { N: 300_000 }, seed: 0, step: 0 };
  const gap = judged({ outputs }, {}, inputs, "f32");
  expect(gap.error, JSON.stringify(gap)).toBeLessThan(1);
});

test.each(PRECISIONS)("%s: the judge finds a wrong number, and forgives what cancels", (precision) => {
  const x = param("x", ["J"], []);
  const inputs = { params: { x: Float64Array.of(1.1, 2.3, 3.7) }, sizes: { J: 3 }, seed: 0, step: 0 };
  const large = scalar(precision === "f64" ? 1e13 : 1e6);
  /** The engine on x² + 1e6 - 1e6 and on x², with an error of its own in what it says of x. */
  const gapOf = (error: number, isCancelled: boolean): number => {
    const y = isCancelled ? sub(add(square(x), large), large) : square(x);
    const moved = { ...inputs, params: { x: inputs.params.x.map((v) => v * (1 + error)) } };
    const off: Engine = {
      ...reference,
      load: (graph, data) => {
        const { run, ...rest } = reference.load(graph, data);
        return { ...rest, run: () => run(moved) };
      },
    };
    return judged({ outputs: { y } }, {}, inputs, precision, off).error;
  };
  const wrong = precision === "f64" ? 1e-9 : 1e-3;
  expect(gapOf(0, false)).toBeLessThan(1);
  expect(gapOf(wrong, false)).toBeGreaterThan(1);
  expect(gapOf(wrong, true)).toBeLessThan(1);
  expect(gapOf(0.5, true)).toBeGreaterThan(1);
  expect(judged({ outputs: { y: sub(add(square(x), large), large) } }, {}, inputs, precision).error).toBeLessThan(1);
});
