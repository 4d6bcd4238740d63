// JSON text → value, or where and why it is not JSON. `NaN` and `Infinity`, which Python writes, are read so that the
// checks of the data can name the entry.

import { positionAt } from "../base/span.ts";

export type JsonReading =
  { readonly kind: "value"; readonly value: unknown } | { readonly kind: "problem"; readonly why: string };

/** Deeper nesting than any rectangular data has; the reader recurses. */
const DEEPEST = 200;

export function readJson(text: string): JsonReading {
  try {
    return { kind: "value", value: JSON.parse(text) };
  } catch {
    return readSlowly(text);
  }
}

/** Reads what `JSON.parse` refused, to word the refusal. */
function readSlowly(text: string): JsonReading {
  try {
    const cursor: Cursor = { text, at: 0, depth: 0 };
    const value = readValue(cursor);
    skipSpace(cursor);
    if (cursor.at < text.length) refuse(cursor, "the document ends here, but more text follows");
    return { kind: "value", value };
  } catch (error) {
    if (error instanceof JsonProblem) return { kind: "problem", why: error.message };
    throw error;
  }
}

type Cursor = { readonly text: string; at: number; depth: number };

/** Leaves the recursion; it never leaves this file. */
class JsonProblem extends Error {}

function refuse(cursor: Cursor, why: string, at = cursor.at): never {
  const { line, column } = positionAt({ path: "", text: cursor.text }, at);
  throw new JsonProblem(`line ${line}, column ${column}: ${why}`);
}

const expected = (cursor: Cursor, what: string): never => refuse(cursor, `expected ${what}, found ${next(cursor)}`);

function next({ text, at }: Cursor): string {
  if (at >= text.length) return "the end of the file";
  return JSON.stringify(/^[\w.+-]{1,20}|^[^]/u.exec(text.slice(at, at + 24))![0]);
}

function skipSpace(cursor: Cursor): void {
  while (" \t\n\r".includes(cursor.text[cursor.at] ?? "x")) cursor.at += 1;
}

function readValue(cursor: Cursor): unknown {
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  if (first === "[")
    return nested(
      cursor,
      "list",
      "]",
      () => readValue(cursor),
      (items) => items,
    );
  if (first === "{")
    return nested(
      cursor,
      "object",
      "}",
      () => readEntry(cursor),
      (items) => Object.fromEntries(items),
    );
  if (first === '"') return readString(cursor);
  return readWord(cursor);
}

/** Items between brackets, separated by commas. */
function nested<Item, Result>(
  cursor: Cursor,
  what: string,
  close: string,
  item: () => Item,
  finish: (items: Item[]) => Result,
): Result {
  const start = cursor.at;
  if (cursor.depth === DEEPEST) refuse(cursor, `more than ${DEEPEST} levels of nesting`);
  cursor.at += 1;
  cursor.depth += 1;
  const items: Item[] = [];
  for (skipSpace(cursor); cursor.text[cursor.at] !== close; skipSpace(cursor)) {
    if (items.length > 0) readComma(cursor, what, close, start);
    items.push(item());
  }
  cursor.at += 1;
  cursor.depth -= 1;
  return finish(items);
}

function readComma(cursor: Cursor, what: string, close: string, start: number): void {
  if (cursor.at >= cursor.text.length) {
    const { line, column } = positionAt({ path: "", text: cursor.text }, start);
    refuse(cursor, `the file ends inside the ${what} that begins at line ${line}, column ${column}`);
  }
  if (cursor.text[cursor.at] !== ",") expected(cursor, `"," or "${close}"`);
  cursor.at += 1;
  skipSpace(cursor);
  if (cursor.text[cursor.at] === close) refuse(cursor, `a comma before "${close}"`);
}

function readEntry(cursor: Cursor): readonly [string, unknown] {
  if (cursor.text[cursor.at] !== '"') expected(cursor, "a key in quotes");
  const key = readString(cursor);
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== ":") expected(cursor, `":" after the key ${JSON.stringify(key)}`);
  cursor.at += 1;
  return [key, readValue(cursor)];
}

function readString(cursor: Cursor): string {
  const literal = /"(?:[^"\\]|\\[^])*"/uy;
  literal.lastIndex = cursor.at;
  const found = literal.exec(cursor.text)?.[0];
  if (found === undefined) return refuse(cursor, "a string that is not closed");
  try {
    const value = JSON.parse(found) as string;
    cursor.at += found.length;
    return value;
  } catch {
    return refuse(cursor, "a string with a line end or an unknown escape in it");
  }
}

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

function readWord(cursor: Cursor): unknown {
  const word = /[\w.+-]*/y;
  word.lastIndex = cursor.at;
  const text = word.exec(cursor.text)![0];
  const isNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text);
  if (!isNumber && !WORDS.has(text)) {
    if (cursor.at >= cursor.text.length) refuse(cursor, "the file ends where a value should be");
    expected(cursor, "a value");
  }
  cursor.at += text.length;
  return isNumber ? Number(text) : WORDS.get(text);
}
