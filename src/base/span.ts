// A place in a source text, as offsets; lines and columns are computed only when a person reads them.

/** A `.ppl` file as it was read: `path` is how the user named it; `imports` the texts of the libraries that it imports,
 *  directly or not, by their paths relative to its folder (`lib/scales.ppl`). */
export type Source = {
  readonly path: string;
  readonly text: string;
  readonly imports?: Readonly<Record<string, string>>;
};

/** Characters `start` (included) to `end` (excluded) of a source. */
export type Span = { readonly source: Source; readonly start: number; readonly end: number };

/** One-based line and column, as editors show them. */
export type Position = { readonly line: number; readonly column: number };

export function positionAt(source: Source, offset: number): Position {
  const before = source.text.slice(0, offset);
  const lastBreak = before.lastIndexOf("\n");
  return { line: before.split("\n").length, column: offset - lastBreak };
}

/** The smallest span that covers both; they must lie in one source. */
export function join(a: Span, b: Span): Span {
  return { source: a.source, start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
