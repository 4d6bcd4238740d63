// What a command shows: text for a person, or one JSON document; diagnostics beside it.

import { createColors } from "picocolors";
import type { Diagnostic } from "../base/diagnostic.ts";
import { renderJson, renderText } from "../base/render.ts";
import type { Io } from "./io.ts";

export type Colors = ReturnType<typeof createColors>;

export type View = {
  readonly io: Io;
  /** One JSON document on standard output, and nothing else there. */
  readonly json: boolean;
  /** Neither progress nor warnings. */
  readonly quiet: boolean;
  /** Colours of standard output. */
  readonly colors: Colors;
};

export type ViewOptions = { readonly json?: boolean; readonly quiet?: boolean };

export function viewOf(options: ViewOptions, io: Io): View {
  const colors = createColors(wantsColor(io.outIsTerminal));
  return { io, json: options.json === true, quiet: options.quiet === true, colors };
}

/** https://no-color.org */
const wantsColor = (isTerminal: boolean): boolean => isTerminal && !process.env["NO_COLOR"];

/** Diagnostics go to standard error, whatever the result is. */
export function showDiagnostics(view: View, report: readonly Diagnostic[]): void {
  const shown = view.quiet ? report.filter((d) => d.severity === "error") : report;
  if (shown.length > 0) view.io.err(`${renderText(shown, { color: wantsColor(view.io.errIsTerminal) })}\n`);
}

/** The end of a command without a result. Returns the exit code. */
export function showFailure(view: View, report: readonly Diagnostic[]): 1 {
  showDiagnostics(view, report);
  if (view.json) showJson(view, { diagnostics: report.map(renderJson) });
  return 1;
}

/** The result of a command, as text or as JSON. */
export function showResult(view: View, text: () => string, json: () => object): void {
  if (view.json) showJson(view, json());
  else view.io.out(withLineEnd(text()));
}

export const showJson = (view: View, value: object): void => view.io.out(`${JSON.stringify(value, null, 2)}\n`);

const withLineEnd = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`);
