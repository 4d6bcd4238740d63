// Sizes of dims from everything in the data that says something about them; sources that disagree are errors.

import type { Place, Report } from "../base/diagnostic.ts";
import { diagnose } from "../base/diagnostic.ts";
import type { RawValue } from "../result.ts";
import type { DataFile } from "./bind-faults.ts";
import { dataPlace, labelOf, showDeclaration } from "./bind-faults.ts";
import { isNumeric } from "./bind-forms.ts";
import { describeValue } from "./bind-read.ts";
import type { Given } from "./bind-read.ts";
import type { DataDecl, DimDecl } from "./model.ts";
import type { Shape } from "./types.ts";

/** One statement about a dim's size; `where` words it: `in "y"`, `by its key "J"`. */
export type SizeSource = { readonly dim: string; readonly size: number; readonly where: string; readonly place: Place };

/** The size that the data gives under the dim's own key. */
export function sizeFromKey(dim: DimDecl, given: RawValue, file: DataFile, report: Report): SizeSource | null {
  const key = dim.from ?? dim.name;
  const place = dataPlace(file, key, dim.span);
  const raw = isNumeric(given) && given.shape.length === 0 ? given.values[0]! : given;
  if (typeof raw === "number" && Number.isSafeInteger(raw) && raw >= 0) {
    return { dim: dim.name, size: raw, where: `by its key "${key}"`, place };
  }
  report.push(
    diagnose("PPL608", place, { entry: key, found: describeValue(raw), needs: `dim ${dim.name} needs a count` }),
  );
  return null;
}

/** The sizes that one key of an array, declared with `shape`, gives to the dims; literal sizes are compared at once. */
export function sizesFromArray(
  decl: DataDecl,
  key: string,
  shape: Shape,
  given: Given,
  file: DataFile,
  report: Report,
): SizeSource[] {
  const place = dataPlace(file, key, decl.span);
  return shape.flatMap((size, d) => {
    const found = given.shape[d];
    if (found === null || found === undefined || size === null) return [];
    const where = `in "${key}"${shape.length === 1 ? "" : ` (position ${d + 1})`}`;
    if (typeof size === "string") return [{ dim: size, size: found, where: where, place }];
    if (found !== size) {
      report.push(
        diagnose("PPL602", place, {
          size: `size ${d + 1} of ${labelOf(decl, key)}`,
          expected: size,
          there: `in \`${showDeclaration(decl)}\``,
          found,
          here: "in the data",
        }),
      );
    }
    return [];
  });
}

/** The first source of each dim wins; every other one that differs is reported, and the dim is then `broken`. */
export function agree(
  sources: readonly SizeSource[],
  report: Report,
): { sizes: Map<string, number>; broken: Set<string> } {
  const first = new Map<string, SizeSource>();
  const broken = new Set<string>();
  for (const source of sources) {
    const known = first.get(source.dim);
    if (known === undefined) first.set(source.dim, source);
    else if (known.size !== source.size) {
      broken.add(source.dim);
      report.push(
        diagnose("PPL602", source.place, {
          size: source.dim,
          expected: known.size,
          there: known.where,
          found: source.size,
          here: source.where,
        }),
      );
    }
  }
  return { sizes: new Map([...first].map(([dim, source]) => [dim, source.size])), broken };
}
