// Sites that were summed out, drawn from their exact conditionals: in the order of definition, each given those before it; the states of a
// chain from its end backwards.

import { drawState, gumbel, largest } from "../dist/draw.ts";
import type { Program } from "../build/program.ts";
import type { Node } from "../ir/node.ts";
import { ice } from "../base/ice.ts";
import type { Chain } from "../objective/chain.ts";
import type { Conditional, Marginal } from "../objective/marginal.ts";
import { PARTICLE } from "../objective/term.ts";
import { add, fill, gather, less, previous, scalar, scan, select, sumAxis, toAxis, toEvent } from "../op/index.ts";
import { substitute } from "../pass/substitute.ts";

/** The value of every summed-out site (all its states on an axis) and one draw of it, for substitution. Two values of a site: its own (Boolean) or
 *  a one-hot vector. */
export function drawnStates(program: Program): ReadonlyMap<Node, Node> {
  const drawn = new Map<Node, Node>();
  for (const conditional of program.conditionals) {
    const { marginal } = conditional;
    const hot = marginal.chain === null ? single(conditional, drawn) : backwards(conditional, marginal.chain, drawn);
    const value = (x: Node): Node => (marginal.value.shape.length === 0 ? gather(x, 0, scalar(1)) : x);
    drawn.set(marginal.value, value(hot));
    if (marginal.chain !== null) drawn.set(marginal.chain.before, value(stateBefore(hot, marginal.chain)));
  }
  return drawn;
}

const single = ({ marginal, joint }: Conditional, drawn: ReadonlyMap<Node, Node>): Node =>
  drawState(toEvent(substitute(joint, drawn), marginal.axis, 0, marginal.count), marginal.name, drawnOn(marginal));

const drawnOn = ({ plates }: Marginal): readonly string[] => [...plates, PARTICLE];

/** Backward sampling: p(z_t | z_{t+1}, y) is proportional to exp(alpha_t(z_t) + joint_{t+1}(z_t, z_{t+1})). Before the first drawn state the carry
 *  is zero, which chooses no entry of the joint. */
function backwards({ marginal, joint, alpha }: Conditional, chain: Chain, drawn: ReadonlyMap<Node, Node>): Node {
  const { along, size, direction } = chain;
  const other = direction === "forward" ? "backward" : "forward";
  const messages = substitute(alpha ?? ice("a chain without messages"), drawn);
  const next = previous(substitute(joint, drawn), scalar(0), along, size, other);
  const noise = gumbel(marginal.name, drawnOn(marginal), [marginal.count]);
  return scan(
    along,
    size,
    fill(0, [], [marginal.count]),
    (carry) => {
      const chosen = select(less(scalar(0.5), toAxis(carry, 0, marginal.axis)), next, scalar(0));
      const onward = toEvent(sumAxis(chosen, marginal.axis), chain.axis, 0, marginal.count);
      return largest(add(add(messages, onward), noise));
    },
    other,
  );
}

const stateBefore = (hot: Node, { along, size, direction }: Chain): Node => previous(hot, null, along, size, direction);
