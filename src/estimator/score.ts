// Score function (REINFORCE): the value is held, its log probability is credited with the terms below it.

import { mul, stop } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { unlessSupportFixed } from "./refusals.ts";

export const score: Estimator = {
  name: "score",
  doc: "Needs a density only, works for every site, and is the noisiest choice.",
  formula: "f(z) ∇ log q(z)",
  source: "Williams 1992, REINFORCE; credit of downstream terms only: Ranganath, Gerrish, Blei 2014, section 3.1",
  bias: "none",
  cost: "one draw, one evaluation",
  notFirst:
    "admitted, but at the same cost its gradient is noisier: it uses no derivative of the model and no baseline",
  options: {},
  fixable: false,
  refuses: unlessSupportFixed,
  place: (site) => {
    const value = stop(site.draw());
    return { value, surrogate: (cost) => mul(stop(cost.here), site.guide.logProb(value)) };
  },
};
