// MODEL of the command line: a `.ppl` file, or a folder with `model.ppl` and its data.

import { access, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Report } from "../base/diagnostic.ts";
import type { Source } from "../base/span.ts";
import type { Io } from "./io.ts";
import { readText } from "./read-text.ts";

/** `dataPaths`: the data that comes with the model, if it is a folder that has some. */
export type ModelReading = {
  readonly source: Source | null;
  readonly dataPaths: readonly string[];
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
  if (text === null) return { source: null, dataPaths: [], report };
  return {
    source: { path: name, text },
    dataPaths: isFolder ? await existing(DATA_FILES.map((file) => join(path, file))) : [],
    report: [],
  };
}

/** What is read beside `model.ppl`: all of these that are there. */
const DATA_FILES = ["data.json", "data.csv", "data.npz"];

async function existing(paths: readonly string[]): Promise<string[]> {
  const found = paths.map((path) =>
    access(path).then(
      () => [path],
      () => [],
    ),
  );
  return (await Promise.all(found)).flat();
}
