// Dims and arrays one by one, in the order of the file: defaults computed, sizes, index range and bounds checked.
// What depends on something that already failed is passed over, so that one mistake is reported once.

import type { Diagnostic, Report } from "../base/diagnostic.ts";
import { diagnose } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import type { BoundValue } from "./bind-checks.ts";
import { checkBounds, checkRange } from "./bind-checks.ts";
import type { DataFile, Entries } from "./bind-faults.ts";
import { keysOf } from "./bind-keys.ts";
import type { Given } from "./bind-read.ts";
import type { DataArray, EvaluateData } from "./bound.ts";
import type { Mention } from "./mentions.ts";
import { mentions } from "./mentions.ts";
import type { DataDecl, DimDecl, Expr, Model } from "./model.ts";
import type { Alignment } from "./types.ts";
import { align, showShape } from "./types.ts";

/** The state of one binding. `failed` holds `dim J` and `data y` for what was reported. */
export type Binding = {
  readonly model: Model;
  readonly file: DataFile;
  readonly report: Report;
  readonly evaluate: EvaluateData;
  readonly given: ReadonlyMap<DataDecl, Given>;
  readonly levels: ReadonlyMap<string, readonly string[]>;
  readonly sizes: Map<string, number>;
  readonly arrays: Map<string, DataArray>;
  readonly failed: Set<string>;
};

/** The size of a dim that the data does not give, from its default. */
export function completeDim(dim: DimDecl, binding: Binding): void {
  const { sizes, failed, report } = binding;
  if (sizes.has(dim.name) || failed.has(`dim ${dim.name}`)) return;
  const value = dim.value === null ? null : valueOf(dim.value, binding);
  const size = value?.values[0];
  if (size !== undefined && Number.isSafeInteger(size) && size >= 0) {
    sizes.set(dim.name, size);
    return;
  }
  failed.add(`dim ${dim.name}`);
  if (dim.value === null ? !wouldBeGiven(dim, binding) : value !== null) report.push(sizeUnknown(dim, size));
}

function sizeUnknown(dim: DimDecl, size: number | undefined): Diagnostic {
  const key = dim.from ?? dim.name;
  if (dim.value !== null) {
    return diagnose("PPL603", dim.value.span, {
      dim: dim.name,
      why: `its default \`${textOf(dim.value)}\` is ${size}, which is not a count`,
    });
  }
  return diagnose(
    "PPL603",
    dim.span,
    {
      dim: dim.name,
      why: `the data has no key "${key}" and no array declared with ${dim.name}, and it has no default`,
    },
    { hint: `add "${key}" to the data, or write \`dim ${dim.name} = …\`` },
  );
}

/** An array whose fault was reported would have given the size. */
const wouldBeGiven = (dim: DimDecl, { model, failed }: Binding): boolean =>
  model.data.some(
    ({ symbol, type }) =>
      failed.has(`data ${symbol.name}`) &&
      (type.shape.includes(dim.name) || (type.elem.kind === "index" && type.elem.dim === dim.name)),
  );

/** The values of an array: as given, else from its default. */
export function completeArray(decl: DataDecl, binding: Binding): void {
  const { arrays, failed, given } = binding;
  const name = `data ${decl.symbol.name}`;
  if (failed.has(name)) return;
  const shape = decl.type.shape.map(
    (size, d) => given.get(decl)?.shape[d] ?? (typeof size === "string" ? binding.sizes.get(size) : size),
  );
  const array = given.has(decl) ? given.get(decl)! : defaultOf(decl, shape, binding);
  if (array === null) failed.add(name);
  else
    arrays.set(decl.symbol.name, {
      shape: shape.map((size) => size ?? 0),
      values: array.values,
      missing: array.missing,
    });
}

function defaultOf(
  decl: DataDecl,
  shape: readonly (number | null | undefined)[],
  binding: Binding,
): Omit<DataArray, "shape"> | null {
  const value = decl.value === null ? null : valueOf(decl.value, binding);
  if (value === null || decl.value === null) return null;
  if (shape.some((size) => typeof size !== "number")) return null;
  const sizes = shape as readonly number[];
  if (value.shape.length > 0 && value.shape.join() !== sizes.join()) {
    binding.report.push(
      diagnose("PPL602", decl.value.span, {
        size: `the shape of ${decl.symbol.name}`,
        expected: showShape(sizes),
        there: "by its declaration",
        found: showShape(value.shape),
        here: "by its default",
      }),
    );
    return null;
  }
  const shift = countsFromBase(decl, decl.value) ? binding.file.base : 0;
  const length = sizes.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length }, (_, i) => value.values[value.shape.length === 0 ? 0 : i]! - shift);
  return { values, missing: decl.optional ? new Uint8Array(length) : null };
}

/** An `int` that becomes an index counts from the file's base; an index already counts from 0. */
const countsFromBase = (decl: DataDecl, value: Expr): boolean =>
  decl.type.elem.kind === "index" && value.type.kind === "array" && value.type.elem.kind !== "index";

/** Range of an `index` array and bounds, once every size and array is known. */
export function checkArray(decl: DataDecl, binding: Binding): void {
  const array = binding.arrays.get(decl.symbol.name);
  if (array === undefined || !isKnown({ kind: "data", name: decl.symbol.name }, binding)) return;
  const entries: Entries = {
    decl,
    keys: keysOf(decl),
    shape: array.shape,
    file: binding.file,
    given: binding.given.has(decl),
  };
  const { elem } = decl.type;
  if (elem.kind === "index" && typeof elem.dim === "string" && isKnown({ kind: "dim", name: elem.dim }, binding)) {
    checkRange(entries, array, elem.dim, binding.sizes.get(elem.dim)!, binding.report);
  }
  checkBounds(entries, array, boundsOf(decl, binding), binding.report);
}

/** The bounds of a declaration as numbers; those that need something that failed are left out. */
export const boundsOf = (decl: DataDecl, binding: Binding): BoundValue[] =>
  decl.bounds.flatMap((bound) => boundValue(bound, decl, binding) ?? []);

function boundValue(bound: DataDecl["bounds"][number], decl: DataDecl, binding: Binding): BoundValue | null {
  const value = valueOf(bound.value, binding);
  return value === null
    ? null
    : { kind: bound.kind, text: textOf(bound.value), ...value, alignment: alignmentOf(bound.value, decl) };
}

function alignmentOf(bound: Expr, decl: DataDecl): Alignment {
  const aligned = bound.type.kind === "array" ? align([decl.type.shape, bound.type.shape]) : null;
  if (aligned === null || "problem" in aligned) return ice(`bound of ${decl.symbol.name} does not fit its shape`);
  return aligned.alignments[1]!;
}

/** The value of an expression of data, or null if something that it needs has failed. */
function valueOf(expr: Expr, binding: Binding): ReturnType<EvaluateData> | null {
  const needs = mentions(expr);
  if (!needs.every((need) => isKnown(need, binding))) return null;
  return binding.evaluate(expr, {
    sizes: Object.fromEntries(binding.sizes),
    arrays: Object.fromEntries(binding.arrays),
  });
}

function isKnown({ kind, name }: Mention, binding: Binding): boolean {
  if (binding.failed.has(`${kind} ${name}`)) return false;
  return kind === "dim" ? binding.sizes.has(name) : binding.arrays.has(name);
}

const textOf = ({ span }: Expr): string => span.source.text.slice(span.start, span.end);
