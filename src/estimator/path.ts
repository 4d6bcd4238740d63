// The path derivative of a draw that is a smooth map of noise, without the score of log q.

import type { Estimator, Refusal, Site } from "./estimator.ts";
import { alongPath, refuseByWeight, unlessWeight, WEIGHT, weightOf } from "./path-derivative.ts";
import { firstOf, unlessContinuousPath } from "./refusals.ts";

const unlessExplicit = (site: Site): Refusal | null =>
  site.path === "implicit"
    ? {
        reason: "its draw comes from a sampler, not from a smooth map of noise",
        hint: "use implicit: the same path, through the derivative of the sampler",
      }
    : null;

export const path: Estimator = {
  name: "path",
  doc:
    "Moves the draw with the guide's parameters and differentiates along that path. The score of log q has mean zero and is left out, " +
    "so that the gradient vanishes for every draw where the guide is the posterior.",
  formula: "log p(z) - log q(z; stop φ), z = T(ε; φ)",
  source: "Roeder, Wu, Duvenaud 2017, Sticking the Landing, eq. 5-10 and Algorithm 2",
  bias: "none",
  cost: "one draw, one evaluation",
  notFirst: "admitted: the default for a draw that is a smooth map of noise",
  options: WEIGHT,
  fixable: true,
  refuses: firstOf(unlessContinuousPath, unlessExplicit, unlessWeight, refuseByWeight),
  place: (site, options) => alongPath(site, weightOf(options)),
};
