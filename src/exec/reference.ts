// The reference engine: a float64 interpreter, node by node. It is the oracle of the other engines, and fast enough to
// fit with.

import { ice } from "../base/ice.ts";
import { textAttr } from "../ir/attrs.ts";
import type { Axis, Graph, Node } from "../ir/node.ts";
import { sortedAxes } from "../ir/shape.ts";
import { topological } from "../ir/walk.ts";
import type { Engine, Inputs } from "./engine.ts";
import { cellOf, type Cell, type Sizes } from "./reference/cell.ts";
import { kernelOf } from "./reference/kernels.ts";
import { checked } from "./reference/leaf.ts";
import { lengthOf, planOf, runPlan, type Plan } from "./reference/plan.ts";

type Data = Readonly<Record<string, Float64Array>>;

/** Plans are kept for the last few combinations of sizes and outputs (a fit alternates between one draw and many). */
const PLANS_KEPT = 4;

export const reference: Engine = {
  name: "reference",
  load: (graph, data) => {
    const constants = constantCache(graph, data);
    const plans = new Map<string, Plan>();
    return {
      run: (inputs, outputs = Object.keys(graph.outputs)) => {
        const batched = Object.keys(inputs.members ?? {});
        const key = JSON.stringify([
          outputs,
          batched,
          Object.entries(inputs.sizes).sort(([a], [b]) => (a < b ? -1 : 1)),
        ]);
        const plan = plans.get(key) ?? prepare(graph, outputs, batched, inputs.sizes, constants);
        plans.delete(key);
        plans.set(key, plan);
        if (plans.size > PLANS_KEPT) plans.delete(plans.keys().next().value!);
        return runPlan(plan, inputs);
      },
    };
  },
};

function prepare(
  graph: Graph,
  names: readonly string[],
  batched: readonly Axis[],
  sizes: Sizes,
  constants: ConstantCache,
): Plan {
  const outputs = Object.fromEntries(
    names.map((name) => [name, graph.outputs[name] ?? ice(`the graph has no output ${name}`)]),
  );
  const order = topological(Object.values(outputs));
  const varying = new Set<Node>();
  for (const node of order)
    if (varies(node, batched) || node.inputs.some((input) => varying.has(input))) varying.add(node);
  const frontier = order.filter((node) => !varying.has(node)).filter(readBy(order, varying, Object.values(outputs)));
  const ready = new Map(frontier.map((node) => [node, constants(node, sizes)]));
  return planOf(
    order.filter((node) => varying.has(node)),
    outputs,
    sizes,
    ready,
  );
}

/** True for the leaves whose value a run decides. */
const varies = (node: Node, batched: readonly Axis[]): boolean =>
  node.op.name === "param" ||
  node.op.name === "noise" ||
  node.op.kind === "random" ||
  (node.op.name === "iota" && batched.includes(node.axes[0]!));

/** Of the nodes that do not vary, those that a varying node reads, and outputs. */
function readBy(order: readonly Node[], varying: ReadonlySet<Node>, outputs: readonly Node[]): (node: Node) => boolean {
  const read = new Set(outputs);
  for (const node of order) if (varying.has(node)) node.inputs.forEach((input) => read.add(input));
  return (node) => read.has(node);
}

type ConstantCache = (node: Node, sizes: Sizes) => Float64Array;

/** Values of what depends on data alone, computed once for the sizes of the axes below it. */
function constantCache(graph: Graph, data: Data): ConstantCache {
  const below = axesBelow(graph);
  const known = new Map<Node, Map<string, Float64Array>>();
  return (node, sizes) => {
    const key = below
      .get(node)!
      .map((axis) => sizes[axis])
      .join(",");
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
