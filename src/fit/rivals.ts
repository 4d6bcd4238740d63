// Whether a fit ended in the best of several optima. A few point searches from other starts look for another mode;
// where there is one all starts are searched, and the most promising modes are fitted.

import { diagonalGuide } from "./first-guide.ts";
import type { Context } from "./fixed.ts";
import { finiteMean, logDeterminant, marginalSds, spread, type Draws, type Guide } from "./guide.ts";
import { locate, type Located } from "./locate.ts";
import { prepareAt, type Prepared } from "./prepare.ts";
import type { Point } from "./lbfgs.ts";
import { normals } from "./random.ts";
import { EPSILON, optimise, type Optimised } from "./rounds.ts";
import { CANDIDATES, inFirstBox, ranked, repeated, type Start } from "./start.ts";
import type { Remark } from "./target.ts";

/** A guide fitted from a place. */
export type Ended = { readonly prepared: Prepared; readonly outcome: Optimised };

/** One optimum. */
type Mode = {
  /** x and points. */
  readonly theta: Float64Array;
  /** Searches that ended here. */
  readonly count: number;
  /** ELBO of the first guide at it, and of the fitted one (else of the first). */
  readonly guess: number;
  readonly value: number;
  /** Null where only the first guide is known. */
  readonly ended: Ended | null;
  readonly prepared: Prepared;
};

/** What searches may cost while they find no other mode: a share of the fit's gradients, or so many if that is more;
 *  the second where a valley was seen, which log-concave densities do not have. */
const SHARE = 0.06;
const LEAST = { plain: 60, valleys: 250 };
/** Waves of searches: another follows one that has found a new mode. */
const WAVES = 5;
/** Modes fitted beside the first. */
const FITS = 2;
/** Nats by which the first guide at a mode may be worse than at the one that was fitted: what fitting gains differs. */
const PROMISING = 1;
/** Nats by which a guide that no search settled at must be better to be looked at. */
const BETTER = 1;
/** Nats by which log p must fall between two places for them to be two modes. */
const DIP = 0.5;
const BETWEEN = 8;
/** Nats, and half a nat for every coordinate, below a mode from where a search that no valley parts from it leads
 *  there. */
const NEAR = 5;
const DRAWS = 128;
/** Standard deviations of the guide that a hop from its mean goes, in turn. */
const HOPS = [3, 6, 12, 24];
/** Sets of ten points of the box, and hops, that are looked at; and how many of the highest are asked for a valley. */
const BOXES = 5;
const PROBES = 50;
const LOOKS = 30;
/** Starts of the fit and its restarts have the attempts before. */
const ATTEMPT = 3;

/** The best of the modes found, and what is known of the others. */
export function contest(
  context: Context,
  first: Ended,
  trace: unknown[],
): { readonly best: Ended; readonly remarks: readonly Remark[] } {
  const draws = context.draw(DRAWS);
  let modes: readonly Mode[] = [fittedMode(context, first, 1, draws)];
  let best = modes[0]!;
  for (let wave = 0; wave < WAVES; wave++) {
    const known = modes.length;
    modes = searched(context, modes, best, wave, draws);
    if (modes.length === known) break;
    for (const mode of promising(modes, best)) {
      const length = trace.length;
      const outcome = optimise(context, mode.prepared, false);
      if (outcome === "again") continue;
      const now = fittedMode(context, { prepared: mode.prepared, outcome }, mode.count, draws);
      modes = modes.map((one) => (one === mode ? now : one));
      if (now.value > best.value + EPSILON) best = now;
      else trace.length = length;
    }
  }
  return { best: best.ended ?? first, remarks: remarksOn(modes, best) };
}

function fittedMode(context: Context, ended: Ended, count: number, draws: Draws): Mode {
  const {
    prepared,
    outcome: { guide },
  } = ended;
  const [guess, value] = [elboOn(context, prepared.guide, draws), elboOn(context, guide, draws)];
  return { theta: thetaOf(guide), count, guess, value, prepared, ended };
}

/** The modes that may be better than the best one when they are fitted. */
const promising = (modes: readonly Mode[], best: Mode): readonly Mode[] =>
  modes
    .filter(({ ended, guess }) => ended === null && guess > best.guess - PROMISING)
    .sort((a, b) => b.guess - a.guess)
    .slice(0, FITS);

/** The modes after searches from all starts around the best one, or from as many as are cheap while there is one. */
function searched(context: Context, known: readonly Mode[], best: Mode, wave: number, draws: Draws): readonly Mode[] {
  const spent = context.target.spent().gradients;
  let modes = known;
  const { starts, valleys } = rivalStarts(context, best, wave);
  const allowed = Math.max(SHARE * spent, valleys ? LEAST.valleys : LEAST.plain);
  for (const [number, start] of starts.entries()) {
    const cost = context.target.spent().gradients - spent;
    const isDear = number > 0 && modes.length === 1 && cost + cost / number > allowed;
    if (isDear || spent + cost >= context.budget) break;
    modes = visited(context, modes, start, draws);
  }
  return modes;
}

