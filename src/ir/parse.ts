// Reads what `print.ts` writes. The text is ours (tests, bug reports), so a mistake in it is an internal error.

import { ice } from "../base/ice.ts";
import { make } from "./make.ts";
import type { Attrs, AttrValue, Graph, Node } from "./node.ts";
import type { OpDef } from "./op.ts";
import { showType } from "./print.ts";

const NODE_LINE = /^(%\d+): (\[[^\]]*\]) = (\w+)((?: %\d+)*)(?: body (%\d+) slots((?: %\d+)*))?(?: \{(.*)\})?$/;
const RETURN_LINE = /^return ([\w.]+|"(?:[^"\\]|\\.)*") = (%\d+)$/;

/** The graph of a printed text; `ops` are the rows that it may name. Types are checked against the type rules. */
export function parseGraph(text: string, ops: readonly OpDef[]): Graph {
  const rows = new Map(ops.map((op) => [op.name, op]));
  const nodes = new Map<string, Node>();
  const outputs: Record<string, Node> = {};
  const nodeOf = (name: string): Node =>
    nodes.get(name) ?? ice(`printed graph: ${name} is not defined before it is used`);
  for (const line of text
    .split("\n")
    .map(withoutComment)
    .filter((l) => l !== "")) {
    const output = RETURN_LINE.exec(line);
    if (output !== null) {
      outputs[output[1]!.startsWith('"') ? (JSON.parse(output[1]!) as string) : output[1]!] = nodeOf(output[2]!);
      continue;
    }
    const [, name, type, op, inputs, result, slots, attrs] =
      NODE_LINE.exec(line) ?? ice("printed graph: line not understood", line);
    const row = rows.get(op!) ?? ice(`printed graph: no op ${op}`);
    const body = result === undefined ? null : { result: nodeOf(result), slots: listed(slots!).map(nodeOf) };
    const node = make(row, listed(inputs!).map(nodeOf), parseAttrs(attrs ?? ""), body);
    if (showType(node) !== type) ice(`printed graph: ${name} has type ${showType(node)}`, line);
    nodes.set(name!, node);
  }
  return { outputs };
}

const listed = (names: string): string[] => names.split(" ").filter((name) => name !== "");

/** Comments start at two blanks and `;`, which no text attribute holds outside quotes. */
const withoutComment = (line: string): string => line.replace(/ {2}; [^"]*$/, "").trim();

const TOKEN = /\s*(?:([A-Za-z_]\w*)|(-?(?:\d[\d.]*(?:e[+-]?\d+)?|Infinity))|("(?:[^"\\]|\\.)*")|([[\],=]))/y;

type Token = { readonly kind: "word" | "number" | "text" | "mark"; readonly text: string };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const [, word, number, quoted, mark] = TOKEN.exec(text) ?? ice("printed graph: attributes not understood", text);
    if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (quoted !== undefined) tokens.push({ kind: "text", text: quoted });
    else tokens.push({ kind: "mark", text: mark! });
  }
  return tokens;
}

/** `name=value, …` where a value is a number, a text, a flag or a list. */
function parseAttrs(text: string): Attrs {
  const tokens = tokensOf(text);
  const attrs: Record<string, AttrValue> = {};
  let at = 0;
  while (at < tokens.length) {
    const name = tokens[at]!.text;
    at += 2;
    const [value, next] = parseValue(tokens, at);
    attrs[name] = value;
    at = next + 1;
  }
  return attrs;
}

function parseValue(tokens: readonly Token[], at: number): [AttrValue, number] {
  const token = tokens[at] ?? ice("printed graph: a value is missing");
  if (token.text !== "[" || token.kind !== "mark") return [atom(token), at + 1];
  const list: (string | number)[] = [];
  for (at++; tokens[at]?.text !== "]"; at++) {
    const next = tokens[at] ?? ice("printed graph: a list is not closed");
    if (next.text !== "," || next.kind !== "mark") list.push(atom(next) as string | number);
  }
  return [list as AttrValue, at + 1];
}

function atom({ kind, text }: Token): string | number | boolean {
  if (kind === "text") return JSON.parse(text) as string;
  if (kind === "number" || text === "NaN" || text === "Infinity") return Number(text);
  return text === "true" || text === "false" ? text === "true" : ice(`printed graph: value ${text}`);
}
