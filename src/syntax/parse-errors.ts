// A failure of the parser → a diagnostic in our own words: the few likely continuations, what was found, what to do.

import type { IToken } from "chevrotain";
import { labelOf, tokens as t } from "../../grammar/tokens.ts";
import { diagnose, type Diagnostic } from "../base/diagnostic.ts";
import type { Source, Span } from "../base/span.ts";
import { tokenSpan } from "./cst-expr.ts";
import { confusions } from "./confusions.ts";
import { habits } from "./habits.ts";
import type { Hint } from "./hint.ts";
import { endOf, startsLine } from "./lex.ts";
import { lookBack, type Failure } from "./recover.ts";
import { beginsStatement, usedAsName } from "./statements.ts";

/** The diagnostic of one failure. */
export function explain(source: Source, failure: Failure): Diagnostic {
  const { tokens, found } = failure;
  const token = tokens[found];
  if (token && wantsName(failure) && usedAsName(tokens, found)) return reservedWord(source, token, failure);
  const { expected = expectation(source, failure), hint } = hintFor(source, failure) ?? {};
  const late = token !== undefined && continuesLine(failure) && isOnLaterLine(source, tokens, found);
  const words = token === undefined ? "the end of the file" : `\`${token.image}\`${late ? " on the next line" : ""}`;
  const span = token === undefined || late ? behind(source, tokens[found - 1]) : tokenSpan(source, token);
  return diagnose("PPL101", span, { expected, found: words }, { hint });
}

/** Was something begun that now lacks its end? Then the place is where it breaks off. */
const continuesLine = ({ kind }: Failure): boolean => kind === "statement" || kind === "dataItem" || kind === "item";

function isOnLaterLine(source: Source, tokens: readonly IToken[], found: number): boolean {
  const previous = tokens[found - 1];
  return previous !== undefined && source.text.slice(endOf(previous), tokens[found]!.startOffset).includes("\n");
}

/** The place after a token; of the file's end the parser gives no offset. */
function behind(source: Source, token: IToken | undefined): Span {
  const end = token === undefined ? 0 : endOf(token);
  return { source, start: end, end };
}

function hintFor(source: Source, failure: Failure): Hint | null {
  const { tokens, found, kind } = failure;
  const start = kind === "inBody" ? lookBack(tokens, found, (i) => beginsStatement(tokens, i)) : failure.start;
  const image = (i: number): string => tokens[i]?.image ?? "";
  const [word, next, next2, previous] = [found, found + 1, found + 2, found - 1].map(image) as [
    string,
    string,
    string,
    string,
  ];
  const text = (from: number, to: number): string => textOf(source, tokens, from, to);
  const scene = { ...failure, start, word, next, next2, previous, keyword: image(start), text };
  for (const row of [...habits, ...confusions]) {
    const hint = row(scene);
    if (hint) return hint;
  }
  return null;
}

function textOf(source: Source, tokens: readonly IToken[], from: number, to: number): string {
  const [first, last] = [tokens[from], tokens[to - 1]];
  if (first === undefined || last === undefined || to <= from) return "";
  return source.text.slice(first.startOffset, endOf(last)).replace(/\s+/g, " ");
}

function reservedWord(source: Source, token: IToken, failure: Failure): Diagnostic {
  return diagnose(
    "PPL105",
    tokenSpan(source, token),
    { word: token.image },
    { hint: reservedHint(source, token, failure) },
  );
}

function reservedHint(
  source: Source,
  { image: word, tokenType }: IToken,
  { kind, start, tokens, found }: Failure,
): string {
  const target = textOf(source, tokens, start + 1, found - 1);
  if (tokenType === t.Sample && tokens[start]?.tokenType === t.Let && tokens[found - 1]?.tokenType === t.Equal)
    return `a random value is a statement of its own: sample ${target} ~ …`;
  return kind === "inData" || kind === "dataItem"
    ? `name it ${word}_ and read its key: ${word}_: … from "${word}"`
    : `choose another name, such as ${word}_`;
}

/** Could a name have stood where the failure is? */
function wantsName({ rule, wanted, tokens, found }: Failure): boolean {
  if (wanted === t.Name || rule === "dataBlock") return true;
  if (rule === "args" || rule === "parameters") return tokens[found - 1]?.tokenType === t.LParen;
  return wanted === null && nameRules.has(rule);
}

const nameRules = new Set([
  "expr",
  "unary",
  "primary",
  "size",
  "type",
  "array",
  "sub",
  "subs",
  "dimItem",
  "plateStatement",
]);

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
  if (wanted === t.RParen && tokens[found - 1]?.tokenType === t.LParen)
    return rule === "args" ? "an argument or `)`" : "a parameter or `)`";
  if (rule === "array" && tokens[found - 1]?.tokenType === t.Name) return "`,`, `]` or `in`";
  const words = expectations[rule] ?? {};
  const exact = wanted === null ? words.else : words[wanted.name];
  return (
    exact ?? (wanted === null && expression.has(rule) ? "an expression" : wanted ? labelOf(wanted) : "something else")
  );
}

/** Does the found token stand where a statement would: first in its line or after another's end? */
const startsAfresh = (source: Source, tokens: readonly IToken[], found: number): boolean =>
  [undefined, t.LBrace, t.RBrace, t.Semicolon, t.Broken].includes(tokens[found - 1]?.tokenType) ||
  startsLine(source.text, tokens[found]?.startOffset ?? source.text.length);

/** The words before a block differ: a plate may have more binders, an `if` goes on. */
function expectedBlock(tokens: readonly IToken[], found: number): string {
  const keyword = tokens.slice(0, found).findLast((token) => [t.Plate, t.Scan, t.If, t.Else].includes(token.tokenType));
  return keyword?.tokenType === t.Plate ? "`,` or `{`" : "`{`";
}
