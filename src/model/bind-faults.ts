// Faults of single entries: where they are in the file's own base, and how many are shown.

import type { Diagnostic, Place, Report } from "../base/diagnostic.ts";
import { diagnose } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import type { DataOrigin } from "../result.ts";
import type { DataDecl } from "./model.ts";
import { showType } from "./types.ts";

/** What the element names of the data and its declarations need. `origins`: of keys that come from another file than
 *  `file`. */
export type DataFile = {
  readonly file: string;
  readonly base: 0 | 1;
  readonly origins?: Readonly<Record<string, DataOrigin>>;
};

export type Fault =
  | { readonly code: "PPL604"; readonly found: string; readonly hint: string }
  | { readonly code: "PPL608"; readonly found: string; readonly needs: string; readonly hint?: string }
  | { readonly code: "PPL609"; readonly found: string; readonly bound: string; readonly limit: string }
  | ImpossibleDraw
  | {
      readonly code: "PPL610";
      readonly found: string;
      readonly dim: string;
      readonly size: number;
      readonly hint: string;
    };

/** A value that its distribution, at `span`, cannot give: `rank` trailing subscripts run inside it. */
type ImpossibleDraw = {
  readonly code: "PPL609";
  readonly found: string;
  readonly dist: string;
  readonly support: string;
  readonly rank: number;
  readonly span: Span;
};

/** An array as given: its declaration, and its keys (several are columns along the last dim of `shape`). */
export type Entries = {
  readonly decl: DataDecl;
  readonly keys: readonly string[];
  readonly shape: readonly number[];
  readonly file: DataFile;
  /** False where the values come from the declaration's default. */
  readonly given: boolean;
};

/** Faults of one array: the first of each code, and their number. */
export type Faults = Map<
  Fault["code"],
  { readonly first: { readonly at: number; readonly fault: Fault }[]; count: number }
>;

const SHOWN = 10;

/** Notes a fault at flat position `at`; `make` runs only for those that will be shown. */
export function addFault(faults: Faults, code: Fault["code"], at: number, make: () => Fault): void {
  const entry = faults.get(code) ?? { first: [], count: 0 };
  if (entry.count < SHOWN) entry.first.push({ at, fault: make() });
  entry.count += 1;
  faults.set(code, entry);
}

export function reportFaults(report: Report, entries: Entries, faults: Faults): void {
  for (const [code, { first, count }] of faults) {
    for (const { at, fault } of first) report.push(describe(entries, at, fault));
    if (count > first.length) {
      report.push(diagnose(code, placeOf(entries, null), { key: entries.keys.join(", "), more: count - first.length }));
    }
  }
}

function describe(entries: Entries, at: number, fault: Fault): Diagnostic {
  const inside = "rank" in fault ? fault.rank : 0;
  const { label, index } = locate(entries, at, inside);
  const entry = subscripted(label, index);
  const place = placeOf(entries, at, inside);
  const hint = { hint: "hint" in fault ? fault.hint : undefined };
  switch (fault.code) {
    case "PPL604":
      return diagnose("PPL604", place, { entry, declared: showDeclaration(entries.decl), ...fault }, hint);
    case "PPL608":
      return diagnose("PPL608", place, { entry, ...fault }, hint);
    case "PPL609":
      return diagnose(
        "PPL609",
        place,
        { entry, ...fault },
        "span" in fault ? { labels: [{ span: fault.span, text: "observed here" }] } : {},
      );
    case "PPL610":
      return diagnose("PPL610", place, { entry, base: entries.file.base, ...fault }, hint);
  }
}

/** The key (and the element at flat position `at`) in the data file, or the default that gave the value. */
function placeOf(entries: Entries, at: number | null, inside = 0): Place {
  const { decl, file, keys } = entries;
  if (!entries.given) return { kind: "source", span: decl.value?.span ?? decl.span };
  if (at === null) return dataPlace(file, keys[0]!, decl.span);
  const { key, index } = locate(entries, at, inside);
  return dataPlace(file, key, decl.span, index);
}

/** The key, subscripts in the file's base without the last `inside`, and what a message calls the array. */
function locate(
  { decl, keys, shape, file }: Entries,
  at: number,
  inside = 0,
): { key: string; label: string; index: readonly number[] } {
  const index = positionOf(shape, at, file.base).slice(0, shape.length - inside);
  const key = keys[at % keys.length]!;
  if (keys.length === 1 || inside > 0)
    return { key, label: keys.length === 1 ? labelOf(decl, key) : decl.symbol.name, index };
  return { key, label: labelOf(decl, key), index: index.slice(0, -1) };
}

/** What messages call the array under `key`: its name, or the key where several keys are its columns. */
export const labelOf = (decl: DataDecl, key: string): string => ((decl.from?.length ?? 1) > 1 ? key : decl.symbol.name);

/** Key `key` of the file and the element at `index` (already in the file's base). */
export function dataPlace(file: DataFile, key: string, declared: Span | null, index: readonly number[] = []): Place {
  const origin = file.origins?.[key];
  const line = index.length === 0 ? undefined : origin?.lines?.[index[0]! - file.base];
  const row = line === undefined ? "" : ` (line ${line})`;
  const element =
    index.length === 0 ? {} : { element: `element ${index.length === 1 ? index[0] : `[${index.join(", ")}]`}${row}` };
  const place = { file: origin?.file ?? file.file, key, ...element };
  return { kind: "data", place, ...(declared === null ? {} : { declared }) };
}

/** Flat position → subscripts, counted from `base`, row-major. */
function positionOf(shape: readonly number[], at: number, base: number): number[] {
  const index: number[] = [];
  let rest = at;
  for (let d = shape.length - 1; d >= 0; d -= 1) {
    const size = shape[d]!;
    index.unshift((rest % size) + base);
    rest = Math.floor(rest / size);
  }
  return index;
}

/** `y`, `y[3]`, `x[3, 2]`. */
export const subscripted = (name: string, index: readonly number[]): string =>
  index.length === 0 ? name : `${name}[${index.join(", ")}]`;

/** `dose: real?[N]`. */
export function showDeclaration(decl: DataDecl): string {
  const type = showType(decl.type);
  return `${decl.symbol.name}: ${decl.optional ? type.replace(/(?=\[)|$/, "?") : type}`;
}
