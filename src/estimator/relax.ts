// Score function with a network of a relaxed draw as control variate.

import type { Node } from "../ir/node.ts";
import { add, einsum, exp, mul, scalar, sum, tanh } from "../op/index.ts";
import { placeControlled, startOf } from "./control-variate.ts";
import type { Cost, Estimator } from "./estimator.ts";
import { listedOf } from "./race.ts";
import { firstOf, unlessIndependentMembers, unlessListed, unlessSupportFixed, unlessTemperature } from "./refusals.ts";
import * as math from "../op/special/elementary.ts";

const HIDDEN = 8;

/** Small numbers that differ from each other. */
const scattered = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => 0.5 * math.sin(1 + 2.4 * i));

export const relax: Estimator = {
  name: "relax",
  doc: "Score function with a small network of the relaxed draw as control variate; it learns to lower the variance and needs no derivative of the cost.",
  formula: "(f(D) - c(s̃)) ∇ log q + ∇ (c(s) - c(s̃)), c a network of one hidden layer",
  source: "Grathwohl, Choi, Wu, Roeder, Duvenaud 2018, Backpropagation through the Void, eq. 8",
  bias: "none",
  cost: "one draw, one evaluation, the network twice, and a second derivative to tune",
  notFirst: "admitted, but its control variate has to be learned first",
  options: { temperature: "where the temperature starts (default 0.5)" },
  fixable: false,
  refuses: firstOf(unlessListed, unlessIndependentMembers, unlessSupportFixed, unlessTemperature),
  place: (site, options) => {
    const { count } = listedOf(site).states;
    const inner = site.learned("inner", scattered(HIDDEN * count), [HIDDEN, count], "site");
    const shift = site.learned("shift", scattered(HIDDEN), [HIDDEN], "site");
    const outer = site.learned("outer", Array<number>(HIDDEN).fill(0), [HIDDEN], "site");
    const logTau = site.learned("log_temperature", [math.log(startOf(options, "temperature", 0.5))], [], "site");
    const at = (_cost: Cost, s: Node): Node => sum(mul(outer, tanh(add(einsum("hc,c->h", inner, s), shift))));
    return placeControlled(site, {
      at,
      whole: null,
      eta: scalar(1),
      temperature: exp(logTau),
      learned: [inner, shift, outer, logTau],
    });
  },
};
