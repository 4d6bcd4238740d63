// A command's MODEL and --data → source text and raw data, or the diagnostics of whatever could not be read.

import type { Report } from "../base/diagnostic.ts";
import { VariateError } from "../base/diagnostic.ts";
import type { Source } from "../base/span.ts";
import type { DataOrigin, RawData } from "../result.ts";
import { refuseUsage } from "./failure.ts";
import type { Io } from "./io.ts";
import { readModel } from "./read-model.ts";

/** `data` is null where none was given. */
export type Inputs = {
  readonly source: Source;
  readonly data: RawData | null;
  readonly dataFile: string;
  readonly dataOrigins: Readonly<Record<string, DataOrigin>>;
};

/** What messages call the data of a command without any. */
const NO_DATA = "(no data given: use --data FILE)";

/** `data`: what --data named, in order. Stops with the diagnostics of all files. */
export async function readInputs(model: string, data: readonly string[] | undefined, io: Io): Promise<Inputs> {
  if ([model, ...(data ?? [])].filter((path) => path === "-").length > 1)
    refuseUsage("only one file can come from standard input");
  const { source, dataPaths, report } = await readModel(model, io);
  const paths = data ?? dataPaths;
  const reading = paths.length === 0 ? null : await (await import("./read-data.ts")).readData(paths, io);
  stopOnErrors([...report, ...(reading?.report ?? [])]);
  return {
    source: source!,
    data: reading?.data ?? null,
    dataFile: reading?.file ?? NO_DATA,
    dataOrigins: reading?.origins ?? {},
  };
}

/** Further files of data, for a model that is already there. */
export async function readNewData(
  paths: readonly string[],
  io: Io,
): Promise<{ readonly data: RawData; readonly file: string; readonly origins: Inputs["dataOrigins"] }> {
  const { data, file, origins, report } = await (await import("./read-data.ts")).readData(paths, io);
  stopOnErrors(report);
  return { data, origins, file: paths.length === 0 ? NO_DATA : file };
}

function stopOnErrors(report: Report): void {
  if (report.length > 0) throw new VariateError(report);
}
