// Members given by name: the names of all arrays over a dim, sorted, number its members.

import type { Report } from "../base/diagnostic.ts";
import { diagnose } from "../base/diagnostic.ts";
import type { DataFile } from "./bind-faults.ts";
import { dataPlace } from "./bind-faults.ts";
import { keysOf } from "./bind-keys.ts";
import type { Given } from "./bind-read.ts";
import type { SizeSource } from "./bind-sizes.ts";
import type { DataDecl } from "./model.ts";

type Over = { readonly decl: DataDecl; readonly given: Given };
type Levels = { readonly dim: string; readonly names: readonly string[]; readonly source: SizeSource };

/** Levels of every dim whose `index` arrays hold names. */
export function collectLevels(arrays: readonly Over[], file: DataFile, report: Report): Levels[] {
  return [...new Set(arrays.flatMap(({ decl }) => dimOf(decl) ?? []))].flatMap((dim) => {
    const over = arrays.filter(({ decl }) => dimOf(decl) === dim);
    const named = over.filter(({ given }) => given.names !== null);
    if (named.length === 0) return [];
    refuseNumbers(over, named[0]!.decl, dim, file, report);
    const names = sortedNames(named.map(({ given }) => given));
    const text = `by the different names in ${named.map(({ decl }) => `"${keysOf(decl)[0]}"`).join(", ")}`;
    const place = dataPlace(file, keysOf(named[0]!.decl)[0]!, named[0]!.decl.span);
    return [{ dim, names, source: { dim, size: names.length, where: text, place } }];
  });
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
