// The point search: from a start to a good place for a Gaussian guide, with a standard deviation per coordinate. It
// climbs log p at single points but judges the places on its way by their ELBO, since the mode of a hierarchical model
// is not where its mass is.

import { finiteMean, type Draws } from "./guide.ts";
import { hessianDiagonal, minimise, type Pair, type Point, type State } from "./lbfgs.ts";
import { norm } from "./linear-algebra.ts";
import { repeated, type Start } from "./start.ts";
import type { FixedTarget } from "./target.ts";
import * as math from "../op/special/elementary.ts";

/** x and points, one after the other. */
export type Place = {
  readonly theta: Float64Array;
  /** Standard deviation of every coordinate of theta as the curvature gives it. */
  readonly sds: Float64Array;
  readonly pairs: readonly Pair[];
  /** Scale of the first inverse Hessian behind `pairs`. */
  readonly scale: number;
  /** ELBO of the mean-field guide (theta, sds) on the judge's draws, less its constant. */
  readonly score: number;
  /** Second derivatives of -log p, where known. */
  readonly hessian: Float64Array | null;
};
export type Located = {
  readonly best: Place;
  /** Where the search ended, when it converged or came to what is known. */
  readonly mode: Place | null;
  /** The search ran away from the best place. */
  readonly runaway: boolean;
};

const ITERATIONS = 300;
const MEMORY = 20;
const EXPAND = 4;
const SMALLEST_SD = 1e-8;
const LARGEST_SD = 1e4;
/** Nats by which a place must be worse than the best to count against going on. */
const WORSE = 1;
const PATIENCE = 3;

/** -mean of F at one x, over the draws of eps: f and gradient in theta = (x, points). */
export function placeObjective(target: FixedTarget, eps: Float64Array, n: number): (theta: Float64Array) => Point {
  const { dim, points } = target;
  return (theta) => {
    const at = target.evaluate(repeated(theta.subarray(0, dim), n), theta.slice(dim), eps, n);
    const g = new Float64Array(dim + points);
    for (let i = 0; i < n; i++) for (let j = 0; j < dim; j++) g[j]! -= at.gradX[i * dim + j]! / n;
    for (let j = 0; j < points; j++) g[dim + j] = -at.gradPoints[j]! / n;
    const f = -finiteMean(at.value);
    return { v: theta, f: g.every(Number.isFinite) ? f : Infinity, g };
  };
}

/** Mean of F over `draws` of the mean-field guide at (theta, sds), plus the log sds of x. */
export function judge(target: FixedTarget, draws: Draws, theta: Float64Array, sds: Float64Array): number {
  const { dim } = target;
  const x = draws.z.map((z, i) => theta[i % dim]! + sds[i % dim]! * z);
  let entropy = 0;
  for (let j = 0; j < dim; j++) entropy += math.log(sds[j]!);
  return finiteMean(target.values(x, theta.slice(dim), draws.eps, draws.n)) + entropy;
}

/** Standard deviations from the diagonal of a Hessian, kept inside a wide range. */
export const sdsFrom = (diagonal: Float64Array): Float64Array =>
  diagonal.map((h) => Math.min(Math.max(h > 0 ? 1 / Math.sqrt(h) : LARGEST_SD, SMALLEST_SD), LARGEST_SD));

const decreaseOver = (history: readonly number[], steps: number): number => history.at(-1 - steps)! - history.at(-1)!;

const settled = ({ iteration, decrement, history }: State): boolean =>
  iteration > 5 && history.length > 5 && decrement < 0.1 && decreaseOver(history, 5) < 0.5;

/** The search from `start`; `judges` are the draws that places are judged on, `onJudged` hears of the best score so
 *  far. It ends early at a point from which `isKnown` says where it would lead. */
export function locate(
  target: FixedTarget,
  start: Start,
  eps: Float64Array,
  n: number,
  judges: Draws,
  onJudged: (score: number) => void,
  isKnown: (point: Point) => boolean = () => false,
): Located {
  const evaluate = placeObjective(target, eps, n);
  const places: Place[] = [];
  let best: Place | undefined;
  let worse = 0;
  let next = 3;
  let known = false;
  const consider = (state: State): void => {
    const place = placeAt(target, judges, state);
    places.push(place);
    if (best === undefined || place.score > best.score) [best, worse] = [place, 0];
    else if (place.score < best.score - WORSE) worse++;
    onJudged(best.score);
  };
  const end = minimise(evaluate, evaluate(Float64Array.of(...start.x, ...start.points)), [], {
    memory: MEMORY,
    iterations: ITERATIONS,
    expand: EXPAND,
    metric: (g) => g,
    firstScale: (g) => 1 / Math.max(norm(g), 1),
    limit: () => Infinity,
    rounding: target.rounding,
    stop: (state) => {
      if (state.iteration === next) {
        consider(state);
        next = Math.floor(1.4 * next) + 1;
        known = isKnown(state.point);
      }
      return known || worse >= PATIENCE || settled(state);
    },
  });
  const runaway = worse >= PATIENCE;
  if (!runaway) consider(end);
  return { best: best!, mode: (known || settled(end)) && !runaway ? places.at(-1)! : null, runaway };
}

function placeAt(target: FixedTarget, judges: Draws, { point, pairs, scale }: State): Place {
  const sds = sdsFrom(hessianDiagonal(pairs, scale, point.v.length));
  return { theta: point.v, sds, pairs, scale, score: judge(target, judges, point.v, sds), hessian: null };
}
