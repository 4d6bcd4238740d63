// Do draws follow a distribution? Statistics with their limits at an error rate of 1e-5 per test.

/** sup |F_n - F| √n of draws of a continuous distribution (Kolmogorov 1933). */
export function kolmogorovSmirnov(draws: Float64Array, cdf: (x: number) => number): number {
  const n = draws.length;
  const sorted = draws.slice().sort();
  let largest = 0;
  sorted.forEach((x, i) => {
    const f = cdf(x);
    largest = Math.max(largest, (i + 1) / n - f, f - i / n);
    if (Number.isNaN(f)) largest = Infinity;
  });
  return largest * Math.sqrt(n);
}

/** P(statistic > limit) = 2 exp(-2 limit²) = 1e-5. */
export const KS_LIMIT = Math.sqrt(-Math.log(1e-5 / 2) / 2);

/** z with P(Z > z) = 1e-5. */
const Z_LIMIT = 4.265;
/** The least expected number of draws of a bin. */
const LEAST = 20;

export type ChiSquare = { readonly statistic: number; readonly limit: number };

/** Pearson's statistic of draws of counts 0, 1, 2, …, neighbours joined until a bin expects enough draws. */
export function chiSquare(draws: Float64Array, probabilities: Float64Array): ChiSquare {
  const n = draws.length;
  const observed = new Float64Array(probabilities.length);
  for (const x of draws) {
    if (!(x in observed)) return { statistic: Infinity, limit: 0 };
    observed[x]!++;
  }
  const bins: { expected: number; observed: number }[] = [];
  let bin = { expected: 0, observed: 0 };
  for (let i = 0; i < probabilities.length; i++) {
    bin = { expected: bin.expected + n * probabilities[i]!, observed: bin.observed + observed[i]! };
    if (bin.expected < LEAST) continue;
    bins.push(bin);
    bin = { expected: 0, observed: 0 };
  }
  const last = bins.pop() ?? { expected: 0, observed: 0 };
  bins.push({ expected: last.expected + bin.expected, observed: last.observed + bin.observed });
  const statistic = bins.reduce((sum, b) => sum + (b.observed - b.expected) ** 2 / b.expected, 0);
  return { statistic, limit: chiSquareLimit(bins.length - 1) };
}

/** The 1 - 1e-5 quantile (Wilson and Hilferty 1931). */
function chiSquareLimit(df: number): number {
  if (df <= 0) return 1e-9;
  const spread = 2 / (9 * df);
  return df * (1 - spread + Z_LIMIT * Math.sqrt(spread)) ** 3;
}

export type MomentErrors = { readonly mean: number; readonly variance: number };

/** Distances of the draws' mean and variance from those of the distribution, in standard errors. */
export function momentErrors(draws: Float64Array, mean: number, variance: number): MomentErrors {
  const n = draws.length;
  const average = (f: (x: number) => number): number => draws.reduce((sum, x) => sum + f(x), 0) / n;
  const centre = average((x) => x);
  const second = average((x) => (x - centre) ** 2);
  const fourth = average((x) => (x - centre) ** 4);
  const errorOfVariance = Math.sqrt(Math.max(fourth - second ** 2, 0) / n);
  return {
    mean: ratio(centre - mean, Math.sqrt(variance / n)),
    variance: ratio(second - variance, errorOfVariance),
  };
}

/** A constant has no standard error, and no difference either. */
const ratio = (difference: number, error: number): number =>
  Math.abs(difference) <= 1e-9 ? 0 : Math.abs(difference) / error;
