// Straight-through Gumbel-Softmax, averaged over the noise that gives the drawn state.

import type { Estimator } from "./estimator.ts";
import { averagedOver, DRAWS, placeThrough, TEMPERATURE, unlessSmoothListed } from "./straight-through.ts";

export const gumbelRao: Estimator = {
  name: "gumbel-rao",
  doc: "Straight-through Gumbel-Softmax averaged over the noise that gives the drawn state: the same mean, never more noise.",
  formula: "G = mean_m J(y_m) g / τ, y_m = softmax(x_m/τ), x_m ~ (θ + Gumbel | argmax = D)",
  source: "Paulus, Maddison, Krause 2021, Rao-Blackwellizing the straight-through Gumbel-Softmax estimator",
  bias: { why: "that of st-gumbel at the same temperature" },
  cost: "one draw, one evaluation, `draws` conditional Gumbels per state",
  notFirst: "admitted, but biased already for a linear cost",
  options: { ...TEMPERATURE, ...DRAWS },
  refuses: unlessSmoothListed,
  fixable: false,
  place: placeThrough((drawn) => averagedOver(drawn, drawn.held)),
};
