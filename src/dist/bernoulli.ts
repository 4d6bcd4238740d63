// Bernoulli(prob): true or false, 1 or 0 in the graph. The density is linear in the value, so that relaxed values have
// one too.

import type { Node } from "../ir/node.ts";
import {
  add,
  concat,
  less,
  log,
  log1p,
  logSigmoid,
  mul,
  neg,
  reshape,
  scalar,
  select,
  sigmoid,
  softplus,
  sub,
  xlogy,
} from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { probabilityParam, realParam } from "./parameter.ts";

/** log probabilities of false and true, side by side on a new last dim. */
function pair(no: Node, yes: Node): Node {
  const column = (x: Node): Node => reshape(x, [...x.shape, 1]);
  return concat([column(no), column(yes)], no.shape.length);
}

export const bernoulli: Dist = {
  name: "Bernoulli",
  doc: "True with probability `prob`. p(x) = prob^x (1 - prob)^(1 - x), x = 0 or 1.",
  source: "Johnson, Kemp, Kotz 2005, Univariate Discrete Distributions, section 3.2",
  forms: [
    { params: [probabilityParam("prob", "probability of true")] },
    {
      params: [realParam("logit", "log(prob / (1 - prob))")],
      canonical: (p) => ({ prob: sigmoid(p.logit) }),
      // x logit - log(1 + e^logit)
      logProb: (x, p) => sub(mul(x, p.logit), softplus(p.logit)),
      logits: (p) => pair(logSigmoid(neg(p.logit)), logSigmoid(p.logit)),
    },
  ],
  value: "bool",
  rank: 0,
  support: () => ({ kind: "boolean" }),
  supportKind: "boolean",
  discrete: true,
  // x log prob + (1 - x) log(1 - prob), with 0 log 0 = 0
  logProb: (x, p) => add(xlogy(x, p.prob), xlogy(sub(scalar(1), x), sub(scalar(1), p.prob))),
  draw: { kind: "finite", logits: (p) => pair(log1p(neg(p.prob)), log(p.prob)) },
  mean: (p) => p.prob,
  variance: (p) => mul(p.prob, sub(scalar(1), p.prob)),
  logCdf: (x, p) => select(less(x, scalar(1)), log1p(neg(p.prob)), scalar(0)),
  logCcdf: (x, p) => select(less(x, scalar(1)), log(p.prob), scalar(-Infinity)),
};
