// Exact enumeration: the value becomes all its states on an axis of its own, terms are averaged with the live
// probabilities.

import { exp, toAxis } from "../op/index.ts";
import { ice } from "../base/ice.ts";
import type { Estimator, Site } from "./estimator.ts";
import { everyState } from "./race.ts";
import { unlessIndependentMembers, unlessLinear, unlessListed } from "./refusals.ts";

/** The axis that holds the states of a site; `%` marks axes that are neither plates nor particles. */
const axisOf = (site: Site): string => `%${site.name}`;

export const enumerate: Estimator = {
  name: "enumerate",
  doc: "Sums the expectation over all states of each member: E_q f = sum_c q(c) f(c). No noise from this site.",
  formula: "Σ_c q(c) f(c)",
  source: "local expectation gradients: Titsias, Lazaro-Gredilla 2015",
  bias: "none",
  cost: "every state of a member is evaluated",
  notFirst: "admitted: exact, at the cost of every state",
  options: {},
  fixable: true,
  refuses: (site, facts) => {
    const refusal =
      unlessListed(site, facts, {}) ?? unlessLinear(site, facts, {}) ?? unlessIndependentMembers(site, facts, {});
    if (refusal !== null) return refusal;
    if (facts.meeting.length > 0) {
      return {
        reason: `members of a plate meet in ${facts.meeting.join(" and ")}: states would have to be summed jointly`,
        hint: "use loo",
      };
    }
    return null;
  },
  place: (site) => {
    const { states, guide } = site;
    if (states === null || guide.logits === null) return ice(`enumeration of ${site.name}, which has no states`);
    const axis = axisOf(site);
    return {
      value: states.fromHot(everyState(states.count, axis)),
      weight: { axis, prob: toAxis(exp(guide.logits()), 0, axis) },
    };
  },
};
