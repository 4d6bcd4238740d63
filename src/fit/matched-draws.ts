// Standard normal draws for fixed objectives: evenly spread (Sobol'), in pairs z and -z, and with exactly the second
// moments of the normal, so that the average of every quadratic is exact. Further randomness (which set of draws) is a
// seed and a number.

import { normalQuantile } from "../op/special/index.ts";
import { dot, norm, times } from "./linear-algebra.ts";
import { normals, uniforms } from "./random.ts";
import { sobolDirections, sobolPoints } from "./sobol.ts";
import * as math from "../op/special/elementary.ts";

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
    for (let i = 0; i < n; i++) square += z[i * width + j]! * z[i * width + j]!;
    const factor = Math.sqrt(n / square);
    for (let i = 0; i < n; i++) z[i * width + j]! *= factor;
  }
}

/** Gram matrix Z'Z / n. */
function secondMoments(z: Float64Array, n: number, width: number): Float64Array {
  const gram = new Float64Array(width * width);
  for (let i = 0; i < n; i++) {
    const at = i * width;
    for (let a = 0; a < width; a++) {
      const za = z[at + a]! / n;
      for (let b = 0; b <= a; b++) gram[a * width + b]! += za * z[at + b]!;
    }
  }
  for (let a = 0; a < width; a++) for (let b = 0; b < a; b++) gram[b * width + a] = gram[a * width + b]!;
  return gram;
}

const WHITE = 1e-13;
const POLAR_STEPS = 100;
/** A departure from the identity that the next step, which squares it, brings below rounding. */
const NEARLY_WHITE = 1e-8;

/** Z <- Z (Z'Z/n)^(-1/2), the nearest matrix with exact second moments; once more where rounding has left a rest. */
function whiten(z: Float64Array, n: number, width: number): void {
  for (let step = 0; step < POLAR_STEPS; step++) {
    const gram = secondMoments(z, n, width);
    if (departure(gram, width) < WHITE) return;
    multiply(z, n, width, inverseRoot(gram, width));
  }
}

/** G^(-1/2) of a symmetric matrix by Newton's iteration for the polar factor, Z <- Z M with M = (3 I - Z'Z/n) / 2
 *  (Higham 2008, equation 8.20), in its effects on Z'Z/n alone: G <- M G M. It converges where no eigenvalue of G
 *  reaches 3. */
function inverseRoot(gram: Float64Array, width: number): Float64Array {
  let g = gram;
  let root: Float64Array | null = null;
  for (let step = 0; step < POLAR_STEPS; step++) {
    const rest = departure(g, width);
    const largest = largestEigenvalue(g, width);
    const scale = largest > 2.5 ? 2 / largest : 1;
    const diagonal = (index: number): number => (index % (width + 1) === 0 ? 3 : 0);
    const m = g.map((entry, index) => (Math.sqrt(scale) / 2) * (diagonal(index) - scale * entry));
    root = root === null ? m : times(root, m, width);
    if (rest < NEARLY_WHITE) break;
    g = times(times(m, g, width), m, width);
  }
  return root!;
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
  let v = new Float64Array(width).map((_, i) => 1 + math.sin(i + 1));
  let value = 0;
  for (let step = 0; step < 12; step++) {
    const next = v.map((_, a) => dot(gram.subarray(a * width, (a + 1) * width), v));
    value = norm(next) / norm(v);
    v = next.map((x) => x / value);
  }
  return value;
}

/** Z <- Z A, A symmetric. */
function multiply(z: Float64Array, n: number, width: number, a: Float64Array): void {
  const row = new Float64Array(width);
  for (let at = 0; at < n * width; at += width) {
    for (let j = 0; j < width; j++) row[j] = z[at + j]!;
    for (let j = 0; j < width; j++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += a[j * width + k]! * row[k]!;
      z[at + j] = sum;
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
