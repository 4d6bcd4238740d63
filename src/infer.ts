// A model and its data to a fit: the protocol that the model admits, then draws, summaries and a verdict on fresh draws.

import type { Report } from "./base/diagnostic.ts";
import { ice } from "./base/ice.ts";
import type { Source } from "./base/span.ts";
import type { GaussianSite } from "./build/gaussian.ts";
import { prepare } from "./build/prepare.ts";
import type { Prepared } from "./build/prepared.ts";
import { afterFit, nested, summaryOf, type AfterFit } from "./after-fit.ts";
import { compile, type CompileOptions, type Compiled } from "./compile.ts";
import type { Engine } from "./exec/engine.ts";
import { choicesOf, objectiveOf } from "./explain.ts";
import { fail, leafAt } from "./fit-failure.ts";
import { fitFixed } from "./fit/fixed.ts";
import { khat } from "./fit/psis.ts";
import { fitStochastic } from "./fit/stochastic.ts";
import { elboOf, type Elbo } from "./fit/summary.ts";
import type { Guide } from "./fit/guide.ts";
import type { Verdict } from "./fit/target.ts";
import { covers, describeVerdict, fitWarnings, type Family } from "./fit/verdict.ts";
import { labelsOf } from "./model/labels.ts";
import { fixedTarget } from "./run/fixed-target.ts";
import { gradientsAfterFit } from "./gradients.ts";
import { gaussianOf } from "./run/gaussian-of.ts";
import { paramsOf, written } from "./run/parameters.ts";
import { posterior, type Drawn, type Posterior } from "./run/posterior.ts";
import { joined } from "./run/graphs.ts";
import { stochasticTarget } from "./run/stochastic-target.ts";
import type { Draws, Fit, RawData, Summary } from "./result.ts";

/** Posterior draws that are kept. */
const DRAWS = 1000;
/** Looks at the ELBO and k-hat, in thousands of draws: the next is taken while the ELBO is not sharp or k-hat is bad news that few draws
 *  cannot prove (its tail has 3 sqrt(n) draws). */
const LOOKS = [1, 4, 16];
const ELBO_SE = 0.01;

type Outcome = {
  readonly guide: Guide;
  readonly verdict: Verdict;
  readonly trace: Fit["trace"];
  readonly steps: number;
  /** The objective at the fitted guide, where that is a bound of several draws. */
  readonly bound: Elbo | null;
};

/** One guide fitted and judged on fresh draws. */
type Attempt = {
  readonly prepared: Prepared;
  readonly draws: Posterior;
  readonly evaluated: Evaluated;
  readonly outcome: Outcome & { readonly seconds: number };
  /** When its graphs were there. */
  readonly ready: number;
  /** The guide does not cover the posterior, and another is worth its price. */
  readonly retry: boolean;
};

/**
 * Fits `source` to `data`.
 *
 * Resolves to the fit whether or not it converged (`fit.converged`, `fit.khat`, `fit.warnings` say how good it is).
 * Throws `VariateError` with all diagnostics when the model, the data or an option is refused, or when no finite log density is found.
 */
export async function infer(source: Source, data: RawData, options: CompileOptions = {}): Promise<Fit> {
  const began = performance.now();
  const compiled = compile(source, data, { threads: "auto", ...options });
  try {
    return fitted(source, compiled, began, options);
  } finally {
    compiled.engine.engine.end();
  }
}

