// Many independent runs of a graph at once: one more axis on its noise and, where their gradients are wanted apart, on its parameters.

import { make } from "../ir/make.ts";
import type { Axis, Node } from "../ir/node.ts";
import { sortedAxes } from "../ir/shape.ts";
import { rewrite } from "../ir/walk.ts";

/** Sorts before all plates: the slowest axis of every array. */
export const REPLICATE: Axis = "%%replicate";

/** `what`: "noise" gives every run its own draws at the same parameters; "parameters" gives it its own parameters, too, so that the gradient of each
 *  run falls out of the gradient of their sum. */
export const replicate = (roots: readonly Node[], what: "noise" | "parameters"): Node[] =>
  rewrite(roots, (node) =>
    node.op.name === "noise" || node.op.kind === "random" || (node.op.name === "param" && what === "parameters")
      ? onReplicates(node)
      : node,
  );

const onReplicates = (node: Node): Node =>
  make(node.op, node.inputs, {
    ...node.attrs,
    axes: sortedAxes([...(node.attrs["axes"] as readonly Axis[]), REPLICATE]),
  });
