// What a fit holds beside its draws: new data for every `observe`, what the `predict` blocks give, and the data itself with its labels.

import type { Report } from "./base/diagnostic.ts";
import { reference } from "./exec/reference.ts";
import { summarise } from "./fit/summary.ts";
import type { Bound } from "./model/bound.ts";
import { labelsOfSymbol } from "./model/labels.ts";
import { observedSymbols } from "./model/observed.ts";
import type { DataResult, Draws, Fit, Nested, Summary } from "./result.ts";
import { predictive, type Given } from "./run/predictive.ts";

export type AfterFit = Pick<Fit, "predictive" | "predictions" | "predicted" | "data" | "dims">;

/** `wanted` "predict": the `predict` blocks alone, without new data for every `observe`. */
export function afterFit(bound: Bound, seed: number, given: Given, wanted: "all" | "predict", report: Report): AfterFit {
  const drawn = predictive(bound, reference, seed, given, wanted, report);
  return {
    predictive: drawn.replicates,
    predictions: drawn.predictions,
    predicted: Object.fromEntries(Object.entries(drawn.predictions).map(([name, draws]) => [name, summaryOf(draws)])),
    data: dataResults(bound),
    dims: bound.sizes,
  };
}

/** Every declared array as it was read: members counted from the file's base, missing entries NaN. */
export function dataResults(bound: Bound): Readonly<Record<string, DataResult>> {
  const { model, arrays } = bound;
  const observed = observedSymbols(model);
  const declared = [...model.data, ...model.predict.flatMap((block) => block.data)];
  return Object.fromEntries(declared.flatMap(({ symbol, type: { elem } }) => {
    const array = arrays[symbol.name];
    if (array === undefined) return [];
    const shift = elem.kind === "index" ? model.base : 0;
    const values = shift === 0 ? array.values : array.values.map((value) => value + shift);
    const members = elem.kind === "index" && typeof elem.dim === "string" ? bound.levels[elem.dim] ?? null : null;
    return [[symbol.name, { shape: array.shape, values, elem: elem.kind, members, observed: observed.has(symbol), labels: labelsOfSymbol(symbol, bound) }]];
  }));
}

export function summaryOf({ shape, values }: Draws): Summary {
  const { mean, sd, q05, q50, q95 } = summarise(values, shape.reduce((a, b) => a * b, 1));
  return { mean: nested(mean, shape), sd: nested(sd, shape), q05: nested(q05, shape), q50: nested(q50, shape), q95: nested(q95, shape) };
}

/** Row-major values as nested lists; a scalar as a number. */
export function nested(values: Float64Array, shape: readonly number[]): Nested {
  const [size, ...rest] = shape;
  if (size === undefined) return values[0] as number;
  const step = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: size }, (_, i) => nested(values.subarray(i * step, (i + 1) * step), rest));
}
