// VonMises(loc, concentration): the normal distribution of directions.

import type { Node } from "../ir/node.ts";
import { add, div, drawVonMises, floor, log, logBesselI0e, mul, scalar, sin, square, sub } from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { nonnegativeParam, realParam } from "./parameter.ts";

const TURN = 2 * Math.PI;

/** The same direction in [-π, π). */
const wrapped = (x: Node): Node =>
  sub(x, mul(scalar(TURN), floor(div(add(x, scalar(Math.PI)), scalar(TURN)))));

export const vonMises: Dist = {
  name: "VonMises",
  doc: "A direction, in radians. p(x) = exp(concentration cos(x - loc)) / (2π I_0(concentration)), -π <= x < π; "
    + "directions a turn apart are the same.",
  source: "Mardia, Jupp 2000, Directional Statistics, section 3.5.4",
  forms: [{
    params: [
      realParam("loc", "mean direction"),
      nonnegativeParam("concentration", "1 / variance where that is small; 0 is uniform"),
    ],
  }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "circle" }),
  supportKind: "circle",
  discrete: false,
  // k (cos d - 1) - log(2π I_0(k) e^-k), with cos d - 1 = -2 sin²(d/2)
  logProb: (x, p) => {
    const apart = mul(scalar(-2), square(sin(mul(scalar(0.5), sub(x, p.loc)))));
    return sub(sub(mul(p.concentration, apart), logBesselI0e(p.concentration)), log(scalar(TURN)));
  },
  draw: { kind: "implicit", sample: (key, p) => wrapped(add(p.loc, drawVonMises(key, p.concentration))) },
};
