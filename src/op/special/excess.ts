// s - log(1 + s), the building block of densities near their mode: written plainly it loses all its digits there
// (Loader 2000, "Fast and accurate computation of binomial probabilities").

/** log(1 + s) = 2 (t + t³/3 + t⁵/5 + …), t = s / (2 + s): with 14 terms exact to rounding for |t| < 0.26. */
const TERMS = 14;
const NEAR = 0.26;

/** s - log(1 + s) for s > -1. `log`: log(1 + s) where the caller knows it better than s does (s near -1). */
export function excess(s: number, log: number): number {
  const t = s / (2 + s);
  if (!(Math.abs(t) < NEAR)) return s - log;
  let sum = 0;
  for (let k = TERMS; k >= 1; k--) sum = sum * t * t + 1 / (2 * k + 1);
  return s * t - 2 * t * t * t * sum;
}
