// The slope of Gamma quantiles for large shapes. With z = a e^t the quantile's slope v = dz/da solves the transport
// equation v' + v (log p)' + ∂_a log p = 0; matching powers of a gives v = Σ g_k(t) a^-k.

import { horner } from "./polynomial.ts";

/** From this shape on, and this near to the mode in t, the series is exact to rounding. */
export const TRANSPORT_SHAPE = 24;
export const TRANSPORT_REACH = 1.5;
const ORDERS = 9;
const POWERS = 26;

/** Product of two power series, cut to the shorter. */
const times = (p: readonly number[], q: readonly number[]): number[] =>
  Array.from({ length: Math.min(p.length, q.length) }, (_, n) =>
    p.slice(0, n + 1).reduce((sum, c, i) => sum + c * q[n - i]!, 0),
  );

/** e^-t and t / (1 - e^-t) = Σ B_n⁺ t^n / n! by its recurrence Σ_i inverse_i (-1)^(n-i) / (n-i+1)! = 0. */
function expansions(length: number): { readonly decay: readonly number[]; readonly inverse: readonly number[] } {
  const decay = [1];
  for (let n = 1; n <= length; n++) decay.push(-decay[n - 1]! / n);
  const inverse = [1];
  for (let n = 1; n < length; n++) inverse.push(inverse.reduce((sum, c, i) => sum + c * decay[n - i + 1]!, 0));
  return { decay, inverse };
}

/** g_0 = t / (1 - e^-t), g_{k+1} = (e^-t (g_k' - g_k) + b_{k+1}) / (1 - e^-t), with log a - ψ(a) = Σ b_k a^-k. Each
 *  order costs two powers of t. */
function coefficients(): readonly (readonly number[])[] {
  const { decay, inverse } = expansions(POWERS + 2 * ORDERS);
  const rows: number[][] = [[...inverse]];
  for (let k = 0; k + 1 < ORDERS; k++) {
    const g = rows[k]!;
    const change = times(
      g.slice(0, -1).map((c, n) => (n + 1) * g[n + 1]! - c),
      decay,
    );
    rows.push(times(change.slice(1), inverse)); // b_{k+1} cancels the constant term
  }
  return rows.map((row) => row.slice(0, POWERS));
}

export const TRANSPORT = coefficients();

/** dz/da at z = a e^t for Gamma(a, 1). */
export function gammaTransport(a: number, t: number): number {
  const inverse = 1 / a;
  let sum = 0;
  for (let k = TRANSPORT.length - 1; k >= 0; k--) sum = sum * inverse + horner(TRANSPORT[k]!, t);
  return sum;
}
