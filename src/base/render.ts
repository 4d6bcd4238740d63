// Diagnostics → the text a person reads (an excerpt with carets) or plain objects for `--json`.

import { createColors } from "picocolors";
import type { Diagnostic, Label, Place } from "./diagnostic.ts";
import { positionAt, type Source, type Span } from "./span.ts";
import { displayWidth, printable } from "./width.ts";

export type RenderOptions = { readonly color?: boolean };

type Paint = ReturnType<typeof createColors>;
type Line = { readonly gutter: string; readonly text: string };

/** All diagnostics, a blank line between two; no line end after the last. */
export function renderText(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  const paint = createColors(options.color ?? false);
  return diagnostics.map((diagnostic) => renderOne(diagnostic, paint)).join("\n\n");
}

function renderOne(diagnostic: Diagnostic, paint: Paint): string {
  const { severity, code, message, hint } = diagnostic;
  const excerpts = excerptLines(diagnostic, paint);
  const width = Math.max(1, ...excerpts.map((line) => line.gutter.length));
  const margin = " ".repeat(width);
  const head = `${severityPaint(severity, paint)(paint.bold(`${severity}[${code}]`))}: ${paint.bold(printable(message))}`;
  const place = placeText(diagnostic.at);
  return [
    head,
    ...(place === "" ? [] : [`${margin}${paint.blue("-->")} ${place}`]),
    ...excerpts.map((line) => `${paint.blue(`${line.gutter.padStart(width)} |`)} ${line.text}`.trimEnd()),
    ...(hint === undefined ? [] : [`${margin} ${paint.blue("=")} ${paint.cyan("hint")}: ${printable(hint)}`]),
  ].join("\n");
}

function severityPaint(severity: Diagnostic["severity"], paint: Paint): (text: string) => string {
  return { error: paint.red, warning: paint.yellow, note: paint.cyan }[severity];
}

// ----------------------------------------------------------------------------------------------- places

function placeText(at: Place): string {
  switch (at.kind) {
    case "source":
      return at.span.source.path + lineAndColumn(at.span);
    case "file":
      return at.file;
    case "data": {
      const { file, key, element } = at.place;
      const inside = [
        file,
        ...(key === undefined ? [] : [`key "${key}"`]),
        ...(element === undefined ? [] : [element]),
      ];
      const place = key === undefined ? inside.join(", ") : inside.join(", ").replace(`${file}, `, `${file}: `);
      return (
        printable(place) + (at.declared ? `; declared at ${at.declared.source.path}${lineAndColumn(at.declared)}` : "")
      );
    }
    case "run": {
      const moment = [
        ...(at.site === undefined ? [] : [`site ${at.site}`]),
        ...(at.step === undefined ? [] : [`step ${at.step}`]),
      ];
      const text = at.declared ? [at.declared.source.path + lineAndColumn(at.declared), ...moment] : moment;
      return text.join(", ");
    }
    default:
      return at satisfies never;
  }
}

function lineAndColumn(span: Span): string {
  const { line, column } = positionAt(span.source, span.start);
  return `:${line}:${column}`;
}

/** The span whose text is shown: data places name their declaration but do not show it. */
function shownSpan(at: Place): Span | null {
  if (at.kind === "source") return at.span;
  return at.kind === "run" ? (at.declared ?? null) : null;
}

// ----------------------------------------------------------------------------------------------- excerpts

/** The line of the primary place, then those of the labels; several marks of one line share its text. */
function excerptLines(diagnostic: Diagnostic, paint: Paint): readonly Line[] {
  const primary = shownSpan(diagnostic.at);
  const mark = severityPaint(diagnostic.severity, paint);
  const own = primary === null ? [] : markedLine(primary, "^", "", mark);
  const rest = diagnostic.labels.toSorted((a, b) => a.span.start - b.span.start);
  const near = rest.filter((label) => primary !== null && onSameLine(label.span, primary));
  const far = rest.filter((label) => !near.includes(label));
  return [
    ...own,
    ...near.flatMap((label) => markedLine(label.span, "-", label.text, paint.blue).slice(1)),
    ...groupByLine(far).flatMap((group) => labelledLine(group, primary, paint)),
  ];
}

