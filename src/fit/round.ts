// One round of the fixed-draw protocol: a guide goes in, is optimised on one set of draws, and comes out with what the
// round changed.

import {
  frameMetric,
  frameObjective,
  guideAt,
  hessianInFrame,
  intoFrame,
  largestScaling,
  layoutOf,
  outOfFrame,
  scaleLimit,
  type Layout,
} from "./frame.ts";
import { scaled, spread, standardEntropy, type Draws, type Guide } from "./guide.ts";
import { minimise, type Outcome, type Pair, type Point, type State } from "./lbfgs.ts";
import type { CountedTarget } from "./count.ts";

export type RoundInput = {
  readonly guide: Guide;
  /** Pairs of x-space (from the point search, or from a mean-field round before). */
  readonly pairs: readonly Pair[];
  /** Second derivatives of -F in x and points, where trusted. */
  readonly hessian: Float64Array | null;
  /** The guide was optimised on other draws before, so that this round is a check. */
  readonly isCheck: boolean;
  readonly tolerance: number;
  /** No further step once this many gradients are spent. */
  readonly budget: number;
};
export type RoundResult = {
  readonly guide: Guide;
  readonly pairs: readonly Pair[];
  /** What the model predicted, and the optimiser found, the new draws to be worth. */
  readonly delta: number;
  readonly gain: number;
  readonly iterations: number;
  readonly reason: Outcome["reason"];
  /** Share of draws without a finite log p at the start. Above 0 the scale was halved until all were finite; null: in
   *  vain. */
  readonly cut: number;
  readonly finite: boolean;
};
export type OnIterate = (spent: number, elbo: number) => void;

export const ROUND_ITERATIONS = 200;
const MEMORY = 20;
const EXPAND = 2;
/** A log scale that moved this far leaves the frame's coordinates badly scaled. */
const NEW_FRAME = 1.5;
const HALVINGS = 60;

export function round(target: CountedTarget, input: RoundInput, draws: Draws, onIterate: OnIterate): RoundResult {
  const layout = layoutOf(target);
  const begin = finiteGuide(target, input.guide, layout, draws);
  if (begin.point.f === Infinity) {
    const { guide, cut } = begin;
    return { guide, pairs: [], delta: Infinity, gain: Infinity, iterations: 0, reason: "search", cut, finite: false };
  }
  const legs = walk(target, input, layout, draws, begin, onIterate);
  return { ...legs, gain: begin.point.f - legs.f, cut: begin.cut, finite: true };
}

type Beginning = { readonly guide: Guide; readonly point: Point; readonly cut: number };

/** The guide, halved in scale until every draw is finite. */
function finiteGuide(target: CountedTarget, start: Guide, layout: Layout, draws: Draws): Beginning {
  const origin = new Float64Array(layout.length);
  let guide = start;
  let point = frameObjective(target, guide, layout, draws)(origin);
  if (point.f < Infinity) return { guide, point, cut: 0 };
  const cut = shareNotFinite(target, guide, draws);
  for (let halving = 0; halving < HALVINGS && point.f === Infinity; halving++) {
    guide = scaled(guide, 0.5);
    point = frameObjective(target, guide, layout, draws)(origin);
  }
  return { guide, point, cut };
}

function shareNotFinite(target: CountedTarget, guide: Guide, draws: Draws): number {
  const values = target.values(spread(guide, target.blocks, draws.z), guide.points, draws.eps, draws.n);
  return values.filter((value) => !Number.isFinite(value)).length / draws.n;
}

type Legs = Omit<RoundResult, "gain" | "cut" | "finite"> & { readonly f: number };

/** Minimises, with a new frame at the current guide whenever a scale has moved far. */
function walk(
  target: CountedTarget,
  input: RoundInput,
  layout: Layout,
  draws: Draws,
  begin: Beginning,
  onIterate: OnIterate,
): Legs {
  const { blocks } = target;
  const constant = standardEntropy(target.dim);
  let frame = begin.guide;
  let point = begin.point;
  let pairs = input.pairs;
  let iterations = 0;
  let delta: number | null = null;
  // Points have no scale of their own: before the pairs, or a Hessian, have shown one, the decrement means nothing for
  // them.
  const blind = target.points > 0 && input.hessian === null;
  for (;;) {
    const stop = (state: State): boolean => {
      delta ??= state.decrement;
      onIterate(target.spent().gradients, constant - state.point.f);
      if (target.spent().gradients >= input.budget || largestScaling(state.point.v, layout) > NEW_FRAME) return true;
      return blind ? isSettledBlind(state, input.tolerance) : isSettled(state, input, iterations === 0);
    };
    const carried = pairs.map((pair) => intoFrame(pair, frame, blocks, layout));
    const end = minimise(frameObjective(target, frame, layout, draws), point, carried, {
      ...roundSetting(target, input, frame, layout),
      iterations: ROUND_ITERATIONS - iterations,
      stop,
    });
    iterations += end.iteration;
    const moved = largestScaling(end.point.v, layout) > NEW_FRAME;
    const guide = guideAt(frame, blocks, layout, end.point.v);
    pairs = carries(target) ? end.pairs.map((pair) => outOfFrame(pair, frame, blocks)) : [];
    if (!moved || end.reason !== "stopped") {
      return { guide, pairs, delta: delta ?? end.decrement, iterations, reason: end.reason, f: end.point.f };
    }
    frame = guide;
    point = frameObjective(target, frame, layout, draws)(new Float64Array(layout.length));
  }
}

/** Full-rank coordinates turn with the frame, so their pairs do not outlive it. */
const carries = ({ blocks }: CountedTarget): boolean => blocks.every(({ size }) => size === 1);

function isSettled(
  { iteration, decrement, history }: State,
  { isCheck, tolerance }: RoundInput,
  first: boolean,
): boolean {
  if (decrement >= tolerance) return false;
  if (isCheck && first && iteration === 0) return true;
  return history.length > 1 && history.at(-2)! - history.at(-1)! < 2 * tolerance;
}

const BLIND_STEPS = 5;

/** The decrement is small and several steps in a row have gained next to nothing. */
const isSettledBlind = ({ decrement, history }: State, tolerance: number): boolean =>
  decrement < tolerance &&
  history.length > BLIND_STEPS &&
  history.at(-1 - BLIND_STEPS)! - history.at(-1)! < 2 * tolerance;

function roundSetting(target: CountedTarget, input: RoundInput, frame: Guide, layout: Layout) {
  const size = target.dim + target.points;
  const inFrame = input.hessian === null ? null : hessianInFrame(input.hessian, frame, target.blocks);
  return {
    memory: MEMORY,
    expand: EXPAND,
    firstScale: () => 1,
    metric: frameMetric(inFrame, size, layout),
    limit: scaleLimit(size),
    rounding: target.rounding,
  };
}
