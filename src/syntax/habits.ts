// Hints where a statement, a declaration or a block should begin: mostly what writers of other languages type.

import type { IToken } from "chevrotain";
import { keywords, tokens as t } from "../../grammar/tokens.ts";
import { didYouMean } from "../base/suggest.ts";
import { brief, type Hint, type Row } from "./hint.ts";
import { closerOf } from "./statements.ts";

/** `theta ~ …`, `x = …`, `x <- …`, `target += …` where a statement should begin. */
const plainName: Row = ({ kind, tokens, found, end, text }) => {
  if (kind !== "inBody" || tokens[found]?.tokenType !== t.Name) return null;
  const after = tokens[found + 1]?.tokenType === t.LSquare ? closerOf(tokens, found + 1) + 1 : found + 1;
  const target = text(found, after);
  const value = brief(text(after + 1, end));
  switch (tokens[after]?.tokenType) {
    case t.Tilde:
      return {
        expected: "a statement keyword",
        hint: `a latent value: sample ${target} ~ ${value}; data: observe ${target} ~ ${value}`,
      };
    case t.Equal:
      return {
        expected: "a statement keyword",
        hint: drawn(target, tokens, after + 1, text) ?? `a definition: let ${target} = ${value}`,
      };
    case t.Less:
      return assigned(tokens, after, target, brief(text(after + 2, end)));
    case t.Plus:
      return added(tokens, after, target, brief(text(after + 2, end)));
    default:
      return null;
  }
};

/** `mu = sample("mu", Normal(0, 1))`, `mu = pm.Normal("mu", 0, 1)`: what is assigned is a draw. Distributions begin
 *  with a capital letter. */
function drawn(
  target: string,
  tokens: readonly IToken[],
  from: number,
  text: (from: number, to: number) => string,
): string | null {
  const dots = tokens[from + 1]?.image === "." ? 2 : 0;
  const word = tokens[from + dots]?.image ?? "";
  if (tokens[from + dots + 1]?.tokenType !== t.LParen || !(/^[A-Z]/.test(word) || word === "sample")) return null;
  const last = closerOf(tokens, from + dots + 1);
  const named = tokens[from + dots + 2]?.tokenType === t.String ? 2 : 0;
  const args = text(from + dots + 2 + named, last);
  return `a random value: sample ${target} ~ ${word === "sample" ? brief(args) : `${word}(${brief(args)})`}`;
}

function assigned(tokens: readonly IToken[], at: number, target: string, value: string): Hint | null {
  return tokens[at + 1]?.tokenType === t.Minus
    ? { expected: "a statement keyword", hint: `a definition: let ${target} = ${value}` }
    : null;
}

function added(tokens: readonly IToken[], at: number, target: string, value: string): Hint | null {
  if (tokens[at + 1]?.tokenType !== t.Equal) return null;
  const hint =
    target === "target"
      ? `a term of the log density: factor ${value}`
      : "nothing is mutated: define a new value, or write sum([i in N: …]); a recursion is a scan";
  return { expected: "a statement keyword", hint };
}

const loops: Record<string, string> = {
  for: "repeated, independent statements stand in a plate: plate i in N { … }; ordered ones in a scan",
  while: "there are no loops of random length; an ordered recursion is a scan: scan t in T carry x = 0 { … }",
  repeat: "repeated, independent statements stand in a plate: plate i in N { … }",
  with: "statements for each member of a dim stand in a plate: plate i in N { … }",
  print: "nothing is printed while a model runs: report x shows a value after the fit",
  return: "values are shown by report x",
};

const elseIf: Row = ({ kind, word }) =>
  kind === "inBody" && (word === "elif" || word === "elseif") ? { hint: "written in two words: else if" } : null;

const loop: Row = ({ kind, word }) => (kind === "inBody" && Object.hasOwn(loops, word) ? { hint: loops[word]! } : null);

const declarationWords = [
  "real",
  "int",
  "vector",
  "matrix",
  "array",
  "simplex",
  "ordered",
  "row_vector",
  "cov_matrix",
  "corr_matrix",
  "cholesky_factor_corr",
  "cholesky_factor_cov",
  "positive_ordered",
  "unit_vector",
  "bool",
];

