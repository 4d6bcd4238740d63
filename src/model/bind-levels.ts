// Members given by name: the names of all arrays over a dim, sorted, number its members.

import type { Report } from "../base/diagnostic.ts";
import { diagnose } from "../base/diagnostic.ts";
import { didYouMean } from "../base/suggest.ts";
import type { DataFile, Faults } from "./bind-faults.ts";
import { addFault, dataPlace, reportFaults } from "./bind-faults.ts";
import { keysOf } from "./bind-keys.ts";
import type { Given } from "./bind-read.ts";
import type { SizeSource } from "./bind-sizes.ts";
import type { Bound } from "./bound.ts";
import type { DataDecl } from "./model.ts";

type Over = { readonly decl: DataDecl; readonly given: Given };
type Levels = { readonly dim: string; readonly names: readonly string[]; readonly source: SizeSource };

/** What stands before a data block: nothing, or for a `predict` block the data of its model. */
export type Outside = Pick<Bound, "sizes" | "arrays" | "levels">;

/** Levels of every dim whose `index` arrays hold names. Those of a dim from outside are settled. */
export function collectLevels(arrays: readonly Over[], file: DataFile, report: Report, outside: Outside): Levels[] {
  return [...new Set(arrays.flatMap(({ decl }) => dimOf(decl) ?? []))].flatMap((dim) => {
    const over = arrays.filter(({ decl }) => dimOf(decl) === dim);
    if (dim in outside.sizes) return settledLevels(over, dim, file, report, outside);
    const named = over.filter(({ given }) => given.names !== null);
    if (named.length === 0) return [];
    refuseNumbers(over, named[0]!.decl, dim, file, report);
    const names = sortedNames(named.map(({ given }) => given));
    const text = `by the different names in ${named.map(({ decl }) => `"${keysOf(decl)[0]}"`).join(", ")}`;
    const place = dataPlace(file, keysOf(named[0]!.decl)[0]!, named[0]!.decl.span);
    return [{ dim, names, source: { dim, size: names.length, where: text, place } }];
  });
}

/** Members of a dim that the model's data numbers or names: the same here, and no new names. */
function settledLevels(over: readonly Over[], dim: string, file: DataFile, report: Report, outside: Outside): Levels[] {
  const names = outside.levels[dim];
  const way = (isNamed: boolean): string => `by ${isNamed ? "name" : "number"}`;
  for (const { decl, given } of over.filter((one) => (one.given.names !== null) !== (names !== undefined))) {
    const needs = `the data of the model gives the members of ${dim} ${way(names !== undefined)}`;
    report.push(
      diagnose("PPL608", dataPlace(file, keysOf(decl)[0]!, decl.span), {
        entry: decl.symbol.name,
        found: `given ${way(given.names !== null)}`,
        needs,
      }),
    );
  }
  if (names === undefined) return [];
  for (const one of over) refuseNewNames(one, names, dim, file, report);
  return [
    {
      dim,
      names,
      source: { dim, size: names.length, where: "in the data of the model", place: { kind: "file", file: file.file } },
    },
  ];
}

function refuseNewNames(
  { decl, given }: Over,
  names: readonly string[],
  dim: string,
  file: DataFile,
  report: Report,
): void {
  const faults: Faults = new Map();
  given.names?.forEach((name, at) => {
    if (names.includes(name) || given.missing?.[at] === 1) return;
    const hint = didYouMean(name, names, '"') ?? `the data of the model has no member of this name`;
    addFault(faults, "PPL610", at, () => ({
      code: "PPL610",
      found: JSON.stringify(name),
      dim,
      size: names.length,
      hint,
    }));
  });
  reportFaults(
    report,
    { decl, keys: keysOf(decl), shape: given.shape.map((size) => size ?? 0), file, given: true },
    faults,
  );
}

/** An array of numbers beside an array of names: nothing says which number is which name. */
function refuseNumbers(over: readonly Over[], named: DataDecl, dim: string, file: DataFile, report: Report): void {
  for (const { decl } of over.filter(({ given }) => given.names === null)) {
    report.push(
      diagnose(
        "PPL608",
        dataPlace(file, keysOf(decl)[0]!, decl.span),
        {
          entry: decl.symbol.name,
          found: "given by number",
          needs: `${named.symbol.name} gives the members of ${dim} by name`,
        },
        { hint: `all arrays of index(${dim}) share their names` },
      ),
    );
  }
}

/** Names → numbers counted from 0. */
export function numbersOf(given: Given, names: readonly string[]): Float64Array {
  const rank = new Map(names.map((name, i) => [name, i]));
  return Float64Array.from(given.names ?? [], (name, i) => (given.missing?.[i] === 1 ? NaN : rank.get(name)!));
}

function dimOf({ type: { elem } }: DataDecl): string | null {
  return elem.kind === "index" && typeof elem.dim === "string" ? elem.dim : null;
}

function sortedNames(arrays: readonly Given[]): string[] {
  const all = new Set(arrays.flatMap(({ names, missing }) => (names ?? []).filter((_, i) => missing?.[i] !== 1)));
  return [...all].sort(byCodePoint);
}

/** The order of code points, which differs from that of UTF-16 units beyond the basic plane. */
function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((char, i) => char !== right[i]);
  if (at < 0) return left.length - right.length;
  return at >= right.length ? 1 : left[at]!.codePointAt(0)! - right[at]!.codePointAt(0)!;
}
