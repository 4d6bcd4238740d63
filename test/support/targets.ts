// Log densities with gradients by hand, as targets of the fit: no graph, no model.

import { wasm } from "../../src/exec/wasm.ts";
import type { FixedTarget, Gradient, StochasticTarget } from "../../src/fit/target.ts";
import { fedByHand } from "../../src/run/hand-fed.ts";

/** log p at one x with its gradient. */
export type Density = (x: Float64Array) => { readonly value: number; readonly gradient: Float64Array };

export const meanField = (dim: number): FixedTarget["blocks"] =>
  Array.from({ length: dim }, (_, start) => ({ start, size: 1 }));
export const fullRank = (dim: number): FixedTarget["blocks"] => [{ start: 0, size: dim }];

/** A target without points and noise. */
export function densityTarget(dim: number, density: Density, blocks: FixedTarget["blocks"]): FixedTarget {
  const row = (x: Float64Array, i: number): Float64Array => x.subarray(i * dim, (i + 1) * dim);
  return {
    dim,
    blocks,
    points: 0,
    rounding: 2 ** -52,
    gauge: false,
    noise: 0,
    start: { x: null, points: new Float64Array(0) },
    evaluate: (x, _points, _eps, n) => {
      const value = new Float64Array(n);
      const gradX = new Float64Array(n * dim);
      for (let i = 0; i < n; i++) {
        const at = density(row(x, i));
        value[i] = at.value;
        gradX.set(at.gradient, i * dim);
      }
      return { value, gradX, gradPoints: new Float64Array(0) };
    },
    values: (x, _points, _eps, n) => new Float64Array(n).map((_, i) => density(row(x, i)).value),
  };
}

const HALF_LOG_TAU = 0.5 * Math.log(2 * Math.PI);

/** A normalised Gaussian with mean 1 sd from zero, all correlations `rho`, standard deviations `sds`. Its precision is
 *  D^-1 (I - rho / (1 + (d - 1) rho) 11') D^-1 / (1 - rho). */
export function gaussian(sds: readonly number[], rho: number): Density {
  const d = sds.length;
  const shared = rho / (1 + (d - 1) * rho);
  const logDeterminant =
    sds.reduce((sum, sd) => sum + 2 * Math.log(sd), 0) + (d - 1) * Math.log1p(-rho) + Math.log1p((d - 1) * rho);
  return (x) => {
    const u = sds.map((sd, j) => x[j]! / sd - 1);
    const total = u.reduce((sum, uj) => sum + uj, 0);
    const w = u.map((uj) => (uj - shared * total) / (1 - rho));
    const square = u.reduce((sum, uj, j) => sum + uj * w[j]!, 0);
    return {
      value: -square / 2 - logDeterminant / 2 - d * HALF_LOG_TAU,
      gradient: Float64Array.from(w, (wj, j) => -wj / sds[j]!),
    };
  };
}

/** The best mean-field ELBO of `gaussian`: the sds are those of each coordinate given the others. */
export function gaussianMeanFieldElbo(d: number, rho: number): number {
  const conditional = (1 - rho) / (1 - rho / (1 + (d - 1) * rho));
  return (d * Math.log(conditional) - (d - 1) * Math.log1p(-rho) - Math.log1p((d - 1) * rho)) / 2;
}

/** A sum of normalised isotropic Gaussians with the weights e^height. */
export const gaussians =
  (peaks: readonly { readonly at: readonly number[]; readonly sd: number; readonly height: number }[]): Density =>
  (x) => {
    const logs = peaks.map(({ at, sd, height }) => {
      const square = at.reduce((sum, m, j) => sum + ((x[j]! - m) / sd) ** 2, 0);
      return height - square / 2 - at.length * (Math.log(sd) + HALF_LOG_TAU);
    });
    const most = Math.max(...logs);
    const total = logs.reduce((sum, log) => sum + Math.exp(log - most), 0);
    const shares = logs.map((log) => Math.exp(log - most) / total);
    const slope = (j: number): number =>
      peaks.reduce((sum, { at, sd }, p) => sum - (shares[p]! * (x[j]! - at[j]!)) / sd ** 2, 0);
    return { value: most + Math.log(total), gradient: Float64Array.from(x, (_, j) => slope(j)) };
  };

