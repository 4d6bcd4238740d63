// A command's MODEL and --data → source text and raw data, or the diagnostics of whatever could not be read.

import type { Report } from "../base/diagnostic.ts";
import { VariateError } from "../base/diagnostic.ts";
import type { Source } from "../base/span.ts";
import type { RawData } from "../result.ts";
import { refuseUsage } from "./failure.ts";
import type { Io } from "./io.ts";
import { readData } from "./read-data.ts";
import { readModel } from "./read-model.ts";

/** `data` is null where none was given. */
export type Inputs = { readonly source: Source; readonly data: RawData | null; readonly dataFile: string };

/** What messages call the data of a command without any. */
const NO_DATA = "(no data given: use --data FILE)";

/** Stops with the diagnostics of both files. */
export async function readInputs(model: string, data: string | undefined, io: Io): Promise<Inputs> {
  if (model === "-" && data === "-") refuseUsage("the model and the data cannot both come from standard input");
  const { source, dataPath, report } = await readModel(model, io);
  const path = data ?? dataPath;
  const reading = path === null ? { data: null, file: NO_DATA, report: [] } : await readData(path, io);
  stopOnErrors([...report, ...reading.report]);
  return { source: source!, data: reading.data, dataFile: reading.file };
}

function stopOnErrors(report: Report): void {
  if (report.length > 0) throw new VariateError(report);
}
