// Map ops as code on lanes. Those that are missing here call the scalar function of their row, lane by lane; so do, of some, the arguments that are named as
// exceptions.

import {
  abs,
  add,
  and,
  ceil,
  div,
  eq,
  floor,
  ge,
  gt,
  held,
  le,
  lt,
  mul,
  ne,
  neg,
  not,
  ofThree,
  ofTwo,
  ofOne,
  or,
  pmax,
  pmin,
  sqrt,
  sub,
  trunc,
  where,
  withSign,
  type Emit,
  type Operand,
  type Vector,
} from "./math/expression.ts";
import { exponential, expm1, expWeight, log1mExp, logSigmoid, sigmoid, softplus, tanh } from "./math/exponential.ts";
import { digamma, isNotPositive, isTinyOrLess, lgamma, trigamma } from "./math/gamma.ts";
import { gammaSlope } from "./math/gamma-slope.ts";
import { log1p, logarithm, xlogy } from "./math/logarithm.ts";
import { erf, erfc, logNormalCdf, normalCdf, normalQuantile } from "./math/normal.ts";
import { isNoOrdinaryPower, power } from "./math/power.ts";
import { expExponent, expMantissa, farExponent, nearOne, timesPowerOf2 } from "./math/scaled.ts";
import { arctangent, arctangent2, cosine, isLargeAngle, isSteepOrFlat, sine, tangent } from "./math/sine.ts";
import { widened } from "./math/widened.ts";

const unary = (f: (x: Operand) => Vector): Emit => ofOne((_, x) => f(x));
const binary = (f: (a: Operand, b: Operand) => Vector): Emit => ofTwo((_, a, b) => f(a, b));

/** A mask as 1 or 0. */
const truth = (mask: Vector): Vector => and(mask, 1);
const isTrue = (x: Vector): Vector => not(eq(x, 0));

/** a where c is 1, b where it is 0, else c a + (1 - c) b. */
const mixed: Emit = ofThree((_, c, a, b) => where(eq(c, 1), a, where(eq(c, 0), b, add(mul(c, a), mul(sub(1, c), b)))));

/** The instructions that give NaN for NaN take seven of the processor; the mask of a NaN is one itself. Of 0 and -0 it is b. */
const further = (of: (a: Operand, b: Operand) => Vector): Emit => ofTwo((_, a, b) => or(of(b, a), ne(a, a)));

/** The nearest whole number, halves away from 0. */
const rounded: Emit = ofOne((m, x) => {
  const size = held(m, abs(x));
  const below = held(m, floor(size));
  return withSign(add(below, and(ge(sub(size, below), 0.5), 1)), x);
});

export const functions: Readonly<Record<string, Emit>> = {
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: binary(div),
  minimum: further(pmin),
  maximum: further(pmax),
  neg: unary(neg),
  abs: unary(abs),
  sqrt: unary(sqrt),
  floor: unary(floor),
  ceil: unary(ceil),
  trunc: unary(trunc),
  round: rounded,
  sign: ofOne((_, x) => where(gt(x, 0), 1, where(lt(x, 0), -1, x))),
  mod: widened(ofTwo((_, a, b) => sub(a, mul(b, floor(div(a, b)))))),
  square: ofOne((_, x) => mul(x, x)),
  less: ofTwo((_, a, b) => truth(lt(a, b))),
  lessEqual: ofTwo((_, a, b) => truth(le(a, b))),
  equal: ofTwo((_, a, b) => truth(eq(a, b))),
  select: ofThree((_, c, a, b) => where(eq(c, 0), b, a)),
  branch: mixed,
  not: ofOne((_, x) => truth(eq(x, 0))),
  and: ofTwo((_, a, b) => truth(and(isTrue(a), isTrue(b)))),
  or: ofTwo((_, a, b) => truth(or(isTrue(a), isTrue(b)))),
  isFinite: ofOne((_, x) => truth(lt(abs(x), Infinity))),
  exp: exponential,
  expWeight,
  expm1,
  expExponent,
  expMantissa,
  farExponent,
  nearOne,
  timesPowerOf2,
  log: logarithm,
  log1p,
  log1mExp,
  xlogy,
  sigmoid,
  softplus,
  logSigmoid,
  tanh,
  pow: power,
  sin: sine,
  cos: cosine,
  tan: tangent,
  atan: arctangent,
  atan2: arctangent2,
  lgamma,
  digamma,
  trigamma,
  gammaSlope,
  erf,
  erfc,
  normalCdf,
  logNormalCdf,
  normalQuantile,
};

/** Masks of the arguments for which the scalar function is called. */
export const exceptions: Readonly<Record<string, Emit>> = {
  pow: isNoOrdinaryPower,
  sin: isLargeAngle,
  cos: isLargeAngle,
  tan: isLargeAngle,
  atan2: isSteepOrFlat,
  lgamma: isNotPositive,
  digamma: isNotPositive,
  trigamma: isTinyOrLess,
};
