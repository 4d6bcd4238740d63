// log Γ and its first two derivatives of positive numbers, in float64. Small arguments are shifted up without branches, the shifts being one product or one
// fraction, so that they cost one division; then Stirling's series (DLMF 5.11, 5.15). Near its roots 1 and 2, log Γ has a polynomial.

import { DIGAMMA, HALF_LOG_TWO_PI, STIRLING, TRIGAMMA } from "../../../../op/special/gamma.ts";
import type { Machine } from "../machine.ts";
import {
  add,
  and,
  div,
  eq,
  ge,
  gt,
  held,
  horner,
  ifAny,
  le,
  lt,
  mul,
  not,
  ofOne,
  polynomial,
  square,
  sub,
  where,
  type Emit,
  type Operand,
  type Vector,
} from "./expression.ts";
import { log1pOf, logarithmOf } from "./logarithm.ts";
import { widened } from "./widened.ts";

/** From here on eight terms of the series are exact to rounding; of that of the second derivative from the other. */
const LARGE = 8;
const LARGER = 10;

/** x shifted up to at least `large`. `step`: what becomes of `sum` where there is another shift of y. */
function shiftedUp(
  m: Machine,
  x: Vector,
  large: number,
  first: readonly Operand[],
  step: (sum: readonly Vector[], y: Vector) => readonly Operand[],
): { readonly y: Vector; readonly sum: readonly Vector[] } {
  let y = x;
  let sum = first.map((own) => held(m, own));
  for (let i = 0; i < large; i++) {
    const isSmall = held(m, lt(y, large));
    sum = step(sum, y).map((own, k) => held(m, where(isSmall, own, sum[k]!)));
    y = held(m, add(y, where(isSmall, 1, 0)));
  }
  return { y, sum };
}

/** log Γ(2 + z) = z (c0 + c1 z + …), |z| <= 1/2. */
const NEAR_TWO = [
  0.42278433509846713, 0.32246703342411326, -0.06735230105319831, 0.02058080842778057, -0.007385551028649721,
  0.002890510331023643, -0.0011927539127579245, 0.0005096695156784955, -0.00022315473517576771, 9.945767000064739e-5,
  -4.492653100669708e-5, 2.0505617652348732e-5, -9.437237618683833e-6, 4.384588585222572e-6, -2.0497506515617587e-6,
  9.203174351691331e-7, -4.200511958760854e-7, 2.7849179631620984e-7, -1.4328759856734466e-7,
];

/** From 1/2 to 5/2: log Γ(x) = log Γ(x + 1) - log x below 3/2. */
function nearRoots(m: Machine, x: Vector): Vector {
  const isLow = held(m, lt(x, 1.5));
  const z = held(m, sub(x, where(isLow, 1, 2)));
  const log = mul(z, polynomial(m, z, NEAR_TWO));
  return held(m, sub(log, where(isLow, log1pOf(m, held(m, where(isLow, z, 0))), 0)));
}

/** (y - 1/2)(log y - 1) - 1/2 + log(2π)/2 + (c0 + c1 / y² + …) / y, less the log of the product of the shifts. */
function bySeries(m: Machine, x: Vector): Vector {
  const { y, sum } = shiftedUp(m, x, LARGE, [1], ([product], own) => [mul(product!, own)]);
  const inverse = held(m, div(1, y));
  const series = mul(inverse, horner(square(m, inverse), STIRLING));
  const main = add(mul(sub(y, 0.5), sub(logarithmOf(m, y), 1)), HALF_LOG_TWO_PI - 0.5);
  const isShifted = lt(x, LARGE);
  return held(
    m,
    sub(
      add(main, series),
      ifAny(m, isShifted, () => logarithmOf(m, sum[0]!), 0),
    ),
  );
}

export const lgamma: Emit = widened(
  ofOne((m, x) => {
    const isNear = held(m, and(ge(x, 0.5), lt(x, 2.5)));
    const far = ifAny(m, not(isNear), () => bySeries(m, x), 0);
    const all = ifAny(m, isNear, () => where(isNear, nearRoots(m, x), far), far);
    return where(eq(x, Infinity), Infinity, all);
  }),
);

/** log y - 1/(2y) - (c0 + c1 / y² + …) / y², less the sum of 1 / (y - i) as one fraction n / d. */
export const digamma: Emit = widened(
  ofOne((m, x) => {
    const { y, sum } = shiftedUp(m, x, LARGE, [0, 1], ([n, d], own) => [add(mul(n!, own), d!), mul(d!, own)]);
    const inverse = held(m, div(1, y));
    const z = square(m, inverse);
    const series = add(mul(inverse, 0.5), mul(z, horner(z, DIGAMMA)));
    return sub(sub(logarithmOf(m, y), series), div(sum[0]!, sum[1]!));
  }),
);

/** 1/y + 1/(2y²) + (c0 + c1 / y² + …) / y³, and the sum of 1 / (y - i)² as one fraction n / d. */
export const trigamma: Emit = widened(
  ofOne((m, x) => {
    const { y, sum } = shiftedUp(m, x, LARGER, [0, 1], ([n, d], own) => {
      const yy = square(m, own);
      return [add(mul(n!, yy), d!), mul(d!, yy)];
    });
    const inverse = held(m, div(1, y));
    const z = square(m, inverse);
    const series = add(inverse, add(mul(z, 0.5), mul(mul(z, inverse), horner(z, TRIGAMMA))));
    return add(series, div(sum[0]!, sum[1]!));
  }),
);

/** Left of 0 the functions are reflected; squares of tiny numbers are none. */
export const isNotPositive: Emit = ofOne((_, x) => le(x, 0));
export const isTinyOrLess: Emit = ofOne((_, x) => not(gt(x, 1e-30)));
