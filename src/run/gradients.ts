// The measured audit: for each site every estimator that admits it, with mean, variance, bias and time of its gradient
// at given parameters. Enters: a prepared model and parameters; leaves: plain numbers.

import { chosenFor, drawn, planOf } from "../build/prepare.ts";
import type { Prepared } from "../build/prepared.ts";
import { locName, scaleName } from "../build/gaussian.ts";
import { buildProgram } from "../build/program.ts";
import type { Leaf, Plan } from "../build/state.ts";
import { estimators } from "../estimator/index.ts";
import type { Estimator, EstimatorOptions } from "../estimator/estimator.ts";
import type { Engine } from "../exec/engine.ts";
import type { Node } from "../ir/node.ts";
import { factsIn } from "../objective/facts.ts";
import type { PlacedSite } from "../objective/term.ts";
import { replicator, type Replicator } from "../pass/replicate.ts";
import type { GradientBias } from "../result.ts";
import { exactGradients, type Exact, type ExactGradient, type Known } from "./exact-gradient.ts";
import { lowerTriangle } from "./gaussian-of.ts";
import { biasOf, errorOf, momentsOf, type Moments } from "./moments.ts";
import { replicated, type Params, type Replicated } from "./replicates.ts";
import type { StochasticSetup } from "./stochastic-target.ts";
import * as math from "../op/special/elementary.ts";

/** What was measured of an admitted estimator. */
export type Measurement = Moments & {
  /** Gradient estimates behind the numbers. */
  readonly replicates: number;
  readonly bias: GradientBias | null;
  /** Mean squared error of one estimate, in the guide's units: variance, and bias squared where one is declared. */
  readonly error: { readonly value: number; readonly se: number };
  /** Of one step of the model with this estimator. */
  readonly microseconds: number;
};

export type Candidate = {
  readonly estimator: Estimator;
  readonly options: EstimatorOptions;
  readonly chosen: boolean;
  /** Why it is refused; null: it is admitted. */
  readonly refusal: string | null;
  /** Null where it was refused, or not asked for. */
  readonly measured: Measurement | null;
};

export type SiteAudit = {
  readonly site: string;
  /** The entries of the site's guide parameters. */
  readonly parameters: readonly string[];
  /** The unit of each: the guide's sd for a Gaussian location, else 1. */
  readonly units: Float64Array;
  readonly exact: Exact | null;
  readonly candidates: readonly Candidate[];
};

export type AuditSetup = StochasticSetup & {
  /** Estimates of each candidate; null: as many as a fixed amount of work allows. */
  readonly replicates: number | null;
  /** "chosen": the chosen estimators alone, with what tells their bias. */
  readonly which: "all" | "chosen";
};

/** Numbers computed per candidate, and how many estimates that makes at least and at most: a multiple of the least, so
 *  that runs are of one size. */
const WORK = 2 ** 18;
const LEAST = 32;
const MOST = 1024;

const affordable = (work: number): number => Math.min(MOST, Math.max(LEAST, LEAST * Math.floor(WORK / work / LEAST)));

/** Runs of a step that are timed, the quickest counts: whatever else the machine does only adds to it. */
const TIMED = 4;

/** Every site of the model at `params`, which has all leaves of the guide. */
export function audit(prepared: Prepared, engine: Engine, setup: AuditSetup, params: Params): readonly SiteAudit[] {
  const { leaves, placed, terms } = buildProgram(prepared.bound, { ...planOf(prepared, "leaves"), place: drawn }, []);
  const {
    objective: { row, linear },
  } = prepared;
  const chosen = new Map(placed.map(({ site: { name } }) => [name, chosenFor(prepared, name).estimator.name]));
  const factsOf = factsIn(placed, terms);
  const known = placed.map((target) => ({
    site: target.site,
    target,
    facts: factsOf(target, { objective: row.name, linear, particles: setup.particles, chosen }),
  }));
  const many = replicator("parameters");
  const exact = exactGradients(prepared, engine, known, many);
  const job: Job = { prepared, engine, setup, params, exact, many, guide: leaves.filter((leaf) => !leaf.learned) };
  const sites = known.map(({ target, ...one }) => auditSite(one, leavesOf(target, placed, job.guide), job));
  const wholeStep = timeOf(
    replicated(
      prepared,
      engine,
      planOf(prepared, "leaves"),
      setup,
      job.guide.map(({ name }) => name),
      params,
      many,
    ),
  );
  return sites.map((site) => ({ ...site, candidates: inWholeStep(site.candidates, wholeStep) }));
}

type Job = {
  readonly prepared: Prepared;
  readonly engine: Engine;
  readonly setup: AuditSetup;
  readonly params: Params;
  readonly exact: ExactGradient;
  /** Candidates have most of their graphs in common. */
  readonly many: Replicator;
  readonly guide: readonly Leaf[];
};

