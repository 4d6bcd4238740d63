// MultivariateNormal(mean, chol = | cov = | precision =), and what its relatives share.

import type { Node } from "../ir/node.ts";
import {
  add,
  cholesky,
  diagonalOf,
  einsumLast,
  identityLike,
  log,
  lowerPart,
  solveLower,
  solveUpper,
  square,
  sub,
  sum,
} from "../op/index.ts";
import type { Dist, Param } from "./dist.ts";
import { logStandardNormal } from "./normal.ts";

/** Σ over the last event dim. */
const sumLast = (x: Node): Node => sum(x, [x.shape.length - 1]);

/** Σ log L_ii of a Cholesky factor: half the log determinant of L Lᵀ. */
export const halfLogDet = (L: Node): Node => sumLast(log(diagonalOf(L)));

/** |z|² */
export const squaredLength = (z: Node): Node => sumLast(square(z));

/** The diagonal of L Lᵀ. */
export const variances = (L: Node): Node => einsumLast("ij,ij->i", lowerPart(L), lowerPart(L));

/** L z, the matrix read on and below its diagonal. */
export const lowerTimes = (L: Node, z: Node): Node => einsumLast("ij,j->i", lowerPart(L), z);

export const vectorParam = (name: string, doc: string): Param => ({ name, rank: 1, support: "real", doc });
export const cholParam: Param = {
  name: "chol",
  rank: 2,
  support: "cholesky",
  named: true,
  doc: "lower triangular L with covariance L Lᵀ",
};
const mean = vectorParam("mean", "centre");
const covParam: Param = { name: "cov", rank: 2, support: "covariance", named: true, doc: "covariance matrix" };
const precisionParam: Param = { ...covParam, name: "precision", doc: "inverse of the covariance" };

/** The Cholesky factor of P⁻¹, from that of P. */
function factorOfInverse(P: Node): Node {
  const L = cholesky(P);
  return cholesky(solveUpper(L, solveLower(L, identityLike(P.shape))));
}

export const multivariateNormal: Dist = {
  name: "MultivariateNormal",
  doc:
    "A vector whose linear combinations are normal. p(x) = exp(-½ (x - mean)ᵀ cov⁻¹ (x - mean)) / √det(2π cov). " +
    "The covariance is given as a matrix, by its Cholesky factor, or by its inverse; it must be positive definite.",
  source: "Murphy 2012, Machine Learning, section 2.5.2",
  forms: [
    { params: [mean, cholParam] },
    { params: [mean, covParam], canonical: (p) => ({ mean: p.mean, chol: cholesky(p.cov) }) },
    {
      params: [mean, precisionParam],
      canonical: (p) => ({ mean: p.mean, chol: factorOfInverse(p.precision) }),
      // z = Lᵀ (x - mean), L Lᵀ the precision
      logProb: (x, p) => {
        const L = cholesky(p.precision);
        return add(sumLast(logStandardNormal(einsumLast("ji,j->i", L, sub(x, p.mean)))), halfLogDet(L));
      },
    },
  ],
  value: "real",
  rank: 1,
  support: () => ({ kind: "real" }),
  supportKind: "real",
  discrete: false,
  // -|z|²/2 - n log(2π)/2 - Σ log L_ii,  z = L⁻¹ (x - mean)
  logProb: (x, p) => sub(sumLast(logStandardNormal(solveLower(p.chol, sub(x, p.mean)))), halfLogDet(p.chol)),
  draw: { kind: "pathwise", noise: "normal", from: (eps, p) => add(p.mean, lowerTimes(p.chol, eps)) },
  mean: (p) => p.mean,
  variance: (p) => variances(p.chol),
};
