// Coordinates of one round: v = [a | c | T] moves the guide away from the one at the round's start (its frame),
//   m = m0 + L0 a,   points = p0 + c,   L = L0 T per block, T lower triangular with diagonal exp(b).
// In these coordinates a guide that is nearly right has curvature near 1 everywhere.

import { finiteMean, logDeterminant, spread, type Blocks, type Draws, type Guide } from "./guide.ts";
import type { Metric, Pair, Point } from "./lbfgs.ts";
import {
  cholesky,
  solveCholesky,
  solveLower,
  solveLowerTransposed,
  timesLower,
  timesLowerTransposed,
  transpose,
} from "./linear-algebra.ts";
import type { FixedTarget } from "./target.ts";
import * as math from "../op/special/elementary.ts";

/** Where each block's packed T begins, and the length of v. T is packed by rows; entry (r, c) sits at r (r + 1) / 2 +
 *  c. */
export type Layout = {
  readonly offsets: readonly number[];
  readonly length: number;
  readonly diagonal: readonly number[];
};

const packed = (r: number, c: number): number => (r * (r + 1)) / 2 + c;

export function layoutOf({ dim, points, blocks }: FixedTarget): Layout {
  const offsets: number[] = [];
  const diagonal: number[] = [];
  let length = dim + points;
  for (const { size } of blocks) {
    offsets.push(length);
    for (let r = 0; r < size; r++) diagonal.push(length + packed(r, r));
    length += packed(size, 0);
  }
  return { offsets, length, diagonal };
}

/** The guide at coordinates v of a frame. */
export function guideAt(frame: Guide, blocks: Blocks, layout: Layout, v: Float64Array): Guide {
  const dim = frame.mean.length;
  const mean = Float64Array.from(frame.mean);
  const scales = blocks.map(({ start, size }, b) => {
    const l0 = frame.scales[b]!;
    const shift = timesLower(l0, v.slice(start, start + size));
    for (let r = 0; r < size; r++) mean[start + r]! += shift[r]!;
    return timesPacked(l0, size, v.subarray(layout.offsets[b]!));
  });
  return { mean, scales, points: frame.points.map((p, i) => p + v[dim + i]!) };
}

/** L0 T */
function timesPacked(l0: Float64Array, size: number, t: Float64Array): Float64Array {
  const l = new Float64Array(size * size);
  for (let r = 0; r < size; r++) {
    for (let p = 0; p <= r; p++) {
      const weight = l0[r * size + p]!;
      for (let c = 0; c < p; c++) l[r * size + c]! += weight * t[packed(p, c)]!;
      l[r * size + p]! += weight * math.exp(t[packed(p, p)]!);
    }
  }
  return l;
}

/** -(mean F(m + L z) + log |det L|) with its gradient in v; Infinity where any draw is not finite. */
export function frameObjective(
  target: FixedTarget,
  frame: Guide,
  layout: Layout,
  draws: Draws,
): (v: Float64Array) => Point {
  const { blocks, dim, points } = target;
  return (v) => {
    const guide = guideAt(frame, blocks, layout, v);
    const at = target.evaluate(spread(guide, blocks, draws.z), guide.points, draws.eps, draws.n);
    const g = new Float64Array(layout.length);
    for (let i = 0; i < points; i++) g[dim + i] = -at.gradPoints[i]! / draws.n;
    for (const [b, { start, size }] of blocks.entries()) {
      const { a, t } = blockGradient(frame.scales[b]!, size, start, dim, draws, at.gradX);
      g.set(a, start);
      for (let r = 0; r < size; r++) {
        const at = packed(r, r);
        t[at] = t[at]! * math.exp(v[layout.offsets[b]! + at]!) - 1;
      }
      g.set(t, layout.offsets[b]!);
    }
    const f = -(finiteMean(at.value) + logDeterminant(guide, blocks));
    return { v, f: Number.isFinite(f) && g.every(Number.isFinite) ? f : Infinity, g };
  };
}

