// Intervals of numbers with open or closed ends.

import type { ParamSupport } from "../dist/dist.ts";

/** The numbers between two ends; an open end is not among them. */
export type Range = {
  readonly lower: number;
  readonly upper: number;
  readonly lowerOpen: boolean;
  readonly upperOpen: boolean;
};

export const anywhere: Range = { lower: -Infinity, upper: Infinity, lowerOpen: true, upperOpen: true };
export const between = (lower: number, upper: number): Range => ({
  lower,
  upper,
  lowerOpen: !Number.isFinite(lower),
  upperOpen: !Number.isFinite(upper),
});
export const positive: Range = { ...anywhere, lower: 0 };

/** The smallest that covers them all. */
export const hull = (ranges: readonly Range[]): Range =>
  ranges.reduce((a, b) => ({
    lower: Math.min(a.lower, b.lower),
    upper: Math.max(a.upper, b.upper),
    lowerOpen: a.lower === b.lower ? a.lowerOpen && b.lowerOpen : a.lower < b.lower ? a.lowerOpen : b.lowerOpen,
    upperOpen: a.upper === b.upper ? a.upperOpen && b.upperOpen : a.upper > b.upper ? a.upperOpen : b.upperOpen,
  }));

export function disjoint(a: Range, b: Range): boolean {
  const before = (x: Range, y: Range): boolean =>
    x.upper < y.lower || (x.upper === y.lower && (x.upperOpen || y.lowerOpen));
  return before(a, b) || before(b, a);
}

export const isWithin = (inner: Range, outer: Range): boolean =>
  inner.lower >= outer.lower && inner.upper <= outer.upper;

/** `-1`, `> 0`, `in [0, 1]`. */
export function showRange({ lower, upper, lowerOpen, upperOpen }: Range): string {
  if (lower === upper) return String(lower);
  const [low, high] = [Number.isFinite(lower), Number.isFinite(upper)];
  if (low && high && !lowerOpen && !upperOpen) return `in [${lower}, ${upper}]`;
  const parts = [
    ...(low ? [`${lowerOpen ? ">" : ">="} ${lower}`] : []),
    ...(high ? [`${upperOpen ? "<" : "<="} ${upper}`] : []),
  ];
  return parts.length === 0 ? "any number" : parts.join(" and ");
}

/** Numbers that a parameter may take. */
export function rangeOfParam(support: ParamSupport): Range {
  switch (support) {
    case "positive":
    case "positive-vector":
      return positive;
    case "nonnegative":
    case "count":
      return between(0, Infinity);
    case "unit-interval":
    case "simplex":
    case "probability-vector":
      return between(0, 1);
    case "real":
    case "int":
    case "cholesky":
    case "covariance":
    case "increasing":
    case "any":
      return anywhere;
  }
}
