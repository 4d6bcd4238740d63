// Maps from the unconstrained line to vectors: the last event dim is one value, dims before it are independent.

import type { Node } from "../ir/node.ts";
import {
  add,
  concat,
  constant,
  cumsum,
  exp,
  expand,
  fill,
  log,
  logSigmoid,
  neg,
  slice,
  sub,
  sum,
} from "../op/index.ts";
import type { Bijection } from "./support.ts";
import * as math from "../op/special/elementary.ts";

const last = (x: Node): number => x.shape.length - 1;
const size = (x: Node): number => x.shape[last(x)];
const head = (x: Node): Node => slice(x, last(x), 0, size(x) - 1);
const tail = (x: Node): Node => slice(x, last(x), 1, size(x) - 1);
const first = (x: Node): Node => slice(x, last(x), 0, 1);
const zero = (x: Node): Node => fill(0, [], [...x.shape.slice(0, -1), 1]);
const join = (a: Node, b: Node): Node => concat([a, b], last(a));

/** log(K - k), k = 1, …, K - 1, for u of K - 1 numbers: with it u = 0 is the uniform vector. */
function offset(u: Node): Node {
  const numbers = Array.from({ length: size(u) }, (_, k) => math.log(size(u) - k));
  return expand(constant(numbers, [size(u)]), u.shape, [last(u)]);
}

/** Stick-breaking in logarithms: piece k is the share z_k = s(u_k - log(K - k)) of what the pieces before it left.
 *  `left`: log of what is left before each piece, K of them; `share`: log z; `rest`: log(1 - z). */
function sticks(u: Node): { readonly left: Node; readonly share: Node; readonly rest: Node } {
  const v = sub(u, offset(u));
  const rest = logSigmoid(neg(v));
  return { left: join(zero(u), cumsum(rest, last(u))), share: logSigmoid(v), rest };
}

/** Vectors of K nonnegative numbers that sum to one, from K - 1 numbers (Stan Reference Manual, "Unit simplex"). */
export const simplex: Bijection = {
  fromUnconstrained: (u) => {
    const { left, share } = sticks(u);
    return exp(add(left, join(share, zero(u))));
  },
  // Σ_k log z_k + log(1 - z_k) + log left_k
  logJacobian: (u) => {
    const { left, share, rest } = sticks(u);
    return sum(add(head(left), add(share, rest)), [last(u)]);
  },
  // log z_k / (1 - z_k) = log x_k - log(x_{k+1} + … + x_K)
  toUnconstrained: (x) => {
    const u = sub(log(head(x)), log(tail(cumsum(x, last(x), true))));
    return add(u, offset(u));
  },
  unconstrainedShape: (shape) => [...shape.slice(0, -1), shape[shape.length - 1] - 1],
};

/** Increasing vectors: the first number, then steps e^u. */
export const ordered: Bijection = {
  fromUnconstrained: (u) => cumsum(join(first(u), exp(tail(u))), last(u)),
  logJacobian: (u) => sum(tail(u), [last(u)]),
  toUnconstrained: (x) => join(first(x), log(sub(tail(x), head(x)))),
  unconstrainedShape: (shape) => shape,
};
