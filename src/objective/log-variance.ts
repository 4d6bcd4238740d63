// The log-variance loss: half the variance over draws of log p - log q, whose gradient at the draws' own distribution
// is that of the ELBO. The draws are held, so that no derivative of the model in them is used; parameters of the model
// climb the plain ELBO.

import { addAll, axisSize, add, div, mul, neg, scalar, square, stop, sub, sumAxis, through } from "../op/index.ts";
import type { Node } from "../ir/node.ts";
import { logWeights, meanOverParticles } from "./elbo.ts";
import type { Objective, ObjectiveRow } from "./objective.ts";
import type { Reduction } from "./reduce.ts";
import { PARTICLE, type Term } from "./term.ts";

export function logVariance(terms: readonly Term[], _leaves: readonly Node[], r: Reduction): Objective {
  const perDraw = logWeights(terms, r);
  const model = logWeights(
    terms.filter((term) => term.kind !== "guide"),
    r,
  );
  const guide = logWeights(
    terms.filter((term) => term.kind === "guide"),
    r,
  );
  const gap = add(guide, stop(model));
  const spread = div(
    sumAxis(square(sub(gap, meanOverParticles(gap))), PARTICLE),
    mul(scalar(2), add(axisSize(PARTICLE), scalar(-1))),
  );
  const bound = meanOverParticles(perDraw);
  return { perDraw, bound, root: through(bound, addAll([meanOverParticles(model), neg(spread)])), learning: [] };
}

export const logVarianceRow: ObjectiveRow = {
  name: "vargrad",
  doc: "Half the variance over draws of log p - log q: the same gradient as the leave-one-out estimator of the ELBO, without a derivative of the model.",
  source: "Richter, Boustati, Nüsken, Ruiz, Akyildiz 2020, VarGrad, eq. 6 and proposition 1",
  linear: () => true,
  keepsScore: () => true,
  least: 2,
  build: logVariance,
};
