// log and log1p. x = 2^e (1 + f) with 1 + f from √½ to √2.

import { ABOVE_ROOT_HALF_WORD, LN2_HIGH, LN2_LOW, LOG, ROOT_HALF_WORD } from "../../../../op/special/coefficients.ts";
import { OP, push, simd, type Machine } from "../machine.ts";
import {
  abs,
  add,
  addInt,
  alone,
  and,
  div,
  eq,
  gt,
  held,
  inLocal,
  lt,
  mul,
  ofTwo,
  or,
  polynomial,
  settled,
  shiftRight,
  square,
  sub,
  unless,
  where,
  type Checked,
  type Emit,
  type EmitChecked,
  type Operand,
  type Vector,
} from "./expression.ts";

/** log(1 + f) = f - f²/2 + f³ (c0 + c1 f + …) in float32. */
const LOG32 = [
  0.333333312, -0.24999997, 0.200007157, -0.166678023, 0.142490576, -0.124256873, 0.116854199, -0.114797338,
  0.0697161147,
];
const SMALLEST_NORMAL = { f64: 2 ** -1022, f32: 2 ** -126 } as const;
/** A power of 2 that makes every denormal number normal. */
const RAISED = { f64: 54, f32: 24 } as const;

/** The same bits in every number: of float64 by their upper word, of float32 as they are. */
const bits =
  (f64: readonly [number, number], f32: number): Vector =>
  (m) => {
    simd(m, OP.constant);
    const own = m.lanes.name === "f64" ? [f64[1], f64[0]] : [f32];
    for (let lane = 0; lane < m.lanes.count; lane++) push(m, [...new Uint8Array(Uint32Array.from(own).buffer)]);
  };

type Parts = { readonly exponent: Vector; readonly f: Vector };

/** e and f of a normal positive number, given times a power of 2. */
export function parted(m: Machine, x: Operand, power = 0): Parts {
  const f64 = m.lanes.name === "f64";
  const raised = held(m, addInt(x, bits([ABOVE_ROOT_HALF_WORD, 0], 0x3f800000 - 0x3f3504f3)));
  const biased = shiftRight(raised, f64 ? 52 : 23);
  const exponent = f64
    ? sub(or(biased, bits([0x43300000, 0], 0)), 2 ** 52 + 1023 + power)
    : sub(or(biased, bits([0, 0], 0x4b000000)), 2 ** 23 + 127 + power);
  const fraction = addInt(
    and(raised, bits([0x000fffff, 0xffffffff], 0x007fffff)),
    bits([ROOT_HALF_WORD, 0], 0x3f3504f3),
  );
  return { exponent: held(m, exponent), f: held(m, sub(fraction, 1)) };
}

/** e ln 2 + log(1 + f) + `more`, which is small against f: e hi + (f - (f²/2 - (rest + e lo))), the rest of float64 being s (f²/2 + R) with
 *  s = f / (2 + f), of float32 f³ P(f). */
function joined(m: Machine, { exponent, f }: Parts, more: Vector | null = null): Vector {
  const f64 = m.lanes.name === "f64";
  const half = held(m, mul(mul(f, f), 0.5));
  const rest = f64 ? restOf(m, f, half) : held(m, mul(mul(mul(f, f), f), polynomial(m, f, LOG32)));
  const low = mul(exponent, f64 ? LN2_LOW : -2.1219444e-4);
  const small = add(rest, more === null ? low : add(low, more));
  return held(m, add(mul(exponent, f64 ? LN2_HIGH : 0.693359375), sub(f, sub(half, small))));
}

function restOf(m: Machine, f: Vector, half: Vector): Vector {
  const s = held(m, div(f, add(f, 2)));
  const z = square(m, s);
  return held(m, mul(s, add(half, mul(z, polynomial(m, z, LOG)))));
}

/** log of a normal positive number. */
export const logOfNormal = (m: Machine, x: Operand): Vector => joined(m, parted(m, x));

/** log u of u in (0, 1), u normal; `below`: u - 1, to full precision where u is near 1. */
export function logOfPart(m: Machine, u: Operand, below: Operand): Vector {
  const known = held(m, u);
  const { exponent, f } = parted(m, known);
  const isNear = held(m, gt(known, Math.SQRT1_2 + 1e-6));
  return joined(m, { exponent, f: held(m, where(isNear, below, f)) });
}

/** log of any number, from that of a positive finite one: -inf at 0, the number itself at inf and NaN, NaN below 0. */
const withEdges = (x: Vector, log: Vector): Vector =>
  where(and(gt(x, 0), lt(x, Infinity)), log, where(eq(x, 0), -Infinity, where(gt(x, 0), x, NaN)));

/** e and f of any positive finite number. */
function partedAny(m: Machine, x: Vector): Parts {
  const isTiny = held(m, lt(x, SMALLEST_NORMAL[m.lanes.name]));
  const by = RAISED[m.lanes.name];
  const { exponent, f } = parted(m, where(isTiny, mul(x, 2 ** by), x));
  return { exponent: held(m, sub(exponent, and(isTiny, by))), f };
}

/** e from -1021 to 1021, or -125 to 125, is that of a normal positive number. */
const USUAL = { f64: 1022, f32: 126 } as const;

/** log of any number: of a normal positive one, and set right where any is not. */
function logarithmIn(m: Machine, x: Vector): Checked {
  const parts = parted(m, x);
  const usual = lt(abs(parts.exponent), USUAL[m.lanes.name]);
  return { usual, value: joined(m, parts), anew: () => withEdges(x, joined(m, partedAny(m, x))) };
}
export const logarithmOf = (m: Machine, x: Vector): Vector => settled(m, [logarithmIn(m, x)])[0]!;
export const checkedLogarithm: EmitChecked = (m, [x]) => logarithmIn(m, inLocal(x!));
export const logarithm = alone(checkedLogarithm);

/** log(a + x) = log u + (x - (u - a)) / u, u = a + x rounded, where x is small against a, or a is 0. */
function logOfSumIn(m: Machine, a: Operand, x: Vector): Checked {
  const u = held(m, add(x, a));
  const lost = held(m, div(sub(x, sub(u, a)), u));
  const parts = parted(m, u);
  const usual = lt(abs(parts.exponent), USUAL[m.lanes.name]);
  return { usual, value: joined(m, parts, lost), anew: () => withEdges(u, joined(m, partedAny(m, u), lost)) };
}
export const logOfSum = (m: Machine, a: Operand, x: Vector): Vector => settled(m, [logOfSumIn(m, a, x)])[0]!;

/** log(1 + u) of u from 0 to 1. Above √2 - 1 it is ln 2 + log(1 + (u - 1) / 2), and u - 1 is as good as exact: nothing is lost in a sum. */
export function log1pOfPart(m: Machine, u: Vector): Vector {
  const isUpper = held(m, gt(u, Math.SQRT2 - 1));
  const f = held(m, where(isUpper, mul(sub(u, 1), 0.5), u));
  return joined(m, { exponent: held(m, and(isUpper, 1)), f });
}

export const log1pOf = (m: Machine, x: Vector): Vector => logOfSum(m, 1, x);
export const checkedLog1p: EmitChecked = (m, [x]) => logOfSumIn(m, 1, inLocal(x!));
export const log1p = alone(checkedLog1p);

/** x log y, 0 where x is 0. */
export const xlogy: Emit = ofTwo((m, x, y) => unless(mul(x, logarithmOf(m, y)), eq(x, 0)));
