// ReinMax, its second-order part averaged over the noise that gives the drawn state.

import { scalar } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import {
  averagedOver,
  DRAWS,
  placeThrough,
  TEMPERATURE,
  towardsDrawn,
  trapezoid,
  unlessSmoothListed,
} from "./straight-through.ts";

export const reinmaxRao: Estimator = {
  name: "reinmax-rao",
  doc: "ReinMax with its noisy Jacobian replaced by the mean over Gumbels that give the drawn state: much less noise where there are many states.",
  formula: "G = 2 mean_m J(y_m) g / τ - J(π) g / 2, y_m = softmax(x_m/τ), x_m ~ (log p_D + Gumbel | argmax = D)",
  source: "Wang, Bui 2026, Beyond ReinMax, eq. 17",
  bias: {
    why: "the mean is shrunk against the exact gradient (by a factor of .5 to .9), also for a linear cost; its direction is close",
  },
  cost: "one draw, one evaluation, `draws` conditional Gumbels per state",
  notFirst: "admitted: the default where the cost is smooth in the one-hot value",
  options: { ...TEMPERATURE, ...DRAWS },
  refuses: unlessSmoothListed,
  fixable: false,
  place: placeThrough((drawn) => trapezoid(averagedOver(drawn, towardsDrawn(drawn, scalar(1))), drawn)),
};
