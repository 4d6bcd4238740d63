// Path gradients under a bound of several draws: the score of log q is multiplied by the draws' weights there, and does not have mean zero.

import { add, mul, scalar, sub } from "../op/index.ts";
import type { Estimator, Placed, Refusal, Site } from "./estimator.ts";
import { firstOf, onlyBounds, unlessContinuousPath } from "./refusals.ts";

const alongPath = (site: Site): Placed => ({ value: site.draw(), logq: site.frozen.logProb });

const unlessSupportFixed = (site: Site): Refusal | null =>
  site.supportMoves
    ? { reason: "the guide's support moves with its parameters, so the score of log q cannot be rewritten as a path", hint: "use total" }
    : null;

export const dreg: Estimator = {
  name: "dreg",
  doc: "Doubly reparameterised gradient: the path gradient with each draw's weight squared, which stands for the score term. Its signal-to-noise ratio " +
    "grows with the number of draws, where the total derivative's falls.",
  formula: "Σ_k (α w_k + (1 - α) w_k²) ∇_path log w_k, w normalised; α = 0 for iwae",
  source: "Tucker, Lawson, Gu, Maddison 2019, Doubly reparameterized gradient estimators for Monte Carlo objectives, eq. 5; α: for the Rényi bound",
  bias: "none",
  cost: "K draws, K evaluations",
  notFirst: "admitted: the default under a bound of several draws",
  options: {},
  fixable: false,
  refuses: firstOf(onlyBounds, unlessContinuousPath, unlessSupportFixed, (_site, { below }) => {
    const discrete = below.filter((b) => b.discrete).map((b) => b.name);
    return discrete.length === 0
      ? null
      : { reason: `the guide of ${discrete.join(", ")} reads it, and its score is no path of this draw`, hint: "use total" };
  }),
  place: (site) => ({ ...alongPath(site), pathWeight: (w, alpha) => add(alpha, mul(sub(scalar(1), alpha), w)) }),
};

export const stlIwae: Estimator = {
  name: "stl-iwae",
  doc: "The path gradient under several draws with the weights to the first power: Sticking the Landing, Algorithm 4, as it was published.",
  formula: "Σ_k w_k ∇_path log w_k",
  source: "Roeder, Wu, Duvenaud 2017, Sticking the Landing, Algorithm 4",
  bias: { why: "its mean is the bound's gradient plus that of the wake-phase objective; no bias for one draw, and none where the guide is the posterior" },
  cost: "K draws, K evaluations",
  notFirst: "admitted, but biased from two draws on: dreg is not",
  options: {},
  fixable: false,
  refuses: firstOf(onlyBounds, unlessContinuousPath, unlessSupportFixed),
  place: (site) => ({ ...alongPath(site), pathWeight: () => scalar(1) }),
};
