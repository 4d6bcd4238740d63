// The total derivative: path and score.

import type { Estimator } from "./estimator.ts";
import { alongPath, unlessWeightedBelow } from "./path-derivative.ts";
import { firstOf, unlessContinuousPath } from "./refusals.ts";

export const total: Estimator = {
  name: "total",
  doc:
    "The total derivative: the path of the draw and the score of log q. Right for every guide whose draw moves smoothly, also where its " +
    "support moves with its parameters.",
  formula: "log p(z) - log q(z; φ), z = T(ε; φ)",
  source: "Kingma, Welling 2014; Rezende, Mohamed, Wierstra 2014; Roeder et al. 2017, Algorithm 1",
  bias: "none",
  cost: "one draw, one evaluation",
  notFirst: "admitted, but noisier near the optimum: it keeps the score of log q, whose mean is zero",
  options: {},
  fixable: true,
  refuses: firstOf(unlessContinuousPath, unlessWeightedBelow),
  place: (site) => alongPath(site, 0),
};
