// Uniform(lower, upper).

import type { Node } from "../ir/node.ts";
import { add, div, log, mul, neg, scalar, square, sub } from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { realParam } from "./parameter.ts";

const width = (p: Params): Node => sub(p.upper, p.lower);

export const uniform: Dist = {
  name: "Uniform",
  doc: "The same density everywhere between two bounds. p(x) = 1 / (upper - lower), lower <= x <= upper.",
  source: "Johnson, Kotz, Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 26",
  forms: [{ params: [realParam("lower", "least value"), realParam("upper", "largest value, above `lower`")] }],
  value: "real",
  rank: 0,
  support: (p) => ({ kind: "interval", lower: p.lower, upper: p.upper }),
  supportKind: "interval",
  discrete: false,
  logProb: (_, p) => neg(log(width(p))),
  draw: { kind: "pathwise", noise: "uniform", from: (u, p) => add(p.lower, mul(width(p), u)) },
  mean: (p) => mul(scalar(0.5), add(p.lower, p.upper)),
  variance: (p) => div(square(width(p)), scalar(12)),
  logCdf: (x, p) => sub(log(sub(x, p.lower)), log(width(p))),
  logCcdf: (x, p) => sub(log(sub(p.upper, x)), log(width(p))),
};