/** The modes after one more search. */
function visited(context: Context, modes: readonly Mode[], start: Start, draws: Draws): readonly Mode[] {
  const { target, quiet, judges } = context;
  const isNear = ({ v, f }: Point): boolean =>
    modes.some(({ theta }) => -f > logAt(context, theta) - NEAR - target.dim / 2 && isJoined(context, v, theta));
  const located = locate(target, start, quiet.eps, quiet.n, judges, () => {}, isNear);
  const { mode } = located;
  const known = mode === null ? -1 : modes.findIndex(({ theta }) => isJoined(context, mode.theta, theta));
  if (known >= 0) return modes.map((one, i) => (i === known ? { ...one, count: one.count + 1 } : one));
  if (mode === null && !isBetter(context, located, modes, draws)) return modes;
  const prepared = prepareAt(context, start);
  const guess = elboOn(context, prepared.guide, draws);
  if (guess === -Infinity) return modes;
  const theta = mode?.theta ?? thetaOf(prepared.guide);
  return [...modes, { theta, count: 1, guess, value: guess, ended: null, prepared }];
}

/** A search that ran on from a place where even the mean-field guide is better than any that was fitted. */
const isBetter = (context: Context, { best }: Located, modes: readonly Mode[], draws: Draws): boolean =>
  elboOn(context, diagonalGuide(context.target, best), draws) > Math.max(...modes.map(({ value }) => value)) + BETTER;

const thetaOf = ({ mean, points }: Guide): Float64Array => Float64Array.of(...mean, ...points);

/** No valley lies between two places. */
function isJoined(context: Context, a: Float64Array, b: Float64Array): boolean {
  const at = (t: number): Float64Array => a.map((ai, j) => ai + t * (b[j]! - ai));
  const along = Array.from({ length: BETWEEN + 1 }, (_, i) => logAt(context, at(i / BETWEEN)));
  return Math.min(...along) > Math.min(along[0]!, along[BETWEEN]!) - DIP;
}

const logAt = ({ target, quiet: { eps, n } }: Context, theta: Float64Array): number =>
  finiteMean(target.values(repeated(theta.subarray(0, target.dim), n), theta.slice(target.dim), eps, n));

/** ELBO up to its constant. */
function elboOn({ target: { blocks, values } }: Context, guide: Guide, { n, z, eps }: Draws): number {
  return finiteMean(values(spread(guide, blocks, z), guide.points, eps, n)) + logDeterminant(guide, blocks);
}

/** The starts of a wave, and whether any lies beyond a valley. Log p alone, which costs little, picks them from points
 *  of the box in which the fit began and hops from the best mode: first those beyond a valley, each kind the higher
 *  ones first. */
function rivalStarts(
  context: Context,
  best: Mode,
  wave: number,
): { readonly starts: readonly Start[]; readonly valleys: boolean } {
  const { target, seed, quiet } = context;
  const attempt = ATTEMPT + BOXES * wave;
  const boxes = Array.from({ length: BOXES }, (_, i) => inFirstBox(target, seed, attempt + i)).flat();
  const probes = ranked(target, [...boxes, ...hops(context, best.ended!.outcome.guide, wave)], quiet.eps, quiet.n);
  const isBeyond = ({ x, points }: Start): boolean => !isJoined(context, Float64Array.of(...x, ...points), best.theta);
  const beyond = probes.slice(0, LOOKS).filter(isBeyond);
  return { starts: [...new Set([...beyond, ...probes])].slice(0, CANDIDATES - 1), valleys: beyond.length > 0 };
}

function hops({ target: { dim, blocks }, seed }: Context, guide: Guide, wave: number): readonly Start[] {
  const sds = marginalSds(guide, blocks);
  const steps = normals(PROBES * dim, seed, "fit:rival", wave);
  return Array.from({ length: PROBES }, (_, i) => {
    const length = HOPS[i % HOPS.length]!;
    return { x: guide.mean.map((m, j) => m + length * sds[j]! * steps[i * dim + j]!), points: guide.points };
  });
}

/** Searches that ended elsewhere, and how far below the best the best of those optima is. */
function remarksOn(modes: readonly Mode[], best: Mode): Remark[] {
  const others = modes.filter(({ theta }) => theta !== best.theta);
  if (others.length === 0) return [];
  const count = (some: readonly Mode[]): number => some.reduce((sum, mode) => sum + mode.count, 0);
  const below = best.value - Math.max(...others.map(({ value }) => value));
  return [{ kind: "modes", starts: count(modes), elsewhere: count(others), below }];
}
