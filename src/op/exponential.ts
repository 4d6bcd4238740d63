// Exponentials, logarithms, powers, and the functions made of them without loss of digits.

import type { Node } from "../ir/node.ts";
import { add, div, mul, neg, sqrt, square, sub } from "./arithmetic.ts";
import { binary, unary, type Binary, type Unary } from "./build.ts";
import { numberOf, scalar } from "./leaf.ts";
import { equal, select } from "./logic.ts";
import * as special from "./special/index.ts";
import * as math from "./special/elementary.ts";

export const exp: Unary = unary({ name: "exp", doc: "e^x", scalar: math.exp, grad: (ct, _, y) => mul(ct, y) });

/** Below it a weight is 0. */
const LEAST_WEIGHT = -200;

/** e^x as one of several weights, the largest of which is about 1. Their products with numbers of any ordinary size
 *  must not become denormal: those take a processor a hundred times as long. */
export const expWeight: Unary = unary({
  name: "expWeight",
  doc: "e^x, 0 below e^-200 (of float32: e^-60)",
  scalar: (x) => (x < LEAST_WEIGHT ? 0 : math.exp(x)),
  grad: (ct, _, y) => mul(ct, y),
});

export const log: Unary = unary({
  name: "log",
  doc: "natural logarithm",
  scalar: math.log,
  grad: (ct, x) => div(ct, x),
});

export const expm1: Unary = unary({
  name: "expm1",
  doc: "e^x - 1",
  scalar: math.expm1,
  grad: (ct, x) => mul(ct, exp(x)),
});

export const log1p: Unary = unary({
  name: "log1p",
  doc: "log(1 + x)",
  scalar: math.log1p,
  grad: (ct, x) => div(ct, add(scalar(1), x)),
});

/** In a: b a^(b-1). In b: a^b log a, 0 where a = 0. */
export const pow: Binary = binary({
  name: "pow",
  doc: "a to the power b",
  scalar: math.pow,
  grad: (ct, a, b, y) => [
    mul(ct, mul(b, pow(a, sub(b, scalar(1))))),
    mul(ct, select(equal(a, scalar(0)), scalar(0), mul(y, log(a)))),
  ],
  law: (a, b) => {
    switch (numberOf(b)) {
      case 1:
        return a;
      case 2:
        return square(a);
      case 0.5:
        return sqrt(a);
      case -1:
        return div(scalar(1), a);
      default:
        return null;
    }
  },
});

/** 1 / (1 + e^-x), without overflow. */
export const logistic = (x: number): number => (x >= 0 ? 1 / (1 + math.exp(-x)) : math.exp(x) / (1 + math.exp(x)));

export const sigmoid: Unary = unary({
  name: "sigmoid",
  doc: "1 / (1 + e^-x)",
  scalar: logistic,
  grad: (ct, x, y) => mul(ct, mul(y, sigmoid(neg(x)))), // s(x) s(-x)
});

export const softplus: Unary = unary({
  name: "softplus",
  doc: "log(1 + e^x)",
  scalar: special.log1pExp,
  grad: (ct, x) => mul(ct, sigmoid(x)),
});

export const logSigmoid: Unary = unary({
  name: "logSigmoid",
  doc: "-log(1 + e^-x)",
  scalar: (x) => -special.log1pExp(-x),
  grad: (ct, x) => mul(ct, sigmoid(neg(x))),
});

export const log1mExp: Unary = unary({
  name: "log1mExp",
  doc: "log(1 - e^x), x <= 0",
  scalar: special.log1mExp,
  grad: (ct, x) => neg(div(ct, expm1(neg(x)))), // -e^x / (1 - e^x) = -1 / (e^-x - 1)
});

/** In x: log y. In y: x / y, 0 where x = 0. */
export const xlogy: Binary = binary({
  name: "xlogy",
  doc: "x log y, 0 where x = 0",
  scalar: (x, y) => (x === 0 ? 0 : x * math.log(y)),
  grad: (ct, x, y) => [mul(ct, log(y)), select(equal(x, scalar(0)), scalar(0), mul(ct, div(x, y)))],
});

export const sinh: Unary = unary({
  name: "sinh",
  doc: "hyperbolic sine",
  scalar: math.sinh,
  grad: (ct, x) => mul(ct, cosh(x)),
});
export const cosh: Unary = unary({
  name: "cosh",
  doc: "hyperbolic cosine",
  scalar: math.cosh,
  grad: (ct, x) => mul(ct, sinh(x)),
});
export const tanh: Unary = unary({
  name: "tanh",
  doc: "hyperbolic tangent",
  scalar: math.tanh,
  grad: (ct, _, y) => mul(ct, sub(scalar(1), square(y))), // 1 - y²
});

const one = (): Node => scalar(1);

export const asinh: Unary = unary({
  name: "asinh",
  doc: "inverse of sinh",
  scalar: math.asinh,
  grad: (ct, x) => div(ct, sqrt(add(square(x), one()))), // 1 / √(x² + 1)
});
export const acosh: Unary = unary({
  name: "acosh",
  doc: "inverse of cosh, x >= 1",
  scalar: math.acosh,
  grad: (ct, x) => div(ct, sqrt(sub(square(x), one()))), // 1 / √(x² - 1)
});
export const atanh: Unary = unary({
  name: "atanh",
  doc: "inverse of tanh, |x| < 1",
  scalar: math.atanh,
  grad: (ct, x) => div(ct, sub(one(), square(x))), // 1 / (1 - x²)
});

export const exponentialOps = [
  exp,
  expWeight,
  log,
  expm1,
  log1p,
  pow,
  sigmoid,
  softplus,
  logSigmoid,
  log1mExp,
  xlogy,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
].map((b) => b.op);
