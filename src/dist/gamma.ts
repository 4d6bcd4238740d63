// Gamma(shape, rate).

import type { Node } from "../ir/node.ts";
import { div, drawGamma, lgamma, log, logGammaP, logGammaQ, mul, scalar, square, sub, type Key } from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { positiveParam } from "./parameter.ts";
import { positiveOf } from "./within-range.ts";

const shape = positiveParam("shape", "power of x, plus 1; below 1 the density is infinite at 0");

export const drawScaledGamma = (key: Key, p: Params): Node => positiveOf(sub(drawGamma(key, p.shape), log(p.rate)));

export const gamma: Dist = {
  name: "Gamma",
  doc: "Waiting time for `shape` events. p(x) = rate^shape x^(shape - 1) exp(-rate x) / Γ(shape), x > 0.",
  source: "Johnson, Kotz, Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 17",
  forms: [
    { params: [shape, positiveParam("rate", "1 / scale")] },
    {
      params: [shape, positiveParam("scale", "mean / shape")],
      canonical: (p) => ({ shape: p.shape, rate: div(scalar(1), p.scale) }),
    },
    {
      params: [shape, positiveParam("mean", "shape / rate")],
      canonical: (p) => ({ shape: p.shape, rate: div(p.shape, p.mean) }),
    },
  ],
  value: "real",
  rank: 0,
  support: () => ({ kind: "positive" }),
  supportKind: "positive",
  discrete: false,
  // shape log(rate x) - log x - rate x - log Γ(shape)
  logProb: (x, p) => {
    const y = mul(p.rate, x);
    return sub(sub(sub(mul(p.shape, log(y)), log(x)), y), lgamma(p.shape));
  },
  draw: { kind: "implicit", sample: drawScaledGamma },
  mean: (p) => div(p.shape, p.rate),
  variance: (p) => div(p.shape, square(p.rate)),
  logCdf: (x, p) => logGammaP(p.shape, mul(p.rate, x)),
  logCcdf: (x, p) => logGammaQ(p.shape, mul(p.rate, x)),
};