function auditSite({ site, facts }: Known, own: readonly Leaf[], job: Job): SiteAudit {
  const { prepared, setup, params } = job;
  const choice = chosenFor(prepared, site.name);
  const optionsOf = (estimator: Estimator): EstimatorOptions => (estimator === choice.estimator ? choice.options : {});
  const verdicts = estimators.map((estimator) => ({
    estimator,
    options: optionsOf(estimator),
    chosen: estimator === choice.estimator,
    refusal: estimator.refuses(site, facts, optionsOf(estimator))?.reason ?? null,
  }));
  const names = own.map((leaf) => leaf.name);
  const exact = job.exact(names, params);
  const admitted = own.length === 0 ? [] : verdicts.filter(({ refusal }) => refusal === null);
  const wanted =
    setup.which === "all"
      ? admitted
      : admitted.filter((one) => one.chosen || isReference(one, admitted, choice.estimator, exact));
  const runs = new Map(
    wanted.map(({ estimator, options }) => [estimator, runOf(site.name, estimator, options, names, job)]),
  );
  const units = unitsOf(own, job);
  const moments = new Map(
    [...runs].map(([estimator, run]) => {
      const found = run.estimate(setup.replicates ?? affordable(run.work));
      return [estimator, { ...momentsOf(found, units), replicates: found.rows.length }];
    }),
  );
  // After all estimates: by then whatever is run often has been compiled.
  const times = new Map([...runs].map(([estimator, run]) => [estimator, timeOf(run)]));
  const reference = best(moments);
  const measure = (estimator: Estimator): Measurement | null => {
    const found = moments.get(estimator);
    if (found === undefined) return null;
    const bias =
      exact !== null
        ? biasOf(minus(found.mean, exact.gradient), found.se, units, "exact")
        : against(estimator, found, reference, units);
    return {
      ...found,
      bias,
      error: errorOf(found, estimator.bias === "none" ? null : bias),
      microseconds: times.get(estimator) as number,
    };
  };
  return {
    site: site.name,
    parameters: own.flatMap(entriesOf),
    units,
    exact,
    candidates: verdicts.map((verdict) => ({ ...verdict, measured: measure(verdict.estimator) })),
  };
}

/** Of a biased choice without an exact gradient: one that is not biased, to compare with. */
function isReference(
  { estimator }: { readonly estimator: Estimator },
  admitted: readonly { readonly estimator: Estimator }[],
  choice: Estimator,
  exact: Exact | null,
): boolean {
  if (exact !== null || choice.bias === "none") return false;
  const names = REFERENCES.filter((name) => admitted.some((one) => one.estimator.name === name));
  return estimator.name === names[0];
}

/** Unbiased, the quietest first. */
const REFERENCES = ["enumerate", "path", "implicit", "dreg", "total", "arsm", "loo", "vimco", "score"];

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x - (b[i] as number));

/** The unbiased estimator of least variance. */
function best(moments: ReadonlyMap<Estimator, Moments>): readonly [Estimator, Moments] | null {
  const unbiased = [...moments].filter(([{ bias }, { total }]) => bias === "none" && Number.isFinite(total.value));
  return unbiased.reduce<readonly [Estimator, Moments] | null>(
    (least, one) => (least === null || one[1].total.value < least[1].total.value ? one : least),
    null,
  );
}

function against(
  estimator: Estimator,
  own: Moments,
  reference: readonly [Estimator, Moments] | null,
  units: Float64Array,
): GradientBias | null {
  if (reference === null || reference[0] === estimator) return null;
  const [{ name }, other] = reference;
  return biasOf(
    minus(own.mean, other.mean),
    own.se.map((se, i) => Math.hypot(se, other.se[i] as number)),
    units,
    name,
  );
}

/** The model with this estimator at one site, and the chosen ones elsewhere. */
function runOf(
  name: string,
  estimator: Estimator,
  options: EstimatorOptions,
  own: readonly string[],
  { prepared, engine, setup, params, many }: Job,
): Replicated {
  const plan = planOf(prepared, "leaves");
  const place: Plan["place"] = (site) => (site.name === name ? estimator.place(site, options) : plan.place(site));
  return replicated(prepared, engine, { ...plan, place }, setup, own, params, many);
}

/** From the time of the site's own gradient to that of a step: a step with the chosen estimators, and what this one's
 *  own gradient takes more than the chosen one's. Whole graphs of each would take longer to build than to measure. */
function inWholeStep(candidates: readonly Candidate[], wholeStep: number): readonly Candidate[] {
  const choice = candidates.find((one) => one.chosen)?.measured?.microseconds ?? 0;
  return candidates.map((candidate) => {
    const { measured } = candidate;
    if (measured === null) return candidate;
    const { microseconds } = measured;
    return {
      ...candidate,
      measured: { ...measured, microseconds: Math.max(microseconds, wholeStep + microseconds - choice) },
    };
  });
}

/** Microseconds of a step. */
function timeOf(run: Replicated): number {
  run.step();
  const times = Array.from({ length: TIMED }, () => {
    const began = performance.now();
    run.step();
    return 1000 * (performance.now() - began);
  });
  return Math.min(...times);
}

// ---------------------------------------------------------------------------------------- parameters

/** The leaves that the guide of a site reads itself, not through the values of other sites. */
function leavesOf(
  { site, value }: PlacedSite,
  placed: readonly PlacedSite[],
  leaves: readonly Leaf[],
): readonly Leaf[] {
  const values = new Set(placed.map((other) => other.value));
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    if (seen.has(node) || values.has(node)) return;
    seen.add(node);
    node.inputs.forEach(visit);
  };
  visit(site.guide.logProb(value));
  return leaves.filter(({ node }) => seen.has(node));
}

const entriesOf = ({ name, size }: Leaf): readonly string[] =>
  size === 1 ? [name] : Array.from({ length: size }, (_, i) => `${name}[${i}]`);

/** Gaussian locations in the guide's sds. */
function unitsOf(own: readonly Leaf[], { prepared, params }: Job): Float64Array {
  const block = prepared.layout.blocks.find(
    ({ name, family }) => family === "fullrank" && own.some((leaf) => leaf.name === locName(name)),
  );
  return Float64Array.from(
    own.flatMap(({ name, size, scaledBy }): readonly number[] => {
      if (scaledBy !== null) return [...(params[scaledBy] as Float64Array)].map(math.exp);
      if (block === undefined || name !== locName(block.name)) return Array<number>(size).fill(1);
      const lower = lowerTriangle(params[scaleName(block.name)] as Float64Array, block);
      return Array.from({ length: size }, (_, i) => Math.hypot(...lower.subarray(i * size, (i + 1) * size)));
    }),
  );
}
