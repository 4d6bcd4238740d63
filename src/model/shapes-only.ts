// Stand-ins for data that was not given: dims without a default get a few members, arrays values inside their bounds.

import type { Binding } from "./bind-complete.ts";
import { boundsOf, completeArray, completeDim } from "./bind-complete.ts";
import type { BoundValue } from "./bind-checks.ts";
import { limitReader } from "./bind-checks.ts";
import { freeze, inOrder } from "./bind.ts";
import type { Bound, DataArray, EvaluateData } from "./bound.ts";
import type { DataDecl, Model } from "./model.ts";

/** Members of a dim whose size only the data knows. */
const MEMBERS = 4;

/** A Bound for looking at a model without its data. Its sizes and values mean nothing, and `placeholder` says so. */
export function shapesOnly(model: Model, evaluate: EvaluateData): Bound {
  const binding: Binding = {
    model,
    evaluate,
    file: { file: "", base: model.base },
    report: [],
    given: new Map(),
    levels: new Map(),
    sizes: new Map(),
    arrays: new Map(),
    failed: new Set(),
  };
  for (const dim of model.dims) if (dim.value === null) binding.sizes.set(dim.name, MEMBERS);
  for (const item of inOrder(model)) {
    if ("symbol" in item) standInArray(item, binding);
    else standInSize(item, binding);
  }
  return { ...freeze(binding, true), model: { ...model, predict: [] } };
}

/** A default that makes no sense on stand-in values gives way to a stand-in size. */
function standInSize(dim: Model["dims"][number], binding: Binding): void {
  completeDim(dim, binding);
  if (!binding.sizes.has(dim.name)) binding.sizes.set(dim.name, MEMBERS);
  binding.failed.delete(`dim ${dim.name}`);
}

function standInArray(decl: DataDecl, binding: Binding): void {
  if (decl.value !== null) completeArray(decl, binding);
  if (binding.arrays.has(decl.symbol.name)) return;
  binding.failed.delete(`data ${decl.symbol.name}`);
  binding.arrays.set(decl.symbol.name, standIn(decl, binding));
}

function standIn(decl: DataDecl, binding: Binding): DataArray {
  const shape = decl.type.shape.map((size) =>
    typeof size === "string" ? (binding.sizes.get(size) ?? MEMBERS) : (size ?? MEMBERS),
  );
  const length = shape.reduce((a, b) => a * b, 1);
  const { elem } = decl.type;
  const members =
    elem.kind === "index" && typeof elem.dim === "string" ? (binding.sizes.get(elem.dim) ?? MEMBERS) : MEMBERS;
  const limits = boundsOf(decl, binding).map((bound) => ({ kind: bound.kind, at: limitReader(bound, shape) }));
  const entry = (i: number): number => {
    if (elem.kind === "index") return i % members;
    if (elem.kind === "bool") return i % 2;
    const value = between(
      limits.map(({ kind, at }) => ({ kind, limit: at(i) })),
      (i + 1) / (length + 1),
    );
    return elem.kind === "int" ? Math.ceil(value) : value;
  };
  return {
    shape,
    values: Float64Array.from({ length }, (_, i) => entry(i)),
    missing: decl.optional ? new Uint8Array(length) : null,
  };
}

/** A value inside all limits, `part` of the way from the lowest to the highest. */
function between(
  limits: readonly { readonly kind: BoundValue["kind"]; readonly limit: number }[],
  part: number,
): number {
  const lower = Math.max(...limits.map(({ kind, limit }) => (kind.startsWith(">") ? limit : -Infinity)));
  const upper = Math.min(...limits.map(({ kind, limit }) => (kind.startsWith("<") ? limit : Infinity)));
  if (lower === -Infinity && upper === Infinity) return part;
  if (upper === Infinity) return lower + 2 * part;
  return lower === -Infinity ? upper - 2 * part : lower + part * (upper - lower);
}
