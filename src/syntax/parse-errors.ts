// A failure of the parser → a diagnostic in our own words: the few likely continuations, what was found, what to do.

import type { IToken } from "chevrotain";
import { labelOf, tokens as t } from "../../grammar/tokens.ts";
import { diagnose, type Diagnostic } from "../base/diagnostic.ts";
import type { Source, Span } from "../base/span.ts";
import { tokenSpan } from "./cst-expr.ts";
import { hintFor } from "./habits.ts";
import { endOf, startsLine } from "./lex.ts";
import type { Failure } from "./recover.ts";
import { usedAsName } from "./statements.ts";

/** The diagnostic of one failure. */
export function explain(source: Source, failure: Failure): Diagnostic {
  const token = failure.tokens[failure.found];
  const span = placeOf(source, failure);
  if (token && wantsName(failure) && usedAsName(failure.tokens, failure.found)) return reservedWord(span, token, failure);
  const { expected, hint } = hintFor(source, failure) ?? {};
  const found = token === undefined ? "the end of the file" : describeToken(token);
  return diagnose("PPL101", span, { expected: expected === undefined ? expectation(source, failure) : expected, found }, { hint });
}

/** The found token; at the end of the file (where the parser has no offset) the end of the last token. */
function placeOf(source: Source, { tokens, found }: Failure): Span {
  const token = tokens[found];
  if (token && token.startOffset < token.startOffset + token.image.length) return tokenSpan(source, token);
  const last = tokens[found - 1];
  const end = last ? endOf(last) : 0;
  return { source, start: end, end };
}

const describeToken = (token: IToken): string => `\`${token.image === "" ? String(token.tokenType.PATTERN) : token.image}\``;

function reservedWord(span: Span, { image: word }: IToken, { kind }: Failure): Diagnostic {
  const inData = kind === "inData" || kind === "dataItem";
  const hint = inData ? `name it ${word}_ and read its key: ${word}_: … from "${word}"` : `choose another name, such as ${word}_`;
  return diagnose("PPL105", span, { word }, { hint });
}

/** Could a name have stood where the failure is? */
function wantsName({ rule, wanted, tokens, found }: Failure): boolean {
  if (wanted === t.Name || rule === "dataBlock") return true;
  if (rule === "args" || rule === "parameters") return tokens[found - 1]?.tokenType === t.LParen;
  return wanted === null && nameRules.has(rule);
}

const nameRules = new Set(["expr", "unary", "primary", "size", "type", "array", "sub", "subs", "dimItem", "plateStatement"]);

// ----------------------------------------------------------------------------------------------- what was expected

/** By rule: the wanted token's name → words; `else` for the other ways in which the rule can fail. */
const expectations: Record<string, Record<string, string>> = {
  file: { else: "`data`, `model`, `guide`, `predict`, `fun`, `net` or `import`" },
  importItem: { String: "the path of a library as a string" },
  fun: { Name: "the name of the function", Arrow: "`->` and the type of the result", else: "`=` or `{`" },
  net: { Name: "the name of the net", Arrow: "`->` and the type of the result" },
  parameters: { RParen: "`,` or `)`" },
  typedName: { Colon: "`:` and a type" },
  body: { LBrace: "`{`", RBrace: "a statement or `}`" },
  predictBlock: { RBrace: "a statement or `}`" },
  dataBlock: { RBrace: "`dim`, a declaration `name: type` or `}`" },
  baseItem: { Int: "0 or 1" },
  dimItem: { else: "the name of a dim" },
  dim: { Name: "the name of a dim", String: "a key of the data as a string" },
  keys: { RSquare: "`,` or `]`", else: "a key of the data as a string" },
  type: { else: "a type" },
  arrayType: { RSquare: "`,` or `]`", else: "a dim or a whole number" },
  recordType: { RBrace: "`,` or `}`", else: "a field `name: type`" },
  size: { else: "a dim or a whole number" },
  bound: { LSquare: "`[lower, upper]`", Comma: "`,` and the upper bound", RSquare: "`]`" },
  statement: { else: "a statement" },
  attribute: { Name: "the name of an attribute" },
  paramStatement: { Equal: "`=` and a start value" },
  plateStatement: { LBrace: "`,` or `{`", else: "an index, as in `plate i in N`" },
  scanStatement: { LBrace: "`carry` or `{`", else: "the name of a carried value" },
  elseClause: { else: "`if` or `{`" },
  blockStatement: { Colon: "`,` or `:` and a guide family" },
  binder: { Name: "the name of an index", In: "`in` and a dim" },
  family: { Name: "a guide family" },
  args: { RParen: "`,` or `)`" },
  subs: { RSquare: "`,` or `]`", else: "a subscript" },
  sub: { else: "a subscript" },
  ifExpr: { Then: "`then`", Else: "`else`" },
  suffix: { Name: "the name of a field", else: "a subscript or the name of a field" },
  array: { RSquare: "`,` or `]`", else: "an expression" },
  comprehension: { Colon: "`:` and an expression" },
  record: { RBrace: "`,` or `}`", else: "a field `name: value`" },
};
const expression = new Set(["expr", "unary", "primary", "arg", "additive", "product", "power", "comparison"]);

function expectation(source: Source, { rule, wanted, kind, tokens, found }: Failure): string {
  if (wanted === t.LBrace && kind !== "item") return expectedBlock(tokens, found);
  if (kind === "inBody" && !startsAfresh(source, tokens, found)) return "an operator or the next statement";
  if (wanted === t.RParen && tokens[found - 1]?.tokenType === t.LParen) return rule === "args" ? "an argument or `)`" : "a parameter or `)`";
  if (rule === "array" && tokens[found - 1]?.tokenType === t.Name) return "`,`, `]` or `in`";
  const words = expectations[rule] ?? {};
  const exact = wanted === null ? words.else : words[wanted.name];
  return exact ?? (wanted === null && expression.has(rule) ? "an expression" : wanted ? labelOf(wanted) : "something else");
}

/** Does the found token stand where a statement would: first in its line or after another's end? */
const startsAfresh = (source: Source, tokens: readonly IToken[], found: number): boolean =>
  [undefined, t.LBrace, t.RBrace, t.Semicolon, t.Broken].includes(tokens[found - 1]?.tokenType)
  || startsLine(source.text, tokens[found]?.startOffset ?? source.text.length);

/** The words before a block differ: a plate may have more binders, an `if` goes on. */
function expectedBlock(tokens: readonly IToken[], found: number): string {
  const keyword = tokens.slice(0, found).findLast((token) => [t.Plate, t.Scan, t.If, t.Else].includes(token.tokenType));
  return keyword?.tokenType === t.Plate ? "`,` or `{`" : "`{`";
}
