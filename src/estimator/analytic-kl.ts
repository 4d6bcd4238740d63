// The KL divergence from guide to prior in closed form, in place of the sampled log densities of both.

import type { Estimator } from "./estimator.ts";
import { ice } from "../base/ice.ts";
import { firstOf, unlessContinuousPath, unlessLinear } from "./refusals.ts";

export const analyticKl: Estimator = {
  name: "analytic-kl",
  doc: "The likelihood along the path of the draw, prior and guide by their KL divergence in closed form. The value of the objective stays the sampled one.",
  formula: "∇ log p(x | z) - ∇ KL(q || p(z))",
  source: "Kingma, Welling 2014, Auto-encoding variational Bayes, eq. 7 and appendix B",
  bias: "none",
  cost: "one draw, one evaluation",
  notFirst: "admitted: less noisy than total, but not zero where the guide is the posterior, as path is",
  options: {},
  fixable: false,
  refuses: firstOf(unlessContinuousPath, unlessLinear, (site) =>
    site.kl() === null
      ? { reason: "no closed form of the KL divergence from its guide to its prior is known", hint: "use path" }
      : null,
  ),
  place: (site) => ({
    value: site.draw(),
    logq: site.guide.logProb,
    kl: site.kl() ?? ice(`no divergence of ${site.name}`),
  }),
};
