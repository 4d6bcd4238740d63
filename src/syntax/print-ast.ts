// AST to indented text, for `variate print --stage ast`: one line per node, its kind and what it holds; spans as
// line:column.

import { positionAt, type Span } from "../base/span.ts";
import type { File } from "./ast.ts";

type Tree = { readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);
const isSpan = (value: unknown): value is Span => isTree(value) && "start" in value && "source" in value;
const isName = (value: unknown): value is { readonly text: string } =>
  isTree(value) && "text" in value && "span" in value && !("kind" in value);

export const printAst = (file: File): string =>
  file.items.flatMap((item) => lines(item as unknown as Tree, "", "")).join("\n") + "\n";

function lines(node: Tree, label: string, indent: string): readonly string[] {
  const own = Object.entries(node).filter(([key, value]) => key !== "kind" && !key.endsWith("pan") && value !== null);
  const scalars = own
    .filter(([, value]) => !isTree(value) && !Array.isArray(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const names = own
    .filter(([, value]) => isName(value))
    .map(([key, value]) => `${key}=${(value as { text: string }).text}`);
  const head = [`${label}${String(node["kind"] ?? "node")}`, ...names, ...scalars, at(node)]
    .filter((part) => part !== "")
    .join(" ");
  const children = own.flatMap(([key, value]) => {
    if (Array.isArray(value)) return value.flatMap((v: unknown, i) => child(v, `${key}[${i}]: `, indent));
    return isName(value) ? [] : child(value, `${key}: `, indent);
  });
  return [indent + head, ...children];
}

const child = (value: unknown, label: string, indent: string): readonly string[] =>
  isTree(value) ? lines(value, label, `${indent}  `) : [];

function at(node: Tree): string {
  const span = node["span"];
  if (!isSpan(span)) return "";
  const { line, column } = positionAt(span.source, span.start);
  return `@${line}:${column}`;
}
