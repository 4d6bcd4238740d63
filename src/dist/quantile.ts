// Draws by inversion, and the derivative of draws by implicit reparameterisation, of any row with tail probabilities.

import { ice } from "../base/ice.ts";
import type { Node } from "../ir/node.ts";
import {
  add,
  constant,
  div,
  exp,
  fill,
  floor,
  gather,
  less,
  lessEqual,
  neg,
  round,
  scalar,
  scan,
  select,
  sinh,
  stop,
  sub,
  through,
  toAxis,
  toEvent,
} from "../op/index.ts";
import type { Support } from "./dist.ts";
import { logCcdf, logCdf, logProbInside, supportOf, type Instance } from "./instance.ts";
import { bijection } from "./support.ts";

/** log P(X <= x) and log P(X > x). */
export type Tails = { readonly below: Node; readonly above: Node };

export function tailsAt(d: Instance, x: Node): Tails {
  const [below, above] = [logCdf(d, x), logCcdf(d, x)];
  return below === null || above === null ? ice(`${d.dist.name} has no tail probabilities`) : { below, above };
}

/** e^t covers all positive numbers, sinh t all numbers, for t up to this. */
const REACH = 745;
/** Halvings until the step is below what a double resolves. */
const STEPS = 62;
const AXIS = `%bisection#${STEPS}`;

/** All values of a scalar support along the line of t, increasing. Whole numbers are found where e^t rounds to them. */
function ladder(support: Support): (t: Node) => Node {
  switch (support.kind) {
    case "real":
      return sinh;
    case "count":
      return (t) => add(support.lower ?? scalar(0), exp(t));
    case "circle":
      return bijection({ kind: "interval", lower: scalar(-Math.PI), upper: scalar(Math.PI) }).fromUnconstrained;
    case "upper":
      return (t) => bijection(support).fromUnconstrained(neg(t));
    default:
      return bijection(support).fromUnconstrained;
  }
}

/** The smallest x with P(X <= x) at least that of `target`, whichever of the two tail probabilities is smaller being
 *  compared: bisection along the support. `target` has the event shape of the result. No gradient. */
export function quantile(d: Instance, target: Tails): Node {
  const support = supportOf(d);
  const whole = support.kind === "count";
  const valueAt = ladder(support);
  const fromBelow = lessEqual(target.below, target.above);
  const isShort = (x: Node): Node => {
    const tails = tailsAt(d, x);
    return select(fromBelow, less(tails.below, target.below), less(target.above, tails.above));
  };
  const step = toAxis(
    constant(
      Array.from({ length: STEPS }, (_, k) => REACH / 2 ** (k + 1)),
      [STEPS],
    ),
    0,
    AXIS,
  );
  const path = scan(AXIS, STEPS, fill(0, [], target.below.shape), (t) => {
    const x = valueAt(t);
    return add(t, select(isShort(whole ? floor(x) : x), step, neg(step)));
  });
  const last = valueAt(gather(toEvent(path, AXIS, 0, STEPS), 0, scalar(STEPS - 1)));
  return stop(whole ? round(last) : last);
}

/** x with the derivative in the parameters that keeps its probability: -∂F / p, from the smaller tail (Figurnov,
 *  Mohamed, Mnih 2018, "Implicit reparameterization gradients", equation 5). */
export function implicit(d: Instance, x: Node): Node {
  const at = stop(x);
  const { below, above } = tailsAt(d, at);
  const fromBelow = lessEqual(below, above);
  const tail = select(fromBelow, below, above);
  const slope = exp(sub(logProbInside(d, at), tail));
  return through(at, sub(at, div(select(fromBelow, tail, neg(tail)), stop(slope))));
}
