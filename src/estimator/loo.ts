// Leave-one-out: the mean cost of the other particles is a baseline that does not see this particle's draw. Under a bound of several
// draws the baseline is that of VIMCO, and so is the name.

import { mul, stop, sub } from "../op/index.ts";
import type { Estimator, Placed, Site } from "./estimator.ts";
import { firstOf, onlyBounds, unlessLinear, unlessParticles, unlessSupportFixed } from "./refusals.ts";

function aboveBaseline(site: Site): Placed {
  const value = stop(site.draw());
  return { value, surrogate: (cost) => mul(stop(sub(cost.here, cost.baseline())), site.guide.logProb(value)) };
}

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
  refuses: firstOf((site, facts, options) => {
    const refusal = unlessLinear(site, facts, options);
    return refusal === null ? null : { ...refusal, hint: "use vimco" };
  }, unlessParticles, unlessSupportFixed),
  place: aboveBaseline,
};

export const vimco: Estimator = {
  name: "vimco",
  doc: "Score function for a bound of several draws: the baseline of a draw is the bound with the mean of the other log weights in place of its own.",
  formula: "Σ_k (L_K - L_K[log w_k ← mean_{j≠k} log w_j]) ∇ log q(z_k)",
  source: "Mnih, Rezende 2016, Variational inference for Monte Carlo objectives, eq. 9-11",
  bias: "none",
  cost: "K >= 2 draws, K evaluations",
  notFirst: "admitted, but its gradient is noisier: it uses no derivative of the model",
  options: {},
  fixable: false,
  refuses: firstOf(onlyBounds, unlessParticles, unlessSupportFixed),
  place: aboveBaseline,
};
