// Poisson(rate).

import { add, drawPoisson, exp, floor, lgamma, logGammaP, logGammaQ, mul, scalar, sub, xlogy } from "../op/index.ts";
import type { Node } from "../ir/node.ts";
import type { Dist } from "./dist.ts";
import { nonnegativeParam, realParam } from "./parameter.ts";

/** The number of events that is the first above x. */
const above = (x: Node): Node => add(floor(x), scalar(1));

const logFactorial = (x: Node): Node => lgamma(add(x, scalar(1)));

export const poisson: Dist = {
  name: "Poisson",
  doc: "Number of independent events. p(x) = rate^x exp(-rate) / x!, x = 0, 1, 2, …",
  source: "Johnson, Kemp, Kotz 2005, Univariate Discrete Distributions, ch. 4",
  forms: [
    { params: [nonnegativeParam("rate", "mean")] },
    {
      params: [realParam("log_rate", "log of the mean")],
      canonical: (p) => ({ rate: exp(p.log_rate) }),
      logProb: (x, p) => sub(sub(mul(x, p.log_rate), exp(p.log_rate)), logFactorial(x)),
    },
  ],
  value: "int",
  rank: 0,
  support: () => ({ kind: "count", upper: null }),
  supportKind: "count",
  discrete: true,
  // x log rate - rate - log x!, with 0 log 0 = 0
  logProb: (x, p) => sub(sub(xlogy(x, p.rate), p.rate), logFactorial(x)),
  draw: { kind: "opaque", sample: (key, p) => drawPoisson(key, p.rate) },
  mean: (p) => p.rate,
  variance: (p) => p.rate,
  // k + 1 events take longer than one unit of time
  logCdf: (x, p) => logGammaQ(above(x), p.rate),
  logCcdf: (x, p) => logGammaP(above(x), p.rate),
};
