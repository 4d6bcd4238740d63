// Numbers of extended range (op/scaled.ts): their exponents are moved between numbers and bits by the constants that round to whole numbers.

import { EXP, LN2_HIGH, LN2_LOW } from "../../../../op/special/coefficients.ts";
import { FAR, LOWEST_EXPONENT } from "../../../../op/scaled.ts";
import type { Machine } from "../machine.ts";
import {
  abs,
  add,
  addInt,
  alone,
  and,
  eq,
  floor,
  ge,
  held,
  inLocal,
  lt,
  mul,
  neg,
  ofOne,
  ofTwo,
  or,
  pmax,
  pmin,
  polynomial,
  put,
  shiftLeft,
  shiftRight,
  square,
  sub,
  unless,
  type Emit,
  type EmitChecked,
  type Vector,
} from "./expression.ts";

/** `power`: largest of a factor, and the least of float32; `unit`: its last bit counts ones, so that its bits and those of a small whole number are together
 *  their sum; `bias`: of the bits of an exponent. */
const F64 = { p: EXP, ln2: [LN2_HIGH, LN2_LOW], power: 900, bits: 52, unit: 2 ** 52, bias: 1023 } as const;
const F32 = {
  p: [0.5, 0.16666577, 0.0416665547, 0.00836317307, 0.00139261761],
  ln2: [0.693359375, -2.1219444e-4],
  power: 96,
  bits: 23,
  unit: 2 ** 23,
  bias: 127,
} as const;
const BY_PRECISION = { f64: F64, f32: F32 } as const;

const nearest = (x: Vector): Vector => floor(add(mul(x, Math.LOG2E), 0.5));

export const expExponent: Emit = ofOne((_, x) => pmax(nearest(x), LOWEST_EXPONENT));

/** e^r = 1 + r + r² P(r). */
export const expMantissa: Emit = ofOne((m, x) => {
  const { ln2, p } = BY_PRECISION[m.lanes.name];
  const n = held(m, nearest(x));
  const r = held(m, pmax(pmin(sub(sub(x, mul(n, ln2[0])), mul(n, ln2[1])), 0.5), -0.5));
  return unless(add(add(mul(polynomial(m, r, p), square(m, r)), r), 1), eq(x, -Infinity));
});

/** What is near 1, or 0, is told first: code after it need not wait for x. */
function parted(m: Machine, x: Vector): { readonly usual: Vector; readonly exponent: () => Vector } {
  const { bits, unit, bias } = BY_PRECISION[m.lanes.name];
  const size = held(m, abs(x));
  const usual = held(m, or(and(ge(size, 2 ** -FAR), lt(size, 2 ** FAR)), eq(size, 0)));
  const exponent = (): Vector =>
    held(m, and(unless(pmin(sub(or(shiftRight(size, bits), unit), unit + bias), bias - 1), usual), lt(size, Infinity)));
  return { usual, exponent };
}

export const checkedFarExponent: EmitChecked = (m, [x]) => {
  const { usual, exponent } = parted(m, inLocal(x!));
  return { usual, value: (m) => put(m, 0), anew: exponent };
};
export const farExponent: Emit = alone(checkedFarExponent);

export const checkedNearOne: EmitChecked = (m, [id]) => {
  const x = inLocal(id!);
  const { usual, exponent } = parted(m, x);
  return { usual, value: x, anew: () => mul(x, ordinaryPower(m, neg(exponent()))) };
};
export const nearOne: Emit = alone(checkedNearOne);

/** 2^n of an n that has one; 0 for that below the least, whose bits are those of 0. */
function ordinaryPower({ lanes }: Machine, n: Vector): Vector {
  const { bits, unit } = BY_PRECISION[lanes.name];
  return addInt(1, shiftLeft(add(n, 1.5 * unit), bits));
}

/** 2^n, 0 where that is less than the least power. */
function powerOf2(m: Machine, n: Vector): Vector {
  const { power, bias } = BY_PRECISION[m.lanes.name];
  if (m.lanes.name === "f64") return ordinaryPower(m, pmin(pmax(n, -bias), power));
  return unless(ordinaryPower(m, pmin(n, power)), lt(n, -power));
}

export const timesPowerOf2: Emit = ofTwo((m, x, n) => mul(x, powerOf2(m, n)));