/** Neal's funnel: v ~ N(0, 3) at x[0], the others N(0, e^(v/2)). */
export const funnel =
  (dim: number): Density =>
  (x) => {
    const v = x[0]!;
    const prior = normal(v, 3);
    const gradient = new Float64Array(dim);
    let value = prior.value;
    gradient[0] = prior.slope;
    for (let j = 1; j < dim; j++) {
      const neck = normal(x[j]!, Math.exp(v / 2));
      value += neck.value;
      gradient[j] = neck.slope;
      gradient[0]! += (x[j]! ** 2 * Math.exp(-v) - 1) / 2;
    }
    return { value, gradient };
  };

/** Its best mean-field ELBO, by hand: log(s / 3) with s^-2 = (dim - 1) / 2 + 1 / 9. */
export const funnelMeanFieldElbo = (dim: number): number => -Math.log(3 * Math.sqrt((dim - 1) / 2 + 1 / 9));

/** Independent Student t with `df` degrees of freedom, not normalised, centred at 3 scales. */
export const studentT =
  (scales: readonly number[], df: number): Density =>
  (x) => {
    let value = 0;
    const gradient = Float64Array.from(scales, (scale, j) => {
      const u = x[j]! / scale - 3;
      value -= ((df + 1) / 2) * Math.log1p((u * u) / df);
      return (-(df + 1) * u) / (df + u * u) / scale;
    });
    return { value, gradient };
  };

/** Logistic regression with N(0, priorSd) coefficients; priorSd Infinity is flat. Rows are covariates. */
export const logistic =
  (rows: readonly (readonly number[])[], seen: readonly boolean[], priorSd: number): Density =>
  (x) => {
    let value = 0;
    const gradient = x.map((xj) => {
      value -= (xj / priorSd) ** 2 / 2;
      return -xj / priorSd ** 2;
    });
    for (const [i, row] of rows.entries()) {
      const sign = seen[i]! ? 1 : -1;
      const margin = sign * row.reduce((sum, r, j) => sum + r * x[j]!, 0);
      value -= Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
      for (const [j, r] of row.entries()) gradient[j]! += (sign * r) / (1 + Math.exp(margin));
    }
    return { value, gradient };
  };

/** N(0, 1) cut off below `edge`. */
export const halfLine =
  (edge: number): Density =>
  (x) => ({ value: x[0]! > edge ? -(x[0]! ** 2) / 2 : -Infinity, gradient: Float64Array.of(-x[0]!) });
const Y = [28, 8, -3, 7, -1, 1, 18, 12];
const SIGMA = [15, 10, 16, 11, 9, 11, 10, 18];

/** log N(x; 0, sd) and its derivative. */
const normal = (x: number, sd: number): { value: number; slope: number } => ({
  value: -0.5 * (x / sd) ** 2 - Math.log(sd) - HALF_LOG_TAU,
  slope: -x / sd ** 2,
});

/** mu ~ N(0, 5), tau ~ HalfCauchy(5) at x[8] = mu, x[9] = log tau, with the Jacobian; gradient entries 8 and 9. */
function hyperpriors(x: Float64Array, gradient: Float64Array): number {
  const prior = normal(x[8]!, 5);
  const ratio = (Math.exp(x[9]!) / 5) ** 2;
  gradient[8]! += prior.slope;
  gradient[9]! += 1 - (2 * ratio) / (1 + ratio);
  return prior.value + Math.log(2 / (Math.PI * 5)) - Math.log1p(ratio) + x[9]!;
}

/** Coordinates: theta_trans 1 … 8, mu, log tau. */
export const eightSchoolsNoncentred: Density = (x) => {
  const gradient = new Float64Array(10);
  let value = hyperpriors(x, gradient);
  const tau = Math.exp(x[9]!);
  for (let j = 0; j < 8; j++) {
    const prior = normal(x[j]!, 1);
    const seen = normal(Y[j]! - x[8]! - tau * x[j]!, SIGMA[j]!);
    value += prior.value + seen.value;
    gradient[j] = prior.slope - tau * seen.slope;
    gradient[8]! -= seen.slope;
    gradient[9]! -= tau * x[j]! * seen.slope;
  }
  return { value, gradient };
};

