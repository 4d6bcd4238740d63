// Exponential(rate).

import { div, log, log1mExp, log1p, mul, neg, scalar, square, sub } from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { positiveParam } from "./parameter.ts";

export const exponential: Dist = {
  name: "Exponential",
  doc: "Waiting time without memory. p(x) = rate exp(-rate x), x >= 0.",
  source: "Johnson, Kotz, Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 19",
  forms: [
    { params: [positiveParam("rate", "events per unit: 1 / mean")] },
    { params: [positiveParam("scale", "mean")], canonical: (p) => ({ rate: div(scalar(1), p.scale) }) },
  ],
  value: "real",
  rank: 0,
  support: () => ({ kind: "nonnegative" }),
  supportKind: "nonnegative",
  discrete: false,
  // log rate - rate x
  logProb: (x, p) => sub(log(p.rate), mul(p.rate, x)),
  // -log(1 - u) / rate
  draw: { kind: "pathwise", noise: "uniform", from: (u, p) => div(neg(log1p(neg(u))), p.rate) },
  mean: (p) => div(scalar(1), p.rate),
  variance: (p) => div(scalar(1), square(p.rate)),
  logCdf: (x, p) => log1mExp(neg(mul(p.rate, x))),
  logCcdf: (x, p) => neg(mul(p.rate, x)),
};
