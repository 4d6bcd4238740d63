// A draw of one of many states as a row of Booleans, b_i = [u_i < sigmoid(alpha_i)]: the first that is true ends it
// (discrete_estimators, section 9.3).

import type { Node } from "../ir/node.ts";
import {
  abs,
  add,
  concat,
  constant,
  cumsum,
  equal,
  expand,
  less,
  lse,
  mul,
  not,
  scalar,
  select,
  sigmoid,
  slice,
  sub,
  sum,
} from "../op/index.ts";

/** The sticks, the one-hot value, and which sticks came before its end. */
export type Broken = { readonly sticks: Node; readonly alive: Node; readonly hot: Node };

/** alpha_i = theta_i - log sum_{m > i} e^theta_m: the logit of state i among those not before it. Event [C] to [C -
 *  1]. */
export function stickLogits(theta: Node, count: number): Node {
  const later = Array.from({ length: (count - 1) * count }, (_, k) => (k % count > Math.floor(k / count) ? 1 : 0));
  const rows = select(constant(later, [count - 1, count]), expand(theta, [count - 1, count], [1]), scalar(-1e300));
  return sub(slice(theta, 0, 0, count - 1), lse(rows, [1]));
}

export function broken(alpha: Node, u: Node): Broken {
  const sticks = less(u, sigmoid(alpha));
  const alive = equal(sub(cumsum(sticks, 0), sticks), scalar(0));
  const chosen = mul(alive, sticks);
  const last = sub(scalar(1), sum(chosen));
  return { sticks, alive, hot: concat([chosen, expand(last, [1], [])], 0) };
}

/** The gradient in alpha of each stick: coupled where both draws reached it, score where only one did. */
export function stickGradient(x: Broken, y: Broken, alpha: Node, gap: Node): Node {
  const sign = sub(scalar(1), mul(scalar(2), y.sticks));
  const both = mul(mul(scalar(0.5), not(equal(x.sticks, y.sticks))), mul(sign, sigmoid(abs(alpha))));
  const alone = (b: Broken): Node => mul(scalar(0.5), sub(b.sticks, sigmoid(alpha)));
  const onlyX = mul(x.alive, sub(scalar(1), y.alive));
  const onlyY = mul(y.alive, sub(scalar(1), x.alive));
  const factor = add(mul(mul(x.alive, y.alive), both), sub(mul(onlyX, alone(x)), mul(onlyY, alone(y))));
  return mul(gap, factor);
}
