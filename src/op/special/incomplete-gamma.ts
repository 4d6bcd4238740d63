// Regularised incomplete gamma functions P(a, x), Q(a, x) in logarithms, and the slope of Gamma quantiles, in float64.
// Series below the mode, continued fraction above it (DLMF 8.11.4, 8.9.2); the common factor near the mode by `excess`.

import { excess } from "./excess.ts";
import { HALF_LOG_TWO_PI, digamma, lgamma1p, stirlingRest } from "./gamma.ts";
import { gammaTransport, TRANSPORT_REACH, TRANSPORT_SHAPE } from "./gamma-transport.ts";
import * as math from "./elementary.ts";

const EPS = 2 ** -52;
/** Below it a denominator of a continued fraction counts as zero (Lentz 1976; Thompson and Barnett 1986). */
const TINY = 1e-150;

/** log(x^a e^-x / Γ(a + 1)), x given as its logarithm too. */
function logFactor(a: number, x: number, logX: number): number {
  if (a < 10) return a * logX - x - lgamma1p(a);
  const logA = math.log(a);
  return -a * excess((x - a) / a, logX - logA) - stirlingRest(a) - 0.5 * logA - HALF_LOG_TWO_PI;
}

/** 1 + x/(a+1) + x²/((a+1)(a+2)) + …: P over the factor. */
function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let r = a + 1; term > 0.25 * EPS * sum; r++) {
    term *= x / r;
    sum += term;
  }
  return sum;
}

/** H(a, x) and dH/da: Q = x^a e^-x / Γ(a) H, H = 1/(x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - …))). */
function upperFraction(a: number, x: number): readonly [value: number, slope: number] {
  let b = x + 1 - a;
  let [c, dc] = [1 / TINY, 0];
  let d = 1 / b;
  let dd = d * d;
  let [h, dh] = [d, dd];
  for (let n = 1; n < 1e6; n++) {
    const numerator = -n * (n - a);
    b += 2;
    const next = nonzero(numerator * d + b);
    const dNext = n * d + numerator * dd - 1;
    dc = -1 + n / c - (numerator * dc) / (c * c);
    c = nonzero(b + numerator / c);
    d = 1 / next;
    dd = -dNext * d * d;
    const factor = d * c;
    const slope = dh * factor + h * (dd * c + d * dc);
    const moved = Math.abs(slope - dh);
    h *= factor;
    dh = slope;
    if (Math.abs(factor - 1) <= EPS && moved <= 0.5 * EPS * Math.abs(slope)) break;
  }
  return [h, dh];
}

export const nonzero = (v: number): number => (Math.abs(v) < TINY ? TINY : v);

/** Where the series serves. */
const isLower = (a: number, x: number): boolean => x < (a < 1 ? 1.1 : a + 1);

/** log P(X <= x), X ~ Gamma(a, 1); NaN unless a > 0, x >= 0. */
export function logGammaP(a: number, x: number): number {
  const end = atEnds(a, x, { zero: -Infinity, infinity: 0 });
  if (end !== null) return end;
  if (!isLower(a, x)) return math.log1p(-math.exp(logUpper(a, x)));
  const logP = logLower(a, x);
  return a < 1 && logP > -Math.LN2 ? math.log1p(-smallShapeUpper(a, x)) : logP;
}

/** log P(X > x), X ~ Gamma(a, 1); NaN unless a > 0, x >= 0. */
export function logGammaQ(a: number, x: number): number {
  const end = atEnds(a, x, { zero: 0, infinity: -Infinity });
  if (end !== null) return end;
  if (!isLower(a, x)) return logUpper(a, x);
  const logP = logLower(a, x);
  return a < 1 && logP > -Math.LN2 ? math.log(smallShapeUpper(a, x)) : math.log1p(-math.exp(logP));
}

type Ends = { readonly zero: number; readonly infinity: number };

function atEnds(a: number, x: number, ends: Ends): number | null {
  if (!(a > 0 && x >= 0) || a === Infinity) return NaN;
  return x === 0 ? ends.zero : x === Infinity ? ends.infinity : null;
}

const logLower = (a: number, x: number): number => logFactor(a, x, math.log(x)) + math.log(lowerSeries(a, x));

function logUpper(a: number, x: number): number {
  return logFactor(a, x, math.log(x)) + math.log(a) + math.log(upperFraction(a, x)[0]);
}

/** Q for a < 1 and small x, where P may be near 1: with e^h = x^a / Γ(1 + a), P = e^h (1 + a Σ (-x)^n/(n! (a + n))). */
function smallShapeUpper(a: number, x: number): number {
  const h = a * math.log(x) - lgamma1p(a);
  let term = 1;
  let sum = 0;
  for (let n = 1; Math.abs(term) > 0.25 * EPS * Math.abs(sum); n++) {
    term *= -x / n;
    sum += term / (a + n);
  }
  return -math.expm1(h) - math.exp(h) * a * sum;
}

/** d log z / da of a Gamma(a, 1) value z at a fixed probability: -(∂P/∂a) / (z p(z)). Relative error 3e-15. */
export function gammaSlope(a: number, logZ: number): number {
  if (!(a > 0 && a < Infinity) || Number.isNaN(logZ)) return NaN;
  if (Math.abs(logZ) === Infinity) return logZ < 0 ? Infinity : NaN;
  const t = logZ - math.log(a);
  if (a >= TRANSPORT_SHAPE && Math.abs(t) < TRANSPORT_REACH) return gammaTransport(a, t) * math.exp(-logZ);
  const z = math.exp(logZ);
  return z <= a + 1.5 ? lowerSlope(a, z, logZ) : upperSlope(a, z, logZ);
}

/** Terms of the sum below after which the rest is below rounding, for z up to a + 3/2; for a large shape, whose z is far below it. */
export const SLOPE_TERMS = { byRoot: 11, atLeast: 12, farBelow: 26 } as const;

/** -(1/a) Σ c_n (log z - ψ(a + 1 + n)), c_n = z^n / (a + 1)_n, from the last term to the first: t_n = log z - ψ(a + 1 + n) + z / (a + 1 + n) t_{n+1}. */
function lowerSlope(a: number, z: number, logZ: number): number {
  const many = Math.floor(SLOPE_TERMS.byRoot * Math.sqrt(z) + SLOPE_TERMS.atLeast);
  const count = a < TRANSPORT_SHAPE ? many : Math.min(many, SLOPE_TERMS.farBelow);
  const last = logZ - digamma(a + count + 1);
  let [rise, sum] = [0, 0];
  for (let k = count; k > 0; k--) {
    const inverse = 1 / (a + k);
    rise += inverse;
    sum = last + rise + z * inverse * sum;
  }
  return -sum / a;
}

/** dH/da + H (log z - ψ(a)): both positive. */
function upperSlope(a: number, z: number, logZ: number): number {
  const [h, dh] = upperFraction(a, z);
  return dh + h * (logZ - digamma(a));
}