/** -L0' mean(G) and the lower part of -L0' mean(G z'), packed. */
function blockGradient(
  l0: Float64Array,
  size: number,
  start: number,
  dim: number,
  { n, z }: Draws,
  gradX: Float64Array,
): { readonly a: Float64Array; readonly t: Float64Array } {
  const gm = new Float64Array(size);
  const gl = new Float64Array(size * size);
  for (let row = start; row < n * dim; row += dim) {
    for (let r = 0; r < size; r++) {
      const grad = gradX[row + r]! / -n;
      gm[r]! += grad;
      for (let c = 0; c <= r; c++) gl[r * size + c]! += grad * z[row + c]!;
    }
  }
  const t = new Float64Array(packed(size, 0));
  for (let p = 0; p < size; p++) {
    for (let r = p; r < size; r++) {
      const weight = l0[r * size + p]!;
      for (let c = 0; c <= p; c++) t[packed(p, c)]! += weight * gl[r * size + c]!;
    }
  }
  return { a: timesLowerTransposed(l0, gm), t };
}

/** Applies `part` to every block of the x-part of a vector and leaves the rest. */
function perBlock(v: Float64Array, frame: Guide, blocks: Blocks, part: typeof solveLower): Float64Array {
  const result = Float64Array.from(v);
  for (const [b, { start, size }] of blocks.entries()) {
    result.set(part(frame.scales[b]!, v.slice(start, start + size)), start);
  }
  return result;
}

/** A pair of x-space (steps of x, gradients in x) as one of the frame, its length filled with zeros. */
export function intoFrame({ s, y, own }: Pair, frame: Guide, blocks: Blocks, layout: Layout): Pair {
  const full = (short: Float64Array): Float64Array => {
    const long = new Float64Array(layout.length);
    long.set(short);
    return long;
  };
  const inside = (vector: Float64Array, part: typeof solveLower): Float64Array =>
    full(perBlock(vector, frame, blocks, part));
  return { s: inside(s, solveLower), y: inside(y, timesLowerTransposed), own };
}

/** The reverse of `intoFrame`. */
export const outOfFrame = ({ s, y, own }: Pair, frame: Guide, blocks: Blocks): Pair => ({
  s: perBlock(s, frame, blocks, timesLower),
  y: perBlock(y, frame, blocks, solveLowerTransposed),
  own,
});

/** F' H F for the x and points part, F the frame's scales: what the Hessian of -F looks like in (a, c). */
export function hessianInFrame(hessian: Float64Array, frame: Guide, blocks: Blocks): Float64Array {
  const size = frame.mean.length + frame.points.length;
  const rowsTimesF = (a: Float64Array): Float64Array => {
    const product = new Float64Array(a.length);
    for (let r = 0; r < a.length; r += size) {
      product.set(perBlock(a.slice(r, r + size), frame, blocks, timesLowerTransposed), r);
    }
    return product;
  };
  return rowsTimesF(transpose(rowsTimesF(hessian), size));
}

/** How far, in log sds, the guide's scales are from those of the Hessian: max |log diag| / 2 of F' H F over x. */
export function disagreement(inFrame: Float64Array, dim: number, size: number): number {
  let worst = 0;
  for (let j = 0; j < dim; j++) {
    const entry = inFrame[j * size + j]!;
    worst = Math.max(worst, entry > 0 ? Math.abs(math.log(entry)) / 2 : Infinity);
  }
  return worst;
}

/** First inverse Hessian of a round: (F' H F)^-1 for (a, c) where a Hessian is held, else 1; 1/2 for log scales (the
 *  entropy and a quadratic give them curvature 2), 1 for off-diagonals. */
export function frameMetric(inFrame: Float64Array | null, size: number, layout: Layout): Metric {
  const factor = inFrame === null ? null : cholesky(inFrame, size);
  return (g) => {
    const d = Float64Array.from(g);
    if (factor !== null) d.set(solveCholesky(factor, g.slice(0, size)));
    for (const index of layout.diagonal) d[index]! /= 2;
    return d;
  };
}

/** The multiple of a direction at which a scale component (log diagonal or off-diagonal) has moved by 1. */
export function scaleLimit(size: number): (direction: Float64Array) => number {
  return (direction) => 1 / direction.subarray(size).reduce((most, d) => Math.max(most, Math.abs(d)), 0);
}

/** The largest |log-diagonal component|. */
export const largestScaling = (v: Float64Array, layout: Layout): number =>
  layout.diagonal.reduce((most, index) => Math.max(most, Math.abs(v[index]!)), 0);
