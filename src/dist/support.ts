// Supports: which values lie inside, as graph and as plain numbers, and their smooth maps from the unconstrained line.

import { ice } from "../base/ice.ts";
import type { Node } from "../ir/node.ts";
import { topological } from "../ir/walk.ts";
import {
  add,
  all,
  and,
  div,
  equal,
  exp,
  floor,
  isFinite,
  less,
  lessEqual,
  log,
  logSigmoid,
  mul,
  neg,
  numberOf,
  scalar,
  select,
  slice,
  sub,
  sum,
} from "../op/index.ts";
import type { Support, SupportKind } from "./dist.ts";
import {
  choleskyCorrelation,
  covariance,
  isCholeskyCorrelation,
  isCovariance,
  isNumericFactor,
  isPositiveDefinite,
} from "./matrix-support.ts";
import { ordered, simplex } from "./vector-support.ts";
import { belowOne } from "./within-range.ts";
import * as math from "../op/special/elementary.ts";

/** A smooth one-to-one map between unconstrained values u and values x of a support. */
export type Bijection = {
  readonly fromUnconstrained: (u: Node) => Node;
  /** log |det dx/du| of one value: elementwise for scalar supports, without the last dim of u for vectors and
   *  matrices. */
  readonly logJacobian: (u: Node) => Node;
  readonly toUnconstrained: (x: Node) => Node;
  /** Event shape of u for an event shape of x. */
  readonly unconstrainedShape: (shape: readonly number[]) => readonly number[];
};

const identity: Bijection = {
  fromUnconstrained: (u) => u,
  logJacobian: () => scalar(0),
  toUnconstrained: (x) => x,
  unconstrainedShape: (shape) => shape,
};

/** x = e^u */
const positive: Bijection = { ...identity, fromUnconstrained: exp, logJacobian: (u) => u, toUnconstrained: log };

/** x = lower + e^u */
const above = (lower: Node): Bijection => ({
  ...positive,
  fromUnconstrained: (u) => add(lower, exp(u)),
  toUnconstrained: (x) => log(sub(x, lower)),
});

/** x = upper - e^u */
const below = (upper: Node): Bijection => ({
  ...positive,
  fromUnconstrained: (u) => sub(upper, exp(u)),
  toUnconstrained: (x) => log(sub(upper, x)),
});

/** x = lower + (upper - lower) s(v), v = rate u + shift, s the logistic function; dx/du = rate (upper - lower) s(v)
 *  s(-v). */
function between(lower: Node, upper: Node): Bijection {
  const width = sub(upper, lower);
  const { rate, shift } = centred(lower, upper);
  const v = (u: Node): Node => add(mul(scalar(rate), u), shift);
  return {
    ...identity,
    fromUnconstrained: (u) => add(lower, mul(width, belowOne(v(u)))),
    logJacobian: (u) => add(add(scalar(math.log(rate)), log(width)), add(logSigmoid(v(u)), logSigmoid(neg(v(u))))),
    toUnconstrained: (x) => div(sub(sub(log(sub(x, lower)), log(sub(upper, x))), shift), scalar(rate)),
  };
}

/** An end this far out is there to be no end: the middle of the interval is no place to start. */
const FAR = 100;

/** Where u = 0 lies in a wide interval, and how wide a unit of u is: near 0, or near the end that other sites give,
 *  with dx/du = 1. */
function centred(lower: Node, upper: Node): { readonly rate: number; readonly shift: Node } {
  const [low, high] = [numberOf(lower), numberOf(upper)];
  const width = sub(upper, lower);
  if (low !== null && high !== null) {
    if (high - low <= FAR) return { rate: 1, shift: scalar(0) };
    const x = Math.min(Math.max(0, low + 1), high - 1);
    return { rate: (high - low) / ((x - low) * (high - x)), shift: scalar(math.log((x - low) / (high - x))) };
  }
  // x = lower + width / (1 + width) at u = 0.
  if (high !== null && high >= FAR) return { rate: 1, shift: neg(log(width)) };
  return { rate: 1, shift: low !== null && low <= -FAR ? log(width) : scalar(0) };
}

/** Numbers between ends of which each may be infinite, or null: that end is absent. */
function bounded(lower: Node | null, upper: Node | null): Bijection {
  if (lower !== null && isInfinite(lower)) return bounded(null, upper);
  if (upper !== null && isInfinite(upper)) return bounded(lower, null);
  if (lower === null) return upper === null ? identity : orAbsent(upper, below, identity);
  if (upper === null) return orAbsent(lower, above, identity);
  return orAbsent(
    lower,
    (low) => orAbsent(upper, (high) => between(low, high), above(low)),
    orAbsent(upper, below, identity),
  );
}

const isInfinite = (end: Node): boolean => numberOf(end) !== null && !Number.isFinite(numberOf(end));

/** The map with an end in the members where it is finite, the one without it in the others. */
function orAbsent(end: Node, withEnd: (end: Node) => Bijection, without: Bijection): Bijection {
  if (!isFromData(end)) return withEnd(end);
  const there = isFinite(end);
  const own = withEnd(select(there, end, scalar(0)));
  return {
    fromUnconstrained: (u) => select(there, own.fromUnconstrained(u), without.fromUnconstrained(u)),
    logJacobian: (u) => select(there, own.logJacobian(u), without.logJacobian(u)),
    toUnconstrained: (x) => select(there, own.toUnconstrained(x), without.toUnconstrained(x)),
    unconstrainedShape: identity.unconstrainedShape,
  };
}

