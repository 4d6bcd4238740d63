// Sums and products in another order, so that what varies least is computed apart: which are, which stay, and the same values either way.

import { describe, expect, test } from "vitest";
import { reference } from "../src/exec/reference.ts";
import { wasm } from "../src/exec/wasm.ts";
import { regrouped } from "../src/exec/wasm/simple/regroup.ts";
import type { Node } from "../src/ir/node.ts";
import { topological } from "../src/ir/walk.ts";
import { add, mul, neg, param, scalar, square, sub, sumAxis } from "../src/op/index.ts";

const x = param("x", ["N"], []);
const [a, b, c] = ["a", "b", "c"].map((name) => param(name, ["K"], [])) as [Node, Node, Node];
const s = param("s", [], []);
const z = mul(sub(x, a), b);
const inputs = {
  params: {
    x: Float64Array.of(0.3, -1.2, 2.4, 1.9, -0.6),
    a: Float64Array.of(0.5, -1, 1.5),
    b: Float64Array.of(2, 0.25, 1.25),
    c: Float64Array.of(-3, 0.75, 2.5),
    s: Float64Array.of(1.75),
  },
  sizes: { N: 5, K: 3 },
  seed: 0,
  step: 0,
};

/** How many additions and products each member of both axes takes. */
const perMember = (roots: readonly Node[], names: readonly string[]): number =>
  topological(roots).filter(({ op, axes }) => names.includes(op.name) && axes.length === 2).length;
const sums = (roots: readonly Node[]): number => perMember(roots, ["add", "sub"]);
const products = (roots: readonly Node[]): number => perMember(roots, ["mul"]);

function agree(...nodes: readonly Node[]): void {
  const outputs = Object.fromEntries(nodes.map((node, i) => [`of ${i}`, node]));
  const known = reference.load({ outputs }, {}).run(inputs);
  const found = wasm.load({ outputs }, {}).run(inputs);
  for (const name of Object.keys(outputs))
    known[name]!.values.forEach((value, i) => {
      expect(Math.abs(found[name]!.values[i]! - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
    });
}

describe("terms of a sum", () => {
  test("that lack an axis are summed apart, with their signs", () => {
    const sum = add(c, sub(sub(sub(sub(mul(scalar(-0.5), square(z)), scalar(0.9)), a), mul(z, s)), b));
    expect(sums([sum])).toBe(6);
    expect(sums(regrouped([sum]))).toBe(3);
    agree(sum, neg(sum));
  });

  test("on each axis form a sum of their own", () => {
    const sum = sub(add(sub(add(square(z), x), a), square(x)), neg(mul(b, c)));
    expect(sums(regrouped([sum]))).toBe(3);
    agree(sum);
  });

  test("stay beside the data that they are taken from", () => {
    const difference = sub(sub(x, a), b);
    expect(regrouped([difference])).toEqual([difference]);
    agree(difference);
  });

  test("stay where something else reads the sum so far", () => {
    const inner = sub(square(z), a);
    const outer = sub(inner, b);
    expect(regrouped([outer, inner])).toEqual([outer, inner]);
    expect(regrouped([outer])).not.toEqual([outer]);
    agree(outer, inner);
  });
});

describe("factors of a product that is summed", () => {
  const once = mul(mul(s, square(z)), mul(scalar(2), z));
  const twice = mul(once, mul(z, c));

  test("leave the sum where they lack its axis, also those of a sum of more factors", () => {
    const roots = [sumAxis(once, "N"), sumAxis(twice, "N")];
    expect(products(roots) - products([z])).toBe(5);
    expect(products(regrouped(roots)) - products([z])).toBe(2);
    agree(...roots);
  });

  test("stay where something else reads the product", () => {
    const roots = [sumAxis(once, "N"), once];
    expect(regrouped(roots)).toEqual(roots);
    agree(...roots);
  });

  test("stay where another axis is summed", () => {
    const roots = [sumAxis(twice, "N"), sumAxis(once, "K")];
    const [, other] = regrouped(roots);
    expect(other).toBe(sumAxis(once, "K"));
    agree(...roots);
  });
});
