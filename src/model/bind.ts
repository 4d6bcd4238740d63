// Model + data → Bound: sizes fixed, every array present, of its type and shape, inside its bounds.
// Keys are read first, then sizes are agreed on, then defaults are computed in the order of the declarations.

import type { Diagnostic, Report } from "../base/diagnostic.ts";
import { diagnose, hasErrors } from "../base/diagnostic.ts";
import { didYouMean } from "../base/suggest.ts";
import type { RawData } from "../result.ts";
import { checkArray, completeArray, completeDim } from "./bind-complete.ts";
import type { Binding } from "./bind-complete.ts";
import type { DataFile } from "./bind-faults.ts";
import { dataPlace } from "./bind-faults.ts";
import { declaredKeys, keysOf, readDeclaration } from "./bind-keys.ts";
import { collectLevels, numbersOf } from "./bind-levels.ts";
import type { Outside } from "./bind-levels.ts";
import type { Given } from "./bind-read.ts";
import type { SizeSource } from "./bind-sizes.ts";
import { agree, sizeFromKey } from "./bind-sizes.ts";
import type { Bound, EvaluateData } from "./bound.ts";
import { withImputed } from "./imputed.ts";
import type { DataDecl, Model, Predict } from "./model.ts";

export type BindOptions = {
  /** The data file as the user named it, for messages. */
  readonly file: string;
  readonly origins?: DataFile["origins"];
  readonly evaluate: EvaluateData;
};

/** Checks `raw` against the declarations of `model`. The report has all faults; `bound` is null if one is an error. */
export function bind(model: Model, raw: RawData, options: BindOptions): { bound: Bound | null; report: Report } {
  const report: Report = [];
  const { file: name, origins = {} } = options;
  const file: DataFile = { file: name, base: model.base, origins };
  const declared = declaredKeys([model, ...model.predict]);
  const spare = Object.keys(raw).filter((key) => !declared.has(key));
  if (Object.keys(raw).length === 0 && needsKeys(model).length > 1)
    return { bound: null, report: [nothingGiven(model, file)] };
  const own = bindAll(model, raw, spare, file, options.evaluate, report, NOTHING_KNOWN);
  const isNamedInHint = report.some((d) => d.code === "PPL601");
  if (!isNamedInHint) for (const key of spare) report.push(undeclaredKey(key, declared, file));
  if (hasErrors(report)) return { bound: null, report };
  const bound = withPredicts(
    { ...freeze(own, false), model: { ...model, predict: [] } },
    model.predict,
    raw,
    file,
    options.evaluate,
    report,
  );
  const imputed = { ...bound, model: withImputed(bound.model, bound.arrays) };
  return { bound: hasErrors(report) ? null : imputed, report };
}

/** Keys of arrays without a default. */
const needsKeys = ({ data }: Model): readonly string[] =>
  data.flatMap((decl) => (decl.value === null ? keysOf(decl) : []));

/** One message where there is no data at all. */
const nothingGiven = (model: Model, file: DataFile): Diagnostic =>
  diagnose(
    "PPL601",
    { kind: "file", file: file.file },
    { keys: needsKeys(model) },
    { hint: "give a file by --data FILE, or an object with these keys" },
  );

/** `bound` with those of its file's `predict` blocks whose keys are in `raw`. The model's own data stays as it is. */
export function bindPredicts(
  bound: Bound,
  blocks: readonly Predict[],
  raw: RawData,
  options: BindOptions,
): { bound: Bound | null; report: Report } {
  const report: Report = [];
  const file: DataFile = { file: options.file, base: bound.model.base, origins: options.origins ?? {} };
  const result = withPredicts(
    { ...bound, model: { ...bound.model, predict: [] } },
    blocks,
    raw,
    file,
    options.evaluate,
    report,
  );
  const declared = declaredKeys([bound.model, ...blocks]);
  for (const key of Object.keys(raw)) if (!declared.has(key)) report.push(undeclaredKey(key, declared, file));
  return { bound: hasErrors(report) ? null : result, report };
}

function withPredicts(
  bound: Bound,
  blocks: readonly Predict[],
  raw: RawData,
  file: DataFile,
  evaluate: EvaluateData,
  report: Report,
): Bound {
  return blocks.reduce<Bound>((known, block) => {
    const absent = absentKeys(block, raw);
    if (absent.length === 0) return bindPredict(known, block, raw, file, evaluate, report);
    report.push(diagnose("PPL614", block.span, { keys: absent }));
    return known;
  }, bound);
}

