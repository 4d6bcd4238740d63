// Weibull(shape, scale): lifetimes whose hazard grows or falls as a power.

import type { Node } from "../ir/node.ts";
import { add, div, exp, lgamma, log, log1mExp, log1p, mul, neg, pow, scalar, square, sub, xlogy } from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { positiveParam } from "./parameter.ts";

/** -(x / scale)^shape = log P(X > x). */
const logSurvival = (x: Node, p: Params): Node => neg(pow(div(x, p.scale), p.shape));

/** Γ(1 + k / shape) */
const moment = (k: number, p: Params): Node => exp(lgamma(add(scalar(1), div(scalar(k), p.shape))));

export const weibull: Dist = {
  name: "Weibull",
  doc: "Lifetimes; `shape` = 1 is Exponential. With z = x / scale: p(x) = (shape / scale) z^(shape - 1) exp(-z^shape).",
  source: "Johnson, Kotz, Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 21",
  forms: [{ params: [positiveParam("shape", "power of the hazard, plus 1"), positiveParam("scale", "63% quantile")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "nonnegative" }),
  supportKind: "nonnegative",
  discrete: false,
  // log(shape / scale) + (shape - 1) log(x / scale) - (x / scale)^shape, with 0 log 0 = 0
  logProb: (x, p) => {
    const hazard = add(log(div(p.shape, p.scale)), xlogy(sub(p.shape, scalar(1)), div(x, p.scale)));
    return add(hazard, logSurvival(x, p));
  },
  // scale (-log(1 - u))^(1 / shape)
  draw: {
    kind: "pathwise",
    noise: "uniform",
    from: (u, p) => mul(p.scale, pow(neg(log1p(neg(u))), div(scalar(1), p.shape))),
  },
  mean: (p) => mul(p.scale, moment(1, p)),
  variance: (p) => mul(square(p.scale), sub(moment(2, p), square(moment(1, p)))),
  logCdf: (x, p) => log1mExp(logSurvival(x, p)),
  logCcdf: logSurvival,
};
