// A key's nested lists → a row-major array of numbers. Entries are checked for type and presence; ranges come later.

import type { Report } from "../base/diagnostic.ts";
import { diagnose } from "../base/diagnostic.ts";
import type { DataValue, RawValue } from "../result.ts";
import type { Fault, Faults, DataFile } from "./bind-faults.ts";
import { addFault, dataPlace, labelOf, reportFaults, showDeclaration, subscripted } from "./bind-faults.ts";
import { cellsAs, isColumn, isNumeric } from "./bind-forms.ts";
import type { DataDecl } from "./model.ts";
import type { Elem } from "./types.ts";

/** An array as given. A size is null where an empty list hides it. `names`: strings of an `index` array, else null. */
export type Given = {
  readonly shape: readonly (number | null)[];
  readonly values: Float64Array;
  readonly missing: Uint8Array | null;
  readonly names: readonly string[] | null;
};

/** Reads the value of one key, an array of `rank` dims; null after an error. */
export function readKey(
  decl: DataDecl,
  key: string,
  raw: RawValue,
  rank: number,
  file: DataFile,
  report: Report,
): Given | null {
  if (isNumeric(raw)) {
    if (raw.shape.length === rank) return readLeaves(decl, key, raw.values, raw.shape, file, report);
    report.push(wrongRank(decl, key, `an array of ${countDims(raw.shape.length)}`, rank, file));
    return null;
  }
  return readLists(decl, key, isColumn(raw) ? cellsAs(decl.type.elem, raw) : raw, rank, file, report);
}

const countDims = (rank: number): string => `${rank} dimension${rank === 1 ? "" : "s"}`;

function readLists(
  decl: DataDecl,
  key: string,
  raw: DataValue,
  rank: number,
  file: DataFile,
  report: Report,
): Given | null {
  const found = shapeOf(raw, rank);
  if (found.length !== rank || isObject(innermost(raw, rank))) {
    report.push(wrongRank(decl, key, describeForm(raw, rank), rank, file));
    return null;
  }
  const shape = found.map((size) => size ?? 0);
  const ragged = findRagged(raw, shape, []);
  if (ragged !== null) {
    report.push(raggedAt(decl, key, ragged, shape, file));
    return null;
  }
  const given = readLeaves(decl, key, flatten(raw, shape), shape, file, report);
  return given === null ? null : { ...given, shape: found };
}

/** Entries in row-major order, each against the declared type. */
function readLeaves(
  decl: DataDecl,
  key: string,
  leaves: ArrayLike<DataValue>,
  shape: readonly number[],
  file: DataFile,
  report: Report,
): Given | null {
  const faults: Faults = new Map();
  const given = readEntries(decl, leaves, faults);
  reportFaults(report, { decl, keys: [key], shape, file, given: true }, faults);
  return faults.size > 0 ? null : { ...given, shape };
}

// ---------------------------------------------------------------------------------------- shape

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/** Sizes along the first entries; null below an empty list, up to `rank`. */
function shapeOf(raw: DataValue, rank: number): (number | null)[] {
  const shape: (number | null)[] = [];
  let inner: DataValue | undefined = raw;
  while (Array.isArray(inner)) {
    shape.push(inner.length);
    inner = (inner as readonly DataValue[])[0];
    if (inner === undefined) while (shape.length < rank) shape.push(null);
  }
  return shape;
}

function innermost(raw: DataValue, rank: number): DataValue | undefined {
  let inner: DataValue | undefined = raw;
  for (let d = 0; d < rank && Array.isArray(inner); d += 1) inner = (inner as readonly DataValue[])[0];
  return inner;
}

type Ragged = { readonly index: readonly number[]; readonly value: DataValue };

/** The first part whose length is not that of the first part beside it. */
function findRagged(raw: DataValue, shape: readonly number[], index: readonly number[]): Ragged | null {
  const depth = index.length;
  const isLeaf = depth === shape.length;
  if (isLeaf !== !Array.isArray(raw)) return { index, value: raw };
  if (isLeaf) return null;
  const list = raw as readonly DataValue[];
  if (list.length !== shape[depth]) return { index, value: raw };
  if (depth + 1 === shape.length) {
    const at = list.findIndex((entry) => Array.isArray(entry));
    return at < 0 ? null : { index: [...index, at], value: list[at]! };
  }
  for (let i = 0; i < list.length; i += 1) {
    const found = findRagged(list[i]!, shape, [...index, i]);
    if (found !== null) return found;
  }
  return null;
}

function raggedAt(
  decl: DataDecl,
  key: string,
  ragged: Ragged,
  shape: readonly number[],
  file: DataFile,
): Report[number] {
  const index = ragged.index.map((i) => i + file.base);
  const depth = ragged.index.length;
  const label = labelOf(decl, key);
  const expected = depth === shape.length ? "a single value" : listOf(shape[depth]!);
  const first = subscripted(
    label,
    index.map(() => file.base),
  );
  return diagnose(
    "PPL611",
    dataPlace(file, key, decl.span, index),
    { row: subscripted(label, index), found: describeList(ragged.value), first, expected },
    { hint: "lists must be rectangular; ragged data is flat with an index: `word: index(V)[T]; doc: index(D)[T]`" },
  );
}

