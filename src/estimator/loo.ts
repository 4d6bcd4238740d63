// Leave-one-out: score function, less the mean cost of the other particles.

import type { Estimator } from "./estimator.ts";
import { aboveBaseline } from "./leave-one-out.ts";
import { firstOf, unlessLinear, unlessParticles, unlessSupportFixed } from "./refusals.ts";

export const loo: Estimator = {
  name: "loo",
  doc: "Score function with the mean cost of the other particles as baseline.",
  formula: "mean_k (f_k - mean_{j≠k} f_j) ∇ log q(z_k)",
  source: "Salimans, Knowles 2014; Kool, van Hoof, Welling 2019, Buy 4 REINFORCE samples",
  bias: "none",
  cost: "K >= 2 draws, K evaluations",
  notFirst: "admitted, but its gradient is noisier: it uses no derivative of the model",
  options: {},
  fixable: false,
  refuses: firstOf(
    (site, facts, options) => {
      const refusal = unlessLinear(site, facts, options);
      return refusal === null ? null : { ...refusal, hint: "use vimco" };
    },
    unlessParticles,
    unlessSupportFixed,
  ),
  place: aboveBaseline,
};
