// Modified Bessel functions of the first kind in float64, without overflow. Moderate arguments by a backward loop over
// the ratios r_n = I_n / I_{n-1} = 1 / (2n/x + r_{n+1}), whose terms are all positive; large ones by series in 1/x
// (DLMF 10.33.1, 10.40.1).

import { horner } from "./polynomial.ts";
import * as math from "./elementary.ts";

/** From here on the series in 1/x are exact to rounding. */
const LARGE = 25;
const TERMS = 20;

/** I_0(x) √(2πx) e^-x = Σ a_j x^-j: a_j = a_{j-1} (2j - 1)² / (8j). */
const ORDER_ZERO = Array.from({ length: TERMS }).reduce<readonly number[]>(
  (a, _, j) => [...a, (a[j]! * (2 * j + 1) ** 2) / (8 * (j + 1))],
  [1],
);

/** 1 - I_1(x)/I_0(x) = Σ c_n x^-n, from A' = 1 - A/x - A²: c_n = ((n - 2) c_{n-1} + Σ_i c_i c_{n-i}) / 2, c_1 = 1/2. */
const GAP = Array.from({ length: TERMS }).reduce<readonly number[]>(
  (c, _, i) => {
    const n = i + 2;
    const square = c.slice(1).reduce((sum, v, k) => sum + v * c[n - 1 - k]!, 0);
    return [...c, ((n - 2) * c[n - 1]! + square) / 2];
  },
  [0, 0.5],
);

/** Steps of the backward loop after which I_n / I_0 is below rounding: it falls like e^(-n²/2x). */
const stepsFor = (x: number): number => 24 + Math.ceil(9 * Math.sqrt(x));

/** I_1 / I_0 and log(e^-x I_0(x)), x >= 0: e^x = I_0 + 2 Σ I_n. */
function ratioAndZero(x: number): { readonly ratio: number; readonly logZero: number } {
  if (x === 0) return { ratio: 0, logZero: 0 };
  let [ratio, sum] = [0, 0];
  for (let n = stepsFor(x); n >= 1; n--) {
    ratio = 1 / ((2 * n) / x + ratio);
    sum = ratio * (1 + sum);
  }
  return { ratio, logZero: -math.log1p(2 * sum) };
}

/** log I_0(x) - |x|. */
export function logBesselI0e(x: number): number {
  const size = Math.abs(x);
  if (!(size >= LARGE)) return ratioAndZero(size).logZero;
  return math.log(horner(ORDER_ZERO, 1 / size)) - 0.5 * math.log(2 * Math.PI * size);
}

/** 1 - I_1(x) / I_0(x), x >= 0: how far the mean length of a von Mises direction is from 1. */
export function besselGap(x: number): number {
  if (x < 0) return NaN;
  return x >= LARGE ? horner(GAP, 1 / x) : 1 - ratioAndZero(x).ratio;
}

/** I_order(x), order a whole number (I_-n = I_n); NaN for others. */
export function besselI(order: number, x: number): number {
  if (!Number.isInteger(order)) return NaN;
  const [n, size] = [Math.abs(order), Math.abs(x)];
  const sign = x < 0 && n % 2 === 1 ? -1 : 1;
  if (n === 0) return math.exp(size + logBesselI0e(size));
  if (!(size > 0 && size < Infinity)) return size === 0 ? 0 : sign * size;
  let ratio = 0;
  let logProduct = 0;
  for (let k = n + stepsFor(size); k >= 1; k--) {
    ratio = 1 / ((2 * k) / size + ratio);
    if (k <= n) logProduct += math.log(ratio);
  }
  return sign * math.exp(size + logBesselI0e(size) + logProduct);
}
