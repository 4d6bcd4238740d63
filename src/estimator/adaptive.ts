// Path derivative whose weight of the score follows moving averages of the run.

import type { Estimator } from "./estimator.ts";
import { refuseWithoutScore } from "./path-derivative.ts";
import { firstOf, unlessContinuousPath } from "./refusals.ts";

export const adaptive: Estimator = {
  name: "adaptive",
  doc: "Path derivative whose score term is weighted by its correlation with the rest, from moving averages over the steps, clipped to [0, 4].",
  formula: "g_total + λ s, λ = -Cov(g_total, s) / Var(s)",
  source: "Geffner, Domke 2018, Using Large Ensembles of Control Variates; Roeder et al. 2017, section 4.2",
  bias: {
    why: "λ is estimated from earlier steps of the same run; for every λ that does not depend on the step's noise it is unbiased",
    keepsOptimum: true,
  },
  cost: "one draw, one evaluation, and the score of log q",
  notFirst:
    "admitted: at most a few per cent better than the better of path and total, at the price of a second gradient",
  options: {},
  fixable: true,
  refuses: firstOf(unlessContinuousPath, refuseWithoutScore),
  place: (site) => ({ value: site.draw(), logq: site.guide.logProb, adaptive: true }),
};
