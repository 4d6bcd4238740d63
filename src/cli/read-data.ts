// The files of --data → keys and values: JSON, CSV, and binary arrays under a key. Reports PPL612 for what cannot be
// read.

import type { Report } from "../base/diagnostic.ts";
import type { DataOrigin, RawData, RawValue } from "../result.ts";
import { readBinary } from "./binary.ts";
import { refuseUsage } from "./failure.ts";
import type { Io } from "./io.ts";
import { readJson } from "./json-text.ts";
import { decodeText, readBytes, unreadable } from "./read-text.ts";

/** `file`: what messages call the data as a whole; `origins`: the file (and, in a table, the lines) of each key. */
export type DataReading = {
  readonly data: RawData;
  readonly file: string;
  readonly origins: Readonly<Record<string, DataOrigin>>;
  readonly report: Report;
};

type OneFile = {
  readonly keys: Readonly<Record<string, RawValue>>;
  readonly origin: DataOrigin;
  readonly report: Report;
};

/** Reads each of `args`: a file, `-` for standard input, or `KEY=FILE` for the one array of a binary file. */
export async function readData(args: readonly string[], io: Io): Promise<DataReading> {
  const files: OneFile[] = [];
  for (const arg of args) files.push(await readArgument(arg, io));
  const data: Record<string, RawValue> = {};
  const origins: Record<string, DataOrigin> = {};
  for (const { keys, origin } of files) {
    for (const [key, value] of Object.entries(keys)) {
      const before = origins[key];
      if (before !== undefined)
        refuseUsage(`"${key}" is in ${before.file} and in ${origin.file}`, "leave one of them out");
      data[key] = value;
      origins[key] = origin;
    }
  }
  return {
    data,
    origins,
    file: files.map(({ origin }) => origin.file).join(", "),
    report: files.flatMap(({ report }) => report),
  };
}

async function readArgument(arg: string, io: Io): Promise<OneFile> {
  // A file whose own name has such a beginning is given as ./a=b.csv.
  const keyed = /^([^=/\\]+)=(.+)$/s.exec(arg);
  const path = keyed?.[2] ?? arg;
  const { bytes, name, report } = await readBytes(path, io);
  if (bytes === null) return nothing(name, report);
  const binary = await readBinary(bytes);
  switch (binary.kind) {
    case "problem":
      return failed(name, binary.why);
    case "array":
      if (keyed !== null)
        return { keys: { [keyed[1]!]: binary.value }, origin: { file: name, lines: null }, report: [] };
      return failed(name, "it holds one array, and nothing says under which key", `write --data KEY=${arg}`);
    case "arrays":
      if (keyed === null) return { keys: binary.values, origin: { file: name, lines: null }, report: [] };
      return failed(name, "its arrays have keys of their own", `write --data ${path}`);
    case "other":
      if (keyed === null) return readTextual(path, name, binary.bytes);
      return failed(name, "it is no binary array (.npy or IDX)", `JSON and CSV have keys of their own: --data ${path}`);
  }
}

/** JSON or CSV, by the name; by the first character where the name does not say. */
async function readTextual(path: string, name: string, bytes: Uint8Array): Promise<OneFile> {
  const text = decodeText(bytes);
  if (text === null) return failed(name, "it is not UTF-8 text");
  const extension = /\.(json|csv|tsv)(\.gz)?$/i.exec(path)?.[1]?.toLowerCase();
  const isJson = extension === undefined ? /^\s*[{[]/.test(text) : extension === "json";
  return isJson ? fromJson(text, name) : fromCsv(text, name);
}

function fromJson(text: string, name: string): OneFile {
  const reading = readJson(text);
  if (reading.kind === "problem") return failed(name, `it is not JSON: ${reading.why}`);
  const { value } = reading;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return { keys: value as RawData, origin: { file: name, lines: null }, report: [] };
  }
  return failed(name, "data is one JSON object", 'write { "y": [1, 2, 3] }, with the names of the data block as keys');
}

async function fromCsv(text: string, name: string): Promise<OneFile> {
  const { readCsv } = await import("./csv.ts");
  const reading = readCsv(text);
  return reading.kind === "problem"
    ? failed(name, reading.why, reading.hint)
    : { keys: reading.columns, origin: { file: name, lines: reading.lines }, report: [] };
}

const nothing = (file: string, report: Report): OneFile => ({ keys: {}, origin: { file, lines: null }, report });
const failed = (file: string, why: string, hint?: string): OneFile => nothing(file, [unreadable(file, why, hint)]);
