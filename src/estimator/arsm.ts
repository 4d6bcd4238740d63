// Every state as reference, every pair swapped (discrete_estimators, section 8.3).

import type { Estimator } from "./estimator.ts";
import { allSwaps, merged, placeRace, unlessSwappable } from "./swaps.ts";

export const arsm: Estimator = {
  name: "arsm",
  doc:
    "Augment, reinforce, swap, merge: ars averaged over every state as reference. Needs no derivative of the cost, and its number of evaluations does not " +
    "grow with the number of members.",
  formula: "G_c = Σ_j (f_jc - mean_m f_jm) (1/C - ρ_j)",
  source: "Yin, Yue, Zhou 2019, ARSM: Augment-REINFORCE-swap-merge, eq. 9",
  bias: "none",
  cost: "one draw, C (C - 1)/2 + 1 evaluations",
  notFirst: "admitted: the default where the cost has no derivative in the value",
  options: {},
  fixable: false,
  refuses: unlessSwappable,
  place: placeRace((race, cost) => merged(race, allSwaps(race, cost).costs, null)),
};
