// log Gamma and its derivatives in float64. Large arguments by Stirling's series, small ones shifted up by
// Gamma(x + 1) = x Gamma(x), negative ones reflected (DLMF 5.5, 5.11, 5.15). x is taken as exact.

import { horner } from "./polynomial.ts";
import * as math from "./elementary.ts";

export const HALF_LOG_TWO_PI = 0.91893853320467274178;
const LOG_PI = 1.1447298858494001741;

/** From here on the series below, with 8 terms, are exact to rounding. */
const LARGE = 10;

/** Bernoulli numbers B_2n / (2n (2n - 1)), B_2n / (2n) and B_2n, n = 1, 2, …: series in 1/y^2. */
export const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];
export const DIGAMMA = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160];
export const TRIGAMMA = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

/** log Gamma(2 + z) = z horner(NEAR_TWO, z), |z| <= 1/2: 1 - Euler's constant, then (-1)^k (zeta(k) - 1) / k, k >= 2
 *  (DLMF 5.7.3). */
const NEAR_TWO = [
  0.42278433509846713939, 0.3224670334241132182, -0.06735230105319809513, 0.02058080842778454788,
  -0.007385551028673985266, 0.002890510330741523286, -0.001192753911703260977, 5.096695247430424223e-4,
  -2.231547584535793798e-4, 9.945751278180853371e-5, -4.49262367381331417e-5, 2.050721277567069155e-5,
  -9.439488275268395904e-6, 4.374866789907487804e-6, -2.039215753801366237e-6, 9.551412130407419833e-7,
  -4.492469198764566043e-7, 2.120718480555466587e-7, -1.004322482396809961e-7, 4.769810169363980566e-8,
  -2.271109460894316491e-8, 1.083865921489695409e-8, -5.183475041970046655e-9, 2.483674543802478317e-9,
  -1.192140140586091207e-9, 5.731367241678862013e-10, -2.759522885124233145e-10, 1.330476437424448948e-10,
];

/** pi times the distance of x from the nearest integer, signed: the reduced argument of reflection formulas. */
const reduced = (x: number): number => Math.PI * (x - Math.round(x));

/** log |Gamma(x)|; +inf at 0, -1, -2, … Relative accuracy also at its zeros 1 and 2. */
export function lgamma(x: number): number {
  if (x < 0) return LOG_PI - math.log(Math.abs(math.sin(reduced(x)))) - lgamma(1 - x);
  if (x < 0.5) return logGammaNearTwo(x) - math.log1p(x) - math.log(x);
  if (x < 1.5) return logGammaNearTwo(x - 1) - math.log1p(x - 1);
  if (x < 2.5) return logGammaNearTwo(x - 2);
  let y = x;
  let shifts = 1;
  for (; y < LARGE; y++) shifts *= y;
  const stirling = (y - 0.5) * (math.log(y) - 1) - 0.5 + HALF_LOG_TWO_PI + stirlingRest(y);
  return shifts === 1 ? stirling : stirling - math.log(shifts);
}

/** log Gamma(x) less its leading terms (x - 1/2) log x - x + log(2 pi)/2, x > 0: 1/(12 x) - … for large x. */
export function stirlingRest(x: number): number {
  if (x < LARGE) return lgamma(x) - ((x - 0.5) * math.log(x) - x + HALF_LOG_TWO_PI);
  return horner(STIRLING, 1 / (x * x)) / x;
}

/** log Gamma(1 + x), x > -1: relative accuracy at x near 0, where 1 + x has lost digits. */
export const lgamma1p = (x: number): number => (Math.abs(x) < 0.5 ? logGammaNearTwo(x) - math.log1p(x) : lgamma(1 + x));

const logGammaNearTwo = (z: number): number => z * horner(NEAR_TWO, z);

/** The derivative of log Gamma; NaN at 0, -1, -2, … */
export function digamma(x: number): number {
  if (x <= 0) return x === Math.floor(x) ? NaN : digamma(1 - x) - Math.PI / math.tan(reduced(x));
  let y = x;
  let shifts = 0;
  for (; y < LARGE; y++) shifts += 1 / y;
  const r = 1 / (y * y);
  return math.log(y) - 0.5 / y - r * horner(DIGAMMA, r) - shifts;
}

/** digamma(x + d) - digamma(x), x, d > 0, also where d is much the smaller. */
export function digammaRise(x: number, d: number): number {
  if (x < LARGE) return digamma(x + d) - digamma(x);
  const rest = (y: number): number => horner(DIGAMMA, 1 / (y * y)) / (y * y);
  return math.log1p(d / x) + (0.5 * d) / (x * (x + d)) - (rest(x + d) - rest(x));
}

/** The second derivative of log Gamma; +inf at 0, -1, -2, … */
export function trigamma(x: number): number {
  if (x <= 0) return (Math.PI / math.sin(reduced(x))) ** 2 - trigamma(1 - x);
  let y = x;
  let shifts = 0;
  for (; y < LARGE; y++) shifts += 1 / (y * y);
  const r = 1 / (y * y);
  return 1 / y + r / 2 + (r / y) * horner(TRIGAMMA, r) + shifts;
}

/** B_2k / (2k)!, k = 1, 2, …: the series of polygamma functions. */
const POLYGAMMA = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  1 / 47900160,
  -691 / 1307674368000,
  1 / 74724249600,
  -3617 / 10670622842880000,
];

/** The derivative of order n + 1 of log Gamma, n = 1, 2, …; NaN for other n and at 0, -1, -2, …
 *  (-1)^(n+1) times (n-1)!/y^n + n!/(2 y^(n+1)) + Σ B_2k (2k+n-1)!/((2k)! y^(2k+n)) + n! Σ 1/(x+i)^(n+1)
 *  (DLMF 5.15.8). */
export function polygamma(n: number, x: number): number {
  if (!(Number.isInteger(n) && n >= 1) || (x <= 0 && x === Math.floor(x))) return NaN;
  if (x === Infinity) return 0;
  let y = x;
  let shifts = 0;
  for (; y < LARGE + n; y++) shifts += math.pow(y, -(n + 1));
  let rising = 1; // (n-1)! by the end of the first loop, then (2k+n-1)!
  for (let i = 2; i < n; i++) rising *= i;
  const factorial = rising * n;
  let power = math.pow(y, -n);
  let series = power * rising + 0.5 * factorial * (power / y);
  for (const [i, c] of POLYGAMMA.entries()) {
    rising *= (2 * i + n) * (2 * i + n + 1);
    power /= y * y;
    series += c * rising * power;
  }
  return (n % 2 === 1 ? 1 : -1) * (series + factorial * shifts);
}
