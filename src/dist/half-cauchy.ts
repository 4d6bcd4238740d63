// HalfCauchy(scale): the absolute value of a centred Cauchy.

import { add, atan2, div, log, log1p, mul, scalar, square, sub, tan } from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { positiveParam } from "./parameter.ts";
import * as math from "../op/special/elementary.ts";

const LOG_TWO_OVER_PI = math.log(2 / Math.PI);

export const halfCauchy: Dist = {
  name: "HalfCauchy",
  doc: "A Cauchy around 0, folded to x >= 0: a heavy-tailed prior of scales. p(x) = 2 / (π scale (1 + (x / scale)²)).",
  source: "Gelman 2006, Prior distributions for variance parameters in hierarchical models, section 3.2",
  forms: [{ params: [positiveParam("scale", "median")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "nonnegative" }),
  supportKind: "nonnegative",
  discrete: false,
  // log(2/π) - log scale - log(1 + (x / scale)²)
  logProb: (x, p) => sub(scalar(LOG_TWO_OVER_PI), add(log(p.scale), log1p(square(div(x, p.scale))))),
  // scale tan(π u / 2)
  draw: { kind: "pathwise", noise: "uniform", from: (u, p) => mul(p.scale, tan(mul(scalar(Math.PI / 2), u))) },
  // (2/π) atan(x / scale),  (2/π) atan(scale / x)
  logCdf: (x, p) => add(scalar(LOG_TWO_OVER_PI), log(atan2(x, p.scale))),
  logCcdf: (x, p) => add(scalar(LOG_TWO_OVER_PI), log(atan2(p.scale, x))),
};