/** Coordinates: theta 1 … 8, mu, log tau. */
export const eightSchoolsCentred: Density = (x) => {
  const gradient = new Float64Array(10);
  let value = hyperpriors(x, gradient);
  const tau = Math.exp(x[9]!);
  for (let j = 0; j < 8; j++) {
    const off = x[j]! - x[8]!;
    const prior = normal(off, tau);
    const seen = normal(Y[j]! - x[j]!, SIGMA[j]!);
    value += prior.value + seen.value;
    gradient[j] = prior.slope - seen.slope;
    gradient[8]! -= prior.slope;
    gradient[9]! += (off / tau) ** 2 - 1;
  }
  return { value, gradient };
};

/** A gradient in place of another, step by step. */
export type Bend = (at: Gradient, step: number) => Gradient;

/** Density of a mean-field Gaussian guide as a noisy objective: params are means, then log sds. Plain pseudo-random
 *  antithetic draws. */
export function gaussianObjective(
  dim: number,
  density: Density,
  normals: (count: number, key: number) => Float64Array,
  { bend = (at) => at, scored = true }: { readonly bend?: Bend; readonly scored?: boolean } = {},
): StochasticTarget {
  const pairs = 4;
  const elboConstant = (dim / 2) * (1 + Math.log(2 * Math.PI));
  const at = (params: Float64Array, z: Float64Array): Float64Array =>
    z.map((zj, j) => params[j]! + Math.exp(params[dim + j]!) * zj);
  const entropy = (params: Float64Array): number => elboConstant + params.slice(dim).reduce((sum, s) => sum + s, 0);
  const gradient: StochasticTarget["gradient"] = (params, step) => {
    const noise = normals(pairs * dim, step);
    const total = new Float64Array(2 * dim).fill(1, dim);
    const score = new Float64Array(2 * dim);
    let value = entropy(params);
    for (let i = 0; i < 2 * pairs; i++) {
      const z = noise.slice((i >> 1) * dim, ((i >> 1) + 1) * dim).map((zj) => (i % 2 === 0 ? zj : -zj));
      const drawn = density(at(params, z));
      value += drawn.value / (2 * pairs);
      for (let j = 0; j < dim; j++) {
        const sd = Math.exp(params[dim + j]!);
        total[j]! += drawn.gradient[j]! / (2 * pairs);
        total[dim + j]! += (drawn.gradient[j]! * sd * z[j]!) / (2 * pairs);
        score[j]! += z[j]! / sd / (2 * pairs);
        score[dim + j]! += (z[j]! ** 2 - 1) / (2 * pairs);
      }
    }
    return bend({ value, gradient: total, score: scored ? score : null }, step);
  };
  const moves = {
    averaged: new Float64Array(2 * dim),
    scaledBy: Int32Array.from({ length: 2 * dim }, (_, i) => (i < dim ? dim + i : -1)),
  };
  return {
    size: 2 * dim,
    start: new Float64Array(2 * dim),
    drawsPerStep: 2 * pairs,
    located: Array.from({ length: 2 * dim }, (_, i) => i < dim),
    gradient,
    ...fedByHand(moves, scored, gradient, wasm),
    values: (params, n, key) => {
      const noise = normals(n * dim, key + 2 ** 31);
      return new Float64Array(n).map((_, i) => {
        const z = noise.slice(i * dim, (i + 1) * dim);
        return (
          density(at(params, z)).value +
          entropy(params) -
          elboConstant +
          z.reduce((sum, zj) => sum + zj ** 2 / 2, 0) +
          (dim / 2) * Math.log(2 * Math.PI)
        );
      });
    },
  };
}

/** One observation per coordinate: x_j ~ N(p_0, e^(p_1)), y_j ~ N(x_j, 1) with p_0 and p_1 to be estimated. F = log
 *  p(x, y; p). */
