// The stochastic protocol, for objectives whose noise cannot be held fixed: a search for the step size and the start, then Adam in
// cycles of doubling length, each ending at step size 0; two cycles that end at the same ELBO are the proof of
// convergence.

import { ascend, type LegEnd } from "./ascent.ts";
import { uniforms } from "./random.ts";
import { rankedStarts } from "./stochastic-start.ts";
import { firstWeight, type Lambda } from "./score-weight.ts";
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
/** Starts beside the best one that get a leg of their own: what a start is worth shows only after some steps. */
const RIVALS = 2;
/** Part of a budget that the search may take. */
const SEARCH_SHARE = 1 / 4;
/** The last steps of a search leg whose mean objective ranks it. */
const JUDGED = 32;
const FIRST_CYCLE = 512;
const LONGEST_CYCLE = 16384;
const RATE_DECAY = 0.7;
/** The step size of a cycle that lost what was reached, and standard errors by which a loss is told from noise. */
const RATE_AFTER_FALL = 0.3;
const FALL = 3;
/** Draws of a check where none is asked for. */
export const CHECK_DRAWS = 8192;
const EPSILON = 0.05;
const BUDGET = 80_000;
const TRACE_EVERY = 32;

type Journal = {
  readonly trace: (readonly [number, number])[];
  /** Listens to the steps of one phase. */
  readonly listen: (phase: string, kept: boolean) => (value: number) => void;
  readonly steps: () => number;
};

type Searched = {
  readonly end: LegEnd;
  readonly rate: number;
  readonly length: number;
  /** A start that the search did not try, null where there is none. */
  readonly unseen: Float64Array | null;
};

/** Fits the parameters. Fails only when the log density at the start, or gradients again and again, are infinite or
 *  NaN. */
export function fitStochastic(target: StochasticTarget, options: StochasticOptions): StochasticResult | FitFailure {
  const budget = options.steps ?? BUDGET;
  const journal = journalOf(target, budget, options.onProgress);
  const starts = rankedStarts(target, options.seed);
  if ("failure" in starts) return starts;
  const legs = RATES.length + Math.min(RIVALS, starts.length - 1);
  const length = Math.max(1, Math.min(SEARCH_STEPS, Math.floor((SEARCH_SHARE * budget) / legs)));
  const searched = search(target, options.lambda, length, starts, journal);
  if ("failure" in searched) return searched;
  return cycles(target, options, budget, searched, journal);
}

function journalOf(target: StochasticTarget, budget: number, onProgress: Progress | undefined): Journal {
  const trace: (readonly [number, number])[] = [];
  let steps = 0;
  const listen = (phase: string, kept: boolean) => {
    let [sum, seen] = [0, 0];
    return (value: number): void => {
      steps++;
      if (!Number.isNaN(value)) {
        sum += value;
        seen++;
      }
      if (steps % TRACE_EVERY !== 0 || seen === 0) return;
      const elbo = sum / seen;
      const gradients = steps * target.drawsPerStep;
      [sum, seen] = [0, 0];
      if (kept) trace.push([gradients, elbo]);
      onProgress?.({ phase, gradients, elbo, done: steps / budget });
    };
  };
  return { trace, listen, steps: () => steps };
}

/** Short runs with the same noise: every step size from the best start, then the best step size from the next starts.
 *  The run whose last values are best. */
function search(
  target: StochasticTarget,
  lambda: Lambda,
  length: number,
  [start, ...others]: readonly Float64Array[],
  journal: Journal,
): Searched | FitFailure {
  let best: (Searched & { readonly score: number }) | null = null;
  let failure: FitFailure | null = null;
  const attempt = (params: Float64Array, rate: number, phase: string): void => {
    const end = ascend(
      target,
      { params, from: 0, length, rate, weight: firstWeight(lambda) },
      journal.listen(phase, false),
    );
    if ("failure" in end) failure = end;
    else {
      const { mean: score } = meanAndSd(end.values.slice(-JUDGED).filter((value) => !Number.isNaN(value)));
      if (Number.isFinite(score) && (best === null || score > best.score))
        best = { end, rate, length, score, unseen: others[RIVALS] ?? null };
    }
  };
  for (const rate of RATES) attempt(start!, rate, `step size ${rate}`);
  const found = best as Searched | null;
  for (const other of others.slice(0, RIVALS)) attempt(other, found?.rate ?? RATES.at(-1)!, "another start");
  return best ?? failure ?? { failure: "not-finite", step: length - 1, parameter: -1 };
}

/** By how much the ELBO differs between two sets of parameters. */
type Rise = { readonly mean: number; readonly error: number };