/** `int<lower=0> N;`, `vector[K] beta;`: a type before a name. */
const typeFirst: Row = ({ kind, word, tokens, found, end }) => {
  if (!declarationWords.includes(word) || tokens[found + 1]?.tokenType === t.Equal) return null;
  if (kind === "inBody") {
    return {
      expected: "a statement or `}`",
      hint: "values are not declared: sample x ~ … defines a latent, let x = … a value",
    };
  }
  if (kind !== "inData") return null;
  return { hint: declarationHint(word, tokens.slice(found + 1, end)) };
};

/** `vector[K] beta`, `int<lower=0> N`, `real y[N]` → the declaration of this language. */
function declarationHint(word: string, rest: readonly IToken[]): string {
  const name =
    rest.findLast((token, i) => token.tokenType === t.Name && rest[i + 1]?.tokenType !== t.RSquare)?.image ?? "x";
  const size = rest.find(
    (token, i) => rest[i - 1]?.tokenType === t.LSquare && rest[i + 1]?.tokenType === t.RSquare,
  )?.image;
  const bound = rest.some((token) => token.image === "lower") ? " >= 0" : "";
  if (word === "int" && size === undefined)
    return `a size is declared by dim ${name}; another whole number by ${name}: int${bound}`;
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

const outermost: Row = ({ kind, word, tokens, found }) => {
  if (kind !== "inFile") return null;
  if (word in blockHints) return { hint: blockHints[word]! };
  if (misspelt(word)) return { hint: misspelt(word)! };
  const statement = ["Sample", "Observe", "Let", "Report", "Param", "Factor", "Plate", "Scan", "If"] as const;
  const type = tokens[found]?.tokenType.name as (typeof statement)[number];
  return statement.includes(type) ? { hint: "statements stand inside model { … }" } : null;
};

const misplacedBlock: Row = ({ kind, word }) => {
  if (kind !== "inBody" || !["data", "model", "guide", "predict", "fun", "net", "import"].includes(word)) return null;
  return {
    hint:
      word === "data"
        ? "a data block stands at the top of the file, or first in predict { … }"
        : `\`${word}\` stands at the outermost level of the file`,
  };
};

const misspelt = (word: string): string | null => (word.length < 3 ? null : (didYouMean(word, keywords) ?? null));

/** `sampel x ~ …` */
const misspeltKeyword: Row = ({ kind, tokens, found, word }) => {
  if (kind !== "inBody" || tokens[found]?.tokenType !== t.Name || tokens[found + 1]?.tokenType !== t.Name) return null;
  const hint = misspelt(word);
  return hint === null ? null : { hint };
};

const elseAlone: Row = ({ kind, word }) =>
  kind === "inBody" && word === "else" ? { hint: "`else` follows the `}` of an `if` directly" } : null;

const strayColon: Row = ({ kind, word }) =>
  (kind === "inBody" || kind === "inData" || kind === "inFile") && word === ";"
    ? { hint: "one semicolon at most separates two statements, and none follows a block of the file" }
    : null;

const braceAlone: Row = ({ kind, word }) =>
  kind === "inBody" && word === "{" ? { hint: "a block belongs to a plate, a scan or an if" } : null;

const dataStatement: Row = ({ kind, tokens, found, word, next, next2 }) => {
  if (kind !== "inData") return null;
  if (["sample", "observe", "let", "plate", "if"].includes(word)) return { hint: "statements stand in the model" };
  if (tokens[found]?.tokenType !== t.Name) return null;
  if (next === "in") return { hint: `a bound follows the type: ${word}: real in ${next2}…` };
  if (next === "=") return { hint: `a type is needed: ${word}: real = …; a size is dim ${word} = …` };
  const hint = tokens[found + 1]?.tokenType === t.Name ? misspelt(word) : null;
  return { hint: hint ?? `declare it as ${word}: real, or as ${word}: real[N]` };
};

/** First match wins. */
export const habits: readonly Row[] = [
  loop,
  elseIf,
  typeFirst,
  plainName,
  misplacedBlock,
  misspeltKeyword,
  elseAlone,
  strayColon,
  braceAlone,
  outermost,
  dataStatement,
];
