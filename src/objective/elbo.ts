// The evidence lower bound with any number of particles: E_q [ log p - log q ], averaged over the particle axis.

import { addAll, axisSize, div, neg, scalar, sumAxis, through } from "../op/index.ts";
import type { Cost } from "../estimator/estimator.ts";
import type { Axis, Node } from "../ir/node.ts";
import { costOf } from "./credit.ts";
import { averagesOf } from "./learning.ts";
import type { Objective, ObjectiveRow } from "./objective.ts";
import { average, sumPlates, type Reduction } from "./reduce.ts";
import { PARTICLE, type PlacedSite, type Term } from "./term.ts";

export const meanOverParticles = (node: Node): Node => div(sumAxis(node, PARTICLE), axisSize(PARTICLE));

/** log p - log q of each particle. */
export const logWeights = (terms: readonly Term[], r: Reduction): Node =>
  addAll([scalar(0), ...terms.map((term) => sumPlates(average(term.node, r), term.plates, [], r))]);

export const hasSurrogate = ({ placed }: PlacedSite): boolean =>
  placed.surrogate !== undefined || placed.path !== undefined;

/** What a site adds to the objective, and over which plates it is summed. Of value zero before it is averaged: its
 *  weights are live, and must not learn from it. */
export function surrogatesOf(
  { site, placed }: PlacedSite,
  cost: Cost,
): readonly { readonly node: Node; readonly plates: readonly Axis[] }[] {
  const ofValueZero = (node: Node): Node => through(scalar(0), node);
  return [
    ...(placed.surrogate === undefined ? [] : [{ node: ofValueZero(placed.surrogate(cost)), plates: site.plates }]),
    ...(placed.path === undefined ? [] : [{ node: ofValueZero(placed.path(cost)), plates: [] }]),
  ];
}

/** A site whose divergence from its prior is known: its sampled terms keep their value, and the divergence has the
 *  gradient. */
function withDivergences(terms: readonly Term[], { sites }: Reduction): readonly Term[] {
  const known = new Map(
    sites.flatMap(({ site: { name }, placed: { kl } }) => (kl === undefined ? [] : [[name, kl] as const])),
  );
  return terms.map((term) => {
    const kl = known.get(term.site ?? "");
    return kl === undefined ? term : { ...term, node: through(term.node, term.kind === "guide" ? neg(kl) : scalar(0)) };
  });
}

/** Value: the same for every choice of estimators. Gradient: as the placed sites say. */
export function elbo(given: readonly Term[], leaves: readonly Node[], r: Reduction): Objective {
  const terms = withDivergences(given, r);
  const perDraw = logWeights(terms, r);
  const credited = r.sites.filter(hasSurrogate).map((target) => ({ target, cost: costOf(target, terms, leaves, r) }));
  const surrogates = credited.flatMap(({ target, cost }) =>
    surrogatesOf(target, cost).map(({ node, plates }) =>
      meanOverParticles(sumPlates(average(node, r, [], target.value), plates, [], r)),
    ),
  );
  const bound = meanOverParticles(perDraw);
  return {
    perDraw,
    bound,
    root: addAll([bound, ...surrogates]),
    learning: credited.flatMap(({ target, cost }) => averagesOf(target, cost)),
  };
}

export const elboRow: ObjectiveRow = {
  name: "elbo",
  doc: "E_q [ log p(x, z) - log q(z) ]: the evidence lower bound, averaged over the particles.",
  source: "Jordan, Ghahramani, Jaakkola, Saul 1999, An introduction to variational methods for graphical models",
  linear: () => true,
  keepsScore: () => false,
  least: 1,
  build: elbo,
};
