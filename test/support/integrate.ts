// Integrals and distribution functions of densities on a line, by the trapezoidal rule after u = centre + width sinh t: the step is
// fine near the centre, and tails that fall like a power of u fall exponentially in t.

const HALF_STEPS = 4000;
const REACH = 30;

export type Grid = { readonly u: Float64Array; readonly weights: Float64Array };

/** Points u, up to `limit` in size, and weights du, for a density whose bulk lies around `centre` with spread `width`. */
export function grid(centre: number, width: number, limit: number): Grid {
  const t = Float64Array.from({ length: 2 * HALF_STEPS + 1 }, (_, i) => (REACH * (i - HALF_STEPS)) / HALF_STEPS)
    .filter((v) => Math.abs(centre + width * Math.sinh(v)) <= limit);
  return {
    u: t.map((v) => centre + width * Math.sinh(v)),
    weights: t.map((v) => (width * Math.cosh(v) * REACH) / HALF_STEPS),
  };
}

/** Σ density · weight. */
export const integral = (density: Float64Array, { weights }: Grid): number => density.reduce((sum, p, i) => sum + p * weights[i]!, 0);

/** The distribution function of a density given on a grid, linear between its points. */
export function cdfOn({ u, weights }: Grid, density: Float64Array): (at: number) => number {
  const sums = new Float64Array(u.length);
  for (let i = 1; i < u.length; i++) sums[i] = sums[i - 1]! + 0.5 * (density[i]! * weights[i]! + density[i - 1]! * weights[i - 1]!);
  return (at) => {
    let low = 0;
    let high = u.length - 1;
    if (at <= u[low]!) return 0;
    if (at >= u[high]!) return sums[high]!;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (u[middle]! <= at) low = middle; else high = middle;
    }
    return sums[low]! + ((sums[high]! - sums[low]!) * (at - u[low]!)) / (u[high]! - u[low]!);
  };
}
