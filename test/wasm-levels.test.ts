// Which loops share a pass: sums inside the turns of a loop wait for those that need more, where that saves a loop.

import { expect, test } from "vitest";
import { lower } from "../src/exec/wasm/lower.ts";
import { printProgram } from "../src/exec/wasm/program/print.ts";
import { simplest } from "../src/exec/wasm/simple/simplest.ts";
import type { Node } from "../src/ir/node.ts";
import { add, exp, maxAxis, mul, param, square, sumAxis } from "../src/op/index.ts";

const loopsOver = (label: string, node: Node): number => {
  const sizes = { J: 8, draw: 100 };
  const frame = { sizes, fullSizes: sizes, batched: [], supplied: [] };
  const program = printProgram(lower(simplest([node]), frame));
  return program.match(new RegExp(`^for ${label} in`, "gm"))?.length ?? 0;
};

const z = param("z", ["draw", "J"], []);
const scale = exp(param("log scale", ["J"], []));
const squares = sumAxis(square(z), "J");
const scaled = sumAxis(mul(scale, z), "J");

test("a sum per draw that needs nothing shares the loop of one that needs a loop before", () => {
  expect(loopsOver("draw", sumAxis(add(squares, scaled), "draw"))).toBe(1);
});

test("one that has to be complete over all draws first does not wait", () => {
  expect(loopsOver("draw", sumAxis(mul(add(squares, maxAxis(squares, "draw")), scaled), "draw"))).toBe(2);
});
