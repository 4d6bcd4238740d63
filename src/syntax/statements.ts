// Where statements begin in a row of tokens, without parsing: the recovery cuts there, and the bracket check needs it.

import type { IToken, TokenType } from "chevrotain";
import { isKeyword, tokens as t } from "../../grammar/tokens.ts";
import { startsLine } from "./lex.ts";

const statementWords = new Set<TokenType>([
  t.Sample,
  t.Observe,
  t.Let,
  t.Report,
  t.Param,
  t.Factor,
  t.Plate,
  t.Scan,
  t.Return,
  t.Default,
  t.Block,
]);
const itemWords = new Set<TokenType>([t.Data, t.Model, t.Guide, t.Predict, t.Net, t.Fun, t.Import]);

/** After these an expression must follow. */
const wantsValue = new Set<TokenType>([
  t.LParen,
  t.LSquare,
  t.Comma,
  t.Colon,
  t.Equal,
  t.Tilde,
  t.DotDot,
  t.Plus,
  t.Minus,
  t.Star,
  t.Slash,
  t.Percent,
  t.Caret,
  t.Bang,
  t.AndAnd,
  t.OrOr,
  t.EqualEqual,
  t.NotEqual,
  t.Less,
  t.LessEqual,
  t.Greater,
  t.GreaterEqual,
  t.If,
  t.Then,
  t.Else,
]);
/** These follow a name, never a keyword that begins a statement. */
const followsName = new Set<TokenType>([
  t.Comma,
  t.Colon,
  t.Equal,
  t.Tilde,
  t.DotDot,
  t.Dot,
  t.RParen,
  t.RSquare,
  t.Plus,
  t.Star,
  t.Slash,
  t.Percent,
  t.Caret,
  t.AndAnd,
  t.OrOr,
  t.EqualEqual,
  t.NotEqual,
  t.Less,
  t.LessEqual,
  t.Greater,
  t.GreaterEqual,
  t.From,
]);
const maybeFollowsName = new Set<TokenType>([t.LParen, t.LSquare, t.RBrace]);
/** After these an index is named. */
const beforeBinder = new Set<TokenType>([t.Plate, t.Scan, t.Comma, t.LSquare]);
const endsValue = new Set<TokenType>([
  t.Name,
  t.Int,
  t.Real,
  t.String,
  t.True,
  t.False,
  t.RParen,
  t.RSquare,
  t.RBrace,
  t.Semicolon,
  t.Missing,
  t.Broken,
]);

export const isWord = (token: IToken | undefined): boolean => token !== undefined && isKeyword(token.image);

/** Does a reserved word at `i` stand where its writer meant a name (`let data = 3`)? */
export function usedAsName(tokens: readonly IToken[], i: number): boolean {
  const next = tokens[i + 1]?.tokenType;
  if (!isWord(tokens[i]) || next === undefined) return false;
  const previous = tokens[i - 1]?.tokenType ?? t.Semicolon;
  if (next === t.In) return beforeBinder.has(previous);
  return followsName.has(next) || (maybeFollowsName.has(next) && wantsValue.has(previous));
}

export const isItemWord = (token: IToken): boolean => itemWords.has(token.tokenType);

/** A keyword of the outermost level; the `data` block of a `predict` belongs to that block. */
export const beginsItem = (tokens: readonly IToken[], i: number): boolean =>
  isItemWord(tokens[i]!) && !usedAsName(tokens, i) && tokens[i - 2]?.tokenType !== t.Predict;

/** A statement keyword, `@`, or an `if` that cannot be an expression. */
export function isStatementWord(tokens: readonly IToken[], i: number): boolean {
  const type = tokens[i]!.tokenType;
  if (type === t.If) return i === 0 || [t.LBrace, ...endsValue].includes(tokens[i - 1]!.tokenType);
  return type === t.At || statementWords.has(type);
}

/** Such a word where it does not look like a name. */
export const beginsStatement = (tokens: readonly IToken[], i: number): boolean =>
  isStatementWord(tokens, i) && !usedAsName(tokens, i);

/** A line that was meant as a statement: `x ~ …`, `x[i] = …`, `x <- …`, or two names in a row (`sampel x`). */
export function looksLikeStatement(text: string, tokens: readonly IToken[], i: number): boolean {
  if (tokens[i]!.tokenType !== t.Name || !startsLine(text, tokens[i]!.startOffset)) return false;
  const next = tokens[i + 1]?.tokenType === t.LSquare ? closerOf(tokens, i + 1) + 1 : i + 1;
  const type = tokens[next]?.tokenType;
  return (
    type === t.Tilde ||
    type === t.Equal ||
    type === t.Name ||
    (type === t.Less && tokens[next + 1]?.tokenType === t.Minus)
  );
}

const goesOn = (type: TokenType): boolean => wantsValue.has(type) || type === t.LBrace || type === t.In;

/** `name:` or `dim` at the begin of a line where no list goes on: an item of a `data` block. */
export function looksLikeDeclaration(text: string, tokens: readonly IToken[], i: number): boolean {
  const declares = tokens[i]!.tokenType === t.Name && tokens[i + 1]?.tokenType === t.Colon;
  return (
    (declares || (tokens[i]!.tokenType === t.Dim && !usedAsName(tokens, i))) &&
    startsLine(text, tokens[i]!.startOffset) &&
    !goesOn(tokens[i - 1]?.tokenType ?? t.Comma)
  );
}

/** `{` of a record, `{ name: …` or where a value must stand, as opposed to that of a block. */
export function opensRecord(tokens: readonly IToken[], i: number): boolean {
  const [previous, next, second] = [i - 1, i + 1, i + 2].map((at) => tokens[at]?.tokenType);
  if (tokens[i]!.tokenType !== t.LBrace || previous === undefined || previous === t.Data) return false;
  const value = wantsValue.has(previous) && ![t.If, t.Then, t.Else].includes(previous);
  return value || (next === t.Name && second === t.Colon);
}

const opens = new Set<TokenType>([t.LParen, t.LSquare, t.LBrace]);
const closes = new Set<TokenType>([t.RParen, t.RSquare, t.RBrace]);
export const isOpener = (token: IToken): boolean => opens.has(token.tokenType);
export const isCloser = (token: IToken): boolean => closes.has(token.tokenType);

/** The closer that belongs to the opener at `i`; brackets must be balanced. */
export function closerOf(tokens: readonly IToken[], i: number): number {
  return skip(tokens, i, 1);
}

/** The opener that belongs to the closer at `i`. */
export function openerOf(tokens: readonly IToken[], i: number): number {
  return skip(tokens, i, -1);
}

function skip(tokens: readonly IToken[], from: number, step: 1 | -1): number {
  let depth = 0;
  for (let i = from; i >= 0 && i < tokens.length; i += step) {
    if (isOpener(tokens[i]!)) depth += step;
    if (isCloser(tokens[i]!)) depth -= step;
    if (depth === 0) return i;
  }
  return step > 0 ? tokens.length - 1 : 0;
}
