// The data of a fit as files that the fit can be repeated from: JSON, and what JSON holds badly as binary arrays.

import type { DataValue, NumericArray, RawData, RawValue } from "../result.ts";
import { npz } from "./npy.ts";

export type File = { readonly path: string; readonly content: string | Uint8Array };

/** Larger arrays are binary. */
const MOST_IN_JSON = 100_000;

export function dataFiles(input: RawData): readonly File[] {
  const entries = Object.entries(input);
  const binary = entries.flatMap(([key, value]) => (isBinary(value) ? [[key, value] as const] : []));
  const text = entries.flatMap(([key, value]) =>
    isBinary(value) ? [] : [`  ${JSON.stringify(key)}: ${JSON.stringify(listsOf(value))}`],
  );
  return [
    { path: "data.json", content: `{\n${text.join(",\n")}\n}\n` },
    ...(binary.length === 0 ? [] : [{ path: "data.npz", content: npz(Object.fromEntries(binary)) }]),
  ];
}

const isNumeric = (value: RawValue): value is NumericArray =>
  typeof value === "object" && value !== null && "values" in value && ArrayBuffer.isView(value.values);

/** JSON has no infinite numbers. */
const isBinary = (value: RawValue): value is NumericArray =>
  isNumeric(value) &&
  (value.values.length > MOST_IN_JSON || value.values.some((x: number) => Math.abs(x) === Infinity));

function listsOf(value: RawValue): DataValue {
  if (isNumeric(value)) return lists(value.values, value.shape);
  return typeof value === "object" && value !== null && "cells" in value ? value.cells : (value as DataValue);
}

/** Missing entries are null. */
function lists(values: ArrayLike<number>, shape: readonly number[], from = 0): DataValue {
  const [size, ...rest] = shape;
  if (size === undefined) return Number.isNaN(values[from]!) ? null : values[from]!;
  const step = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: size }, (_, i) => lists(values, rest, from + i * step));
}
