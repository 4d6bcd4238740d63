// How fast a quantile of the Gamma distribution moves with its shape: the ways of src/op/special/incomplete-gamma.ts, two lanes at once.

import { SLOPE_TERMS } from "../../../../op/special/incomplete-gamma.ts";
import { TRANSPORT, TRANSPORT_REACH, TRANSPORT_SHAPE } from "../../../../op/special/gamma-transport.ts";
import { DIGAMMA } from "../../../../op/special/gamma.ts";
import { kept, type Machine } from "../machine.ts";
import { arithmetic, EVERY_LANE, type LaneArithmetic } from "./arithmetic.ts";
import {
  abs,
  and,
  held,
  horner,
  inLocal,
  lt,
  or,
  pmax,
  put,
  shuffled,
  where,
  type Emit,
  type Vector,
} from "./expression.ts";
import { digamma } from "./gamma.ts";
import { shared } from "./shared-function.ts";

const EPS = 2 ** -52;
const TINY = 1e-150;

/** d log z / da of a Gamma(a, 1) value z at a fixed probability; NaN unless a > 0. */
export const gammaSlope: Emit = shared("gammaSlope", (m, [a, logZ]) => {
  const n = arithmetic(m);
  const further = (): Vector => {
    const z = n.exp(logZ!);
    return n.either(
      n.atMost(z, n.add(a!, 1.5)),
      () => lowerSlope(m, n, a!, z, logZ!),
      () => n.where(n.less(z, Infinity), upperSlope(m, n, a!, z, logZ!), NaN),
    );
  };
  const ofLarge = (): Vector => {
    const t = n.sub(logZ!, n.log(a!));
    return n.either(
      n.less(n.abs(t), TRANSPORT_REACH),
      () => n.mul(transport(m, n, a!, t), n.exp(n.sub(0, logZ!))),
      further,
    );
  };
  const isInside = n.and(n.less(0, a!), n.less(a!, Infinity));
  return n.either(
    n.and(isInside, n.less(n.abs(logZ!), Infinity)),
    () => n.either(n.atMost(TRANSPORT_SHAPE, a!), ofLarge, further),
    () => n.where(n.and(isInside, n.equal(logZ!, -Infinity)), Infinity, NaN),
  );
});

const digammaOf = (m: Machine, x: Vector): Vector => {
  put(m, x);
  digamma(m, [kept(m)]);
  return inLocal(kept(m));
};

/** dz/da at z = a e^t. */
function transport(m: Machine, n: LaneArithmetic, a: Vector, t: Vector): Vector {
  const inverse = n.div(1, a);
  const orders = TRANSPORT.map((row) => held(m, horner(t, row)));
  return orders.reduceRight((sum, order) => n.add(n.mul(sum, inverse), order));
}

/** -(1/a) Σ c_n (log z - ψ(a + 1 + n)), c_n = z^n / (a + 1)_n, from the last term to the first: t_n = log z - ψ(a + 1 + n) + z / (a + 1 + n) t_{n+1}. A lane
 *  that has fewer terms than the other waits at 0. */
function lowerSlope(m: Machine, n: LaneArithmetic, a: Vector, z: Vector, logZ: Vector): Vector {
  const { byRoot, atLeast, farBelow } = SLOPE_TERMS;
  const many = n.floor(n.add(n.mul(n.sqrt(z), byRoot), atLeast));
  const few = n.where(n.less(a, TRANSPORT_SHAPE), many, n.where(n.less(many, farBelow), many, farBelow));
  const count = held(m, and(few, n.taking(EVERY_LANE)));
  const most = held(m, pmax(count, shuffled(count, count, [2, 3, 0, 1])));
  const last = n.sub(logZ, digammaOfLarge(m, n, n.add(n.add(a, count), 1)));
  const [, , sum] = n.marked([most, 0, 0], ([k, rise, sum]) => {
    const isOn = n.atMost(k!, count);
    const inverse = n.div(1, n.add(a, k!));
    const risen = n.add(rise!, and(inverse, isOn));
    const term = and(n.add(last, risen), isOn);
    const rest = n.sub(k!, 1);
    return { next: [rest, risen, n.add(term, n.mul(n.mul(z, inverse), sum!))], goesOn: n.less(0, rest) };
  });
  return n.div(n.sub(0, sum!), a);
}

/** log y - 1/(2y) - (c0 + c1 / y² + …) / y². */
function digammaOfLarge(m: Machine, n: LaneArithmetic, y: Vector): Vector {
  const inverse = n.div(1, y);
  const z = n.mul(inverse, inverse);
  return n.sub(n.sub(n.log(y), n.mul(inverse, 0.5)), n.mul(z, held(m, horner(z, DIGAMMA))));
}

/** dH/da + H (log z - ψ(a)), by the continued fraction for H and its derivative (Lentz 1976). */
function upperSlope(m: Machine, n: LaneArithmetic, a: Vector, z: Vector, logZ: Vector): Vector {
  const { add, sub, mul, div } = n;
  const nonzero = (x: Vector): Vector => n.where(n.less(n.abs(x), TINY), TINY, x);
  const begin = sub(add(z, 1), a);
  const d = div(1, begin);
  const dd = mul(d, d);
  const begun = [1, begin, 1 / TINY, 0, d, dd, d, dd];
  const found = n.marked(begun, ([i, b0, c0, dc0, d0, dd0, h0, dh0], isOn) => {
    const numerator = mul(sub(a, i!), i!);
    const b = add(b0!, 2);
    const below = nonzero(add(mul(numerator, d0!), b));
    const change = sub(add(mul(i!, d0!), mul(numerator, dd0!)), 1);
    const inverse = div(1, c0!);
    const dc = sub(sub(mul(i!, inverse), 1), mul(mul(mul(numerator, dc0!), inverse), inverse));
    const c = nonzero(add(b, mul(numerator, inverse)));
    const d = div(1, below);
    const dd = mul(mul(sub(0, change), d), d);
    const factor = mul(d, c);
    const slope = add(mul(dh0!, factor), mul(h0!, add(mul(dd, c), mul(d, dc))));
    const isMoving = or(lt(EPS, abs(sub(factor, 1))), lt(mul(abs(slope), 0.5 * EPS), abs(sub(slope, dh0!))));
    return {
      next: [add(i!, 1), b, c, dc, d, dd, where(isOn, mul(h0!, factor), h0!), where(isOn, slope, dh0!)],
      goesOn: held(m, and(isMoving, lt(i!, 1e6))),
    };
  });
  const [h, dh] = found.slice(6) as [Vector, Vector];
  return add(dh, mul(h, sub(logZ, digammaOf(m, a))));
}
