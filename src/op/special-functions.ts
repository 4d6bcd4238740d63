// Special functions: the families of Gamma, of the normal distribution and of Bessel. Their numerics stand in
// src/op/special.

import { add, div, mul, neg, square, sub } from "./arithmetic.ts";
import { binary, unary, type Binary, type Unary } from "./build.ts";
import { exp } from "./exponential.ts";
import { scalar } from "./leaf.ts";
import * as special from "./special/index.ts";
import type { Node } from "../ir/node.ts";
import * as math from "./special/elementary.ts";

export const lgamma: Unary = unary({
  name: "lgamma",
  doc: "log |Γ(x)|",
  scalar: special.lgamma,
  grad: (ct, x) => mul(ct, digamma(x)),
});
export const digamma: Unary = unary({
  name: "digamma",
  doc: "derivative of log Γ",
  scalar: special.digamma,
  grad: (ct, x) => mul(ct, trigamma(x)),
});
export const trigamma: Unary = unary({
  name: "trigamma",
  doc: "second derivative of log Γ",
  scalar: special.trigamma,
  grad: (ct, x) => mul(ct, polygamma(scalar(2), x)),
});
export const polygamma: Binary = binary({
  name: "polygamma",
  doc: "derivative of order n + 1 of log Γ at x, n = 1, 2, …",
  scalar: special.polygamma,
  grad: (ct, n, x) => [null, mul(ct, polygamma(add(n, scalar(1)), x))],
});

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
const HALF_LOG_TWO_PI = 0.5 * math.log(2 * Math.PI);

/** (2/√π) e^(-x²) */
const bell = (x: Node): Node => mul(scalar(TWO_OVER_ROOT_PI), exp(neg(square(x))));
/** -x²/2 - log(2π)/2 */
const logNormalDensity = (x: Node): Node => sub(mul(scalar(-0.5), square(x)), scalar(HALF_LOG_TWO_PI));

export const erf: Unary = unary({
  name: "erf",
  doc: "error function",
  scalar: special.erf,
  grad: (ct, x) => mul(ct, bell(x)),
});
export const erfc: Unary = unary({
  name: "erfc",
  doc: "1 - erf x",
  scalar: special.erfc,
  grad: (ct, x) => neg(mul(ct, bell(x))),
});
export const normalCdf: Unary = unary({
  name: "normalCdf",
  doc: "Φ(x)",
  scalar: special.normalCdf,
  grad: (ct, x) => mul(ct, exp(logNormalDensity(x))), // φ(x)
});
export const logNormalCdf: Unary = unary({
  name: "logNormalCdf",
  doc: "log Φ(x)",
  scalar: special.logNormalCdf,
  grad: (ct, x, y) => mul(ct, exp(sub(logNormalDensity(x), y))), // φ(x) / Φ(x)
});
export const normalQuantile: Unary = unary({
  name: "normalQuantile",
  doc: "inverse of Φ",
  scalar: special.normalQuantile,
  grad: (ct, _, y) => div(ct, exp(logNormalDensity(y))), // 1 / φ(y)
});

/** I_n' = (I_{n-1} + I_{n+1}) / 2, with I_-1 = I_1. */
export const besselI: Binary = binary({
  name: "besselI",
  doc: "modified Bessel function of the first kind of whole order n at x",
  scalar: special.besselI,
  grad: (ct, n, x) => {
    const neighbours = add(besselI(sub(n, scalar(1)), x), besselI(add(n, scalar(1)), x));
    return [null, mul(ct, mul(scalar(0.5), neighbours))];
  },
});
export const logBesselI0e: Unary = unary({
  name: "logBesselI0e",
  doc: "log I_0(x) - x, x >= 0",
  scalar: special.logBesselI0e,
  grad: (ct, x) => neg(mul(ct, besselGap(x))),
});
/** With A = I_1 / I_0, A' = 1 - A/x - A², and 1/2 at 0. */
export const besselGap: Unary = unary({
  name: "besselGap",
  doc: "1 - I_1(x) / I_0(x), x >= 0",
  scalar: special.besselGap,
  grad: (ct, x, gap) => {
    const ratio = sub(scalar(1), gap);
    return mul(ct, sub(div(ratio, x), mul(gap, add(scalar(1), ratio))));
  },
});

export const specialOps = [
  lgamma,
  digamma,
  trigamma,
  polygamma,
  erf,
  erfc,
  normalCdf,
  logNormalCdf,
  normalQuantile,
  besselI,
  logBesselI0e,
  besselGap,
].map((b) => b.op);
