// Leave-one-out under a bound of several draws.

import type { Estimator } from "./estimator.ts";
import { aboveBaseline } from "./leave-one-out.ts";
import { firstOf, onlyBounds, unlessParticles, unlessSupportFixed } from "./refusals.ts";

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
