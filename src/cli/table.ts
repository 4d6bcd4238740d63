// Plain aligned columns and wrapped paragraphs for pages of 80 to 100 columns. Widths are of visible characters.

import { stripVTControlCharacters } from "node:util";
import { displayWidth } from "../base/width.ts";

export type Column = { readonly title: string; readonly align: "left" | "right" };

const GAP = "  ";

const visibleWidth = (text: string): number => displayWidth(stripVTControlCharacters(text));

/** Rows under their titles; `style` colours the line of titles. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: (line: string) => string,
): string {
  const widths = columns.map((column, c) =>
    Math.max(visibleWidth(column.title), ...rows.map((row) => visibleWidth(row[c] ?? ""))),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, c) => pad(cells[c] ?? "", widths[c]!, column.align))
      .join(GAP)
      .trimEnd();
  return [style(line(columns.map((column) => column.title))), ...rows.map(line)].join("\n");
}

export function pad(text: string, width: number, align: Column["align"]): string {
  const space = " ".repeat(Math.max(0, width - visibleWidth(text)));
  return align === "left" ? text + space : space + text;
}

/** Words broken into lines of at most `width`; the first line begins with `first`, the others are indented as far. */
export function paragraph(first: string, text: string, width: number): string {
  const indent = " ".repeat(visibleWidth(first));
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (!isEmpty && visibleWidth(line) + 1 + visibleWidth(word) > width) {
      lines.push(line);
      [line, isEmpty] = [indent, true];
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join("\n");
}

/** At most `width` visible characters, the last one an ellipsis if something was cut. */
export function shorten(text: string, width: number): string {
  return visibleWidth(text) <= width ? text : `${[...text].slice(0, width - 1).join("")}…`;
}
