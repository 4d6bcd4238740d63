// LogNormal(meanlog, sdlog): e to the power of a normal.

import type { Node } from "../ir/node.ts";
import { add, div, exp, expm1, log, logNormalCdf, mul, neg, scalar, square, sub } from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { logStandardNormal } from "./normal.ts";
import { positiveParam, realParam } from "./parameter.ts";

const standard = (x: Node, p: Params): Node => div(sub(log(x), p.meanlog), p.sdlog);

export const logNormal: Dist = {
  name: "LogNormal",
  doc: "log x is Normal(meanlog, sdlog). p(x) = exp(-(log x - meanlog)² / (2 sdlog²)) / (x sdlog √(2π)).",
  source: "Johnson, Kotz, Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 14",
  forms: [{ params: [realParam("meanlog", "mean of log x"), positiveParam("sdlog", "standard deviation of log x")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "positive" }),
  supportKind: "positive",
  discrete: false,
  // log φ(z) - log sdlog - log x,  z = (log x - meanlog) / sdlog
  logProb: (x, p) => sub(sub(logStandardNormal(standard(x, p)), log(p.sdlog)), log(x)),
  draw: { kind: "pathwise", noise: "normal", from: (eps, p) => exp(add(p.meanlog, mul(p.sdlog, eps))) },
  mean: (p) => exp(add(p.meanlog, mul(scalar(0.5), square(p.sdlog)))),
  // (exp(sdlog²) - 1) exp(2 meanlog + sdlog²)
  variance: (p) => mul(expm1(square(p.sdlog)), exp(add(mul(scalar(2), p.meanlog), square(p.sdlog)))),
  logCdf: (x, p) => logNormalCdf(standard(x, p)),
  logCcdf: (x, p) => logNormalCdf(neg(standard(x, p))),
};
