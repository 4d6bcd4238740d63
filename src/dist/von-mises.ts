// VonMises(loc, concentration): the normal distribution of directions.

import type { Node } from "../ir/node.ts";
import {
  add,
  div,
  drawVonMises,
  floor,
  logVonMisesArc,
  logVonMisesDensity,
  mul,
  neg,
  scalar,
  sub,
} from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { nonnegativeParam, realParam } from "./parameter.ts";

const TURN = 2 * Math.PI;

/** The same direction in [-π, π). */
const wrapped = (x: Node): Node => sub(x, mul(scalar(TURN), floor(div(add(x, scalar(Math.PI)), scalar(TURN)))));

export const vonMises: Dist = {
  name: "VonMises",
  doc:
    "A direction, in radians. p(x) = exp(concentration cos(x - loc)) / (2π I_0(concentration)), -π <= x < π; " +
    "directions a turn apart are the same. Tail probabilities count from -π.",
  source: "Mardia, Jupp 2000, Directional Statistics, section 3.5.4",
  forms: [
    {
      params: [
        realParam("loc", "mean direction"),
        nonnegativeParam("concentration", "1 / variance where that is small; 0 is uniform"),
      ],
    },
  ],
  value: "real",
  rank: 0,
  support: () => ({ kind: "circle" }),
  supportKind: "circle",
  discrete: false,
  logProb: (x, p) => logVonMisesDensity(p.concentration, sub(x, p.loc)),
  draw: { kind: "implicit", sample: (key, p) => wrapped(add(p.loc, drawVonMises(key, p.concentration))) },
  // from -π to x, and from x to π
  logCdf: (x, p) => logVonMisesArc(p.concentration, neg(add(scalar(Math.PI), p.loc)), add(x, scalar(Math.PI))),
  logCcdf: (x, p) => logVonMisesArc(p.concentration, sub(x, p.loc), sub(scalar(Math.PI), x)),
};
