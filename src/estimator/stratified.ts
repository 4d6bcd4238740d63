// A mixture guide with the component summed out: one draw per component, averaged with the live weights.

import { ice } from "../base/ice.ts";
import type { Estimator } from "./estimator.ts";
import { alongPath, refuseWithoutScore, unlessWeight, WEIGHT, weightOf } from "./path-derivative.ts";
import { firstOf, unlessIndependentMembers, unlessLinear } from "./refusals.ts";

export const stratified: Estimator = {
  name: "stratified",
  doc: "Draws every component of a mixture guide and weights them by their live probabilities; weights and components are stopped inside log q.",
  formula: "Σ_c π_c (log p(z_c) - log q(z_c; stop π, φ)), z_c = T_c(ε_c; φ_c)",
  source: "Roeder, Wu, Duvenaud 2017, Sticking the Landing, Algorithm 3",
  bias: "none",
  cost: "one draw and one evaluation per component",
  notFirst: "admitted: the default for a mixture guide",
  options: WEIGHT,
  fixable: true,
  refuses: firstOf(
    (site) =>
      site.components === null
        ? {
            reason: "its guide is no mixture",
            hint: "use a guide that is one: Mixture(weights, [...]), or leave the estimator out",
          }
        : null,
    unlessLinear,
    unlessIndependentMembers,
    unlessWeight,
    (site, facts, options) => (weightOf(options) === 0 ? null : refuseWithoutScore(site, facts)),
    (_site, { meeting }) =>
      meeting.length === 0
        ? null
        : {
            reason: `members of a plate meet in ${meeting.join(" and ")}: components would have to be summed jointly`,
            hint: "use implicit or loo",
          },
  ),
  place: (site, options) => {
    const { axis, draw, prob } = site.components ?? ice(`${site.name} is no mixture`);
    return { ...alongPath(site, weightOf(options)), value: draw(), weight: { axis, prob } };
  },
};
