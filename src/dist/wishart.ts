// Wishart(df, scale), and what InverseWishart shares with it.

import type { Node } from "../ir/node.ts";
import {
  add,
  cholesky,
  constant,
  diagonalOf,
  drawGamma,
  einsumLast,
  exp,
  expand,
  identityLike,
  less,
  lgamma,
  lowerPart,
  mul,
  noise,
  scalar,
  select,
  solveLower,
  square,
  sub,
  sum,
  type Key,
} from "../op/index.ts";
import type { Dist, Param } from "./dist.ts";
import { halfLogDet } from "./multivariate-normal.ts";
import { positiveParam } from "./parameter.ts";
import * as math from "../op/special/elementary.ts";

const half = (x: Node): Node => mul(scalar(0.5), x);

/** Rows of a matrix. */
export const rowsOf = (x: Node): number => x.shape[x.shape.length - 1] ?? 1;

/** Σ of the squares of all entries of each matrix. */
const squaredNorm = (x: Node): Node => sum(square(x), [x.shape.length - 2, x.shape.length - 1]);

/** The trace of A⁻¹ B, from their Cholesky factors. */
export const traceOfRatio = (a: Node, b: Node): Node => squaredNorm(solveLower(a, b));

/** (df - 0) / 2, (df - 1) / 2, …, (df - n + 1) / 2 on a new last dim. */
function halves(df: Node, n: number): Node {
  const shape = [...df.shape, n];
  const steps = expand(
    constant(
      Array.from({ length: n }, (_, i) => i / 2),
      [n],
    ),
    shape,
    [shape.length - 1],
  );
  return sub(
    expand(
      half(df),
      shape,
      df.shape.map((_, d) => d),
    ),
    steps,
  );
}

/** log of 2^(df n / 2) Γ_n(df / 2), Γ_n the multivariate gamma function (Muirhead 1982, theorem 2.1.12); NaN for
 *  df <= n - 1, where there is no such distribution. */
export function logNormaliser(df: Node, n: number): Node {
  const gammas = sum(lgamma(halves(df, n)), [df.shape.length]);
  const constants = add(half(mul(df, scalar(n * Math.LN2))), scalar(0.25 * n * (n - 1) * math.log(Math.PI)));
  return select(less(scalar(n - 1), df), add(gammas, constants), scalar(NaN));
}

/** The Cholesky factor of a Wishart(df, I) draw: √χ² on the diagonal, with df, df - 1, … degrees of freedom, standard
 *  normals below (Bartlett 1933; Anderson 2003, corollary 7.2.1). */
export function bartlett(key: Key, df: Node): Node {
  const n = key.shape[key.shape.length - 1] ?? 1;
  const lead = key.shape.slice(0, -2);
  const shapes = halves(df.shape.length === 0 ? expand(df, lead, []) : df, n);
  const logGamma = drawGamma({ ...key, site: `${key.site}.gamma`, shape: [...lead, n] }, shapes);
  const roots = exp(half(add(logGamma, scalar(Math.LN2))));
  const onRows = expand(
    roots,
    key.shape,
    roots.shape.map((_, d) => d),
  );
  const below = lowerPart(noise("normal", key.site, key.axes, key.shape));
  return select(identityLike(key.shape), onRows, below);
}

/** B Bᵀ */
export const gram = (B: Node): Node => einsumLast("ij,kj->ik", B, B);

/** One number for each matrix, repeated along its entries. */
export const alongMatrix = (x: Node, like: Node): Node =>
  x.shape.length === 0
    ? x
    : expand(
        x,
        like.shape,
        x.shape.map((_, d) => d),
      );

/** s_ii s_jj for a matrix s. */
export function productOfDiagonal(s: Node): Node {
  const d = diagonalOf(s);
  return einsumLast("i,j->ij", d, d);
}

export const scaleParam = (doc: string): Param => ({ name: "scale", rank: 2, support: "covariance", doc });
export const matrixDf = positiveParam("df", "degrees of freedom, above the number of rows minus 1");

export const wishart: Dist = {
  name: "Wishart",
  doc:
    "The sum of df outer products of normal vectors with covariance `scale`, and what lies between for df that is " +
    "no integer. p(X) ∝ det(X)^((df - n - 1)/2) exp(-½ tr(scale⁻¹ X)), X positive definite with n rows, df > n - 1.",
  source: "Anderson 2003, An Introduction to Multivariate Statistical Analysis, section 7.2",
  forms: [{ params: [matrixDf, scaleParam("mean / df")] }],
  value: "real",
  rank: 2,
  support: () => ({ kind: "covariance" }),
  supportKind: "covariance",
  discrete: false,
  // ((df - n - 1) log|X| - tr(S⁻¹ X) - df log|S|) / 2 - log normaliser
  logProb: (x, p) => {
    const n = rowsOf(x);
    const [S, X] = [cholesky(p.scale), cholesky(x)];
    const powers = sub(mul(sub(p.df, scalar(n + 1)), halfLogDet(X)), mul(p.df, halfLogDet(S)));
    return sub(sub(powers, half(traceOfRatio(S, X))), logNormaliser(p.df, n));
  },
  draw: { kind: "implicit", sample: (key, p) => gram(einsumLast("ij,jk->ik", cholesky(p.scale), bartlett(key, p.df))) },
  mean: (p) => mul(alongMatrix(p.df, p.scale), p.scale),
  // df (s_ij² + s_ii s_jj)
  variance: (p) => mul(alongMatrix(p.df, p.scale), add(square(p.scale), productOfDiagonal(p.scale))),
};
