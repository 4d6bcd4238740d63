// Straight-through of second order.

import type { Estimator } from "./estimator.ts";
import { firstOf, unlessNumber } from "./refusals.ts";
import { placeThrough, reinmaxCarrier, temperatureOf, unlessSmoothListed } from "./straight-through.ts";

export const reinmax: Estimator = {
  name: "reinmax",
  doc: "Straight-through of second order: differences of the cost between states by the trapezoid rule, from the gradient at the drawn one.",
  formula: "G = 2 J(p_D) g - J(π) g / 2, p_D = (softmax(θ/τ) + D)/2",
  source: "Liu, Dong, Liu, Yu, Gao 2023, Bridging discrete and backpropagation: straight-through and beyond",
  bias: {
    why: "none where the cost is at most quadratic in each member's one-hot value (temperature 1); else of second order",
  },
  cost: "one draw, one evaluation",
  notFirst: "admitted: less biased than reinmax-rao on average, and noisier, more so with many states",
  options: { temperature: "of the softmax inside p_D, at least 1 (default 1)" },
  refuses: firstOf(
    unlessSmoothListed,
    unlessNumber("temperature", (t) => t >= 1, "at least 1"),
  ),
  fixable: false,
  place: placeThrough((drawn) => reinmaxCarrier(drawn, temperatureOf(drawn.options))),
};