export function empiricalBayes(y: readonly number[], blocks: FixedTarget["blocks"]): FixedTarget {
  const dim = y.length;
  const evaluate: FixedTarget["evaluate"] = (x, points, _eps, n) => {
    const value = new Float64Array(n);
    const gradX = new Float64Array(n * dim);
    const gradPoints = new Float64Array(2);
    const sd = Math.exp(points[1]!);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < dim; j++) {
        const at = x[i * dim + j]!;
        const prior = normal(at - points[0]!, sd);
        const seen = normal(y[j]! - at, 1);
        value[i]! += prior.value + seen.value;
        gradX[i * dim + j] = prior.slope - seen.slope;
        gradPoints[0]! -= prior.slope;
        gradPoints[1]! += ((at - points[0]!) / sd) ** 2 - 1;
      }
    }
    return { value, gradX, gradPoints };
  };
  return {
    dim,
    blocks,
    points: 2,
    rounding: 2 ** -52,
    gauge: false,
    noise: 0,
    start: { x: null, points: new Float64Array(2) },
    evaluate,
    values: (x, points, eps, n) => evaluate(x, points, eps, n).value,
  };
}

/** Its best ELBO: the log evidence at the best p, since x given y is Gaussian and independent. */
export function empiricalBayesElbo(y: readonly number[]): {
  readonly mean: number;
  readonly logSd: number;
  readonly elbo: number;
} {
  const mean = y.reduce((sum, yj) => sum + yj, 0) / y.length;
  const variance = y.reduce((sum, yj) => sum + (yj - mean) ** 2, 0) / y.length;
  return { mean, logSd: Math.log(variance - 1) / 2, elbo: -y.length * (HALF_LOG_TAU + Math.log(variance) / 2 + 0.5) };
}

/** A hand-written guide z_j = m_j + e^(s_j) eps_j (points m, then s) for `density` over z; x, if `dim` > 0, is
 *  independent N(1, 2). */
export function writtenGuide(size: number, density: Density, dim: number): FixedTarget {
  const evaluate: FixedTarget["evaluate"] = (x, points, eps, n) => {
    const value = new Float64Array(n);
    const gradX = new Float64Array(n * dim);
    const gradPoints = new Float64Array(2 * size);
    for (let i = 0; i < n; i++) {
      const e = eps.subarray(i * size, (i + 1) * size);
      const drawn = density(e.map((ej, j) => points[j]! + Math.exp(points[size + j]!) * ej));
      value[i] = drawn.value;
      for (let j = 0; j < size; j++) {
        value[i]! += e[j]! ** 2 / 2 + HALF_LOG_TAU + points[size + j]!;
        gradPoints[j]! += drawn.gradient[j]!;
        gradPoints[size + j]! += drawn.gradient[j]! * Math.exp(points[size + j]!) * e[j]! + 1;
      }
      for (let j = 0; j < dim; j++) {
        const prior = normal(x[i * dim + j]! - 1, 2);
        value[i]! += prior.value;
        gradX[i * dim + j] = prior.slope;
      }
    }
    return { value, gradX, gradPoints };
  };
  return {
    dim,
    blocks: meanField(dim),
    points: 2 * size,
    rounding: 2 ** -52,
    gauge: false,
    noise: size,
    start: { x: null, points: new Float64Array(2 * size) },
    evaluate,
    values: (x, points, eps, n) => evaluate(x, points, eps, n).value,
  };
}

/** A target without draws: f and gradient of the points. */
export const pointsTarget = (size: number, density: Density): FixedTarget => ({
  dim: 0,
  blocks: [],
  points: size,
  rounding: 2 ** -52,
  gauge: false,
  noise: 0,
  start: { x: null, points: new Float64Array(size) },
  evaluate: (_x, points, _eps, n) => {
    const { value, gradient } = density(points);
    return {
      value: new Float64Array(n).fill(value),
      gradX: new Float64Array(0),
      gradPoints: gradient.map((g) => n * g),
    };
  },
  values: (_x, points, _eps, n) => new Float64Array(n).fill(density(points).value),
});
