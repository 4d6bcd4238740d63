// What the fit protocols optimise: plain numbers, no graph. `src/infer.ts` makes targets from graphs.

import type { ScoreWeight } from "./score-weight.ts";

/** The fixed-draw protocol's view of a model: F(x, points, eps), averaged over draws by the protocol. F = log p(x,
 *  data) on the unconstrained scale (log Jacobians included), minus log q of whatever is not in the Gaussian guide. */
export type FixedTarget = {
  /** Coordinates x under the automatic Gaussian guide, all sites one after the other. */
  readonly dim: number;
  /** Runs of x that share a covariance: a run of size 1, or a `fullrank` run. They partition 0 … dim. */
  readonly blocks: readonly { readonly start: number; readonly size: number }[];
  /** Parameters without draws: `param`s, tables of summed discrete sites, parameters of hand-written guides. */
  readonly points: number;
  /** Directions in the points along which F is constant: its Hessian is singular there and says nothing. */
  readonly gauge: boolean;
  /** Base noise (standard normal) that hand-written guide sites consume, per draw. */
  readonly noise: number;
  /** Where the search starts when the user gives one: x and points. */
  readonly start: { readonly x: Float64Array | null; readonly points: Float64Array };
  /** n draws, row-major. Values may be -inf or NaN. */
  readonly evaluate: (x: Float64Array, points: Float64Array, eps: Float64Array, n: number) => Evaluation;
  /** Relative error of a value: that of the engine's numbers. */
  readonly rounding: number;
  /** The values alone. */
  readonly values: (x: Float64Array, points: Float64Array, eps: Float64Array, n: number) => Float64Array;
  /** The same function in float64, where it is not. */
  readonly sharp?: Evaluator;
};

export type Evaluator = Pick<FixedTarget, "evaluate" | "values" | "rounding">;

/** In float64, which places and curvatures are found in: gradients in float32 lose the small ones among the eigenvalues
 *  of a Hessian, and data on scales of their own (years, products of predictors) have them a million times smaller than
 *  the large ones. */
export const sharpened = <Target extends FixedTarget>(target: Target): Target => ({ ...target, ...target.sharp });

export type Evaluation = {
  readonly value: Float64Array; // [n]
  readonly gradX: Float64Array; // [n, dim]
  readonly gradPoints: Float64Array; // [points]: of the SUM over the n draws
};

/** The stochastic protocol's view: optimiser steps on noisy gradients of the objective, at guide (and model)
 *  parameters. */
export type StochasticTarget = {
  readonly size: number;
  readonly start: Float64Array;
  /** Gaussian locations, for which several starts are tried. */
  readonly located: readonly boolean[];
  /** Draws used by one step. */
  readonly drawsPerStep: number;
  /** A run of steps before its first. */
  readonly begin: (leg: Leg) => Standing;
  /** So many further steps, with the objective at each: NaN where one was left out, because the objective or its
   *  gradient was not finite. However a run is cut, its numbers are the same. */
  readonly advance: (from: Standing, steps: number) => { readonly to: Standing; readonly values: Float64Array };
  /** Where a run stands; the average only after its last step. */
  readonly reached: (at: Standing) => LegState;
  /** One noisy gradient (ascent direction of the objective), averaged over the draws of one step. `score`: the
   *  mean-zero score term c of the path derivative; g_total + lambda c is unbiased for every lambda. Null: no such
   *  site. */
  readonly gradient: (params: Float64Array, step: number) => Gradient;
  /** Objective values of `n` draws at params with the noise of `key` (same key: same draws), on all the data: on a
   *  minibatch its own luck, times members / batch, would drown what two sets of parameters differ by. */
  readonly values: (params: Float64Array, n: number, key: number) => Float64Array;
};

export type Gradient = {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly score: Float64Array | null;
};

/** A run of optimiser steps whose step size falls from `rate` to 0 along half a cosine. */
export type Leg = {
  readonly params: Float64Array;
  /** Number of the first step: fixes the noise. */
  readonly from: number;
  readonly length: number;
  readonly rate: number;
  readonly weight: ScoreWeight;
};

/** A run between two steps. */
export type Standing = {
  /** Number of the next step. */
  readonly step: number;
  /** What steps carry on, by name: the target's own affair. */
  readonly leaves: Readonly<Record<string, Float64Array>>;
};

export type LegState = {
  readonly params: Float64Array;
  /** Mean of the last eighth of the iterates. */
  readonly average: Float64Array;
  readonly weight: ScoreWeight;
};

/** The fitted guide's verdict. `moved`: what the last check on new draws still changed the ELBO by. */
export type Verdict = {
  readonly converged: boolean;
  readonly moved: number;
  /** Draws (or draws per estimate) of the last check. */
  readonly draws: number;
  /** Gradient evaluations of one draw, and values without gradient. */
  readonly gradients: number;
  readonly values: number;
  readonly rounds: number;
  /** What was climbed is a bound of several draws, not the ELBO. */
  readonly bound?: true;
  /** Further observations worth printing. */
  readonly remarks: readonly Remark[];
};
export type Remark =
  | { readonly kind: "support-cut"; readonly share: number }
  /** Of x, or of the points where there is no x. */
  | { readonly kind: "improper"; readonly coordinates: readonly number[] }
  | { readonly kind: "funnel" }
  /** Gradients whose mean is zero elsewhere than the objective's: where the fit settles need not be its best guide. */
  | { readonly kind: "biased"; readonly sites: readonly { readonly site: string; readonly estimator: string }[] }
  | { readonly kind: "restarted"; readonly times: number }
  /** So many of the searches ended in another optimum than the one kept; the best of those is so many nats below it. */
  | { readonly kind: "modes"; readonly starts: number; readonly elsewhere: number; readonly below: number }
  | { readonly kind: "survived"; readonly steps: number }
  /** Mean-field and full-rank guide were both fitted: k-hat of the one that was not kept. */
  | { readonly kind: "other-family"; readonly khat: number }
  /** The budget of steps ended the fit. */
  | { readonly kind: "out-of-steps"; readonly steps: number };

/** Mean and lower-triangular scale of the Gaussian (block-diagonal, dense storage per block), and the points. */
export type FixedResult = {
  readonly mean: Float64Array;
  /** One matrix per block, row-major size × size, lower triangular. */
  readonly scales: readonly Float64Array[];
  readonly points: Float64Array;
  readonly verdict: Verdict;
  /** [gradients so far, ELBO of the current draws] per optimiser iteration. */
  readonly trace: readonly (readonly [number, number])[];
};
export type StochasticResult = {
  readonly params: Float64Array;
  readonly verdict: Verdict;
  readonly trace: readonly (readonly [number, number])[];
  readonly lambda: number | null;
};

/** Why no guide came out: no start had a finite log p, or a parameter's gradient stayed infinite or NaN. `step`: null
 *  at the start. `parameter`: its number among those of the stochastic protocol, or in (x, points) of the fixed one;
 *  -1: the value itself. */
export type FitFailure =
  | { readonly failure: "no-finite-start"; readonly tried: number }
  | { readonly failure: "not-finite"; readonly step: number | null; readonly parameter: number };

export type Progress = (event: { phase: string; gradients: number; elbo: number; done: number | null }) => void;
