// Categorical(prob): one of the members of a dim, a one-hot vector in the graph (last event dim).

import { exp, log, logSoftmax, pick } from "../op/index.ts";
import type { Dist } from "./dist.ts";

export const categorical: Dist = {
  name: "Categorical",
  doc: "Member k with probability prob[k]. The value is an index of the dim of `prob`; zero probabilities are allowed.",
  source: "Murphy 2012, Machine Learning, section 2.3.2",
  forms: [
    { params: [{ name: "prob", rank: 1, support: "probability-vector", doc: "probabilities, which sum to one" }] },
    {
      params: [{ name: "logit", rank: 1, support: "any", doc: "log probabilities up to a constant; -inf is zero" }],
      canonical: (p) => ({ prob: exp(logSoftmax(p.logit)) }),
      logProb: (x, p) => pick(x, logSoftmax(p.logit)),
      logits: (p) => logSoftmax(p.logit),
    },
  ],
  value: "index",
  rank: 0,
  support: (p) => ({ kind: "category", count: p.prob.shape[p.prob.shape.length - 1] }),
  supportKind: "category",
  discrete: true,
  // Σ x_k log prob_k, where x_k is not 0
  logProb: (x, p) => pick(x, log(p.prob)),
  draw: { kind: "finite", logits: (p) => log(p.prob) },
};
