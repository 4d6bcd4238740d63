// Nested lists of a summary → rows of entries with their subscripts, and back to a flat array with its shape.

import type { Draws, Labels, Nested } from "../result.ts";

export type Entry = { readonly index: readonly number[]; readonly value: number };

/** Entries row-major; subscripts count from 0. */
export function entriesOf(nested: Nested, index: readonly number[] = []): Entry[] {
  if (typeof nested === "number") return [{ index, value: nested }];
  return nested.flatMap((part, i) => entriesOf(part, [...index, i]));
}

/** The entries alone, row-major. */
export const flatten = (nested: Nested): readonly number[] =>
  typeof nested === "number" ? [nested] : nested.flatMap(flatten);

/** Every draw as nested lists; what is not finite as null. */
export function nestedDraws({ shape, values }: Draws): readonly NestedOrNull[] {
  const size = shape.reduce((a, b) => a * b, 1);
  return Array.from({ length: size === 0 ? 0 : values.length / size }, (_, k) => lists(values, shape, k * size));
}

type NestedOrNull = number | null | readonly NestedOrNull[];

function lists(values: Float64Array, shape: readonly number[], from: number): NestedOrNull {
  const [size, ...rest] = shape;
  if (size === undefined) return Number.isFinite(values[from]) ? values[from]! : null;
  const step = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: size }, (_, i) => lists(values, rest, from + i * step));
}

/** Sizes along the first entries. */
export function shapeOf(nested: Nested): readonly number[] {
  if (!Array.isArray(nested)) return [];
  return [nested.length, ...(nested.length === 0 ? [] : shapeOf((nested as readonly Nested[])[0]!))];
}

/** Subscripts of all entries of an array, row-major, counted from 0. */
export function subscriptsOf(shape: readonly number[]): number[][] {
  const [first, ...rest] = shape;
  if (first === undefined) return [[]];
  return Array.from({ length: first }, (_, i) => subscriptsOf(rest).map((inner) => [i, ...inner])).flat();
}

/** `mu`, `theta[1]`, `phi[2, Hennepin]`. */
export function entryLabel(name: string, index: readonly number[], labels: Labels): string {
  if (index.length === 0) return name;
  return `${name}[${index.map((i, d) => labels.names[d]?.[i] ?? String(i + labels.base)).join(", ")}]`;
}
