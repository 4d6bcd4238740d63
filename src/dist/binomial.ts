// Binomial(n, prob).

import type { Node } from "../ir/node.ts";
import {
  add,
  drawBinomial,
  floor,
  log,
  log1p,
  logBetaCdf,
  logChoose,
  logSigmoid,
  mul,
  neg,
  scalar,
  sigmoid,
  sub,
  xlogy,
} from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { countParam, probabilityParam, realParam } from "./parameter.ts";

const n = countParam("n", "number of trials");

/** log((1 - prob) / prob) */
const logFailureOdds = ({ prob }: Params): Node => sub(log1p(neg(prob)), log(prob));

export const binomial: Dist = {
  name: "Binomial",
  doc: "Successes among `n` independent trials. p(x) = C(n, x) prob^x (1 - prob)^(n - x), x = 0, …, n.",
  source: "Johnson, Kemp, Kotz 2005, Univariate Discrete Distributions, ch. 3",
  forms: [
    { params: [n, probabilityParam("prob", "probability of success in one trial")] },
    {
      params: [n, realParam("logit", "log(prob / (1 - prob))")],
      canonical: (p) => ({ n: p.n, prob: sigmoid(p.logit) }),
      // log C(n, x) + x log s(logit) + (n - x) log s(-logit)
      logProb: (x, p) =>
        add(logChoose(p.n, x), add(mul(x, logSigmoid(p.logit)), mul(sub(p.n, x), logSigmoid(neg(p.logit))))),
    },
  ],
  value: "int",
  rank: 0,
  support: (p) => ({ kind: "count", upper: p.n }),
  supportKind: "count",
  discrete: true,
  // log C(n, x) + x log prob + (n - x) log(1 - prob), with 0 log 0 = 0
  logProb: (x, p) => add(logChoose(p.n, x), add(xlogy(x, p.prob), xlogy(sub(p.n, x), sub(scalar(1), p.prob)))),
  draw: { kind: "opaque", sample: (key, p) => drawBinomial(key, p.n, p.prob) },
  mean: (p) => mul(p.n, p.prob),
  variance: (p) => mul(mul(p.n, p.prob), sub(scalar(1), p.prob)),
  // P(X <= x) = I_{1-prob}(n - x, x + 1) (Johnson, Kemp, Kotz 2005, eq. 3.25)
  logCdf: (x, p) => logBetaCdf(sub(p.n, floor(x)), add(floor(x), scalar(1)), logFailureOdds(p)),
  logCcdf: (x, p) => logBetaCdf(add(floor(x), scalar(1)), sub(p.n, floor(x)), neg(logFailureOdds(p))),
};
