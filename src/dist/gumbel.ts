// Gumbel(loc, scale): the largest of many.

import type { Node } from "../ir/node.ts";
import { add, div, exp, log, log1mExp, mul, neg, scalar, square, sub } from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { positiveParam, realParam } from "./parameter.ts";

const EULER_GAMMA = 0.57721566490153286;

const standard = (x: Node, p: Params): Node => div(sub(x, p.loc), p.scale);

export const gumbel: Dist = {
  name: "Gumbel",
  doc: "Extreme values: the largest of many draws. p(x) = exp(-z - exp(-z)) / scale, z = (x - loc) / scale.",
  source: "Johnson, Kotz, Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 22",
  forms: [{ params: [realParam("loc", "mode"), positiveParam("scale", "standard deviation times √6 / π")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "real" }),
  supportKind: "real",
  discrete: false,
  // -(z + e^-z) - log scale
  logProb: (x, p) => {
    const z = standard(x, p);
    return neg(add(add(z, exp(neg(z))), log(p.scale)));
  },
  // loc - scale log(-log u)
  draw: { kind: "pathwise", noise: "uniform", from: (u, p) => sub(p.loc, mul(p.scale, log(neg(log(u))))) },
  mean: (p) => add(p.loc, mul(scalar(EULER_GAMMA), p.scale)),
  variance: (p) => mul(scalar(Math.PI ** 2 / 6), square(p.scale)),
  // -e^-z,  log(1 - e^(-e^-z))
  logCdf: (x, p) => neg(exp(neg(standard(x, p)))),
  logCcdf: (x, p) => log1mExp(neg(exp(neg(standard(x, p))))),
};
