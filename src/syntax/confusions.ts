// Hints inside a statement: `=` against `~`, operators of other languages, slices, and what an `if` or a list lacks.

import { tokens as t, type TokenName } from "../../grammar/tokens.ts";
import { brief, type Row } from "./hint.ts";
import { isCloser, isOpener, openerOf } from "./statements.ts";

const tildeOrEqual: Row = ({ word, wanted, keyword, rule, tokens, start, found, text }) => {
  const target = brief(text(start + 1, found));
  if (wanted === t.Tilde && word === "=") {
    return { hint: `a distribution follows ~: ${keyword} ${target} ~ …; a definition is let ${target} = …` };
  }
  if (wanted === t.Equal && word === "~") {
    return { hint: `\`${keyword}\` takes =; a random value is sample ${target.replace(/ ?:.*/, "")} ~ …` };
  }
  if (word === "~" && keyword === "report")
    return { hint: `draws after the fit stand in a block of their own: predict { sample ${target} ~ … }` };
  if (word === "~" && wanted !== t.Name) return { hint: "`~` stands only in sample x ~ … and observe y ~ …" };
  const condition = wanted === t.Then || (wanted === t.LBrace && keyword === "if");
  if (word === "=" && (condition || rule === "args" || rule === "parens" || tokens[start]?.tokenType === t.Factor)) {
    return {
      hint: condition
        ? "equality is written =="
        : "equality is written ==; only a name may stand before = in an argument",
    };
  }
  return null;
};

const comparisons = ["==", "!=", "<", "<=", ">", ">="];

/** `a < b < c` */
const chained: Row = ({ tokens, found, word }) => {
  if (!comparisons.includes(word)) return null;
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
  and: "logical and is written &&",
  or: "logical or is written ||",
  not: "negation is written !",
  "?": "a choice is written if c then a else b",
  "**": "a power is written ^",
  "++": "nothing is mutated: define a new value with let",
  "<-": "a definition is written let x = …",
  "=>": "write = and an expression",
  ".*": "`*` is elementwise: write a * b",
  "./": "`/` is elementwise: write a / b",
  ".^": "`^` is elementwise: write a ^ b",
  "%*": "the matrix product is dot(a, b)",
};

const operators: Row = ({ word, next, previous }) => {
  if (previous === "not") return { hint: operatorHints["not"]! };
  const hint = operatorHints[word] ?? operatorHints[previous + word] ?? operatorHints[word + next];
  return hint === undefined ? null : { hint };
};

const MATRIX_PRODUCT = "there is no operator @: the matrix product is dot(a, b)";

const matrixProduct: Row = ({ tokens, found, keyword, text, word, rule }) => {
  if (word === "@" && ["args", "parens", "array"].includes(rule)) return { hint: MATRIX_PRODUCT };
  const at = tokens.slice(0, found).findLastIndex((token) => token.tokenType === t.At);
  const sameLine = at > 0 && !/\n/.test(text(at - 1, at + 1)) && keyword !== "";
  const ended = at > 0 && ([t.Name, t.RParen, t.RSquare] as unknown[]).includes(tokens[at - 1]!.tokenType);
  return sameLine && ended && found === at + 2 ? { hint: MATRIX_PRODUCT } : null;
};

const slices: Row = ({ word, rule, previous, wanted, keyword }) => {
  if (rule === "subs" && word === ":") return { hint: "a slice is written a..b, the whole of a dim .." };
  const empty = (word === "," || word === "]") && (previous === "[" || previous === ",");
  if ((rule === "sub" || rule === "subs") && (empty || word === ":"))
    return { hint: "the whole of a dim is written .., as in x[.., 1]" };
  if (rule === "binder" && word === "=") return { hint: "an index runs over a dim: i in N" };
  if (rule === "size" && word === "(") return { hint: "declare a dim for a computed size: dim M = …" };
  const computed = [":", "-", "+", "..", "*", "("].includes(word);
  if (rule === "arrayType" && computed)
    return { hint: "a size is a name or a number: declare dim M = … for a computed one" };
  const binds = wanted === t.LBrace && (keyword === "plate" || keyword === "scan");
  return binds && computed ? { hint: `an index runs over a whole dim: ${keyword} i in N { … }` } : null;
};

/** `Normal(0 1)`, `[1 2]` */
const missingComma: Row = ({ rule, wanted, tokens, found }) => {
  const separated: Record<string, TokenName> = {
    args: "RParen",
    array: "RSquare",
    subs: "RSquare",
    parameters: "RParen",
  };
  const begins = [t.Name, t.Int, t.Real, t.String, t.True, t.False, t.Missing].includes(
    tokens[found]?.tokenType ?? t.Broken,
  );
  const what =
    rule === "args" ? "arguments" : rule === "array" ? "entries" : rule === "subs" ? "subscripts" : "parameters";
  return rule in separated && wanted === t[separated[rule]!] && begins
    ? { hint: `${what} are separated by commas` }
    : null;
};

