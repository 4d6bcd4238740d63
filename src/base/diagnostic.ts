// Diagnostics are data: stages append them to a report, `render.ts` turns them into text or JSON.

import { codes, type Code, type CodeArguments } from "./codes/index.ts";
import type { Span } from "./span.ts";

export type Severity = "error" | "warning" | "note";

/** A place inside a data file: key, then what the user would count (element, row, column) in the file's own base. */
export type DataPlace = {
  readonly file: string;
  readonly key?: string;
  /** e.g. "element 17", "element [3, 2]", "row 5, column age". */
  readonly element?: string;
};

/** Where a diagnostic points: program text, data, or a moment of a run. */
export type Place =
  | { readonly kind: "source"; readonly span: Span }
  | { readonly kind: "data"; readonly place: DataPlace; readonly declared?: Span }
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "run"; readonly step?: number; readonly site?: string; readonly declared?: Span };

/** A label says which role a place plays ("theta: real[J], defined here"). */
export type Label = { readonly span: Span; readonly text: string };

export type Diagnostic = {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly at: Place;
  readonly labels: readonly Label[];
  readonly hint?: string;
};

export type Extra = { readonly labels?: readonly Label[]; readonly hint?: string | undefined };

/** A diagnostic with the message that the table of codes words from `args`. */
export function diagnose<C extends Code>(
  code: C,
  at: Place | Span,
  args: CodeArguments<C>,
  extra: Extra = {},
): Diagnostic {
  const row = codes[code] as { severity: Severity; say: (a: CodeArguments<C>) => string };
  return {
    code,
    severity: row.severity,
    message: row.say(args),
    at: "source" in at ? { kind: "source", span: at } : at,
    labels: extra.labels ?? [],
    ...(extra.hint === undefined ? {} : { hint: extra.hint }),
  };
}

/** The list a stage appends to. */
export type Report = Diagnostic[];

export const hasErrors = (report: Report): boolean => report.some((d) => d.severity === "error");

/** Thrown by the public API when a stage ends in errors; it carries all of them. */
export class VariateError extends Error {
  override readonly name = "VariateError";
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    const first = diagnostics.find((d) => d.severity === "error") ?? diagnostics[0];
    super(first === undefined ? "no diagnostic" : `${first.code}: ${first.message}`);
    this.diagnostics = diagnostics;
  }
}
