// exp, log and what is made of them as code on two lanes. Reduction and coefficients are near-minimax fits; no power above x², since high powers of small
// numbers are denormal, and those are slow.

import { bits, get, kept, number, OP, push, simd, type Machine } from "./machine.ts";

/** Leaves the result on the stack. */
export type Emit = (m: Machine, args: readonly number[]) => void;

/** c0 + c1 x + … by even and odd powers, E(x²) + x O(x²). */
function polynomial(m: Machine, x: number, coefficients: readonly number[]): void {
  get(m, x);
  get(m, x);
  simd(m, m.lanes.op.mul);
  const square = kept(m);
  const horner = (own: readonly number[]): void => {
    number(m, own.at(-1)!);
    for (const c of own.slice(0, -1).reverse()) {
      get(m, square);
      simd(m, m.lanes.op.mul);
      number(m, c);
      simd(m, m.lanes.op.add);
    }
  };
  horner(coefficients.filter((_, i) => i % 2 === 0));
  horner(coefficients.filter((_, i) => i % 2 === 1));
  get(m, x);
  simd(m, m.lanes.op.mul);
  simd(m, m.lanes.op.add);
}

const EXP = [
  0.5, 0.16666666666666671, 0.041666666666666671, 0.0083333333333261411, 0.0013888888888883752, 1.9841269874800493e-4,
  2.4801587325533363e-5, 2.7557255425746435e-6, 2.7557273661348637e-7, 2.5105206373957011e-8, 2.0914679376583935e-9,
];
const LOG = [
  0.66666666666666696, 0.39999999999899449, 0.28571428626001427, 0.22222211130560726, 0.18182889433757515,
  0.15331711346672997, 0.14616576421644387,
];
const LN2_HIGH = 0.69314718036912381649;
const LN2_LOW = 1.90821492927058770002e-10;
/** 1.5 · 2^52: adding it rounds to a whole number and leaves that in the low bits. */
const MAGIC = 1.5 * 2 ** 52;

export const exponential: Emit = (m, [x]) => {
  get(m, x!);
  number(m, 709);
  simd(m, m.lanes.op.pmin);
  number(m, -708.3);
  simd(m, m.lanes.op.pmax);
  const inside = kept(m);
  get(m, inside);
  number(m, Math.LOG2E);
  simd(m, m.lanes.op.mul);
  number(m, MAGIC);
  simd(m, m.lanes.op.add);
  const shifted = kept(m);
  get(m, shifted);
  number(m, MAGIC);
  simd(m, m.lanes.op.sub);
  const whole = kept(m);
  get(m, inside);
  for (const part of [LN2_HIGH, LN2_LOW]) {
    get(m, whole);
    number(m, part);
    simd(m, m.lanes.op.mul);
    simd(m, m.lanes.op.sub);
  }
  const r = kept(m);
  polynomial(m, r, EXP);
  get(m, r);
  simd(m, m.lanes.op.mul);
  get(m, r);
  simd(m, m.lanes.op.mul);
  get(m, r);
  simd(m, m.lanes.op.add);
  number(m, 1);
  simd(m, m.lanes.op.add);
  get(m, shifted);
  push52(m, m.lanes.op.shiftLeft);
  simd(m, m.lanes.op.addInt);
  const scaled = kept(m);
  // 0 below the smallest normal number, so that no denormal arises; inf above the largest.
  get(m, scaled);
  get(m, x!);
  number(m, -708.3);
  simd(m, m.lanes.op.lt);
  simd(m, OP.andnot);
  number(m, Infinity);
  get(m, x!);
  number(m, 709.78);
  simd(m, m.lanes.op.gt);
  const large = kept(m);
  const [limit, small] = [kept(m), kept(m)];
  get(m, limit);
  get(m, small);
  get(m, large);
  simd(m, OP.bitselect);
};

function push52(m: Machine, op: number): void {
  push(m, [0x41, 52]);
  simd(m, op);
}

const SQRT_HALF = [0x3fe6a09e, 0x667f3bcd] as const;
/** 1 less sqrt(1/2), as bits. */
const ABOVE_SQRT_HALF = [0x00095f61, 0x9980c433] as const;

