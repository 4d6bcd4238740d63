// InverseWishart(df, scale): the inverse of a Wishart(df, scale⁻¹) matrix.

import type { Node } from "../ir/node.ts";
import { add, cholesky, div, less, mul, scalar, select, solveLower, square, sub, transposeLast } from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { halfLogDet } from "./multivariate-normal.ts";
import {
  alongMatrix,
  bartlett,
  gram,
  logNormaliser,
  matrixDf,
  productOfDiagonal,
  rowsOf,
  scaleParam,
  traceOfRatio,
} from "./wishart.ts";

/** df - n - 1 + k: the excess over what moments need. */
const excess = (p: Params, k: number): Node => sub(p.df, scalar(rowsOf(p.scale) + 1 - k));

/** `x` where df exceeds n + 1 + least, else it does not exist. */
const where = (p: Params, least: number, x: Node): Node =>
  select(alongMatrix(less(scalar(least), excess(p, 0)), x), x, scalar(NaN));

/** (m + 2) s_ij² + m s_ii s_jj over (m + 1) m² (m - 2), m = df - n - 1 (Press 1982, section 5.2). */
function variance(p: Params): Node {
  const [m, m1, m2] = [0, 1, -2].map((k) => alongMatrix(excess(p, k), p.scale)) as [Node, Node, Node];
  const top = add(mul(add(m, scalar(2)), square(p.scale)), mul(m, productOfDiagonal(p.scale)));
  return where(p, 2, div(top, mul(mul(m1, square(m)), m2)));
}

export const inverseWishart: Dist = {
  name: "InverseWishart",
  doc:
    "The inverse of a Wishart(df, scale⁻¹) matrix: the conjugate prior of a covariance. " +
    "p(X) ∝ det(X)^(-(df + n + 1)/2) exp(-½ tr(scale X⁻¹)), X positive definite with n rows, df > n - 1.",
  source: "Gelman et al. 2013, Bayesian Data Analysis, appendix A",
  forms: [{ params: [matrixDf, scaleParam("mean times (df - n - 1)")] }],
  value: "real",
  rank: 2,
  support: () => ({ kind: "covariance" }),
  supportKind: "covariance",
  discrete: false,
  // (df log|S| - (df + n + 1) log|X| - tr(S X⁻¹)) / 2 - log normaliser
  logProb: (x, p) => {
    const n = rowsOf(x);
    const [S, X] = [cholesky(p.scale), cholesky(x)];
    const powers = sub(mul(p.df, halfLogDet(S)), mul(add(p.df, scalar(n + 1)), halfLogDet(X)));
    return sub(sub(powers, mul(scalar(0.5), traceOfRatio(X, S))), logNormaliser(p.df, n));
  },
  // A Aᵀ ~ Wishart(df, I), S = L Lᵀ: (A⁻¹ Lᵀ)ᵀ (A⁻¹ Lᵀ) is the inverse of L⁻ᵀ A Aᵀ L⁻¹
  draw: {
    kind: "implicit",
    sample: (key, p) => gram(transposeLast(solveLower(bartlett(key, p.df), transposeLast(cholesky(p.scale))))),
  },
  mean: (p) => where(p, 0, div(p.scale, alongMatrix(excess(p, 0), p.scale))),
  variance,
};
