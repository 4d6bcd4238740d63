// exp and what is made of it. x = n ln 2 + r with |r| <= ln 2 / 2; e^r = 1 + r + r² P(r), and n is added to the exponent.

import { EXP, LN2_HIGH, LN2_LOW } from "../../../../op/special/coefficients.ts";
import type { Machine } from "../machine.ts";
import {
  abs,
  add,
  addInt,
  alone,
  div,
  eq,
  gt,
  held,
  inLocal,
  le,
  lt,
  mul,
  neg,
  ofOne,
  pmax,
  pmin,
  polynomial,
  shiftLeft,
  settled,
  square,
  sub,
  unless,
  where,
  withSign,
  type Checked,
  type Emit,
  type EmitChecked,
  type Operand,
  type Vector,
} from "./expression.ts";
import { log1pOfPart, logOfSum } from "./logarithm.ts";

/** `low`, `high`: e^x is 0 below the smallest normal number, so that no denormal arises, and inf above the largest. `usual`: below it no x needs that, of
 *  either sign. `magic`: adding it rounds to a whole
 *  number and leaves that in the low bits, `bits` places from the exponent. */
const F64 = {
  p: EXP,
  ln2: [LN2_HIGH, LN2_LOW],
  low: -708.39,
  high: 709.782712893384,
  usual: 708,
  magic: 1.5 * 2 ** 52,
  bits: 52,
  /** From here on e^x - 1 is e^x. */
  large: 40,
} as const;
const F32 = {
  p: [0.5, 0.16666577, 0.0416665547, 0.00836317307, 0.00139261761],
  ln2: [0.693359375, -2.1219444e-4],
  low: -87.33,
  high: 88.72283,
  usual: 87,
  magic: 1.5 * 2 ** 23,
  bits: 23,
  large: 20,
} as const;
const BY_PRECISION = { f64: F64, f32: F32 } as const;

type Reduced = {
  /** e^r - 1. */
  readonly rise: Vector;
  /** n, as bits that `raised` shifts to the exponent. */
  readonly power: Vector;
};

/** `x` within the ends of what e^x can be; of others it is some number or NaN, never denormal. */
function reduced(m: Machine, x: Operand): Reduced {
  const { ln2, magic, p } = BY_PRECISION[m.lanes.name];
  const inside = held(m, x);
  const power = held(m, add(mul(inside, Math.LOG2E), magic));
  const whole = held(m, sub(power, magic));
  const r = held(m, sub(sub(inside, mul(whole, ln2[0])), mul(whole, ln2[1])));
  return { rise: held(m, add(mul(polynomial(m, r, p), square(m, r)), r)), power };
}

/** x 2^n of an x near 1. */
const raised = (m: Machine, x: Operand, { power }: Reduced): Vector =>
  held(m, addInt(x, shiftLeft(power, BY_PRECISION[m.lanes.name].bits)));

/** e^x of any number: x beyond the ends is set right where there is any, which costs nothing where there is none. */
function exponentialIn(m: Machine, x: Vector): Checked {
  const { low, high, usual } = BY_PRECISION[m.lanes.name];
  const own = reduced(m, x);
  const inside = raised(m, add(own.rise, 1), own);
  const beyond = (): Vector => where(gt(x, high), Infinity, where(eq(x, x), unless(inside, lt(x, low)), x));
  return { usual: lt(abs(x), usual), value: inside, anew: beyond };
}
export const exponentialOf = (m: Machine, x: Vector): Vector => settled(m, [exponentialIn(m, x)])[0]!;
export const checkedExponential: EmitChecked = (m, [x]) => exponentialIn(m, inLocal(x!));
export const exponential = alone(checkedExponential);

/** Below it a weight among others is 0, so that no product of it is denormal. */
const LEAST_WEIGHT = { f64: -200, f32: -60 } as const;
/** Weights are rarely above 1, and often below the least. */
export const checkedWeight: EmitChecked = (m, [id]) => {
  const x = inLocal(id!);
  const least = LEAST_WEIGHT[m.lanes.name];
  const own = reduced(m, x);
  const inside = held(m, unless(raised(m, add(own.rise, 1), own), lt(x, least)));
  return { usual: lt(x, BY_PRECISION[m.lanes.name].usual), value: inside, anew: () => exponentialOf(m, x) };
};
export const expWeight = alone(checkedWeight);

