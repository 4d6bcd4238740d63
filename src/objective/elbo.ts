// The evidence lower bound with any number of particles: E_q [ log p - log q ], averaged over the particle axis.

import { addAll, axisSize, div, scalar, sumAxis, through } from "../op/index.ts";
import type { Node } from "../ir/node.ts";
import { costOf } from "./credit.ts";
import { average, sumPlates, type Reduction } from "./reduce.ts";
import { PARTICLE, type Term } from "./term.ts";

export type Objective = {
  /** log p - log q of each particle: axes [particle], scalar event. */
  readonly perDraw: Node;
  /** The number whose gradient is the estimate: the mean over particles plus surrogates of value zero. */
  readonly root: Node;
};

const meanOverParticles = (node: Node): Node => div(sumAxis(node, PARTICLE), axisSize(PARTICLE));

/** Value: the same for every choice of estimators. Gradient: as the placed sites say. */
export function elbo(terms: readonly Term[], leaves: readonly Node[], r: Reduction): Objective {
  const perDraw = addAll([scalar(0), ...terms.map((term) => sumPlates(average(term.node, r), term.plates, [], r))]);
  const surrogates = r.sites.flatMap((target) => {
    if (target.placed.surrogate === undefined) return [];
    // Of value zero before it is averaged: its weights are live, and must not learn from it.
    const surrogate = through(scalar(0), target.placed.surrogate(costOf(target, terms, leaves, r)));
    return [meanOverParticles(sumPlates(average(surrogate, r, [], target.value), target.site.plates, [], r))];
  });
  return { perDraw, root: addAll([meanOverParticles(perDraw), ...surrogates]) };
}
