// What was decided and why, as `explain` shows it.

import type { Source } from "./base/span.ts";
import { compile, type CompileOptions } from "./compile.ts";
import type { EngineChoice } from "./exec/choose.ts";
import { supportOf } from "./dist/instance.ts";
import type { Latent } from "./build/state.ts";
import type { Prepared, Wishes } from "./build/prepared.ts";
import { topological } from "./ir/walk.ts";
import { showFamily } from "./model/families.ts";
import { localPlates } from "./objective/bound.ts";
import type { PlateAxis } from "./model/model.ts";
import { evaluation } from "./run/graphs.ts";
import { lowered, memoryIn } from "./run/lowered.ts";
import type { Diagnostic } from "./base/diagnostic.ts";
import type { Choice, Explanation, ObjectiveResult, RawData } from "./result.ts";

/** Explains a model, with its data or without (sizes then stand in). Throws `VariateError`. */
export function explain(
  source: Source,
  data: RawData | null,
  options: CompileOptions = {},
): { readonly explanation: Explanation; readonly report: readonly Diagnostic[] } {
  const { prepared, report, wishes, engine } = compile(source, data, options);
  // Policies that measure run the engine.
  engine.engine.end();
  return { explanation: explanationOf(prepared, source, wishes, engine), report };
}

export function explanationOf(
  prepared: Prepared,
  source: Source,
  wishes: Pick<Wishes, "batch" | "particles">,
  { engine, reason }: EngineChoice,
): Explanation {
  const { particles, batch } = wishes;
  const { graph } = evaluation(prepared, batch);
  return {
    model: source.path,
    objective: { ...objectiveOf(prepared, particles), reason: objectiveReason(prepared, particles) },
    guide: { family: prepared.family.name, reason: prepared.family.reason },
    method: prepared.method,
    engine: { name: engine.name, reason },
    memory: engine.name === "wasm" ? memoryIn(lowered(graph, prepared, wishes), engine.precision) : null,
    choices: choicesOf(prepared),
    dims: prepared.bound.placeholder ? {} : prepared.bound.sizes,
    coordinates: prepared.layout.size,
    nodes: topological(Object.values(graph.outputs)).length,
  };
}

/** The fixed protocol climbs the value of single draws, whatever their number. */
export const objectiveOf = (
  { objective: { row, alpha }, method }: Prepared,
  particles: number,
): Omit<ObjectiveResult, "bound"> => ({
  name: row.name,
  particles: method.name === "adam" ? particles : 1,
  ...(row.name === "renyi" ? { alpha } : {}),
});

function objectiveReason({ objective: { row, linear }, base }: Prepared, particles: number): string {
  if (linear) return particles === 1 && row.name !== "elbo" ? "with one draw it is the ELBO" : row.doc;
  const local = localPlates(base.terms, base.placed);
  const weights =
    local.length === 0
      ? "all sites share one weight per draw"
      : `every member of ${local.join(", ")} has weights of its own`;
  return `${row.doc.replace(/\.$/, "")}; here ${weights}`;
}

/** One row per latent site, in the model's order. */
export const choicesOf = (prepared: Prepared): readonly Choice[] =>
  prepared.base.latents.map((latent) => choiceOf(latent, prepared));

function choiceOf(latent: Latent, prepared: Prepared): Choice {
  const { name } = latent.stmt.symbol;
  const chosen = prepared.chosen.get(jointOf(name, prepared)?.name ?? name);
  if (latent.guide === "point") return pointChoice(latent, prepared);
  if (chosen === undefined) return summedOut(latent, prepared);
  const { estimator, options } = chosen;
  const written = Object.entries(options)
    .map(([k, v]) => `${k} = ${String(v)}`)
    .join(", ");
  return {
    site: name,
    kind: kindOf(latent, prepared),
    guide: guideOf(latent, prepared),
    estimator: written === "" ? estimator.name : `${estimator.name}(${written})`,
    unbiased: estimator.bias === "none",
    bias: estimator.bias === "none" ? "none" : estimator.bias.why,
    cost: estimator.cost,
    reason: chosen.reason,
    rejected: chosen.rejected,
    advice: chosen.advice,
  };
}

/** A `@marginal` site: no guide, no gradient to estimate. */
const summedOut = (latent: Latent, prepared: Prepared): Choice => ({
  site: latent.stmt.symbol.name,
  kind: kindOf(latent, prepared),
  guide: "none: summed out",
  estimator: "marginal",
  unbiased: true,
  bias: "none",
  cost: "every state of a member is evaluated",
  reason: "`@marginal`: log-sum-exp over its states inside the density; drawn from its exact conditional after the fit",
  rejected: [],
  advice: null,
});

/** A `delta` site: nothing is drawn, so that no gradient has to be estimated. */
const pointChoice = (latent: Latent, prepared: Prepared): Choice => ({
  site: latent.stmt.symbol.name,
  kind: kindOf(latent, prepared),
  guide: "a point (delta)",
  estimator: "exact",
  unbiased: true,
  bias: "none",
  cost: "none",
  reason:
    "a point has no noise: the gradient is that of the log density itself, and the ELBO is no bound on the evidence",
  rejected: [],
  advice: null,
});

const jointOf = (name: string, { layout }: Prepared) =>
  layout.joint.find(({ sites }) => sites.some((site) => site.name === name));

const SUPPORT_WORDS: Readonly<Record<string, string>> = {
  real: "real",
  positive: "positive",
  nonnegative: "positive",
  interval: "interval",
  lower: "bounded below",
  upper: "bounded above",
  simplex: "simplex",
  ordered: "ordered",
  boolean: "Bernoulli",
  category: "category",
  count: "count",
};

function kindOf(latent: Latent, prepared: Prepared): string {
  const support = supportOf(latent.model.instance);
  const word = SUPPORT_WORDS[support.kind] ?? support.kind;
  const states = support.kind === "category" ? ` of ${support.count}` : "";
  const shape = latent.model.shape.length === 0 ? "" : `[${latent.model.shape.join(", ")}]`;
  return [`${word}${states}${shape}`, ...latent.stmt.plates.map((plate) => plateWords(plate, prepared))].join(", ");
}

const plateWords = ({ axis, dim }: PlateAxis, { bound }: Prepared): string =>
  typeof dim === "number"
    ? `plate of ${dim}`
    : bound.placeholder
      ? `plate ${axis}`
      : `plate ${axis} (${bound.sizes[dim] ?? "?"})`;

function guideOf(latent: Latent, prepared: Prepared): string {
  if (latent.guide === "written") return `written: ${latent.guideName}`;
  if (latent.guide === "free") return `free ${latent.guideName} per member`;
  const joint = jointOf(latent.stmt.symbol.name, prepared);
  if (joint !== undefined)
    return `${showFamily(joint.family)}${
      joint.sites.length === 1
        ? ""
        : ` with ${joint.sites
            .map((s) => s.name)
            .filter((n) => n !== latent.stmt.symbol.name)
            .join(", ")}`
    }`;
  const block = prepared.layout.blocks.find((b) => b.sites.some((s) => s.name === latent.stmt.symbol.name));
  if (block?.family !== "fullrank") return "Gaussian, mean-field";
  return block.sites.length === 1
    ? "Gaussian, full rank"
    : `Gaussian, full rank with ${block.sites
        .map((s) => s.name)
        .filter((n) => n !== latent.stmt.symbol.name)
        .join(", ")}`;
}
