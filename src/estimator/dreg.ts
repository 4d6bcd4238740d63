// The doubly reparameterised gradient: the path with the square of each draw's weight.

import { add, mul, scalar, sub } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { firstOf, onlyBounds, unlessContinuousPath } from "./refusals.ts";
import { alongHeldPath, unlessBoundaryFixed } from "./several-draws.ts";

/** Through these a path of this draw goes on, and is weighted once. */
const FOLLOWED = ["dreg", "total", "path", "implicit"];

export const dreg: Estimator = {
  name: "dreg",
  doc:
    "Doubly reparameterised gradient: the path gradient with each draw's weight squared, which stands for the score term. Its signal-to-noise ratio " +
    "grows with the number of draws, where the total derivative's falls.",
  formula: "Σ_k (α w_k + (1 - α) w_k²) ∇_path log w_k, w normalised; α = 0 for iwae",
  source:
    "Tucker, Lawson, Gu, Maddison 2019, Doubly reparameterized gradient estimators for Monte Carlo objectives, eq. 5; α: for the Rényi bound",
  bias: "none",
  cost: "K draws, K evaluations",
  notFirst: "admitted: the default under a bound of several draws",
  options: {},
  fixable: false,
  refuses: firstOf(onlyBounds, unlessContinuousPath, unlessBoundaryFixed, (_site, { below }) => {
    const others = below
      .filter(({ estimator }) => !FOLLOWED.includes(estimator))
      .map(({ name, estimator }) => `${name} (${estimator})`);
    return others.length === 0
      ? null
      : {
          reason: `the guide of ${others.join(", ")} reads it, and what that passes on is not weighted as a path of this draw`,
          hint: "use total",
        };
  }),
  place: (site) => ({ ...alongHeldPath(site), pathWeight: (w, alpha) => add(alpha, mul(sub(scalar(1), alpha), w)) }),
};
