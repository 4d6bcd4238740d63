// Hints for what writers of other languages type, and for the usual confusions of this one: each row recognises one.

import type { IToken } from "chevrotain";
import { keywords, tokens as t, type TokenName } from "../../grammar/tokens.ts";
import type { Source } from "../base/span.ts";
import { didYouMean } from "../base/suggest.ts";
import { endOf } from "./lex.ts";
import { lookBack, type Failure } from "./recover.ts";
import { beginsStatement, closerOf, isCloser, isOpener, openerOf } from "./statements.ts";

/** `expected` replaces the words of the grammar; null leaves them out. */
export type Hint = { readonly expected?: string | null; readonly hint?: string };

/** What the rows look at: the failure with its neighbourhood in words. */
type Scene = Failure & {
  readonly found0: string; readonly next: string; readonly next2: string; readonly previous: string;
  /** The keyword of the statement that failed, or (where a statement should begin) of the one before. */
  readonly keyword: string;
  /** Text of tokens `from` to `to` (excluded). */
  readonly text: (from: number, to: number) => string;
};

type Row = (scene: Scene) => Hint | null;

export function hintFor(source: Source, failure: Failure): Hint | null {
  const { tokens, found, kind } = failure;
  const start = kind === "inBody" ? lookBack(tokens, found, (i) => beginsStatement(tokens, i)) : failure.start;
  const image = (i: number): string => tokens[i]?.image ?? "";
  const scene: Scene = {
    ...failure, start, found0: image(found), next: image(found + 1), next2: image(found + 2), previous: image(found - 1),
    keyword: image(start), text: (from, to) => textOf(source, tokens, from, to),
  };
  for (const row of rows) {
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

/** A literal or name as written, for hints that show a repaired line; long ones are cut short. */
const brief = (text: string): string => (text === "" || text.length > 40 ? "…" : text);

// ----------------------------------------------------------------------------------------------- statements

/** `theta ~ …`, `x = …`, `x <- …`, `target += …` where a statement should begin. */
const plainName: Row = ({ kind, tokens, found, end, text }) => {
  if (kind !== "inBody" || tokens[found]?.tokenType !== t.Name) return null;
  const after = tokens[found + 1]?.tokenType === t.LSquare ? closerOf(tokens, found + 1) + 1 : found + 1;
  const target = text(found, after);
  const value = brief(text(after + 1, end));
  switch (tokens[after]?.tokenType) {
    case t.Tilde:
      return { expected: "a statement keyword", hint: `a latent value: sample ${target} ~ ${value}; data: observe ${target} ~ ${value}` };
    case t.Equal: return { expected: "a statement keyword", hint: `a definition: let ${target} = ${value}` };
    case t.Less: return assigned(tokens, after, target, brief(text(after + 2, end)));
    case t.Plus: return added(tokens, after, target, brief(text(after + 2, end)));
    default: return null;
  }
};

function assigned(tokens: readonly IToken[], at: number, target: string, value: string): Hint | null {
  return tokens[at + 1]?.tokenType === t.Minus ? { expected: "a statement keyword", hint: `a definition: let ${target} = ${value}` } : null;
}

function added(tokens: readonly IToken[], at: number, target: string, value: string): Hint | null {
  if (tokens[at + 1]?.tokenType !== t.Equal) return null;
  const hint = target === "target"
    ? `a term of the log density: factor ${value}`
    : "nothing is mutated: define a new value, or write sum([i in N: …]); a recursion is a scan";
  return { expected: "a statement keyword", hint };
}

const loops: Record<string, string> = {
  for: "repeated, independent statements stand in a plate: plate i in N { … }; ordered ones in a scan",
  while: "there are no loops of random length; an ordered recursion is a scan: scan t in T carry x = 0 { … }",
  repeat: "repeated, independent statements stand in a plate: plate i in N { … }",
};

const loop: Row = ({ kind, found0 }) =>
  kind === "inBody" && found0 in loops ? { hint: loops[found0]! } : null;

const declarationWords = ["real", "int", "vector", "matrix", "array", "simplex", "ordered", "row_vector", "cov_matrix",
  "corr_matrix", "cholesky_factor_corr", "cholesky_factor_cov", "positive_ordered", "unit_vector", "bool"];

/** `int<lower=0> N;`, `vector[K] beta;`: a type before a name. */
const typeFirst: Row = ({ kind, found0, tokens, found, end }) => {
  if (!declarationWords.includes(found0) || tokens[found + 1]?.tokenType === t.Equal) return null;
  if (kind === "inBody") {
    return { expected: "a statement or `}`", hint: "values are not declared: sample x ~ … defines a latent, let x = … a value" };
  }
  if (kind !== "inData") return null;
  return { hint: declarationHint(found0, tokens.slice(found + 1, end)) };
};

/** `vector[K] beta`, `int<lower=0> N`, `real y[N]` → the declaration of this language. */
function declarationHint(word: string, rest: readonly IToken[]): string {
  const name = rest.findLast((token, i) => token.tokenType === t.Name && rest[i + 1]?.tokenType !== t.RSquare)?.image ?? "x";
  const size = rest.find((token, i) => rest[i - 1]?.tokenType === t.LSquare && rest[i + 1]?.tokenType === t.RSquare)?.image;
  const bound = rest.some((token) => token.image === "lower") ? " >= 0" : "";
  if (word === "int" && size === undefined) return `a size is declared by dim ${name}; another whole number by ${name}: int${bound}`;
  const type = word === "int" || word === "bool" ? word : "real";
  const sizes = size !== undefined ? `[${size}]` : word === type ? "" : "[N]";
  return `the name stands first: ${name}: ${type}${sizes}${bound}`;
}

const blockHints: Record<string, string> = {
  parameters: "there is no such block: sample x ~ … in the model declares a latent value with its prior",
  transformed: "there is no such block: definitions are let x = … in the model, wherever they are needed",
  generated: "there is no such block: report x = … in the model, or a predict block",
  functions: "a function stands by itself: fun f(x: real) -> real = …",
  library: "a file without data, model and guide is a library",
  def: "a function is written fun f(x: real) -> real = …",
  function: "a function is written fun f(x: real) -> real = …",
  const: "a definition is let x = … inside the model",
  var: "a definition is let x = … inside the model",
};

const outermost: Row = ({ kind, found0, tokens, found }) => {
  if (kind !== "inFile") return null;
  if (found0 in blockHints) return { hint: blockHints[found0]! };
  if (misspelt(found0)) return { hint: misspelt(found0)! };
  const statement = ["Sample", "Observe", "Let", "Report", "Param", "Factor", "Plate", "Scan", "If"] as const;
  const type = tokens[found]?.tokenType.name as (typeof statement)[number];
  return statement.includes(type) ? { hint: "statements stand inside model { … }" } : null;
};

const misplacedBlock: Row = ({ kind, found0 }) => {
  if (kind !== "inBody" || !["data", "model", "guide", "predict", "fun", "net", "import"].includes(found0)) return null;
  return {
    hint: found0 === "data"
      ? "a data block stands at the top of the file, or first in predict { … }"
      : `\`${found0}\` stands at the outermost level of the file`,
  };
};

const misspelt = (word: string): string | null => (word.length < 3 ? null : didYouMean(word, keywords) ?? null);

/** `sampel x ~ …` */
const misspeltKeyword: Row = ({ kind, tokens, found, found0 }) => {
  if (kind !== "inBody" || tokens[found]?.tokenType !== t.Name || tokens[found + 1]?.tokenType !== t.Name) return null;
  const hint = misspelt(found0);
  return hint === null ? null : { hint };
};

const elseAlone: Row = ({ kind, found0 }) =>
  kind === "inBody" && found0 === "else" ? { hint: "`else` follows the `}` of an `if` directly" } : null;

const strayColon: Row = ({ kind, found0 }) =>
  (kind === "inBody" || kind === "inData" || kind === "inFile") && found0 === ";"
    ? { hint: "one semicolon at most separates two statements, and none follows a block of the file" } : null;

const braceAlone: Row = ({ kind, found0 }) =>
  kind === "inBody" && found0 === "{" ? { hint: "a block belongs to a plate, a scan or an if" } : null;

const dataStatement: Row = ({ kind, tokens, found, found0, next, next2 }) => {
  if (kind !== "inData") return null;
  if (["sample", "observe", "let", "plate", "if"].includes(found0)) return { hint: "statements stand in the model" };
  if (tokens[found]?.tokenType !== t.Name) return null;
  if (next === "in") return { hint: `a bound follows the type: ${found0}: real in ${next2}…` };
  if (next === "=") return { hint: `a type is needed: ${found0}: real = …; a size is dim ${found0} = …` };
  const hint = tokens[found + 1]?.tokenType === t.Name ? misspelt(found0) : null;
  return { hint: hint ?? `declare it as ${found0}: real, or as ${found0}: real[N]` };
};

// ----------------------------------------------------------------------------------------------- `=`, `~` and operators

const tildeOrEqual: Row = ({ found0, wanted, keyword, rule, tokens, start, found, text }) => {
  const target = brief(text(start + 1, found));
  if (wanted === t.Tilde && found0 === "=") {
    return { hint: `a distribution follows ~: ${keyword} ${target} ~ …; a definition is let ${target} = …` };
  }
  if (wanted === t.Equal && found0 === "~") {
    return { hint: `\`${keyword}\` takes =; a random value is sample ${target} ~ …` };
  }
  if (found0 === "~" && keyword === "report") return { hint: `a random value is sample ${target} ~ …` };
  if (found0 === "~") return { hint: "`~` stands only in sample x ~ … and observe y ~ …" };
  const condition = wanted === t.Then || (wanted === t.LBrace && keyword === "if");
  if (found0 === "=" && (condition || rule === "args" || rule === "parens" || tokens[start]?.tokenType === t.Factor)) {
    return { hint: condition ? "equality is written ==" : "equality is written ==; only a name may stand before = in an argument" };
  }
  return null;
};

const comparisons = ["==", "!=", "<", "<=", ">", ">="];

/** `a < b < c` */
const chained: Row = ({ tokens, found, found0 }) => {
  if (!comparisons.includes(found0)) return null;
  for (let i = found - 1; i >= 0 && !isOpener(tokens[i]!); i--) {
    if (isCloser(tokens[i]!)) i = openerOf(tokens, i);
    else if ([t.AndAnd, t.OrOr, t.Comma, t.Equal, t.Tilde].includes(tokens[i]!.tokenType)) return null;
    else if (comparisons.includes(tokens[i]!.image)) {
      return { expected: null, hint: "comparisons do not chain: write a < b && b < c" };
    }
  }
  return null;
};

const operatorHints: Record<string, string> = {
  and: "logical and is written &&", or: "logical or is written ||", not: "negation is written !",
  "?": "a choice is written if c then a else b",
  "**": "a power is written ^", "++": "nothing is mutated: define a new value with let",
  "<-": "a definition is written let x = …", "=>": "write = and an expression", ".*": "`*` is elementwise: write a * b",
  "./": "`/` is elementwise: write a / b", ".^": "`^` is elementwise: write a ^ b", "%*": "the matrix product is dot(a, b)",
};

const operators: Row = ({ found0, next, previous }) => {
  if (previous === "not") return { hint: operatorHints["not"]! };
  const hint = operatorHints[found0] ?? operatorHints[previous + found0] ?? operatorHints[found0 + next];
  return hint === undefined ? null : { hint };
};

const matrixProduct: Row = ({ tokens, found, keyword, text }) => {
  const at = tokens.slice(0, found).findLastIndex((token) => token.tokenType === t.At);
  const sameLine = at > 0 && !/\n/.test(text(at - 1, at + 1)) && keyword !== "";
  const ended = at > 0 && ([t.Name, t.RParen, t.RSquare] as unknown[]).includes(tokens[at - 1]!.tokenType);
  return sameLine && ended && found === at + 2 ? { hint: "there is no operator @: the matrix product is dot(a, b)" } : null;
};

const slices: Row = ({ found0, rule, previous, wanted, keyword }) => {
  if (rule === "subs" && found0 === ":") return { hint: "a slice is written a..b, the whole of a dim .." };
  const empty = (found0 === "," || found0 === "]") && (previous === "[" || previous === ",");
  if ((rule === "sub" || rule === "subs") && (empty || found0 === ":")) return { hint: "the whole of a dim is written .., as in x[.., 1]" };
  if (rule === "binder" && found0 === "=") return { hint: "an index runs over a dim: i in N" };
  if (rule === "size" && found0 === "(") return { hint: "declare a dim for a computed size: dim M = …" };
  const computed = [":", "-", "+", "..", "*", "("].includes(found0);
  if (rule === "arrayType" && computed) return { hint: "a size is a name or a number: declare dim M = … for a computed one" };
  const binds = wanted === t.LBrace && (keyword === "plate" || keyword === "scan");
  return binds && computed ? { hint: `an index runs over a whole dim: ${keyword} i in N { … }` } : null;
};

/** `Normal(0 1)`, `[1 2]` */
const missingComma: Row = ({ rule, wanted, tokens, found }) => {
  const separated: Record<string, TokenName> = { args: "RParen", array: "RSquare", subs: "RSquare", parameters: "RParen" };
  const begins = [t.Name, t.Int, t.Real, t.String, t.True, t.False, t.Missing].includes(tokens[found]?.tokenType ?? t.Broken);
  const what = rule === "args" ? "arguments" : rule === "array" ? "entries" : rule === "subs" ? "subscripts" : "parameters";
  return rule in separated && wanted === t[separated[rule]!] && begins ? { hint: `${what} are separated by commas` } : null;
};

const result: Row = ({ rule, found0, keyword, wanted }) => {
  if (wanted === t.Arrow) return { hint: found0 === ":" ? "the type of the result follows ->" : `as in ${keyword} f(x: real) -> real` };
  return keyword === "net" && found0 === "=" ? { hint: "a net has a body { … return … }" } : null;
};

const untyped: Row = ({ rule, wanted }) =>
  rule === "typedName" && wanted === t.Colon ? { hint: "every parameter and field has a type: x: real" } : null;

const elseMissing: Row = ({ rule, wanted }) =>
  rule === "ifExpr" && wanted === t.Else ? { hint: "an if that gives a value has both branches: if c then a else b" } : null;

const statementIf: Row = ({ rule, wanted, found0 }) =>
  rule === "ifExpr" && wanted === t.Then && found0 === "{"
    ? { hint: "an if that gives a value is written if c then a else b" } : null;

const statementThen: Row = ({ wanted, found0, keyword }) =>
  wanted === t.LBrace && found0 === "then" && keyword === "if"
    ? { hint: "an if statement is written if c { … } else { … }" } : null;

const binderSyntax: Row = ({ found0, next, keyword }) =>
  (keyword === "plate" || keyword === "scan") && found0 === "("
    ? { hint: `without parentheses: ${keyword} ${next === "" ? "i" : next} in N { … }` } : null;

/** First match wins. */
const rows: readonly Row[] = [
  loop, typeFirst, plainName, misplacedBlock, misspeltKeyword, elseAlone, strayColon, braceAlone, outermost, chained,
  tildeOrEqual, statementThen, statementIf, elseMissing, binderSyntax, slices, operators, matrixProduct, missingComma,
  result, untyped, dataStatement,
];
