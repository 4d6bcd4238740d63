// The rounds: the guide is optimised on one set of draws after another, each new and larger; a round that finds next to
// nothing to gain on new draws is the proof of convergence.

import { sharpHessian } from "./curvature.ts";
import type { Context } from "./fixed.ts";
import { disagreement, hessianInFrame } from "./frame.ts";
import { marginalSds, type Guide } from "./guide.ts";
import type { Pair } from "./lbfgs.ts";
import { cholesky } from "./linear-algebra.ts";
import { placeObjective } from "./locate.ts";
import { HESSIAN_SIZE, type Prepared } from "./prepare.ts";
import { endlessLine } from "./rays.ts";
import { round, ROUND_ITERATIONS, type RoundResult } from "./round.ts";
import { sharpened, type Remark, type Verdict } from "./target.ts";
import * as math from "../op/special/elementary.ts";

/** The nats that a check may still find for the guide to count as converged, and the fewest draws of such a check. */
export const EPSILON = 0.05;
const CHECK_DRAWS = 256;
/** A check on so few draws that moved more than this is followed by one more: what is left after it is about a third of
 *  what it found, give or take as much. */
const SURE = 0.025;
const MOST_DRAWS = 4096;
/** Inner tolerance in nats. */
const TOLERANCE = 0.002;
/** Log sds by which the guide may leave the Hessian before it is taken anew, and before it is dropped. */
const STALE = 0.5;
const USELESS = 1.5;
/** Passes over the draws that a Hessian may cost where there is base noise. */
const NOISY_PASSES = 4;
/** Growth of a log sd over two rounds that no proper posterior shows. */
const EXPLODED = 10;
/** Full checks whose new draws had to be pulled in to be finite: more draws only reach further out. */
const CUTS = 2;
/** Nats found on new draws above which the posterior may be improper. */
const SUSPICIOUS = 1;
/** A search that fails this early with this much left to gain started in the wrong region. */
const EARLY = 5;
const MUCH = 1;

export type Optimised = { readonly guide: Guide; readonly verdict: Omit<Verdict, "gradients" | "values"> };

type Status = { readonly guide: Guide; readonly pairs: readonly Pair[]; readonly hessian: Float64Array | null };

/** Rounds until the verdict; "again" when the first one shows that another start should be tried and `mayRestart`. */
export function optimise(context: Context, prepared: Prepared, mayRestart: boolean): Optimised | "again" {
  const { target, budget } = context;
  const sds: Float64Array[] = [];
  let status: Status = prepared;
  let draws = prepared.draws;
  let cut = 0;
  let cuts = 0;
  for (let number = 1; ; number++) {
    if (number > 1 && wantsHessian(context, draws)) status = { ...status, hessian: freshHessian(context, status) };
    const result = round(
      target,
      { ...status, isCheck: number > 1, tolerance: TOLERANCE, budget },
      context.draw(draws),
      context.heard(`round ${number}, ${draws} draws`),
    );
    const lost = number === 1 && isLost(result);
    const moved = number === 1 || result.cut > 0 ? Infinity : Math.max(result.delta, result.gain);
    const settled = draws >= CHECK_DRAWS && moved < (draws === CHECK_DRAWS ? SURE : EPSILON);
    const suspicious = lost || settled || moved > SUSPICIOUS;
    const endless = suspicious ? endlessLine(target, result.guide, prepared.guide.mean, context.quiet) : null;
    if (lost && mayRestart && endless === null) return "again";
    status = { ...status, guide: result.guide, pairs: result.pairs };
    sds.push(marginalSds(result.guide, target.blocks));
    if (number > 1 && result.cut > 0) cut = result.cut;
    if (result.cut > 0 && draws >= CHECK_DRAWS) cuts++;
    const next = nextDraws(draws, moved);
    const improper = endless ?? exploded(sds);
    const hopeless = improper !== null || cuts === CUTS || !result.finite || target.spent().gradients >= budget;
    const converged = !hopeless && settled;
    if (converged || hopeless || next > MOST_DRAWS) {
      const remarks = converged ? [] : remarksOn(cut, improper);
      return { guide: result.guide, verdict: { converged, moved, draws, rounds: number, remarks } };
    }
    draws = next;
  }
}

const isLost = ({ finite, reason, iterations, delta }: RoundResult): boolean =>
  !finite || iterations >= ROUND_ITERATIONS || (reason === "search" && iterations <= EARLY && delta > MUCH);

const nextDraws = (draws: number, moved: number): number =>
  moved < EPSILON && draws < CHECK_DRAWS ? Math.max(2 * draws, CHECK_DRAWS) : 2 * draws;

/** The coordinates whose log sds grew without bound over the last two rounds (the first round, which corrects the
 *  start, does not count). */
function exploded(sds: readonly Float64Array[]): readonly number[] | null {
  if (sds.length < 3) return null;
  const growth = sds.at(-1)!.map((sd, j) => math.log(sd / sds.at(-3)![j]!));
  const found = [...growth.keys()].filter((j) => growth[j]! > EXPLODED);
  return found.length > 0 ? found : null;
}

function remarksOn(cut: number, improper: readonly number[] | null): Remark[] {
  return [
    ...(cut > 0 ? [{ kind: "support-cut" as const, share: cut }] : []),
    ...(improper !== null ? [{ kind: "improper" as const, coordinates: improper }] : []),
  ];
}

/** A single full-rank block is whitened by its own scale; every other guide needs the Hessian for its means, even a
 *  diagonal one. */
function wantsHessian({ target, quiet }: Context, draws: number): boolean {
  const size = target.dim + target.points;
  const useful = !target.gauge && (target.blocks.length > 1 || target.points > 0);
  // With base noise a derivative takes several draws, and points depend on it most: a few passes are allowed for it.
  return useful && size <= HESSIAN_SIZE && size * quiet.n <= (quiet.n === 1 ? draws : NOISY_PASSES * draws);
}

/** The Hessian held while it agrees with the guide; else a new one at the guide's mean if that is usable. */
function freshHessian({ target, quiet }: Context, { guide, hessian }: Status): Float64Array | null {
  const size = target.dim + target.points;
  const distance = (h: Float64Array): number => disagreement(hessianInFrame(h, guide, target.blocks), target.dim, size);
  // Points have no sds by which to see that a Hessian is stale.
  if (hessian !== null && target.points === 0 && distance(hessian) <= STALE) return hessian;
  const sharp = sharpened(target);
  const at = placeObjective(sharp, quiet.eps, quiet.n)(Float64Array.of(...guide.mean, ...guide.points));
  if (at.f === Infinity) return null;
  const steps = Float64Array.of(...marginalSds(guide, target.blocks), ...guide.points.map(() => 1));
  const fresh = sharpHessian(sharp, at, steps, quiet.eps, quiet.n);
  return distance(fresh) <= USELESS && cholesky(fresh, size) !== null ? fresh : null;
}
