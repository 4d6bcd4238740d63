// DirichletMultinomial(n, concentration): a Multinomial whose probabilities are Dirichlet.

import { add, div, exp, lgamma, mul, scalar, square, sub } from "../op/index.ts";
import { alongEntries, logShares, total } from "./dirichlet.ts";
import type { Dist } from "./dist.ts";
import { drawCounts, logOrders } from "./multinomial.ts";
import { countParam } from "./parameter.ts";

export const dirichletMultinomial: Dist = {
  name: "DirichletMultinomial",
  doc:
    "Counts of the members among `n` draws whose probabilities are Dirichlet(a), a = concentration. " +
    "p(x) = n! Γ(A) / Γ(n + A) Π_k Γ(x_k + a_k) / (x_k! Γ(a_k)), A = Σ a_k.",
  source: "Johnson, Kotz, Balakrishnan 1997, Discrete Multivariate Distributions, section 35.13.1",
  forms: [
    {
      params: [
        countParam("n", "number of draws"),
        { name: "concentration", rank: 1, support: "positive-vector", doc: "prior counts of the members" },
      ],
    },
  ],
  value: "int",
  rank: 1,
  support: (p) => ({ kind: "counts", total: p.n }),
  supportKind: "counts",
  discrete: true,
  // log n! Γ(A) / Γ(n + A) + Σ log Γ(x_k + a_k) / (x_k! Γ(a_k))
  logProb: (x, { n, concentration }) => {
    const size = total(concentration);
    const orders = add(logOrders(n, x), sub(lgamma(size), lgamma(add(n, size))));
    return add(orders, total(sub(lgamma(add(x, concentration)), lgamma(concentration))));
  },
  draw: {
    kind: "opaque",
    sample: (key, p) => {
      const shares = logShares({ ...key, site: `${key.site}.gamma` }, p.concentration);
      return drawCounts(key, p.n, exp(shares));
    },
  },
  mean: ({ n, concentration }) =>
    mul(alongEntries(n, concentration), div(concentration, alongEntries(total(concentration), concentration))),
  // n m (1 - m) (n + A) / (1 + A)
  variance: ({ n, concentration }) => {
    const size = alongEntries(total(concentration), concentration);
    const count = alongEntries(n, concentration);
    const mean = div(concentration, size);
    return div(mul(mul(count, sub(mean, square(mean))), add(count, size)), add(size, scalar(1)));
  },
};
