// Hyperbolic functions and their inverses, to 3 ulp, by those forms in e^x - 1 and log(1 + x) that lose no digits at 0.

import { exp, expm1, log, log1p } from "./exponential.ts";

/** From here on e^-2x is below rounding next to 1. */
const LARGE = 22;
/** From here on 1 is below rounding next to x². */
const HUGE = 2 ** 28;

export function sinh(x: number): number {
  const size = Math.abs(x);
  if (size > LARGE) return Math.sign(x) * halfOfExp(size);
  if (x === 0) return x;
  const e = expm1(size);
  return 0.5 * Math.sign(x) * (e + e / (e + 1));
}

export function cosh(x: number): number {
  const size = Math.abs(x);
  if (size > LARGE) return halfOfExp(size);
  const e = exp(size);
  return 0.5 * (e + 1 / e);
}

/** e^x / 2 where e^x alone may be too large. */
function halfOfExp(x: number): number {
  const root = exp(0.5 * x);
  return 0.5 * root * root;
}

export function tanh(x: number): number {
  const size = Math.abs(x);
  if (size > LARGE) return Math.sign(x);
  if (x === 0) return x;
  const e = expm1(2 * size);
  return (Math.sign(x) * e) / (e + 2);
}

/** log(|x| + √(1 + x²)) with the sign of x. */
export function asinh(x: number): number {
  const size = Math.abs(x);
  if (size > HUGE) return Math.sign(x) * (log(size) + Math.LN2);
  if (x === 0) return x;
  const square = size * size;
  return Math.sign(x) * log1p(size + square / (1 + Math.sqrt(1 + square)));
}

/** log(x + √(x² - 1)), x >= 1. */
export function acosh(x: number): number {
  if (x < 1) return NaN;
  if (x > HUGE) return log(x) + Math.LN2;
  const t = x - 1;
  return log1p(t + Math.sqrt(t * (2 + t)));
}

/** log((1 + x) / (1 - x)) / 2, |x| <= 1. */
export function atanh(x: number): number {
  if (x === 0) return x;
  const size = Math.abs(x);
  return 0.5 * Math.sign(x) * log1p((2 * size) / (1 - size));
}
