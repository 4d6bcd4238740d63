// The stages in order: text, model, bound model, decisions. The only file that knows the order.

import { diagnose, hasErrors, VariateError, type Diagnostic, type Report } from "./base/diagnostic.ts";
import type { Source } from "./base/span.ts";
import { dataEvaluator } from "./build/evaluate-data.ts";
import { prepare } from "./build/prepare.ts";
import type { Prepared, Wishes } from "./build/prepared.ts";
import { didYouMean } from "./base/suggest.ts";
import { parseWish, type Wish } from "./estimator/choose.ts";
import { objectives } from "./objective/index.ts";
import type { ObjectiveWish } from "./objective/objective.ts";
import { bind } from "./model/bind.ts";
import type { Bound } from "./model/bound.ts";
import { check } from "./model/check.ts";
import { families, parseFamily, signature } from "./model/families.ts";
import type { Model } from "./model/model.ts";
import { shapesOnly } from "./model/shapes-only.ts";
import type { DataOrigin, InferOptions, RawData } from "./result.ts";
import { chooseEngine, type EngineChoice } from "./exec/choose.ts";
import { checkReads } from "./run/check-reads.ts";
import type { DataSource } from "./run/check-support.ts";
import { audit } from "./run/gradients.ts";
import { bestOf } from "./run/measured.ts";
import { afterShortRun } from "./run/parameters.ts";

/** Draws per step of the stochastic protocol, unless the user says otherwise (optimisation, section 4). */
const DEFAULT_PARTICLES = 8;

export type Compiled = {
  readonly model: Model;
  readonly prepared: Prepared;
  readonly wishes: Wishes;
  readonly engine: EngineChoice;
  readonly report: readonly Diagnostic[];
};

/** `dataFile`, `dataOrigins`: what messages call the data, and the keys that come from other files. */
export type CompileOptions = InferOptions & {
  readonly dataFile?: string;
  readonly dataOrigins?: Readonly<Record<string, DataOrigin>>;
};

/** Parse and check; errors are thrown together as one `VariateError`. */
export function checkedModel(source: Source): { readonly model: Model; readonly report: Report } {
  const { model, report } = check(source);
  if (model === null || hasErrors(report)) throw new VariateError(report);
  return { model, report };
}

/** Everything before numbers run. `data` null: sizes and values only stand in, for `explain` and `print`. */
export function compile(source: Source, data: RawData | null, options: CompileOptions = {}): Compiled {
  const { model, report } = checkedModel(source);
  const bound = data === null ? shapesOnly(model, dataEvaluator(model.base)) : boundTo(model, data, options, report);
  const asked = wishesOf(options, bound, report);
  const engine = engineFor(options, report);
  const wishes =
    hasErrors(report) || asked.policy !== "measured"
      ? asked
      : measuredWishes(asked, bound, engine, options.seed ?? 0, report);
  const prepared = hasErrors(report) ? null : prepare(bound, wishes, report);
  if (prepared === null || hasErrors(report)) throw new VariateError(report);
  if (data !== null) report.push(...checkReads(prepared.base, prepared, sourceOf(data, options)));
  if (hasErrors(report)) throw new VariateError(report);
  return { model, prepared, wishes, engine, report };
}

/** With what a measurement near the start of the guide found best. Stochastic steps are what is measured, whatever the
 *  method will be. */
function measuredWishes(wishes: Wishes, bound: Bound, { engine }: EngineChoice, seed: number, report: Report): Wishes {
  if (bound.placeholder) {
    refuse(
      report,
      "`--policy measured`",
      "there is no data, and gradients are measured on it",
      "give the data, or leave the policy out",
    );
    return wishes;
  }
  const prepared = prepare(bound, { ...wishes, method: "adam" }, report);
  if (prepared === null) return wishes;
  const setup = { particles: wishes.particles, seed, batch: wishes.batch };
  const { params } = afterShortRun(prepared, engine, setup);
  return { ...wishes, measured: bestOf(audit(prepared, engine, { ...setup, replicates: null, which: "all" }, params)) };
}

const sourceOf = (data: RawData, { dataFile = "data", dataOrigins = {} }: CompileOptions): DataSource => ({
  file: dataFile,
  origins: dataOrigins,
  keys: new Set(Object.keys(data)),
});

