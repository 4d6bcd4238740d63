// Distribution function of the beta-binomial in logarithms, and its derivatives, in float64: sums of probabilities from
// the value on towards an end, by the ratio of neighbours.

import { digamma, HALF_LOG_TWO_PI, stirlingRest } from "./gamma.ts";
import * as math from "./elementary.ts";

/** log B(a, b) with the large terms of Stirling's series cancelled by hand. */
function lbeta(a: number, b: number): number {
  const n = a + b;
  const rest = stirlingRest(a) + stirlingRest(b) - stirlingRest(n) + HALF_LOG_TWO_PI;
  return rest - 0.5 * (math.log(a) + math.log(b / n)) + a * math.log(a / n) + b * math.log(b / n);
}

/** Up to so many trials their probabilities are multiplied one by one: no large logarithms that cancel. */
const FEW = 32;

/** log P(X = k): C(n, k) B(a + k, b + n - k) / B(a, b). */
function logProbability(k: number, n: number, a: number, b: number): number {
  let product = n <= FEW ? 1 : 0;
  for (let i = 0; i < n && product > 0; i++)
    product *= i < k ? (((n - i) / (k - i)) * (a + i)) / (a + b + i) : (b + i - k) / (a + b + i);
  if (product > 1e-290) return math.log(product);
  return lbeta(a + k, b + n - k) - lbeta(a, b) - math.log(n + 1) - lbeta(k + 1, n - k + 1);
}

/** log P(X <= k), and its derivatives in a and b: the means over X <= k of those of log P(X = j). */
type Tail = { readonly log: number; readonly byA: number; readonly byB: number };

function lowerTail(k: number, n: number, a: number, b: number): Tail {
  let [term, total, byA, byB] = [1, 1, digamma(a + k), digamma(b + n - k)];
  for (let j = k; j >= 1; j--) {
    term *= (j * (b + n - j)) / ((n - j + 1) * (a + j - 1)); // P(X = j - 1) / P(X = k)
    total += term;
    byA += term * digamma(a + j - 1);
    byB += term * digamma(b + n - j + 1);
  }
  const shared = digamma(a + b) - digamma(a + b + n);
  return {
    log: logProbability(k, n, a, b) + math.log(total),
    byA: byA / total - digamma(a) + shared,
    byB: byB / total - digamma(b) + shared,
  };
}

/** The same from whichever tail is the smaller: P(X <= k) is one less P(n - X <= n - k - 1), with a and b exchanged. */
function tail(x: number, n: number, a: number, b: number): Tail {
  const k = Math.floor(x);
  if (!(Number.isInteger(n) && n >= 0 && a > 0 && b > 0) || Number.isNaN(k)) return { log: NaN, byA: NaN, byB: NaN };
  if (k < 0 || k >= n) return { log: k < 0 ? -Infinity : 0, byA: 0, byB: 0 };
  const lower = lowerTail(k, n, a, b);
  if (lower.log < -Math.LN2) return lower;
  const upper = lowerTail(n - k - 1, n, b, a);
  const log = math.log1p(-math.exp(upper.log));
  const odds = math.exp(upper.log - log);
  return { log, byA: -odds * upper.byB, byB: -odds * upper.byA };
}

/** log P(X <= x), X ~ BetaBinomial(n, a, b). log P(X > x) is that of (n - x - 1, n, b, a) for a whole x. */
export const logBetaBinomialCdf = (x: number, n: number, a: number, b: number): number => tail(x, n, a, b).log;

/** d log P(X <= x) / da and / db. */
export const betaBinomialByA = (x: number, n: number, a: number, b: number): number => tail(x, n, a, b).byA;
export const betaBinomialByB = (x: number, n: number, a: number, b: number): number => tail(x, n, a, b).byB;
