// Which keys of the data a declaration reads: one, or several side by side along its last dim.

import type { Report } from "../base/diagnostic.ts";
import { diagnose } from "../base/diagnostic.ts";
import { didYouMean } from "../base/suggest.ts";
import type { RawData } from "../result.ts";
import type { DataFile } from "./bind-faults.ts";
import { dataPlace, showDeclaration } from "./bind-faults.ts";
import type { Given } from "./bind-read.ts";
import { readKey } from "./bind-read.ts";
import type { SizeSource } from "./bind-sizes.ts";
import { sizesFromArray } from "./bind-sizes.ts";
import type { DataDecl, Model } from "./model.ts";
import type { Size } from "./types.ts";

/** What the data holds for one declaration. `absent`: no key is there and the declaration has a default. */
export type Reading =
  | { readonly kind: "given"; readonly given: Given; readonly sources: readonly SizeSource[] }
  | { readonly kind: "absent" }
  | { readonly kind: "failed" };

const FAILED: Reading = { kind: "failed" };

export const keysOf = (decl: DataDecl): readonly string[] => decl.from ?? [decl.symbol.name];

/** All keys that these data blocks read. */
export function declaredKeys(blocks: readonly Pick<Model, "dims" | "data">[]): Set<string> {
  return new Set(
    blocks.flatMap(({ dims, data }) => [...dims.map((dim) => dim.from ?? dim.name), ...data.flatMap(keysOf)]),
  );
}

/** Reads the keys of a declaration; every fault of them is reported. */
export function readDeclaration(
  decl: DataDecl,
  raw: RawData,
  spare: readonly string[],
  file: DataFile,
  report: Report,
): Reading {
  const keys = keysOf(decl);
  const absent = keys.filter((key) => !Object.hasOwn(raw, key) || raw[key] === undefined);
  if (absent.length === keys.length && decl.value !== null) return { kind: "absent" };
  for (const key of absent) report.push(missingKey(decl, key, spare, file));
  if (absent.length > 0) return FAILED;
  return decl.from === null || decl.from.length === 1
    ? readOne(decl, keys[0]!, decl.type.shape, raw, file, report)
    : readSideBySide(decl, keys, raw, file, report);
}

function missingKey(decl: DataDecl, key: string, spare: readonly string[], file: DataFile): Report[number] {
  const hint =
    didYouMean(key, spare, '"') ??
    (spare.length > 0
      ? otherKey(decl, spare)
      : `add it to the data, or give a default: \`${showDeclaration(decl)} = …\``);
  return diagnose("PPL601", dataPlace(file, key, decl.span), { key, declared: showDeclaration(decl) }, { hint });
}

/** Keys that nothing reads are likely to be the absent ones under another name. */
function otherKey(decl: DataDecl, spare: readonly string[]): string {
  const named =
    spare
      .slice(0, 3)
      .map((key) => `"${key}"`)
      .join(", ") + (spare.length > 3 ? ", …" : "");
  return `nothing reads ${named}; if it is that, write \`${showDeclaration(decl)} from "${spare[0]}"\``;
}

function readOne(
  decl: DataDecl,
  key: string,
  shape: readonly Size[],
  raw: RawData,
  file: DataFile,
  report: Report,
): Reading {
  const given = readKey(decl, key, raw[key]!, shape.length, file, report);
  if (given === null) return FAILED;
  const before = report.length;
  const sources = sizesFromArray(decl, key, shape, given, file, report);
  return report.length > before ? FAILED : { kind: "given", given, sources };
}

/** `x: real[N, 2] from ["age", "weight"]`: each key is a column. */
function readSideBySide(
  decl: DataDecl,
  keys: readonly string[],
  raw: RawData,
  file: DataFile,
  report: Report,
): Reading {
  const last = decl.type.shape.at(-1);
  if (last === undefined || (typeof last === "number" && last !== keys.length)) {
    report.push(
      diagnose("PPL602", decl.span, {
        size: `the last size of ${decl.symbol.name}`,
        expected: last ?? "missing",
        there: `in \`${showDeclaration(decl)}\``,
        found: keys.length,
        here: `by the keys after \`from\``,
      }),
    );
    return FAILED;
  }
  const shape = decl.type.shape.slice(0, -1);
  const columns = keys.map((key) => readOne(decl, key, shape, raw, file, report));
  const given = columns.flatMap((column) => (column.kind === "given" ? [column] : []));
  if (
    given.length < keys.length ||
    !sameLength(
      decl,
      keys,
      given.map((c) => c.given),
      file,
      report,
    )
  )
    return FAILED;
  const width: SizeSource[] = typeof last === "string" ? [widthSource(decl, last, keys, file)] : [];
  return {
    kind: "given",
    given: sideBySide(given.map((c) => c.given)),
    sources: [...given.flatMap((c) => c.sources), ...width],
  };
}

/** Columns of unequal length cannot be put side by side. */
function sameLength(
  decl: DataDecl,
  keys: readonly string[],
  columns: readonly Given[],
  file: DataFile,
  report: Report,
): boolean {
  const [first] = columns;
  const odd = columns.findIndex((column) => column.values.length !== first!.values.length);
  if (odd < 0) return true;
  report.push(
    diagnose("PPL602", dataPlace(file, keys[odd]!, decl.span), {
      size: `the length of ${decl.symbol.name}`,
      expected: first!.values.length,
      there: `in "${keys[0]}"`,
      found: columns[odd]!.values.length,
      here: `in "${keys[odd]}"`,
    }),
  );
  return false;
}

function widthSource(decl: DataDecl, dim: string, keys: readonly string[], file: DataFile): SizeSource {
  const text = `by the keys of ${decl.symbol.name}`;
  return { dim, size: keys.length, where: text, place: dataPlace(file, keys[0]!, decl.span) };
}

function sideBySide(columns: readonly Given[]): Given {
  const first = columns[0]!;
  const cells = [...first.values.keys()].flatMap((row) => columns.map((column) => ({ column, row })));
  return {
    shape: [...first.shape, columns.length],
    values: Float64Array.from(cells, ({ column, row }) => column.values[row]!),
    missing: first.missing === null ? null : Uint8Array.from(cells, ({ column, row }) => column.missing![row]!),
    names: columns.every(({ names }) => names === null)
      ? null
      : cells.map(({ column, row }) => column.names?.[row] ?? ""),
  };
}
