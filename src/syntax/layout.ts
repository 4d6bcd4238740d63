// A document of text, possible line breaks and groups → lines of at most `width` columns. A group is laid out on one
// line if it fits, else all its own line breaks are taken (P. Wadler, A prettier printer, 2003).

export type Doc = string | readonly Doc[] | Line | Indent | Group | Remark;

/** A possible line break: `flat` is its text where the group stays on one line, null where it must be taken. */
type Line = { readonly kind: "line"; readonly flat: string | null };
type Indent = { readonly kind: "indent"; readonly doc: Doc };
type Group = { readonly kind: "group"; readonly doc: Doc; readonly broken: boolean };
/** A comment that waits for the end of the line, or stands on lines of its own after it. */
type Remark = { readonly kind: "remark"; readonly text: string; readonly ownLine: boolean };

export const space: Doc = { kind: "line", flat: " " };
export const soft: Doc = { kind: "line", flat: "" };
export const hard: Doc = { kind: "line", flat: null };
/** A line break that is written "; " where the group stays on one line. */
export const next: Doc = { kind: "line", flat: "; " };

export const indent = (doc: Doc): Doc => ({ kind: "indent", doc });
export const remark = (text: string, ownLine: boolean): Doc => ({ kind: "remark", text, ownLine });
export const group = (doc: Doc): Doc => ({ kind: "group", doc, broken: mustBreak(doc) });
/** A group that does not stay on one line. */
export const broken = (doc: Doc): Doc => ({ kind: "group", doc, broken: true });

export const separate = (docs: readonly Doc[], separator: Doc): readonly Doc[] =>
  docs.flatMap((doc, i) => (i === 0 ? [doc] : [separator, doc]));

function mustBreak(doc: Doc): boolean {
  if (typeof doc === "string") return doc.includes("\n");
  if (isList(doc)) return doc.some(mustBreak);
  switch (doc.kind) {
    case "line":
      return doc.flat === null;
    case "indent":
      return mustBreak(doc.doc);
    case "group":
      return doc.broken;
    case "remark":
      return true;
    default:
      return doc satisfies never;
  }
}

const isList = (doc: Doc): doc is readonly Doc[] => Array.isArray(doc);

// ----------------------------------------------------------------------------------------------- rendering

const STEP = 2;
type Command = { readonly depth: number; readonly flat: boolean; readonly doc: Doc };
type Waiting = { readonly text: string; readonly ownLine: boolean; readonly depth: number };
type Page = { readonly out: string[]; column: number; depth: number; fresh: boolean; readonly waiting: Waiting[] };

/** The text of a document; every line ends in "\n" unless the document is empty. */
export function render(doc: Doc, width = 100): string {
  const page: Page = { out: [], column: 0, depth: 0, fresh: true, waiting: [] };
  const stack: Command[] = [{ depth: 0, flat: false, doc }];
  for (let command = stack.pop(); command !== undefined; command = stack.pop()) step(page, stack, command, width);
  breakLine(page, 0);
  return page.out.join("").replace(/\n+$/, "\n").replace(/^\n$/, "");
}

function step(page: Page, stack: Command[], { depth, flat, doc }: Command, width: number): void {
  if (typeof doc === "string") return write(page, doc);
  if (isList(doc)) {
    for (let i = doc.length - 1; i >= 0; i--) stack.push({ depth, flat, doc: doc[i]! });
    return;
  }
  switch (doc.kind) {
    case "line":
      return flat && doc.flat !== null ? write(page, doc.flat) : breakLine(page, depth);
    case "indent":
      stack.push({ depth: depth + STEP, flat, doc: doc.doc });
      return;
    case "group": {
      const whole = { depth, flat: true, doc: doc.doc };
      const room = width - (page.fresh ? depth : page.column);
      stack.push(flat || (!doc.broken && fits(whole, stack, room)) ? whole : { depth, flat: false, doc: doc.doc });
      return;
    }
    case "remark":
      page.waiting.push({ text: doc.text, ownLine: doc.ownLine, depth });
      return;
    default:
      doc satisfies never;
  }
}

function write(page: Page, text: string): void {
  if (text === "") return;
  if (page.fresh) page.out.push(" ".repeat(page.depth));
  const lastBreak = text.lastIndexOf("\n");
  page.column = (page.fresh ? page.depth : page.column) + text.length;
  if (lastBreak >= 0) page.column = text.length - lastBreak - 1;
  page.fresh = false;
  page.out.push(text);
}

/** Ends the line: waiting comments first; a second one, or one on its own line, goes below. */
function breakLine(page: Page, depth: number): void {
  page.waiting.splice(0).forEach(({ text, ownLine, depth: own }, i) => {
    page.out.push(ownLine || i > 0 || page.fresh ? `${page.fresh ? "" : "\n"}${" ".repeat(own)}${text}` : ` ${text}`);
    page.fresh = false;
  });
  page.out.push("\n");
  [page.depth, page.fresh, page.column] = [depth, true, 0];
}

/** Does the command, with what follows it up to the next line break, fit into `room` columns? */
function fits(command: Command, rest: readonly Command[], room: number): boolean {
  const stack: Command[] = [command];
  let left = room;
  let below = rest.length;
  while (left >= 0) {
    const { depth, flat, doc } = stack.pop() ?? rest[--below] ?? { depth: 0, flat: false, doc: hard };
    if (typeof doc === "string") left -= doc.length;
    else if (isList(doc)) for (let i = doc.length - 1; i >= 0; i--) stack.push({ depth, flat, doc: doc[i]! });
    else if (doc.kind === "line") {
      if (!flat || doc.flat === null) return true;
      left -= doc.flat.length;
    } else if (doc.kind !== "remark") stack.push({ depth, flat, doc: doc.doc });
  }
  return false;
}
