// Flat(), Flat(lower = …, upper = …): no preference at all.

import { scalar } from "../op/index.ts";
import type { Dist, Params, Support } from "./dist.ts";
import { realParam } from "./parameter.ts";

const lower = realParam("lower", "least value");
const upper = realParam("upper", "largest value");

function supportOf(p: Params): Support {
  if ("lower" in p && "upper" in p) return { kind: "interval", lower: p.lower, upper: p.upper };
  if ("lower" in p) return { kind: "lower", lower: p.lower };
  return "upper" in p ? { kind: "upper", upper: p.upper } : { kind: "real" };
}

export const flat: Dist = {
  name: "Flat",
  doc:
    "Density 1 on the whole line, or from `lower`, up to `upper`, or between both. " +
    "Improper: it has no draws, and the evidence means nothing.",
  source: "Gelman et al. 2013, Bayesian Data Analysis, section 2.8",
  forms: [
    { params: [] },
    { params: [lower, upper], named: true, supportKind: "interval" },
    { params: [lower], named: true, supportKind: "lower" },
    { params: [upper], named: true, supportKind: "upper" },
  ],
  value: "real",
  rank: 0,
  support: supportOf,
  supportKind: "real",
  discrete: false,
  improper: true,
  logProb: () => scalar(0),
  draw: { kind: "none" },
};
