// The family of swaps: the race's exponentials, normalised, are Dirichlet(1), and exchanging two of them in all members at once gives another draw of the
// same law. AR, ARS, ARSM and their conditioned forms differ in which swaps they evaluate (discrete_estimators, section 8).

import type { Axis, Node } from "../ir/node.ts";
import {
  add, constant, einsum, exp, expand, floor, gather, less, logSoftmax, max, maxAxis, maximum, min, minimum, mod, mul, neg, pick, scalar, select,
  sigmoid, stop, sub, sum, sumAxis, toAxis, toEvent,
} from "../op/index.ts";
import { oneHot } from "../dist/draw.ts";
import { everyState } from "./enumerate.ts";
import type { Cost, Estimator, Site } from "./estimator.ts";
import { axisOf, listedOf, logExponential, winner, type Listed } from "./race.ts";
import { firstOf, unlessIndependentMembers, unlessListed, unlessSupportFixed } from "./refusals.ts";

type Race = Listed & { readonly site: Site; readonly count: number; readonly logRho: Node; readonly rho: Node };

function raceOf(site: Site): Race {
  const listed = listedOf(site);
  const { count } = listed.states;
  const logRho = logSoftmax(logExponential(site, "race", count));
  return { ...listed, site, count, logRho, rho: exp(logRho) };
}

const refuses = firstOf(unlessListed, unlessIndependentMembers, unlessSupportFixed);

/** <logits, G> with G held: its gradient in the logits is G. */
const towards = ({ logits }: Race, gradient: Node): Node => sum(mul(logits, stop(gradient)));

const place = (gradient: (race: Race, cost: Cost) => Node): Estimator["place"] => (site) => {
  const race = raceOf(site);
  return { value: race.states.fromHot(winner(race.logits, race.logRho)), surrogate: (cost) => towards(race, gradient(race, cost)) };
};

/** x less its mean along the last event dim. */
const centred = (x: Node, count: number): Node => {
  const dims = x.shape.map((_, d) => d).slice(0, -1);
  const mean = mul(scalar(1 / count), sum(x, [x.shape.length - 1]));
  return sub(x, dims.length === 0 ? mean : expand(mean, x.shape, dims));
};

// ---------------------------------------------------------------------------------------- AR

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
  refuses,
  place: place(({ count, rho }, cost) => mul(cost.here, sub(scalar(1), mul(scalar(count), rho)))),
};

// ---------------------------------------------------------------------------------------- ARS: one reference per member

/** A reference state, drawn apart from the race, and every state swapped with it, on the axis `swaps`. */
type Swaps = { readonly axis: Axis; readonly reference: Node; readonly logRho: Node; readonly hot: Node; readonly costs: Node };

function swapsOf(race: Race, cost: Cost): Swaps {
  const { site, count, logRho, logits, states } = race;
  const axis = axisOf("swaps", site, count);
  const reference = oneHot(floor(mul(scalar(count), site.noise("uniform", "reference", []))), count);
  const swapped = exchanged(logRho, reference, everyState(count, axis), toAxis(logRho, 0, axis));
  const hot = winner(logits, swapped);
  return { axis, reference, logRho: swapped, hot, costs: toEvent(cost.at(states.fromHot(hot)), axis, 0, count) };
}

/** x with its entries at the one-hot positions j and m exchanged; `atM`: the entry at m. */
const exchanged = (x: Node, j: Node, m: Node, atM: Node): Node => select(j, atM, select(m, pick(j, x), x));

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
  refuses,
  place: place((race, cost) => {
    const { reference, costs } = swapsOf(race, cost);
    return mul(centred(costs, race.count), sub(scalar(1), mul(scalar(race.count), pick(reference, race.rho))));
  }),
};

/** +inf that stays a number when it is subtracted. */
const NEVER = 1e300;

