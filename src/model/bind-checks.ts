// Entries against what the declaration promises once sizes are known: index range and bounds.

import type { Report } from "../base/diagnostic.ts";
import type { Entries, Faults } from "./bind-faults.ts";
import { addFault, reportFaults } from "./bind-faults.ts";
import type { DataArray } from "./bound.ts";
import type { DataDecl } from "./model.ts";
import type { Alignment } from "./types.ts";

/** A bound of a declaration with its value; `text` is the bound as written. */
export type BoundValue = {
  readonly kind: DataDecl["bounds"][number]["kind"];
  readonly text: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
  /** How the bound is laid along the array. */
  readonly alignment: Alignment;
};

/** Every entry of an `index(D)` array (counted from 0) is a member of D. */
export function checkRange(entries: Entries, array: DataArray, dim: string, size: number, report: Report): boolean {
  const faults: Faults = new Map();
  const { base } = entries.file;
  array.values.forEach((value, at) => {
    if ((value >= 0 && value < size) || array.missing?.[at] === 1) return;
    addFault(faults, "PPL610", at, () => ({
      code: "PPL610",
      found: String(value + base),
      dim,
      size,
      hint: Number.isInteger(value) ? rangeHint(value, dim, size, base) : `members of ${dim} are whole numbers`,
    }));
  });
  reportFaults(report, entries, faults);
  return faults.size === 0;
}

/** `value` counts from 0. One beyond the end, or one before the start, speaks for the other base. */
function rangeHint(value: number, dim: string, size: number, base: 0 | 1): string {
  if (value >= size && base === 1)
    return `are the indices of this file 0-based with a larger ${dim}, or is "${dim}" in the data too small?`;
  if (value === size) return "are the indices of this file 1-based? then its data block begins with `base 1`";
  if (value === -1 && base === 1) return "are the indices of this file 0-based? then its data block has no `base 1`";
  return value < 0 ? `members count from ${base}` : `is "${dim}" in the data too small?`;
}

/** Every entry that is there obeys every bound. */
export function checkBounds(
  entries: Entries,
  array: DataArray,
  bounds: readonly BoundValue[],
  report: Report,
): boolean {
  const faults: Faults = new Map();
  const limits = bounds.map((bound) => ({ ...bound, at: limitReader(bound, array.shape) }));
  array.values.forEach((value, at) => {
    const broken = limits.find((limit) => !HOLDS[limit.kind](value, limit.at(at)));
    if (broken === undefined || array.missing?.[at] === 1) return;
    const fault = { found: String(value), bound: `${broken.kind} ${broken.text}`, limit: String(broken.at(at)) };
    addFault(faults, "PPL609", at, () => ({ code: "PPL609", ...fault }));
  });
  reportFaults(report, entries, faults);
  return faults.size === 0;
}

const HOLDS = {
  ">": (a: number, b: number) => a > b,
  ">=": (a: number, b: number) => a >= b,
  "<": (a: number, b: number) => a < b,
  "<=": (a: number, b: number) => a <= b,
} as const;

/** Flat position in an array of this shape → the bound's value there. */
export function limitReader(bound: BoundValue, shape: readonly number[]): (at: number) => number {
  if (bound.values.length === 1) return () => bound.values[0]!;
  return (at) => {
    let flat = 0;
    let stride = 1;
    let rest = at;
    const index = new Array<number>(shape.length);
    for (let d = shape.length - 1; d >= 0; d -= 1) {
      index[d] = rest % shape[d]!;
      rest = Math.floor(rest / shape[d]!);
    }
    for (let d = bound.shape.length - 1; d >= 0; d -= 1) {
      const from = bound.alignment.indexOf(d);
      flat += stride * (from < 0 ? 0 : index[from]!);
      stride *= bound.shape[d]!;
    }
    return bound.values[flat]!;
  };
}
