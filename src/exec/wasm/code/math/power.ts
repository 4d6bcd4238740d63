// a to the power b as e^(b log a), in float64, the logarithm and its product with b being sums of two numbers (Dekker 1971): the error of log a is some 2^-60
// of it, so that of the power is b log a times as much, in units of itself.

import { LN2_HIGH, LN2_LOW, LOG } from "../../../../op/special/coefficients.ts";
import type { Machine } from "../machine.ts";
import {
  abs,
  add,
  and,
  div,
  eq,
  floor,
  ge,
  held,
  lt,
  mul,
  neg,
  not,
  ofTwo,
  polynomial,
  square,
  sub,
  where,
  type Emit,
  type Vector,
} from "./expression.ts";
import { exponentialOf } from "./exponential.ts";
import { parted } from "./logarithm.ts";
import { widened } from "./widened.ts";

type Sum = { readonly high: Vector; readonly low: Vector };

/** The product of two numbers as a rounded one and its error. */
function product(m: Machine, a: Vector, b: Vector): Sum {
  const halves = (x: Vector): readonly [Vector, Vector] => {
    const split = held(m, mul(x, 2 ** 27 + 1));
    const high = held(m, sub(split, sub(split, x)));
    return [high, held(m, sub(x, high))];
  };
  const high = held(m, mul(a, b));
  const [[a1, a0], [b1, b0]] = [halves(a), halves(b)];
  return { high, low: held(m, add(add(sub(mul(a1, b1), high), add(mul(a1, b0), mul(a0, b1))), mul(a0, b0))) };
}

/** The same of a sum. */
function sum(m: Machine, a: Vector, b: Vector): Sum {
  const high = held(m, add(a, b));
  const other = held(m, sub(high, a));
  return { high, low: held(m, add(sub(a, sub(high, other)), sub(b, other))) };
}

/** log(1 + f) = 2s + s R(s²), s = f / (2 + f): 2s with its error, the rest as one number. */
function logOf(m: Machine, x: Vector): Sum {
  const { exponent, f } = parted(m, x);
  const below = held(m, add(f, 2));
  const lost = held(m, sub(f, sub(below, 2)));
  const s = held(m, div(f, below));
  const back = product(m, s, below);
  const error = held(m, div(sub(sub(sub(f, back.high), back.low), mul(s, lost)), below));
  const z = square(m, s);
  const rest = mul(s, mul(z, polynomial(m, z, LOG)));
  const main = sum(m, held(m, mul(exponent, LN2_HIGH)), held(m, add(s, s)));
  const low = held(m, add(add(add(error, error), main.low), add(rest, mul(exponent, LN2_LOW))));
  return sum(m, main.high, low);
}

/** Of a negative number: with the sign that a whole b gives it. */
export const power: Emit = widened(
  ofTwo((m, a, b) => {
    const log = logOf(m, held(m, abs(a)));
    const whole = product(m, log.high, b);
    const main = exponentialOf(m, whole.high);
    const size = held(m, add(main, mul(main, add(whole.low, mul(log.low, b)))));
    const half = held(m, mul(b, 0.5));
    const isNegative = and(lt(a, 0), not(eq(floor(half), half)));
    return where(isNegative, neg(size), size);
  }),
);

/** Bases that are 0, not normal or infinite, powers that are none or huge, and results beyond 2^±1000. */
export const isNoOrdinaryPower: Emit = ofTwo((m, a, b) => {
  const size = held(m, abs(a));
  const bound = m.lanes.name === "f64" ? 1e300 : 1e37;
  const ordinary = and(and(ge(size, 1 / bound), lt(size, bound)), lt(abs(b), 1e9));
  const isPlain = and(ordinary, lt(mul(abs(b), abs(logEstimate(m, size))), 590));
  const hasSign = and(lt(a, 0), not(eq(floor(b), b)));
  return not(and(isPlain, not(hasSign)));
});

/** Good enough to tell which results are ordinary. */
const logEstimate = (m: Machine, x: Vector): Vector => {
  const { exponent, f } = parted(m, x);
  return held(m, add(mul(exponent, Math.LN2), mul(f, 0.9)));
};
