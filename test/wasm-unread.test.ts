// What nobody reads leaves a program, and what is cheap is computed again instead of stored.

import { expect, test } from "vitest";
import { lower } from "../src/exec/wasm/lower.ts";
import { printProgram } from "../src/exec/wasm/program/print.ts";
import type { Program, Stmt } from "../src/exec/wasm/program/program.ts";
import { simplest } from "../src/exec/wasm/simple/simplest.ts";
import { withoutUnread } from "../src/exec/wasm/program/unread.ts";
import type { Node } from "../src/ir/node.ts";
import { div, exp, mul, param, sumAxis } from "../src/op/index.ts";

const at = (buffer: number, label: string) => ({ buffer, offset: 0, strides: { [label]: 1 }, by: null });
const over = (label: string, body: readonly Stmt[]): Stmt => ({
  do: "for",
  label,
  count: 8,
  order: "any",
  within: null,
  body,
  results: [],
});

test("a chain of buffers that ends nowhere goes, and what is read outside stays", () => {
  const copy = (id: number, from: number, to: number): readonly Stmt[] => [
    { do: "load", id, at: at(from, "J") },
    { do: "store", at: at(to, "J"), value: id },
  ];
  const body = [over("J", copy(0, 0, 1)), { do: "fill", buffer: 2, value: 0 } as const, over("J", copy(1, 1, 2))];
  const program: Program = { buffers: [0, 1, 2].map((i) => ({ name: `${i}`, length: 8 })), body };
  expect(withoutUnread(program, new Set([2])).body).toEqual(body);
  expect(withoutUnread(program, new Set([1])).body).toEqual([body[0]]);
  expect(withoutUnread(program, new Set([0])).body).toEqual([]);
});

const programOf = (node: Node): string => {
  const sizes = { J: 50 };
  return printProgram(lower(simplest([node]), { sizes, fullSizes: sizes, batched: [], supplied: [] } as never));
};

test("a value of few cheap operations is computed again in the next loop, a costly one is stored", () => {
  const [x, y] = [param("x", ["J"], []), param("y", ["J"], [])];
  const normalised = (z: Node): Node => div(z, sumAxis(z, "J"));
  expect(programOf(normalised(mul(x, y))).match(/= m\d+\[J\]/g)).toHaveLength(4);
  expect(programOf(normalised(exp(x)))).toContain("value [50]");
  expect(programOf(normalised(exp(x))).match(/ = exp/g)).toHaveLength(1);
});
