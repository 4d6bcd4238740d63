// One reference state per member, swapped with every other (discrete_estimators, section 8.2).

import { mul, pick, scalar, sub } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { centred, placeRace, swapsOf, unlessSwappable } from "./swaps.ts";

export const ars: Estimator = {
  name: "ars",
  doc: "Augment, reinforce, swap: every state is swapped with one random reference, and the mean of these costs is the baseline.",
  formula: "G_c = (f_jc - mean_m f_jm) (1 - C ρ_j), one random j per member",
  source: "Yin, Yue, Zhou 2019, ARSM, eq. 8",
  bias: "none",
  cost: "one draw, C evaluations",
  notFirst: "admitted, but noisier than arsm, which takes every state as reference",
  options: {},
  fixable: false,
  refuses: unlessSwappable,
  place: placeRace((race, cost) => {
    const { reference, costs } = swapsOf(race, cost);
    return mul(centred(costs, race.count), sub(scalar(1), mul(scalar(race.count), pick(reference, race.rho))));
  }),
};
