// Beta(a, b).

import type { Node } from "../ir/node.ts";
import {
  add,
  div,
  drawGamma,
  log,
  log1p,
  logBeta,
  logBetaCdf,
  mul,
  neg,
  scalar,
  square,
  sub,
  xlogy,
} from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { positiveParam, probabilityParam } from "./parameter.ts";
import { probabilityOf } from "./within-range.ts";

const logit = (x: Node): Node => sub(log(x), log1p(neg(x)));

export const beta: Dist = {
  name: "Beta",
  doc: "A probability. p(x) = x^(a - 1) (1 - x)^(b - 1) / B(a, b), 0 <= x <= 1.",
  source: "Johnson, Kotz, Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 25",
  forms: [
    { params: [positiveParam("a", "power of x, plus 1"), positiveParam("b", "power of 1 - x, plus 1")] },
    {
      params: [probabilityParam("mean", "a / (a + b)"), positiveParam("size", "a + b")],
      named: true,
      canonical: (p) => ({ a: mul(p.mean, p.size), b: mul(sub(scalar(1), p.mean), p.size) }),
    },
  ],
  value: "real",
  rank: 0,
  support: () => ({ kind: "interval", lower: scalar(0), upper: scalar(1) }),
  supportKind: "interval",
  discrete: false,
  // (a - 1) log x + (b - 1) log(1 - x) - log B(a, b), with 0 log 0 = 0 at the ends
  logProb: (x, p) => {
    const one = scalar(1);
    return sub(add(xlogy(sub(p.a, one), x), xlogy(sub(p.b, one), sub(one, x))), logBeta(p.a, p.b));
  },
  // G_a / (G_a + G_b) = sigmoid(log G_a - log G_b)
  draw: {
    kind: "implicit",
    sample: (key, p) => probabilityOf(sub(drawGamma(key, p.a), drawGamma({ ...key, site: `${key.site}.b` }, p.b))),
  },
  mean: (p) => div(p.a, add(p.a, p.b)),
  // a b / ((a + b)² (a + b + 1))
  variance: (p) => {
    const size = add(p.a, p.b);
    return div(mul(p.a, p.b), mul(square(size), add(size, scalar(1))));
  },
  logCdf: (x, p) => logBetaCdf(p.a, p.b, logit(x)),
  logCcdf: (x, p) => logBetaCdf(p.b, p.a, neg(logit(x))),
};
