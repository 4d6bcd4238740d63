// ChiSquare(df): a Gamma with shape df / 2 and rate 1 / 2.

import { mul, scalar } from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { drawScaledGamma, gamma } from "./gamma.ts";
import { positiveParam } from "./parameter.ts";

const asGamma = ({ df }: Params): Params => ({ shape: mul(scalar(0.5), df), rate: scalar(0.5) });

export const chiSquare: Dist = {
  name: "ChiSquare",
  doc: "Sum of `df` squared standard normals. p(x) = x^(df/2 - 1) exp(-x/2) / (2^(df/2) Γ(df/2)), x > 0.",
  source: "Johnson, Kotz, Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 18",
  forms: [{ params: [positiveParam("df", "degrees of freedom: the mean")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "positive" }),
  supportKind: "positive",
  discrete: false,
  logProb: (x, p) => gamma.logProb(x, asGamma(p)),
  draw: { kind: "implicit", sample: (key, p) => drawScaledGamma(key, asGamma(p)) },
  mean: (p) => p.df,
  variance: (p) => mul(scalar(2), p.df),
  logCdf: (x, p) => gamma.logCdf!(x, asGamma(p)),
  logCcdf: (x, p) => gamma.logCcdf!(x, asGamma(p)),
};
