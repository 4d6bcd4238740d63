// What a fit holds beside its draws: new data for every `observe`, what the `predict` blocks give, and the data itself
// with its labels.

import type { Report } from "./base/diagnostic.ts";
import type { Engine } from "./exec/engine.ts";
import { summarise } from "./fit/summary.ts";
import type { Bound, DataArray } from "./model/bound.ts";
import { labelsOfSymbol } from "./model/labels.ts";
import type { DataDecl } from "./model/model.ts";
import { observedSymbols } from "./model/observed.ts";
import type { DataResult, DataValue, Draws, Fit, Nested, RawData, Summary } from "./result.ts";
import { predictive, type Given } from "./run/predictive.ts";

export type AfterFit = Pick<Fit, "predictive" | "predictions" | "predicted" | "data" | "dims" | "input">;

/** `wanted` "predict": the `predict` blocks alone, without new data for every `observe`. */
export function afterFit(
  bound: Bound,
  engine: Engine,
  seed: number,
  given: Given,
  wanted: "all" | "predict",
  report: Report,
): AfterFit {
  const drawn = predictive(bound, engine, seed, given, wanted, report);
  return {
    predictive: drawn.replicates,
    predictions: drawn.predictions,
    predicted: Object.fromEntries(Object.entries(drawn.predictions).map(([name, draws]) => [name, summaryOf(draws)])),
    data: { ...observedLets(bound, drawn.observed), ...dataResults(bound) },
    dims: bound.sizes,
    input: inputOf(bound),
  };
}

/** The bound data under the keys of a data file, sizes of dims included: a fit repeated from it reads the same. */
export function inputOf({ model, sizes, arrays, levels }: Bound): RawData {
  const blocks = [model, ...model.predict];
  const dims = blocks.flatMap((block) => block.dims).map(({ name, from }) => [from ?? name, sizes[name]!] as const);
  return {
    ...Object.fromEntries(dims),
    ...Object.fromEntries(
      blocks
        .flatMap((block) => block.data)
        .flatMap((decl) => {
          const array = arrays[decl.symbol.name];
          if (array === undefined) return [];
          const { elem } = decl.type;
          const names = elem.kind === "index" && typeof elem.dim === "string" ? levels[elem.dim] : undefined;
          const shift = elem.kind === "index" && names === undefined ? model.base : 0;
          return columnsOf(decl, array).map(([key, { shape, values }]) => {
            const numbers = values.map((value) => value + shift);
            return [key, names === undefined ? { shape, values: numbers } : named(numbers, shape, names)] as const;
          });
        }),
    ),
  };
}

/** The keys of a declaration with their arrays: several keys are columns along the last dim. */
function columnsOf(
  { from, symbol }: DataDecl,
  { shape, values }: DataArray,
): readonly (readonly [string, { shape: readonly number[]; values: Float64Array }])[] {
  const keys = from ?? [symbol.name];
  if (keys.length === 1) return [[keys[0]!, { shape, values }]];
  return keys.map((key, k) => [
    key,
    { shape: shape.slice(0, -1), values: values.filter((_, i) => i % keys.length === k) },
  ]);
}

/** Members by their names, missing ones as null. */
function named(values: Float64Array, shape: readonly number[], names: readonly string[]): DataValue {
  const lists = nested(values, shape);
  const name = (part: Nested): DataValue => (typeof part === "number" ? (names[part] ?? null) : part.map(name));
  return name(lists);
}

/** What is observed and is no declared array, but a `let` of some. */
function observedLets(bound: Bound, observed: Readonly<Record<string, Draws>>): Readonly<Record<string, DataResult>> {
  const lets = [...observedSymbols(bound.model)].filter(({ kind }) => kind === "let");
  return Object.fromEntries(
    lets.flatMap((symbol) => {
      const values = observed[symbol.name];
      return values === undefined
        ? []
        : [
            [
              symbol.name,
              { ...values, elem: "real", members: null, observed: true, labels: labelsOfSymbol(symbol, bound) },
            ],
          ];
    }),
  );
}

/** Every declared array as it was read: members counted from the file's base, missing entries NaN. */
export function dataResults(bound: Bound): Readonly<Record<string, DataResult>> {
  const { model, arrays } = bound;
  const observed = observedSymbols(model);
  const declared = [...model.data, ...model.predict.flatMap((block) => block.data)];
  return Object.fromEntries(
    declared.flatMap(({ symbol, type: { elem } }) => {
      const array = arrays[symbol.name];
      if (array === undefined) return [];
      const shift = elem.kind === "index" ? model.base : 0;
      const values = shift === 0 ? array.values : array.values.map((value) => value + shift);
      const members = elem.kind === "index" && typeof elem.dim === "string" ? (bound.levels[elem.dim] ?? null) : null;
      return [
        [
          symbol.name,
          {
            shape: array.shape,
            values,
            elem: elem.kind,
            members,
            observed: observed.has(symbol),
            labels: labelsOfSymbol(symbol, bound),
          },
        ],
      ];
    }),
  );
}

export function summaryOf({ shape, values }: Draws): Summary {
  const { mean, sd, q05, q50, q95 } = summarise(
    values,
    shape.reduce((a, b) => a * b, 1),
  );
  return {
    mean: nested(mean, shape),
    sd: nested(sd, shape),
    q05: nested(q05, shape),
    q50: nested(q50, shape),
    q95: nested(q95, shape),
  };
}

/** Row-major values as nested lists; a scalar as a number. */
export function nested(values: Float64Array, shape: readonly number[]): Nested {
  const [size, ...rest] = shape;
  if (size === undefined) return values[0] as number;
  const step = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: size }, (_, i) => nested(values.subarray(i * step, (i + 1) * step), rest));
}
