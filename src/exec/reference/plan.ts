// A plan: the steps of one graph at given sizes, with memory laid out. A buffer is used again once its value has been
// read for the last time. What depends on data alone is no step: its value comes ready.

import type { Node } from "../../ir/node.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Inputs, Tensor } from "../engine.ts";
import { cellOf, dimsOf, type Cell, type Sizes, type Step } from "./cell.ts";
import { kernelOf } from "./kernels.ts";

export type Plan = { readonly steps: readonly Step[]; readonly outputs: readonly (readonly [string, Cell])[] };

/** Lays out the nodes of `order` (inputs first); `ready` gives the values of nodes that need no step. */
export function planOf(
  order: readonly Node[],
  outputs: Readonly<Record<string, Node>>,
  sizes: Sizes,
  ready: ReadonlyMap<Node, Float64Array>,
): Plan {
  const cells = new Map<Node, Cell>();
  const memory = pool();
  const lastUse = lastUses(order, new Set(Object.values(outputs)));
  const steps: Step[] = [];
  for (const [node, values] of ready) cells.set(node, cellOf(node, sizes, values));
  for (const node of order) {
    if (ready.has(node)) continue;
    const cell = cellOf(node, sizes, memory.take(lengthOf(node, sizes)));
    cells.set(node, cell);
    const inputs = node.inputs.map((input) => cells.get(input)!);
    steps.push(kernelOf(node.op)(cell, inputs, sizes));
    for (const input of new Set(node.inputs)) {
      if (!ready.has(input) && lastUse.get(input) === node) memory.release(cells.get(input)!.values);
    }
  }
  return { steps, outputs: Object.entries(outputs).map(([name, node]) => [name, cells.get(node)!]) };
}

export const lengthOf = (node: Node, sizes: Sizes): number => sizeOf(dimsOf(node, sizes));

/** The last node that reads each node; outputs are never done with. */
function lastUses(order: readonly Node[], outputs: ReadonlySet<Node>): ReadonlyMap<Node, Node> {
  const last = new Map<Node, Node>();
  for (const node of order) for (const input of node.inputs) if (!outputs.has(input)) last.set(input, node);
  return last;
}

/** Buffers by length, handed out again after their release. */
function pool(): { take: (length: number) => Float64Array; release: (buffer: Float64Array) => void } {
  const free = new Map<number, Float64Array[]>();
  return {
    take: (length) => free.get(length)?.pop() ?? new Float64Array(length),
    release: (buffer) => void free.set(buffer.length, [...(free.get(buffer.length) ?? []), buffer]),
  };
}

/** Runs the steps; the arrays of the result are copies. */
export function runPlan(plan: Plan, inputs: Inputs): Record<string, Tensor> {
  for (const step of plan.steps) step(inputs);
  return Object.fromEntries(
    plan.outputs.map(([name, { node, values }]) => [
      name,
      { axes: node.axes, shape: node.shape, values: values.slice() },
    ]),
  );
}
