// Formulas made of rows, written once for the tables above this one: functions and distributions.

import { abs, add, div, mul, neg, square, sub } from "./arithmetic.ts";
import type { Node } from "../ir/node.ts";
import { log, log1p, softplus } from "./exponential.ts";
import { expand, lse } from "./fold.ts";
import { scalar } from "./leaf.ts";
import { lessEqual, maximum, select } from "./logic.ts";
import { lgamma, logBesselI0e } from "./special-functions.ts";
import { sin } from "./trigonometry.ts";
import * as math from "./special/elementary.ts";

/** x - log Σ e^x over an event dim, by default the last. */
export function logSoftmax(x: Node, dim = x.shape.length - 1): Node {
  const others = x.shape.map((_, d) => d).filter((d) => d !== dim);
  return sub(x, expand(lse(x, [dim]), x.shape, others));
}

/** log(e^a + e^b) of numbers that are not both the same infinity. */
export const logAddExp = (a: Node, b: Node): Node => add(maximum(a, b), softplus(neg(abs(sub(a, b)))));

/** log B(a, b) = log Γ(a) + log Γ(b) - log Γ(a + b), a, b > 0, without the cancellation of large logarithms: at a = 1e9
 *  the plain form has lost all but 6 digits. (DiDonato, Morris 1992, ACM TOMS 18, section 9.) */
export function logBeta(a: Node, b: Node): Node {
  const ordered = lessEqual(a, b);
  const small = select(ordered, a, b);
  const large = select(ordered, b, a);
  return sub(lgamma(small), logRising(large, small));
}

/** log of the binomial coefficient: -log((n + 1) B(k + 1, n - k + 1)). */
export function logChoose(n: Node, k: Node): Node {
  const one = scalar(1);
  return neg(add(log(add(n, one)), logBeta(add(k, one), add(sub(n, k), one))));
}

/** log density of Student's t: -log B(1/2, df/2) - log(df)/2 - (df + 1)/2 log(1 + t²/df). */
export function logStudentDensity(df: Node, t: Node): Node {
  const half = (x: Node): Node => mul(scalar(0.5), x);
  const normaliser = add(logBeta(scalar(0.5), half(df)), half(log(df)));
  return neg(add(normaliser, mul(half(add(df, scalar(1))), log1p(div(square(t), df)))));
}

/** log density of the von Mises distribution around 0, k (cos θ - 1) - log(2π I_0(k) e^-k), with cos θ - 1 = -2
 *  sin²(θ/2). */
export function logVonMisesDensity(k: Node, theta: Node): Node {
  const apart = mul(scalar(-2), square(sin(mul(scalar(0.5), theta))));
  return sub(sub(mul(k, apart), logBesselI0e(k)), scalar(math.log(2 * Math.PI)));
}

/** From here on Stirling's series with four terms is exact to 2e-15. */
const LARGE = 20;

/** log Γ(z + x) - log Γ(z): plainly for small z, else by Stirling's series with its large terms cancelled by hand,
 *  (z - 1/2) log(1 + x/z) + x (log(z + x) - 1) + r(z + x) - r(z). */
function logRising(z: Node, x: Node): Node {
  const large = maximum(z, scalar(LARGE)); // keeps the branch that is not taken finite
  const shifted = add(large, x);
  const stirling = add(
    add(mul(sub(large, scalar(0.5)), log1p(div(x, large))), mul(x, sub(log(shifted), scalar(1)))),
    sub(stirlingRest(shifted), stirlingRest(large)),
  );
  return select(lessEqual(scalar(LARGE), z), stirling, sub(lgamma(add(z, x)), lgamma(z)));
}

/** r(z) = 1/(12 z) - 1/(360 z^3) + 1/(1260 z^5) - 1/(1680 z^7) + … (DLMF 5.11.1). */
function stirlingRest(z: Node): Node {
  const r = div(scalar(1), square(z));
  const series = [-1 / 1680, 1 / 1260, -1 / 360, 1 / 12].map(scalar).reduce((sum, c) => add(mul(sum, r), c));
  return div(series, z);
}
