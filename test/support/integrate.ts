// Integrals and distribution functions of densities on a line, by the trapezoidal rule after u = centre + width sinh t:
// the step is fine near the centre, and tails that fall like a power of u fall exponentially in t.

const HALF_STEPS = 4000;
const REACH = 30;

export type Grid = { readonly u: Float64Array; readonly weights: Float64Array };

/** Points u, up to `limit` in size, and weights du, for a density with its bulk around `centre` and spread `width`. */
export function grid(centre: number, width: number, limit: number): Grid {
  const t = Float64Array.from({ length: 2 * HALF_STEPS + 1 }, (_, i) => (REACH * (i - HALF_STEPS)) / HALF_STEPS).filter(
    (v) => Math.abs(centre + width * Math.sinh(v)) <= limit,
  );
  return {
    u: t.map((v) => centre + width * Math.sinh(v)),
    weights: t.map((v) => (width * Math.cosh(v) * REACH) / HALF_STEPS),
  };
}

/** Equal steps once around, fine enough for concentrations up to 1e5. */
export function circleGrid(): Grid {
  const step = (2 * Math.PI) / (8 * HALF_STEPS);
  return {
    u: Float64Array.from({ length: 8 * HALF_STEPS }, (_, i) => -Math.PI + i * step),
    weights: new Float64Array(8 * HALF_STEPS).fill(step),
  };
}

/** Σ density · weight. */
export const integral = (density: Float64Array, { weights }: Grid): number =>
  density.reduce((sum, p, i) => sum + p * weights[i]!, 0);

/** The distribution function of a density given on a grid, linear between its points. */
export function cdfOn({ u, weights }: Grid, density: Float64Array): (at: number) => number {
  const mass = density.map((p, i) => p * weights[i]!);
  const sums = new Float64Array(u.length);
  for (let i = 1; i < u.length; i++) sums[i] = sums[i - 1]! + 0.5 * (mass[i]! + mass[i - 1]!);
  return (at) => {
    if (at <= u[0]!) return 0;
    if (at >= u[u.length - 1]!) return sums[u.length - 1]!;
    const low = lastNotAbove(u, at);
    return sums[low]! + ((sums[low + 1]! - sums[low]!) * (at - u[low]!)) / (u[low + 1]! - u[low]!);
  };
}

/** Position of the last of increasing numbers that is not above `at`; the first is not, the last is. */
function lastNotAbove(u: Float64Array, at: number): number {
  let low = 0;
  let high = u.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (u[middle]! <= at) low = middle;
    else high = middle;
  }
  return low;
}
