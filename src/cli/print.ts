// `variate print`: what a stage of the compiler made of a model.

import type { CompileFlags, Stage } from "./options.ts";
import { inferOptions } from "./options.ts";
import { readInputs } from "./read-inputs.ts";
import type { View } from "./view.ts";
import { showDiagnostics, showResult } from "./view.ts";

type PrintFlags = CompileFlags & { readonly stage: Stage; readonly data?: readonly string[] };

export async function runPrint(path: string, flags: PrintFlags, view: View): Promise<number> {
  const { source, data, dataFile, dataOrigins } = await readInputs(path, flags.data, view.io);
  const { printStage } = await import("../print-stage.ts");
  const { text, report } = printStage(source, data, flags.stage, { ...inferOptions(flags), dataFile, dataOrigins });
  showDiagnostics(view, report);
  showResult(
    view,
    () => text,
    () => ({ model: source.path, stage: flags.stage, text: text.trimEnd() }),
  );
  return 0;
}
