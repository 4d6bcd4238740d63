// A value of the language as graph.

import type { Node } from "../ir/node.ts";

/** `hot`: the one-hot vector (one more event dim, last) behind a latent index; reads through it stay linear in the state. */
export type ArrayValue = { readonly kind: "array"; readonly node: Node; readonly hot: Node | null };
export type RecordValue = { readonly kind: "record"; readonly fields: Readonly<Record<string, Value>> };
export type Value = ArrayValue | RecordValue;

export const arrayValue = (node: Node, hot: Node | null = null): ArrayValue => ({ kind: "array", node, hot });
