// ZeroInflated(D, prob): zero with a probability of its own, else a value of D.

import type { Node } from "../../ir/node.ts";
import { add, equal, less, noise, pick, scalar, select, sub } from "../../op/index.ts";
import {
  componentAt,
  distributionParam,
  kindOf,
  logOrNone,
  logRest,
  paramsIn,
  type Combinator,
  type Component,
} from "../combinator.ts";
import type { Dist, Draw, Params, Support } from "../dist.ts";
import { drawOf } from "../draw.ts";
import { interior, logitsOf, logProb, supportOf, type Instance } from "../instance.ts";
import { probabilityParam } from "../parameter.ts";
import { tailsAt } from "../quantile.ts";
import { isLine, withZero } from "../sets.ts";
import { logSumExp, stacked } from "./sums.ts";

const params = [
  distributionParam("distribution", "of one number or truth value"),
  probabilityParam("prob", "probability of an extra zero"),
];

export const zeroInflated: Combinator = {
  name: "ZeroInflated",
  doc:
    "0 with probability `prob`, else a value of `distribution`, which may be 0 too: p(0) = prob + (1 - prob) p_D(0), " +
    "p(x) = (1 - prob) p_D(x).",
  source: "Lambert 1992, Zero-inflated Poisson regression, Technometrics 34",
  forms: [{ params }],
  distributions: { name: "distribution", several: false },
  row: ([component]) => {
    const { dist } = component!;
    const fits = dist.rank === 0 && dist.atoms !== true && (isLine(dist.supportKind) || dist.value === "bool");
    if (!fits) return { problem: "needs a distribution of one number or truth value, without point masses" };
    if (dist.improper === true) return { problem: "needs a distribution with a total probability of one" };
    return rowOf(component!);
  },
};

function rowOf(component: Component): Dist {
  const { dist } = component;
  const own = [params[1]!, ...paramsIn([component])];
  const inner = (p: Params): Instance => componentAt(component, 0, p);
  const support = (p: Params): Support => (dist.value === "bool" ? supportOf(inner(p)) : withZero(supportOf(inner(p))));
  const isFinite = dist.value === "bool" && dist.draw.kind === "finite";
  const logits = (p: Params): Node => logitsWithZero(inner(p), p.prob);
  const isNegative = (x: Node): Node => less(x, scalar(0));
  const spread = (p: Params, tail: Node): Node => add(logRest(p.prob), tail);
  return {
    name: "ZeroInflated",
    doc: zeroInflated.doc,
    source: zeroInflated.source,
    forms: [{ params: own }],
    value: dist.value,
    rank: 0,
    support,
    supportKind: kindOf(support, own),
    discrete: dist.discrete,
    ...(dist.discrete ? {} : { atoms: true }),
    logProb: (x, p) => (isFinite ? pick(stacked([sub(scalar(1), x), x]), logits(p)) : logDensity(inner(p), x, p.prob)),
    draw: isFinite ? { kind: "finite", logits } : drawWithZero(dist.draw, inner),
    ...(dist.logCdf === undefined || dist.logCcdf === undefined
      ? {}
      : {
          logCdf: (x: Node, p: Params) => {
            const tail = spread(p, tailsAt(inner(p), x).below);
            return select(isNegative(x), tail, logSumExp([logOrNone(p.prob), tail]));
          },
          logCcdf: (x: Node, p: Params) => {
            const tail = spread(p, tailsAt(inner(p), x).above);
            return select(isNegative(x), logSumExp([logOrNone(p.prob), tail]), tail);
          },
        }),
  };
}

/** Of a continuous D the zero is a point mass: the density there does not count, and may be infinite. */
function logDensity(d: Instance, x: Node, prob: Node): Node {
  const isZero = equal(x, scalar(0));
  const share = add(logRest(prob), logProb(d, d.dist.discrete ? x : select(isZero, interior(supportOf(d)), x)));
  return select(isZero, d.dist.discrete ? logSumExp([logOrNone(prob), share]) : logOrNone(prob), share);
}

/** Of false and true. */
function logitsWithZero(d: Instance, prob: Node): Node {
  const all = logitsOf(d);
  const rest = stacked([logRest(prob), logRest(prob)], all.shape.slice(0, -1));
  const zero = stacked([logOrNone(prob), scalar(-Infinity)], all.shape.slice(0, -1));
  return logSumExp([zero, add(rest, all)]);
}

function drawWithZero(of: Draw, inner: (p: Params) => Instance): Draw {
  if (of.kind === "none") return of;
  return {
    kind: "opaque",
    sample: (key, p) =>
      select(less(noise("uniform", `${key.site}%zero`, key.axes, key.shape), p.prob), scalar(0), drawOf(inner(p), key)),
  };
}
