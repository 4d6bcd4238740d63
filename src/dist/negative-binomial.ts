// NegativeBinomial(mean = …, dispersion = …): counts with more spread than Poisson.

import type { Node } from "../ir/node.ts";
import {
  add,
  div,
  drawGamma,
  drawPoisson,
  exp,
  floor,
  log,
  log1p,
  logBeta,
  logBetaCdf,
  logSigmoid,
  mul,
  neg,
  scalar,
  square,
  sub,
  xlogy,
} from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { nonnegativeParam, positiveParam, probabilityParam, realParam } from "./parameter.ts";

/** log Γ(x + count) / (Γ(count) x!) = -log((x + count) B(count, x + 1)). */
const logOrders = (x: Node, count: Node): Node => neg(add(log(add(x, count)), logBeta(count, add(x, scalar(1)))));

/** log((1 - q) / q) */
const logFailureOdds = (p: Params): Node => neg(log(mul(p.mean, p.dispersion)));
const above = (x: Node): Node => add(floor(x), scalar(1));

const inverse = (x: Node): Node => div(scalar(1), x);
const count = positiveParam("count", "failures at which counting stops (any positive number): 1 / dispersion");

export const negativeBinomial: Dist = {
  name: "NegativeBinomial",
  doc:
    "Poisson whose rate is Gamma. Mean `mean`, variance mean + dispersion mean². With r = count = 1 / dispersion and " +
    "q = prob = mean / (mean + r): p(x) = Γ(x + r) / (Γ(r) x!) (1 - q)^r q^x, x = 0, 1, 2, …; mean r q / (1 - q).",
  source: "Johnson, Kemp, Kotz 2005, Univariate Discrete Distributions, ch. 5",
  forms: [
    {
      params: [nonnegativeParam("mean", "mean"), positiveParam("dispersion", "(variance - mean) / mean²")],
      named: true,
    },
    {
      params: [count, probabilityParam("prob", "probability of one more event before each failure, below 1")],
      named: true,
      canonical: (p) => ({ mean: div(mul(p.count, p.prob), sub(scalar(1), p.prob)), dispersion: inverse(p.count) }),
      logProb: (x, p) => add(logOrders(x, p.count), add(xlogy(x, p.prob), mul(p.count, log1p(neg(p.prob))))),
    },
    {
      params: [count, realParam("logit", "log(prob / (1 - prob))")],
      named: true,
      canonical: (p) => ({ mean: mul(p.count, exp(p.logit)), dispersion: inverse(p.count) }),
      // x log s(logit) + count log s(-logit)
      logProb: (x, p) => {
        const powers = add(mul(x, logSigmoid(p.logit)), mul(p.count, logSigmoid(neg(p.logit))));
        return add(logOrders(x, p.count), powers);
      },
    },
  ],
  value: "int",
  rank: 0,
  support: () => ({ kind: "count", upper: null }),
  supportKind: "count",
  discrete: true,
  // m = mean dispersion = q / (1 - q): x log m - (x + count) log(1 + m), with 0 log 0 = 0
  logProb: (x, p) => {
    const r = inverse(p.dispersion);
    const odds = mul(p.mean, p.dispersion);
    return add(logOrders(x, r), sub(xlogy(x, odds), mul(add(x, r), log1p(odds))));
  },
  // Poisson(mean dispersion G), G ~ Gamma(1 / dispersion, 1)
  draw: {
    kind: "opaque",
    sample: (key, p) => {
      const logGamma = drawGamma({ ...key, site: `${key.site}.gamma` }, inverse(p.dispersion));
      return drawPoisson(key, mul(mul(p.mean, p.dispersion), exp(logGamma)));
    },
  },
  mean: (p) => p.mean,
  variance: (p) => add(p.mean, mul(p.dispersion, square(p.mean))),
  // P(X <= x) = I_{1-q}(count, x + 1) (Johnson, Kemp, Kotz 2005, eq. 5.28)
  logCdf: (x, p) => logBetaCdf(inverse(p.dispersion), above(x), logFailureOdds(p)),
  logCcdf: (x, p) => logBetaCdf(above(x), inverse(p.dispersion), neg(logFailureOdds(p))),
};
