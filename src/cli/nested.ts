// Nested lists of a summary → rows of entries with their subscripts.

import type { Labels, Nested } from "../result.ts";

export type Entry = { readonly index: readonly number[]; readonly value: number };

/** Entries row-major; subscripts count from 0. */
export function entriesOf(nested: Nested, index: readonly number[] = []): Entry[] {
  if (typeof nested === "number") return [{ index, value: nested }];
  return nested.flatMap((part, i) => entriesOf(part, [...index, i]));
}

/** `mu`, `theta[1]`, `phi[2, Hennepin]`. */
export function entryLabel(name: string, index: readonly number[], labels: Labels): string {
  if (index.length === 0) return name;
  return `${name}[${index.map((i, d) => labels.names[d]?.[i] ?? String(i + labels.base)).join(", ")}]`;
}
