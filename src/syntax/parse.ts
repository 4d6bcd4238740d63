// Source → AST and the report of everything that is wrong with its text. Never throws, whatever the text.

import { diagnose, type Diagnostic, type Report } from "../base/diagnostic.ts";
import type { Source } from "../base/span.ts";
import { tokens as t } from "../../grammar/tokens.ts";
import type { File } from "./ast.ts";
import { balance } from "./brackets.ts";
import { checkBlocks } from "./check-blocks.ts";
import { toFile } from "./from-cst.ts";
import { endOf, lex } from "./lex.ts";
import { explain } from "./parse-errors.ts";
import { readTree, type Failure } from "./recover.ts";

/**
 * Reads a `.ppl` file. The tree is complete even where the text is not: an unreadable statement is left out, an
 * unreadable value is a `missing` node, and the report (1xx) has one error for each.
 */
export function parse(source: Source): { file: File; report: Report } {
  try {
    return read(source);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the stack overflows in brackets nested thousands deep
    return { file: emptyFile(source), report: [tooDeep(source)] };
  }
}

function read(source: Source): { file: File; report: Report } {
  const lexed = lex(source);
  const balanced = balance(source, lexed.tokens);
  const { tree, failures } = readTree(source.text, balanced.tokens);
  const file = toFile(source, tree, lexed.comments);
  const words = [...lexed.report, ...withoutConsequences(lexed.report, balanced.report, failures)];
  const parts = failures.filter(
    (failure) => !closesByForce(failure) && !words.some((found) => within(source, failure, found)),
  );
  const report = [...words, ...parts.map((failure) => explain(source, failure)), ...checkBlocks(file)];
  return { file, report: report.sort((a, b) => offsetOf(a) - offsetOf(b)).slice(0, MAX_ERRORS) };
}

/** Nobody reads more in one go. */
const MAX_ERRORS = 20;

/** An open string or comment swallows brackets, and a `}` too many follows from a `{` that the parser misses. */
function withoutConsequences(
  words: readonly Diagnostic[],
  brackets: readonly Diagnostic[],
  failures: readonly Failure[],
): readonly Diagnostic[] {
  if (words.some((found) => found.code === "PPL102")) return [];
  const missesBlock = failures.some((failure) => failure.wanted === t.LBrace);
  return missesBlock ? brackets.filter((found) => found.message !== "unexpected `}`") : brackets;
}

/** A failure at a bracket that was put in where the text had none: the open bracket has its message. */
const closesByForce = ({ tokens, found }: Failure): boolean => tokens[found]?.image === "";

/** A part that already has a message, in it or just before it on its line, gets no second one. */
function within({ text }: Source, { tokens, start, end }: Failure, found: Diagnostic): boolean {
  const at = offsetOf(found);
  const from = tokens[start]?.startOffset ?? text.length;
  const to = tokens[Math.max(end, start + 1)]?.startOffset ?? Infinity;
  const before = start > 0 ? endOf(tokens[start - 1]!) : 0;
  return at < from ? at >= before && !text.slice(at, from).includes("\n") : at < to;
}

const offsetOf = (found: Diagnostic): number => (found.at.kind === "source" ? found.at.span.start : 0);

const emptyFile = (source: Source): File => ({
  items: [],
  comments: [],
  span: { source, start: 0, end: source.text.length },
});

const tooDeep = (source: Source): Diagnostic =>
  diagnose(
    "PPL101",
    { source, start: 0, end: 0 },
    { expected: null, found: "nesting, too deep to be read" },
    { hint: "split long expressions by let" },
  );
