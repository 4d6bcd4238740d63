// Long loops take several vectors a turn: which loops do, and that every row counts once, whatever is left of the turns; against the reference engine.

import { describe, expect, test } from "vitest";
import { reference } from "../src/exec/reference.ts";
import { wasmWith } from "../src/exec/wasm.ts";
import { LANES, type Precision } from "../src/exec/wasm/code/lanes.ts";
import { vectorsIn } from "../src/exec/wasm/code/vectors.ts";
import { lower } from "../src/exec/wasm/lower.ts";
import { everyStmt } from "../src/exec/wasm/program/statements.ts";
import { simplest } from "../src/exec/wasm/simple/simplest.ts";
import type { Node } from "../src/ir/node.ts";
import { add, exp, fill, gather, lgamma, log, log1p, lseAxis, maxAxis, mul, param, scalar } from "../src/op/index.ts";
import { scatter, softplus, square, sub, sumAxis } from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";

type Outputs = Readonly<Record<string, Node>>;

const PRECISIONS: readonly Precision[] = ["f64", "f32"];
const K = 5;
const x = param("x", ["N"], []);
const mean = param("mean", ["K"], []);
const width = param("width", ["K"], []);

/** A mixture: loops over K inside that of the rows, numbers that a turn alone reads, and sums of rows that keep K. */
const density = lseAxis(sub(mul(scalar(-0.5), square(mul(sub(x, mean), width))), log(width)), "K");
const total = sumAxis(density, "N");
const [byMean, byWidth] = grad(total, [mean, width]) as [Node, Node];
const mixture: Outputs = { total, byMean, byWidth };

/** Single numbers are those of float32, so that both precisions have the same arguments. */
const line = (count: number, from: number, to: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.fround(from + ((to - from) * i) / Math.max(1, count - 1)));

const sizesOf = (rows: number) => ({ N: rows, K });
const paramsOf = (own: Float64Array) => ({
  x: own,
  mean: line(K, -2, 2),
  width: line(K, 0.5, 2),
  spare: line(7, 1, 3),
  place: Float64Array.from(own, (_, i) => (i * 5) % 7),
});

type Found = Readonly<Record<string, readonly number[]>>;

function found(outputs: Outputs, own: Float64Array, precision: Precision | "reference"): Found {
  const engine = precision === "reference" ? reference : wasmWith({ precision });
  const inputs = { params: paramsOf(own), sizes: sizesOf(own.length), seed: 0, step: 0 };
  const tensors = Object.entries(engine.load({ outputs }, {}).run(inputs));
  return Object.fromEntries(tensors.map(([name, { values }]) => [name, [...values]]));
}

const NEAR = { f64: 1e-10, f32: 1e-4 } as const;

function agree(outputs: Outputs, own: Float64Array): void {
  const expected = found(outputs, own, "reference");
  for (const precision of PRECISIONS)
    for (const [name, values] of Object.entries(found(outputs, own, precision)))
      values.forEach((value, i) => {
        const known = expected[name]![i]!;
        const what = `${name} ${i} ${precision}: ${value}, not ${known}`;
        if (!Number.isFinite(known)) return expect(value, what).toBe(known);
        expect(Math.abs(value - known) / Math.max(1, Math.abs(known)), what).toBeLessThan(NEAR[precision]);
      });
}

/** Vectors that the turns of the longest loop take. */
function vectorsOf(outputs: Outputs, rows: number, precision: Precision): number {
  const frame = { batched: [], sizes: sizesOf(rows), fullSizes: {}, supplied: [] };
  const { program } = lower(simplest(Object.values(outputs)), frame);
  const loops = everyStmt(program.body).filter((stmt) => stmt.do === "for");
  const rowsLoops = loops.filter(({ label }) => label === "N");
  return Math.max(...rowsLoops.map((loop) => vectorsIn(loop, program.buffers, LANES[precision])));
}

/** From one turn with several vectors to the next, every number of rows that may be left. */
const LEFT = Array.from({ length: 17 }, (_, i) => 6000 + i);

describe("several vectors a turn", () => {
  test.each(PRECISIONS)("are taken by long loops, but not by short ones (%s)", (precision) => {
    expect(vectorsOf(mixture, 6000, precision)).toBe(4);
    expect(vectorsOf(mixture, 60, precision)).toBe(1);
    expect(vectorsOf({ total: sumAxis(exp(x), "N") }, 6000, precision)).toBe(4);
    expect(vectorsOf({ total: sumAxis(exp(x), "N") }, 600, precision)).toBe(1);
  });

  test("are not taken where numbers call scalar functions, or the code would be long", () => {
    expect(vectorsOf({ total: sumAxis(lgamma(x), "N") }, 60_000, "f64")).toBe(1);
    const often = Array.from({ length: 12 }, (_, i) => exp(mul(x, scalar(i / 12))));
    const longer = [...often, ...often.map((own) => log(add(own, scalar(3))))];
    expect(vectorsOf({ total: sumAxis(often.reduce(add), "N") }, 60_000, "f64")).toBe(2);
    expect(vectorsOf({ total: sumAxis(longer.reduce(add), "N") }, 60_000, "f64")).toBe(1);
  });

  test.each(LEFT)("of a mixture with %i rows", (rows) => {
    agree(mixture, line(rows, -4, 4));
  });

  test.each(LEFT)("of sums, products of factors and the largest of %i rows", (rows) => {
    const value = exp(mul(x, scalar(0.1)));
    const outputs = { sum: sumAxis(value, "N"), soft: sumAxis(softplus(x), "N"), most: maxAxis(value, "N"), value };
    agree(outputs, line(rows, -9, 8));
  });

  test.each(LEFT.slice(0, 9))("of reads and sums by an index, %i rows", (rows) => {
    const [spare, place] = [param("spare", [], [7]), param("place", ["N"], [])];
    const read = mul(gather(spare, 0, place), exp(x));
    agree({ read, put: scatter(add(read, fill(0, ["N"], [])), place, 7, ["N"]) }, line(rows, -2, 2));
  });
});

describe("an argument that is not usual", () => {
  const each: Outputs = { exp: exp(x), log: log(x), log1p: log1p(x) };
  const strange = [0, -1, Infinity, -Infinity, NaN, 1e-310, 1000, -1000];

  test.each(strange)("%d, in every place of a turn", (own) => {
    const expected = found(each, Float64Array.of(own), "reference");
    for (let place = 0; place < 16; place++) {
      const rows = line(6000, 0.5, 4);
      const usual = found(each, rows, "f64");
      rows[3200 + place] = own;
      const all = found(each, rows, "f64");
      for (const name of Object.keys(each)) {
        const [known, here] = [expected[name]![0]!, all[name]![3200 + place]!];
        if (Number.isFinite(known)) expect(Math.abs(here - known)).toBeLessThanOrEqual(1e-12 * Math.abs(known));
        else expect(here).toBe(known);
        const others = all[name]!.filter((_, i) => i !== 3200 + place);
        expect(others).toEqual(usual[name]!.filter((_, i) => i !== 3200 + place));
      }
    }
  });
});
