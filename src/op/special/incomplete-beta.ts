// Regularised incomplete beta function in logarithms and the slope of Beta quantiles, in float64. The argument is
// u = log(x / (1 - x)), so that x and 1 - x both have all their digits. Continued fraction DLMF 8.17.22 on either side of
// the mode, with its derivative carried along; the common factor near the mode by `excess`.

import { excess } from "./excess.ts";
import { HALF_LOG_TWO_PI, digamma, stirlingRest } from "./gamma.ts";
import { nonzero, TINY } from "./incomplete-gamma.ts";
import { log1mExp, log1pExp } from "./logarithm.ts";

const EPS = 2 ** -52;

/** x, 1 - x and their logarithms. */
type Point = { readonly x: number; readonly y: number; readonly logX: number; readonly logY: number };

const pointOf = (u: number): Point => ({
  x: u < 0 ? Math.exp(u) / (1 + Math.exp(u)) : 1 / (1 + Math.exp(-u)),
  y: u < 0 ? 1 / (1 + Math.exp(u)) : Math.exp(-u) / (1 + Math.exp(-u)),
  logX: -log1pExp(-u),
  logY: -log1pExp(u),
});

/** log(x^a (1 - x)^b / B(a, b)), the density of u. */
function logFactor(a: number, b: number, { x, y, logX, logY }: Point): number {
  const n = a + b;
  const apart = b * x - a * y; // n x - a = -(n y - b)
  const fromMode = a * excess(apart / a, Math.log(n / a) + logX) + b * excess(-apart / b, Math.log(n / b) + logY);
  const rest = stirlingRest(n) - stirlingRest(a) - stirlingRest(b);
  return 0.5 * (Math.log(a) + Math.log(b / n)) - HALF_LOG_TWO_PI + rest - fromMode;
}

/** CF(a, b, x), I = x^a (1 - x)^b / (a B(a, b)) CF, and its derivative along (da, db). For x below about the mode. */
function fraction(a: number, b: number, x: number, da: number, db: number): readonly [value: number, slope: number] {
  let [c, dc, d, dd, h, dh] = [TINY, 0, 0, 0, TINY, 0]; // TINY + 1/(1 + …)
  const step = (numerator: number, slope: number): boolean => {
    const next = nonzero(1 + numerator * d);
    const dNext = slope * d + numerator * dd;
    dc = slope / c - (numerator * dc) / (c * c);
    c = nonzero(1 + numerator / c);
    d = 1 / next;
    dd = -dNext * d * d;
    const factor = d * c;
    const moved = h * (dd * c + d * dc);
    dh = dh * factor + moved;
    h *= factor;
    return Math.abs(factor - 1) <= EPS && Math.abs(moved) <= 0.5 * EPS * Math.abs(dh);
  };
  step(1, 0);
  for (let m = 0, done = false; !done && m < 1e6; m++) {
    if (m > 0) {
      const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
      const slope = (m * x * db) / ((a + 2 * m - 1) * (a + 2 * m)) - even * da * (1 / (a + 2 * m - 1) + 1 / (a + 2 * m));
      step(even, slope);
    }
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const byA = 1 / (a + m) + 1 / (a + b + m) - 1 / (a + 2 * m) - 1 / (a + 2 * m + 1);
    done = step(odd, odd * (da * byA + db / (a + b + m)));
  }
  return [h, dh];
}

/** Where the fraction in x serves; elsewhere that in 1 - x. */
const isLower = (a: number, b: number, x: number): boolean => x * (a + b + 2) < a + 1;

const isValid = (a: number, b: number, u: number): boolean =>
  a > 0 && b > 0 && a < Infinity && b < Infinity && !Number.isNaN(u);

/** log P(X <= x), X ~ Beta(a, b), x = 1 / (1 + e^-u). log P(X > x) is that of (b, a, -u). Beta(0, b) is 0 for certain,
 *  Beta(a, 0) is 1; NaN for other a, b <= 0. */
export function logBetaCdf(a: number, b: number, u: number): number {
  if (a === 0 && b > 0) return 0;
  if (b === 0 && a > 0) return u === Infinity ? 0 : -Infinity;
  if (!isValid(a, b, u)) return NaN;
  if (Math.abs(u) === Infinity) return u < 0 ? -Infinity : 0;
  const point = pointOf(u);
  const factor = logFactor(a, b, point);
  if (isLower(a, b, point.x)) return factor - Math.log(a) + Math.log(fraction(a, b, point.x, 0, 0)[0]);
  return Math.log1p(-Math.exp(factor - Math.log(b) + Math.log(fraction(b, a, point.y, 0, 0)[0])));
}

/** du/da at a fixed probability, x = 1 / (1 + e^-u) ~ Beta(a, b): -(∂I/∂a) over the density of u. du/db is minus that of
 *  (b, a, -u). */
export function betaSlope(a: number, b: number, u: number): number {
  if (!isValid(a, b, u)) return NaN;
  const { x, y, logX } = pointOf(u);
  const score = logX - digamma(a) + digamma(a + b);
  if (isLower(a, b, x)) {
    const [value, slope] = fraction(a, b, x, 1, 0);
    return -((score - 1 / a) * value + slope) / a;
  }
  const [value, slope] = fraction(b, a, y, 0, 1);
  return (score * value + slope) / b;
}

/** log P(T <= t), T Student's t: df / (df + T²) is Beta(df/2, 1/2). */
export function logStudentCdf(df: number, t: number): number {
  const logTail = logBetaCdf(0.5 * df, 0.5, Math.log(df) - 2 * Math.log(Math.abs(t))) - Math.LN2;
  return t < 0 ? logTail : log1mExp(logTail);
}
