// Trigonometric functions.

import { add, div, mul, neg, sqrt, square, sub } from "./arithmetic.ts";
import { binary, unary, type Binary, type Unary } from "./build.ts";
import { scalar } from "./leaf.ts";
import * as math from "./special/elementary.ts";

export const sin: Unary = unary({ name: "sin", doc: "sine", scalar: math.sin, grad: (ct, x) => mul(ct, cos(x)) });
export const cos: Unary = unary({
  name: "cos",
  doc: "cosine",
  scalar: math.cos,
  grad: (ct, x) => neg(mul(ct, sin(x))),
});
export const tan: Unary = unary({
  name: "tan",
  doc: "tangent",
  scalar: math.tan,
  grad: (ct, _, y) => mul(ct, add(scalar(1), square(y))), // 1 + y²
});
export const asin: Unary = unary({
  name: "asin",
  doc: "inverse of sin, |x| <= 1",
  scalar: math.asin,
  grad: (ct, x) => div(ct, sqrt(sub(scalar(1), square(x)))), // 1 / √(1 - x²)
});
export const acos: Unary = unary({
  name: "acos",
  doc: "inverse of cos, |x| <= 1",
  scalar: math.acos,
  grad: (ct, x) => neg(div(ct, sqrt(sub(scalar(1), square(x))))), // -1 / √(1 - x²)
});
export const atan: Unary = unary({
  name: "atan",
  doc: "inverse of tan",
  scalar: math.atan,
  grad: (ct, x) => div(ct, add(scalar(1), square(x))), // 1 / (1 + x²)
});
export const atan2: Binary = binary({
  name: "atan2",
  doc: "angle of the point (b, a), in (-π, π]",
  scalar: math.atan2,
  grad: (ct, a, b) => {
    // b, -a over a² + b²
    const part = div(ct, add(square(a), square(b)));
    return [mul(part, b), neg(mul(part, a))];
  },
});

export const trigonometryOps = [sin, cos, tan, asin, acos, atan, atan2].map((b) => b.op);
