// Score function with learned baselines, one for all members and one each, scaled by a moving standard deviation
// (discrete_estimators, section 6.4).

import type { Node } from "../ir/node.ts";
import { div, maximum, mul, scalar, sqrt, square, stop, sub } from "../op/index.ts";
import type { Cost, Estimator } from "./estimator.ts";
import { firstOf, unlessLinear, unlessRate, unlessSupportFixed } from "./refusals.ts";

export const nvil: Estimator = {
  name: "nvil",
  doc: "Score function less a moving average and a learned baseline per member, divided by the moving standard deviation of what is left where that is above 1.",
  formula: "(f - c - b_i) / max(1, √v) ∇ log q; c, v averages over all members, b_i over member i",
  source:
    "Mnih, Gregor 2014, Neural variational inference and learning in belief networks, section 2.3-2.4; b is a table instead of a network of the data",
  bias: {
    why: "the division by the moving standard deviation changes the gradient's length, not its direction",
    keepsOptimum: true,
  },
  cost: "one draw, one evaluation",
  notFirst: "admitted, but its baselines have to be learned first, and its length is not the gradient's",
  options: { rate: "share of the distance moved per step (default 0.2)" },
  fixable: false,
  refuses: firstOf(unlessLinear, unlessSupportFixed, unlessRate),
  place: (site, { rate = 0.2 }) => {
    const value = stop(site.draw());
    const centre = site.learned("baseline", [0], [], "site");
    const own = site.learned("baseline_of_member", [0], [], "member");
    const variance = site.learned("variance", [1], [], "site");
    const left = (cost: Cost): Node => stop(sub(sub(cost.here, centre), own));
    const moved = Number(rate);
    return {
      value,
      surrogate: (cost) => mul(stop(div(left(cost), maximum(scalar(1), sqrt(variance)))), site.guide.logProb(value)),
      tune: [
        { leaf: centre, rule: "average", toward: (cost) => cost.here, rate: moved },
        { leaf: own, rule: "average", toward: (cost) => sub(cost.here, centre), rate: moved },
        { leaf: variance, rule: "average", toward: (cost) => square(left(cost)), rate: moved },
      ],
    };
  },
};
