// The cost times the Dirichlet noise that made the draw (discrete_estimators, section 8.1).

import { mul, scalar, sub } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { placeRace, unlessSwappable } from "./swaps.ts";

export const ar: Estimator = {
  name: "ar",
  doc: "Augment and reinforce: the cost times the Dirichlet noise that made the draw. A building block; noisier than score.",
  formula: "G_c = f(z) (1 - C ρ_c)",
  source: "Yin, Yue, Zhou 2019, ARSM, eq. 5",
  bias: "none",
  cost: "one draw, one evaluation",
  notFirst: "admitted, but noisier than score",
  options: {},
  fixable: false,
  refuses: unlessSwappable,
  place: placeRace(({ count, rho }, cost) => mul(cost.here, sub(scalar(1), mul(scalar(count), rho)))),
};
