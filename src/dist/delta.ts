// Delta(x): one value for certain.

import { scalar } from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { realParam } from "./parameter.ts";

export const delta: Dist = {
  name: "Delta",
  doc:
    "The value `x` for certain: its log density counts as 0 there and -inf elsewhere. " +
    "As a guide it is a point estimate.",
  source: "by definition",
  forms: [{ params: [realParam("x", "the value")] }],
  value: "real",
  rank: 0,
  support: (p) => ({ kind: "point", at: p.x }),
  supportKind: "point",
  discrete: false,
  logProb: () => scalar(0),
  draw: { kind: "pathwise", noise: "uniform", from: (_, p) => p.x },
  mean: (p) => p.x,
  variance: () => scalar(0),
  logCdf: () => scalar(0),
  logCcdf: () => scalar(-Infinity),
};
