// The measured audit of a model's gradients: source, data and where the guide stands → numbers for every estimator that
// a site admits.

import { VariateError, type Diagnostic, type Report } from "./base/diagnostic.ts";
import type { Source } from "./base/span.ts";
import { chosenFor } from "./build/prepare.ts";
import type { Prepared } from "./build/prepared.ts";
import { compile, type CompileOptions } from "./compile.ts";
import type { Engine } from "./exec/engine.ts";
import type { GradientCandidate, GradientReport, Nested, RawData, SiteGradient } from "./result.ts";
import { audit, type AuditSetup, type Candidate, type SiteAudit } from "./run/gradients.ts";
import { afterShortRun, givenParams, written } from "./run/parameters.ts";
import type { Params } from "./run/replicates.ts";

export type GradientOptions = CompileOptions & {
  /** Guide parameters, as `params` of a report or `guideParams` of a fit has them; those not named stay at their start.
   *  Default: where a short run of stochastic steps leads. */
  readonly at?: Readonly<Record<string, Nested>>;
  /** Gradient estimates per candidate (default: as many as a fixed amount of work allows, 32 to 1024). */
  readonly replicates?: number;
};

/** An audit runs some eighty graphs a few times each: modules would take longer to compile than they save. */
const engineOf = ({ engine = "auto", precision }: GradientOptions): NonNullable<GradientOptions["engine"]> =>
  engine === "auto" && precision !== "f32" ? "reference" : engine;

/**
 * Measures the gradient of every estimator that a site admits, with the chosen ones at the other sites.
 *
 * Gradients are those of the stochastic protocol, one step at a time, whatever the method of a fit would be.
 * Throws `VariateError` when the model, the data or an option is refused, or `at` does not fit the guide.
 */
export function gradients(
  source: Source,
  data: RawData,
  options: GradientOptions = {},
): { readonly report: GradientReport; readonly diagnostics: readonly Diagnostic[] } {
  const {
    prepared,
    report,
    wishes,
    engine: { engine },
  } = compile(source, data, { method: "adam", ...options, engine: engineOf(options) });
  const found: Report = [...report];
  const setup: AuditSetup = {
    particles: wishes.particles,
    seed: options.seed ?? 0,
    batch: wishes.batch,
    replicates: options.replicates ?? null,
    which: "all",
  };
  const { at } = options;
  const { params, steps } =
    at === undefined ? afterShortRun(prepared, engine, setup) : { params: givenParams(prepared, at, found), steps: 0 };
  if (found.length > report.length) throw new VariateError(found);
  const sites = audit(prepared, engine, setup, params);
  return {
    diagnostics: report,
    report: {
      model: source.path,
      seed: setup.seed,
      engine: engine.name,
      precision: engine.precision,
      objective: { name: prepared.objective.row.name, particles: wishes.particles },
      at: { from: at === undefined ? "start" : "file", steps },
      params: written(params),
      sites: Object.fromEntries(sites.map((site) => [site.site, reportOf(site, prepared)])),
    },
  };
}

const reportOf = (site: SiteAudit, prepared: Prepared): GradientReport["sites"][string] => ({
  units: [...site.units],
  exact: site.exact?.how ?? null,
  candidates: site.candidates.map((candidate) => candidateOf(candidate, site, prepared)),
});

function candidateOf(
  { estimator, chosen, refusal, measured }: Candidate,
  { site, parameters, exact }: SiteAudit,
  prepared: Prepared,
): GradientCandidate {
  const reason = chosen ? chosenFor(prepared, site).reason : (refusal ?? estimator.notFirst);
  const said = {
    estimator: estimator.name,
    admitted: refusal === null,
    chosen,
    reason,
    unbiased: estimator.bias === "none",
    parameters,
  };
  if (measured === null) return said;
  const { mean, se, variance, microseconds, replicates, bias, total, error } = measured;
  return {
    ...said,
    mean: [...mean],
    se: [...se],
    exact: exact === null ? null : [...exact.gradient],
    variance: [...variance],
    microseconds,
    replicates,
    bias,
    total,
    error,
  };
}

/** Estimates per site in the report of a fit. */
const AFTER_FIT = 256;

/** The chosen estimators at the fitted guide. */
export function gradientsAfterFit(
  prepared: Prepared,
  engine: Engine,
  setup: Pick<AuditSetup, "particles" | "seed" | "batch">,
  params: Params,
): readonly SiteGradient[] {
  return audit(prepared, engine, { ...setup, replicates: AFTER_FIT, which: "chosen" }, params).flatMap(
    ({ site, candidates }) =>
      candidates.flatMap(({ chosen, estimator, measured }): readonly SiteGradient[] =>
        chosen && measured !== null
          ? [
              {
                site,
                estimator: estimator.name,
                replicates: measured.replicates,
                variance: measured.total,
                bias: measured.bias,
              },
            ]
          : [],
      ),
  );
}
