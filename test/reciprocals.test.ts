// Exponentials of opposite numbers: one exponential and its reciprocal, the same values.

import { describe, expect, test } from "vitest";
import { topological } from "../src/ir/walk.ts";
import { add, exp, mul, neg, param } from "../src/op/index.ts";
import { reciprocalExponentials } from "../src/pass/reciprocals.ts";
import { valueOf } from "./support/run-graph.ts";

const x = param("x", ["J"], []);
const AT = [0, 1, -1, 30, -30, 708, -708, 1e-300, Infinity, -Infinity, NaN];
const SIZES = { J: AT.length };

const exponentials = (root: Parameters<typeof topological>[0]): number =>
  topological(root).filter(({ op }) => op.name === "exp").length;

describe("reciprocals of exponentials", () => {
  test("stand for those of the opposite number", () => {
    const both = add(mul(exp(x), exp(x)), exp(neg(x)));
    const [one] = reciprocalExponentials([both]);
    expect([exponentials([both]), exponentials([one!])]).toEqual([2, 1]);
    const leaves = { x: Float64Array.from(AT) };
    const [wanted, found] = [both, one!].map((node) => valueOf(node, leaves, SIZES).values);
    wanted!.forEach((v, i) => {
      const difference = Object.is(v, found![i]) ? 0 : Math.abs(v - found![i]!) / Math.abs(v);
      expect(difference, `at ${AT[i]}`).toBeLessThan(1e-14);
    });
  });

  test("not where the exponential of the number itself is not needed", () => {
    const root = mul(x, exp(neg(x)));
    expect(reciprocalExponentials([root])[0]).toBe(root);
  });
});