/** An array or number of the data, or computed from such alone, which may hold infinities. */
const isFromData = (end: Node): boolean =>
  numberOf(end) === null &&
  topological([end]).every(
    ({ op: { kind, name } }) => kind !== "random" && name !== "param" && name !== "noise" && name !== "mark",
  );

/** The map that guides and `param`s use. Discrete supports have none: asking for one is a bug. */
export function bijection(support: Support): Bijection {
  switch (support.kind) {
    case "real":
      return identity;
    case "positive":
    case "nonnegative":
      return positive;
    case "lower":
      return bounded(support.lower, null);
    case "upper":
      return bounded(null, support.upper);
    case "interval":
      return bounded(support.lower, support.upper);
    case "simplex":
      return simplex;
    case "ordered":
      return support.entries === undefined ? ordered : orderedIn(support.entries);
    case "cholesky-correlation":
      return choleskyCorrelation;
    case "covariance":
      return covariance;
    default:
      return ice(`no map from the unconstrained line to a value on ${support.kind}`);
  }
}

/** Increasing vectors of numbers on a support: its map is monotone, so that it keeps the order (or turns it). */
function orderedIn(entries: Support): Bijection {
  const map = bijection(entries);
  const turn = entries.kind === "upper" ? neg : (u: Node): Node => u;
  return {
    fromUnconstrained: (u) => map.fromUnconstrained(turn(ordered.fromUnconstrained(u))),
    logJacobian: (u) => {
      const t = turn(ordered.fromUnconstrained(u));
      return add(ordered.logJacobian(u), sum(map.logJacobian(t), [t.shape.length - 1]));
    },
    toUnconstrained: (x) => ordered.toUnconstrained(turn(map.toUnconstrained(x))),
    unconstrainedShape: ordered.unconstrainedShape,
  };
}

/** 1 where x lies in the support, elementwise; `null` where nothing needs a test: the real line, and finite values,
 *  whose density is linear in a relaxed one. Bounds belong to the support. */
export function inside(support: Support, x: Node): Node | null {
  switch (support.kind) {
    case "positive":
      return less(scalar(0), x);
    case "nonnegative":
      return lessEqual(scalar(0), x);
    case "lower":
      return lessEqual(support.lower, x);
    case "upper":
      return lessEqual(x, support.upper);
    case "interval":
      return and(lessEqual(support.lower, x), lessEqual(x, support.upper));
    case "count": {
      const natural = and(lessEqual(support.lower ?? scalar(0), x), equal(x, floor(x)));
      return support.upper === null ? natural : and(natural, lessEqual(x, support.upper));
    }
    case "point":
      return equal(x, support.at);
    case "counts":
      return areCounts(x, support.total);
    case "ordered":
      return isIncreasing(x, support.entries);
    case "cholesky-correlation":
      return isCholeskyCorrelation(x, SUM_TOLERANCE);
    case "covariance":
      return isCovariance(x);
    default:
      return null;
  }
}

/** Counts along the last dim, with this sum. */
function areCounts(x: Node, total: Node): Node {
  const last = [x.shape.length - 1];
  return and(all(and(lessEqual(scalar(0), x), equal(x, floor(x))), last), equal(sum(x, last), total));
}

/** Every entry lies below the next, and in the support of the entries. */
function isIncreasing(x: Node, entries: Support = { kind: "real" }): Node {
  const last = x.shape.length - 1;
  const from = (start: number): Node => slice(x, last, start, x.shape[last] - 1);
  const increases = all(less(from(0), from(1)), [last]);
  const each = inside(entries, x);
  return each === null ? increases : and(increases, all(each, [last]));
}

/** Bounds as numbers: of an interval, or the upper bound of a count or the sum of counts, or the number of
 *  categories. */
export type Bounds = { readonly lower?: number; readonly upper?: number; readonly count?: number };

/** Tolerance of "sums to one" for data: what six printed digits of each entry leave. */
const SUM_TOLERANCE = 1e-5;

/** Does data of one draw (a number, or the numbers of a vector or matrix, row-major) lie in a support? NaN lies
 *  nowhere. */
export function contains(kind: SupportKind, values: readonly number[], bounds: Bounds = {}): boolean {
  const { lower = -Infinity, upper = Infinity, count = Infinity } = bounds;
  const every = (test: (v: number) => boolean): boolean => values.every(test);
  switch (kind) {
    case "real":
      return every(Number.isFinite);
    case "positive":
      return every((v) => v > 0 && v < Infinity);
    case "nonnegative":
      return every((v) => v >= 0 && v < Infinity);
    case "interval":
    case "lower":
    case "upper":
      return every((v) => Number.isFinite(v) && v >= lower && v <= upper);
    case "circle":
      return every((v) => v >= -Math.PI && v < Math.PI);
    case "boolean":
      return every((v) => v === 0 || v === 1);
    case "count":
      return every((v) => Number.isInteger(v) && v >= (bounds.lower ?? 0) && v <= upper);
    case "category":
      return every((v) => Number.isInteger(v) && v >= 0 && v < count);
    case "point":
      return every((v) => v === lower);
    case "counts":
      return every((v) => Number.isInteger(v) && v >= 0) && total(values) === upper;
    case "one-hot":
      return every((v) => v === 0 || v === 1) && total(values) === 1;
    case "simplex":
      return every((v) => v >= 0) && Math.abs(total(values) - 1) <= SUM_TOLERANCE;
    case "ordered":
      return values.every((v, i) => Number.isFinite(v) && (i === 0 || v > values[i - 1]));
    case "cholesky-correlation":
      return isNumericFactor(values, SUM_TOLERANCE);
    case "covariance":
      return isPositiveDefinite(values, SUM_TOLERANCE);
  }
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
