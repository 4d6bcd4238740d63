// Summaries of draws: moments and quantiles per element, and the ELBO with its standard error.

export type ElementSummary = {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
  readonly q05: Float64Array;
  readonly q50: Float64Array;
  readonly q95: Float64Array;
};

/** Summaries of `size` elements over draws [n, size], row-major, n >= 2. The sd divides by n - 1. */
export function summarise(draws: Float64Array, size: number): ElementSummary {
  const n = draws.length / size;
  const column = (j: number): Float64Array => Float64Array.from({ length: n }, (_, i) => draws[i * size + j]!);
  const columns = Array.from({ length: size }, (_, j) => column(j));
  const moments = columns.map(meanAndSd);
  const sorted = columns.map((column) => column.sort());
  const at = (p: number): Float64Array => Float64Array.from(sorted, (column) => quantile(column, p));
  return {
    mean: Float64Array.from(moments, ({ mean }) => mean),
    sd: Float64Array.from(moments, ({ sd }) => sd),
    q05: at(0.05),
    q50: at(0.5),
    q95: at(0.95),
  };
}

/** Mean and standard deviation in two passes. */
export function meanAndSd(x: Float64Array): { readonly mean: number; readonly sd: number } {
  const mean = x.reduce((sum, xi) => sum + xi, 0) / x.length;
  const squares = x.reduce((sum, xi) => sum + (xi - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (x.length - 1)) };
}

/** Hyndman & Fan 1996, type 7: linear between the order statistics at p (n - 1). */
export function quantile(sorted: Float64Array, p: number): number {
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low === high ? low : low + (position - below) * (high - low);
}

export type Elbo = { readonly mean: number; readonly se: number };

/** Mean and standard error of log p - log q at independent draws of the guide. */
export function elboOf(logp: Float64Array, logq: Float64Array): Elbo {
  const { mean, sd } = meanAndSd(logp.map((p, i) => p - logq[i]!));
  return { mean, se: Number.isFinite(mean) ? sd / Math.sqrt(logp.length) : Infinity };
}
