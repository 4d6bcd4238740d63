// What leaves a loop, and what must not.

import { describe, expect, test } from "vitest";
import { hoisted } from "../src/exec/wasm/program/hoist.ts";
import type { At, Stmt } from "../src/exec/wasm/program/program.ts";
import type { MapOp } from "../src/ir/op.ts";
import { exp } from "../src/op/index.ts";

const at = (buffer: number, strides: At["strides"] = {}, by: At["by"] = null): At => ({
  buffer,
  offset: 0,
  strides,
  by,
});
const load = (id: number, place: At): Stmt => ({ do: "load", id, at: place });
const apply = (id: number, arg: number): Stmt => ({ do: "let", id, op: exp.op as MapOp, args: [arg] });
const store = (value: number, place: At): Stmt => ({ do: "store", at: place, value });
const loop = (label: string, body: readonly Stmt[]): Stmt => ({
  do: "for",
  label,
  count: 4,
  order: "any",
  within: null,
  body,
  results: [],
});

/** Ids in the order in which they are defined, with the depth of loops around each. */
const depths = (body: readonly Stmt[], depth = 0): readonly (readonly [number, number])[] =>
  body.flatMap((stmt) =>
    stmt.do === "for" ? depths(stmt.body, depth + 1) : "id" in stmt ? [[stmt.id, depth] as const] : [],
  );
const after = (body: readonly Stmt[]) => new Map(depths(hoisted({ buffers: [], body }).body));

describe("out of a loop goes", () => {
  test("a number in memory and what depends on it alone, as far as it can", () => {
    const inner = loop("K", [load(0, at(0)), apply(1, 0), load(2, at(1, { J: 1 })), apply(3, 2)]);
    expect([...after([loop("J", [inner, store(1, at(2, { J: 1 }))])])]).toEqual([
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
    ]);
  });
});

describe("inside stays", () => {
  test.each<readonly [string, readonly Stmt[]]>([
    ["what moves with the loop", [load(0, at(0, { J: 1 }))]],
    ["what the loop writes", [load(0, at(0)), store(0, at(0))]],
    ["what a loop inside writes", [load(0, at(0)), loop("K", [load(1, at(1, { J: 1, K: 1 })), store(1, at(0))])]],
    [
      "a draw",
      [
        {
          do: "draw",
          id: 0,
          op: "drawGamma",
          site: "z",
          element: { offset: 0, strides: { J: 1 }, members: [] },
          args: [],
        },
      ],
    ],
    [
      "what is read by an index from inside",
      [load(1, at(1, { J: 1 })), load(0, at(0, {}, { index: 1, stride: 1, count: 4 }))],
    ],
  ])("%s", (_, body) => expect(after([loop("J", body)]).get(0)).toBe(1));
});
