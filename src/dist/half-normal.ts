// HalfNormal(sd): the absolute value of a centred normal.

import { abs, add, div, erf, log, logNormalCdf, mul, neg, scalar, square, sub } from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { logStandardNormal } from "./normal.ts";
import { positiveParam } from "./parameter.ts";

export const halfNormal: Dist = {
  name: "HalfNormal",
  doc: "A normal with mean 0, folded to x >= 0; `sd` is that before folding. p(x) = 2 exp(-x² / (2 sd²)) / (sd √(2π)).",
  source: "Johnson, Kotz, Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 13, section 10",
  forms: [{ params: [positiveParam("sd", "standard deviation of the normal that is folded")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "nonnegative" }),
  supportKind: "nonnegative",
  discrete: false,
  // log 2 + log φ(x / sd) - log sd
  logProb: (x, p) => sub(add(scalar(Math.LN2), logStandardNormal(div(x, p.sd))), log(p.sd)),
  draw: { kind: "pathwise", noise: "normal", from: (eps, p) => mul(p.sd, abs(eps)) },
  mean: (p) => mul(p.sd, scalar(Math.sqrt(2 / Math.PI))),
  variance: (p) => mul(square(p.sd), scalar(1 - 2 / Math.PI)),
  // erf(x / (sd √2)),  2 Φ(-x / sd)
  logCdf: (x, p) => log(erf(mul(div(x, p.sd), scalar(Math.SQRT1_2)))),
  logCcdf: (x, p) => add(scalar(Math.LN2), logNormalCdf(neg(div(x, p.sd)))),
};
