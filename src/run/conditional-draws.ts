// Sites that were summed out, drawn from their exact conditionals: in the order of definition, each given those before it.

import { drawState } from "../dist/draw.ts";
import type { Program } from "../build/program.ts";
import type { Node } from "../ir/node.ts";
import { PARTICLE } from "../objective/term.ts";
import { gather, scalar, toEvent } from "../op/index.ts";
import { substitute } from "../pass/substitute.ts";

/** The value of every summed-out site (all its states on an axis) and one draw of it, for substitution. Two values of a site: its own (Boolean) or
 *  a one-hot vector. */
export function drawnStates(program: Program): ReadonlyMap<Node, Node> {
  const drawn = new Map<Node, Node>();
  for (const { marginal, joint } of program.conditionals) {
    const logits = toEvent(substitute(joint, drawn), marginal.axis, 0, marginal.count);
    const hot = drawState(logits, marginal.name, [...marginal.plates, PARTICLE]);
    drawn.set(marginal.value, marginal.value.shape.length === 0 ? gather(hot, 0, scalar(1)) : hot);
  }
  return drawn;
}
