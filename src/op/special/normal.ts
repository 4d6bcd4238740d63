// Error function and normal distribution in float64, all from one fit of erfcx(x) = e^(x^2) erfc(x), which never over-
// or underflows; e^(-x^2) is computed with the rounding error of x^2 put back, so tails keep full relative accuracy.

import { chebyshev, horner } from "./polynomial.ts";
import * as math from "./elementary.ts";
import { product } from "./elementary/pair.ts";

/** (1 + 2x) erfcx(x) = sum c_j T_j((x - 3.75) / (x + 3.75)) for x >= 0; relative error 6e-16. */
const ERFCX = [
  1.1775789345674017, -4.59005458064647761e-3, -8.42491333665179171e-2, 5.92099399981918934e-2, -2.66586684353057532e-2,
  9.07499767070526521e-3, -2.41316354041760809e-3, 4.90775836525808519e-4, -6.91697330250121779e-5,
  4.13902798607291956e-6, 7.74038306619791012e-7, -2.18864010492359609e-7, 1.07649994657002865e-8,
  4.52195981128765401e-9, -7.75440020785619283e-10, -6.3180883299828177e-11, 2.86879502112924557e-11,
  1.94558763029859188e-13, -9.65469634874189177e-13, 3.25254770744519743e-14, 3.34780714926923616e-14,
  -1.86464623388120347e-15, -1.25089952825057666e-15, 7.4074588158438365e-17, 5.05888169915057547e-17,
  -2.29883993063291315e-18,
];

/** 2/sqrt(pi) (-1)^n / (n! (2n + 1)): erf(x) = x * horner(ERF, x^2) for |x| < 0.5. */
export const ERF = [
  1.1283791670955126, -0.37612638903183752, 0.11283791670955126, -0.026866170645131252, 0.0052239776254421878,
  -8.548327023450852e-4, 1.2055332981789664e-4, -1.492565035840625e-5, 1.6462114365889246e-6, -1.6365844691234924e-7,
  1.4807192815879217e-8, -1.2290555301717927e-9, 9.4227590646504122e-11,
];

/** e^(x^2) erfc(x) for x >= 0. */
function erfcx(x: number): number {
  if (x === Infinity) return 0;
  return chebyshev(ERFCX, (x - 3.75) / (x + 3.75)) / (1 + 2 * x);
}

/** e^(-k x^2), k a power of two; the square to all its digits, as its rounding would be amplified. */
function gauss(x: number, k: number): number {
  if (Math.abs(x) > 1e3) return 0;
  const { high, low } = product(x, x);
  return math.exp(-k * high) * (1 - k * low);
}

/** 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 0.5) return x * horner(ERF, x * x);
  return Math.sign(x) * (1 - gauss(size, 1) * erfcx(size));
}

/** 1 - erf(x), to full relative accuracy in the upper tail. */
export function erfc(x: number): number {
  if (Math.abs(x) < 0.5) return 1 - x * horner(ERF, x * x);
  const tail = gauss(x, 1) * erfcx(Math.abs(x));
  return x > 0 ? tail : 2 - tail;
}

/** P(Z > |x|), Z standard normal. */
const upperTail = (x: number): number => 0.5 * gauss(x, 0.5) * erfcx(Math.abs(x) * Math.SQRT1_2);

/** P(Z <= x), Z standard normal. */
export function normalCdf(x: number): number {
  if (Math.abs(x) < 0.7) return 0.5 + 0.5 * erf(x * Math.SQRT1_2);
  return x < 0 ? upperTail(x) : 1 - upperTail(x);
}

/** log P(Z <= x): finite down to x about -1e154. */
export function logNormalCdf(x: number): number {
  if (x > 0) return math.log1p(-upperTail(x));
  return math.log(0.5 * erfcx(-x * Math.SQRT1_2)) - 0.5 * x * x;
}

export type Rational = { readonly p: readonly number[]; readonly q: readonly number[] };
const ratio = ({ p, q }: Rational, x: number): number => horner(p, x) / horner(q, x);

// Wichura 1988, algorithm AS 241 (PPND16): three rational functions of degree 7.
export const CENTRE: Rational = {
  p: [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
    67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  q: [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
    28729.085735721942674, 5226.495278852854561,
  ],
};
export const MIDDLE: Rational = {
  p: [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  q: [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
};
export const TAIL: Rational = {
  p: [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  q: [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
  ],
};

/** The x with P(Z <= x) = p; -inf at 0, inf at 1, NaN outside [0, 1]. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q);
  const tail = q < 0 ? p : 1 - p;
  if (tail === 0) return q < 0 ? -Infinity : Infinity;
  const r = Math.sqrt(-math.log(tail));
  const size = r <= 5 ? ratio(MIDDLE, r - 1.6) : ratio(TAIL, r - 5);
  return q < 0 ? -size : size;
}
