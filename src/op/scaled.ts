// Numbers beyond the range of the machine's: x = m 2^e with a mantissa m of ordinary size (0 for 0) and a whole exponent e, held as a number. How a number is
// parted does not change it, so that exponents have no gradient and mantissas all of it.

import { make } from "../ir/make.ts";
import type { Node } from "../ir/node.ts";
import type { OpDef } from "../ir/op.ts";
import { commonShape, unionAxes } from "../ir/shape.ts";
import { mul, neg } from "./arithmetic.ts";
import { binary, unary, type Binary, type Unary } from "./build.ts";
import { LN2_HIGH, LN2_LOW } from "./special/coefficients.ts";
import * as math from "./special/elementary.ts";
import { powerOfTwo } from "./special/elementary/exponential.ts";

/** The exponent of 0: below every other, and so are its sums with others. Finite, so that the difference of two is a number. */
export const LOWEST_EXPONENT = -(2 ** 100);

const exponentOf = (x: number): number => Math.max(LOWEST_EXPONENT, Math.floor(x * Math.LOG2E + 0.5));

export const expExponent: Unary = unary({
  name: "expExponent",
  doc: "the whole number nearest to x / log 2; -2^100 for -inf",
  scalar: exponentOf,
  grad: null,
});

/** Where x is so large that it has no digits left for the remainder, that is kept within -1/2 … 1/2. */
function mantissaOf(x: number): number {
  if (x === -Infinity) return 0;
  const n = exponentOf(x);
  return math.exp(Math.max(-0.5, Math.min(0.5, x - n * LN2_HIGH - n * LN2_LOW)));
}

export const expMantissa: Unary = unary({
  name: "expMantissa",
  doc: "e^x / 2^expExponent(x), between the roots of 1/2 and 2; 0 for -inf",
  scalar: mantissaOf,
  grad: (ct, _, y) => mul(ct, y),
});

/** Beyond 2^±24 a number is far from 1: seldom in a recursion, and times the least power of float32 it is not denormal yet. */
export const FAR = 24;

/** The exponent to take out of a number so that it stays near 1, which is 0 as long as it is: a recursion need not wait for it. */
export const farExponent: Unary = unary({
  name: "farExponent",
  doc: "floor(log2 |x|) where that is below -24 or at least 24, else 0; 0 for 0, inf and NaN",
  scalar: farOf,
  grad: null,
});

function farOf(x: number): number {
  const size = Math.abs(x);
  return size === 0 || !(size < Infinity) || (size >= 2 ** -FAR && size < 2 ** FAR) ? 0 : floorLog2(size);
}

export const nearOne: Unary = unary({
  name: "nearOne",
  doc: "x / 2^farExponent(x)",
  scalar: (x) => x * powerOfTwo(-farOf(x)),
  grad: (ct, x) => timesPowerOf2(ct, neg(farExponent(x))),
});

/** Of a positive number; -1023 for all that are no normal ones, and at most 1022, so that 2^-n is a normal number. The logarithm may be off by one next to a
 *  power of 2. */
function floorLog2(x: number): number {
  const near = Math.max(-1023, Math.min(1022, Math.floor(math.log(x) * Math.LOG2E)));
  if (x < powerOfTwo(near)) return Math.max(-1023, near - 1);
  return near < 1022 && x >= powerOfTwo(near + 1) ? near + 1 : near;
}

const LARGEST_POWER = 900;
/** Below the least normal number. */
const NO_POWER = -1023;
/** 1.5 · 2^52: adding it and taking it off again rounds to a whole number. */
const MAGIC = 1.5 * 2 ** 52;

/** What is no number counts as 0: it comes from an x that is none either. */
function powerOf2(n: number): number {
  const whole = Math.max(NO_POWER, Math.min(LARGEST_POWER, n)) + MAGIC - MAGIC;
  return whole === NO_POWER ? 0 : powerOfTwo(whole || 0);
}

/** In x: 2^n. */
export const timesPowerOf2: Binary = binary({
  name: "timesPowerOf2",
  doc: "x 2^n for whole n, with 0 for 2^n below 2^-1022 (of float32: 2^-96, so that products are not denormal), and at most 2^900 (2^96)",
  scalar: (x, n) => x * powerOf2(n),
  grad: (ct, _, n) => [timesPowerOf2(ct, n), null],
});

/** Inputs: y and x. */
export const grownOp: OpDef = {
  kind: "control",
  name: "grown",
  doc: "y e^(x - x): the value of the first, and the gradient that it has as a multiple of e^x",
  type: (inputs) => ({ axes: unionAxes(inputs), shape: commonShape(inputs, "grown") }),
  grad: (ct, out) => [grown(ct, out.inputs[1]!), mul(ct, out)],
  build: ([y, x]) => grown(y!, x!),
};

/** y, which has e^x as a factor that its graph does not show: it passes its gradient to x, too. */
export const grown = (y: Node, x: Node): Node => make(grownOp, [y, x]);

export const scaledOps: readonly OpDef[] = [
  ...[expExponent, expMantissa, farExponent, nearOne, timesPowerOf2].map((b) => b.op),
  grownOp,
];
