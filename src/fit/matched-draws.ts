// Standard normal draws for fixed objectives: evenly spread (Sobol'), in pairs z and -z, and with exactly the second
// moments of the normal, so that the average of every quadratic is exact. Further randomness (which set of draws) is a
// seed and a number.

import { normalQuantile } from "../op/special/index.ts";
import { dot, norm } from "./linear-algebra.ts";
import { normals, uniforms } from "./random.ts";
import { sobolDirections, sobolPoints } from "./sobol.ts";

/** Sets of n <= 2^17 draws [n, width], row-major, n even: set `index` never shares a draw with another. */
export type DrawSource = (n: number, index: number) => Float64Array;

/** Dimensions beyond these get independent draws: primitive polynomials of degree up to 13 reach 1111. */
const SOBOL_DIMENSIONS = 1111;

/** Multiplications per step of the whitening that are affordable, in seconds rather than minutes: beyond, variances
 *  alone are matched. */
const WHITENING = 4e8;

/** Matched antithetic draws of `width` standard normals. */
export function drawSource(width: number, seed: number): DrawSource {
  const directions = sobolDirections(Math.min(width, SOBOL_DIMENSIONS));
  return (n, index) => {
    const half = n / 2;
    const z = quasiNormals(directions, half, width, seed, index);
    if (half >= width && half * width ** 2 <= WHITENING) whiten(z, half, width);
    else scaleColumns(z, half, width);
    return withNegatives(z);
  };
}

function quasiNormals(
  directions: readonly Int32Array[],
  n: number,
  width: number,
  seed: number,
  index: number,
): Float64Array {
  const covered = directions.length;
  const even = sobolPoints(directions, n, uniforms(seed, "fit:scramble", index)).map(normalQuantile);
  if (covered === width) return even;
  const z = normals(n * width, seed, "fit:draws", index);
  for (let i = 0; i < n; i++) z.set(even.subarray(i * covered, (i + 1) * covered), i * width);
  return z;
}

/** Every column to mean square 1. */
function scaleColumns(z: Float64Array, n: number, width: number): void {
  for (let j = 0; j < width; j++) {
    let square = 0;
    for (let i = 0; i < n; i++) square += z[i * width + j]! ** 2;
    const factor = Math.sqrt(n / square);
    for (let i = 0; i < n; i++) z[i * width + j]! *= factor;
  }
}

/** Gram matrix Z'Z / n. */
function secondMoments(z: Float64Array, n: number, width: number): Float64Array {
  const gram = new Float64Array(width * width);
  for (let i = 0; i < n; i++) {
    const row = z.subarray(i * width, (i + 1) * width);
    for (let a = 0; a < width; a++) {
      const za = row[a]! / n;
      for (let b = 0; b <= a; b++) gram[a * width + b]! += za * row[b]!;
    }
  }
  for (let a = 0; a < width; a++) for (let b = 0; b < a; b++) gram[b * width + a] = gram[a * width + b]!;
  return gram;
}

const WHITE = 1e-13;
const POLAR_STEPS = 100;

/** Z <- Z (Z'Z/n)^(-1/2), the nearest matrix with exact second moments, by Newton's iteration for the polar factor
 *  Z <- Z (3 I - Z'Z/n) / 2 (Higham 2008, equation 8.20), which converges where no eigenvalue of Z'Z/n reaches 3. */
function whiten(z: Float64Array, n: number, width: number): void {
  for (let step = 0; step < POLAR_STEPS; step++) {
    const gram = secondMoments(z, n, width);
    if (departure(gram, width) < WHITE) return;
    const largest = largestEigenvalue(gram, width);
    multiply(z, n, width, gram, largest > 2.5 ? 2 / largest : 1);
  }
}

/** The largest |entry| of G - I. */
function departure(gram: Float64Array, width: number): number {
  let error = 0;
  for (let a = 0; a < width; a++) {
    for (let b = 0; b <= a; b++) error = Math.max(error, Math.abs(gram[a * width + b]! - (a === b ? 1 : 0)));
  }
  return error;
}

/** By the power method: within a few percent, from below, which is all the safeguard above needs. */
function largestEigenvalue(gram: Float64Array, width: number): number {
  let v = new Float64Array(width).map((_, i) => 1 + Math.sin(i + 1));
  let value = 0;
  for (let step = 0; step < 12; step++) {
    const next = v.map((_, a) => dot(gram.subarray(a * width, (a + 1) * width), v));
    value = norm(next) / norm(v);
    v = next.map((x) => x / value);
  }
  return value;
}

/** Z <- sqrt(scale) Z (3 I - scale G) / 2 */
function multiply(z: Float64Array, n: number, width: number, gram: Float64Array, scale: number): void {
  const root = Math.sqrt(scale) / 2;
  for (let i = 0; i < n; i++) {
    const row = z.slice(i * width, (i + 1) * width);
    for (let a = 0; a < width; a++) {
      let sum = 0;
      for (let b = 0; b < width; b++) sum += gram[a * width + b]! * row[b]!;
      z[i * width + a] = root * (3 * row[a]! - scale * sum);
    }
  }
}

function withNegatives(z: Float64Array): Float64Array {
  const both = new Float64Array(2 * z.length);
  both.set(z);
  both.set(
    z.map((zi) => -zi),
    z.length,
  );
  return both;
}