function fitted(source: Source, compiled: Compiled, began: number, options: CompileOptions): Fit {
  const { engine } = compiled.engine;
  const seed = options.seed ?? 0;
  const report: Report = [...compiled.report];
  const first = attempt(compiled, seed, options, report);
  const { prepared, draws, outcome, evaluated } = first.retry
    ? better(first, attempt(withFullRank(compiled), seed, options, []))
    : first;
  const { elbo, khat: shape } = evaluated;
  const family = familyOf(prepared);
  const nameOf = (i: number): string => siteAt(prepared, i)?.name ?? `coordinate ${i + 1}`;
  report.push(...draws.coarse(outcome.guide), ...fitWarnings(outcome.verdict, family, elbo, shape, nameOf));
  const after = afterDraws(prepared, engine, draws, evaluated.drawn, seed, options, report);
  const params = paramsOf(prepared, draws.leaves, outcome.guide);
  const { particles, batch } = compiled.wishes;
  const siteGradients =
    prepared.method.name === "adam" ? gradientsAfterFit(prepared, engine, { particles, seed, batch }, params) : [];
  const now = performance.now();
  return {
    model: source.path,
    source: source.text,
    imports: source.imports ?? {},
    seed,
    engine: engine.name,
    device: "cpu",
    precision: engine.precision,
    threads: engine.threads(),
    objective: { ...objectiveOf(prepared, particles), ...(outcome.bound === null ? {} : { bound: outcome.bound }) },
    guide: prepared.family.name,
    method: prepared.method.name,
    steps: outcome.steps,
    gradients: outcome.verdict.gradients,
    converged: outcome.verdict.converged,
    verdict:
      describeVerdict(outcome.verdict, family, elbo, shape, nameOf) +
      aboutBound(prepared, outcome, particles) +
      aboutPoints(prepared),
    elbo,
    khat: shape,
    seconds: { compile: (first.ready - began) / 1000, fit: outcome.seconds, total: (now - began) / 1000 },
    ...resultsOf(prepared, draws, evaluated.drawn),
    ...after,
    estimators: choicesOf(prepared),
    guideParams: written(params),
    siteGradients,
    warnings: report.filter((d) => d.severity !== "error").map(({ code, message }) => ({ code, message })),
    diagnostics: report,
    trace: outcome.trace,
  };
}

// ---------------------------------------------------------------------------------------- one guide, or two

function attempt(compiled: Compiled, seed: number, options: CompileOptions, report: Report): Attempt {
  const { prepared } = compiled;
  const draws = posterior(prepared, compiled.engine.engine, seed, report);
  const ready = performance.now();
  const run = prepared.method.name === "fixed" ? runFixed : runStochastic;
  const outcome = run(compiled, draws, seed, options, report);
  const seconds = (performance.now() - ready) / 1000;
  const evaluated = evaluate(draws, outcome.guide, Math.max(options.draws ?? DRAWS, 2));
  const retry =
    prepared.family.retry && !covers(evaluated) && !outcome.verdict.remarks.some(({ kind }) => kind === "improper");
  return { prepared, draws, evaluated, outcome: { ...outcome, seconds }, ready, retry };
}

function withFullRank(compiled: Compiled): Compiled {
  const wishes = { ...compiled.wishes, guide: { name: "fullrank", options: [] } };
  const prepared = prepare(compiled.prepared.bound, wishes, []) ?? ice("full rank refused after mean-field");
  return { ...compiled, wishes, prepared };
}

/** The full-rank attempt if it converged with the better k-hat, else the mean-field one; either with the cost of both. */
function better(first: Attempt, second: Attempt): Attempt {
  const wins = second.outcome.verdict.converged && second.evaluated.khat < first.evaluated.khat;
  const [kept, other] = wins ? [second, first] : [first, second];
  const { verdict, trace } = kept.outcome;
  const before = wins ? first.outcome : null;
  const spent = before?.verdict.gradients ?? 0;
  const outcome = {
    ...kept.outcome,
    verdict: {
      ...verdict,
      gradients: verdict.gradients + other.outcome.verdict.gradients,
      values: verdict.values + other.outcome.verdict.values,
      remarks: [...verdict.remarks, { kind: "other-family" as const, khat: other.evaluated.khat }],
    },
    trace: [...(before?.trace ?? []), ...trace.map(([gradients, elbo]) => [gradients + spent, elbo] as const)],
    steps: first.outcome.steps + second.outcome.steps,
    seconds: first.outcome.seconds + second.outcome.seconds,
  };
  return { ...kept, outcome };
}

// ---------------------------------------------------------------------------------------- the two protocols

