// Sites that are summed out of the density: every term that depends on one is added up on its plates, and the states leave by log-sum-exp.
// Last defined first, so that sites that meet are eliminated one inside the other.

import type { Span } from "../base/span.ts";
import type { Axis, Node } from "../ir/node.ts";
import { dependsOn } from "../ir/walk.ts";
import { addAll, lseAxis } from "../op/index.ts";
import { onMembers } from "./credit.ts";
import { meetingTerms } from "./facts.ts";
import type { Reduction } from "./reduce.ts";
import type { Term } from "./term.ts";

/** A site whose value runs over all its states on an axis of its own. `value` is marked. */
export type Marginal = {
  readonly name: string; readonly axis: Axis; readonly count: number; readonly plates: readonly Axis[]; readonly value: Node; readonly span: Span;
};

/** log p of each state of a site, with the sites defined after it summed out: what its exact conditional is drawn from. */
export type Conditional = { readonly marginal: Marginal; readonly joint: Node };

export type Elimination = {
  readonly terms: readonly Term[];
  /** In the order of definition. */
  readonly conditionals: readonly Conditional[];
  readonly refused: readonly { readonly marginal: Marginal; readonly reason: string }[];
};

/** Joint states of sites that meet, at most. */
export const MOST_STATES = 2 ** 20;

export function eliminate(terms: readonly Term[], marginals: readonly Marginal[], r: Pick<Reduction, "size" | "scale">): Elimination {
  const counts = new Map(marginals.map((m) => [m.axis, m.count]));
  return marginals.reduceRight<Elimination>(({ terms: left, conditionals, refused }, marginal) => {
    const own = left.filter((term) => dependsOn(term.node, marginal.value));
    const joint = addAll(own.map((term) => onMembers(term.node, term.plates, marginal, r)));
    const summed: Term = {
      name: `the sum over ${marginal.name}`, kind: "likelihood", node: lseAxis(joint, marginal.axis), plates: marginal.plates, span: marginal.span,
    };
    const reason = obstacle(marginal, own, joint, counts);
    return {
      terms: [...left.filter((term) => !own.includes(term)), summed],
      conditionals: [{ marginal, joint }, ...conditionals],
      refused: reason === null ? refused : [{ marginal, reason }, ...refused],
    };
  }, { terms, conditionals: [], refused: [] });
}

function obstacle(marginal: Marginal, terms: readonly Term[], joint: Node, counts: ReadonlyMap<Axis, number>): string | null {
  const meeting = meetingTerms(terms, marginal.value, marginal.plates);
  if (meeting.length > 0) return `members of a plate meet in ${meeting.join(" and ")}`;
  const states = joint.axes.reduce((product, axis) => product * (counts.get(axis) ?? 1), 1);
  return states > MOST_STATES ? `it meets other sites in ${states} joint states, more than ${MOST_STATES}` : null;
}
