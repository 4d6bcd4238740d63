// The invariants of a graph, checked after every pass in tests.

import { attrKey } from "./attrs.ts";
import type { Graph, Node } from "./node.ts";
import { showType } from "./print.ts";
import { sameList, sortedAxes } from "./shape.ts";
import { topological } from "./walk.ts";

/** What is wrong with a graph: types that disagree with the type rule, axes out of order, inputs made after their
 *  node; with `erased`, control ops that should be gone. Empty for a good graph. */
export function verify(graph: Graph, options: { readonly erased?: boolean } = {}): string[] {
  return topological(Object.values(graph.outputs)).flatMap((node) => [
    ...wrongType(node),
    ...(sameList(node.axes, sortedAxes(node.axes))
      ? []
      : [`${node.op.name}: axes ${node.axes.join(", ")} are not sorted`]),
    ...(node.inputs.every((input) => input.id < node.id) ? [] : [`${node.op.name}: an input is younger than the node`]),
    ...(node.shape.every((n) => Number.isInteger(n) && n >= 0)
      ? []
      : [`${node.op.name}: shape ${attrKey(node.shape)}`]),
    ...(options.erased === true && node.op.kind === "control" ? [`${node.op.name} was not erased`] : []),
  ]);
}

function wrongType(node: Node): string[] {
  const type = node.op.type(node.inputs, node.attrs, node.body);
  const good = sameList(type.axes, node.axes) && sameList(type.shape, node.shape);
  return good ? [] : [`${node.op.name}: type ${showType(node)}, the rule gives ${showType(type)}`];
}