/** e^x of an x <= 0. */
function fallenOf(m: Machine, x: Vector): Vector {
  const { low } = BY_PRECISION[m.lanes.name];
  const own = reduced(m, x);
  return held(m, unless(raised(m, add(own.rise, 1), own), lt(x, low)));
}

/** 2^n (e^r - 1) + (2^n - 1). */
function expm1Of(m: Machine, x: Vector): Vector {
  const { high, large } = BY_PRECISION[m.lanes.name];
  const own = reduced(m, pmax(pmin(x, high), -large));
  const scale = raised(m, 1, own);
  const near = add(mul(scale, own.rise), sub(scale, 1));
  const far = where(gt(x, high), Infinity, raised(m, add(own.rise, 1), own));
  return held(m, where(gt(x, large), far, near));
}
export const expm1: Emit = ofOne(expm1Of);

/** log(1 - e^x), x <= 0. e^x - 1 is known where x is near 0, e^x where it is not (Mächler 2012). */
export const log1mExp: Emit = ofOne((m, x) => {
  const { low } = BY_PRECISION[m.lanes.name];
  const own = reduced(m, pmax(x, low));
  const scale = raised(m, 1, own);
  const whole = unless(raised(m, add(own.rise, 1), own), lt(x, low));
  const isNear = gt(x, -Math.LN2);
  const fallen = held(m, neg(where(isNear, add(mul(scale, own.rise), sub(scale, 1)), whole)));
  const log = logOfSum(m, held(m, where(isNear, 0, 1)), fallen);
  return where(gt(x, 0), NaN, log);
});

/** e^-|x|. */
const fallenFrom0 = (m: Machine, x: Vector): Vector => fallenOf(m, held(m, neg(abs(x))));

/** 1 + e^-|x|. */
export const onePlusFallen = (m: Machine, x: Vector): Vector => add(fallenFrom0(m, x), 1);

/** u = e^-|x|: 1 / (1 + u) or, left of 0, u / (1 + u). */
export const sigmoid: Emit = ofOne((m, x) => {
  const u = fallenFrom0(m, x);
  return div(where(lt(x, 0), u, 1), add(u, 1));
});

/** max(x, 0) + log(1 + e^-|x|). */
const aboveOf = (m: Machine, x: Vector, top: Vector): Vector => add(top, log1pOfPart(m, fallenFrom0(m, x)));
export const softplus: Emit = ofOne((m, x) => aboveOf(m, x, pmax(x, 0)));
/** -max(-x, 0) - log(1 + e^-|x|). */
export const logSigmoid: Emit = ofOne((m, x) => neg(aboveOf(m, x, pmax(neg(x), 0))));

/** tanh x = x + x³ (c0 + c1 x² + …), x² <= 0.4. */
const TANH = {
  f64: [
    -0.33333333333332726, 0.1333333333324485, -0.053968253923386084, 0.02186948739855153, -0.008863218714438171,
    0.003591971003069878, -0.0014548669506596276, 0.0005860195648792019, -0.00022797127384107402, 7.647791554895369e-5,
    -1.5750136870520678e-5,
  ],
  f32: [-0.33333274722099304, 0.13331274688243866, -0.05372512713074684, 0.02058982662856579, -0.005648316349834204],
} as const;

/** Near 0 the polynomial, else 1 - 2 / (e^2|x| + 1) with the sign of x. */
export const tanh: Emit = ofOne((m, x) => {
  const z = square(m, x);
  const near = add(x, mul(mul(x, z), polynomial(m, held(m, pmin(z, 0.4)), TANH[m.lanes.name])));
  const u = fallenOf(m, held(m, mul(abs(x), -2)));
  const far = sub(1, div(mul(u, 2), add(u, 1)));
  return where(le(z, 0.4), near, withSign(far, x));
});
