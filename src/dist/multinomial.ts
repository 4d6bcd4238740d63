// Multinomial(n, prob): how many of n independent draws of a Categorical fall on each member.

import type { Node } from "../ir/node.ts";
import {
  add,
  concat,
  cumsum,
  div,
  drawBinomial,
  exp,
  expand,
  less,
  lgamma,
  logSoftmax,
  minimum,
  mul,
  reshape,
  scalar,
  select,
  slice,
  sub,
  xlogy,
  type Key,
} from "../op/index.ts";
import { alongEntries, total } from "./dirichlet.ts";
import type { Dist } from "./dist.ts";
import { countParam } from "./parameter.ts";

const n = countParam("n", "number of draws");
const factorial = (x: Node): Node => lgamma(add(x, scalar(1)));

/** log n! / Π x_k! */
export const logOrders = (count: Node, x: Node): Node => sub(factorial(count), total(factorial(x)));

/** Entry k is Binomial(what the entries before it left, prob_k / (prob_k + prob_{k+1} + …)). */
export function drawCounts(key: Key, count: Node, prob: Node): Node {
  const dim = prob.shape.length - 1;
  const size = prob.shape[dim];
  const lead = prob.shape.slice(0, -1);
  const rest = cumsum(prob, dim, true);
  const share = select(less(scalar(0), rest), minimum(div(prob, rest), scalar(1)), scalar(0));
  const entry = (x: Node, k: number): Node => reshape(slice(x, dim, k, 1), lead);
  const counts: Node[] = [];
  let left = count.shape.length === lead.length ? count : expand(count, lead, []);
  for (let k = 0; k + 1 < size; k++) {
    const drawn = drawBinomial({ ...key, site: `${key.site}.${k}`, shape: lead }, left, entry(share, k));
    counts.push(drawn);
    left = sub(left, drawn);
  }
  return concat(
    [...counts, left].map((x) => reshape(add(x, expand(scalar(0), lead, [])), [...lead, 1])),
    dim,
  );
}

export const multinomial: Dist = {
  name: "Multinomial",
  doc: "Counts of the members among `n` independent draws. p(x) = n! Π_k prob[k]^x_k / x_k!, x_k >= 0, Σ x_k = n.",
  source: "Johnson, Kotz, Balakrishnan 1997, Discrete Multivariate Distributions, ch. 35",
  forms: [
    { params: [n, { name: "prob", rank: 1, support: "probability-vector", doc: "probabilities, which sum to one" }] },
    {
      params: [n, { name: "logit", rank: 1, support: "any", named: true, doc: "log probabilities up to a constant" }],
      canonical: (p) => ({ n: p.n, prob: exp(logSoftmax(p.logit)) }),
      // 0 (-inf) = 0
      logProb: (x, p) => {
        const terms = select(less(scalar(0), x), mul(x, logSoftmax(p.logit)), scalar(0));
        return add(logOrders(p.n, x), total(terms));
      },
    },
  ],
  value: "int",
  rank: 1,
  support: (p) => ({ kind: "counts", total: p.n }),
  supportKind: "counts",
  discrete: true,
  // log n! - Σ log x_k! + Σ x_k log prob_k, with 0 log 0 = 0
  logProb: (x, p) => add(logOrders(p.n, x), total(xlogy(x, p.prob))),
  draw: { kind: "opaque", sample: (key, p) => drawCounts(key, p.n, p.prob) },
  mean: (p) => mul(alongEntries(p.n, p.prob), p.prob),
  variance: (p) => mul(alongEntries(p.n, p.prob), mul(p.prob, sub(scalar(1), p.prob))),
};
