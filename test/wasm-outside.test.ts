// Short loops around longer ones: which sums over rows have the draws around them, and that numbers and bits stay what they are.

import { afterAll, describe, expect, test } from "vitest";
import { wasmWith } from "../src/exec/wasm.ts";
import { lower } from "../src/exec/wasm/lower.ts";
import { printProgram } from "../src/exec/wasm/program/print.ts";
import { simplest } from "../src/exec/wasm/simple/simplest.ts";
import type { Node } from "../src/ir/node.ts";
import { add, data, gather, lseAxis, mul, param, softplus, square, sub, sumAxis } from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { engineGap, someParams } from "./support/engines.ts";
import type { Sizes } from "./support/run-graph.ts";

const CLOSE = { f64: 1e-10, f32: 1e-4 } as const;
const engines = ([1, 2, 3] as const).flatMap((threads) =>
  (["f64", "f32"] as const).map((precision) => wasmWith({ precision, threads })),
);
afterAll(() => engines.forEach((engine) => engine.end()));

const x = param("x", ["N"], []);
const b = param("b", ["K"], []);
const c = param("c", ["J"], []);

/** A regression on one column and its gradient, for every draw. */
const likelihood = sumAxis(sub(mul(x, b), softplus(mul(x, b))), "N");
const regression = { likelihood, slope: grad(sumAxis(likelihood, "K"), [b])[0]! };

type Outputs = Readonly<Record<string, Node>>;

const printed = (outputs: Outputs, sizes: Sizes): string =>
  printProgram(
    lower(simplest(Object.values(outputs)), { sizes, batched: [], fullSizes: sizes, supplied: [] } as never),
  );

function agree(outputs: Outputs, sizes: Sizes): void {
  const params = someParams(Object.values(outputs), sizes);
  for (const engine of engines) {
    const { error } = engineGap({ outputs }, params, { params, sizes, seed: 1, step: 0 }, undefined, engine);
    expect(error).toBeLessThan(CLOSE[engine.precision]);
  }
}

describe("a short loop around a long one", () => {
  test("rows are lanes inside draws, and softplus leaves the sum", () => {
    const program = printed(regression, { N: 300, K: 10 });
    expect(program).toMatch(/for K in 10 each \{/);
    expect(program).toContain("sum excess");
    expect(program).not.toContain("+=");
  });

  test.each([64, 65, 255, 1000])("%i rows, few draws and many", (N) => {
    for (const K of [1, 4, 5, 16, 63]) agree(regression, { N, K });
  });

  test("two of them, the larger outside", () => {
    const each = { value: sumAxis(softplus(mul(x, add(b, c))), "N") };
    expect(printed(each, { N: 100, K: 6, J: 9 })).toMatch(/for J in 9 each \{\n +v\d+ = .*\n +for K in 6 each \{/);
    agree(each, { N: 100, K: 6, J: 9 });
  });

  test("sums over both come after those over rows", () => {
    const both = { ...regression, total: sumAxis(sumAxis(square(sub(x, b)), "N"), "K") };
    expect(printed(both, { N: 200, K: 7 })).toContain("each");
    agree(both, { N: 200, K: 7 });
  });

  test("parts are turns of the short one; the bits do not depend on threads", () => {
    const sizes = { N: 5000, K: 7 };
    expect(printed(regression, sizes)).toMatch(/parts K part in 7 \{[^]*for K in 7 from 1 K part, 1 of them each/);
    agree(regression, sizes);
    const params = someParams(Object.values(regression), sizes);
    const found = engines.map((engine) => ({
      precision: engine.precision,
      out: engine.load({ outputs: regression }, {}).run({ params, sizes, seed: 1, step: 0 }),
    }));
    for (const { precision, out } of found) {
      const first = found.find((own) => own.precision === precision)!.out;
      for (const name of Object.keys(regression)) expect(out[name]!.values).toEqual(first[name]!.values);
    }
  });
});

describe("the largest stays outermost", () => {
  const isAround = (outputs: Outputs, sizes: Sizes): boolean => printed(outputs, sizes).includes(" each");

  test("where the long loop is short, or the short one is written out or longer", () => {
    expect(isAround(regression, { N: 63, K: 10 })).toBe(false);
    expect(isAround(regression, { N: 300, K: 4 })).toBe(false);
    expect(isAround(regression, { N: 300, K: 301 })).toBe(false);
  });

  test("where a sum over the short one keeps the long one", () => {
    const outputs = { ...regression, byRow: sumAxis(square(sub(x, b)), "K") };
    expect(isAround(outputs, { N: 300, K: 10 })).toBe(false);
    agree(outputs, { N: 300, K: 10 });
  });

  test("where sums over the long one keep a loop that is summed inside it", () => {
    const weights = sub(mul(x, b), square(sub(x, c)));
    const value = sumAxis(lseAxis(weights, "J"), "N");
    const outputs = { value, slope: grad(sumAxis(value, "K"), [c])[0]!, byDraw: sumAxis(square(weights), "N") };
    expect(isAround(outputs, { N: 300, K: 10, J: 6 })).toBe(false);
    expect(isAround({ value }, { N: 300, K: 10, J: 6 })).toBe(true);
    agree(outputs, { N: 300, K: 10, J: 6 });
    agree({ value }, { N: 300, K: 10, J: 6 });
  });

  test("where the rows have an index", () => {
    const level = param("level", ["K"], [20]);
    const eta = add(mul(x, b), gather(level, 0, data("group", ["N"], [])));
    expect(isAround({ value: sumAxis(square(eta), "N") }, { N: 300, K: 10 })).toBe(false);
    expect(isAround({ value: sumAxis(square(mul(x, b)), "N") }, { N: 300, K: 10 })).toBe(true);
  });
});
