// Many independent runs of a graph at once: one more axis on its noise and, where their gradients are wanted apart, on
// its parameters.

import { make } from "../ir/make.ts";
import type { Axis, Node } from "../ir/node.ts";
import { sortedAxes } from "../ir/shape.ts";
import { rewrite } from "../ir/walk.ts";

/** Sorts before all plates: the slowest axis of every array. */
export const REPLICATE: Axis = "%%replicate";

export type Replicator = (roots: readonly Node[]) => Node[];

/** `replicate` of many graphs that have most of their nodes in common, each of which is rewritten once. */
export function replicator(what: "noise" | "parameters"): Replicator {
  const known = new Map<Node, Node>();
  return (roots) =>
    rewrite(
      roots,
      (rebuilt, original) => {
        const node = onReplicates(rebuilt, what);
        known.set(original, node);
        return node;
      },
      (original) => known.get(original),
    );
}

/** `what`: "noise" gives every run its own draws at the same parameters; "parameters" gives it its own parameters, too,
 *  so that the gradient of each run falls out of the gradient of their sum. */
export const replicate = (roots: readonly Node[], what: "noise" | "parameters"): Node[] => replicator(what)(roots);

function onReplicates(node: Node, what: "noise" | "parameters"): Node {
  const isOwn =
    node.op.name === "noise" || node.op.kind === "random" || (node.op.name === "param" && what === "parameters");
  if (!isOwn) return node;
  const axes = sortedAxes([...(node.attrs["axes"] as readonly Axis[]), REPLICATE]);
  return make(node.op, node.inputs, { ...node.attrs, axes });
}
