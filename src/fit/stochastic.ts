// The stochastic protocol, for objectives whose noise cannot be held fixed: a search for the step size, then Adam in
// cycles of doubling length, each ending at step size 0; two cycles that end at the same ELBO are the proof of
// convergence.

import { ascend, type LegEnd } from "./ascent.ts";
import { uniforms } from "./random.ts";
import { noWeightYet, weightNow, type Lambda } from "./score-weight.ts";
import { meanAndSd } from "./summary.ts";
import type { FitFailure, Progress, StochasticResult, StochasticTarget, Verdict } from "./target.ts";

export type StochasticOptions = {
  readonly seed: number;
  readonly lambda: Lambda;
  /** Budget of optimiser steps, the search included (default 80 000). */
  readonly steps?: number;
  /** Gradients see a random part of the data: two checks in a row must pass, since one can by chance. */
  readonly minibatch?: boolean;
  /** Draws of a check between cycles (default CHECK_DRAWS). */
  readonly checkDraws?: number;
  readonly onProgress?: Progress;
};

const RATES = [1, 0.3, 0.1, 0.03, 0.01];
const SEARCH_STEPS = 256;
/** The last steps of a search leg whose mean objective ranks it. */
const JUDGED = 32;
const FIRST_CYCLE = 512;
const LONGEST_CYCLE = 16384;
const RATE_DECAY = 0.7;
/** Draws of a check where none is asked for. */
export const CHECK_DRAWS = 8192;
/** Draws that must show a finite log density for the steps to begin. */
const OPENING_DRAWS = 32;
const EPSILON = 0.05;
const BUDGET = 80_000;
const TRACE_EVERY = 32;

type Journal = {
  readonly trace: (readonly [number, number])[];
  /** Listens to the steps of one phase. */
  readonly listen: (phase: string, kept: boolean) => (value: number) => void;
  readonly steps: () => number;
};

type Searched = { readonly end: LegEnd; readonly rate: number; readonly length: number };

/** Fits the parameters. Fails only when the log density at the start, or gradients again and again, are infinite or
 *  NaN. */
export function fitStochastic(target: StochasticTarget, options: StochasticOptions): StochasticResult | FitFailure {
  const budget = options.steps ?? BUDGET;
  const journal = journalOf(target, budget, options.onProgress);
  if (!target.values(target.start, OPENING_DRAWS, 0).some(Number.isFinite)) return { failure: "no-finite-start", tried: 1 };
  const searched = search(target, options.lambda, Math.max(1, Math.min(SEARCH_STEPS, Math.floor(budget / (4 * RATES.length)))), journal);
  if ("failure" in searched) return searched;
  return cycles(target, options, budget, searched, journal);
}

function journalOf(target: StochasticTarget, budget: number, onProgress: Progress | undefined): Journal {
  const trace: (readonly [number, number])[] = [];
  let steps = 0;
  const listen = (phase: string, kept: boolean) => {
    let recent: number[] = [];
    return (value: number): void => {
      steps++;
      if (!Number.isNaN(value)) recent.push(value);
      if (steps % TRACE_EVERY !== 0 || recent.length === 0) return;
      const { mean: elbo } = meanAndSd(Float64Array.from(recent));
      const gradients = steps * target.drawsPerStep;
      recent = [];
      if (kept) trace.push([gradients, elbo]);
      onProgress?.({ phase, gradients, elbo, done: steps / budget });
    };
  };
  return { trace, listen, steps: () => steps };
}

/** Short runs from the same start with the same noise; the step size whose last values are best. */
function search(target: StochasticTarget, lambda: Lambda, length: number, journal: Journal): Searched | FitFailure {
  let best: (Searched & { readonly score: number }) | null = null;
  let failure: FitFailure | null = null;
  for (const rate of RATES) {
    const end = ascend(target, { params: target.start, from: 0, length, rate, lambda, weight: noWeightYet },
      journal.listen(`step size ${rate}`, false));
    if ("failure" in end) {
      failure = end;
      continue;
    }
    const { mean: score } = meanAndSd(end.values.slice(-JUDGED).filter((value) => !Number.isNaN(value)));
    if (Number.isFinite(score) && (best === null || score > best.score)) best = { end, rate, length, score };
  }
  return best ?? failure ?? { failure: "not-finite", step: length - 1, parameter: -1 };
}

type Check = { readonly moved: number; readonly passed: boolean };

function cycles(
  target: StochasticTarget, options: StochasticOptions, budget: number, searched: Searched, journal: Journal,
): StochasticResult | FitFailure {
  const { minibatch = false, checkDraws: draws = CHECK_DRAWS } = options;
  const needed = minibatch ? 2 : 1;
  let { average: params, weight, skipped } = searched.end;
  let { rate, length: from } = searched;
  let previous = 0;
  let passed = 0;
  let rounds = 0;
  let check: Check = { moved: Infinity, passed: false };
  for (let wanted = FIRST_CYCLE; passed < needed && journal.steps() < budget; wanted = Math.min(2 * wanted, LONGEST_CYCLE)) {
    const length = Math.min(wanted, budget - journal.steps());
    const before = params;
    const end = ascend(target, { params, from, length, rate, lambda: options.lambda, weight }, journal.listen(`cycle ${rounds + 1}`, true));
    if ("failure" in end) return end;
    ({ average: params, weight } = end);
    skipped += end.skipped;
    if (rounds > 0) check = compare(target, before, params, draws, keyOf(options.seed, rounds));
    // A cycle cut short by the budget is no test of the longer one before it.
    passed = check.passed && length >= previous ? passed + 1 : 0;
    [from, rate, previous] = [from + length, RATE_DECAY * rate, length];
    rounds++;
  }
  const spent = { gradients: journal.steps() * target.drawsPerStep, values: 2 * draws * Math.max(0, rounds - 1) };
  const converged = passed >= needed;
  const verdict = { converged, moved: check.moved, draws, ...spent, rounds, remarks: remarksOf(skipped, converged ? null : journal.steps()) };
  const lambda = weight.steps === 0 ? null : weightNow(options.lambda, weight);
  return { params, verdict, trace: journal.trace, lambda };
}

/** |difference| + 2 se of the ELBO at both parameters, on the same new draws. */
function compare(target: StochasticTarget, before: Float64Array, after: Float64Array, draws: number, key: number): Check {
  const old = target.values(before, draws, key);
  const { mean, sd } = meanAndSd(target.values(after, draws, key).map((value, i) => value - old[i]!));
  const moved = Math.abs(mean) + 2 * (sd / Math.sqrt(draws));
  return Number.isFinite(moved) ? { moved, passed: moved < EPSILON } : { moved: Infinity, passed: false };
}

/** What the noise of a check comes from. */
const keyOf = (seed: number, round: number): number => Math.floor(uniforms(seed, "fit:check", round)() * 2 ** 32);

const remarksOf = (skipped: number, outOf: number | null): Verdict["remarks"] => [
  ...(skipped > 0 ? [{ kind: "survived" as const, steps: skipped }] : []),
  ...(outOf === null ? [] : [{ kind: "out-of-steps" as const, steps: outOf }]),
];
