// BetaBinomial(n, a, b): a Binomial whose probability is Beta(a, b).

import type { Node } from "../ir/node.ts";
import {
  add,
  div,
  drawBinomial,
  drawGamma,
  floor,
  logBeta,
  logBetaBinomialCdf,
  logChoose,
  mul,
  scalar,
  sigmoid,
  square,
  sub,
} from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { countParam, positiveParam } from "./parameter.ts";

export const betaBinomial: Dist = {
  name: "BetaBinomial",
  doc:
    "Successes among `n` trials whose probability is itself Beta(a, b). " +
    "p(x) = C(n, x) B(a + x, b + n - x) / B(a, b), x = 0, …, n.",
  source: "Johnson, Kemp, Kotz 2005, Univariate Discrete Distributions, section 6.2.2",
  forms: [
    {
      params: [
        countParam("n", "number of trials"),
        positiveParam("a", "prior successes"),
        positiveParam("b", "prior failures"),
      ],
    },
  ],
  value: "int",
  rank: 0,
  support: (p) => ({ kind: "count", upper: p.n }),
  supportKind: "count",
  discrete: true,
  // log C(n, x) + log B(a + x, b + n - x) - log B(a, b)
  logProb: (x, p) => {
    const posterior = logBeta(add(p.a, x), add(p.b, sub(p.n, x)));
    return add(logChoose(p.n, x), sub(posterior, logBeta(p.a, p.b)));
  },
  // prob = G_a / (G_a + G_b)
  draw: {
    kind: "opaque",
    sample: (key, p) => {
      const logGamma = (name: "a" | "b"): Node => drawGamma({ ...key, site: `${key.site}.${name}` }, p[name]);
      return drawBinomial(key, p.n, sigmoid(sub(logGamma("a"), logGamma("b"))));
    },
  },
  mean: (p) => div(mul(p.n, p.a), add(p.a, p.b)),
  // n a b (a + b + n) / ((a + b)² (a + b + 1))
  variance: (p) => {
    const size = add(p.a, p.b);
    return div(mul(mul(p.n, mul(p.a, p.b)), add(size, p.n)), mul(square(size), add(size, scalar(1))));
  },
  logCdf: (x, p) => logBetaBinomialCdf(x, p.n, p.a, p.b),
  logCcdf: (x, p) => logBetaBinomialCdf(sub(sub(p.n, floor(x)), scalar(1)), p.n, p.b, p.a),
};
