// Balanced tokens → a complete concrete tree and the failures met on the way. The parser itself stops at its first
// error; then the statement (or the value) that failed is cut out of the tokens, a `Broken` or `Missing` token is put
// in its place, and the file is parsed again. So no error hides the next, and no tree has holes.

import {
  NoViableAltException,
  MismatchedTokenException,
  type IRecognitionException,
  type IToken,
  type TokenType,
} from "chevrotain";
import type { FileCstNode } from "../../grammar/cst.d.ts";
import { pplParser } from "../../grammar/parser.ts";
import { tokens as t, type TokenName } from "../../grammar/tokens.ts";
import { endOf, madeToken, startsLine } from "./lex.ts";
import {
  beginsItem,
  beginsStatement,
  closerOf,
  isCloser,
  isItemWord,
  isOpener,
  isStatementWord,
  looksLikeStatement,
  openerOf,
  opensRecord,
} from "./statements.ts";

/** What could not be read: a statement, a thing where a statement should begin, and so on outwards. */
export type FailureKind = "statement" | "inBody" | "dataItem" | "inData" | "item" | "inFile";

export type Failure = {
  readonly kind: FailureKind;
  /** The grammar rule that failed, and the token type it wanted where it wanted just one. */
  readonly rule: string;
  readonly wanted: TokenType | null;
  readonly tokens: readonly IToken[];
  /** Indices into `tokens`: what was found (the length at the end of the file), and where the failed part begins. */
  readonly found: number;
  readonly start: number;
  /** Where reading goes on. */
  readonly end: number;
};

/** After so many failures the rest of the file says nothing new. */
export const MAX_FAILURES = 20;

export function readTree(text: string, tokens: readonly IToken[]): { tree: FileCstNode; failures: readonly Failure[] } {
  const failures: Failure[] = [];
  let input = tokens;
  for (;;) {
    const { tree, error } = parseTokens(input);
    if (error === undefined) return { tree, failures };
    if (failures.length === MAX_FAILURES) return { tree: parseTokens([]).tree, failures };
    const failure = locate(text, input, error);
    failures.push(failure);
    input = cut(failure);
  }
}

function parseTokens(tokens: readonly IToken[]): { tree: FileCstNode; error: IRecognitionException | undefined } {
  const parser = pplParser();
  parser.input = [...tokens];
  const tree = parser.file() as FileCstNode;
  return { tree, error: parser.errors[0] };
}

// ----------------------------------------------------------------------------------------------- where it failed

/** The rules around which recovery turns, with what a failure directly inside them is. */
const anchors: Record<string, FailureKind> = {
  file: "inFile",
  item: "item",
  body: "inBody",
  predictBlock: "inBody",
  statement: "statement",
  dataBlock: "inData",
  dataItem: "dataItem",
};

function locate(text: string, tokens: readonly IToken[], error: IRecognitionException): Failure {
  const rules = error.context.ruleStack;
  const rule = rules.at(-1) ?? "file";
  const wanted = error instanceof MismatchedTokenException ? t[error.message as TokenName] : null;
  const found = foundIndex(tokens, error, rule);
  const around = wanted === t.LBrace ? rules.slice(0, -1) : rules; // a block did not begin: its header failed
  const kind = anchors[around.findLast((name) => name in anchors) ?? "file"]!;
  if (kind === "dataItem" && rule === "typedName" && wanted === t.Colon && !insideType(tokens, found)) {
    return part(text, {
      kind: "inData",
      rule: "dataBlock",
      wanted: t.RBrace,
      tokens,
      found: found - 1,
      start: found - 1,
    });
  }
  return part(text, { kind, rule, wanted, tokens, found, start: startOf(tokens, kind, found) });
}

const part = (text: string, failure: Omit<Failure, "end">): Failure => ({
  ...failure,
  end: endOfPart(text, failure.tokens, failure.kind, failure.start, failure.found),
});

/** A field of a record type, as opposed to a word that begins no declaration (`int<lower=0> N`). */
function insideType(tokens: readonly IToken[], found: number): boolean {
  const around = tokens.slice(0, found).findLastIndex((token) => token.tokenType === t.LBrace);
  return around > 0 && tokens[around - 1]!.tokenType === t.Colon;
}

function foundIndex(tokens: readonly IToken[], error: IRecognitionException, rule: string): number {
  const index = tokens.indexOf(error.token);
  if (index < 0) return tokens.length;
  // `[` NAME is decided by the token after the name, so that one is at fault
  const second = rule === "array" && error instanceof NoViableAltException && error.token.tokenType === t.Name;
  return second ? index + 1 : index;
}

/** The first token of the construct that failed. */
function startOf(tokens: readonly IToken[], kind: FailureKind, found: number): number {
  // a reserved word that is meant as a name is what was found, so every one before it is a keyword
  if (kind === "statement") return lookBack(tokens, found, (i) => isStatementWord(tokens, i) || brokenAt(tokens, i));
  if (kind === "item") return lookBack(tokens, found, (i) => beginsItem(tokens, i));
  if (kind === "dataItem") return lookBack(tokens, found, (i) => beginsDataItem(tokens, i));
  return found;
}

