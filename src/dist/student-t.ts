// StudentT(df, loc, scale).

import type { Node } from "../ir/node.ts";
import {
  add,
  div,
  drawGamma,
  exp,
  less,
  log,
  logStudentCdf,
  logStudentDensity,
  mul,
  noise,
  scalar,
  select,
  square,
  sub,
  type Key,
} from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { positiveParam, realParam } from "./parameter.ts";

const half = (x: Node): Node => mul(scalar(0.5), x);

/** Z / √(G / (df/2)), Z standard normal, G ~ Gamma(df/2, 1): Z exp(-(log G - log(df/2)) / 2). */
export function drawStandardT(key: Key, df: Node): Node {
  const logGamma = drawGamma({ ...key, site: `${key.site}.gamma` }, half(df));
  return mul(noise("normal", key.site, key.axes, key.shape), exp(half(sub(log(half(df)), logGamma))));
}

const df = positiveParam("df", "degrees of freedom");

export const studentT: Dist = {
  name: "StudentT",
  doc: "Heavy tails; `df` = 1 is Cauchy, large `df` is normal. p(x) ∝ (1 + ((x - loc) / scale)² / df)^(-(df + 1)/2).",
  source: "Johnson, Kotz, Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 28",
  forms: [{ params: [df, realParam("loc", "centre"), positiveParam("scale", "spread")] }],
  value: "real",
  rank: 0,
  support: () => ({ kind: "real" }),
  supportKind: "real",
  discrete: false,
  logProb: (x, p) => sub(logStudentDensity(p.df, div(sub(x, p.loc), p.scale)), log(p.scale)),
  draw: { kind: "implicit", sample: (key, p) => add(p.loc, mul(p.scale, drawStandardT(key, p.df))) },
  // undefined for df <= 1
  mean: (p) => select(less(scalar(1), p.df), p.loc, scalar(NaN)),
  variance: (p) => mul(square(p.scale), varianceOfT(p.df)),
  logCdf: (x, p) => logStudentCdf(p.df, div(sub(x, p.loc), p.scale)),
  logCcdf: (x, p) => logStudentCdf(p.df, div(sub(p.loc, x), p.scale)),
};

/** df / (df - 2) for df > 2, infinite for df > 1, else undefined. */
function varianceOfT(df: Node): Node {
  const infinite = select(less(scalar(1), df), scalar(Infinity), scalar(NaN));
  return select(less(scalar(2), df), div(df, sub(df, scalar(2))), infinite);
}
