// The folder of `--out`. It is written beside its place and then renamed, so that it is whole or not there.

import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { File } from "../output/data-files.ts";
import { refuseUsage } from "./failure.ts";

/** What may lie in the folder of a fit. */
const FILES = [
  "fit.json",
  "draws.csv",
  "report.html",
  "model.ppl",
  "imports.json",
  "data.json",
  "data.npz",
  "inference-data.zarr",
];

/** Stops unless `folder` is absent, empty, or was written by this program: it holds `files` at most, and its
 *  `document` says so. */
export async function checkFolder(folder: string, files = FILES, document = "fit.json"): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    return refuseUsage(
      error.code === "ENOTDIR" ? `--out ${folder}: it is a file` : `--out ${folder}: ${error.message}`,
    );
  });
  const foreign = names.filter((name) => !files.includes(name));
  if (foreign.length > 0 || (names.length > 0 && !(await isOurs(join(folder, document))))) {
    refuseUsage(`--out ${folder}: the folder is not empty and was not written by variate`, "choose a new folder");
  }
}

async function isOurs(document: string): Promise<boolean> {
  try {
    return Object.hasOwn(JSON.parse(await readFile(document, "utf8")) as object, "variate");
  } catch {
    return false;
  }
}

/** Writes the files; an older folder in the same place goes only once the new one is complete. `names`, `document`:
 *  as `checkFolder` takes them. */
export async function writeFolder(
  folder: string,
  files: readonly File[],
  names = FILES,
  document = "fit.json",
): Promise<void> {
  const place = resolve(folder);
  await mkdir(dirname(place), { recursive: true });
  const fresh = await mkdtemp(join(dirname(place), `.${basename(place)}-`));
  try {
    for (const { path, content } of files) {
      await mkdir(dirname(join(fresh, path)), { recursive: true });
      await writeFile(join(fresh, path), content);
    }
    await checkFolder(folder, names, document);
    await replace(place, fresh);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** `fresh` takes the place of `place`; if that fails the old folder is put back. */
async function replace(place: string, fresh: string): Promise<void> {
  const old = `${fresh}-old`;
  const hadOld = await rename(place, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(fresh, place);
  } catch (error) {
    if (hadOld) await rename(old, place);
    throw error;
  }
  if (hadOld) await rm(old, { recursive: true, force: true });
}
