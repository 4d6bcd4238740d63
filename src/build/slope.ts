// The slope of a model's log density in the coordinates of one block. Enters: the terms built while the block stands at
// a placeholder; leaves: their gradient as a function of where the block is, ordinary graph that can be differentiated
// again.

import type { Node } from "../ir/node.ts";
import { sumPlates } from "../objective/reduce.ts";
import type { Marginal } from "../objective/marginal.ts";
import { PARTICLE, type Term } from "../objective/term.ts";
import { addAll, mark, param, scalar } from "../op/index.ts";
import { grad } from "../pass/grad.ts";
import { substitute } from "../pass/substitute.ts";
import type { JointBlock } from "./gaussian.ts";

export type Slope = (coordinates: Node) => Node;

/** Where the coordinates of a block stand while the log density is built by which they move. */
export const placeholder = ({ name, size }: Pick<JointBlock, "name" | "size">): Node =>
  param(`%place of ${name}`, [PARTICLE], [size]);

/** ∇ log p(u, …) over all data: members of a batch would move the draws elsewhere than the others. */
export function slopeOf(
  block: JointBlock,
  { terms, summed }: { readonly terms: readonly Term[]; readonly summed: readonly Marginal[] },
): Slope {
  const at = placeholder(block);
  const density = terms
    .filter(({ kind }) => kind !== "guide")
    .map(({ node, plates }) => sumPlates(node, plates, [], { scale: () => 1 }));
  const [slope] = grad(addAll([scalar(0), ...density]), [at]) as [Node];
  const states = summed
    .flatMap(({ value, chain }) => [value, ...(chain === null ? [] : [chain.before])])
    .map((state) => [state, inside(state)] as const);
  return (coordinates) => substitute(slope, new Map([...states, [at, coordinates]]));
}

/** The states that the slope has summed over are not those that the terms of the model will be summed over. */
const inside = (state: Node): Node =>
  mark(state.inputs[0] as Node, `${String(state.attrs["site"])} in a slope`, state.axes);
