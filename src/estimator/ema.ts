// Score function with a moving average of the cost as baseline, for one draw per step (discrete_estimators, section
// 6.2). The step's own draw enters the average after it was credited.

import { mul, stop, sub } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { firstOf, unlessRate, unlessSupportFixed } from "./refusals.ts";

export const ema: Estimator = {
  name: "ema",
  doc: "Score function less a moving average of the cost over the steps.",
  formula: "(f - c) ∇ log q, then c ← c + rate (mean f - c)",
  source: "Williams 1992, section 3; Sutton, Barto 2018, section 13.4",
  bias: "none",
  cost: "one draw, one evaluation",
  notFirst: "admitted, but its baseline is one number for all members; two draws give each its own",
  options: { rate: "share of the distance moved per step (default 0.05)" },
  fixable: false,
  refuses: firstOf(unlessSupportFixed, unlessRate),
  place: (site, { rate = 0.05 }) => {
    const value = stop(site.draw());
    const baseline = site.learned("baseline", [0], [], "site");
    return {
      value,
      surrogate: (cost) => mul(stop(sub(cost.here, baseline)), site.guide.logProb(value)),
      tune: [{ leaf: baseline, rule: "average", toward: (cost) => cost.here, rate: Number(rate) }],
    };
  },
};