export const arsPlus: Estimator = {
  name: "ars+",
  doc: "ars with the reference's share of the noise replaced by its conditional mean given all swapped labels (two-sided), and members whose labels all " +
    "coincide left out.",
  formula: "G_c = (1 - δ) (f_jc - mean_m f_jm) (1 - C (Lo + U)/2), ρ_j | all labels uniform on [Lo, U]",
  source: "Dong, Mnih, Tucker 2021, Coupled gradient estimators, with two-sided bounds: the published code's one-sided ones are biased from three states on",
  bias: "none",
  cost: "one draw, C evaluations",
  notFirst: "admitted, but noisier than arsm for the price of C evaluations against C (C - 1)/2 + 1",
  options: {},
  fixable: false,
  refuses,
  place: place((race, cost) => {
    const swaps = swapsOf(race, cost);
    const { low, high } = rangeOfReference(race, swaps);
    const own = pick(swaps.reference, race.rho);
    const mean = select(less(high, low), own, mul(scalar(0.5), add(low, high)));
    const differ = less(max(sumAxis(swaps.hot, swaps.axis)), scalar(race.count));
    return mul(mul(differ, centred(swaps.costs, race.count)), sub(scalar(1), mul(scalar(race.count), mean)));
  }),
};

/** Given all noise but that of the reference j and of a random other state l, ρ_j is uniform on (0, r), r = ρ_j + ρ_l, and each swapped label says on which
 *  side of thresholds it lies (discrete_estimators, 8.4). In the swap with m, position u = m holds x and position d holds r - x. */
function rangeOfReference({ site, count, rho, held }: Race, { axis, reference, logRho, hot }: Swaps): { readonly low: Node; readonly high: Node } {
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

// ---------------------------------------------------------------------------------------- ARSM: every state as reference

/** The swaps (j, m), j < m, and none: for each the order in which it reads the noise; and where the pair (j, m) stands among them. */
function pairsOf(count: number): { readonly orders: readonly (readonly number[])[]; readonly place: readonly number[] } {
  const identity = [...Array(count).keys()];
  const pairs = identity.flatMap((j) => identity.slice(j + 1).map((m) => [j, m] as const));
  const orders = [identity, ...pairs.map(([j, m]) => identity.map((c) => (c === j ? m : c === m ? j : c)))];
  const at = (j: number, m: number): number => (j === m ? 0 : 1 + pairs.findIndex(([a, b]) => a === Math.min(j, m) && b === Math.max(j, m)));
  return { orders, place: identity.flatMap((j) => identity.map((m) => at(j, m))) };
}

type AllSwaps = { readonly costs: Node; readonly differ: () => Node };

/** f_jm of every pair: event [count, count]; and whether the labels of a reference j differ between its swaps: event [count]. */
function allSwaps({ site, count, logRho, logits, states }: Race, cost: Cost): AllSwaps {
  const { orders, place: places } = pairsOf(count);
  const size = orders.length;
  const axis = axisOf("pairs", site, size);
  const hot = winner(logits, toAxis(gather(logRho, 0, constant(orders.flat(), [size, count])), 0, axis));
  const byPair = (x: Node): Node => gather(toEvent(x, axis, 0, size), 0, constant(places, [count, count]));
  return {
    costs: byPair(cost.at(states.fromHot(hot))),
    differ: () => less(max(sum(byPair(hot), [1]), [1]), scalar(count)),
  };
}

/** sum_j (f_jc - mean_m f_jm) (1/C - rho_j), each reference weighted. */
function merged({ count, rho }: Race, costs: Node, weight: Node | null): Node {
  const noise = sub(scalar(1 / count), rho);
  return einsum("jc,j->c", centred(costs, count), weight === null ? noise : mul(weight, noise));
}

export const arsm: Estimator = {
  name: "arsm",
  doc: "Augment, reinforce, swap, merge: ars averaged over every state as reference. Needs no derivative of the cost, and its number of evaluations does not " +
    "grow with the number of members.",
  formula: "G_c = Σ_j (f_jc - mean_m f_jm) (1/C - ρ_j)",
  source: "Yin, Yue, Zhou 2019, ARSM: Augment-REINFORCE-swap-merge, eq. 9",
  bias: "none",
  cost: "one draw, C (C - 1)/2 + 1 evaluations",
  notFirst: "admitted: the default where the cost has no derivative in the value",
  options: {},
  fixable: false,
  refuses,
  place: place((race, cost) => merged(race, allSwaps(race, cost).costs, null)),
};

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
  refuses,
  place: place((race, cost) => {
    const { costs, differ } = allSwaps(race, cost);
    return merged(race, costs, differ());
  }),
};
