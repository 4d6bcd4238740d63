// L-BFGS with a weak Wolfe line search (Lewis & Overton 2013) that takes "not finite" for "too far": a function with
// gradient goes in, a point where the caller's rule stops comes out. The first inverse Hessian, the carried pairs and
// the longest step are the caller's.

import { dot, plus } from "./linear-algebra.ts";

/** A point with value and gradient; f is Infinity where anything was not finite. */
export type Point = { readonly v: Float64Array; readonly f: number; readonly g: Float64Array };

/** A step and the change of the gradient along it. `own`: taken by this run, not carried into it. */
export type Pair = { readonly s: Float64Array; readonly y: Float64Array; readonly own: boolean };

/** The product of the first inverse Hessian with a vector. */
export type Metric = (g: Float64Array) => Float64Array;

export type State = {
  readonly point: Point;
  readonly iteration: number;
  /** g'Hg/2: the fall that the current quadratic model predicts. */
  readonly decrement: number;
  /** f at every iterate so far, the current one last. */
  readonly history: readonly number[];
  readonly pairs: readonly Pair[];
  readonly scale: number;
};

export type Setting = {
  readonly memory: number;
  readonly iterations: number;
  /** Factor by which the line search lengthens a step that is too short. */
  readonly expand: number;
  readonly metric: Metric;
  /** Multiplies the metric while there is no own pair. */
  readonly firstScale: (g: Float64Array) => number;
  /** The largest multiple of a direction that may be walked. */
  readonly limit: (direction: Float64Array) => number;
  /** Relative error of f. */
  readonly rounding: number;
  /** Asked at every iterate before the step. */
  readonly stop: (state: State) => boolean;
};

export type Outcome = State & { readonly reason: "stopped" | "iterations" | "search" };

const ARMIJO = 1e-4;
const CURVATURE = 0.9;
const TRIES = 25;
/** Roundings of f by which a step that falls may seem to rise. */
const SLACK = 8;
/** A step this many times the model's own shows that the pairs describe another region. */
const FAR = 50;
const FAILURES = 4;

/** H g by the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4). */
export function inverseHessianTimes(
  g: Float64Array,
  pairs: readonly Pair[],
  metric: Metric,
  scale: number,
): Float64Array {
  const q = Float64Array.from(g);
  const weights: number[] = [];
  for (const { s, y } of pairs.toReversed()) {
    const weight = dot(s, q) / dot(s, y);
    weights.push(weight);
    for (let i = 0; i < q.length; i++) q[i]! -= weight * y[i]!;
  }
  const r = metric(q).map((ri) => scale * ri);
  for (const { s, y } of pairs) {
    const change = weights.pop()! - dot(y, r) / dot(s, y);
    for (let i = 0; i < r.length; i++) r[i]! += change * s[i]!;
  }
  return r;
}

/** The diagonal of the Hessian whose inverse has the metric I and these pairs: B <- B - Bs(Bs)'/s'Bs + yy'/s'y. */
export function hessianDiagonal(pairs: readonly Pair[], scale: number, size: number): Float64Array {
  const updates: { readonly vector: Float64Array; readonly weight: number }[] = [];
  const times = (s: Float64Array): Float64Array => {
    const first: Float64Array = s.map((si) => si / scale);
    return updates.reduce((sum, { vector, weight }) => plus(sum, weight * dot(vector, s), vector), first);
  };
  for (const { s, y } of pairs) {
    const bs = times(s);
    updates.push({ vector: bs, weight: -1 / dot(s, bs) }, { vector: y, weight: 1 / dot(s, y) });
  }
  const diagonal = new Float64Array(size).fill(1 / scale);
  for (const { vector, weight } of updates) {
    for (let i = 0; i < size; i++) diagonal[i]! += weight * vector[i]! ** 2;
  }
  return diagonal;
}

/** The scale that fits the metric to the newest own pair: s'y / y'Dy. */
function fittedScale(pairs: readonly Pair[], setting: Setting, g: Float64Array): number {
  const newest = pairs.at(-1);
  if (newest === undefined || !newest.own) return setting.firstScale(g);
  return dot(newest.s, newest.y) / dot(newest.y, setting.metric(newest.y));
}

type Walk = { readonly point: Point; readonly t: number };

/** A point along `p` that meets both Wolfe conditions, or the longest step allowed where only the first can hold. */
function search(evaluate: (v: Float64Array) => Point, from: Point, p: Float64Array, setting: Setting): Walk | null {
  const slope = dot(from.g, p);
  if (!(slope <= 0)) return null;
  const longest = setting.limit(p);
  const slack = SLACK * setting.rounding * Math.abs(from.f);
  let low: Walk = { point: from, t: 0 };
  let high = Infinity;
  let t = Math.min(1, longest);
  for (let tries = 0; tries < TRIES; tries++) {
    const point = evaluate(plus(from.v, t, p));
    if (!(point.f <= from.f + ARMIJO * t * slope + slack)) high = t;
    else if (dot(point.g, p) >= CURVATURE * slope || t >= longest) return { point, t };
    else low = { point, t };
    t = high < Infinity ? (low.t + high) / 2 : Math.min(setting.expand * t, longest);
  }
  return low.t > 0 ? low : null;
}

/** The pairs after a step: the newest `memory` with positive curvature; none after a step that was far too long. */
function remember(pairs: readonly Pair[], from: Point, walk: Walk, memory: number): readonly Pair[] {
  if (walk.t > FAR) return [];
  const s = plus(walk.point.v, -1, from.v);
  const y = plus(walk.point.g, -1, from.g);
  const positive = dot(s, y) > 1e-12 * Math.sqrt(dot(s, s) * dot(y, y));
  return positive ? [...pairs, { s, y, own: true }].slice(-memory) : pairs;
}

/** Minimises from `start` with the pairs given. `evaluate` returns f = Infinity where it is not finite. */
export function minimise(
  evaluate: (v: Float64Array) => Point,
  start: Point,
  carried: readonly Pair[],
  setting: Setting,
): Outcome {
  let point = start;
  let pairs = carried.map((pair) => ({ ...pair, own: false })) as readonly Pair[];
  const history = [point.f];
  let failures = 0;
  let shrink = 1;
  for (let iteration = 0; ; iteration++) {
    const scale = fittedScale(pairs, setting, point.g);
    const step = inverseHessianTimes(point.g, pairs, setting.metric, scale);
    const state = { point, iteration, decrement: dot(point.g, step) / 2, history, pairs, scale };
    if (setting.stop(state)) return { ...state, reason: "stopped" };
    if (iteration >= setting.iterations) return { ...state, reason: "iterations" };
    const walk = search(
      evaluate,
      point,
      step.map((si) => (pairs.length === 0 ? -shrink : -1) * si),
      setting,
    );
    if (walk === null) {
      failures++;
      if (failures === FAILURES) return { ...state, reason: "search" };
      // Without pairs the same search would fail again: go on where it gave up.
      if (pairs.length === 0) shrink /= 2 ** TRIES;
      pairs = [];
      continue;
    }
    pairs = remember(pairs, point, walk, setting.memory);
    point = walk.point;
    history.push(point.f);
  }
}
