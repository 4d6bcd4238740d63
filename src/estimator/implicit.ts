// The path derivative of a draw that comes from a sampler.

import type { Estimator } from "./estimator.ts";
import { alongPath, refuseByWeight, unlessWeight, WEIGHT, weightOf } from "./path-derivative.ts";
import { firstOf, unlessContinuousPath } from "./refusals.ts";

export const implicit: Estimator = {
  name: "implicit",
  doc:
    "Path derivative of a draw that comes from a sampler: dz/dφ = -∂F/∂φ / q(z) with the distribution function F (per draw, not through " +
    "the sampler's accept and reject steps), and the path derivative of log q on top.",
  formula: "log p(z) - log q(z; stop φ), dz/dφ = -F_φ(z) / q(z)",
  source: "Figurnov, Mohamed, Mnih 2018, Implicit Reparameterization Gradients; Jankowiak, Obermeyer 2018",
  bias: "none",
  cost: "one draw, one evaluation, one derivative of the sampler",
  notFirst: "admitted: the default for a draw from a sampler that has a derivative",
  options: WEIGHT,
  fixable: false,
  refuses: firstOf(
    (site) =>
      site.path === "explicit" ? { reason: "its draw is a smooth map of noise already", hint: "use path" } : null,
    unlessContinuousPath,
    unlessWeight,
    refuseByWeight,
  ),
  place: (site, options) => alongPath(site, weightOf(options)),
};