function runFixed(
  compiled: Compiled,
  draws: Posterior,
  seed: number,
  options: CompileOptions,
  report: Report,
): Outcome {
  const { target, leaves } = fixedTarget(compiled.prepared, compiled.engine.engine, []);
  const result = fitFixed(target, { seed, ...progressOf(options) });
  if ("failure" in result) {
    const nameOf = (i: number): string =>
      i < target.dim ? coordinateName(compiled.prepared, i) : leafAt(leaves, i - target.dim);
    return fail(
      result,
      compiled,
      draws,
      { mean: new Float64Array(target.dim), points: target.start.points },
      report,
      nameOf,
    );
  }
  return { guide: result, verdict: result.verdict, trace: result.trace, steps: result.trace.length, bound: null };
}

function runStochastic(
  compiled: Compiled,
  draws: Posterior,
  seed: number,
  options: CompileOptions,
  report: Report,
): Outcome {
  const { prepared, wishes, engine } = compiled;
  const { target, leaves, checkDraws } = stochasticTarget(
    prepared,
    engine.engine,
    { particles: wishes.particles, seed, batch: wishes.batch },
    [],
  );
  const adaptive = [...prepared.chosen.values()].some(({ estimator }) => estimator.name === "adaptive");
  const result = fitStochastic(target, {
    seed,
    lambda: adaptive ? "adaptive" : "total",
    minibatch: prepared.batched.size > 0,
    checkDraws,
    ...(options.steps === undefined ? {} : { steps: options.steps }),
    ...progressOf(options),
  });
  if ("failure" in result)
    return fail(result, compiled, draws, gaussianOf(prepared, leaves, draws.leaves, target.start), report, (i) =>
      leafAt(leaves, i),
    );
  const guide = gaussianOf(prepared, leaves, draws.leaves, result.params);
  const steps = result.verdict.gradients / target.drawsPerStep;
  const verdict = withBias(result.verdict, prepared);
  if (prepared.objective.linear) return { guide, verdict, trace: result.trace, steps, bound: null };
  const values = target.values(result.params, BOUND_SETS, 0);
  return {
    guide,
    verdict: { ...verdict, bound: true },
    trace: result.trace,
    steps,
    bound: elboOf(values, new Float64Array(values.length)),
  };
}

/** The sites whose estimator has its zero elsewhere than the objective. */
function withBias(verdict: Verdict, { chosen }: Prepared): Verdict {
  const sites = [...chosen].flatMap(
    ([
      site,
      {
        estimator: { name, bias },
      },
    ]) => (bias === "none" || bias.keepsOptimum === true ? [] : [{ site, estimator: name }]),
  );
  return sites.length === 0 ? verdict : { ...verdict, remarks: [...verdict.remarks, { kind: "biased", sites }] };
}

/** Sets of draws from which the value of a bound is reported. */
const BOUND_SETS = 4096;

const progressOf = (options: CompileOptions): { onProgress?: NonNullable<CompileOptions["onProgress"]> } =>
  options.onProgress === undefined ? {} : { onProgress: options.onProgress };

// ---------------------------------------------------------------------------------------- after the fit

type Evaluated = { readonly drawn: Drawn; readonly elbo: Elbo; readonly khat: number };

/** Fresh draws, never those of the optimiser: kept ones first, then densities alone until ELBO and k-hat are sharp. */
function evaluate(draws: Posterior, guide: Guide, kept: number): Evaluated {
  const drawn = draws.draw(guide, kept, 0);
  let { logp, logq } = drawn;
  let found = judge(logp, logq);
  for (const look of LOOKS) {
    if (found.elbo.se <= ELBO_SE && covers(found)) break;
    for (let batch = Math.ceil(logp.length / DRAWS); batch < look; batch++) {
      const more = draws.draw(guide, DRAWS, batch, "densities");
      logp = joined([logp, more.logp]);
      logq = joined([logq, more.logq]);
    }
    found = judge(logp, logq);
  }
  return { drawn, ...found };
}

const judge = (logp: Float64Array, logq: Float64Array): { readonly elbo: Elbo; readonly khat: number } => ({
  elbo: elboOf(logp, logq),
  khat: khat(logp.map((p, i) => p - (logq[i] as number))).khat,
});

