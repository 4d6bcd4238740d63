// The folder of `--out`: fit.json and draws.csv. It is written beside its place and then renamed, so that it is whole
// or not there.

import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Fit } from "../result.ts";
import { refuseUsage } from "./failure.ts";
import { entryLabel } from "./nested.ts";
import { version } from "./package-file.ts";

const FILES = ["fit.json", "draws.csv"] as const;

/** Stops unless `folder` is absent, empty, or a fit that may be replaced. */
export async function checkFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    return refuseUsage(
      error.code === "ENOTDIR" ? `--out ${folder}: it is a file` : `--out ${folder}: ${error.message}`,
    );
  });
  const foreign = names.filter((name) => !(FILES as readonly string[]).includes(name));
  if (foreign.length > 0 || (names.length > 0 && !(await holdsFit(folder)))) {
    refuseUsage(`--out ${folder}: the folder is not empty and not a fit of variate`, "choose a new folder");
  }
}

async function holdsFit(folder: string): Promise<boolean> {
  try {
    return Object.hasOwn(JSON.parse(await readFile(join(folder, "fit.json"), "utf8")) as object, "variate");
  } catch {
    return false;
  }
}

/** Writes `document` and the draws of `fit`; an older fit in the same place goes only once the new one is complete. */
export async function writeFit(folder: string, document: object, fit: Fit): Promise<void> {
  const place = resolve(folder);
  await mkdir(dirname(place), { recursive: true });
  const fresh = await mkdtemp(join(dirname(place), `.${basename(place)}-`));
  try {
    await writeFile(join(fresh, "fit.json"), `${JSON.stringify({ variate: version(), ...document }, null, 2)}\n`);
    await writeFile(join(fresh, "draws.csv"), drawsCsv(fit));
    await checkFolder(folder);
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

// ---------------------------------------------------------------------------------------- draws

/** A column per entry of every site and report, then log p and log q of each draw. */
function drawsCsv(fit: Fit): string {
  const columns = Object.entries(fit.draws).flatMap(([name, { shape, values }]) => {
    const entries = subscripts(shape);
    const labels = fit.labels[name] ?? { base: 0, names: [] };
    return entries.map((index, at) => ({
      title: entryLabel(name, index, labels),
      value: (draw: number) => values[draw * entries.length + at]!,
    }));
  });
  columns.push(
    { title: "logp", value: (draw) => fit.logp[draw]! },
    { title: "logq", value: (draw) => fit.logq[draw]! },
  );
  const lines = [columns.map(({ title }) => quoted(title)).join(",")];
  for (let draw = 0; draw < fit.logp.length; draw += 1)
    lines.push(columns.map(({ value }) => cell(value(draw))).join(","));
  return `${lines.join("\n")}\n`;
}

function subscripts(shape: readonly number[]): number[][] {
  const [first, ...rest] = shape;
  if (first === undefined) return [[]];
  return Array.from({ length: first }, (_, i) => subscripts(rest).map((inner) => [i, ...inner])).flat();
}

/** Infinite and missing numbers as R and pandas read them. */
const cell = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "NaN" : value > 0 ? "Inf" : "-Inf";

/** RFC 4180. */
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
