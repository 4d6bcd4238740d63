// Normal(mean, sd), and the standard normal density that its relatives share.

import type { Node } from "../ir/node.ts";
import { add, div, log, logNormalCdf, mul, neg, scalar, sqrt, square, sub } from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { positiveParam, realParam } from "./parameter.ts";
import * as math from "../op/special/elementary.ts";

const HALF_LOG_TWO_PI = 0.5 * math.log(2 * Math.PI);

/** -z²/2 - log(2π)/2 */
export const logStandardNormal = (z: Node): Node => sub(mul(scalar(-0.5), square(z)), scalar(HALF_LOG_TWO_PI));

const mean = realParam("mean", "centre");
const standard = (x: Node, centre: Node, sd: Node): Node => div(sub(x, centre), sd);

export const normal: Dist = {
  name: "Normal",
  doc: "The bell curve. p(x) = exp(-(x - mean)² / (2 sd²)) / (sd √(2π)).",
  source: "Johnson, Kotz, Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 13",
  forms: [
    { params: [mean, positiveParam("sd", "standard deviation")] },
    {
      params: [mean, positiveParam("variance", "square of the standard deviation")],
      canonical: (p) => ({ mean: p.mean, sd: sqrt(p.variance) }),
    },
    {
      params: [mean, positiveParam("precision", "1 / variance")],
      canonical: (p) => ({ mean: p.mean, sd: div(scalar(1), sqrt(p.precision)) }),
    },
  ],
  value: "real",
  rank: 0,
  support: () => ({ kind: "real" }),
  supportKind: "real",
  discrete: false,
  // -z²/2 - log(2π)/2 - log sd,  z = (x - mean) / sd
  logProb: (x, p) => sub(logStandardNormal(standard(x, p.mean, p.sd)), log(p.sd)),
  draw: { kind: "pathwise", noise: "normal", from: (eps, p) => add(p.mean, mul(p.sd, eps)) },
  mean: (p) => p.mean,
  variance: (p) => square(p.sd),
  logCdf: (x, p) => logNormalCdf(standard(x, p.mean, p.sd)),
  logCcdf: (x, p) => logNormalCdf(neg(standard(x, p.mean, p.sd))),
};
