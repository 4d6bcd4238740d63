// Model + data → Bound: sizes fixed, every array present, of its type and shape, inside its bounds.
// Keys are read first, then sizes are agreed on, then defaults are computed in the order of the declarations.

import type { Report } from "../base/diagnostic.ts";
import { diagnose, hasErrors } from "../base/diagnostic.ts";
import { didYouMean } from "../base/suggest.ts";
import type { RawData } from "../result.ts";
import { checkArray, completeArray, completeDim } from "./bind-complete.ts";
import type { Binding } from "./bind-complete.ts";
import type { DataFile } from "./bind-faults.ts";
import { dataPlace } from "./bind-faults.ts";
import { declaredKeys, readDeclaration } from "./bind-keys.ts";
import { collectLevels, numbersOf } from "./bind-levels.ts";
import type { Given } from "./bind-read.ts";
import type { SizeSource } from "./bind-sizes.ts";
import { agree, sizeFromKey } from "./bind-sizes.ts";
import type { Bound, EvaluateData } from "./bound.ts";
import type { DataDecl, Model } from "./model.ts";

export type BindOptions = {
  /** The data file as the user named it, for messages. */
  readonly file: string;
  readonly evaluate: EvaluateData;
};

/** Checks `raw` against the declarations of `model`. The report has all faults; `bound` is null if one is an error. */
export function bind(model: Model, raw: RawData, options: BindOptions): { bound: Bound | null; report: Report } {
  const report: Report = [];
  const file: DataFile = { file: options.file, base: model.base };
  const spare = Object.keys(raw).filter((key) => !declaredKeys(model).has(key));
  const binding = readAll(model, raw, spare, file, options.evaluate, report);
  for (const item of inOrder(model)) {
    if ("symbol" in item) completeArray(item, binding);
    else completeDim(item, binding);
  }
  for (const decl of model.data) checkArray(decl, binding);
  const isNamedInHint = report.some((d) => d.code === "PPL601");
  if (!isNamedInHint) for (const key of spare) report.push(undeclaredKey(key, model, file));
  return { bound: hasErrors(report) ? null : freeze(binding, false), report };
}

/** Everything that the data itself says: arrays as given, sizes, names of members. */
function readAll(
  model: Model,
  raw: RawData,
  spare: readonly string[],
  file: DataFile,
  evaluate: EvaluateData,
  report: Report,
): Binding {
  const failed = new Set<string>();
  const sources: SizeSource[] = model.dims.flatMap((dim) => {
    const key = dim.from ?? dim.name;
    if (!Object.hasOwn(raw, key)) return [];
    const source = sizeFromKey(dim, raw[key]!, file, report);
    if (source === null) failed.add(`dim ${dim.name}`);
    return source ?? [];
  });
  const given = new Map<DataDecl, Given>();
  for (const decl of model.data) {
    const reading = readDeclaration(decl, raw, spare, file, report);
    if (reading.kind === "failed") failed.add(`data ${decl.symbol.name}`);
    if (reading.kind !== "given") continue;
    given.set(decl, reading.given);
    sources.push(...reading.sources);
  }
  const levels = collectLevels(
    [...given].map(([decl, array]) => ({ decl, given: array })),
    file,
    report,
  );
  const { sizes, broken } = agree([...sources, ...levels.map((level) => level.source)], report);
  for (const dim of broken) failed.add(`dim ${dim}`);
  return {
    model,
    file,
    report,
    evaluate,
    sizes,
    failed,
    arrays: new Map(),
    given: new Map([...given].map(([decl, array]) => [decl, numbered(decl, array, levels, file.base)])),
    levels: new Map(levels.map(({ dim, names }) => [dim, names])),
  };
}

/** Entries of an `index` array counted from 0: by name through the levels, by number less the base. */
function numbered(
  decl: DataDecl,
  given: Given,
  levels: readonly { dim: string; names: readonly string[] }[],
  base: 0 | 1,
): Given {
  const { elem } = decl.type;
  if (elem.kind !== "index") return given;
  const level = levels.find(({ dim }) => dim === elem.dim);
  const values =
    level === undefined || given.names === null ? given.values.map((v) => v - base) : numbersOf(given, level.names);
  return { ...given, values };
}

/** Dims and arrays in the order in which the file declares them. */
export const inOrder = (model: Model) => [...model.dims, ...model.data].sort((a, b) => a.span.start - b.span.start);

function undeclaredKey(key: string, model: Model, file: DataFile): Report[number] {
  const place = dataPlace(file, key, null);
  return diagnose("PPL613", place, { key }, { hint: didYouMean(key, declaredKeys(model), '"') });
}

export function freeze(binding: Binding, placeholder: boolean): Bound {
  return {
    model: binding.model,
    placeholder,
    sizes: Object.fromEntries(binding.sizes),
    levels: Object.fromEntries(binding.levels),
    arrays: Object.fromEntries(binding.arrays),
  };
}
