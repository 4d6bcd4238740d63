// Pareto(min, shape): a power law from a least value on.

import type { Node } from "../ir/node.ts";
import { div, exp, less, log, log1mExp, log1p, mul, neg, scalar, select, square, sub } from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { positiveParam } from "./parameter.ts";

/** shape log(min / x) = log P(X > x); near min through the difference, which is exact there. */
function logSurvival(x: Node, p: Params): Node {
  const near = less(x, mul(scalar(2), p.min));
  return mul(p.shape, select(near, log1p(div(sub(p.min, x), x)), log(div(p.min, x))));
}

/** shape / (shape - k), infinite for shape <= k. */
const moment = (k: number, { shape }: Params): Node =>
  select(less(scalar(k), shape), div(shape, sub(shape, scalar(k))), scalar(Infinity));

export const pareto: Dist = {
  name: "Pareto",
  doc: "Power law: sizes of cities, of fortunes. p(x) = shape min^shape / x^(shape + 1), x >= min.",
  source: "Johnson, Kotz, Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 20",
  forms: [{ params: [positiveParam("min", "least value"), positiveParam("shape", "power of the tail probability")] }],
  value: "real",
  rank: 0,
  support: (p) => ({ kind: "lower", lower: p.min }),
  supportKind: "lower",
  discrete: false,
  // log shape - log x + shape log(min / x)
  logProb: (x, p) => sub(log(p.shape), sub(log(x), logSurvival(x, p))),
  // min (1 - u)^(-1 / shape)
  draw: { kind: "pathwise", noise: "uniform", from: (u, p) => mul(p.min, exp(neg(div(log1p(neg(u)), p.shape)))) },
  mean: (p) => mul(p.min, moment(1, p)),
  // min² shape / ((shape - 1)² (shape - 2))
  variance: (p) => mul(square(p.min), div(moment(2, p), square(sub(p.shape, scalar(1))))),
  logCdf: (x, p) => log1mExp(logSurvival(x, p)),
  logCcdf: logSurvival,
};
