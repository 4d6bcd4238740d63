// OneHotCategorical(prob): the vector that is one at a member of a dim and zero elsewhere.

import { mul, scalar, sub } from "../op/index.ts";
import { categorical } from "./categorical.ts";
import type { Dist } from "./dist.ts";

export const oneHotCategorical: Dist = {
  ...categorical,
  name: "OneHotCategorical",
  doc: "A vector with a one at entry k, with probability prob[k], and zeros elsewhere. p(x) = Π_k prob[k]^x_k.",
  value: "real",
  rank: 1,
  support: (p) => ({ kind: "one-hot", count: p.prob.shape[p.prob.shape.length - 1] }),
  supportKind: "one-hot",
  mean: (p) => p.prob,
  variance: (p) => mul(p.prob, sub(scalar(1), p.prob)),
};
