// Special functions: the family of Gamma and that of the normal distribution. Their numerics stand in src/op/special.

import { ice } from "../base/ice.ts";
import { div, mul, neg, square, sub } from "./arithmetic.ts";
import { unary, type Unary } from "./build.ts";
import { exp } from "./exponential.ts";
import { scalar } from "./leaf.ts";
import * as special from "./special/index.ts";
import type { Node } from "../ir/node.ts";

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
  grad: () => ice("the third derivative of log Γ is not in the op table"),
});

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

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

export const specialOps = [lgamma, digamma, trigamma, erf, erfc, normalCdf, logNormalCdf, normalQuantile].map(
  (b) => b.op,
);
