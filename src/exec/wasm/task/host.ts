// What runs outside of the module, on the module's memory, and why. Every other op has code.

import type { Node } from "../../../ir/node.ts";
import { ice } from "../../../base/ice.ts";
import { dimsOf } from "../../reference/cell.ts";
import type { Value } from "./task.ts";
import { allocate, fresh, inOrder, task, type State } from "./values.ts";

const BY_REJECTION = "a draw by rejection takes as many numbers of its stream as it needs";

/** By op: why the reference kernel is called. */
export const ON_HOST: Readonly<Record<string, string>> = {
  drawGamma: BY_REJECTION,
  drawVonMises: BY_REJECTION,
  drawPoisson: BY_REJECTION,
  drawBinomial: BY_REJECTION,
  order: "a line of more than 128 numbers is sorted, not counted",
};

/** An op without loops of its own: its kernel reads and writes memory in order. */
export function hostOf(node: Node, inputs: readonly Value[], state: State): Value {
  if (!(node.op.name in ON_HOST)) ice(`the wasm engine has no code for the op ${node.op.name}`);
  const dense = inputs.map((value) => inOrder(value, state));
  const sizes = dimsOf(node, state.sizes);
  const target = allocate(
    node.op.name,
    sizes.map((size, i) => ({ size, label: size === 1 ? null : (node.axes[i] ?? fresh(state)) })),
    "as given",
    state.buffers,
  );
  const made = task(state, {
    kind: "host",
    node,
    inputs: dense,
    reads: dense.map((value) => ({ value, labels: [] })),
    space: [],
  });
  made.target = target;
  return { ...target, after: [made] };
}
