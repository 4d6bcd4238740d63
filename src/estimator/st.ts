// Straight-through: the gradient of the probabilities.

import { div } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { softmax } from "./race.ts";
import { placeThrough, TEMPERATURE, temperatureOf, unlessSmoothListed } from "./straight-through.ts";

export const st: Estimator = {
  name: "st",
  doc: "Straight-through: the draw passes on the gradient of the probabilities. The least noisy of its family, and the flattest on a curved cost.",
  formula: "G = J(softmax(θ/τ)) g / τ",
  source: "Bengio, Leonard, Courville 2013, Estimating or propagating gradients through stochastic neurons",
  bias: { why: "exact only where the cost is linear in the one-hot value; else of first order in its curvature" },
  cost: "one draw, one evaluation",
  notFirst: "admitted, but biased already where the cost is quadratic",
  options: TEMPERATURE,
  refuses: unlessSmoothListed,
  fixable: false,
  place: placeThrough(({ logits, options }) => softmax(div(logits, temperatureOf(options)))),
};
