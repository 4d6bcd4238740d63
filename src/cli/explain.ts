// `variate explain`: the choices for a model, or the page of an error code.

import { readdir, readFile } from "node:fs/promises";
import { didYouMean } from "../base/suggest.ts";
import { refuseUsage } from "./failure.ts";
import type { CompileFlags } from "./options.ts";
import { inferOptions } from "./options.ts";
import { packageFile } from "./package-file.ts";
import { readInputs } from "./read-inputs.ts";
import type { View } from "./view.ts";
import { showDiagnostics, showResult } from "./view.ts";

export async function runExplain(
  argument: string,
  flags: CompileFlags & { readonly data?: readonly string[] },
  view: View,
): Promise<number> {
  const code = /^(?:PPL)?(\d{3,})$/i.exec(argument)?.[1];
  return code === undefined ? explainModel(argument, flags, view) : explainCode(`PPL${code}`, view);
}

async function explainModel(
  path: string,
  flags: CompileFlags & { readonly data?: readonly string[] },
  view: View,
): Promise<number> {
  const { source, data, dataFile, dataOrigins } = await readInputs(path, flags.data, view.io);
  const { explain } = await import("../explain.ts");
  const { explanation, report } = explain(source, data, { ...inferOptions(flags), dataFile, dataOrigins });
  showDiagnostics(view, report);
  const { printExplanation } = await import("./print-explain.ts");
  showResult(
    view,
    () => printExplanation(explanation, { width: view.io.columns, colors: view.colors, withData: data !== null }),
    () => ({ ...explanation, warnings: report.map(({ code, message }) => ({ code, message })) }),
  );
  return 0;
}

async function explainCode(code: string, view: View): Promise<number> {
  const folder = packageFile("docs", "errors");
  const page = await readFile(`${folder}/${code}.md`, "utf8").catch(() => null);
  if (page === null) {
    const codes = (await readdir(folder)).map((name) => name.replace(/\.md$/, ""));
    return refuseUsage(`there is no error ${code}`, didYouMean(code, codes, ""));
  }
  showResult(
    view,
    () => stylePage(page, view),
    () => ({ code, title: page.split("\n")[0]!.replace(/^# \w+: /, ""), page }),
  );
  return 0;
}

/** Headings stand out and fences go away on a terminal; elsewhere the page is the Markdown it is. */
function stylePage(page: string, { io, colors }: View): string {
  if (!io.outIsTerminal) return page;
  let inCode = false;
  return page
    .split("\n")
    .flatMap((line) => {
      if (line.startsWith("```")) {
        inCode = !inCode;
        return [];
      }
      if (inCode) return colors.cyan(`    ${line}`);
      return line.startsWith("#") ? colors.bold(line.replace(/^#+ /, "")) : line;
    })
    .join("\n");
}
