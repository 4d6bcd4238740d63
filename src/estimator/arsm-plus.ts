// arsm without the references whose swaps change nothing (discrete_estimators, section 8.5).

import type { Estimator } from "./estimator.ts";
import { allSwaps, merged, placeRace, unlessSwappable } from "./swaps.ts";

export const arsmPlus: Estimator = {
  name: "arsm+",
  doc: "arsm without the references whose swaps leave the member's label as it is: their part has mean zero.",
  formula: "G_c = Σ_j (1 - δ_j) (f_jc - mean_m f_jm) (1/C - ρ_j)",
  source: "Dong, Mnih, Tucker 2021, Coupled gradient estimators, appendix",
  bias: "none",
  cost: "one draw, C (C - 1)/2 + 1 evaluations",
  notFirst: "admitted: no better than arsm for a single member, 5 to 13 % less noisy for a few",
  options: {},
  fixable: false,
  refuses: unlessSwappable,
  place: placeRace((race, cost) => {
    const { costs, differ } = allSwaps(race, cost);
    return merged(race, costs, differ());
  }),
};
