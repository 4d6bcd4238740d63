// Cauchy(loc, scale).

import type { Node } from "../ir/node.ts";
import { add, atan2, div, log, log1p, mul, neg, scalar, square, sub, tan } from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { positiveParam, realParam } from "./parameter.ts";
import * as math from "../op/special/elementary.ts";

/** log of atan2(1, -z) / π = P(Z <= z): no cancellation in the left tail. */
const logTail = (z: Node): Node => sub(log(atan2(scalar(1), neg(z))), scalar(math.log(Math.PI)));

export const cauchy: Dist = {
  name: "Cauchy",
  doc: "Student's t with one degree of freedom: no mean, no variance. p(x) = 1 / (π scale (1 + ((x - loc) / scale)²)).",
  source: "Johnson, Kotz, Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 16",
  forms: [{ params: [realParam("loc", "median"), positiveParam("scale", "half the distance between the quartiles")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "real" }),
  supportKind: "real",
  discrete: false,
  // -log(π scale) - log(1 + z²),  z = (x - loc) / scale
  logProb: (x, p) => neg(add(log(mul(scalar(Math.PI), p.scale)), log1p(square(div(sub(x, p.loc), p.scale))))),
  // loc + scale tan(π (u - 1/2))
  draw: {
    kind: "pathwise",
    noise: "uniform",
    from: (u, p) => add(p.loc, mul(p.scale, tan(mul(scalar(Math.PI), sub(u, scalar(0.5)))))),
  },
  logCdf: (x, p) => logTail(div(sub(x, p.loc), p.scale)),
  logCcdf: (x, p) => logTail(div(sub(p.loc, x), p.scale)),
};
