// Dense matrices and vectors as row-major Float64Arrays that are given back, in the words of the fit; their elimination
// is that of src/op/special/dense.ts.

import { choleskyInto, solveLowerInPlace, solveUpperInPlace } from "../op/special/dense.ts";

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

/** a + t b */
export const plus = (a: Float64Array, t: number, b: Float64Array): Float64Array => a.map((ai, i) => ai + t * b[i]!);

/** The lower triangular L with L L' = A (n x n, its symmetric part), or null where that is not positive definite. */
export function cholesky(a: Float64Array, n: number): Float64Array | null {
  const l = new Float64Array(n * n);
  return choleskyInto(n, a, 0, l, 0) ? l : null;
}

/** L^-1 b, L lower triangular. */
export function solveLower(l: Float64Array, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  solveLowerInPlace(b.length, 1, l, 0, x, 0);
  return x;
}

/** L'^-1 b, L lower triangular. */
export function solveLowerTransposed(l: Float64Array, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  solveUpperInPlace(b.length, 1, l, 0, x, 0);
  return x;
}

/** A^-1 b, from L = cholesky(A). */
export const solveCholesky = (l: Float64Array, b: Float64Array): Float64Array =>
  solveLowerTransposed(l, solveLower(l, b));

/** A^-1, or null where A is not positive definite. */
export function inverse(a: Float64Array, n: number): Float64Array | null {
  const l = cholesky(a, n);
  if (l === null) return null;
  const result = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const unit = new Float64Array(n);
    unit[j] = 1;
    result.set(solveCholesky(l, unit), j * n);
  }
  return result;
}

export const transpose = (a: Float64Array, n: number): Float64Array =>
  a.map((_, index) => a[(index % n) * n + Math.floor(index / n)]!);

/** A B, both n x n. */
export function times(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const weight = a[i * n + k]!;
      for (let j = 0; j < n; j++) product[i * n + j]! += weight * b[k * n + j]!;
    }
  }
  return product;
}

/** The square part of a (n x n) with rows and columns `start` … `start + size`. */
export function diagonalBlock(a: Float64Array, n: number, start: number, size: number): Float64Array {
  const part = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = (start + i) * n + start;
    part.set(a.subarray(row, row + size), i * size);
  }
  return part;
}

/** L b, L lower triangular. */
export function timesLower(l: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  return b.map((_, i) => {
    let sum = 0;
    for (let k = 0; k <= i; k++) sum += l[i * n + k]! * b[k]!;
    return sum;
  });
}

/** L' b, L lower triangular. */
export function timesLowerTransposed(l: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) x[k]! += l[i * n + k]! * b[i]!;
  }
  return x;
}

/** A matrix that is positive definite although its rows differ in scale by many orders: scaled to unit diagonal, its
 *  smallest eigenvalue is above `margin`. */
export function isDefinite(a: Float64Array, n: number, margin: number): boolean {
  const scaled = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    if (!(a[i * n + i]! > 0)) return false;
    for (let j = 0; j < n; j++) scaled[i * n + j] = a[i * n + j]! / Math.sqrt(a[i * n + i]!) / Math.sqrt(a[j * n + j]!);
    scaled[i * n + i]! -= margin;
  }
  return cholesky(scaled, n) !== null;
}
