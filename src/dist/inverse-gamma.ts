// InverseGamma(shape, scale): one over a Gamma.

import {
  div,
  drawGamma,
  less,
  lgamma,
  log,
  logGammaP,
  logGammaQ,
  mul,
  scalar,
  select,
  square,
  sub,
} from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { positiveParam } from "./parameter.ts";
import { positiveOf } from "./within-range.ts";

export const inverseGamma: Dist = {
  name: "InverseGamma",
  doc: "1 / x is Gamma(shape, rate = scale). p(x) = scale^shape x^(-shape - 1) exp(-scale / x) / Γ(shape), x > 0.",
  source: "Gelman et al. 2013, Bayesian Data Analysis, appendix A",
  forms: [{ params: [positiveParam("shape", "power of the upper tail"), positiveParam("scale", "spread")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "positive" }),
  supportKind: "positive",
  discrete: false,
  // shape log(scale / x) - log x - scale / x - log Γ(shape)
  logProb: (x, p) => {
    const y = div(p.scale, x);
    return sub(sub(sub(mul(p.shape, log(y)), log(x)), y), lgamma(p.shape));
  },
  draw: { kind: "implicit", sample: (key, p) => positiveOf(sub(log(p.scale), drawGamma(key, p.shape))) },
  // infinite for shape <= 1
  mean: (p) => select(less(scalar(1), p.shape), div(p.scale, sub(p.shape, scalar(1))), scalar(Infinity)),
  // scale² / ((shape - 1)² (shape - 2)), infinite for shape <= 2, undefined without a mean
  variance: (p) => {
    const value = div(square(div(p.scale, sub(p.shape, scalar(1)))), sub(p.shape, scalar(2)));
    const infinite = select(less(scalar(1), p.shape), scalar(Infinity), scalar(NaN));
    return select(less(scalar(2), p.shape), value, infinite);
  },
  logCdf: (x, p) => logGammaQ(p.shape, div(p.scale, x)),
  logCcdf: (x, p) => logGammaP(p.shape, div(p.scale, x)),
};
