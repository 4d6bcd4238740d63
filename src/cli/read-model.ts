// MODEL of the command line: a `.ppl` file, or a folder with `model.ppl` and `data.json`.

import { access, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Report } from "../base/diagnostic.ts";
import type { Source } from "../base/span.ts";
import type { Io } from "./io.ts";
import { readText } from "./read-text.ts";

/** `dataPath`: the data that comes with the model, if it is a folder that has some. */
export type ModelReading = {
  readonly source: Source | null;
  readonly dataPath: string | null;
  readonly report: Report;
};

export async function readModel(path: string, io: Io): Promise<ModelReading> {
  const isFolder =
    path !== "-" &&
    (await stat(path).then(
      (s) => s.isDirectory(),
      () => false,
    ));
  const { text, name, report } = await readText(isFolder ? join(path, "model.ppl") : path, io);
  if (text === null) return { source: null, dataPath: null, report };
  return {
    source: { path: name, text },
    dataPath: isFolder ? await existing(join(path, "data.json")) : null,
    report: [],
  };
}

const existing = (path: string): Promise<string | null> =>
  access(path).then(
    () => path,
    () => null,
  );
