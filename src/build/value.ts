// A value of the language as graph.

import { ice } from "../base/ice.ts";
import type { Node } from "../ir/node.ts";

/** `hot`: the one-hot vector (one more event dim, last) behind a latent index; reads through it stay linear in the
 *  state. */
export type ArrayValue = { readonly kind: "array"; readonly node: Node; readonly hot: Node | null };
export type RecordValue = { readonly kind: "record"; readonly fields: Readonly<Record<string, Value>> };
export type Value = ArrayValue | RecordValue;

export const arrayValue = (node: Node, hot: Node | null = null): ArrayValue => ({ kind: "array", node, hot });

/** Every array of a value, changed. */
export function mapNodes(value: Value, f: (node: Node) => Node): Value {
  if (value.kind === "array") return arrayValue(f(value.node), value.hot === null ? null : f(value.hot));
  return {
    kind: "record",
    fields: Object.fromEntries(Object.entries(value.fields).map(([name, field]) => [name, mapNodes(field, f)])),
  };
}

/** Two values of one kind, array by array. */
export function zipNodes(a: Value, b: Value, f: (a: Node, b: Node) => Node): Value {
  if (a.kind === "array" && b.kind === "array")
    return arrayValue(f(a.node, b.node), a.hot === null || b.hot === null ? null : f(a.hot, b.hot));
  if (a.kind === "array" || b.kind === "array") return ice("an array beside a record");
  return {
    kind: "record",
    fields: Object.fromEntries(
      Object.entries(a.fields).map(([name, field]) => [name, zipNodes(field, b.fields[name] as Value, f)]),
    ),
  };
}

/** Every array of a value. */
export const nodesOf = (value: Value): readonly Node[] =>
  value.kind === "array" ? [value.node] : Object.values(value.fields).flatMap(nodesOf);
