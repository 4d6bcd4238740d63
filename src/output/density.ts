// Draws → a curve: kernel density of a sample, or shares of its values where these are few whole numbers.

import { meanAndSd, quantile } from "../fit/summary.ts";
import type { Interval } from "./plot.ts";

export type Curve = { readonly x: readonly number[]; readonly y: readonly number[] };

const POINTS = 96;

/** Gaussian kernels on the range of the values; bandwidth by Silverman's rule (1986, equation 3.31). */
export function kernelDensity(values: Float64Array, [from, to]: Interval): Curve {
  const sorted = values.filter(Number.isFinite).sort();
  const n = sorted.length;
  const { sd } = meanAndSd(sorted);
  const middle = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.34;
  const width = 0.9 * (Math.min(sd, middle) || sd || 1) * n ** -0.2;
  const x = Array.from({ length: POINTS }, (_, i) => from + ((to - from) * i) / (POINTS - 1));
  const y = x.map((at) => {
    let sum = 0;
    for (let i = firstFrom(sorted, at - 4 * width); i < n && sorted[i]! <= at + 4 * width; i++)
      sum += Math.exp(-0.5 * ((at - sorted[i]!) / width) ** 2);
    return sum / (n * width * Math.sqrt(2 * Math.PI));
  });
  return { x, y };
}

/** Position of the first value from `least` on, by halving. */
function firstFrom(sorted: Float64Array, least: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < least) from = middle + 1;
    else to = middle;
  }
  return from;
}

const MOST_VALUES = 25;

/** The different values of whole numbers, sorted; null where there are many, or others. */
export function fewValues(values: Float64Array): readonly number[] | null {
  const found = new Set<number>();
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (!Number.isInteger(value)) return null;
    found.add(value);
    if (found.size > MOST_VALUES) return null;
  }
  return found.size === 0 ? null : [...found].sort((a, b) => a - b);
}

export const shareOf = (values: Float64Array, value: number): number => {
  let [there, equal] = [0, 0];
  for (const v of values) {
    if (Number.isNaN(v)) continue;
    there += 1;
    if (v === value) equal += 1;
  }
  return there === 0 ? 0 : equal / there;
};