const brokenAt = (tokens: readonly IToken[], i: number): boolean => tokens[i]!.tokenType === t.Broken;

/** The nearest earlier token of the same block that passes `begins`, brackets skipped whole; else the block's first. */
export function lookBack(tokens: readonly IToken[], from: number, begins: (i: number) => boolean): number {
  let i = from - 1;
  while (i > 0 && !begins(i)) {
    if (beginsBlock(tokens, i)) return i + 1;
    i = (isCloser(tokens[i]!) ? openerOf(tokens, i) : i) - 1;
  }
  return Math.max(i, 0);
}

function beginsDataItem(tokens: readonly IToken[], i: number): boolean {
  const type = tokens[i]!.tokenType;
  return (
    type === t.Dim || type === t.Base || type === t.Broken || (type === t.Name && tokens[i + 1]?.tokenType === t.Colon)
  );
}

// ----------------------------------------------------------------------------------------------- cutting

/** The tokens with the failed part replaced; each cut removes a real token or fills a hole, so the loop ends. */
function cut({ tokens, start, end, kind, found }: Failure): readonly IToken[] {
  const value = kind === "statement" ? valueStart(tokens, start, found, end) : null;
  return value === null ? replace(tokens, start, end, t.Broken) : replace(tokens, value, end, t.Missing);
}

function replace(tokens: readonly IToken[], start: number, end: number, type: TokenType): readonly IToken[] {
  const from = tokens[start]?.startOffset ?? 0;
  const gap = start > 0 ? endOf(tokens[start - 1]!) : 0;
  const made = end > start ? madeToken(type, from, endOf(tokens[end - 1]!)) : madeToken(type, gap, gap);
  return [...tokens.slice(0, start), made, ...tokens.slice(end)];
}

/** The first token outside brackets, after what was found, at which reading can go on. */
function endOfPart(text: string, tokens: readonly IToken[], kind: FailureKind, start: number, found: number): number {
  const misplaced = kind === "inBody" && start < tokens.length && isItemWord(tokens[start]!);
  const hasBlock = kind === "inBody" || (kind === "statement" && headers.includes(tokens[start]!.tokenType));
  const stop = (i: number): boolean =>
    misplaced ? afterItem(tokens, i) : stops(text, tokens, kind, i) || (hasBlock && beginsBlock(tokens, i));
  let i = start;
  while (i < tokens.length && !(i > start && i >= found && stop(i))) {
    i = (isOpener(tokens[i]!) ? closerOf(tokens, i) : i) + 1;
  }
  return Math.min(i, tokens.length);
}

/** Does a `data` block, `fun` and so on that stands in a body end before token `i`? */
const afterItem = (tokens: readonly IToken[], i: number): boolean =>
  tokens[i]!.tokenType === t.RBrace || tokens[i - 1]!.tokenType === t.RBrace || beginsStatement(tokens, i);

/** Does the part that failed end before token `i`? */
function stops(text: string, tokens: readonly IToken[], kind: FailureKind, i: number): boolean {
  const type = tokens[i]!.tokenType;
  if (kind === "item" || kind === "inFile") return beginsItem(tokens, i);
  if (type === t.RBrace || type === t.Semicolon) return true;
  if (kind === "dataItem" || kind === "inData") return beginsDataItem(tokens, i);
  const firstInLine = startsLine(text, tokens[i]!.startOffset) && isStatementWord(tokens, i);
  return firstInLine || beginsStatement(tokens, i) || looksLikeStatement(text, tokens, i);
}

/** Statements with a block, which is still read when the words before it are not. */
const headers: readonly TokenType[] = [t.Plate, t.Scan, t.If];
const beginsBlock = (tokens: readonly IToken[], i: number): boolean =>
  tokens[i]!.tokenType === t.LBrace && !opensRecord(tokens, i);

const valueMarks = new Map<TokenType, readonly TokenType[]>([
  [t.Sample, [t.Tilde]],
  [t.Observe, [t.Tilde]],
  [t.Let, [t.Equal]],
  [t.Report, [t.Equal]],
  [t.Param, [t.Equal]],
  [t.Factor, [t.Factor]],
  [t.Return, [t.Return]],
  [t.If, [t.If]],
]);

/** Where the value of the statement begins if the failure lies in it, so that the rest of the statement is kept. */
function valueStart(tokens: readonly IToken[], start: number, found: number, end: number): number | null {
  const marks = valueMarks.get(tokens[start]!.tokenType);
  if (marks === undefined || tokens.slice(start, end).some((token) => token.tokenType === t.Missing)) return null;
  const mark = lastMark(tokens, start, found, marks);
  if (mark === null) return null;
  const condition = marks[0] === t.If;
  return condition && tokens[end]?.tokenType !== t.LBrace ? null : mark + 1;
}

/** The last mark outside brackets between `start` and `found`; for a definition the first. */
function lastMark(tokens: readonly IToken[], start: number, found: number, marks: readonly TokenType[]): number | null {
  let result: number | null = null;
  for (let i = start; i < found; i = isOpener(tokens[i]!) ? closerOf(tokens, i) + 1 : i + 1) {
    if (!marks.includes(tokens[i]!.tokenType)) continue;
    result = i;
    if (marks[0] !== t.If) break;
  }
  return result;
}
