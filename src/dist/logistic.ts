// Logistic(loc, scale): its distribution function is the logistic function.

import { add, div, log, log1p, logSigmoid, mul, neg, scalar, square, sub } from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { positiveParam, realParam } from "./parameter.ts";

export const logistic: Dist = {
  name: "Logistic",
  doc: "Like a normal with heavier tails. p(x) = exp(-z) / (scale (1 + exp(-z))²), z = (x - loc) / scale.",
  source: "Johnson, Kotz, Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 23",
  forms: [{ params: [realParam("loc", "centre"), positiveParam("scale", "standard deviation times √3 / π")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "real" }),
  supportKind: "real",
  discrete: false,
  // log s(z) + log s(-z) - log scale
  logProb: (x, p) => {
    const z = div(sub(x, p.loc), p.scale);
    return sub(add(logSigmoid(z), logSigmoid(neg(z))), log(p.scale));
  },
  // loc + scale (log u - log(1 - u))
  draw: { kind: "pathwise", noise: "uniform", from: (u, p) => add(p.loc, mul(p.scale, sub(log(u), log1p(neg(u))))) },
  mean: (p) => p.loc,
  variance: (p) => mul(scalar(Math.PI ** 2 / 3), square(p.scale)),
  logCdf: (x, p) => logSigmoid(div(sub(x, p.loc), p.scale)),
  logCcdf: (x, p) => logSigmoid(div(sub(p.loc, x), p.scale)),
};
