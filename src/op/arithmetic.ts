// Pointwise arithmetic, roundings and powers of two arguments' sums.

import type { Node } from "../ir/node.ts";
import { binary, unary, type Binary, type Unary } from "./build.ts";
import { numberOf, scalar } from "./leaf.ts";

/** The argument of a negation, else `null`. */
const negated = (x: Node): Node | null => (x.op === neg.op ? x.inputs[0]! : null);

export const neg: Unary = unary({
  name: "neg",
  doc: "-x",
  scalar: (x) => -x,
  grad: (ct) => neg(ct), // -1
  law: (x) => negated(x), // --x = x
});

export const add: Binary = binary({
  name: "add",
  doc: "a + b",
  scalar: (a, b) => a + b,
  grad: (ct) => [ct, ct],
  law: (a, b) => {
    if (numberOf(a) === 0) return b; // 0 + b = b
    if (numberOf(b) === 0) return a;
    const minusB = negated(b);
    return minusB === null ? null : sub(a, minusB); // a + -b = a - b
  },
});

export const sub: Binary = binary({
  name: "sub",
  doc: "a - b",
  scalar: (a, b) => a - b,
  grad: (ct) => [ct, neg(ct)],
  law: (a, b) => {
    if (numberOf(b) === 0) return a; // a - 0 = a
    if (numberOf(a) === 0) return neg(b); // 0 - b = -b
    const minusB = negated(b);
    return minusB === null ? null : add(a, minusB); // a - -b = a + b
  },
});

export const mul: Binary = binary({
  name: "mul",
  doc: "a b",
  scalar: (a, b) => a * b,
  grad: (ct, a, b) => [mul(ct, b), mul(ct, a)], // b, a
  law: (a, b) => scaled(numberOf(a), b) ?? scaled(numberOf(b), a),
});

/** 1 x = x, -1 x = -x, c (d x) = (c d) x. There is no law for 0 x: x may be infinite. */
function scaled(factor: number | null, x: Node): Node | null {
  if (factor === null) return null;
  if (factor === 1) return x;
  if (factor === -1) return neg(x);
  const inner = x.op === mul.op ? x.inputs.map(numberOf) : [];
  const at = inner.findIndex((v) => v !== null);
  return at < 0 ? null : mul(scalar(factor * inner[at]!), x.inputs[1 - at]!);
}

export const div: Binary = binary({
  name: "div",
  doc: "a / b",
  scalar: (a, b) => a / b,
  grad: (ct, _, b, y) => [div(ct, b), neg(div(mul(ct, y), b))], // 1/b, -a/b² = -y/b
  law: (a, b) => (numberOf(b) === 1 ? a : null), // a / 1 = a
});

export const square: Unary = unary({
  name: "square",
  doc: "x²",
  scalar: (x) => x * x,
  grad: (ct, x) => mul(ct, mul(scalar(2), x)), // 2x
  law: (x) => {
    const y = negated(x);
    return y && square(y);
  }, // (-x)² = x²
});

export const sqrt: Unary = unary({
  name: "sqrt",
  doc: "square root",
  scalar: Math.sqrt,
  grad: (ct, _, y) => div(mul(scalar(0.5), ct), y), // 1 / (2√x)
});

export const sign: Unary = unary({ name: "sign", doc: "-1, 0 or 1", scalar: Math.sign, grad: null });
export const floor: Unary = unary({ name: "floor", doc: "largest integer <= x", scalar: Math.floor, grad: null });
export const ceil: Unary = unary({ name: "ceil", doc: "smallest integer >= x", scalar: Math.ceil, grad: null });
export const trunc: Unary = unary({ name: "trunc", doc: "integer part", scalar: Math.trunc, grad: null });
export const round: Unary = unary({
  name: "round",
  doc: "nearest integer, halves away from 0",
  scalar: (x) => Math.sign(x) * Math.round(Math.abs(x)),
  grad: null,
});

export const abs: Unary = unary({
  name: "abs",
  doc: "|x|",
  scalar: Math.abs,
  grad: (ct, x) => mul(ct, sign(x)), // sign x; 0 at 0
  law: (x) => {
    const y = negated(x);
    return y && abs(y);
  }, // |-x| = |x|
});

export const mod: Binary = binary({
  name: "mod",
  doc: "a - b floor(a / b): the remainder with the sign of b",
  scalar: (a, b) => a - b * Math.floor(a / b),
  grad: (ct, a, b) => [ct, neg(mul(ct, floor(div(a, b))))], // 1, -floor(a/b)
});

/** a + b + c + …; 0 for none. */
export const addAll = (xs: readonly Node[]): Node => xs.reduce(add, scalar(0));

export const arithmeticOps = [neg, add, sub, mul, div, square, sqrt, sign, abs, floor, ceil, round, trunc, mod].map(
  (b) => b.op,
);
