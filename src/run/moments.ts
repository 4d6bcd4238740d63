// Rows of gradient estimates to mean, variance and standard errors; bias and mean squared error in the units of the
// guide.

import type { GradientBias } from "../result.ts";
import { meanOf, type Estimates } from "./replicates.ts";

export type Moments = {
  /** Per parameter, in its own unit. */
  readonly mean: Float64Array;
  readonly se: Float64Array;
  readonly variance: Float64Array;
  /** Variance of all parameters together, each in the unit of the guide: of one estimate. */
  readonly total: { readonly value: number; readonly se: number };
};

/** Where batches are drawn, only the means of batches are independent of each other. */
export function momentsOf({ rows, batch }: Estimates, units: Float64Array): Moments {
  const mean = meanOf(rows);
  const variance = spreadOf(rows, mean);
  const groups = Array.from({ length: Math.floor(rows.length / batch) }, (_, g) =>
    rows.slice(g * batch, (g + 1) * batch),
  );
  const means = batch === 1 ? rows : groups.map(meanOf);
  const distances = (set: readonly Float64Array[]): number =>
    set.reduce(
      (sum, row) =>
        sum +
        squared(
          row.map((g, i) => g - (mean[i] as number)),
          units,
        ),
      0,
    ) / Math.max(1, set.length);
  const each = groups.map(distances);
  const value = variance.reduce((sum, v, i) => sum + v * (units[i] as number) ** 2, 0);
  const centre = each.reduce((a, b) => a + b, 0) / each.length;
  const spread = each.reduce((sum, d) => sum + (d - centre) ** 2, 0) / Math.max(1, each.length - 1);
  return {
    mean,
    variance,
    se: spreadOf(means, meanOf(means)).map((v) => Math.sqrt(v / means.length)),
    total: { value, se: Math.sqrt(spread / each.length) },
  };
}

function spreadOf(rows: readonly Float64Array[], mean: Float64Array): Float64Array {
  const sum = new Float64Array(mean.length);
  for (const row of rows) row.forEach((g, i) => (sum[i] = (sum[i] as number) + (g - (mean[i] as number)) ** 2));
  return sum.map((s) => s / Math.max(1, rows.length - 1));
}

/** Squared length in the guide's units. */
const squared = (row: Float64Array, units: Float64Array): number =>
  row.reduce((sum, g, i) => sum + (g * (units[i] as number)) ** 2, 0);

/** `se`: standard errors of the distance, per parameter. */
export function biasOf(distance: Float64Array, se: Float64Array, units: Float64Array, against: string): GradientBias {
  const noise = squared(se, units);
  return { value: Math.sqrt(Math.max(0, squared(distance, units) - noise)), se: Math.sqrt(noise), against };
}

/** Mean squared error of one estimate; the bias counts only where the estimator declares one: elsewhere the distance is
 *  noise. */
export function errorOf(
  { total }: Moments,
  bias: GradientBias | null,
): { readonly value: number; readonly se: number } {
  if (bias === null) return total;
  return { value: total.value + bias.value ** 2, se: Math.hypot(total.se, 2 * bias.value * bias.se) };
}
