// Dirichlet(concentration): probabilities that sum to one.

import { ice } from "../base/ice.ts";
import type { Node } from "../ir/node.ts";
import {
  add,
  div,
  drawGamma,
  expand,
  lgamma,
  logSoftmax,
  numberOf,
  scalar,
  square,
  sub,
  sum,
  xlogy,
  type Key,
} from "../op/index.ts";
import type { Dist, Params } from "./dist.ts";
import { positiveParam } from "./parameter.ts";
import { positiveOf } from "./within-range.ts";

const last = (x: Node): number => x.shape.length - 1;
export const total = (x: Node): Node => sum(x, [last(x)]);
/** A number per vector, beside each of its entries. */
export const alongEntries = (x: Node, like: Node): Node =>
  expand(
    x,
    like.shape,
    x.shape.map((_, d) => d),
  );

/** log of Gammas with these shapes over their sum: log Dirichlet. */
export const logShares = (key: Key, concentration: Node): Node =>
  logSoftmax(drawGamma({ ...key, shape: concentration.shape }, concentration));

/** One concentration, `K` times. */
function repeated({ concentration, K }: Params): Params {
  const size = numberOf(K) ?? ice("the size of a Dirichlet is not known when the graph is built");
  const { shape } = concentration;
  return {
    concentration: expand(
      concentration,
      [...shape, size],
      shape.map((_, d) => d),
    ),
  };
}

export const dirichlet: Dist = {
  name: "Dirichlet",
  doc: "Probabilities. p(x) = Γ(Σ a_k) Π_k x_k^(a_k - 1) / Γ(a_k) with a = concentration; x_k >= 0, Σ x_k = 1.",
  source: "Kotz, Balakrishnan, Johnson 2000, Continuous Multivariate Distributions, ch. 49",
  forms: [
    { params: [{ name: "concentration", rank: 1, support: "positive-vector", doc: "power of each entry, plus 1" }] },
    {
      params: [
        positiveParam("concentration", "power of every entry, plus 1: 1 is uniform, below 1 is sparse"),
        { name: "K", rank: 0, support: "count", size: true, doc: "number of entries" },
      ],
      canonical: repeated,
    },
  ],
  value: "real",
  rank: 1,
  support: () => ({ kind: "simplex" }),
  supportKind: "simplex",
  discrete: false,
  // Σ (a_k - 1) log x_k - log Γ(a_k), + log Γ(Σ a_k), with 0 log 0 = 0
  logProb: (x, { concentration }) => {
    const entries = sub(xlogy(sub(concentration, scalar(1)), x), lgamma(concentration));
    return add(total(entries), lgamma(total(concentration)));
  },
  draw: { kind: "implicit", sample: (key, p) => positiveOf(logShares(key, p.concentration)) },
  mean: ({ concentration }) => div(concentration, alongEntries(total(concentration), concentration)),
  // m (1 - m) / (Σ a + 1)
  variance: ({ concentration }) => {
    const sums = alongEntries(total(concentration), concentration);
    const mean = div(concentration, sums);
    return div(sub(mean, square(mean)), add(sums, scalar(1)));
  },
};
