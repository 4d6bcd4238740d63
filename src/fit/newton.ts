// A few Newton steps at the mode that the point search found: they give the exact curvature, which stiff data need.

import { sharpHessian } from "./curvature.ts";
import type { Draws } from "./guide.ts";
import { cholesky, dot, isDefinite, plus, solveCholesky } from "./linear-algebra.ts";
import { judge, placeObjective, sdsFrom, type Place } from "./locate.ts";
import type { Point } from "./lbfgs.ts";
import type { FixedTarget } from "./target.ts";

const STEPS = 4;
/** Smallest eigenvalue of the Hessian at unit diagonal. */
const DEFINITE = 1e-11;
const FINISHED = 0.05;
/** Below this decrement a full step needs no line search. */
const TINY = 1e-3;
/** Nats that the Newton place may fall below the best one. */
const TOLERATED = 1;

export type Newton = { readonly place: Place; readonly definite: boolean };

/** Improves `best` from `mode`; `definite` says whether the curvature there was that of a maximum. */
export function newton(
  target: FixedTarget,
  best: Place,
  mode: Place,
  eps: Float64Array,
  n: number,
  judges: Draws,
): Newton {
  const evaluate = placeObjective(target, eps, n);
  let place = best;
  let at = evaluate(mode.theta);
  let sds = mode.sds;
  for (let step = 0; step < STEPS; step++) {
    const size = at.v.length;
    const hessian = sharpHessian(target, at, sds, eps, n);
    const factor = isDefinite(hessian, size, DEFINITE) ? cholesky(hessian, size) : null;
    if (factor === null) return { place, definite: false };
    const p = solveCholesky(factor, at.g).map((x) => -x);
    const decrement = -dot(at.g, p) / 2;
    const moved = decrement > TINY ? descend(evaluate, at, p) : evaluate(plus(at.v, 1, p));
    if (moved === null || moved.f === Infinity) return { place, definite: true };
    at = moved;
    sds = sdsFrom(at.v.map((_, i) => hessian[i * size + i]!));
    const score = judge(target, judges, at.v, sds);
    if (!(score > best.score - TOLERATED)) return { place, definite: true };
    place = { theta: at.v, sds, pairs: [], scale: 1, score, hessian };
    if (decrement < FINISHED) break;
  }
  return { place, definite: true };
}

/** Halves the step until f falls as Armijo asks. */
function descend(evaluate: (v: Float64Array) => Point, from: Point, p: Float64Array): Point | null {
  const slope = dot(from.g, p);
  for (let t = 1; t > 1e-6; t /= 2) {
    const point = evaluate(plus(from.v, t, p));
    if (point.f <= from.f + 1e-4 * t * slope) return point;
  }
  return null;
}
