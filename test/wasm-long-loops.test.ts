// What long loops over data gain by: softplus summed as the logarithm of a product, and buffers of the turns that are lanes in place of all. Both against the
// reference engine, and where they must not be.

import { describe, expect, test } from "vitest";
import { reference } from "../src/exec/reference.ts";
import { wasmWith } from "../src/exec/wasm.ts";
import { lower } from "../src/exec/wasm/lower.ts";
import type { Precision } from "../src/exec/wasm/code/lanes.ts";
import { printProgram } from "../src/exec/wasm/program/print.ts";
import { simplest } from "../src/exec/wasm/simple/simplest.ts";
import type { Node } from "../src/ir/node.ts";
import { add, equal, logSigmoid, lseAxis, mul, neg, not, param, scalar, select } from "../src/op/index.ts";
import { square, sub, sigmoid, softplus, sumAxis } from "../src/op/index.ts";

type Params = Readonly<Record<string, readonly number[]>>;
type Outputs = Readonly<Record<string, Node>>;

const sizesOf = (params: Params) => ({ N: params["x"]!.length, K: params["k"]?.length ?? 1 });

function values(outputs: Outputs, params: Params, precision: Precision | "reference"): Record<string, number[]> {
  const engine = precision === "reference" ? reference : wasmWith({ precision });
  const numbers = Object.fromEntries(Object.entries(params).map(([name, own]) => [name, Float64Array.from(own)]));
  const inputs = { params: numbers, sizes: sizesOf(params), seed: 0, step: 0 };
  const found = engine.load({ outputs }, {}).run(inputs);
  return Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, [...tensor.values]]));
}

const TOLERANCE = { f64: 1e-10, f32: 1e-4 } as const;

function agree(outputs: Outputs, params: Params): void {
  const expected = values(outputs, params, "reference");
  for (const precision of ["f64", "f32"] as const)
    for (const [name, found] of Object.entries(values(outputs, params, precision)))
      found.forEach((value, i) => {
        const known = expected[name]![i]!;
        if (!Number.isFinite(known)) return expect(value, `${name} ${precision}`).toBe(known);
        expect(Math.abs(value - known) / Math.max(1, Math.abs(known)), `${name} ${precision}`).toBeLessThan(
          TOLERANCE[precision],
        );
      });
}

const printed = (outputs: Outputs, params: Params): string =>
  printProgram(
    lower(simplest(Object.values(outputs)), { batched: [], sizes: sizesOf(params), fullSizes: {}, supplied: [] }),
  );

const x = param("x", ["N"], []);
const y = param("y", ["N"], []);
const line = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / Math.max(1, count - 1));
const switches = (count: number): number[] => line(count, 0, count - 1).map((i) => ((i * 7) % 3) % 2);
const over = (own: readonly number[]): Params => ({ x: own, y: switches(own.length) });

describe("softplus in a sum", () => {
  const density = sub(mul(y, x), softplus(x));
  const isPossible = not(equal(density, scalar(-Infinity)));
  const guarded: Outputs = {
    value: sumAxis(select(isPossible, density, scalar(-Infinity)), "N"),
    slope: sumAxis(select(isPossible, sub(y, sigmoid(x)), scalar(0)), "N"),
  };

  test("is summed for itself, though the density is compared with -inf", () => {
    const program = printed(guarded, over(line(100, -3, 3)));
    expect(program).toContain("sum excess");
    expect(program).not.toContain("softplus(");
  });

  test.each([1, 2, 3, 7, 64, 255, 256, 257, 1023, 3020])("of %i numbers", (count) => {
    agree(guarded, over(line(count, -8, 9)));
  });

  test("no product overflows: every factor is 2", () => {
    agree({ value: sumAxis(softplus(x), "N") }, { x: Array(20_000).fill(0) });
  });

  test.each([-800, -40, 40, 800, 1e30])("of numbers near %d", (at) => {
    agree(guarded, over(line(600, at, at * 1.01)));
  });

  test.each([Infinity, -Infinity, NaN])("one of them is %d", (strange) => {
    const own = [...line(301, -2, 2), strange];
    for (const chosen of [0, 1]) agree(guarded, { x: own, y: own.map(() => chosen) });
  });

  test("with signs, twice, and as what is minus one", () => {
    const value = sumAxis(add(neg(softplus(mul(x, scalar(2)))), sub(logSigmoid(x), sub(y, softplus(y)))), "N");
    const params = over(line(700, -5, 5));
    expect(printed({ value }, params).match(/sum excess/g)).toHaveLength(3);
    agree({ value }, params);
  });

  test("stays where something else reads it", () => {
    const params = over(line(100, -3, 3));
    const outputs = { sum: sumAxis(softplus(x), "N"), squares: sumAxis(square(softplus(x)), "N") };
    expect(printed(outputs, params)).not.toContain("sum excess");
    agree(outputs, params);
  });
});

describe("buffers of turns", () => {
  const k = param("k", ["K"], []);
  const together = lseAxis(neg(square(sigmoid(sub(x, k)))), "K");
  const params = { x: line(501, -4, 4), k: line(6, -2, 2) };

  test("what a turn alone reads is kept for the turns that are lanes", () => {
    const outputs = { value: sumAxis(together, "N") };
    expect(printed(outputs, params)).toMatch(/\[6\] for each turn of N/);
    agree(outputs, params);
  });

  test("an output is kept for all turns", () => {
    const weights = neg(square(sigmoid(sub(x, k))));
    const outputs = { weights, value: sumAxis(lseAxis(weights, "K"), "N") };
    const lines = printed(outputs, params).split("\n");
    expect(lines.some((own) => /\[3006\]$/.test(own))).toBe(true);
    agree(outputs, params);
  });
});
