// Geometric(prob): failures before the first success.

import type { Node } from "../ir/node.ts";
import { add, div, floor, log, log1mExp, log1p, mul, neg, noise, scalar, square, sub, xlogy } from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { probabilityParam } from "./parameter.ts";

/** (⌊x⌋ + 1) log(1 - prob) = log P(X > x). */
const logSurvival = (x: Node, p: Params): Node => mul(add(floor(x), scalar(1)), log1p(neg(p.prob)));

export const geometric: Dist = {
  name: "Geometric",
  doc: "Number of failures before the first success. p(x) = prob (1 - prob)^x, x = 0, 1, 2, …",
  source: "Johnson, Kemp, Kotz 2005, Univariate Discrete Distributions, section 5.2",
  forms: [{ params: [probabilityParam("prob", "probability of success in one trial, above 0")] }],
  value: "int",
  rank: 0,
  support: () => ({ kind: "count", upper: null }),
  supportKind: "count",
  discrete: true,
  // log prob + x log(1 - prob), with 0 log 0 = 0
  logProb: (x, p) => add(log(p.prob), xlogy(x, sub(scalar(1), p.prob))),
  // ⌊log u / log(1 - prob)⌋
  draw: {
    kind: "opaque",
    sample: ({ site, axes, shape }, p) => floor(div(log(noise("uniform", site, axes, shape)), log1p(neg(p.prob)))),
  },
  mean: (p) => div(sub(scalar(1), p.prob), p.prob),
  variance: (p) => div(sub(scalar(1), p.prob), square(p.prob)),
  logCdf: (x, p) => log1mExp(logSurvival(x, p)),
  logCcdf: logSurvival,
};
