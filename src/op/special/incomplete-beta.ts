// Regularised incomplete beta function in logarithms and the slope of Beta quantiles, in float64. The argument is
// u = log(x / (1 - x)), so that x and 1 - x both have all their digits. Continued fractions on either side of the mode,
// with their derivatives carried along; the common factor near the mode by `excess`.

import { excess } from "./excess.ts";
import { HALF_LOG_TWO_PI, digammaRise, stirlingRest } from "./gamma.ts";
import { nonzero } from "./incomplete-gamma.ts";
import { log1mExp, log1pExp } from "./logarithm.ts";
import * as math from "./elementary.ts";

const EPS = 2 ** -52;

/** x, 1 - x and their logarithms. */
type Point = { readonly x: number; readonly y: number; readonly logX: number; readonly logY: number };

const pointOf = (u: number): Point => ({
  x: u < 0 ? math.exp(u) / (1 + math.exp(u)) : 1 / (1 + math.exp(-u)),
  y: u < 0 ? 1 / (1 + math.exp(u)) : math.exp(-u) / (1 + math.exp(-u)),
  logX: -log1pExp(-u),
  logY: -log1pExp(u),
});

const mirrored = ({ x, y, logX, logY }: Point): Point => ({ x: y, y: x, logX: logY, logY: logX });

/** log(x^a (1 - x)^b / B(a, b)), the density of u. */
function logFactor(a: number, b: number, { x, y, logX, logY }: Point): number {
  const n = a + b;
  const apart = b * x - a * y; // n x - a = -(n y - b)
  const fromMode = a * excess(apart / a, math.log(n / a) + logX) + b * excess(-apart / b, math.log(n / b) + logY);
  const rest = stirlingRest(n) - stirlingRest(a) - stirlingRest(b);
  return 0.5 * (math.log(a) + math.log(b / n)) - HALF_LOG_TWO_PI + rest - fromMode;
}

/** α_m and β_m of the fraction below, with their derivatives along (da, db). */
function terms(a: number, b: number, { x, y }: Point, da: number, db: number, m: number): readonly number[] {
  const [p, q] = [a + 2 * m - 1, a + 2 * m + 1];
  const w = a * y - b * x + 1 + m * (1 + y);
  const last = ((a + m) * w) / q;
  const lastSlope = (da * (w + (a + m) * y - last) - db * (a + m) * x) / q;
  if (m === 0) return [0, 0, last, lastSlope];
  const scale = (m * x * x * (a + m - 1)) / (p * p);
  const alpha = scale * (b - m) * (a + b + m - 1);
  const byA = 1 / (a + m - 1) + 1 / (a + b + m - 1) - 2 / p;
  const middle = (m * (b - m) * x) / p;
  return [
    alpha,
    da * alpha * byA + db * scale * (a + 2 * b - 1),
    m + middle + last,
    lastSlope + (db * m * x - da * middle) / p,
  ];
}

/** F(a, b, x), I = x^a (1 - x)^b / B(a, b) / F, and its derivative along (da, db), for x below about the mode:
 *  F = β_0 + α_1/(β_1 + α_2/(β_2 + …)), in which 1 - x stands as such (DiDonato, Morris 1992, ACM TOMS 18, eq. 9.1). */
function fraction(a: number, b: number, at: Point, da: number, db: number): readonly [value: number, slope: number] {
  let [, , f, df] = terms(a, b, at, da, db, 0) as [number, number, number, number];
  f = nonzero(f);
  let [c, dc, d, dd] = [f, df, 0, 0];
  for (let m = 1; m < 1e6; m++) {
    const [alpha, alphaSlope, beta, betaSlope] = terms(a, b, at, da, db, m) as [number, number, number, number];
    const next = nonzero(beta + alpha * d);
    const dNext = betaSlope + alphaSlope * d + alpha * dd;
    dc = betaSlope + (alphaSlope - (alpha * dc) / c) / c;
    c = nonzero(beta + alpha / c);
    d = 1 / next;
    dd = -dNext * d * d;
    const factor = d * c;
    const moved = f * (dd * c + d * dc);
    df = df * factor + moved;
    f *= factor;
    if (Math.abs(factor - 1) <= EPS && Math.abs(moved) <= EPS * Math.abs(df)) break;
  }
  return [f, df];
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
  if (isLower(a, b, point.x)) return factor - math.log(fraction(a, b, point, 0, 0)[0]);
  return math.log1p(-math.exp(factor) / fraction(b, a, mirrored(point), 0, 0)[0]);
}

/** du/da at a fixed probability, x = 1 / (1 + e^-u) ~ Beta(a, b): -(∂I/∂a) over the density of u. du/db is
 *  minus that of (b, a, -u). */
export function betaSlope(a: number, b: number, u: number): number {
  if (!isValid(a, b, u)) return NaN;
  const point = pointOf(u);
  const score = point.logX + digammaRise(a, b);
  if (isLower(a, b, point.x)) {
    const [value, slope] = fraction(a, b, point, 1, 0);
    return (slope / value - score) / value;
  }
  const [value, slope] = fraction(b, a, mirrored(point), 0, 1);
  return (score - slope / value) / value;
}

/** log P(T <= t), T Student's t: df / (df + T²) is Beta(df/2, 1/2). */
export function logStudentCdf(df: number, t: number): number {
  const logTail = logBetaCdf(0.5 * df, 0.5, math.log(df) - 2 * math.log(Math.abs(t))) - Math.LN2;
  return t < 0 ? logTail : log1mExp(logTail);
}
