// The fixed-draw protocol, the default: find a place, then optimise the guide on matched draws, with new and more draws
// every round until a round on new draws changes next to nothing. Deterministic for a seed.

import { counted, type CountedTarget } from "./count.ts";
import { disagreement, hessianInFrame } from "./frame.ts";
import { plainDraws, splitDraws, type Draws } from "./guide.ts";
import { drawSource } from "./matched-draws.ts";
import { fitPoints } from "./points.ts";
import { prepare, type Prepared } from "./prepare.ts";
import type { OnIterate } from "./round.ts";
import { contest, type Ended } from "./rivals.ts";
import { optimise, type Optimised } from "./rounds.ts";
import type { FitFailure, FixedResult, FixedTarget, Progress, Remark } from "./target.ts";

export type FixedOptions = {
  readonly seed: number;
  /** Gradients of single draws after which the fit ends without convergence (default 300 000). */
  readonly maxGradients?: number;
  readonly onProgress?: Progress;
};

/** What every stage of one fit shares. */
export type Context = {
  readonly target: CountedTarget;
  readonly seed: number;
  readonly budget: number;
  /** New matched draws; never the same twice. */
  readonly draw: (n: number) => Draws;
  /** A few fixed plain draws on which places are judged. */
  readonly judges: Draws;
  /** Base noise of hand-written guide sites during the point search: shared by all places. */
  readonly quiet: Draws;
  readonly heard: (phase: string) => OnIterate;
};

const RESTARTS = 2;
/** Part of the budget for the first place: a fit that does not get there may do better from another. */
const FIRST_SHARE = 2 / 3;
/** Log sds between the guide and the curvature at the mode. */
const FUNNEL = 2;
const JUDGES = 8;
/** Draws of the point search when hand-written sites consume noise. */
const NOISY = 32;

/** Fits the guide. Fails only when no start has a finite log p with a finite gradient; everything else is a verdict. */
export function fitFixed(target: FixedTarget, options: FixedOptions): FixedResult | FitFailure {
  const trace: [number, number][] = [];
  const context = contextOf(target, options, trace);
  if (target.dim + target.noise === 0) {
    return fitPoints(context.target, options.seed, context.budget, context.heard("points"));
  }
  for (let attempt = 0; ; attempt++) {
    const prepared = prepare(context, attempt);
    if ("failure" in prepared) return prepared;
    const outcome = optimise({ ...context, budget: FIRST_SHARE * context.budget }, prepared, attempt < RESTARTS);
    if (outcome !== "again") return concluded(context, { prepared, outcome }, attempt, trace);
  }
}

/** The verdict on the best of the optima that are found around this one. */
function concluded(context: Context, ended: Ended, restarts: number, trace: [number, number][]): FixedResult {
  const improper = ended.outcome.verdict.remarks.some(({ kind }) => kind === "improper");
  const alone = improper || context.target.dim === 0;
  const { best, remarks: onModes } = alone ? { best: ended, remarks: [] } : contest(context, ended, trace);
  const { prepared, outcome } = best;
  const remarks: Remark[] = [
    ...outcome.verdict.remarks,
    ...(restarts > 0 ? [{ kind: "restarted" as const, times: restarts }] : []),
    ...(isFunnel(context.target, prepared, outcome) ? [{ kind: "funnel" as const }] : []),
    ...onModes,
  ];
  return { ...outcome.guide, verdict: { ...outcome.verdict, ...context.target.spent(), remarks }, trace };
}

/** The mass is not where log p rises: the search ran away, or the guide ended far from the curvature of the mode. */
function isFunnel(target: FixedTarget, prepared: Prepared, { guide, verdict }: Optimised): boolean {
  const { runaway, definite, modeHessian } = prepared;
  if (runaway || (!definite && !verdict.converged)) return true;
  if (modeHessian === null) return false;
  const inFrame = hessianInFrame(modeHessian, guide, target.blocks);
  return disagreement(inFrame, target.dim, target.dim + target.points) > FUNNEL;
}

function contextOf(
  plain: FixedTarget,
  { seed, maxGradients, onProgress }: FixedOptions,
  trace: [number, number][],
): Context {
  const target = counted(plain);
  const source = drawSource(target.dim + target.noise, seed);
  const few = target.noise === 0 ? 1 : NOISY;
  let sets = 0;
  const draw = (n: number): Draws => splitDraws(source(n, sets++), n, target.dim, target.noise);
  return {
    target,
    seed,
    draw,
    budget: maxGradients ?? 300_000,
    judges: plainDraws(target, JUDGES, seed, "fit:judge"),
    quiet: target.noise === 0 ? { n: few, z: new Float64Array(0), eps: new Float64Array(0) } : draw(few),
    heard: (phase) => (gradients, elbo) => {
      if (phase !== "point search") trace.push([gradients, elbo]);
      onProgress?.({ phase, gradients, elbo, done: null });
    },
  };
}