/** `model` with its data. Throws `VariateError`. */
export function boundTo(
  model: Model,
  data: RawData,
  { dataFile = "data", dataOrigins = {} }: CompileOptions,
  report: Report,
): Bound {
  const result = bind(model, data, { file: dataFile, origins: dataOrigins, evaluate: dataEvaluator(model.base) });
  report.push(...result.report);
  if (result.bound === null) throw new VariateError(report);
  return result.bound;
}

// ---------------------------------------------------------------------------------------- options

function wishesOf(options: InferOptions, bound: Bound, report: Report): Wishes {
  return {
    particles: options.particles ?? DEFAULT_PARTICLES,
    objective: objectiveWish(options.objective ?? "elbo", report),
    policy: options.policy ?? "auto",
    guide: guideWish(options.guide ?? "auto", report),
    method: options.method ?? "auto",
    batch: batchOf(options.batch ?? {}, bound, report),
    estimators: estimatorWishes(options.estimators ?? {}, report),
    measured: new Map(),
  };
}

/** The engine that was asked for. Throws `VariateError` where the platform lacks what it needs. */
export function engineFor(
  { engine = "auto", precision = "f64", memory, threads = 1 }: InferOptions,
  report: Report,
): EngineChoice {
  const choice = chooseEngine(engine, { precision, threads, ...(memory === undefined ? {} : { memory }) });
  if (!("problem" in choice) && choice.engine.precision === precision) return choice;
  if (!("problem" in choice)) {
    refuse(report, "`--precision f32`", `the engine \`${choice.engine.name}\` has float64`, "take --engine wasm");
    throw new VariateError(report);
  }
  refuse(
    report,
    "the engine `wasm`",
    choice.problem,
    "take a runtime with WebAssembly SIMD (Node 16.4, browsers since 2023), or the slow engine: --engine reference",
  );
  throw new VariateError(report);
}

/** `iwae`, `renyi(alpha=0.5)`. */
function objectiveWish(text: string, report: Report): ObjectiveWish {
  const wish = parseWish(text);
  const row = objectives.find((o) => o.name === wish?.name);
  const { alpha = 0, ...others } = wish?.options ?? {};
  const known = Object.keys(others).length === 0 && typeof alpha === "number" && (row?.name === "renyi" || alpha === 0);
  if (row !== undefined && known) return { name: row.name, alpha };
  const names = objectives.map((o) => o.name);
  const near = wish === null || row !== undefined ? undefined : didYouMean(wish.name, names);
  refuse(
    report,
    `the objective \`${text}\``,
    row === undefined ? "there is none of this name" : "it takes no such option",
    near ?? `write ${names.join(", ")}, or renyi(alpha=0.5)`,
  );
  return { name: "elbo", alpha: 0 };
}

function guideWish(text: string, report: Report): Wishes["guide"] {
  const family = text === "auto" ? null : parseFamily(text);
  if (family === null || !("problem" in family)) return family;
  refuse(
    report,
    `the guide \`${text}\``,
    `it ${family.problem}`,
    `the families are auto, ${families.map(signature).join(", ")}`,
  );
  return null;
}

function estimatorWishes(written: Readonly<Record<string, string>>, report: Report): ReadonlyMap<string, Wish> {
  const wishes = new Map<string, Wish>();
  for (const [site, text] of Object.entries(written)) {
    const wish = parseWish(text);
    if (wish !== null) wishes.set(site, wish);
    else
      refuse(
        report,
        `the estimator \`${text}\` of ${site}`,
        "it is not a name, or a name with options",
        "write loo, or path(weight=0.5)",
      );
  }
  return wishes;
}

function batchOf(
  batch: Readonly<Record<string, number>>,
  bound: Bound,
  report: Report,
): Readonly<Record<string, number>> {
  const plates = new Set(bound.model.dims.map((d) => d.name));
  for (const [plate, size] of Object.entries(batch)) {
    const full = bound.sizes[plate];
    if (!plates.has(plate) || full === undefined) {
      refuse(report, `a batch of \`${plate}\``, "the model has no such dim", `its dims are ${[...plates].join(", ")}`);
    } else if (!Number.isInteger(size) || size < 1 || size > full) {
      refuse(
        report,
        `a batch of ${size} members of ${plate}`,
        `${plate} has ${full} members`,
        `take a whole number from 1 to ${full}`,
      );
    }
  }
  return batch;
}

const refuse = (report: Report, option: string, reason: string, hint: string): void =>
  void report.push(diagnose("PPL511", { kind: "run" }, { option, reason }, { hint }));
