// Samplers that reject. Enters: parameters and the random stream of one element; leaves: one draw. NaN for parameters
// outside.

import { lgamma } from "../op/special/index.ts";
import type { Stream } from "./random.ts";
import * as math from "../op/special/elementary.ts";

/** Log of a Gamma(shape, 1) draw: Marsaglia and Tsang 2000; for shape < 1 a draw of shape + 1 times U^(1/shape), in
 *  logs. */
export function drawLogGamma(stream: Stream, shape: number): number {
  if (!(shape > 0)) return NaN;
  if (shape === Infinity) return Infinity;
  if (shape < 1) return drawLogGamma(stream, shape + 1) + math.log(stream.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = stream.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const logV = 3 * math.log(root);
    const u = stream.uniform();
    const isSurely = u < 1 - 0.0331 * (x * x) * (x * x); // inside of the bound below
    if (isSurely || math.log(u) < 0.5 * x * x + d - d * math.exp(logV) + d * logV) return math.log(d) + logV;
  }
}

/** An angle in [-π, π) of mean direction 0: rejection from a wrapped Cauchy (Best, Fisher 1979), written with 1 - rho
 *  and 1 - f in place of rho and f, which lose their digits for large and small concentrations. */
export function drawVonMises(stream: Stream, concentration: number): number {
  if (!(concentration >= 0)) return NaN;
  if (concentration === 0) return Math.PI * (2 * stream.uniform() - 1);
  if (concentration === Infinity) return 0;
  const k = concentration;
  const s = Math.sqrt(1 + 4 * k * k);
  const root = Math.sqrt(2 * (1 + s));
  const rho = (2 * k) / (1 + s + root);
  const r = ((1 + 1 / (s + 2 * k) + root) / (1 + s + root)) ** 2 / (2 * rho);
  for (;;) {
    const h = 0.5 * Math.PI * stream.uniform();
    const rest = (2 * r * math.sin(h) ** 2) / (r + 2 * math.cos(h) ** 2); // 1 - f
    const c = k * (r + rest);
    const u = stream.uniform();
    const isNegative = stream.uniform() < 0.5;
    if (!(c * (2 - c) > u) && math.log(c / u) + 1 < c) continue;
    const angle = 2 * math.asin(Math.sqrt(Math.min(1, 0.5 * rest)));
    return isNegative ? -angle : angle;
  }
}

/** Poisson draw: inversion for rates below 10, else transformed rejection (Hörmann 1993, "The transformed rejection
 *  method for generating Poisson random variables", algorithm PTRS). */
export function drawPoisson(stream: Stream, rate: number): number {
  if (!(rate >= 0) || rate === Infinity) return NaN;
  if (rate < 10) return invert(stream.uniform(), math.exp(-rate), (k) => rate / k, Infinity);
  const logRate = math.log(rate);
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = stream.uniform() - 0.5;
    const v = stream.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (math.log((v * inverseAlpha) / (a / (us * us) + b)) <= k * logRate - rate - lgamma(k + 1)) return k;
  }
}

/** Binomial draw: inversion for few expected successes, else transformed rejection (Hörmann 1993, "The generation of
 *  binomial random variates", algorithm BTRS). Above one half failures are drawn. */
export function drawBinomial(stream: Stream, n: number, p: number): number {
  if (!(p >= 0 && p <= 1) || !(n >= 0) || !Number.isInteger(n)) return NaN;
  if (p > 0.5) return n - drawBinomial(stream, n, 1 - p);
  const q = 1 - p;
  if (n * p < 10) return invert(stream.uniform(), math.exp(n * math.log1p(-p)), (k) => ((n - k + 1) * p) / (k * q), n);
  const sd = Math.sqrt(n * p * q);
  const b = 1.15 + 2.53 * sd;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const alpha = (2.83 + 5.1 / b) * sd;
  const vr = 0.92 - 4.2 / b;
  const mode = Math.floor((n + 1) * p);
  const logOdds = math.log(p / q);
  const atMode = lgamma(mode + 1) + lgamma(n - mode + 1);
  for (;;) {
    const u = stream.uniform() - 0.5;
    const v = stream.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + n * p + 0.5);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || k > n) continue;
    const bound = atMode - lgamma(k + 1) - lgamma(n - k + 1) + (k - mode) * logOdds;
    if (math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

/** The smallest k whose cumulative probability reaches u; `ratio(k)` = P(k) / P(k - 1). Stops where probabilities
 *  underflow. */
function invert(u: number, first: number, ratio: (k: number) => number, largest: number): number {
  let k = 0;
  let probability = first;
  for (let left = u - probability; left > 0 && k < largest && probability > 0; left -= probability)
    probability *= ratio(++k);
  return k;
}
