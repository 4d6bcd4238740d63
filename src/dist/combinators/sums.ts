// Logarithms of sums of a few nodes.

import type { Node } from "../../ir/node.ts";
import { concat, lse, repeatTo, reshape } from "../../op/index.ts";

/** Nodes of one event shape (a scalar is repeated) as one, along a new last dim. */
export function stacked(
  nodes: readonly Node[],
  shape = nodes.find((node) => node.shape.length > 0)?.shape ?? [],
): Node {
  return concat(
    nodes.map((node) => reshape(repeatTo(node, shape), [...shape, 1])),
    shape.length,
  );
}

/** log Σ e^x; -inf where all are. */
export function logSumExp(nodes: readonly Node[]): Node {
  const all = stacked(nodes);
  return lse(all, [all.shape.length - 1]);
}
