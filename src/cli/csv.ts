// CSV text → columns by name, every cell as text: the declaration decides what a cell means. Or why it is no table.

import { CsvError, parse } from "csv-parse/sync";
import type { TextColumn } from "../result.ts";

/** `lines`: the line of each row in the file, counted from 1. */
export type CsvReading =
  | {
      readonly kind: "table";
      readonly columns: Readonly<Record<string, TextColumn>>;
      readonly lines: readonly number[];
    }
  | { readonly kind: "problem"; readonly why: string; readonly hint?: string };

type Row = { readonly cells: readonly string[]; readonly line: number };

/** RFC 4180 with a header line; the separator is a comma, or a tab or semicolon where the header has no comma. */
export function readCsv(text: string): CsvReading {
  const rows = readRows(text);
  if (typeof rows === "string") return { kind: "problem", why: rows };
  const [header, ...body] = rows;
  if (header === undefined) return { kind: "problem", why: "it is empty", hint: "the first line names the columns" };
  return (
    badHeader(header.cells) ??
    badRow(header.cells, body) ?? {
      kind: "table",
      // A column without a name holds row names, as R and pandas write them.
      columns: Object.fromEntries(
        header.cells.flatMap((name, c) => (name === "" ? [] : [[name, { cells: body.map((row) => row.cells[c]!) }]])),
      ),
      lines: body.map(({ line }) => line),
    }
  );
}

/** All rows without the blank ones at the end; in a table of several columns no row is blank. */
function readRows(text: string): readonly Row[] | string {
  try {
    const read = parse(text, { delimiter: separatorOf(text), relax_column_count: true, trim: true, info: true });
    const rows = (read as unknown as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      cells: record,
      line: info.lines,
    }));
    const last = rows.findLastIndex(({ cells }) => !isBlank(cells));
    const wide = (rows[0]?.cells.length ?? 0) > 1;
    return rows.slice(0, last + 1).filter(({ cells }) => !wide || !isBlank(cells));
  } catch (error) {
    if (error instanceof CsvError) return `it is not CSV: ${error.message}`;
    throw error;
  }
}

const isBlank = (cells: readonly string[]): boolean => cells.length === 0 || (cells.length === 1 && cells[0] === "");

function separatorOf(text: string): string {
  const header = /^[^\r\n]*/.exec(text)![0];
  return [",", "\t", ";"].find((separator) => header.includes(separator)) ?? ",";
}

function badHeader(names: readonly string[]): CsvReading | null {
  const twice = names.find((name, i) => name !== "" && names.indexOf(name) < i);
  if (twice !== undefined) return { kind: "problem", why: `two of its columns are called "${twice}"` };
  const isNumber = (name: string): boolean => name !== "" && Number.isFinite(Number(name));
  if (!names.every(isNumber)) return null;
  return { kind: "problem", why: "its first line holds numbers", hint: "the first line names the columns" };
}

function badRow(names: readonly string[], rows: readonly Row[]): CsvReading | null {
  const odd = rows.find(({ cells }) => cells.length !== names.length);
  if (odd === undefined) return null;
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
  return {
    kind: "problem",
    why: `line ${odd.line} has ${count(odd.cells.length, "field")}, but the header names ${count(names.length, "column")}`,
    hint: "a field that holds a comma stands in quotes",
  };
}