function cycles(
  target: StochasticTarget,
  options: StochasticOptions,
  budget: number,
  searched: Searched,
  journal: Journal,
): StochasticResult | FitFailure {
  const { minibatch = false, checkDraws: draws = CHECK_DRAWS } = options;
  const needed = minibatch ? 2 : 1;
  let { average: params, weight, skipped, values: reached } = searched.end;
  let { rate, length: from, unseen } = searched;
  let previous = 0;
  let passed = 0;
  let rounds = 0;
  let moved = Infinity;
  let compared = 0;
  let restarts = 0;
  const compareEnds = (before: Float64Array, after: Float64Array): Rise => {
    compared++;
    return rise(target, before, after, draws, keyOf(options.seed, compared));
  };
  for (
    let wanted = FIRST_CYCLE;
    passed < needed && journal.steps() < budget;
    wanted = Math.min(2 * wanted, LONGEST_CYCLE)
  ) {
    const length = Math.min(wanted, budget - journal.steps());
    const before = params;
    const end = ascend(target, { params, from, length, rate, weight }, journal.listen(`cycle ${rounds + 1}`, true));
    if ("failure" in end) return end;
    skipped += end.skipped;
    if (fell(reached, end.values)) {
      [from, rate, moved, passed, wanted] = [from + length, RATE_AFTER_FALL * rate, Infinity, 0, wanted / 2];
      continue;
    }
    ({ average: params, weight, values: reached } = end);
    if (rounds > 0) moved = changeOf(compareEnds(before, params));
    // A cycle cut short by the budget is no test of the longer one before it.
    passed = moved < EPSILON && length >= previous ? passed + 1 : 0;
    [from, rate, previous] = [from + length, RATE_DECAY * rate, length];
    rounds++;
    if (passed < needed || unseen === null || budget - journal.steps() < FIRST_CYCLE) continue;
    // Cycles that agree prove one mode. A short run from elsewhere that ends higher shows another.
    const leg = {
      params: unseen,
      from,
      length: FIRST_CYCLE,
      rate: searched.rate,
      weight: firstWeight(options.lambda),
    };
    const rival = ascend(target, leg, journal.listen("another start", false));
    unseen = null;
    from += FIRST_CYCLE;
    if ("failure" in rival) continue;
    const { mean, error } = compareEnds(params, rival.average);
    if (!(mean - error > EPSILON)) continue;
    ({ average: params, weight, values: reached } = rival);
    [rate, previous, passed, rounds, wanted, moved] = [searched.rate, 0, 0, 0, FIRST_CYCLE / 2, Infinity];
    restarts++;
  }
  const spent = { gradients: journal.steps() * target.drawsPerStep, values: 2 * draws * compared };
  const converged = passed >= needed;
  const remarks = remarksOf(skipped, restarts, converged ? null : journal.steps());
  const verdict = { converged, moved, draws, ...spent, rounds, remarks };
  const lambda = weight.steps === 0 ? null : weight.now;
  return { params, verdict, trace: journal.trace, lambda };
}

/** Did a cycle end clearly below where it began? Its steps were too long: near an optimum without noise Adam's steps are as long as far from it. */
function fell(before: Float64Array, after: Float64Array): boolean {
  const [from, to] = [before, after].map((values) =>
    meanAndSd(values.slice(-JUDGED).filter((value) => !Number.isNaN(value))),
  );
  const error = (FALL * Math.hypot(from!.sd, to!.sd)) / Math.sqrt(JUDGED);
  return to!.mean < from!.mean - error - EPSILON;
}

/** ELBO of `after` less that of `before`, on the same new draws, with two standard errors. */
function rise(target: StochasticTarget, before: Float64Array, after: Float64Array, draws: number, key: number): Rise {
  const old = target.values(before, draws, key);
  const { mean, sd } = meanAndSd(target.values(after, draws, key).map((value, i) => value - old[i]!));
  return { mean, error: 2 * (sd / Math.sqrt(draws)) };
}

const changeOf = ({ mean, error }: Rise): number => {
  const moved = Math.abs(mean) + error;
  return Number.isFinite(moved) ? moved : Infinity;
};

/** What the noise of a check comes from. */
const keyOf = (seed: number, round: number): number => Math.floor(uniforms(seed, "fit:check", round)() * 2 ** 32);

const remarksOf = (skipped: number, restarts: number, outOf: number | null): Verdict["remarks"] => [
  ...(restarts > 0 ? [{ kind: "restarted" as const, times: restarts }] : []),
  ...(skipped > 0 ? [{ kind: "survived" as const, steps: skipped }] : []),
  ...(outOf === null ? [] : [{ kind: "out-of-steps" as const, steps: outOf }]),
];
