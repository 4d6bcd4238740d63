// Tokens → tokens whose brackets match, with a diagnostic for each bracket that did not. A statement keyword inside
// ( or [ shows where one was left open; for { the indentation of the closing brace does.

import type { IToken, TokenType } from "chevrotain";
import { tokens as t } from "../../grammar/tokens.ts";
import { diagnose, type Diagnostic } from "../base/diagnostic.ts";
import type { Source } from "../base/span.ts";
import { tokenSpan } from "./cst-expr.ts";
import { endOf, madeToken, startsLine } from "./lex.ts";
import { beginsItem, beginsStatement, isCloser, isOpener, looksLikeDeclaration, opensRecord } from "./statements.ts";

export type Balanced = { readonly tokens: readonly IToken[]; readonly report: readonly Diagnostic[] };

type Open = { readonly token: IToken; readonly record: boolean };
type Scan = {
  readonly source: Source;
  readonly input: readonly IToken[];
  readonly output: IToken[];
  readonly report: Diagnostic[];
  readonly stack: Open[];
  /** The first `{` whose `}` stands further left than the line that opened it. */
  stolen: { readonly open: IToken; readonly close: IToken } | null;
};

const closerType = new Map<TokenType, TokenType>([
  [t.LParen, t.RParen],
  [t.LSquare, t.RSquare],
  [t.LBrace, t.RBrace],
]);
const MAX_REPAIRS = 8;

/** Inserts and removes closing brackets until every bracket matches. */
export function balance(source: Source, tokens: readonly IToken[]): Balanced {
  let input = tokens;
  const repairs: Diagnostic[] = [];
  for (;;) {
    const scan = scanBrackets(source, input);
    const missing = scan.stack.length;
    if (missing === 0 || scan.stolen === null || repairs.length === MAX_REPAIRS) {
      closeAll(scan);
      return { tokens: scan.output, report: [...repairs, ...scan.report] };
    }
    const { open, close } = scan.stolen;
    repairs.push(unclosed(source, open, close));
    const at = input.indexOf(close);
    input = [...input.slice(0, at), closing(open, input[at - 1]!), ...input.slice(at)];
  }
}

function scanBrackets(source: Source, input: readonly IToken[]): Scan {
  const scan: Scan = { source, input, output: [], report: [], stack: [], stolen: null };
  input.forEach((token, i) => {
    if (isOpener(token)) scan.stack.push({ token, record: opensRecord(input, i) });
    else if (isCloser(token)) return close(scan, token);
    else closeBefore(scan, token, i);
    scan.output.push(token);
  });
  return scan;
}

/** A closing bracket: closes what it matches, and what was left open inside that. */
function close(scan: Scan, token: IToken): void {
  const top = scan.stack.at(-1);
  const matches = (open: Open): boolean => closerType.get(open.token.tokenType) === token.tokenType;
  const depth = scan.stack.findLastIndex(matches);
  const crossesBlock = scan.stack.slice(depth + 1).some((open) => open.token.tokenType === t.LBrace && !open.record);
  if (top !== undefined && depth >= 0 && !crossesBlock) {
    while (!matches(scan.stack.at(-1)!)) closeTop(scan, token);
    const open = scan.stack.pop()!.token;
    scan.stolen ??= closesFurtherLeft(scan.source, open, token) ? { open, close: token } : null;
    scan.output.push(token);
  } else if (top === undefined || top.token.tokenType === t.LBrace) {
    const hint = `nothing is open here that \`${token.image}\` could close`;
    scan.report.push(
      diagnose("PPL101", tokenSpan(scan.source, token), { expected: null, found: `\`${token.image}\`` }, { hint }),
    );
  } else {
    const expected = `\`${closerType.get(top.token.tokenType)!.PATTERN as string}\``;
    scan.report.push(
      diagnose(
        "PPL101",
        tokenSpan(scan.source, token),
        { expected, found: `\`${token.image}\`` },
        { labels: [{ span: tokenSpan(scan.source, top.token), text: "opened here" }] },
      ),
    );
    scan.stack.pop();
    scan.output.push(closing(top.token, token));
  }
}

/** A keyword that cannot stand inside an open bracket closes it. */
function closeBefore(scan: Scan, token: IToken, i: number): void {
  const item = beginsItem(scan.input, i);
  const statement = beginsStatement(scan.input, i) && token.tokenType !== t.At && token.tokenType !== t.If;
  if (!item && !statement && !looksLikeDeclaration(scan.source.text, scan.input, i)) return;
  while (scan.stack.length > 0) {
    const top = scan.stack.at(-1)!;
    const block = top.token.tokenType === t.LBrace && !top.record;
    if (block && !(item && startsFurtherLeft(scan.source, token, top.token))) return;
    closeTop(scan, token);
  }
}

function closeTop(scan: Scan, before: IToken): void {
  const { token } = scan.stack.pop()!;
  scan.report.push(unclosed(scan.source, token, before));
  scan.output.push(closing(token, scan.output.at(-1)!));
}

/** At the end of the file the innermost open bracket is reported, the others for the same reason are not. */
function closeAll(scan: Scan): void {
  const innermost = scan.stack.at(-1);
  if (innermost) scan.report.push(unclosed(scan.source, innermost.token, null));
  while (scan.stack.length > 0) scan.output.push(closing(scan.stack.pop()!.token, scan.output.at(-1)!));
}

function closing(open: IToken, previous: IToken): IToken {
  const at = endOf(previous);
  return madeToken(closerType.get(open.tokenType)!, at, at);
}

function unclosed(source: Source, open: IToken, before: IToken | null): Diagnostic {
  const text = `\`${closerType.get(open.tokenType)!.PATTERN as string}\` expected before this`;
  const labels = before === null ? [] : [{ span: tokenSpan(source, before), text }];
  return diagnose("PPL102", tokenSpan(source, open), { opened: `\`${open.image}\`` }, { labels });
}

// ----------------------------------------------------------------------------------------------- indentation

/** White space before the first word of the line of `token`. */
function indentation(source: Source, token: IToken): number {
  const start = source.text.lastIndexOf("\n", token.startOffset - 1) + 1;
  return /^[ \t]*/.exec(source.text.slice(start))![0].length;
}

const startsFurtherLeft = (source: Source, token: IToken, open: IToken): boolean =>
  startsLine(source.text, token.startOffset) && indentation(source, token) <= indentation(source, open);

const closesFurtherLeft = (source: Source, open: IToken, close: IToken): boolean =>
  open.tokenType === t.LBrace &&
  startsLine(source.text, close.startOffset) &&
  indentation(source, close) < indentation(source, open);
