// The words of the language: one table of tokens (name, pattern, label for messages) and the lexer made from it.
// Broken text gets tokens of its own (`BadNumber`, `OpenString`, …), so that the lexer itself never fails.

import { createToken, Lexer, type ITokenConfig, type TokenType } from "chevrotain";

/** Reserved words, in the order of the language reference. */
export const keywords = [
  "data",
  "model",
  "guide",
  "predict",
  "net",
  "fun",
  "import",
  "dim",
  "base",
  "sample",
  "observe",
  "let",
  "report",
  "param",
  "factor",
  "plate",
  "scan",
  "in",
  "carry",
  "reverse",
  "if",
  "then",
  "else",
  "default",
  "block",
  "return",
  "from",
  "true",
  "false",
] as const;
export type Keyword = (typeof keywords)[number];

/** Operators and punctuation. Where one begins another, the longer one stands first. */
export const symbols = {
  Arrow: "->",
  DotDot: "..",
  EqualEqual: "==",
  NotEqual: "!=",
  LessEqual: "<=",
  GreaterEqual: ">=",
  AndAnd: "&&",
  OrOr: "||",
  LBrace: "{",
  RBrace: "}",
  LParen: "(",
  RParen: ")",
  LSquare: "[",
  RSquare: "]",
  Comma: ",",
  Semicolon: ";",
  Colon: ":",
  Question: "?",
  At: "@",
  Tilde: "~",
  Equal: "=",
  Less: "<",
  Greater: ">",
  Plus: "+",
  Minus: "-",
  Star: "*",
  Slash: "/",
  Percent: "%",
  Caret: "^",
  Bang: "!",
  Dot: ".",
} as const;

/** Patterns with more than one text. A number must not run into a letter, a digit or a lone point. */
const patterns = {
  Name: /[A-Za-z_][A-Za-z0-9_]*/,
  Real: /\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?![\w]|\.(?!\.))/,
  Int: /\d+(?![\w]|\.(?!\.))/,
  BadNumber: /\.?\d(?:[eE][+-]|\w|\.(?!\.))*/,
  String: /"(?:[^"\\\n\r]|\\[^\n\r])*"/,
  OpenString: /"(?:[^"\\\n\r]|\\[^\n\r])*\\?/,
  LineComment: /\/\/[^\n\r]*/,
  BlockComment: /\/\*[^]*?\*\//,
  OpenComment: /\/\*[^]*/,
  Space: /\s+/,
  Unknown: /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\u0000-\uFFFF]/,
} as const;

/** `never` tokens are made by the parser's recovery: a statement or an expression that could not be read. */
const made = ["Broken", "Missing"] as const;

/** How messages call a token that is not a fixed text. */
const labels: Record<string, string> = {
  Name: "a name",
  Int: "a whole number",
  Real: "a number",
  String: "a string",
  EOF: "the end of the file",
};

export type TokenName = Capitalize<Keyword> | keyof typeof symbols | keyof typeof patterns | (typeof made)[number];

const capitalise = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function row(name: string, config: Omit<ITokenConfig, "name">): [string, TokenType] {
  return [name, createToken({ name, ...config })];
}

function patternToken(name: keyof typeof patterns): [string, TokenType] {
  const pattern = patterns[name];
  const comment = name.endsWith("Comment");
  return row(name, {
    pattern,
    label: labels[name] ?? name,
    line_breaks: /Comment|Space|Unknown/.test(name),
    ...(comment ? { group: "comments" } : name === "Space" ? { group: Lexer.SKIPPED } : {}),
  });
}

function buildTable(): Record<TokenName, TokenType> {
  const name = patternToken("Name");
  const quoted = (text: string): string => `\`${text}\``;
  const rows = [
    patternToken("Space"),
    patternToken("LineComment"),
    patternToken("BlockComment"),
    patternToken("OpenComment"),
    ...keywords.map((word) => row(capitalise(word), { pattern: word, label: quoted(word), longer_alt: name[1] })),
    name,
    patternToken("Real"),
    patternToken("Int"),
    patternToken("BadNumber"),
    patternToken("String"),
    patternToken("OpenString"),
    ...Object.entries(symbols).map(([key, text]) => row(key, { pattern: text, label: quoted(text) })),
    ...made.map((key) => row(key, { pattern: Lexer.NA })),
    patternToken("Unknown"),
  ];
  return Object.fromEntries(rows) as Record<TokenName, TokenType>;
}

/** Every token type by name, in the order in which the lexer tries them. */
export const tokens = buildTable();

const reserved = new Set<string>(keywords);
export const isKeyword = (text: string): text is Keyword => reserved.has(text);

let lexer: Lexer | undefined;

/** The lexer, built at the first call: comments come in the group `comments`, positions are offsets only. */
export function pplLexer(): Lexer {
  lexer ??= new Lexer(Object.values(tokens), {
    positionTracking: "onlyOffset",
    ensureOptimizations: true,
    skipValidations: true,
  });
  return lexer;
}

/** How a message calls a token type. */
export const labelOf = (type: TokenType): string => type.LABEL ?? labels[type.name] ?? type.name;
