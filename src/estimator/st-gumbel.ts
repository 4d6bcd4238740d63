// Straight-through Gumbel-Softmax: the gradient of the relaxed draw with the noise that made the hard one.

import { div, sub } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { softmax } from "./race.ts";
import { placeThrough, TEMPERATURE, temperatureOf, unlessSmoothListed } from "./straight-through.ts";

export const stGumbel: Estimator = {
  name: "st-gumbel",
  doc: "Straight-through Gumbel-Softmax: the gradient of the relaxed draw with the same noise, at the hard value.",
  formula: "G = J(y) g / τ, y = softmax((θ + Gumbel)/τ)",
  source: "Jang, Gu, Poole 2017, Categorical reparameterization with Gumbel-Softmax, section 2.2",
  bias: {
    why: "biased for every temperature above 0, even for a linear cost; less bias and more noise at a lower one",
  },
  cost: "one draw, one evaluation",
  notFirst: "admitted, but gumbel-rao has its mean with less noise",
  options: TEMPERATURE,
  refuses: unlessSmoothListed,
  fixable: false,
  place: placeThrough(({ logits, logE, options }) => softmax(div(sub(logits, logE), temperatureOf(options)))),
};
