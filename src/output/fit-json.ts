// A fit as the document of `infer --json` and of fit.json. JSON has no NaN: such numbers become null, with a warning.

import type { Fit, Nested, Summary } from "../result.ts";
import { flatten } from "./nested.ts";

export type Warning = Fit["warnings"][number];

/** `nonFinite` is also among the warnings of the document. */
export type FitJson = { readonly value: Readonly<Record<string, unknown>>; readonly nonFinite: Warning | null };

/** Fields of a fit that the document holds as they are, in its order. */
const FACTS = [
  "model",
  "seed",
  "engine",
  "device",
  "precision",
  "threads",
  "objective",
  "guide",
  "method",
  "steps",
  "gradients",
  "converged",
  "verdict",
  "elbo",
  "khat",
  "seconds",
] as const satisfies readonly (keyof Fit)[];

export function fitJson(fit: Fit): FitJson {
  const { warnings, trace, sites, reports, predicted, labels, params, estimators, guideParams, siteGradients } = fit;
  const facts = Object.fromEntries(FACTS.map((name) => [name, fit[name]]));
  const summaries = { sites: present(sites), reports: present(reports), predictions: present(predicted) };
  return jsonOf({ ...facts, ...summaries, labels, params, estimators, siteGradients, guideParams, trace }, warnings);
}

type Entries = number | null | readonly Entries[];

/** Members that do not exist (their mean is NaN, while others have one) as null: nothing is lost there. */
export function present(summaries: Readonly<Record<string, Summary>>): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(summaries).map(([name, summary]) => {
      if (!flatten(summary.mean).some(Number.isFinite)) return [name, summary];
      return [
        name,
        Object.fromEntries(
          Object.entries(summary).map(([key, part]) => [key, nullWhere(part as Nested, summary.mean)]),
        ),
      ];
    }),
  );
}

const nullWhere = (part: Nested, mean: Nested): Entries =>
  typeof part === "number"
    ? Number.isNaN(mean)
      ? null
      : part
    : part.map((inner, i) => nullWhere(inner, (mean as readonly Nested[])[i]!));

/** A document with its warnings; what JSON cannot hold is one more. */
export function jsonOf(facts: Readonly<Record<string, unknown>>, warnings: readonly Warning[]): FitJson {
  const lost: string[] = [];
  const value = finite(facts, "", lost) as Record<string, unknown>;
  const nonFinite = lost.length === 0 ? null : describe(lost);
  return { value: { ...value, warnings: nonFinite === null ? warnings : [...warnings, nonFinite] }, nonFinite };
}

function describe(lost: readonly string[]): Warning {
  const places = [...new Set(lost)];
  const named = places.slice(0, 3).join(", ") + (places.length > 3 ? ", …" : "");
  const numbers = lost.length === 1 ? "1 number is not finite and is" : `${lost.length} numbers are not finite and are`;
  return { code: "non-finite", message: `${numbers} written as null: ${named}` };
}

/** A copy with null for every number that JSON cannot hold; their paths, without positions, are added to `lost`. */
function finite(value: unknown, path: string, lost: string[]): unknown {
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    lost.push(path);
    return null;
  }
  if (Array.isArray(value)) return value.map((item) => finite(item, path, lost));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, finite(item, path === "" ? key : `${path}.${key}`, lost)]),
  );
}
