// Values of nodes on an engine (the reference one, unless another is named), and random values for leaves.

import type { Engine, Inputs, Tensor } from "../../src/exec/engine.ts";
import { reference } from "../../src/exec/reference.ts";
import { textAttr } from "../../src/ir/attrs.ts";
import type { Axis, Node } from "../../src/ir/node.ts";
import { sizeOf } from "../../src/ir/shape.ts";
import { topological } from "../../src/ir/walk.ts";

export type Sizes = Readonly<Record<Axis, number>>;
export type Values = Readonly<Record<string, Float64Array>>;
export type Range = readonly [low: number, high: number];

/** Values of some nodes; `values` serves parameters and data alike. */
export function valuesOf(
  nodes: readonly Node[],
  values: Values,
  sizes: Sizes,
  more: Partial<Inputs> = {},
  engine: Engine = reference,
): Tensor[] {
  const outputs = Object.fromEntries(nodes.map((node, i) => [String(i), node]));
  const run = engine.load({ outputs }, values).run({ params: values, sizes, seed: 7, step: 0, ...more });
  return nodes.map((_, i) => run[String(i)]!);
}

export const valueOf = (node: Node, values: Values, sizes: Sizes, more: Partial<Inputs> = {}): Tensor =>
  valuesOf([node], values, sizes, more)[0]!;

/** The `param` leaves below some nodes, in a fixed order. */
export const paramsBelow = (nodes: readonly Node[]): Node[] => topological(nodes).filter((n) => n.op.name === "param");

export const leafName = (leaf: Node): string => textAttr(leaf.attrs, "name");

export const lengthOf = (node: Node, sizes: Sizes): number =>
  sizeOf([...node.axes.map((a) => sizes[a]!), ...node.shape]);

/** Repeatable numbers in [0, 1): Weyl sequence with a multiplicative scramble (enough for test points, not for
 *  statistics). */
export function testNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
  };
}

export const pointIn = (count: number, [low, high]: Range, next: () => number): Float64Array =>
  Float64Array.from({ length: count }, () => low + (high - low) * next());
