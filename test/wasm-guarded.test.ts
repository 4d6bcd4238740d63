// Which loops run only where a condition holds, and what becomes of stores under several.

import { describe, expect, test } from "vitest";
import { guarded } from "../src/exec/wasm/program/guarded.ts";
import type { At, Stmt } from "../src/exec/wasm/program/program.ts";
import type { MapOp } from "../src/ir/op.ts";
import { exp, select } from "../src/op/index.ts";

const at = (buffer: number): At => ({ buffer, offset: 0, strides: { J: 1 }, by: null });
const load = (id: number, buffer: number): Stmt => ({ do: "load", id, at: at(buffer) });
const apply = (id: number, arg: number): Stmt => ({ do: "let", id, op: exp.op as MapOp, args: [arg] });
const choose = (id: number, ...args: readonly number[]): Stmt => ({ do: "let", id, op: select.op as MapOp, args });
const store = (value: number, buffer: number): Stmt => ({ do: "store", at: at(buffer), value });
const loop = (...body: readonly Stmt[]): Stmt => ({
  do: "for",
  label: "J",
  count: 4,
  order: "any",
  within: null,
  body,
  results: [],
});
/** Ids 0 and 1 are conditions. */
const conditions: readonly Stmt[] = [0, 1].map((id) => ({ do: "number", id, value: id }));
const after = (own: Stmt): readonly Stmt[] =>
  guarded({ buffers: [], body: [...conditions, own] }).body.slice(conditions.length);

describe("guarded", () => {
  test("a store of what was there, or of something else", () => {
    expect(after(loop(load(2, 5), apply(3, 2), choose(4, 0, 3, 2), store(4, 5)))).toEqual([
      { ...loop(load(2, 5), apply(3, 2), store(3, 5)), when: 0 },
    ]);
  });

  test("under another condition it is a loop of its own, which reads what the first has left", () => {
    const first = [load(2, 5), apply(3, 2), choose(4, 0, 3, 2), store(4, 5)];
    const second = [load(6, 7), apply(8, 4), choose(9, 1, 8, 6), store(9, 7)];
    expect(after(loop(...first, ...second))).toEqual([
      { ...loop(load(2, 5), apply(3, 2), store(3, 5)), when: 0 },
      { ...loop(load(10, 5), apply(8, 10), store(8, 7)), when: 1 },
    ]);
  });

  const first = [load(2, 5), apply(3, 2), choose(4, 0, 3, 2), store(4, 5)];
  test.each<readonly [string, Stmt]>([
    ["one that writes in every case", loop(...first, store(3, 6))],
    ["one that chooses by what it computes", loop(load(2, 5), apply(3, 2), choose(4, 3, 3, 2), store(4, 5))],
    ["one that keeps another number", loop(load(2, 6), apply(3, 2), choose(4, 0, 3, 2), store(4, 5))],
    [
      "one whose second store needs what the first has written over",
      loop(...first, load(6, 7), apply(8, 2), choose(9, 1, 8, 6), store(9, 7)),
    ],
  ])("not %s", (_, own) => expect(after(own)).toEqual([own]));
});
