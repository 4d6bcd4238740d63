// ars with the conditional mean of the noise given all swapped labels (discrete_estimators, section 8.4).

import type { Node } from "../ir/node.ts";
import { oneHot } from "../dist/draw.ts";
import {
  add,
  constant,
  exp,
  floor,
  less,
  max,
  maxAxis,
  maximum,
  min,
  minimum,
  mod,
  mul,
  neg,
  pick,
  scalar,
  select,
  sigmoid,
  sub,
  sumAxis,
} from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { everyState } from "./race.ts";
import { centred, placeRace, swapsOf, unlessSwappable, type Race, type Swaps } from "./swaps.ts";

/** +inf that stays a number when it is subtracted. */
const NEVER = 1e300;

export const arsPlus: Estimator = {
  name: "ars+",
  doc:
    "ars with the reference's share of the noise replaced by its conditional mean given all swapped labels (two-sided), and members whose labels all " +
    "coincide left out.",
  formula: "G_c = (1 - δ) (f_jc - mean_m f_jm) (1 - C (Lo + U)/2), ρ_j | all labels uniform on [Lo, U]",
  source:
    "Dong, Mnih, Tucker 2021, Coupled gradient estimators, with two-sided bounds: the published code's one-sided ones are biased from three states on",
  bias: "none",
  cost: "one draw, C evaluations",
  notFirst: "admitted, but noisier than arsm for the price of C evaluations against C (C - 1)/2 + 1",
  options: {},
  fixable: false,
  refuses: unlessSwappable,
  place: placeRace((race, cost) => {
    const swaps = swapsOf(race, cost);
    const { low, high } = rangeOfReference(race, swaps);
    const own = pick(swaps.reference, race.rho);
    const mean = select(less(high, low), own, mul(scalar(0.5), add(low, high)));
    const differ = less(max(sumAxis(swaps.hot, swaps.axis)), scalar(race.count));
    return mul(mul(differ, centred(swaps.costs, race.count)), sub(scalar(1), mul(scalar(race.count), mean)));
  }),
};

/** Given all noise but that of the reference j and of a random other state l, ρ_j is uniform on (0, r), r = ρ_j + ρ_l,
 *  and each swapped label says on which side of thresholds it lies (discrete_estimators, 8.4). In the swap with m,
 *  position u = m holds x and position d holds r - x. */
function rangeOfReference(
  { site, count, rho, held }: Race,
  { axis, reference, logRho, hot }: Swaps,
): { readonly low: Node; readonly high: Node } {
  const numbers = constant([...Array(count).keys()], [count]);
  const step = add(scalar(1), floor(mul(scalar(count - 1), site.noise("uniform", "other", []))));
  const other = oneHot(mod(add(pick(reference, numbers), step), scalar(count)), count);
  const r = add(pick(reference, rho), pick(other, rho));
  const u = everyState(count, axis);
  const d = select(pick(u, other), reference, other);
  const rest = min(select(add(u, d), scalar(NEVER), sub(logRho, held)));
  const [atU, atD] = [pick(u, held), pick(d, held)];
  const alpha = exp(add(rest, atU));
  const beta = sub(r, exp(add(rest, atD)));
  const between = mul(r, sigmoid(sub(atU, atD)));
  const [wonByU, wonByD] = [pick(u, hot), pick(d, hot)];
  const upper = select(wonByU, minimum(alpha, between), select(wonByD, r, beta));
  const lower = select(wonByU, scalar(0), select(wonByD, maximum(beta, between), alpha));
  return { low: maximum(scalar(0), maxAxis(lower, axis)), high: minimum(r, neg(maxAxis(neg(upper), axis))) };
}
