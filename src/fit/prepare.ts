// Everything before the first round: a start, the point search, Newton steps, the first guide.

import type { CountedTarget } from "./count.ts";
import type { Context } from "./fixed.ts";
import { curvatureGuide, diagonalGuide, pairsGuide } from "./first-guide.ts";
import { diagonalScales, marginalSds, standardEntropy, type Blocks, type Guide } from "./guide.ts";
import type { Pair } from "./lbfgs.ts";
import { locate, type Place } from "./locate.ts";
import { newton } from "./newton.ts";
import { round } from "./round.ts";
import { findStart, type Start } from "./start.ts";
import { sharpened, type FitFailure, type FixedTarget } from "./target.ts";

export type Prepared = {
  readonly guide: Guide;
  /** Pairs of x-space for the first round. */
  readonly pairs: readonly Pair[];
  readonly hessian: Float64Array | null;
  /** Draws of the first round. */
  readonly draws: number;
  /** Second derivatives at the mode, where the point search found one. */
  readonly modeHessian: Float64Array | null;
  /** The point search ran away from the best place it had seen. */
  readonly runaway: boolean;
  /** Where it settled, log p had the curvature of a maximum. */
  readonly definite: boolean;
};

/** Coordinates up to which a Hessian by differences is worth its gradients. */
export const HESSIAN_SIZE = 200;
const FEWEST_DRAWS = 32;
const GUESS_DRAWS = 16;
/** Inner tolerance of the mean-field round that only prepares a full-rank one. */
const COARSE = 0.05;
/** Noise dimensions that hand-written sites may have before a round stops growing with them. */
const NOISE_COUNTED = 64;

export function prepare(context: Context, attempt: number): Prepared | FitFailure {
  const { target, quiet, seed } = context;
  const start = findStart(target, quiet.eps, quiet.n, seed, attempt);
  return "failure" in start ? start : prepareAt(context, start);
}

/** The first guide that a search from one start leads to. */
export function prepareAt(context: Context, start: Start): Prepared {
  const { target } = context;
  const draws = firstDraws(target);
  if (target.dim === 0) {
    const guide = { mean: start.x, scales: [], points: start.points };
    return { guide, pairs: [], hessian: null, draws, modeHessian: null, runaway: false, definite: true };
  }
  const { place, runaway, definite } = findPlace(context, start);
  return { ...firstGuide(context, place, draws), draws, modeHessian: place.hessian, runaway, definite };
}

type Found = { readonly place: Place; readonly runaway: boolean; readonly definite: boolean };

/** The best place of x and points together if log p has a maximum there. If not (a scale among the points can make log
 *  p infinite at a single x), the best x for the points at their start. */
function findPlace({ target: rounded, ...context }: Context, start: Start): Found {
  const target = sharpened(rounded);
  if (target.points === 0) return climb(target, context, target, start);
  const together = climb(target, context, target, start);
  if (together.settled && together.definite) return together;
  const alone = climb(target, context, holdingPoints(target, start.points), { x: start.x, points: NOTHING });
  return { ...alone, place: withPoints(alone.place, start.points) };
}

/** Point search and Newton steps on `target`; `whole` counts the gradients. */
function climb(
  whole: CountedTarget,
  { quiet, judges, heard }: Omit<Context, "target">,
  target: FixedTarget,
  start: Start,
): Found & { readonly settled: boolean } {
  const tell = heard("point search");
  const { best, mode, runaway } = locate(target, start, quiet.eps, quiet.n, judges, (score) =>
    tell(whole.spent().gradients, score + standardEntropy(target.dim)),
  );
  const small = target.dim + target.points <= HESSIAN_SIZE && !target.gauge;
  const { place, definite } =
    mode !== null && small ? newton(target, best, mode, quiet.eps, quiet.n, judges) : { place: best, definite: true };
  return { place, definite, runaway, settled: mode !== null };
}

const NOTHING = new Float64Array(0);

/** A function of x alone. */
const holdingPoints = (target: FixedTarget, points: Float64Array): FixedTarget => ({
  ...target,
  points: 0,
  gauge: false,
  evaluate: (x, _points, eps, n) => ({ ...target.evaluate(x, points, eps, n), gradPoints: NOTHING }),
  values: (x, _points, eps, n) => target.values(x, points, eps, n),
});

/** A place of x as one of x and points: what the search learnt about x's curvature is not carried over, since the
 *  points will move. */
const withPoints = (place: Place, points: Float64Array): Place => ({
  ...place,
  pairs: [],
  hessian: null,
  theta: Float64Array.of(...place.theta, ...points),
  sds: Float64Array.of(...place.sds, ...points.map(() => 1)),
});

/** The smallest 32 * 2^k that is at least four times the largest block: a full-rank guide on fewer than 2 draws per
 *  dimension is unbounded. */
function firstDraws({ blocks, noise }: FixedTarget): number {
  const largest = blocks.reduce((most, { size }) => (size > 1 ? Math.max(most, size) : most), 0);
  const wanted = 4 * Math.max(largest, Math.min(noise, NOISE_COUNTED));
  let draws = FEWEST_DRAWS;
  while (draws < wanted) draws *= 2;
  return draws;
}

type FirstStatus = Pick<Prepared, "guide" | "pairs" | "hessian">;

const isMeanField = (blocks: Blocks): boolean => blocks.every(({ size }) => size === 1);

function firstGuide(context: Context, place: Place, draws: number): FirstStatus {
  const { target } = context;
  const held = { pairs: place.pairs, hessian: place.hessian };
  if (isMeanField(target.blocks)) return { ...held, guide: diagonalGuide(target, place) };
  const curved = curvatureGuide(target, place, context.draw(GUESS_DRAWS));
  if (curved !== null) return { ...held, guide: curved };
  if (draws <= FEWEST_DRAWS) return { ...held, guide: pairsGuide(target, place, context.draw(GUESS_DRAWS)) };
  return meanFieldFirst(context, place);
}

/** One coarse mean-field round: its means and standard deviations start the full-rank rounds. */
function meanFieldFirst(context: Context, place: Place): FirstStatus {
  const { target } = context;
  const blocks = Array.from({ length: target.dim }, (_, start) => ({ start, size: 1 }));
  const single = { ...target, blocks };
  const { guide } = round(
    single,
    {
      guide: diagonalGuide(single, place),
      pairs: place.pairs,
      hessian: place.hessian,
      isCheck: false,
      tolerance: COARSE,
      budget: context.budget,
    },
    context.draw(FEWEST_DRAWS),
    context.heard("mean-field round"),
  );
  const scales = diagonalScales(target.blocks, marginalSds(guide, blocks));
  return { guide: { ...guide, scales }, pairs: [], hessian: null };
}
