// Text → tokens and comments. Broken words become diagnostics here and are replaced by something the parser accepts,
// so that one bad character costs one message.

import { createTokenInstance, type IToken, type TokenType } from "chevrotain";
import { pplLexer, tokens as t } from "../../grammar/tokens.ts";
import { diagnose, type Report } from "../base/diagnostic.ts";
import type { Source, Span } from "../base/span.ts";
import type { Comment } from "./ast.ts";
import { tokenSpan } from "./cst-expr.ts";

export type Lexed = {
  readonly tokens: readonly IToken[];
  readonly comments: readonly Comment[];
  readonly report: Report;
};

export function lex(source: Source): Lexed {
  const result = pplLexer().tokenize(source.text);
  const found = result.groups.comments ?? [];
  const report: Report = [];
  const tokens = dropAfterHash(source, result.tokens).flatMap((token) => mend(source, token, report));
  for (const comment of found.filter((one) => one.tokenType === t.OpenComment))
    report.push(openComment(source, comment));
  return { tokens, comments: found.map((one) => toComment(source, one)), report };
}

/** A token that stands for the text from `start` to `end`, made by the recovery. */
export const madeToken = (type: TokenType, start: number, end: number, image = ""): IToken =>
  createTokenInstance(type, image, start, end - 1, NaN, NaN, NaN, NaN);

export const endOf = (token: IToken): number => token.startOffset + token.image.length;

/** Does nothing but white space stand before `offset` on its line? */
export function startsLine(text: string, offset: number): boolean {
  return text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset).trim() === "";
}

function toComment(source: Source, token: IToken): Comment {
  return {
    text: token.image.trimEnd(),
    span: tokenSpan(source, token),
    ownLine: startsLine(source.text, token.startOffset),
  };
}

/** `# …` is a comment elsewhere: what follows the first `#` of a line would only give further errors. */
function dropAfterHash(source: Source, tokens: readonly IToken[]): readonly IToken[] {
  let skipTo = -1;
  return tokens.filter((token) => {
    if (token.startOffset < skipTo) return false;
    if (token.tokenType === t.Unknown && token.image === "#") {
      const lineEnd = source.text.indexOf("\n", token.startOffset);
      skipTo = lineEnd < 0 ? source.text.length : lineEnd;
    }
    return true;
  });
}

function mend(source: Source, token: IToken, report: Report): readonly IToken[] {
  const span = tokenSpan(source, token);
  switch (token.tokenType) {
    case t.Unknown:
      if (!repeats(source, token, report)) report.push(unknownCharacter(span, token.image));
      return [];
    case t.BadNumber:
      report.push(badNumber(span, token.image));
      return [madeToken(t.Missing, token.startOffset, endOf(token), token.image)];
    case t.OpenString:
      report.push(
        diagnose(
          "PPL102",
          span,
          { opened: "this string" },
          { hint: 'close it with `"` on the same line; a line break inside is written \\n' },
        ),
      );
      return [madeToken(t.String, token.startOffset, endOf(token), token.image)];
    case t.String:
      report.push(...badEscapes(source, token));
      return [withEnd(token)];
    case t.Int:
    case t.Real:
      report.push(...outOfRange(span, token));
      return [withEnd(token)];
    default:
      return [withEnd(token)];
  }
}

/** Offset-only tokens have no end, which the parser needs for the extent of its nodes. */
const withEnd = (token: IToken): IToken => ({ ...token, endOffset: endOf(token) - 1 });

// ----------------------------------------------------------------------------------------------- words

/** Unknown characters in a row, and the same one again in a line (the second quote of 'text'), are reported once. */
function repeats(source: Source, token: IToken, report: Report): boolean {
  const last = report.at(-1);
  if (last?.at.kind !== "source" || last.code !== "PPL101") return false;
  const { start, end } = last.at.span;
  const between = source.text.slice(end, token.startOffset);
  return (
    /^[^\s\w"()[\]{},;:]*$/.test(between) || (source.text.slice(start, end) === token.image && !between.includes("\n"))
  );
}

const characterHints: Record<string, string> = {
  "#": "a comment begins with //",
  "'": "strings stand in double quotes; a transposed matrix is transpose(A)",
  "&": "logical and is written &&",
  "|": "logical or is written ||; arguments are separated by commas",
  "≤": "write <=",
  "≥": "write >=",
  "≠": "write !=",
  "−": "write -",
  "×": "write *",
  "·": "write *",
  "∼": "write ~",
  "“": 'write "',
  "”": 'write "',
};

function unknownCharacter(span: Span, character: string): Report[number] {
  const visible = /[\p{L}\p{N}\p{P}\p{S}]/u.test(character);
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  const hint =
    characterHints[character] ??
    (/\p{L}/u.test(character) ? "names are made of the letters A-Z and a-z, digits and _" : undefined);
  return diagnose(
    "PPL101",
    span,
    { expected: null, found: `character ${visible ? `\`${character}\`` : `U+${code}`}` },
    { hint },
  );
}

function openComment(source: Source, token: IToken): Report[number] {
  const span = { source, start: token.startOffset, end: token.startOffset + 2 };
  return diagnose("PPL102", span, { opened: "this comment" }, { hint: "close it with */" });
}

function badEscapes(source: Source, token: IToken): Report {
  const escapes = [...token.image.matchAll(/\\(?:u[0-9a-fA-F]{4}|(["\\/bfnrt])|.)/g)];
  return escapes
    .filter((match) => match[0].length === 2 && match[1] === undefined)
    .map((match) => {
      const start = token.startOffset + match.index;
      return diagnose(
        "PPL101",
        { source, start, end: start + 2 },
        { expected: null, found: `escape \`${match[0]}\` in a string` },
        { hint: 'the escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits' },
      );
    });
}

function badNumber(span: Span, text: string): Report[number] {
  return diagnose("PPL103", span, { text, why: "is not a number" }, { hint: numberHint(text) });
}

function numberHint(text: string): string {
  if (/^\d+\.$/.test(text)) return `a point needs a digit on both sides: write ${text}0`;
  if (/^\.\d+$/.test(text)) return `a point needs a digit on both sides: write 0${text}`;
  if (/^\d+\.[eE]/.test(text)) return `a point needs a digit on both sides: write ${text.replace(".", ".0")}`;
  if (/[eE][+-]?$/.test(text)) return `an exponent needs digits, as in ${text.replace(/[eE][+-]?$/, "e-6")}`;
  if (/^0[xXbBoO]/.test(text)) return "numbers are decimal";
  if (/^\d[\d_]*$/.test(text)) return `digits are not grouped: write ${text.replaceAll("_", "")}`;
  const product = /^(\d+(?:\.\d+)?)([A-Za-z_]\w*)$/.exec(text);
  if (product) return `a product is written ${product[1]} * ${product[2]}; a name cannot begin with a digit`;
  return "numbers are written 3, 0.5 or 1e-6";
}

function outOfRange(span: Span, token: IToken): Report {
  const value = Number(token.image);
  if (!Number.isFinite(value)) {
    return [
      diagnose(
        "PPL103",
        span,
        { text: token.image, why: "is too large for a number" },
        { hint: "infinity is written inf" },
      ),
    ];
  }
  if (token.tokenType === t.Real || Number.isSafeInteger(value)) return [];
  const hint = `write it as a real, ${value.toExponential()}`;
  return [diagnose("PPL103", span, { text: token.image, why: "is too large for an int" }, { hint })];
}
