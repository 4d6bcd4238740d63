// A run of optimiser steps with a cosine step size: parameters go in, the end, the mean of the last iterates and the values seen come out. Steps whose
// gradient is not finite change nothing; too many of them end the run.

import type { FitFailure, Gradient, Leg, LegState, Standing, StochasticTarget } from "./target.ts";

export type LegEnd = Pick<LegState, "average" | "weight"> & {
  /** Objective values of the steps, NaN where one was left out. */
  readonly values: Float64Array;
  readonly skipped: number;
};

/** So many steps of the last WINDOW may not be left out. */
const LOST = 20;
const WINDOW = 200;
/** Calls grow up to this time: a machine that compiles what it runs changes over between calls only, and progress is told between them. */
const CALL_MS = 10;
/** By so much at most: what a call costs beside its steps is that of many small ones. */
const GROWTH = 8;

export function ascend(target: StochasticTarget, leg: Leg, onStep: (value: number) => void): LegEnd | FitFailure {
  const { length } = leg;
  const values = new Float64Array(length);
  const lost: number[] = [];
  let at = target.begin(leg);
  for (let done = 0, chunk = 1; done < length;) {
    const steps = Math.min(chunk, length - done);
    const began = performance.now();
    const { to, values: seen } = target.advance(at, steps);
    chunk = longer(chunk, performance.now() - began);
    values.set(seen, done);
    for (let i = 0; i < steps; i++) {
      const value = seen[i]!;
      if (Number.isNaN(value)) {
        lost.push(done + i);
        if (isTooMany(lost)) return failure(target, target.advance(at, i).to);
      }
      onStep(value);
    }
    at = to;
    done += steps;
  }
  const { average, weight } = target.reached(at);
  return { average, weight, values, skipped: lost.length };
}

/** Steps of the next call after one that took so many milliseconds. */
const longer = (steps: number, ms: number): number => Math.ceil(steps * Math.min(GROWTH, Math.max(1, CALL_MS / ms)));

const isTooMany = (lost: readonly number[]): boolean => lost.length >= LOST && lost.at(-LOST)! > lost.at(-1)! - WINDOW;

/** The step at which a run ends, computed once more to name the parameter. */
function failure(target: StochasticTarget, at: Standing): FitFailure {
  const { params } = target.reached(at);
  return { failure: "not-finite", step: at.step, parameter: notFinite(target.gradient(params, at.step)) };
}

/** The first parameter whose gradient is not finite, -1 where only the value is not. */
const notFinite = ({ gradient, score }: Gradient): number =>
  gradient.findIndex((g, i) => !Number.isFinite(g + (score?.[i] ?? 0)));
