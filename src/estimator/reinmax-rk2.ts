// A family of rules between straight-through and ReinMax (discrete_estimators, section 5.4).

import type { Node } from "../ir/node.ts";
import { add, mul, pick, scalar, stop, sub } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { numberOr, placeThrough, probabilities, unlessSmoothListed, type Drawn } from "./straight-through.ts";

/** beta J(pi) g + (1 - beta) (D - pi) <D - pi, g>: `log pi_D` moves along D - pi. */
function rungeKutta(drawn: Drawn): Node {
  const beta = numberOr(drawn.options, "beta", 0.5);
  const pi = probabilities(drawn);
  return add(mul(beta, pi), mul(mul(sub(scalar(1), beta), stop(sub(drawn.hot, pi))), pick(drawn.hot, drawn.logits)));
}

export const reinmaxRk2: Estimator = {
  name: "reinmax-rk2",
  doc: "A family of rules between straight-through (beta = 1) and score with a first-order gain (beta = 0); beta = 1/2 is ReinMax, the only one of second order.",
  formula: "G = β J(π) g + (1 - β) (D - π) <D - π, g>",
  source: "Wang, Bui 2026, Beyond ReinMax, section on Runge-Kutta rules, in the tangent form",
  bias: { why: "none for a linear cost; for beta = 1/2 none for a quadratic one" },
  cost: "one draw, one evaluation",
  notFirst: "admitted: reinmax is its best member",
  options: { beta: "weight of the straight-through part (default 1/2)" },
  refuses: unlessSmoothListed,
  fixable: false,
  place: placeThrough(rungeKutta),
};
