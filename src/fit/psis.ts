// Pareto-smoothed importance sampling: log weights go in, the shape k-hat of their tail and smoothed log weights come
// out. k-hat says whether the guide covers the posterior. Vehtari, Simpson, Gelman, Yao & Gabry 2024; the tail fit is
// that of Zhang & Stephens 2009.

import * as math from "../op/special/elementary.ts";

export type Psis = {
  /** Below 0.5 good, up to 0.7 usable, above unreliable; Infinity where the weights have no tail to fit. */
  readonly khat: number;
  /** Smoothed, summing to 1 on the natural scale. */
  readonly logWeights: () => Float64Array;
};

const FEWEST_IN_TAIL = 5;
/** Log of the smallest normal float64: weights below it are nothing. */
const SMALLEST = -708.396418532264;
/** Spread of log ratios, relative to their size, that is only rounding. */
const ROUNDING = 1e-12;

/** k-hat of log p - log q at independent draws from q. -Infinity is a weight of zero; NaN or +Infinity make every
 *  answer void (k-hat Infinity). Ratios equal to rounding (the guide is the posterior) have no tail: k-hat is 0 by
 *  convention. */
export function khat(logRatios: Float64Array): Psis {
  const size = logRatios.length;
  const most = logRatios.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(most)) return { khat: Infinity, logWeights: () => new Float64Array(size).fill(-math.log(size)) };
  const sorted = logRatios.map((ratio) => ratio - most).sort();
  const rounding = ROUNDING * (1 + Math.abs(most));
  if (-sorted[0]! <= rounding) return { khat: 0, logWeights: () => normalised(new Float64Array(size)) };
  return { khat: smoothTail(sorted, rounding), logWeights: () => ranked(normalised(sorted), logRatios) };
}

/** Ascending values in the order of `ranks`. */
function ranked(ascending: Float64Array, ranks: Float64Array): Float64Array {
  const order = Array.from(ranks.keys()).sort((a, b) => ranks[a]! - ranks[b]!);
  const result = new Float64Array(order.length);
  for (const [rank, index] of order.entries()) result[index] = ascending[rank]!;
  return result;
}

/** Replaces the tail of ascending log weights (the largest 0) by quantiles of the fitted distribution; gives its shape.
 *  */
function smoothTail(sorted: Float64Array, rounding: number): number {
  const size = sorted.length;
  const wanted = Math.ceil(Math.min(size / 5, 3 * Math.sqrt(size)));
  // The whole tail shares the largest weight, as it may where sites are discrete: there is nothing beyond it.
  if (-(sorted[size - wanted - 1] ?? -Infinity) <= rounding) return 0;
  const cutoff = Math.max(sorted[size - wanted - 1] ?? -Infinity, SMALLEST);
  const first = sorted.findIndex((log) => log > cutoff);
  const count = first === -1 ? 0 : size - first;
  if (count < FEWEST_IN_TAIL) return Infinity;
  const floor = math.exp(cutoff);
  const { shape, scale } = fitPareto(sorted.slice(first).map((log) => math.exp(log) - floor));
  if (!Number.isFinite(shape)) return Infinity;
  for (let i = 0; i < count; i++) {
    sorted[first + i] = Math.min(math.log(floor + paretoQuantile((i + 0.5) / count, shape, scale)), 0);
  }
  return shape;
}

/** Quantile of the generalised Pareto distribution. */
const paretoQuantile = (p: number, shape: number, scale: number): number =>
  Math.abs(shape) > 1e-30 ? (scale * math.expm1(-shape * math.log1p(-p))) / shape : -scale * math.log1p(-p);

/** Shape and scale of the generalised Pareto distribution for ascending exceedances x > 0: the posterior mean of b =
 *  -shape / scale on a grid under the profile likelihood, then a prior worth 10 observations at shape 0.5. Positive
 *  shapes are heavy tails. */
export function fitPareto(x: Float64Array): { readonly shape: number; readonly scale: number } {
  const n = x.length;
  const points = 30 + Math.floor(Math.sqrt(n));
  const quartile = x[Math.floor(n / 4 + 0.5) - 1]!;
  const largest = x[n - 1]!;
  const grid = Float64Array.from(
    { length: points },
    (_, j) => (1 - Math.sqrt(points / (j + 0.5))) / (3 * quartile) + 1 / largest,
  );
  const shapeAt = (b: number): number => x.reduce((sum, xi) => sum + math.log1p(-b * xi), 0) / n;
  const profile = grid.map((b) => {
    const shape = shapeAt(b);
    return n * (math.log(-b / shape) - shape - 1);
  });
  const raw = profile.map((l) => 1 / profile.reduce((sum, other) => sum + math.exp(other - l), 0));
  const kept = raw.map((w) => (w >= 10 * Number.EPSILON ? w : 0));
  const total = kept.reduce((sum, w) => sum + w, 0);
  const b = kept.reduce((sum, w, j) => sum + w * grid[j]!, 0) / total;
  const shape = shapeAt(b);
  return { shape: (n * shape + 5) / (n + 10), scale: -shape / b };
}

/** Log weights less the log of their sum. The largest is at most 0. */
function normalised(logs: Float64Array): Float64Array {
  const total = math.log(logs.reduce((sum, log) => sum + math.exp(log), 0));
  return logs.map((log) => log - total);
}
