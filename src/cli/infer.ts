// `variate infer`: fit, show, and write the folder of --out.

import { covers } from "../fit/verdict.ts";
import type { Fit } from "../result.ts";
import { fitJson } from "../output/fit-json.ts";
import type { CompileFlags } from "./options.ts";
import { inferOptions } from "./options.ts";
import { version } from "./package-file.ts";
import { showProgress } from "./progress.ts";
import { readInputs } from "./read-inputs.ts";
import type { View } from "./view.ts";
import { showDiagnostics, showResult } from "./view.ts";
import { checkFolder, writeFolder } from "./write-fit.ts";

export async function runInfer(
  path: string,
  flags: CompileFlags & { readonly data?: readonly string[]; readonly out?: string },
  view: View,
): Promise<number> {
  const { source, data, dataFile, dataOrigins } = await readInputs(path, flags.data, view.io);
  if (flags.out !== undefined) await checkFolder(flags.out);
  const { infer } = await import("../infer.ts");
  const options = inferOptions(flags);
  const progress = showProgress(view);
  const fit = await infer(source, data ?? {}, {
    ...options,
    dataFile,
    dataOrigins,
    predictive: flags.out !== undefined,
    onProgress: progress.update,
  }).finally(progress.clear);
  showDiagnostics(view, fit.diagnostics);
  const { value: json, nonFinite } = fitJson(fit);
  if (nonFinite !== null && !view.quiet) view.io.err(`warning: ${nonFinite.message}\n`);
  if (flags.out !== undefined) await write(flags.out, fit, options);
  const { printFit } = await import("./print-fit.ts");
  showResult(
    view,
    () => printFit(fit, view.io.columns, view.colors),
    () => json,
  );
  return passes(fit) ? 0 : 2;
}

async function write(folder: string, fit: Fit, options: object): Promise<void> {
  const { fitFiles } = await import("../output/fit-files.ts");
  await writeFolder(folder, fitFiles(fit, { version: version(), created: new Date().toISOString(), options }));
}

/** A fit that failed a diagnostic is still a result (exit code 2). */
const passes = (fit: Fit): boolean => fit.converged && covers(fit);
