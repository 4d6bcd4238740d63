// Sums by an index on the module: lanes that gather in tables of their own, against plain sums of whole numbers, which are exact in both precisions.

import { describe, expect, test } from "vitest";
import { wasmWith } from "../src/exec/wasm.ts";
import type { Around } from "../src/exec/wasm/code/around.ts";
import { gatheredBy } from "../src/exec/wasm/code/lanewise.ts";
import type { At } from "../src/exec/wasm/program/program.ts";
import type { For } from "../src/exec/wasm/program/statements.ts";
import { add, data, gather, iota, mul, param, scatter, sumAxis } from "../src/op/index.ts";
import { testNumbers } from "./support/run-graph.ts";

const COUNT = 7;

const whole = (n: number, below: number, seed: number): Float64Array => {
  const next = testNumbers(seed);
  return Float64Array.from({ length: n }, () => Math.floor(next() * below));
};

/** Indices of rows: neighbours often alike, any, and such that name no element. */
const kinds: Readonly<Record<string, (n: number) => Float64Array>> = {
  sorted: (n) => whole(n, COUNT, 1).sort(),
  any: (n) => whole(n, COUNT, 2),
  "all the same": (n) => new Float64Array(n).fill(3),
  "with some outside": (n) => whole(n, COUNT, 3).map((i, row) => [i, -1, COUNT, 0.5, NaN, i, i][row % 7]!),
};

function totals(values: (row: number) => number, index: Float64Array): number[] {
  const sums = new Array<number>(COUNT).fill(0);
  index.forEach((i, row) => {
    if (Number.isInteger(i) && i >= 0 && i < COUNT) sums[i]! += values(row);
  });
  return sums;
}

describe.each(["f64", "f32"] as const)("%s", (precision) => {
  const engine = wasmWith({ precision });

  describe.each([5, 27, 28, 1000, 1001, 1003])("%i rows", (N) => {
    test.each(Object.entries(kinds))("indices %s, given by a run", (_, indices) => {
      const [x, index] = [whole(N, 100, 4), indices(N)];
      const put = scatter(param("x", ["N"], []), param("index", ["N"], []), COUNT, ["N"]);
      const out = engine.load({ outputs: { put } }, {}).run({ params: { x, index }, sizes: { N }, seed: 0, step: 0 });
      expect([...out["put"]!.values]).toEqual(totals((row) => x[row]!, index));
    });

    test("indices that are data, rows with two numbers, read back by the same index", () => {
      const index = kinds["sorted"]!(N);
      const [x, w] = [whole(N * 2, 50, 5), whole(COUNT, 9, 6)];
      const group = gather(data("group", [], [N]), 0, iota("N"));
      const rows = mul(param("x", ["N"], [2]), gather(param("w", [], [COUNT]), 0, group));
      const outputs = { put: scatter(rows, group, COUNT, ["N"]) };
      const out = engine.load({ outputs }, { group: index }).run({ params: { x, w }, sizes: { N }, seed: 0, step: 0 });
      const columns = [0, 1].map((c) => totals((row) => x[2 * row + c]! * w[index[row]!]!, index));
      expect([...out["put"]!.values]).toEqual(columns[0]!.flatMap((_, i) => columns.map((sums) => sums[i]!)));
    });

    test("tables that another axis keeps, beside a sum of all rows", () => {
      const index = kinds["any"]!(N);
      const [x, b] = [whole(N, 20, 7), whole(3, 20, 8)];
      const group = gather(data("group", [], [N]), 0, iota("N"));
      const each = mul(param("x", ["N"], []), add(param("b", ["K"], []), group));
      const outputs = { put: scatter(each, group, COUNT, ["N"]), total: sumAxis(each, "N") };
      const out = engine
        .load({ outputs }, { group: index })
        .run({ params: { x, b }, sizes: { N, K: 3 }, seed: 0, step: 0 });
      const value = (k: number) => (row: number) => x[row]! * (b[k]! + index[row]!);
      const tables = [0, 1, 2].map((k) => totals(value(k), index));
      expect([...out["put"]!.values]).toEqual(tables.flat());
      expect([...out["total"]!.values]).toEqual(tables.map((sums) => sums.reduce((a, s) => a + s)));
    });
  });
});

describe("which tables lanes gather in", () => {
  const sums = (count: number, length: number, strides: At["strides"] = {}) => {
    const at = { buffer: 0, offset: 0, strides, by: { index: 0, stride: 1, count: length } };
    const body = [{ do: "meet", at, value: 1, meet: "sum" }] as const;
    const loop: For = { do: "for", label: "N", count, order: "any", within: null, body, results: [] };
    const around = { buffers: [{ name: "table", length }], scratch: 0, part: null } as unknown as Around;
    return gatheredBy(loop, around).map(({ buffer }) => buffer);
  };

  test("small ones that many rows share", () => {
    expect(sums(1000, 250)).toEqual([0]);
    expect(sums(1000, 251)).toEqual([]);
    expect(sums(16, 4)).toEqual([0]);
    expect(sums(15, 4)).toEqual([]);
  });

  test("none that would not stay in the first cache, and none that the loop walks along", () => {
    expect(sums(1e6, 1024)).toEqual([0]);
    expect(sums(1e6, 1025)).toEqual([]);
    expect(sums(1000, 250, { N: 1 })).toEqual([]);
  });
});
