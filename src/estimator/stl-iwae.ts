// The path gradient under several draws with the weights to the first power.

import { scalar } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { firstOf, onlyBounds, unlessContinuousPath } from "./refusals.ts";
import { alongHeldPath, unlessBoundaryFixed } from "./several-draws.ts";

export const stlIwae: Estimator = {
  name: "stl-iwae",
  doc: "The path gradient under several draws with the weights to the first power: Sticking the Landing, Algorithm 4, as it was published.",
  formula: "Σ_k w_k ∇_path log w_k",
  source: "Roeder, Wu, Duvenaud 2017, Sticking the Landing, Algorithm 4",
  bias: {
    why: "its mean is the bound's gradient plus that of the wake-phase objective; no bias for one draw, and none where the guide is the posterior",
  },
  cost: "K draws, K evaluations",
  notFirst: "admitted, but biased from two draws on: dreg is not",
  options: {},
  fixable: false,
  refuses: firstOf(onlyBounds, unlessContinuousPath, unlessBoundaryFixed),
  place: (site) => ({ ...alongHeldPath(site), pathWeight: () => scalar(1) }),
};
