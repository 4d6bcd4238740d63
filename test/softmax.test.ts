// Exponentials that a log-sum-exp computes anyway: the same values from fewer of them.

import { describe, expect, test } from "vitest";
import { simplest } from "../src/exec/wasm/simple/simplest.ts";
import type { Node } from "../src/ir/node.ts";
import { topological } from "../src/ir/walk.ts";
import { add, exp, expand, lse, lseAxis, param, sub, sum } from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { shareExponentials } from "../src/pass/softmax.ts";
import { valueOf } from "./support/run-graph.ts";

const x = param("x", ["J"], [3]);
const SIZES = { J: 2 };
const exponentials = (roots: readonly Node[]): number =>
  topological(simplest(roots)).filter(({ op }) => op.name.startsWith("exp") && op.name !== "expand").length;
const values = (node: Node, at: readonly number[]): readonly number[] => [
  ...valueOf(node, { x: Float64Array.from(at) }, SIZES).values,
];

const CASES: readonly (readonly [string, Node])[] = [
  ["along a dim", add(exp(sub(x, expand(lse(x, [0]), [3], []))), x)],
  ["along an axis", exp(sub(x, lseAxis(x, "J")))],
  ["in the gradient", grad(sum(lse(x, [0])), [x])[0]!],
];

describe("shared exponentials", () => {
  test.each(CASES)("%s", (_, node) => {
    const [shared] = shareExponentials([node]);
    expect(exponentials([shared!])).toBe(1);
    expect(exponentials([node])).toBe(2);
    for (const at of [
      [1, 2, 3, -4, 5, -6],
      [1000, 999, -1000, 1e-3, 0, 700],
      [-Infinity, 1, 2, 3, 4, -Infinity],
      [-Infinity, -Infinity, -Infinity, 0, Infinity, 1],
    ])
      values(node, at).forEach((v, i) => {
        const found = values(shared!, at)[i]!;
        expect(
          Object.is(v, found) || Math.abs(v - found) <= 1e-12 * Math.abs(v) + Math.exp(-200),
          `${v} ${found}`,
        ).toBe(true);
      });
  });

  test("of something else stay", () => {
    const other = exp(sub(x, lse(add(x, x), [0])));
    expect(shareExponentials([other])).toEqual([other]);
  });
});
