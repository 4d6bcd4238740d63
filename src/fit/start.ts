// Where a fit begins: the best of a few points with finite log p and finite gradient.

import { finiteMean } from "./guide.ts";
import { uniforms } from "./random.ts";
import type { FitFailure, FixedTarget } from "./target.ts";

export type Start = { readonly x: Float64Array; readonly points: Float64Array };

/** Tried in turn until a point with finite log p is found; U(-2, 2) is Stan's habit. */
export const RADII = [2, 0.5, 0.1, 0.02, 5];
export const CANDIDATES = 10;

/** The best finite start. The user's own start is the only candidate at first; `attempt` > 0 looks elsewhere. */
export function findStart(
  target: FixedTarget,
  eps: Float64Array,
  n: number,
  seed: number,
  attempt: number,
): Start | FitFailure {
  const own = attempt === 0 ? target.start.x : null;
  let tried = 0;
  let stuck: FitFailure | null = null;
  for (const [number, radius] of RADII.entries()) {
    const candidates =
      own !== null && number === 0
        ? [{ x: own, points: target.start.points }]
        : around(target, radius, seed, attempt, number);
    tried += candidates.length;
    for (const start of ranked(target, candidates, eps, n)) {
      const parameter = badSlope(target, start, eps, n);
      if (parameter === null) return start;
      stuck ??= { failure: "not-finite", step: null, parameter };
    }
  }
  return stuck ?? { failure: "no-finite-start", tried };
}

/** Points of the first box. */
export const inFirstBox = (target: FixedTarget, seed: number, attempt: number): readonly Start[] =>
  around(target, RADII[0]!, seed, attempt, 0);

/** Those with finite log p, the best first. */
export function ranked(
  target: FixedTarget,
  candidates: readonly Start[],
  eps: Float64Array,
  n: number,
): readonly Start[] {
  const scored = candidates.map((start) => ({
    start,
    score: finiteMean(target.values(repeated(start.x, n), start.points, eps, n)),
  }));
  return scored
    .filter(({ score }) => score > -Infinity)
    .sort((a, b) => b.score - a.score)
    .map(({ start }) => start);
}

/** The first of (x, points) in which the gradient is not finite: at a kink log p may be finite and its slope not. */
function badSlope(target: FixedTarget, { x, points }: Start, eps: Float64Array, n: number): number | null {
  const { gradX, gradPoints } = target.evaluate(repeated(x, n), points, eps, n);
  const inX = gradX.findIndex((g) => !Number.isFinite(g));
  if (inX >= 0) return inX % target.dim;
  const inPoints = gradPoints.findIndex((g) => !Number.isFinite(g));
  return inPoints < 0 ? null : target.dim + inPoints;
}

/** Zero and uniform points. Points keep their own start in the first try and are shaken in later ones. */
function around(target: FixedTarget, radius: number, seed: number, attempt: number, number: number): Start[] {
  const next = uniforms(seed, "fit:start", RADII.length * attempt + number);
  const shake = number === 0 ? 0 : radius;
  return Array.from({ length: CANDIDATES }, (_, candidate) => {
    const inside = (size: number): number => (candidate === 0 && attempt === 0 ? 0 : size * (2 * next() - 1));
    return {
      x: new Float64Array(target.dim).map(() => inside(radius)),
      points: target.start.points.map((p) => p + inside(shake)),
    };
  });
}

/** n copies of x, one after the other. */
export function repeated(x: Float64Array, n: number): Float64Array {
  const copies = new Float64Array(n * x.length);
  for (let i = 0; i < n; i++) copies.set(x, i * x.length);
  return copies;
}
