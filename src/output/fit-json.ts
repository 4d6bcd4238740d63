// A fit as the document of `infer --json` and of fit.json. JSON has no NaN: such numbers become null, with a warning.

import type { Fit } from "../result.ts";

export type Warning = Fit["warnings"][number];

/** `nonFinite` is also among the warnings of the document. */
export type FitJson = { readonly value: Readonly<Record<string, unknown>>; readonly nonFinite: Warning | null };

export function fitJson(fit: Fit): FitJson {
  const { warnings, trace, sites, reports, predicted, labels, params, estimators, seconds, elbo } = fit;
  const { model, seed, engine, device, precision, objective, guide, method, steps, gradients, converged, verdict, khat } = fit;
  const facts = { model, seed, engine, device, precision, objective, guide, method, steps, gradients, converged, verdict, elbo, khat, seconds };
  return jsonOf({ ...facts, sites, reports, predictions: predicted, labels, params, estimators, trace }, warnings);
}

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
