// `variate check`: the diagnostics of a model; with data also those of the data and of what is decided from its sizes.

import type { Diagnostic } from "../base/diagnostic.ts";
import { hasErrors } from "../base/diagnostic.ts";
import { renderJson } from "../base/render.ts";
import { check } from "../model/check.ts";
import type { Inputs } from "./read-inputs.ts";
import { readInputs } from "./read-inputs.ts";
import type { View, ViewOptions } from "./view.ts";
import { showDiagnostics, showFailure, showResult } from "./view.ts";

export async function runCheck(
  path: string,
  options: ViewOptions & { readonly data?: readonly string[] },
  view: View,
): Promise<number> {
  const inputs = await readInputs(path, options.data, view.io);
  const report = await reportOf(inputs);
  if (hasErrors(report)) return showFailure(view, report);
  showDiagnostics(view, report);
  const { source, data, dataFile } = inputs;
  const praise = `${source.path}: no errors${data === null ? "" : `; ${dataFile} fits it`}`;
  showResult(
    view,
    () => (view.quiet ? "" : praise),
    () => ({ diagnostics: report.map(renderJson) }),
  );
  return 0;
}

/** Data needs the graph builder and an engine: they load only with it. */
async function reportOf({ source, data, dataFile, dataOrigins }: Inputs): Promise<Diagnostic[]> {
  if (data === null) return check(source).report;
  const { compile } = await import("../compile.ts");
  return [...compile(source, data, { dataFile, dataOrigins }).report];
}