/** The bound that was climbed: tighter than the ELBO, which is that of the same guide. */
function aboutBound({ objective: { row, alpha } }: Prepared, { bound }: Outcome, particles: number): string {
  if (bound === null) return "";
  const name = row.name === "renyi" ? `renyi(alpha=${alpha})` : row.name;
  return `; ${name} bound of ${particles} draws ${bound.mean.toFixed(3)} ± ${bound.se.toFixed(3)}${alpha < 0 ? ", no lower bound on the evidence" : ""}`;
}

/** A point has no entropy: what is reported with it bounds nothing. */
function aboutPoints({ base }: Prepared): string {
  const points = base.latents.filter(({ guide }) => guide === "point").map(({ stmt }) => stmt.outputName);
  if (points.length === 0) return "";
  const [are, spread] =
    points.length === 1 ? ["is a point (delta)", "its spread"] : ["are points (delta)", "their spread"];
  return `; ${points.join(", ")} ${are}: ${spread} is not fitted, the ELBO is no bound on the evidence, and k-hat tells nothing of ${points.length === 1 ? "it" : "them"}`;
}

function familyOf(prepared: Prepared): Family {
  const written = prepared.base.latents.some((latent) => latent.guide !== "gaussian");
  const families = new Set(prepared.layout.blocks.map((block) => block.family));
  return written || families.size !== 1 ? "custom" : ([...families][0] as Family);
}

/** The site in whose guide a coordinate lies. */
const siteAt = ({ layout }: Prepared, index: number): GaussianSite | undefined =>
  layout.blocks.flatMap((b) => b.sites).find((s) => index >= s.offset && index < s.offset + s.size);

function coordinateName(prepared: Prepared, index: number): string {
  const site = siteAt(prepared, index);
  return site === undefined
    ? `coordinate ${index + 1}`
    : site.size === 1
      ? site.name
      : `${site.name} (coordinate ${index - site.offset + 1} of ${site.size})`;
}

type Results = Pick<Fit, "sites" | "reports" | "params" | "labels" | "draws" | "logp" | "logq">;

function resultsOf(prepared: Prepared, draws: Posterior, drawn: Drawn): Results {
  const n = drawn.logp.length;
  const value = (kind: string, name: string) => drawn.values[`${kind} ${name}`] as Drawn["values"][string];
  const summaries = (kind: string, names: readonly string[]): Record<string, Summary> =>
    Object.fromEntries(names.map((name) => [name, summaryOf(value(kind, name))]));
  const kept = [
    ...draws.sites.map((name) => ["site", name] as const),
    ...draws.reports.map((name) => ["report", name] as const),
  ];
  return {
    sites: summaries("site", draws.sites),
    reports: summaries("report", draws.reports),
    params: Object.fromEntries(
      draws.params.map((name) => {
        const { shape, values } = value("param", name);
        return [name, nested(values.subarray(0, values.length / n), shape)];
      }),
    ),
    labels: labelsOf(prepared.bound),
    draws: Object.fromEntries(kept.map(([kind, name]) => [name, value(kind, name)])),
    logp: drawn.logp,
    logq: drawn.logq,
  };
}

/** The model run forwards from the kept draws. */
function afterDraws(
  prepared: Prepared,
  engine: Engine,
  draws: Posterior,
  drawn: Drawn,
  seed: number,
  options: CompileOptions,
  report: Report,
): AfterFit {
  const n = drawn.logp.length;
  const sites = draws.sites.map((name) => [name, drawn.values[`site ${name}`] as Draws] as const);
  const params = draws.params.map((name) => {
    const { shape, values } = drawn.values[`param ${name}`] as Draws;
    return [name, { shape, values: values.subarray(0, values.length / n) }] as const;
  });
  const given = { n, sites: Object.fromEntries(sites), params: Object.fromEntries(params) };
  return afterFit(prepared.bound, engine, seed, given, options.predictive === false ? "predict" : "all", report);
}
