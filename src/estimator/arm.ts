// Two draws of a Boolean from one uniform (discrete_estimators, section 9.1).

import type { Node } from "../ir/node.ts";
import { concat, constant, expand, less, mul, scalar, sigmoid, stop, sub, sum } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { listedOf } from "./race.ts";
import { firstOf, unlessBinary, unlessIndependentMembers, unlessSupportFixed } from "./refusals.ts";

export const arm: Estimator = {
  name: "arm",
  doc: "Two draws of a Boolean from one uniform, and their difference times its distance from a half.",
  formula: "G = (f([u > σ(-φ)]) - f([u < σ(φ)])) (u - 1/2)",
  source: "Yin, Zhou 2019, ARM: Augment-REINFORCE-merge gradient for stochastic binary networks, eq. 5",
  bias: "none",
  cost: "two draws, two evaluations",
  notFirst: "admitted, but disarm is its conditional mean at the same price",
  options: {},
  fixable: false,
  refuses: firstOf(unlessBinary, unlessIndependentMembers, unlessSupportFixed),
  place: (site) => {
    const { states, logits, held } = listedOf(site);
    const phi = (x: Node): Node => sum(mul(x, constant([-1, 1], [2])));
    const u = site.noise("uniform", "arm", []);
    const value = (second: Node): Node =>
      states.fromHot(concat([expand(sub(scalar(1), second), [1], []), expand(second, [1], [])], 0));
    const own = less(u, sigmoid(phi(held)));
    const other = less(sub(scalar(1), u), sigmoid(phi(held)));
    return {
      value: value(own),
      surrogate: (cost) => mul(phi(logits), stop(mul(sub(cost.at(value(other)), cost.here), sub(u, scalar(0.5))))),
    };
  },
};
