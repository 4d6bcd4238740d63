// Sine, cosine, tangent and their inverses. An angle becomes a number of quarter turns and a remainder in two parts, |remainder| <= π/4.

import { COS, SIN } from "../coefficients.ts";
import { paired } from "../polynomial.ts";
import type { Pair } from "./pair.ts";

/** π/2 in three parts, the first two of 33 bits. */
const QUARTER = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const;
/** Up to so many quarter turns their products with the first two parts are exact. */
const MOST_TURNS = 2 ** 16;
/** What float64 leaves of π/2. */
const QUARTER_LOW = 6.123233995736766e-17;

type Reduced = { readonly turns: number; readonly rest: Pair };

function reduced(x: number): Reduced {
  const n = Math.round(x / (Math.PI / 2));
  if (!(Math.abs(n) < MOST_TURNS)) return reducedExactly(x);
  const near = x - n * QUARTER[0];
  const second = n * QUARTER[1];
  const high = near - second;
  const last = n * QUARTER[2] - (near - high - second);
  const rest = high - last;
  return { turns: n & 3, rest: { high: rest, low: high - rest - last } };
}

/** 2/π times 2^1216. */
const INVERSE_QUARTER = BigInt(
  "0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73e" +
    "e88235f52ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f" +
    "463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6bab",
);
const INVERSE_BITS = 1216;
/** π/2 times 2^192. */
const FIXED_QUARTER = BigInt("0x1921fb54442d18469898cc51701b839a252049c1114cf98e8");
const FIXED_BITS = 192n;

/** For large x, in whole numbers (Payne and Hanek 1983): x 2/π modulo 4 to 192 bits after the point. */
function reducedExactly(x: number): Reduced {
  if (!Number.isFinite(x)) return { turns: 0, rest: { high: NaN, low: 0 } };
  let [whole, exponent] = [Math.abs(x), 0];
  for (; whole >= 2 ** 53; whole /= 2) exponent++;
  for (; whole !== Math.floor(whole); whole *= 2) exponent--;
  const fixed = (BigInt(whole) * INVERSE_QUARTER) >> BigInt(INVERSE_BITS - exponent - Number(FIXED_BITS));
  const turns = (fixed + (1n << (FIXED_BITS - 1n))) >> FIXED_BITS;
  const angle = ((fixed - (turns << FIXED_BITS)) * FIXED_QUARTER) >> FIXED_BITS;
  const high = Number(angle);
  const low = Number(angle - BigInt(high));
  const sign = Math.sign(x);
  const unit = sign * 2 ** -Number(FIXED_BITS);
  return { turns: (sign * Number(turns & 3n)) & 3, rest: { high: high * unit, low: low * unit } };
}

/** sin(r) = r + r³ S(r²), and the change by the low part, low cos r. */
export function sineWithin({ high: r, low }: Pair): number {
  const z = r * r;
  return r + (r * (z * paired(SIN, z)) + low * (1 - 0.5 * z));
}

/** cos(r) = 1 - r²/2 + r⁴ C(r²) - low r, with what the rounding of 1 - r²/2 takes. */
export function cosineWithin({ high: r, low }: Pair): number {
  const z = r * r;
  const half = 0.5 * z;
  const main = 1 - half;
  return main + (1 - main - half + (z * z * paired(COS, z) - low * r));
}

/** To 0.9 ulp, for every x. */
export function sin(x: number): number {
  if (x === 0) return x;
  const { turns, rest } = reduced(x);
  const value = turns % 2 === 0 ? sineWithin(rest) : cosineWithin(rest);
  return turns < 2 ? value : -value;
}

/** To 0.9 ulp, for every x. */
export function cos(x: number): number {
  const { turns, rest } = reduced(x);
  const value = turns % 2 === 0 ? cosineWithin(rest) : sineWithin(rest);
  return turns === 0 || turns === 3 ? value : -value;
}

/** To 2 ulp, for every x. */
export function tan(x: number): number {
  if (x === 0) return x;
  const { turns, rest } = reduced(x);
  return turns % 2 === 0 ? sineWithin(rest) / cosineWithin(rest) : -cosineWithin(rest) / sineWithin(rest);
}

// ---------------------------------------------------------------------------------------- inverses

const TAN_EIGHTH = 0.41421356237309503; // tan(π/8)

/** atan t = t + t (t² (c0 + c1 t² + …)) for |t| <= tan(π/8). */
export const ATAN = [
  -0.3333333333333333, 0.19999999999999804, -0.1428571428565962, 0.11111111105135144, -0.0909090875249078,
  0.07692296345833015, -0.06666424361404927, 0.05878922970309668, -0.052304098866177415, 0.045513908032899016,
  -0.03456535729190067, 0.01627999005782057,
];
const beyondLinear = (z: number): number => z * paired(ATAN, z);

/** atan(y / x), 0 <= y <= x. Above tan(π/8) it is π/4 + atan((y - x) / (y + x)). */
function firstEighth(y: number, x: number): number {
  const ratio = y / x;
  if (ratio <= TAN_EIGHTH) return ratio + ratio * beyondLinear(ratio * ratio);
  const t = (ratio - 1) / (ratio + 1);
  return Math.PI / 4 + (t + (t * beyondLinear(t * t) + QUARTER_LOW / 2));
}

/** To 2 ulp. */
export function atan(x: number): number {
  if (x === 0) return x;
  const size = Math.abs(x);
  return Math.sign(x) * (size <= 1 ? firstEighth(size, 1) : beforeQuarter(firstEighth(1, size)));
}

const beforeQuarter = (angle: number): number => Math.PI / 2 - (angle - QUARTER_LOW);

/** The angle of the point (x, y), as `Math.atan2`; to 2 ulp. */
export function atan2(y: number, x: number): number {
  if (x !== x || y !== y) return NaN;
  const isLeft = x < 0 || Object.is(x, -0);
  const isBelow = y < 0 || Object.is(y, -0);
  const angle = rightHalf(Math.abs(y), Math.abs(x));
  const size = isLeft ? Math.PI - (angle - 2 * QUARTER_LOW) : angle;
  return isBelow ? -size : size;
}

/** Of 0 <= x, y. */
function rightHalf(y: number, x: number): number {
  if (y === 0) return 0;
  if (x === y) return Math.PI / 4;
  return y <= x ? firstEighth(y, x) : beforeQuarter(firstEighth(x, y));
}

export const asin = (x: number): number => (x === 0 ? x : atan2(x, Math.sqrt((1 - x) * (1 + x))));

/** 2 atan(√((1 - x) / (1 + x))). */
export const acos = (x: number): number => 2 * atan2(Math.sqrt(1 - x), Math.sqrt(1 + x));