export const logarithm: Emit = (m, [x]) => {
  // Below the smallest normal number: times 2^54.
  get(m, x!);
  number(m, 2 ** 54);
  simd(m, m.lanes.op.mul);
  get(m, x!);
  get(m, x!);
  number(m, 2.2250738585072014e-308);
  simd(m, m.lanes.op.lt);
  const tiny = kept(m);
  get(m, tiny);
  simd(m, OP.bitselect);
  bits(m, ABOVE_SQRT_HALF[0], ABOVE_SQRT_HALF[1]);
  simd(m, m.lanes.op.addInt);
  const raised = kept(m);
  get(m, raised);
  push52(m, m.lanes.op.shiftRight);
  bits(m, 0x43300000, 0);
  simd(m, OP.or);
  number(m, 2 ** 52 + 1023);
  simd(m, m.lanes.op.sub);
  number(m, 54);
  get(m, tiny);
  simd(m, OP.and);
  simd(m, m.lanes.op.sub);
  const exponent = kept(m);
  get(m, raised);
  bits(m, 0x000fffff, 0xffffffff);
  simd(m, OP.and);
  bits(m, SQRT_HALF[0], SQRT_HALF[1]);
  simd(m, m.lanes.op.addInt);
  number(m, 1);
  simd(m, m.lanes.op.sub);
  const f = kept(m);
  get(m, f);
  number(m, 2);
  get(m, f);
  simd(m, m.lanes.op.add);
  simd(m, m.lanes.op.div);
  const s = kept(m);
  get(m, s);
  get(m, s);
  simd(m, m.lanes.op.mul);
  const z = kept(m);
  polynomial(m, z, LOG);
  get(m, z);
  simd(m, m.lanes.op.mul);
  const r = kept(m);
  get(m, f);
  get(m, f);
  simd(m, m.lanes.op.mul);
  number(m, 0.5);
  simd(m, m.lanes.op.mul);
  const half = kept(m);
  // e hi + (f - (f²/2 - (s (f²/2 + R) + e lo)))
  get(m, exponent);
  number(m, LN2_HIGH);
  simd(m, m.lanes.op.mul);
  get(m, f);
  get(m, half);
  get(m, s);
  get(m, half);
  get(m, r);
  simd(m, m.lanes.op.add);
  simd(m, m.lanes.op.mul);
  get(m, exponent);
  number(m, LN2_LOW);
  simd(m, m.lanes.op.mul);
  simd(m, m.lanes.op.add);
  simd(m, m.lanes.op.sub);
  simd(m, m.lanes.op.sub);
  simd(m, m.lanes.op.add);
  const value = kept(m);
  // 0 and below, inf and NaN
  get(m, value);
  edge(m, x!);
  get(m, x!);
  number(m, 0);
  simd(m, m.lanes.op.gt);
  get(m, x!);
  number(m, Infinity);
  simd(m, m.lanes.op.lt);
  simd(m, OP.and);
  simd(m, OP.bitselect);
};

/** log x where x is no positive number: -inf at 0, x itself at inf and NaN, NaN below 0. */
function edge(m: Machine, x: number): void {
  number(m, -Infinity);
  get(m, x);
  number(m, NaN);
  get(m, x);
  number(m, 0);
  simd(m, m.lanes.op.gt);
  simd(m, OP.bitselect);
  get(m, x);
  number(m, 0);
  simd(m, m.lanes.op.eq);
  simd(m, OP.bitselect);
}

/** e^-|x|. */
function shrinking(m: Machine, x: number): number {
  get(m, x);
  simd(m, m.lanes.op.abs);
  simd(m, m.lanes.op.neg);
  const down = kept(m);
  exponential(m, [down]);
  return kept(m);
}

export const sigmoid: Emit = (m, [x]) => {
  const u = shrinking(m, x!);
  get(m, u);
  number(m, 1);
  get(m, x!);
  number(m, 0);
  simd(m, m.lanes.op.lt);
  simd(m, OP.bitselect);
  number(m, 1);
  get(m, u);
  simd(m, m.lanes.op.add);
  simd(m, m.lanes.op.div);
};

/** max(x, 0) + log y + (u - (y - 1)) / y, y = 1 + u, u = e^-|x|. */
export const softplus: Emit = (m, [x]) => {
  const u = shrinking(m, x!);
  number(m, 1);
  get(m, u);
  simd(m, m.lanes.op.add);
  const y = kept(m);
  get(m, x!);
  number(m, 0);
  simd(m, m.lanes.op.max);
  logarithm(m, [y]);
  simd(m, m.lanes.op.add);
  get(m, u);
  get(m, y);
  number(m, 1);
  simd(m, m.lanes.op.sub);
  simd(m, m.lanes.op.sub);
  get(m, y);
  simd(m, m.lanes.op.div);
  simd(m, m.lanes.op.add);
};
