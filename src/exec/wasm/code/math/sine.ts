// Sine and cosine, and what is made of them.

import { COS, SIN } from "../../../../op/special/coefficients.ts";
import type { Machine } from "../machine.ts";
import {
  abs,
  add,
  addInt,
  and,
  div,
  gt,
  held,
  lt,
  mul,
  neg,
  not,
  ofOne,
  ofTwo,
  polynomial,
  shuffled,
  signMask,
  square,
  shiftLeft,
  sub,
  where,
  whole,
  withSign,
  xor,
  type Emit,
  type Vector,
} from "./expression.ts";
import { asFloat64, demoted, promoted } from "./widened.ts";

const SINE = { f64: SIN, f32: [-0.16666655242443085, 0.00833216030150652, -0.00019515282474458218] } as const;
const COSINE = { f64: COS, f32: [0.04166664555668831, -0.0013887316454201937, 2.44331567955669e-5] } as const;

/** sin r, |r| <= π/4. */
export function sineWithin(m: Machine, r: Vector): Vector {
  const z = square(m, r);
  return held(m, add(r, mul(r, mul(z, polynomial(m, z, SINE[m.lanes.name])))));
}

/** cos r, |r| <= π/4, with what the rounding of 1 - r²/2 takes. */
export function cosineWithin(m: Machine, r: Vector): Vector {
  const z = square(m, r);
  const half = held(m, mul(z, 0.5));
  const main = held(m, sub(1, half));
  const rest = mul(mul(z, z), polynomial(m, z, COSINE[m.lanes.name]));
  return held(m, add(main, add(sub(sub(1, main), half), rest)));
}

/** π/2 in three parts: the products of the first two with whole numbers below 2^20 are exact. */
const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const;
/** Larger angles have lost more digits than three parts give back. */
const LIMIT = 1e5;
/** 1.5 · 2^52: adding it rounds to a whole number and leaves that in the low bits. */
const MAGIC = 1.5 * 2 ** 52;

type Quadrant = {
  /** The angle from the middle of its quadrant, |r| <= π/4. */
  readonly r: Vector;
  /** The number of the quadrant, in the low bits. */
  readonly number: Vector;
};

function quadrantIn64(m: Machine, x: Vector): Quadrant {
  const number = held(m, add(mul(x, 2 / Math.PI), MAGIC));
  const n = held(m, sub(number, MAGIC));
  const r = HALF_PI.reduce<Vector>((rest, part) => sub(rest, mul(n, part)), x);
  return { r: held(m, r), number };
}

/** In float64 also for numbers of float32, whose angles would lose their digits. */
function quadrantOf(m: Machine, x: Vector): Quadrant {
  if (m.lanes.name === "f64") return quadrantIn64(m, x);
  const halves = promoted(m, x).map((half) => quadrantIn64(asFloat64(m), half)) as [Quadrant, Quadrant];
  return {
    r: demoted(m, [halves[0].r, halves[1].r]),
    number: held(m, shuffled(halves[0].number, halves[1].number, [0, 2, 4, 6])),
  };
}

/** Sine or cosine of x: of the rest, by quadrant. */
function wave(m: Machine, x: Vector, quarter: 0 | 1): Vector {
  const { r, number } = quadrantOf(m, x);
  const own = quarter === 0 ? number : held(m, addInt(number, whole(1)));
  const size = where(signMask(shiftLeft(own, m.lanes.bytes * 8 - 1)), cosineWithin(m, r), sineWithin(m, r));
  return held(m, xor(size, and(shiftLeft(own, m.lanes.bytes * 8 - 2), -0)));
}

export const sine: Emit = ofOne((m, x) => wave(m, x, 0));
export const cosine: Emit = ofOne((m, x) => wave(m, x, 1));
/** -cot r in odd quadrants. */
export const tangent: Emit = ofOne((m, x) => {
  const { r, number } = quadrantOf(m, x);
  const [s, c] = [sineWithin(m, r), cosineWithin(m, r)];
  const isOdd = held(m, signMask(shiftLeft(number, m.lanes.bytes * 8 - 1)));
  return div(where(isOdd, neg(c), s), where(isOdd, s, c));
});

export const isLargeAngle: Emit = ofOne((_, x) => gt(abs(x), LIMIT));

/** atan x = x + x³ (c0 + c1 x² + …), |x| <= tan(π/8). */
const ATAN = {
  f64: [
    -0.33333333333333326, 0.19999999999997647, -0.14285714285385706, 0.11111111088053514, -0.0909090814065888,
    0.07692282683570814, -0.06666225812879295, 0.05877013999690828, -0.05218362640542191, 0.045034109109129576,
    -0.03347189620623017, 0.015193170919511027,
  ],
  f32: [-0.33333316445350647, 0.19998471438884735, -0.142435222864151, 0.10593726485967636, -0.06077989190816879],
} as const;

/** Above tan(3π/8) π/2 - atan(1/x), above tan(π/8) π/4 + atan((x - 1) / (x + 1)). The last part of the constants is their rounding error. */
function arcOf(m: Machine, x: Vector): Vector {
  const size = held(m, abs(x));
  const [isHigh, isMiddle] = [held(m, gt(size, 1 + Math.SQRT2)), held(m, gt(size, Math.SQRT2 - 1))];
  const t = held(
    m,
    div(where(isHigh, -1, where(isMiddle, sub(size, 1), size)), where(isHigh, size, where(isMiddle, add(size, 1), 1))),
  );
  const z = square(m, t);
  const rest = add(t, mul(mul(t, z), polynomial(m, z, ATAN[m.lanes.name])));
  const start = where(isHigh, Math.PI / 2, where(isMiddle, Math.PI / 4, 0));
  return held(m, withSign(add(start, rest), x));
}
export const arctangent: Emit = ofOne(arcOf);

/** The angle of the point (x, y): of the slope, in the half plane of x. */
export const arctangent2: Emit = ofTwo((m, y, x) => {
  const arc = arcOf(m, held(m, div(y, x)));
  return where(lt(x, 0), add(arc, withSign(Math.PI, y)), arc);
});
/** Slopes of 0, of infinities, and those whose quotient leaves the range of normal numbers. */
export const isSteepOrFlat: Emit = ofTwo((m, y, x) => {
  const slope = held(m, abs(div(y, x)));
  return not(and(gt(slope, 2 ** -60), lt(slope, 2 ** 60)));
});
