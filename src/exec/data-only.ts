// What depends on data alone, and what a run decides. The first is computed once, by the reference kernels, for every engine.

import { textAttr } from "../ir/attrs.ts";
import type { Axis, Graph, Node } from "../ir/node.ts";
import { sortedAxes } from "../ir/shape.ts";
import { topological } from "../ir/walk.ts";
import type { Inputs } from "./engine.ts";
import { cellOf, type Cell, type Sizes } from "./reference/cell.ts";
import { kernelOf } from "./reference/kernels.ts";
import { checked } from "./reference/leaf.ts";
import { lengthOf } from "./reference/plan.ts";

type Data = Readonly<Record<string, Float64Array>>;

/** The nodes that vary between runs, inputs first, and those of the others that they read or that are outputs. */
export function partsOf(
  outputs: readonly Node[],
  batched: readonly Axis[],
): { readonly varying: readonly Node[]; readonly known: readonly Node[] } {
  const order = topological(outputs);
  const varying = new Set<Node>();
  for (const node of order)
    if (varies(node, batched) || node.inputs.some((input) => varying.has(input))) varying.add(node);
  return {
    varying: order.filter((node) => varying.has(node)),
    known: order.filter((node) => !varying.has(node)).filter(readBy(order, varying, outputs)),
  };
}

/** True for the leaves whose value a run decides. */
const varies = (node: Node, batched: readonly Axis[]): boolean =>
  node.op.name === "param" ||
  node.op.name === "noise" ||
  node.op.name === "slot" ||
  node.op.kind === "random" ||
  (node.op.name === "iota" && batched.includes(node.axes[0]!));

/** Of the nodes that do not vary, those that a varying node reads, and outputs. */
function readBy(order: readonly Node[], varying: ReadonlySet<Node>, outputs: readonly Node[]): (node: Node) => boolean {
  const read = new Set(outputs);
  for (const node of order) if (varying.has(node)) node.inputs.forEach((input) => read.add(input));
  return (node) => read.has(node);
}

export type ConstantCache = (node: Node, sizes: Sizes) => Float64Array;

/** Values of what depends on data alone, computed once for the sizes of the axes below it. */
export function constantCache(graph: Graph, data: Data): ConstantCache {
  const below = axesBelow(graph);
  const known = new Map<Node, Map<string, Float64Array>>();
  return (node, sizes) => {
    const key = (below.get(node) ?? node.axes).map((axis) => sizes[axis]).join(",");
    const values = known.get(node)?.get(key) ?? evaluate(node, data, sizes);
    known.set(node, (known.get(node) ?? new Map<string, Float64Array>()).set(key, values));
    return values;
  };
}

/** The axes on which each node's value depends, summed ones and sizes included. */
function axesBelow(graph: Graph): ReadonlyMap<Node, readonly Axis[]> {
  const below = new Map<Node, readonly Axis[]>();
  for (const node of topological(Object.values(graph.outputs))) {
    const own = node.op.name === "axisSize" ? [textAttr(node.attrs, "axis")] : node.axes;
    below.set(node, sortedAxes([...own, ...node.inputs.flatMap((input) => below.get(input)!)]));
  }
  return below;
}

/** The value of a node that no run changes. */
function evaluate(root: Node, data: Data, sizes: Sizes): Float64Array {
  const cells = new Map<Node, Cell>();
  const nothing: Inputs = { params: {}, sizes, seed: 0, step: 0 };
  for (const node of topological([root])) {
    if (node.op.name === "data") {
      const name = textAttr(node.attrs, "name");
      cells.set(node, cellOf(node, sizes, checked(data[name], lengthOf(node, sizes), `data ${name}`)));
      continue;
    }
    const cell = cellOf(node, sizes, new Float64Array(lengthOf(node, sizes)));
    const inputs = node.inputs.map((input) => cells.get(input)!);
    kernelOf(node.op)(cell, inputs, sizes)(nothing);
    cells.set(node, cell);
  }
  return cells.get(root)!.values;
}
