// Error function and normal distribution, in float64: the fits and the order of operations of src/op/special/normal.ts.

import { CENTRE, ERF, MIDDLE, TAIL, type Rational } from "../../../../op/special/normal.ts";
import type { Machine } from "../machine.ts";
import {
  abs,
  add,
  div,
  eq,
  gt,
  held,
  horner,
  ifAny,
  le,
  lt,
  mul,
  neg,
  not,
  ofOne,
  or,
  pmin,
  polynomial,
  sqrt,
  square,
  sub,
  unless,
  where,
  withSign,
  type Emit,
  type Vector,
} from "./expression.ts";
import { exponentialOf } from "./exponential.ts";
import { logarithmOf, logOfSum } from "./logarithm.ts";
import { widened } from "./widened.ts";

/** The fit ERFCX of src/op/special/normal.ts by powers of t: two short chains of operations instead of a long one, and no more error. */
const BY_POWERS = [
  1.2375126308378275, -0.14024059858554702, 0.003585415485464448, 0.08227673849015107, -0.10880393014174947,
  0.0923043211601968, -0.05869339858962439, 0.02836227742154186, -0.00974657955816127, 0.001755625832175605,
  0.0002937136664150606, -0.00029015397788568906, 5.16490956590714e-5, 2.238390687427308e-5, -1.1444137941795606e-5,
  -9.728369796033596e-7, 1.7516235471412043e-6, -5.8283423116148604e-8, -2.5865277511558703e-7, 2.431206637987579e-8,
  3.866427024792066e-8, -4.404588306706556e-9, -5.16954497702264e-9, 5.517421793216244e-10, 4.243697549254811e-10,
  -3.85681340656534e-11,
];

/** e^(x²) erfc(x), x >= 0. */
const erfcxOf = (m: Machine, x: Vector): Vector => {
  const t = held(m, div(sub(x, 3.75), add(x, 3.75)));
  return held(m, unless(div(polynomial(m, t, BY_POWERS), add(mul(x, 2), 1)), eq(x, Infinity)));
};

/** e^(-k x²), the square as high plus low part (Dekker 1971). */
function gauss(m: Machine, x: Vector, k: number): Vector {
  const inside = held(m, pmin(abs(x), 1e3));
  const z = square(m, inside);
  const split = held(m, mul(inside, 134217729));
  const high = held(m, sub(split, sub(split, inside)));
  const low = held(m, sub(inside, high));
  const rest = add(add(sub(mul(high, high), z), mul(mul(high, 2), low)), mul(low, low));
  return held(m, mul(exponentialOf(m, held(m, mul(z, -k))), sub(1, mul(rest, k))));
}

/** x (c0 + c1 x² + …), |x| < 1/2. */
const erfNear = (m: Machine, x: Vector): Vector => {
  const z = square(m, held(m, pmin(abs(x), 1)));
  return held(m, mul(x, horner(z, ERF)));
};

/** e^(-x²) times its factor, |x| >= 1/2. */
const tailOf = (m: Machine, x: Vector): Vector => {
  const size = held(m, abs(x));
  return held(m, mul(gauss(m, size, 1), erfcxOf(m, size)));
};

export const erf: Emit = widened(
  ofOne((m, x) => {
    const isFar = held(m, not(lt(abs(x), 0.5)));
    const near = erfNear(m, x);
    return ifAny(m, isFar, () => where(isFar, withSign(sub(1, tailOf(m, x)), x), near), near);
  }),
);

export const erfc: Emit = widened(
  ofOne((m, x) => {
    const isFar = held(m, not(lt(abs(x), 0.5)));
    const near = held(m, sub(1, erfNear(m, x)));
    const far = (): Vector => {
      const tail = tailOf(m, x);
      return where(isFar, where(gt(x, 0), tail, sub(2, tail)), near);
    };
    return ifAny(m, isFar, far, near);
  }),
);

/** P(Z > |x|). */
const upperTail = (m: Machine, x: Vector): Vector => {
  const size = held(m, abs(x));
  const bell = gauss(m, size, 0.5);
  return held(m, mul(mul(bell, 0.5), erfcxOf(m, held(m, mul(size, Math.SQRT1_2)))));
};

export const normalCdf: Emit = widened(
  ofOne((m, x) => {
    const isFar = held(m, not(lt(abs(x), 0.7)));
    const near = held(m, add(mul(erfNear(m, held(m, mul(x, Math.SQRT1_2))), 0.5), 0.5));
    const far = (): Vector => {
      const tail = upperTail(m, x);
      return where(isFar, where(lt(x, 0), tail, sub(1, tail)), near);
    };
    return ifAny(m, isFar, far, near);
  }),
);

/** log(1 - P(Z > x)) right of 0; left of it the logarithm of e^(x²/2) P(Z <= x), less x²/2. */
export const logNormalCdf: Emit = widened(
  ofOne((m, x) => {
    const isRight = held(m, gt(x, 0));
    const low = held(m, mul(erfcxOf(m, held(m, mul(abs(x), Math.SQRT1_2))), 0.5));
    const right = ifAny(m, isRight, () => neg(mul(gauss(m, x, 0.5), low)), 0);
    const base = held(m, where(isRight, 1, 0));
    const log = logOfSum(m, base, held(m, where(isRight, right, low)));
    return where(isRight, log, sub(log, mul(mul(x, 0.5), x)));
  }),
);

const ratio = ({ p, q }: Rational, x: Vector): Vector => div(horner(x, p), horner(x, q));

/** The rational functions of Wichura 1988: one in the middle, two in the tails. */
export const normalQuantile: Emit = widened(
  ofOne((m, p) => {
    const q = held(m, sub(p, 0.5));
    const isFar = held(m, not(le(abs(q), 0.425)));
    const centre = held(m, mul(q, ratio(CENTRE, held(m, sub(0.180625, mul(q, q))))));
    const far = (): Vector => {
      const tail = held(m, where(lt(q, 0), p, sub(1, p)));
      const r = held(m, sqrt(neg(logarithmOf(m, tail))));
      const middle = held(m, ratio(MIDDLE, held(m, sub(r, 1.6))));
      const isRemote = held(m, gt(r, 5));
      const inTail = ifAny(m, isRemote, () => ratio(TAIL, held(m, sub(r, 5))), middle);
      const size = where(eq(tail, 0), Infinity, where(isRemote, inTail, middle));
      return where(isFar, withSign(size, q), centre);
    };
    const outside = or(lt(p, 0), gt(p, 1));
    return where(outside, NaN, ifAny(m, isFar, far, centre));
  }),
);
