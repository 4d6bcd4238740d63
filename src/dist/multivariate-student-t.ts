// MultivariateStudentT(df, loc, chol =).

import type { Node } from "../ir/node.ts";
import {
  add,
  div,
  drawGamma,
  exp,
  expand,
  less,
  lgamma,
  log,
  log1p,
  logBeta,
  mul,
  noise,
  scalar,
  select,
  solveLower,
  sub,
  type Key,
} from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { cholParam, halfLogDet, lowerTimes, squaredLength, variances, vectorParam } from "./multivariate-normal.ts";
import { positiveParam } from "./parameter.ts";

const half = (x: Node): Node => mul(scalar(0.5), x);

/** One number for each vector, repeated along its entries. */
const alongVector = (x: Node, shape: readonly number[]): Node =>
  x.shape.length === 0
    ? x
    : expand(
        x,
        shape,
        x.shape.map((_, d) => d),
      );

/** Z / √(G / (df/2)), one G ~ Gamma(df/2, 1) for all entries of Z. */
function drawStandard(key: Key, df: Node): Node {
  const logGamma = drawGamma({ ...key, site: `${key.site}.gamma`, shape: key.shape.slice(0, -1) }, half(df));
  const stretch = exp(half(sub(log(half(df)), logGamma)));
  return mul(noise("normal", key.site, key.axes, key.shape), alongVector(stretch, key.shape));
}

/** loc for df > 1, L Lᵀ df / (df - 2) for df > 2: elsewhere they do not exist. */
const where = (df: Node, least: number, x: Node, otherwise: number): Node =>
  select(alongVector(less(scalar(least), df), x.shape), x, scalar(otherwise));

export const multivariateStudentT: Dist = {
  name: "MultivariateStudentT",
  doc:
    "A multivariate normal whose scale is shared and random: heavy tails in all directions. " +
    "p(x) ∝ (1 + |z|² / df)^(-(df + n)/2), z = chol⁻¹ (x - loc), n entries.",
  source: "Kotz, Nadarajah 2004, Multivariate t Distributions and Their Applications, section 1.1",
  forms: [{ params: [positiveParam("df", "degrees of freedom"), vectorParam("loc", "centre"), cholParam] }],
  value: "real",
  rank: 1,
  support: () => ({ kind: "real" }),
  supportKind: "real",
  discrete: false,
  // log Γ(n/2) - log B(df/2, n/2) - n log(π df)/2 - Σ log L_ii - (df + n)/2 log(1 + |z|²/df)
  logProb: (x, p) => {
    const n = scalar(x.shape[x.shape.length - 1] ?? 1);
    const volume = half(mul(n, log(mul(scalar(Math.PI), p.df))));
    const normaliser = sub(sub(lgamma(half(n)), logBeta(half(p.df), half(n))), volume);
    const tail = mul(half(add(p.df, n)), log1p(div(squaredLength(solveLower(p.chol, sub(x, p.loc))), p.df)));
    return sub(sub(normaliser, halfLogDet(p.chol)), tail);
  },
  draw: { kind: "implicit", sample: (key, p) => add(p.loc, lowerTimes(p.chol, drawStandard(key, p.df))) },
  mean: (p) => where(p.df, 1, p.loc, NaN),
  variance: (p) => {
    const spread = variances(p.chol);
    const factor = alongVector(div(p.df, sub(p.df, scalar(2))), spread.shape);
    return where(p.df, 1, where(p.df, 2, mul(spread, factor), Infinity), NaN);
  },
};