/** `observe log(y[i]) ~ …`, `observe y[i] - mu ~ …` */
const observedExpression: Row = ({ wanted, keyword, word }) =>
  wanted === t.Tilde && keyword === "observe" && word !== "="
    ? {
        hint: "a name of data is observed: let z = … of data first, then observe z ~ …; an expression of latents is a factor log_prob(D, e)",
      }
    : null;

/** `sample mu: real ~ …`, `sample s > 0 ~ …` */
const declaredSite: Row = ({ wanted, keyword, word, tokens, start, text, found }) => {
  if (wanted !== t.Tilde || keyword !== "sample" || ![":", "<", ">", "<=", ">="].includes(word)) return null;
  const hint = `type and range of a site are those of its distribution: sample ${brief(text(start + 1, found))} ~ …`;
  return {
    hint:
      word === ":" || tokens[found + 1]?.image === undefined
        ? hint
        : `${hint}, such as HalfNormal, Beta or Truncated(…)`,
  };
};

/** `w: real<lower=0>` */
const angleBounds: Row = ({ kind, tokens, start, found, next2 }) => {
  const at =
    kind === "dataItem"
      ? tokens
          .slice(start, found + 1)
          .findIndex(({ image }, i, seen) => (image === "lower" || image === "upper") && seen[i - 1]?.image === "<")
      : -1;
  return at < 0
    ? null
    : { expected: null, hint: `bounds follow the type: ${tokens[start]?.image ?? next2}: real >= 0, or in [0, 1]` };
};

/** `Normal(0, 1) T[0, ]` */
const truncation: Row = ({ word, next, previous }) =>
  word === "T" && previous === ")" && (next === "[" || next === "(")
    ? { hint: "a distribution is cut off by Truncated(D, lower = …, upper = …)" }
    : null;

/** `sum(f(i) for i in N)` */
const generator: Row = ({ word, wanted }) =>
  word === "for" && (wanted === t.RParen || wanted === t.RSquare)
    ? { hint: "a comprehension is written [i in N: …], as in sum([i in N: …])" }
    : null;

/** `np.exp(x)` */
const method: Row = ({ word, tokens, found, previous }) =>
  word === "(" && tokens[found - 2]?.image === "." ? { hint: `functions stand by themselves: ${previous}(…)` } : null;

const plateWithoutIndex: Row = ({ rule, wanted, word, keyword, previous }) =>
  rule === "binder" && wanted === t.In && word === "{"
    ? { hint: `an index over the dim: ${keyword} i in ${previous} { … }` }
    : null;

const result: Row = ({ rule, word, keyword, wanted }) => {
  if (wanted === t.Arrow)
    return { hint: word === ":" ? "the type of the result follows ->" : `as in ${keyword} f(x: real) -> real` };
  return keyword === "net" && word === "=" ? { hint: "a net has a body { … return … }" } : null;
};

const untyped: Row = ({ rule, wanted }) =>
  rule === "typedName" && wanted === t.Colon ? { hint: "every parameter and field has a type: x: real" } : null;

const elseMissing: Row = ({ rule, wanted }) =>
  rule === "ifExpr" && wanted === t.Else
    ? { hint: "an if that gives a value has both branches: if c then a else b" }
    : null;

const statementIf: Row = ({ rule, wanted, word }) =>
  rule === "ifExpr" && wanted === t.Then && word === "{"
    ? { hint: "an if that gives a value is written if c then a else b" }
    : null;

const statementThen: Row = ({ wanted, word, keyword }) =>
  wanted === t.LBrace && word === "then" && keyword === "if"
    ? { hint: "an if statement is written if c { … } else { … }" }
    : null;

const binderSyntax: Row = ({ word, next, keyword }) =>
  (keyword === "plate" || keyword === "scan") && word === "(" && !next.startsWith('"')
    ? { hint: `without parentheses: ${keyword} ${next === "" ? "i" : next} in N { … }` }
    : null;

/** First match wins. */
export const confusions: readonly Row[] = [
  chained,
  generator,
  method,
  observedExpression,
  declaredSite,
  angleBounds,
  truncation,
  plateWithoutIndex,
  tildeOrEqual,
  statementThen,
  statementIf,
  elseMissing,
  binderSyntax,
  slices,
  operators,
  matrixProduct,
  missingComma,
  result,
  untyped,
];
