// The forms in which a key's value may come: nested lists as JSON has them, a rectangular array of numbers, a column of
// text. A column is typed here by its declaration; the other two stay as they are.

import type { DataValue, NumericArray, RawValue, TextColumn } from "../result.ts";
import type { Elem } from "./types.ts";

/** Objects of JSON are never of these forms by accident: a list of numbers there is no typed array. */
export const isNumeric = (raw: RawValue): raw is NumericArray =>
  typeof raw === "object" && raw !== null && "values" in raw && ArrayBuffer.isView(raw.values);
export const isColumn = (raw: RawValue): raw is TextColumn =>
  typeof raw === "object" && raw !== null && "cells" in raw && raw.cells.every((cell) => typeof cell === "string");

/** What an empty field, `NA` and `NaN` mean. */
const isMissing = (cell: string): boolean => /^(|NA|NaN)$/i.test(cell);

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INFINITY = /^([+-]?)inf(inity)?$/i;

/** The cells of a column as values of the declared type; what is not of that type stays text, for the checks to
 *  name. */
export function cellsAs(elem: Elem, { cells }: TextColumn): readonly DataValue[] {
  const read =
    elem.kind === "bool" ? truthOf : elem.kind === "index" && hasNames(cells) ? (cell: string) => cell : numberOf;
  return cells.map((cell) => (isMissing(cell) ? null : read(cell)));
}

/** Members are names as soon as one cell is no whole number. */
const hasNames = (cells: readonly string[]): boolean =>
  cells.some((cell) => !isMissing(cell) && !Number.isSafeInteger(numberOf(cell)));

function numberOf(cell: string): DataValue {
  if (NUMBER.test(cell)) return Number(cell);
  const infinite = INFINITY.exec(cell);
  return infinite === null ? cell : infinite[1] === "-" ? -Infinity : Infinity;
}

function truthOf(cell: string): DataValue {
  if (/^(true|t)$/i.test(cell)) return true;
  return /^(false|f)$/i.test(cell) ? false : numberOf(cell);
}
