// LKJCholesky(K, eta): the Cholesky factor of a random correlation matrix.

import type { Node } from "../ir/node.ts";
import {
  add,
  constant,
  diagonalOf,
  drawGamma,
  einsumLast,
  expand,
  log,
  logBeta,
  mul,
  scalar,
  sub,
  type Key,
} from "../op/index.ts";
import type { Dist } from "./dist.ts";
import { choleskyCorrelation, columnsBelow } from "./matrix-support.ts";
import { positiveParam } from "./parameter.ts";

/** `numbers` repeated beside a leading shape. */
const repeated = (numbers: readonly number[], lead: readonly number[]): Node =>
  expand(constant(numbers, [numbers.length]), [...lead, numbers.length], [lead.length]);

const alongNumbers = (x: Node, count: number): Node =>
  expand(
    x,
    [...x.shape, count],
    x.shape.map((_, d) => d),
  );

/** The partial correlations of column j (from 0) are 2 B - 1, B ~ Beta(b, b), b = eta + (K - 2 - j) / 2: section 2.4 of
 *  the source. */
const betaOf = (eta: Node, K: number, columns: readonly number[]): Node =>
  add(
    alongNumbers(eta, columns.length),
    repeated(
      columns.map((j) => (K - 2 - j) / 2),
      eta.shape,
    ),
  );

/** Σ_j (K - 1 - j) ((2 b_j - 1) log 2 + log B(b_j, b_j)) */
function logNormaliser(eta: Node, K: number): Node {
  const columns = Array.from({ length: K - 1 }, (_, j) => j);
  const b = betaOf(eta, K, columns);
  const one = add(mul(sub(mul(scalar(2), b), scalar(1)), scalar(Math.LN2)), logBeta(b, b));
  return einsumLast(
    "j,j->",
    repeated(
      columns.map((j) => K - 1 - j),
      eta.shape,
    ),
    one,
  );
}

/** Σ_i (K - 1 - i + 2 (eta - 1)) log L_ii */
function logKernel(x: Node, eta: Node, K: number): Node {
  const logs = log(diagonalOf(x));
  const lead = logs.shape.slice(0, -1);
  const weighted = (weights: readonly number[]): Node => einsumLast("i,i->", repeated(weights, lead), logs);
  const rows = Array.from({ length: K }, (_, i) => K - 1 - i);
  return add(weighted(rows), mul(mul(scalar(2), sub(eta, scalar(1))), weighted(rows.map(() => 1))));
}

/** u = ½ log(G / G'), G and G' ~ Gamma(b, 1): tanh u is a partial correlation. */
function drawFactor(key: Key, eta: Node): Node {
  const K = key.shape[key.shape.length - 1] ?? 1;
  const columns = columnsBelow(K);
  const shape = [...key.shape.slice(0, -2), columns.length];
  const b = betaOf(eta.shape.length === 0 ? expand(eta, shape.slice(0, -1), []) : eta, K, columns);
  const [g, h] = ["a", "b"].map((name) => drawGamma({ ...key, site: `${key.site}.${name}`, shape }, b)) as [Node, Node];
  return choleskyCorrelation.fromUnconstrained(mul(scalar(0.5), sub(g, h)));
}

export const lkjCholesky: Dist = {
  name: "LKJCholesky",
  doc:
    "The Cholesky factor L of a K × K correlation matrix R = L Lᵀ with p(R) ∝ det(R)^(eta - 1): eta = 1 is uniform, " +
    "larger eta is nearer to independence. p(L) ∝ Π_i L_ii^(K - i + 2 eta - 2), i = 2, …, K.",
  source: "Lewandowski, Kurowicka, Joe 2009, Journal of Multivariate Analysis 100",
  forms: [
    {
      params: [
        { name: "K", rank: 0, support: "count", size: true, doc: "number of rows" },
        positiveParam("eta", "concentration around independence"),
      ],
    },
  ],
  value: "real",
  rank: 2,
  support: () => ({ kind: "cholesky-correlation" }),
  supportKind: "cholesky-correlation",
  discrete: false,
  logProb: (x, p) => {
    const K = x.shape[x.shape.length - 1] ?? 1;
    return sub(logKernel(x, p.eta, K), logNormaliser(p.eta, K));
  },
  draw: { kind: "implicit", sample: (key, p) => drawFactor(key, p.eta) },
};
