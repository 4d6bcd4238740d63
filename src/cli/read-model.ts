// MODEL of the command line: a `.ppl` file, or a folder with `model.ppl` and its data; with the libraries that it
// imports.

import { access, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Report } from "../base/diagnostic.ts";
import type { Source } from "../base/span.ts";
import { absentImports, resolved } from "../model/imports.ts";
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
  const stored = isFolder ? await storedImports(path) : {};
  return {
    source: await withImports({ path: name, text, imports: stored }, path === "-" ? "" : name, io),
    dataPaths: isFolder ? await existing(DATA_FILES.map((file) => join(path, file))) : [],
    report: [],
  };
}

/** The libraries that a source imports, and theirs. One that cannot be read is left out: the checker says where it is
 *  imported. */
async function withImports(
  source: Source,
  path: string,
  io: Io,
  tried: ReadonlySet<string> = new Set(),
): Promise<Source> {
  const absent = absentImports(source).filter((library) => !tried.has(library));
  if (absent.length === 0) return source;
  const found = await Promise.all(
    absent.map(async (library) => [library, (await readText(resolved(library, path), io)).text] as const),
  );
  const read = found.filter((entry): entry is readonly [string, string] => entry[1] !== null);
  const imports = { ...source.imports, ...Object.fromEntries(read) };
  return withImports({ ...source, imports }, path, io, new Set([...tried, ...absent]));
}

/** A fit keeps what its model imports. */
async function storedImports(folder: string): Promise<NonNullable<Source["imports"]>> {
  const text = await readFile(join(folder, "imports.json"), "utf8").catch(() => "{}");
  return JSON.parse(text) as NonNullable<Source["imports"]>;
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
