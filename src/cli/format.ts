// `variate fmt`: files in their one layout, written in place; with --check nothing is written.

import { rename, stat, writeFile } from "node:fs/promises";
import type { Report } from "../base/diagnostic.ts";
import { hasErrors } from "../base/diagnostic.ts";
import { renderJson } from "../base/render.ts";
import { parse } from "../syntax/parse.ts";
import { format } from "../syntax/print.ts";
import { readText, STDIN_NAME } from "./read-text.ts";
import type { View, ViewOptions } from "./view.ts";
import { showDiagnostics, showJson } from "./view.ts";

type Formatted = {
  readonly path: string;
  readonly text: string | null;
  readonly changed: boolean;
  readonly report: Report;
};

export async function runFormat(
  paths: readonly string[],
  options: ViewOptions & { readonly check?: boolean },
  view: View,
): Promise<number> {
  const files: Formatted[] = [];
  for (const path of paths) files.push(await formatOne(path, view));
  const report = files.flatMap((file) => file.report);
  showDiagnostics(view, report);
  if (options.check !== true) for (const file of files) await put(file, view);
  show(files, options.check === true, view);
  return hasErrors(report) || (options.check === true && files.some(({ changed }) => changed)) ? 1 : 0;
}

async function formatOne(path: string, view: View): Promise<Formatted> {
  const { text, name, report } = await readText(path, view.io);
  if (text === null) return { path: name, text: null, changed: false, report };
  const parsed = parse({ path: name, text });
  if (hasErrors(parsed.report)) return { path: name, text: null, changed: false, report: parsed.report };
  const formatted = format(parsed.file);
  return { path: name, text: formatted, changed: formatted !== text, report: [] };
}

/** In place, whole or not at all; standard input goes to standard output. */
async function put({ path, text, changed }: Formatted, view: View): Promise<void> {
  if (text === null) return;
  if (path === STDIN_NAME) {
    if (!view.json) view.io.out(text);
    return;
  }
  if (!changed) return;
  const fresh = `${path}.${process.pid}.tmp`;
  await writeFile(fresh, text, { mode: (await stat(path)).mode });
  await rename(fresh, path);
}

function show(files: readonly Formatted[], isCheck: boolean, view: View): void {
  if (view.json) {
    const diagnostics = files.flatMap(({ report }) => report.map(renderJson));
    return showJson(view, {
      files: files.map(({ path, changed, text }) => ({ file: path, readable: text !== null, changed })),
      diagnostics,
    });
  }
  if (view.quiet) return;
  for (const { path, changed } of files) {
    if (changed && (isCheck || path !== STDIN_NAME))
      view.io.out(`${path}${isCheck ? ": not formatted" : ": formatted"}\n`);
  }
}
