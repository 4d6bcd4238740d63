// Probabilities of von Mises arcs by quadrature, and the slope of von Mises quantiles in the concentration, in float64:
// from the transport equation v' + v (log p)' + ∂_k log p = 0, an integral of terms of one sign, or a series in 1/k.

import { besselGap, logBesselI0e } from "./bessel.ts";
import { log1mExp } from "./logarithm.ts";
import { horner } from "./polynomial.ts";
import { gaussLegendre } from "./quadrature.ts";
import * as math from "./elementary.ts";

const { nodes, weights } = gaussLegendre(40);

/** Where k cos²(θ/2) is larger, the series with this many orders is exact to 6e-14. */
const LARGE = 60;
const ORDERS = 12;

/** m_k in powers of w² (times w): v = Σ m_k(w) k^-k, w = tan(θ/2); m_1 = -w and
 *  m_{k+1} = (1 + w²)/(2w) ((1 + w²)/2 m_k' + c_k), where 1 - I_1/I_0 = Σ c_k k^-k, so that c_k cancels m_k'(0)/2. */
function seriesOrders(): readonly (readonly number[])[] {
  const rows: number[][] = [[-1]];
  for (let k = 1; k < ORDERS; k++) {
    const slope = rows[k - 1]!.map((c, i) => (2 * i + 1) * c); // m_k' in powers of w²
    const inner = timesOnePlus(slope)
      .map((c) => 0.5 * c)
      .slice(1); // (… + c_k) / w²
    rows.push(timesOnePlus(inner).map((c) => 0.5 * c));
  }
  return rows;
}

/** (1 + s) p(s). */
const timesOnePlus = (p: readonly number[]): number[] =>
  Array.from({ length: p.length + 1 }, (_, i) => (p[i] ?? 0) + (p[i - 1] ?? 0));

const SERIES = seriesOrders();

const TURN = 2 * Math.PI;
/** 2π - TURN. */
const TURN_REST = 2.4492935982947064e-16;

/** The same direction in [-π, π]. */
const wrapped = (theta: number): number => theta - TURN * Math.round(theta / TURN);

/** dθ/dk of a von Mises(0, k) value θ, the same for θ + 2π, at a fixed probability: -(∂F/∂k) / p(θ). */
export const vonMisesSlope = (angle: number, k: number): number => slopeAt(wrapped(angle), k);

function slopeAt(theta: number, k: number): number {
  if (!(k >= 0) || Number.isNaN(theta)) return NaN;
  if (k * math.cos(theta / 2) ** 2 > LARGE) {
    const w = math.tan(theta / 2);
    return (
      (w / k) *
      horner(
        SERIES.map((row) => horner(row, w * w)),
        1 / k,
      )
    );
  }
  return -Math.sign(theta) * integralTo(Math.abs(theta), k);
}

/** e^(-k cos θ) ∫_0^θ (cos t - A) e^(k cos t) dt, 0 <= θ <= π: from 0 where cos t > A, else minus that from θ to π. */
function integralTo(theta: number, k: number): number {
  const gap = besselGap(k);
  const isInner = gap > 2 * math.sin(theta / 2) ** 2;
  const reach = 38 / Math.max(k * math.sin(Math.min(theta, Math.PI / 2)), 1e-6); // e^-38 is below rounding
  const span = isInner ? theta : Math.min(Math.PI - theta, reach);
  const from = isInner ? 0 : theta;
  const sum = nodes.reduce((total, node, i) => {
    const y = span * node;
    const t = from + y;
    const exponent = isInner
      ? 2 * math.sin(0.5 * (theta + t)) * math.sin(0.5 * (theta - t)) // cos t - cos θ
      : -2 * math.sin(theta + 0.5 * y) * math.sin(0.5 * y);
    return total + weights[i]! * (gap - 2 * math.sin(0.5 * t) ** 2) * math.exp(k * exponent);
  }, 0);
  return (isInner ? 1 : -1) * span * sum;
}

// ---------------------------------------------------------------------------------------- probabilities of arcs

/** log P(start <= Θ <= start + length) on the circle, Θ von Mises(0, k), 0 <= length <= 2π: relative accuracy in the
 *  probability and in what is left of one. */
export function logVonMisesArc(k: number, start: number, length: number): number {
  if (!(k >= 0) || !(length >= 0 && length <= TURN) || Number.isNaN(start)) return NaN;
  const mass = arcMass(k, start, length);
  return mass < -Math.LN2 ? mass : log1mExp(Math.min(0, arcMass(k, start + length, TURN - length + TURN_REST)));
}

/** By quadrature, cut at the multiples of π: between two of them the density is monotone, that of an arc [u, v] with
 *  0 <= u <= v <= π. */
function arcMass(k: number, start: number, length: number): number {
  const from = wrapped(start);
  const cuts = [0, Math.PI, TURN, 3 * Math.PI].map((cut) => cut - from).filter((cut) => cut > 0 && cut < length);
  const ways = [0, ...cuts, length];
  const parts = ways.slice(1).map((way, i) => {
    const before = ways[i]!;
    const turn = TURN * Math.round((from + (before + way) / 2) / TURN);
    const [u, v] = [Math.abs(from + before - turn), Math.abs(from + way - turn)];
    return logMonotone(k, Math.min(u, v), way - before);
  });
  const most = Math.max(...parts);
  if (most === -Infinity) return most;
  const total = parts.reduce((sum, part) => sum + math.exp(part - most), 0);
  return most + math.log(total) - logBesselI0e(k) - math.log(TURN);
}

/** log ∫_u^(u + length) e^(k (cos t - 1)) dt between 0 and π. The integrand falls: it ends where it is below e^-38 of
 *  its start, at sin²(t/2) = sin²(u/2) + 38/2k. */
function logMonotone(k: number, u: number, length: number): number {
  const height = math.sin(u / 2) ** 2;
  const span = Math.min(length, 2 * math.asin(Math.min(1, Math.sqrt(height + 19 / k))) - u);
  const sum = nodes.reduce((total, node, i) => {
    const y = span * node;
    return total + weights[i]! * math.exp(-2 * k * math.sin(u + 0.5 * y) * math.sin(0.5 * y)); // k (cos t - cos u)
  }, 0);
  return math.log(Math.max(0, span) * sum) - 2 * k * height;
}
