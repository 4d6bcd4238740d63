// What a law of `simplify` is: a rewrite of one node that keeps its value, with its name and its reason as data.

import { numberOf } from "../op/index.ts";
import type { Node } from "../ir/node.ts";

export type Law = {
  readonly name: string;
  /** The identity, as a person would write it. */
  readonly because: string;
  /** Names of the ops whose nodes it looks at. */
  readonly on: readonly string[];
  /** A node of the same value, or `null` where the law does not apply. */
  readonly apply: (node: Node, facts: Facts) => Node | null;
};

/** What a law may know beyond the node. */
export type Facts = {
  /** No parameter and no noise below: computed once. */
  readonly fixed: (node: Node) => boolean;
  /** Cannot be negative, wherever it is a number. */
  readonly nonnegative: (node: Node) => boolean;
};

/** The inputs of a node of that op, else `null`. */
export const argsOf = (node: Node, name: string): readonly Node[] | null =>
  node.op.name === name ? node.inputs : null;

/** The input of a node of that unary op, else `null`. */
export const argOf = (node: Node, name: string): Node | null => argsOf(node, name)?.[0] ?? null;

/** x of `1 + x` in either order. */
export function onePlus(node: Node): Node | null {
  const [a, b] = argsOf(node, "add") ?? [];
  return a === undefined ? null : numberOf(a) === 1 ? b! : numberOf(b!) === 1 ? a : null;
}

/** x of `1 - x`. */
export function oneMinus(node: Node): Node | null {
  const [a, b] = argsOf(node, "sub") ?? [];
  return a !== undefined && numberOf(a) === 1 ? b! : null;
}