const NOTHING_KNOWN: Outside = { sizes: {}, arrays: {}, levels: {} };

/** Everything that a data block declares, from `raw`; `outside` is what stands before the block. */
function bindAll(
  model: Model,
  raw: RawData,
  spare: readonly string[],
  file: DataFile,
  evaluate: EvaluateData,
  report: Report,
  outside: Outside,
): Binding {
  const binding = readAll(model, raw, spare, file, evaluate, report, outside);
  for (const item of inOrder(model)) {
    if ("symbol" in item) completeArray(item, binding);
    else completeDim(item, binding);
  }
  for (const decl of model.data) checkArray(decl, binding);
  return binding;
}

/** A `predict` block's own data beside that of its model; the block is then one that runs. */
function bindPredict(
  known: Bound,
  block: Predict,
  raw: RawData,
  file: DataFile,
  evaluate: EvaluateData,
  report: Report,
): Bound {
  const { model } = known;
  const binding = bindAll({ ...model, dims: block.dims, data: block.data }, raw, [], file, evaluate, report, known);
  return { ...freeze(binding, false), model: { ...model, predict: [...model.predict, block] } };
}

/** Keys that a block cannot do without and that are not there: arrays without a default, and dims that nothing else
 *  gives a size. */
function absentKeys({ dims, data }: Predict, raw: RawData): string[] {
  const given = (key: string): boolean => Object.hasOwn(raw, key);
  const arrays = data
    .filter((decl) => decl.value === null)
    .flatMap(keysOf)
    .filter((key) => !given(key));
  const sized = new Set(data.filter((decl) => keysOf(decl).every(given)).flatMap(({ type }) => type.shape));
  const sizes = dims
    .filter(({ name, value }) => value === null && !sized.has(name))
    .map(({ name, from }) => from ?? name)
    .filter((key) => !given(key));
  return [...sizes, ...arrays];
}

/** Everything that the data itself says: arrays as given, sizes, names of members. */
function readAll(
  model: Model,
  raw: RawData,
  spare: readonly string[],
  file: DataFile,
  evaluate: EvaluateData,
  report: Report,
  outside: Outside,
): Binding {
  const failed = new Set<string>();
  const fixed: SizeSource[] = Object.entries(outside.sizes).map(([dim, size]) => ({
    dim,
    size,
    where: "in the data of the model",
    place: { kind: "file", file: file.file },
  }));
  const own: SizeSource[] = model.dims.flatMap((dim) => {
    const key = dim.from ?? dim.name;
    if (!Object.hasOwn(raw, key)) return [];
    const source = sizeFromKey(dim, raw[key]!, file, report);
    if (source === null) failed.add(`dim ${dim.name}`);
    return source ?? [];
  });
  const sources = [...fixed, ...own];
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
    outside,
  );
  const { sizes, broken } = agree([...sources, ...levels.map((level) => level.source)], report);
  for (const dim of broken) failed.add(`dim ${dim}`);
  for (const decl of withNewNames(given, levels)) failed.add(`data ${decl.symbol.name}`);
  return {
    model,
    file,
    report,
    evaluate,
    sizes,
    failed,
    arrays: new Map(Object.entries(outside.arrays)),
    given: new Map([...given].map(([decl, array]) => [decl, numbered(decl, array, levels, file.base)])),
    levels: new Map([...Object.entries(outside.levels), ...levels.map(({ dim, names }) => [dim, names] as const)]),
  };
}

/** Arrays that name members which their settled dim does not have: that was reported. */
function withNewNames(
  given: ReadonlyMap<DataDecl, Given>,
  levels: readonly { readonly dim: string; readonly names: readonly string[] }[],
): DataDecl[] {
  return [...given].flatMap(([decl, { names, missing }]) => {
    const level = levels.find(({ dim }) => decl.type.elem.kind === "index" && dim === decl.type.elem.dim);
    const known = new Set(level?.names);
    return level !== undefined && names?.some((name, i) => missing?.[i] !== 1 && !known.has(name)) ? [decl] : [];
  });
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

function undeclaredKey(key: string, declared: ReadonlySet<string>, file: DataFile): Report[number] {
  const place = dataPlace(file, key, null);
  return diagnose("PPL613", place, { key }, { hint: didYouMean(key, declared, '"') });
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
