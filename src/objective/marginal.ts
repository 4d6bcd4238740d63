// Sites that are summed out of the density: every term that depends on one is added up on its plates, and the states leave by log-sum-exp.
// Last defined first, so that sites that meet are eliminated one inside the other.

import type { Span } from "../base/span.ts";
import type { Axis, Node } from "../ir/node.ts";
import { dependsOn, rewrite } from "../ir/walk.ts";
import { addAll, lseAxis, toAxis } from "../op/index.ts";
import { type Chain, forwardMessages, logMessages, logTotal, type Messages } from "./chain.ts";
import { onMembers } from "./credit.ts";
import { meetingTerms } from "./facts.ts";
import type { Reduction } from "./reduce.ts";
import type { Term } from "./term.ts";

/** A site whose value runs over all its states on an axis of its own. `value` is marked. */
export type Marginal = {
  readonly name: string;
  readonly axis: Axis;
  readonly count: number;
  readonly plates: readonly Axis[];
  readonly value: Node;
  readonly span: Span;
  readonly chain: Chain | null;
};

/** log p of each state of a site, with the sites defined after it summed out: what its exact conditional is drawn from. */
export type Conditional = {
  readonly marginal: Marginal;
  readonly joint: Node;
  /** Of a chain: log p of the data up to each step and of the state there. */
  readonly alpha: Node | null;
};

export type Elimination = {
  readonly terms: readonly Term[];
  /** In the order of definition. */
  readonly conditionals: readonly Conditional[];
  readonly refused: readonly { readonly marginal: Marginal; readonly reason: string }[];
};

/** Joint states of sites that meet, at most. */
export const MOST_STATES = 2 ** 20;

export function eliminate(
  terms: readonly Term[],
  marginals: readonly Marginal[],
  r: Pick<Reduction, "size" | "scale">,
): Elimination {
  const counts = new Map(
    marginals.flatMap((m) => [
      [m.axis, m.count] as const,
      ...(m.chain === null ? [] : [[m.chain.axis, m.count] as const]),
    ]),
  );
  return marginals.reduceRight<Elimination>(
    ({ terms: left, conditionals, refused }, marginal) => {
      const { chain, plates, span } = marginal;
      const values = chain === null ? [marginal.value] : [marginal.value, chain.before];
      const own = left.filter((term) => values.some((value) => dependsOn(term.node, value)));
      const parts = own.map((term) => {
        const value = values.find((own) => dependsOn(term.node, own)) ?? marginal.value;
        return readByState(onMembers(term.node, term.plates, { plates, value }, r), marginal);
      });
      const joint = addAll(parts);
      const messages = chain === null ? null : messagesOf(parts, marginal, chain);
      const summed: Term = {
        name: `the sum over ${marginal.name}`,
        kind: "likelihood",
        span,
        node: messages === null || chain === null ? lseAxis(joint, marginal.axis) : logTotal(messages, chain),
        plates: chain === null ? plates : plates.filter((plate) => plate !== chain.along),
      };
      const reason =
        values.map((value) => obstacle({ ...marginal, value }, own, joint, counts)).find((found) => found !== null) ??
        null;
      return {
        terms: [...left.filter((term) => !own.includes(term)), summed],
        conditionals: [{ marginal, joint, alpha: messages && logMessages(messages) }, ...conditionals],
        refused: reason === null ? refused : [{ marginal, reason }, ...refused],
      };
    },
    { terms, conditionals: [], refused: [] },
  );
}

/** A pick by one-hot vectors that are all states in order, on an axis, is that axis: no state looks at the entries of the others. */
function readByState(joint: Node, { value, axis, chain }: Marginal): Node {
  const axisOf = new Map([[value, axis], ...(chain === null ? [] : [[chain.before, chain.axis] as const])]);
  return rewrite([joint], (node) => {
    const [hot, x] = node.inputs;
    if (node.op.name !== "pick" || hot === undefined || x === undefined) return node;
    const along = axisOf.get(hot.op.name === "expand" ? hot.inputs[0]! : hot);
    return along === undefined || x.axes.includes(along) ? node : toAxis(x, x.shape.length - 1, along);
  })[0]!;
}

function messagesOf(parts: readonly Node[], { axis, count }: Marginal, chain: Chain): Messages {
  const readsBefore = (node: Node): boolean => node.axes.includes(chain.axis);
  const before = addAll(parts.filter(readsBefore));
  const rest = addAll(parts.filter((node) => !readsBefore(node)));
  return forwardMessages({ before, rest, here: axis, count }, chain);
}

function obstacle(
  marginal: Marginal,
  terms: readonly Term[],
  joint: Node,
  counts: ReadonlyMap<Axis, number>,
): string | null {
  const meeting = meetingTerms(terms, marginal.value, marginal.plates);
  if (meeting.length > 0) return `members of a plate meet in ${meeting.join(" and ")}`;
  const states = joint.axes.reduce((product, axis) => product * (counts.get(axis) ?? 1), 1);
  return states > MOST_STATES ? `it meets other sites in ${states} joint states, more than ${MOST_STATES}` : null;
}
