// exp and log by the reductions, polynomials and order of operations of the code on lanes (exec/wasm), and their neighbours at 0 and 1.

import { ABOVE_ROOT_HALF_WORD, EXP, LN2_HIGH, LN2_LOW, LOG } from "../coefficients.ts";

/** 1.5 · 2^52: adding it and taking it off again rounds to a whole number. */
const MAGIC = 1.5 * 2 ** 52;
const SMALLEST_NORMAL = 2 ** -1022;

/** Below it e^x is 0, above the other infinite. */
const LOWEST = -745.2;
const HIGHEST = 709.78;

/** 2^n at n + 1074, made by doubling. */
const POWERS = Float64Array.from({ length: 2098 });
for (let i = 0, power = Number.MIN_VALUE; i < POWERS.length; i++, power *= 2) POWERS[i] = power;

/** 2^n, -1074 <= n <= 1023. */
export const powerOfTwo = (n: number): number => POWERS[n + 1074]!;

const [E0, E1, E2, E3, E4, E5, E6, E7, E8, E9, E10] = EXP;
const [L0, L1, L2, L3, L4, L5, L6] = LOG;

/** `paired(EXP, r)`, written out: a loop takes twice the time. */
function expTail(r: number): number {
  const z = r * r;
  const even = ((((E10 * z + E8) * z + E6) * z + E4) * z + E2) * z + E0;
  const odd = (((E9 * z + E7) * z + E5) * z + E3) * z + E1;
  return even + odd * r;
}

/** `paired(LOG, x)`. */
function logTail(x: number): number {
  const z = x * x;
  const even = ((L6 * z + L4) * z + L2) * z + L0;
  const odd = (L5 * z + L3) * z + L1;
  return even + odd * x;
}

const multipleOf = (x: number): number => x * Math.LOG2E + MAGIC - MAGIC;
const remainder = (x: number, n: number): number => x - n * LN2_HIGH - n * LN2_LOW;

/** e^x to 0.9 ulp. (On lanes it is 0 where it is no normal number: those are slow.) */
export function exp(x: number): number {
  if (x < LOWEST) return 0;
  if (x > HIGHEST) return Infinity;
  if (x !== x) return NaN;
  const n = multipleOf(x);
  const r = remainder(x, n);
  const y = expTail(r) * (r * r) + r + 1;
  if (n < -1021) return y * powerOfTwo(n + 60) * powerOfTwo(-60); // rounded once where it is no normal number
  return n > 1023 ? y * 2 * powerOfTwo(1023) : y * powerOfTwo(n);
}

/** e^x - 1 = 2^n (e^r - 1) + (2^n - 1), to 2 ulp. */
export function expm1(x: number): number {
  if (x === 0 || x !== x) return x;
  if (x > 50) return exp(x);
  if (x < -50) return -1;
  const n = multipleOf(x);
  const r = remainder(x, n);
  const rest = expTail(r) * r * r + r;
  const power = powerOfTwo(n);
  return power * rest + (power - 1);
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/** The k with x 2^-k from √½ to √2 (of the latter its upper word), for normal x > 0. */
export function exponentOf(x: number): number {
  double[0] = x;
  return ((words[1]! + ABOVE_ROOT_HALF_WORD) >> 20) - 1023;
}

/** log m = 2 artanh(s) = 2 s + s R, s = f / (2 + f), f = m - 1; 2 s = f - s f keeps the digits of f. To 0.9 ulp. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  if (x < SMALLEST_NORMAL) return logOf(x * 2 ** 54, -54);
  return logOf(x, 0);
}

/** log(x 2^shift) of a normal x. */
function logOf(x: number, shift: number): number {
  const k = exponentOf(x);
  const f = x * powerOfTwo(-k) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const r = z * logTail(z);
  const half = f * f * 0.5;
  const n = k + shift;
  return n * LN2_HIGH + (f - (half - (s * (half + r) + n * LN2_LOW)));
}

/** log(1 + x) to 2 ulp: log u, u = 1 + x rounded, and what the rounding took. */
export function log1p(x: number): number {
  const u = 1 + x;
  if (!(u > 0) || u === Infinity) return log(u);
  if (x === 0) return x;
  return log(u) + (x - (u - 1)) / u;
}
