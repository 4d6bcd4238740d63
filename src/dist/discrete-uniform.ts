// DiscreteUniform(lower, upper): every whole number between two bounds alike.

import type { Node } from "../ir/node.ts";
import { add, div, floor, log, minimum, mul, neg, noise, scalar, square, sub } from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { intParam } from "./parameter.ts";

/** How many values there are. */
const count = (p: Params): Node => add(sub(p.upper, p.lower), scalar(1));

export const discreteUniform: Dist = {
  name: "DiscreteUniform",
  doc: "A whole number between two bounds, each alike. p(x) = 1 / (upper - lower + 1), x = lower, …, upper.",
  source: "Johnson, Kemp, Kotz 2005, Univariate Discrete Distributions, section 6.10.1",
  forms: [{ params: [intParam("lower", "least value"), intParam("upper", "largest value")] }],
  value: "int",
  rank: 0,
  support: (p) => ({ kind: "count", lower: p.lower, upper: p.upper }),
  supportKind: "count",
  discrete: true,
  logProb: (_, p) => neg(log(count(p))),
  // lower + ⌊u count⌋; a rounded u count may be the whole count
  draw: {
    kind: "opaque",
    sample: ({ site, axes, shape }, p) =>
      minimum(add(p.lower, floor(mul(count(p), noise("uniform", site, axes, shape)))), p.upper),
  },
  mean: (p) => mul(scalar(0.5), add(p.lower, p.upper)),
  variance: (p) => div(sub(square(count(p)), scalar(1)), scalar(12)),
  logCdf: (x, p) => sub(log(add(sub(floor(x), p.lower), scalar(1))), log(count(p))),
  logCcdf: (x, p) => sub(log(sub(p.upper, floor(x))), log(count(p))),
};
