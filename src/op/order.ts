// Sorting along the last event dim.

import { ice } from "../base/ice.ts";
import { make } from "../ir/make.ts";
import type { Node } from "../ir/node.ts";
import type { OpDef } from "../ir/op.ts";
import { sizeOf } from "../ir/shape.ts";
import { add } from "./arithmetic.ts";
import { gather } from "./gather.ts";
import { constant } from "./leaf.ts";
import { reshape } from "./move.ts";

const orderOp: OpDef = {
  kind: "fold",
  name: "order",
  doc: "positions along the last dim in increasing order of the values",
  type: ([x]) => ({ axes: x!.axes, shape: x!.shape }),
  grad: null,
  build: ([x]) => order(x!),
};

/** Where the smallest entry of each line of the last dim stands, where the next, …; equal entries in their order. Its
 *  own `order` is the position of each entry among the sorted ones. No gradient. */
export function order(x: Node): Node {
  return x.shape.length === 0 ? ice("order of a scalar") : make(orderOp, [x]);
}

/** The entries of each line of the last dim in increasing order; the gradient goes back to where they stood. */
export function sorted(x: Node): Node {
  const size = x.shape.at(-1) ?? ice("a scalar cannot be sorted");
  const total = sizeOf(x.shape);
  const lines = Array.from({ length: total }, (_, i) => i - (i % size));
  return gather(reshape(x, [total]), 0, add(order(x), constant(lines, x.shape)));
}

export const orderOps: readonly OpDef[] = [orderOp];
