// Files written from the grammar: types of the concrete tree, a readable EBNF, and highlighting for editors.
// `npx tsx grammar/generate.ts` writes them; test/docs-grammar.test.ts fails when they are stale.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  Alternation,
  type Alternative,
  generateCstDts,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  Terminal,
  type IProduction,
  type Rule,
} from "chevrotain";
import { PplParser } from "./parser.ts";
import { keywords, symbols } from "./tokens.ts";

/** The generated files: name in this folder → text. */
export function generated(): Record<string, string> {
  const rules = new PplParser({ skipValidations: false }).getGAstProductions();
  return { "cst.d.ts": cstTypes(rules), "ppl.ebnf": ebnf(Object.values(rules)), "ppl.tmLanguage.json": highlighting() };
}

function cstTypes(rules: Record<string, Rule>): string {
  const head = "// Types of the concrete syntax tree. Written by generate.ts: do not edit.\n\n";
  return head + generateCstDts(rules, { includeVisitorInterface: false });
}

// ----------------------------------------------------------------------------------------------- EBNF

/** Rules and tokens that only the recovery makes: no text produces them. */
const internal = new Set(["brokenStatement", "Broken", "Missing"]);
const lexical = { Name: "NAME", Int: "INT", Real: "REAL", String: "STRING" } as Record<string, string>;

/** One rule per line, broken at `|` where longer than `width`. */
function ebnf(rules: readonly Rule[], width = 110): string {
  const lines = rules.filter((rule) => !internal.has(rule.name)).map((rule) => ebnfRule(rule, width));
  return "(* The grammar of .ppl files. Written by generate.ts: do not edit. *)\n\n" + lines.join("\n") + "\n";
}

function ebnfRule(rule: Rule, width: number): string {
  const head = `${rule.name} = `;
  const whole = `${head}${sequence(rule.definition)} ;`;
  const only = rule.definition.find((part): part is Alternation => part instanceof Alternation);
  if (whole.length <= width || only === undefined) return whole;
  const before = sequence(rule.definition.slice(0, rule.definition.indexOf(only)));
  const after = sequence(rule.definition.slice(rule.definition.indexOf(only) + 1));
  const indent = "\n    ";
  const options = alternatives(only).join(`${indent}| `);
  const body = rule.definition.length === 1 ? options : `( ${options}${indent})`;
  return [`${head}${before}${indent}${body}`, after, ";"].filter((text) => text !== "").join(" ");
}

function sequence(parts: readonly IProduction[]): string {
  const kept =
    parts.length === 1 && parts[0] instanceof Alternation
      ? [alternatives(parts[0]).join(" | ")]
      : parts.map(production);
  return kept.filter((text) => text !== "").join(" ");
}

const alternatives = (choice: Alternation): string[] =>
  choice.definition.map((one) => sequence((one as Alternative).definition)).filter((text) => text !== "");

function production(part: IProduction): string {
  if (part instanceof Terminal) return terminal(part);
  if (part instanceof NonTerminal) return internal.has(part.nonTerminalName) ? "" : part.nonTerminalName;
  if (part instanceof Alternation) return `( ${alternatives(part).join(" | ")} )`;
  const inner = sequence((part as Option).definition); // all that remain hold a sequence
  if (part instanceof Option) return `[ ${inner} ]`;
  if (part instanceof Repetition) return `{ ${inner} }`;
  if (part instanceof RepetitionMandatory) return `${inner} { ${inner} }`;
  if (part instanceof RepetitionWithSeparator) return `[ ${separated(part, inner)} ]`;
  return separated(part as RepetitionMandatoryWithSeparator, inner);
}

const separated = (part: { separator: { name: string } }, inner: string): string =>
  `${inner} { ${fixedText(part.separator.name)} ${inner} }`;

const terminal = (part: Terminal): string =>
  internal.has(part.terminalType.name) ? "" : (lexical[part.terminalType.name] ?? fixedText(part.terminalType.name));

function fixedText(name: string): string {
  const text = (symbols as Record<string, string>)[name] ?? name.toLowerCase();
  return `"${text}"`;
}

// ----------------------------------------------------------------------------------------------- highlighting

type Pattern = { name: string; match: string } | { name: string; begin: string; end: string };

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const words = (list: readonly string[]): string => `\\b(?:${list.join("|")})\\b`;

function highlighting(): string {
  const constants = ["true", "false"];
  const control = ["if", "then", "else", "in", "reverse", "carry", "return", "from"];
  const rest = keywords.filter((word) => !constants.includes(word) && !control.includes(word));
  const operators = Object.values(symbols).filter((text) => !/^[[\](){},;:]$/.test(text));
  const patterns: Pattern[] = [
    { name: "comment.line.double-slash.ppl", match: "//.*$" },
    { name: "comment.block.ppl", begin: "/\\*", end: "\\*/" },
    { name: "string.quoted.double.ppl", match: '"(?:[^"\\\\]|\\\\.)*"' },
    { name: "entity.other.attribute-name.ppl", match: "@[A-Za-z_][A-Za-z0-9_]*" },
    { name: "constant.language.ppl", match: words(constants) },
    { name: "keyword.control.ppl", match: words(control) },
    { name: "keyword.declaration.ppl", match: words(rest) },
    { name: "constant.numeric.ppl", match: "\\b\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?\\b" },
    { name: "storage.type.ppl", match: words(["real", "int", "bool", "index"]) },
    { name: "entity.name.type.distribution.ppl", match: "\\b[A-Z][A-Za-z0-9_]*(?=\\s*\\()" },
    { name: "entity.name.function.ppl", match: "\\b[a-z_][A-Za-z0-9_]*(?=\\s*\\()" },
    { name: "keyword.operator.ppl", match: operators.map(escapeRegExp).join("|") },
  ];
  return JSON.stringify({ name: "Variate", scopeName: "source.ppl", fileTypes: ["ppl"], patterns }, null, 2) + "\n";
}

// ----------------------------------------------------------------------------------------------- as a script

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(generated())) writeFileSync(new URL(name, import.meta.url), text);
}
