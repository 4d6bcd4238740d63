// Products of matrices in the wasm engine: contractions of every shape against the reference, with their gradients, and when they become blocks.

import { describe, expect, test } from "vitest";
import { wasm, wasmWith } from "../src/exec/wasm.ts";
import { lower } from "../src/exec/wasm/lower.ts";
import { printProgram } from "../src/exec/wasm/program/print.ts";
import { simplest } from "../src/exec/wasm/simple/simplest.ts";
import type { Node } from "../src/ir/node.ts";
import { einsum, exp, mul, param, scalar, sum, sumAxis } from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { engineGap, someParams } from "./support/engines.ts";
import { withWeights } from "./support/finite-difference.ts";
import type { Sizes } from "./support/run-graph.ts";

const CLOSE = 1e-10;
const NEAR = 1e-4;
const single = wasmWith({ precision: "f32" });

const programOf = (node: Node, sizes: Sizes): string =>
  printProgram(lower(simplest([node]), { sizes, batched: [], fullSizes: sizes, supplied: [] } as never));

/** Blocks of products name their result so. */
const isBlocked = (node: Node, sizes: Sizes = {}): boolean => / product( \[|\n)/.test(programOf(node, sizes));

/** The node and its gradients in everything below it, in both precisions. */
function expectAgreement(node: Node, sizes: Sizes): void {
  const values = someParams([node], sizes);
  const { weighted, all } = withWeights(node, values, sizes);
  const leaves = leavesOf(node);
  const found = grad(weighted, leaves);
  const outputs = { node, ...Object.fromEntries(found.map((own, i) => [`grad ${i}`, own])) };
  const inputs = { params: all, sizes, seed: 1, step: 0 };
  expect(engineGap({ outputs }, all, inputs, undefined, wasm).error).toBeLessThan(CLOSE);
  expect(engineGap({ outputs }, all, inputs, undefined, single).error).toBeLessThan(NEAR);
}

const leavesOf = (node: Node): readonly Node[] =>
  node.op.name === "param" ? [node] : [...new Set(node.inputs.flatMap(leavesOf))];

const EVERY = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 64];
const SPECS = ["ij,jk->ik", "ji,jk->ik", "ij,kj->ik", "ji,kj->ki"];

const shapeOf = (letters: string, sizes: Readonly<Record<string, number>>): number[] =>
  [...letters].map((letter) => sizes[letter]!);

function contraction(spec: string, sizes: Readonly<Record<string, number>>, axes: readonly [string[], string[]]): Node {
  const [a, b] = spec.split("->")[0]!.split(",") as [string, string];
  return einsum(spec, param("a", axes[0], shapeOf(a, sizes)), param("b", axes[1], shapeOf(b, sizes)));
}

describe("products of matrices", () => {
  test.each(SPECS)("%s, sizes large and small, even and odd", (spec) => {
    EVERY.forEach((i, at) => {
      for (const j of [EVERY[(at + 3) % EVERY.length]!, 13, 64])
        for (const k of [EVERY[(at + 7) % EVERY.length]!, 9])
          expectAgreement(contraction(spec, { i, j, k }, [[], []]), {});
    });
  });

  test.each(["bij,bjk->bik", "bij,jk->bik", "ij,kbj->kbi", "ibj,jbk->ikb", "ijl,lkj->ik"])("%s", (spec) => {
    for (const size of [3, 5])
      for (const l of [1, 4]) expectAgreement(contraction(spec, { b: size, i: 9, j: 13, k: 10, l }, [[], []]), {});
  });

  test.each([
    [["J"], []],
    [["J"], ["J"]],
    [["J"], ["K"]],
    [[], ["J", "K"]],
  ] as const)("axes %o and %o around, of few members and of many", (a, b) => {
    for (const sizes of [
      { J: 3, K: 2 },
      { J: 30, K: 7 },
    ])
      for (const spec of ["ij,jk->ik", "j,jk->k", "ij,kj->ki"])
        expectAgreement(contraction(spec, { i: 6, j: 16, k: 11 }, [[...a], [...b]]), sizes);
  });

  test("sums over an axis of products are a product", () => {
    const [x, y] = [param("x", ["N"], [7]), param("y", ["N"], [6])];
    const outer = sumAxis(einsum("i,j->ij", exp(x), y), "N");
    expect(isBlocked(outer, { N: 50 })).toBe(true);
    expectAgreement(outer, { N: 50 });
    expectAgreement(outer, { N: 51 });
  });

  test("a product that something else reads is there all the same", () => {
    const [x, y] = [param("x", ["N"], [9]), param("y", [], [9])];
    const each = mul(x, y);
    expectAgreement(mul(sum(each, [0]), sumAxis(each, "N")), { N: 40 });
    const square = contraction("ij,jk->ik", { i: 9, j: 12, k: 9 }, [[], []]);
    expectAgreement(mul(square, sum(sum(mul(square, scalar(2)), [0]), [0])), {});
  });

  test("small products, and those of a vector, are loops that fuse", () => {
    const isProduct = (i: number, j: number, k: number): boolean =>
      isBlocked(contraction("ij,jk->ik", { i, j, k }, [[], []]));
    expect(isProduct(8, 8, 8)).toBe(true);
    expect(isProduct(4, 16, 64)).toBe(true);
    expect(isProduct(3, 64, 64)).toBe(false);
    expect(isProduct(64, 4, 64)).toBe(false);
    expect(isProduct(5, 8, 5)).toBe(false);
    expect(isBlocked(contraction("ij,j->i", { i: 64, j: 64 }, [[], []]))).toBe(false);
  });

  test("long sums of three rows of numbers in memory by one vector are a product too", () => {
    const [x, y] = [param("x", ["N"], [7]), param("y", ["N"], [])];
    const weighed = (rows: number, own = param("x", ["N"], [rows])): Node => sumAxis(einsum("i,->i", own, exp(y)), "N");
    for (const rows of [1, 2, 3, 4, 5, 7, 8, 9, 17])
      for (const N of [99, 100, 171, 303]) {
        expect(isBlocked(weighed(rows), { N })).toBe(rows >= 3 && N >= 100 && N * rows >= 512);
        expectAgreement(weighed(rows), { N });
      }
    expect(isBlocked(weighed(7, exp(x)), { N: 300 })).toBe(false);
    const rows = programOf(weighed(7), { N: 300 }).split("\n");
    expect(rows.filter((line) => line.includes("sum v"))).toHaveLength(1);
  });

  test("and so they are by several vectors", () => {
    const [x, y] = [param("x", ["N"], [3]), param("y", ["N", "K"], [])];
    const slopes = sumAxis(einsum("i,->i", x, exp(y)), "N");
    expect(isBlocked(slopes, { N: 200, K: 10 })).toBe(true);
    expect(isBlocked(slopes, { N: 90, K: 10 })).toBe(false);
    for (const K of [1, 2, 3, 4, 5, 10]) expectAgreement(slopes, { N: 200, K });
  });

  test("a block of four rows and two vectors of columns is summed in registers", () => {
    const program = programOf(contraction("ij,jk->ik", { i: 8, j: 10, k: 16 }, [[], []]), {});
    const inner = program.split("\n").filter((line) => line.includes("sum v"));
    expect(inner).toHaveLength(1);
    expect(inner[0]!.match(/= sum/g)).toHaveLength(8);
    expect(program.match(/ = m\d+\[/g)).toHaveLength(6);
  });
});
