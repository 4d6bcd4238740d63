// A data file (or standard input) → keys and values as JSON gives them. Reports PPL612 when it cannot be read.

import type { Report } from "../base/diagnostic.ts";
import type { RawData } from "../result.ts";
import type { Io } from "./io.ts";
import { readJson } from "./json-text.ts";
import { readText, unreadable } from "./read-text.ts";

export type DataReading = { readonly data: RawData | null; readonly file: string; readonly report: Report };

/** Reads `path`, or standard input for `-`. The file's name decides how: JSON only, for now. */
export async function readData(path: string, io: Io): Promise<DataReading> {
  if (path !== "-" && !/\.json$/i.test(path))
    return failed(path, unreadable(path, "only JSON data is read for now", jsonHint(path)));
  const { text, name, report } = await readText(path, io);
  if (text === null) return { data: null, file: name, report };
  const reading = readJson(text);
  if (reading.kind === "problem") return failed(name, unreadable(name, `it is not JSON: ${reading.why}`));
  const { value } = reading;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return failed(
      name,
      unreadable(name, "data is one JSON object", 'write { "y": [1, 2, 3] }, with the names of the data block as keys'),
    );
  }
  return { data: value as RawData, file: name, report: [] };
}

const failed = (file: string, problem: Report[number]): DataReading => ({ data: null, file, report: [problem] });

function jsonHint(path: string): string {
  return /\.(csv|npy|idx|gz)$/i.test(path)
    ? "CSV and binary arrays are not read yet: write the data as JSON"
    : "the name of a data file ends in .json";
}
