// A Gaussian with covariance D² + W W': r factors that all coordinates share, beside a standard deviation of each its
// own.

import { PARTICLE } from "../../objective/term.ts";
import {
  add,
  cholesky,
  diagonalOf,
  div,
  einsum,
  exp,
  expand,
  identityLike,
  log,
  mul,
  noise,
  scalar,
  solveLower,
  square,
  sub,
  sum,
  transpose,
} from "../../op/index.ts";
import type { Node } from "../../ir/node.ts";
import { filled, INITIAL_SD, LOG_2_PI, scattered, type JointFamily, type JointRequest } from "./family.ts";
import * as math from "../../op/special/elementary.ts";

const rankOf = ({ option }: JointRequest): number => option("rank") as number;

export const lowRank: JointFamily = {
  name: "lowrank",
  source:
    "Ong, Nott, Smith 2018, Gaussian variational approximation with a factor covariance structure, eq. 3; Woodbury's identity",
  fixable: true,
  momentum: null,
  leaves: (request) => {
    const [n, r] = [request.size, rankOf(request)];
    return [
      { name: "loc", shape: [n], start: filled(n, 0) },
      { name: "log_sd", shape: [n], start: filled(n, math.log(INITIAL_SD)) },
      // No factor at all is a saddle.
      { name: "factors", shape: [n, r], start: scattered(request.name, n * r, INITIAL_SD) },
    ];
  },
  at: (leaves, request) => {
    const [loc, logSd, factors] = leaves as [Node, Node, Node];
    const { name, size } = request;
    return {
      components: null,
      draw: () => {
        const own = mul(exp(logSd), noise("normal", name, [PARTICLE], [size]));
        const shared = einsum("ir,r->i", factors, noise("normal", `${name} factors`, [PARTICLE], [rankOf(request)]));
        return add(loc, add(own, shared));
      },
      logProb: (value) => density(value, { loc, logSd, factors }, request),
    };
  },
};

/** With d = D⁻¹ (u - m), A = D⁻¹ W and L L' = I + A'A: -(|d|² - |L⁻¹ A'd|²) / 2 - Σ log D - Σ log L_rr - n/2 log 2π. */
function density(
  value: Node,
  { loc, logSd, factors }: { loc: Node; logSd: Node; factors: Node },
  { size }: JointRequest,
): Node {
  const d = div(sub(value, loc), exp(logSd));
  const A = div(factors, expand(exp(logSd), factors.shape, [0]));
  const inner = einsum("ri,is->rs", transpose(A, [1, 0]), A);
  const L = cholesky(add(identityLike(inner.shape), inner));
  const explained = square(solveLower(L, einsum("ir,i->r", A, d)));
  const quadratic = mul(scalar(-0.5), sub(sum(square(d)), sum(explained)));
  return sub(sub(sub(quadratic, sum(logSd)), sum(log(diagonalOf(L)))), scalar(0.5 * size * LOG_2_PI));
}
