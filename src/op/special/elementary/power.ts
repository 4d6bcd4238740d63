// a^b: small whole powers by multiplication, others as e^(b log a), with pairs of numbers where digits would be lost.
// To 1.5 ulp.

import { LN2_HIGH, LN2_LOW } from "../coefficients.ts";
import { exp, exponentOf, powerOfTwo } from "./exponential.ts";
import { product, sum, times, type Pair } from "./pair.ts";

/** As `Math.pow`: 1 where b = 0, NaN where |a| = 1 and b is infinite. */
export function pow(a: number, b: number): number {
  if (b === 0) return 1;
  if (a !== a || b !== b) return NaN;
  const size = Math.abs(a);
  if (!Number.isFinite(b)) return size === 1 ? NaN : size > 1 === b > 0 ? Infinity : 0;
  const isNegative = a < 0 || Object.is(a, -0);
  const sign = isNegative && Math.abs(b % 2) === 1 ? -1 : 1;
  if (size === 0 || size === Infinity) return sign * ((size === 0) === b < 0 ? Infinity : 0);
  if (isNegative && !Number.isInteger(b)) return NaN;
  return sign * (b === 0.5 ? Math.sqrt(size) : positive(size, b));
}

/** Whole powers up to this one are products. */
const MOST_FACTORS = 64;
/** Products stay between these, where pairs are exact. */
const RANGE = { low: 2 ** -900, high: 2 ** 900 };

function positive(a: number, b: number): number {
  if (a === 1 || b === 1) return a;
  if (b === -1) return 1 / a;
  if (Number.isInteger(b) && Math.abs(b) <= MOST_FACTORS) {
    const power = repeated(a, Math.abs(b));
    if (power.high > RANGE.low && power.high < RANGE.high) return b > 0 ? power.high + power.low : inverse(power);
  }
  const whole = logarithm(a);
  if (!(Math.abs(whole.high * b) < 750)) return whole.high > 0 === b > 0 ? Infinity : 0;
  const { high, low } = product(whole.high, b);
  const value = exp(high);
  return value === Infinity ? value : value + value * (low + whole.low * b);
}

/** a^n by squaring. */
function repeated(a: number, n: number): Pair {
  let result: Pair = { high: 1, low: 0 };
  let square: Pair = { high: a, low: 0 };
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = times(result, square);
    if (rest > 1) square = times(square, square);
  }
  return result;
}

/** 1 / x by one step of Newton's. */
function inverse({ high, low }: Pair): number {
  const first = 1 / high;
  const { high: back, low: lost } = product(first, high);
  return first + first * (1 - back - lost - first * low);
}

const TWO_THIRDS: Pair = { high: 2 / 3, low: 3.700743415417188e-17 };
/** 2/5, 2/7, … 2/27: what is left of 2 artanh(s) is below 2^-68. */
const SERIES = Array.from({ length: 12 }, (_, i) => 2 / (2 * i + 5)).reverse();

/** log a to about 2^-66: k log 2 + 2 s + 2/3 s³ + 2/5 s⁵ + …, s = f / (2 + f), a = 2^k (1 + f). */
function logarithm(a: number): Pair {
  const [x, shift] = a < 2 ** -1022 ? [a * 2 ** 54, -54] : [a, 0];
  const exponent = exponentOf(x);
  const k = exponent + shift;
  const f = x * powerOfTwo(-exponent) - 1;
  const s = quotient(f);
  const square = times(s, s);
  const cube = times(times(s, square), TWO_THIRDS);
  const rest = s.high * square.high * square.high * SERIES.reduce((value, c) => value * square.high + c, 0);
  const first = sum(k * LN2_HIGH, 2 * s.high);
  const second = sum(first.high, cube.high);
  return sum(second.high, second.low + first.low + (2 * s.low + cube.low + rest + k * LN2_LOW));
}

/** f / (2 + f). */
function quotient(f: number): Pair {
  const bottom = sum(2, f);
  const first = f / bottom.high;
  const { high, low } = product(first, bottom.high);
  return sum(first, (f - high - low - first * bottom.low) / bottom.high);
}
