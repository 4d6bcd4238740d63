// Laplace(loc, scale): two exponentials back to back.

import type { Node } from "../ir/node.ts";
import { abs, add, div, exp, less, log, log1p, mul, neg, scalar, select, sign, square, sub } from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { positiveParam, realParam } from "./parameter.ts";

/** log P(Z <= z): z - log 2 below 0, log(1 - e^-z / 2) above. */
const logTail = (z: Node): Node =>
  select(less(z, scalar(0)), sub(z, scalar(Math.LN2)), log1p(mul(scalar(-0.5), exp(neg(abs(z))))));

export const laplace: Dist = {
  name: "Laplace",
  doc: "Double exponential, with a peak at `loc`. p(x) = exp(-|x - loc| / scale) / (2 scale).",
  source: "Johnson, Kotz, Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 24",
  forms: [{ params: [realParam("loc", "centre"), positiveParam("scale", "mean distance from the centre")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "real" }),
  supportKind: "real",
  discrete: false,
  // -|z| - log(2 scale),  z = (x - loc) / scale
  logProb: (x, p) => neg(add(abs(div(sub(x, p.loc), p.scale)), log(mul(scalar(2), p.scale)))),
  // loc - scale sign(v) log(1 - 2|v|),  v = u - 1/2
  draw: {
    kind: "pathwise",
    noise: "uniform",
    from: (u, p) => {
      const v = sub(u, scalar(0.5));
      return sub(p.loc, mul(p.scale, mul(sign(v), log1p(mul(scalar(-2), abs(v))))));
    },
  },
  mean: (p) => p.loc,
  variance: (p) => mul(scalar(2), square(p.scale)),
  logCdf: (x, p) => logTail(div(sub(x, p.loc), p.scale)),
  logCcdf: (x, p) => logTail(div(sub(p.loc, x), p.scale)),
};