const listOf = (count: number): string => `a list of ${count}`;
const describeList = (value: DataValue): string => (Array.isArray(value) ? listOf(value.length) : describeValue(value));

function describeForm(raw: DataValue, rank: number): string {
  if (!isObject(innermost(raw, rank))) return describeRank(raw);
  return rank === 0 || isObject(raw) ? "an object" : "a list of objects";
}

function wrongRank(decl: DataDecl, key: string, found: string, rank: number, file: DataFile): Report[number] {
  return diagnose("PPL608", dataPlace(file, key, decl.span), {
    entry: labelOf(decl, key),
    found,
    needs: `\`${showDeclaration(decl)}\` needs ${needsRank(rank)}`,
  });
}

function describeRank(raw: DataValue): string {
  const rank = shapeOf(raw, 0).length;
  return rank === 0 ? describeValue(raw) : needsRank(rank);
}

function needsRank(rank: number): string {
  if (rank === 0) return "a single value";
  return rank === 1 ? "a list" : `a list of lists${rank === 2 ? "" : ` (${rank} levels)`}`;
}

/** Row-major leaves of a rectangular list. */
function flatten(raw: DataValue, shape: readonly number[]): readonly DataValue[] {
  if (shape.length === 0) return [raw];
  if (shape.length === 1) return raw as readonly DataValue[];
  return (raw as readonly DataValue[]).flatMap((row) => flatten(row, shape.slice(1)));
}

// ---------------------------------------------------------------------------------------- entries

function readEntries(decl: DataDecl, leaves: ArrayLike<DataValue>, faults: Faults): Omit<Given, "shape"> {
  const values = new Float64Array(leaves.length);
  const missing = decl.optional ? new Uint8Array(leaves.length) : null;
  const names = namesOf(decl.type.elem, leaves);
  for (let i = 0; i < leaves.length; i += 1) {
    const leaf = leaves[i]!;
    if (leaf === null || (typeof leaf === "number" && Number.isNaN(leaf))) {
      values[i] = NaN;
      if (missing === null) addFault(faults, "PPL604", i, () => missingFault(leaf));
      else missing[i] = 1;
      continue;
    }
    const fault = names === null ? wrongType(decl, leaf) : wrongName(decl, leaf);
    if (fault !== null) addFault(faults, "PPL608", i, () => fault);
    values[i] = names === null ? Number(leaf) : NaN;
  }
  return { values, missing, names };
}

/** Members by name: all entries that are there are strings as soon as one is. */
function namesOf(elem: Elem, leaves: ArrayLike<DataValue>): readonly string[] | null {
  if (elem.kind !== "index" || !Array.isArray(leaves) || !leaves.some((leaf) => typeof leaf === "string")) return null;
  return leaves.map((leaf) => (typeof leaf === "string" ? leaf : ""));
}

const missingFault = (leaf: DataValue): Fault => ({
  code: "PPL604",
  found: leaf === null ? "null" : "NaN",
  hint: "leave the missing entries out, with an index that says which ones the others are",
});

function wrongName(decl: DataDecl, leaf: DataValue): Fault | null {
  if (typeof leaf === "string") return null;
  return {
    code: "PPL608",
    found: describeValue(leaf),
    needs: `other entries of ${decl.symbol.name} are names`,
    hint: "members are given by name everywhere, or by number everywhere",
  };
}

function wrongType(decl: DataDecl, leaf: DataValue): Fault | null {
  const elem = decl.type.elem;
  if (fits(elem, leaf)) return null;
  const hint = hintFor(elem, leaf);
  return {
    code: "PPL608",
    found: describeValue(leaf),
    needs: `\`${showDeclaration(decl)}\` needs ${NEEDS[elem.kind]}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

const NEEDS = {
  real: "numbers",
  int: "whole numbers",
  bool: "true or false (or 1 or 0)",
  index: "members by number, or all by name",
} as const satisfies Record<Elem["kind"], string>;

function fits(elem: Elem, leaf: DataValue): boolean {
  if (elem.kind === "bool") return typeof leaf === "boolean" || leaf === 0 || leaf === 1;
  if (typeof leaf !== "number") return false;
  return elem.kind === "real" || Number.isSafeInteger(leaf);
}

function hintFor(elem: Elem, leaf: DataValue): string | undefined {
  if (typeof leaf === "string" && /^(na|nan|null|)$/i.test(leaf.trim()))
    return "missing entries are left out, with an index that says which ones the others are";
  if (typeof leaf === "string" && leaf.trim() !== "" && Number.isFinite(Number(leaf)))
    return "numbers are written without quotes";
  if (typeof leaf === "boolean") return "a column of true and false is declared `bool`";
  return elem.kind === "int" ? "declare it `real` if fractions are meant" : undefined;
}

/** A value as a message shows it: `"a"`, `2.5`, `a list of 3`. */
export function describeValue(value: RawValue): string {
  if (isObject(value)) return "an object";
  if (Array.isArray(value)) return listOf(value.length);
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}
