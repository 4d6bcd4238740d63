// Gauss-Legendre quadrature: the nodes are the zeros of a Legendre polynomial, by Newton's method (DLMF 3.5.15).

import * as math from "./elementary.ts";

export type Rule = { readonly nodes: readonly number[]; readonly weights: readonly number[] };

/** P_n(x) and its derivative, by the recurrence in n. */
function legendre(n: number, x: number): readonly [value: number, slope: number] {
  let [before, value] = [1, x];
  for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  return [value, (n * (x * value - before)) / (x * x - 1)];
}

/** Nodes and weights of order n on [0, 1]: exact for polynomials up to degree 2n - 1. */
export function gaussLegendre(n: number): Rule {
  const zeros = Array.from({ length: n }, (_, i) => {
    let x = math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    for (let k = 0; k < 6; k++) {
      const [value, slope] = legendre(n, x);
      x -= value / slope;
    }
    return x;
  });
  return {
    nodes: zeros.map((x) => 0.5 * (1 + x)),
    weights: zeros.map((x) => 1 / ((1 - x * x) * legendre(n, x)[1] ** 2)),
  };
}
