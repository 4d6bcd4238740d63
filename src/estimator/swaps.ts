// The family of swaps: the race's exponentials, normalised, are Dirichlet(1), and exchanging two of them in all members
// at once gives another draw of the same law. AR, ARS, ARSM and their conditioned forms differ in which swaps they
// evaluate (discrete_estimators, section 8).

import type { Axis, Node } from "../ir/node.ts";
import {
  constant,
  einsum,
  exp,
  expand,
  floor,
  gather,
  less,
  logSoftmax,
  max,
  mul,
  pick,
  scalar,
  select,
  stop,
  sub,
  sum,
  toAxis,
  toEvent,
} from "../op/index.ts";
import { oneHot } from "../dist/draw.ts";
import type { Cost, Estimator, Site } from "./estimator.ts";
import { axisOf, everyState, listedOf, logExponential, winner, type Listed } from "./race.ts";
import { firstOf, unlessIndependentMembers, unlessListed, unlessSupportFixed } from "./refusals.ts";

export type Race = Listed & { readonly site: Site; readonly count: number; readonly logRho: Node; readonly rho: Node };

function raceOf(site: Site): Race {
  const listed = listedOf(site);
  const { count } = listed.states;
  const logRho = logSoftmax(logExponential(site, "race", count));
  return { ...listed, site, count, logRho, rho: exp(logRho) };
}

/** What all of the family refuse. */
export const unlessSwappable = firstOf(unlessListed, unlessIndependentMembers, unlessSupportFixed);

/** <logits, G> with G held: its gradient in the logits is G. */
const towards = ({ logits }: Race, gradient: Node): Node => sum(mul(logits, stop(gradient)));

/** A draw by the race, credited with `gradient`. */
export const placeRace =
  (gradient: (race: Race, cost: Cost) => Node): Estimator["place"] =>
  (site) => {
    const race = raceOf(site);
    return {
      value: race.states.fromHot(winner(race.logits, race.logRho)),
      surrogate: (cost) => towards(race, gradient(race, cost)),
    };
  };

/** x less its mean along the last event dim. */
export const centred = (x: Node, count: number): Node => {
  const dims = x.shape.map((_, d) => d).slice(0, -1);
  const mean = mul(scalar(1 / count), sum(x, [x.shape.length - 1]));
  return sub(x, dims.length === 0 ? mean : expand(mean, x.shape, dims));
};

/** A reference state, drawn apart from the race, and every state swapped with it, on the axis `swaps`. */
export type Swaps = {
  readonly axis: Axis;
  readonly reference: Node;
  readonly logRho: Node;
  readonly hot: Node;
  readonly costs: Node;
};

export function swapsOf(race: Race, cost: Cost): Swaps {
  const { site, count, logRho, logits, states } = race;
  const axis = axisOf("swaps", site, count);
  const reference = oneHot(floor(mul(scalar(count), site.noise("uniform", "reference", []))), count);
  const swapped = exchanged(logRho, reference, everyState(count, axis), toAxis(logRho, 0, axis));
  const hot = winner(logits, swapped);
  return { axis, reference, logRho: swapped, hot, costs: toEvent(cost.at(states.fromHot(hot)), axis, 0, count) };
}

/** x with its entries at the one-hot positions j and m exchanged; `atM`: the entry at m. */
const exchanged = (x: Node, j: Node, m: Node, atM: Node): Node => select(j, atM, select(m, pick(j, x), x));

/** The swaps (j, m), j < m, and none: for each the order in which it reads the noise; and where the pair (j, m) stands
 *  among them. */
function pairsOf(count: number): {
  readonly orders: readonly (readonly number[])[];
  readonly place: readonly number[];
} {
  const identity = [...Array(count).keys()];
  const pairs = identity.flatMap((j) => identity.slice(j + 1).map((m) => [j, m] as const));
  const orders = [identity, ...pairs.map(([j, m]) => identity.map((c) => (c === j ? m : c === m ? j : c)))];
  const at = (j: number, m: number): number =>
    j === m ? 0 : 1 + pairs.findIndex(([a, b]) => a === Math.min(j, m) && b === Math.max(j, m));
  return { orders, place: identity.flatMap((j) => identity.map((m) => at(j, m))) };
}

type AllSwaps = { readonly costs: Node; readonly differ: () => Node };

/** f_jm of every pair: event [count, count]; and whether the labels of a reference j differ between its swaps: event
 *  [count]. */
export function allSwaps({ site, count, logRho, logits, states }: Race, cost: Cost): AllSwaps {
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
export function merged({ count, rho }: Race, costs: Node, weight: Node | null): Node {
  const noise = sub(scalar(1 / count), rho);
  return einsum("jc,j->c", centred(costs, count), weight === null ? noise : mul(weight, noise));
}