function labelledLine(group: readonly Label[], primary: Span | null, paint: Paint): readonly Line[] {
  const { span } = group[0]!;
  const elsewhere =
    primary !== null && span.source.path !== primary.source.path
      ? [{ gutter: "", text: `${span.source.path}${lineAndColumn(span)}` }]
      : [];
  return [
    ...elsewhere,
    ...group.flatMap((label, i) => markedLine(label.span, "-", label.text, paint.blue).slice(i === 0 ? 0 : 1)),
  ];
}

function groupByLine(labels: readonly Label[]): readonly (readonly Label[])[] {
  const groups: Label[][] = [];
  for (const label of labels) {
    const last = groups.at(-1);
    if (last && onSameLine(last[0]!.span, label.span)) last.push(label);
    else groups.push([label]);
  }
  return groups;
}

const onSameLine = (a: Span, b: Span): boolean =>
  a.source === b.source && positionAt(a.source, a.start).line === positionAt(b.source, b.start).line;

/** The first line of a span and the marks under it; an empty span gets one mark. */
function markedLine(span: Span, mark: string, text: string, paint: (text: string) => string): readonly Line[] {
  const { source, start, end } = span;
  const { line, text: content, from } = lineOf(source, start);
  const before = displayWidth(content.slice(0, start - from));
  const covered = displayWidth(content.slice(0, Math.max(end, start) - from)) - before;
  const marks = paint(mark.repeat(Math.max(1, covered)) + (text === "" ? "" : ` ${printable(text)}`));
  return [
    { gutter: String(line), text: printable(content) },
    { gutter: "", text: " ".repeat(before) + marks },
  ];
}

function lineOf(source: Source, offset: number): { line: number; text: string; from: number } {
  const from = offset === 0 ? 0 : source.text.lastIndexOf("\n", offset - 1) + 1;
  const next = source.text.indexOf("\n", offset);
  const text = source.text.slice(from, next < 0 ? undefined : next).replace(/\r$/, "");
  return { line: positionAt(source, offset).line, text, from };
}

// ----------------------------------------------------------------------------------------------- JSON

export type JsonDiagnostic = {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  readonly labels: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly text: string;
  }[];
  readonly hint?: string;
  readonly data?: { readonly file: string; readonly key?: string; readonly element?: string };
  readonly run?: { readonly site?: string; readonly step?: number };
};

/** A plain object. `file`, `line`, … are the place in the program (for data, that of the declaration), one-based. */
export function renderJson({ code, severity, message, at, labels, hint }: Diagnostic): JsonDiagnostic {
  return {
    code,
    severity,
    message,
    ...placeJson(at),
    labels: labels.map(({ span, text }) => ({ file: span.source.path, ...positionAt(span.source, span.start), text })),
    ...(hint === undefined ? {} : { hint }),
  };
}

function placeJson(at: Place): Partial<JsonDiagnostic> {
  switch (at.kind) {
    case "source":
      return spanJson(at.span);
    case "file":
      return { file: at.file };
    case "data":
      return { ...(at.declared ? spanJson(at.declared) : {}), data: at.place };
    case "run": {
      const run = {
        ...(at.site === undefined ? {} : { site: at.site }),
        ...(at.step === undefined ? {} : { step: at.step }),
      };
      return { ...(at.declared ? spanJson(at.declared) : {}), run };
    }
    default:
      return at satisfies never;
  }
}

function spanJson({ source, start, end }: Span): Partial<JsonDiagnostic> {
  const last = positionAt(source, Math.max(start, end));
  return { file: source.path, ...positionAt(source, start), endLine: last.line, endColumn: last.column };
}
