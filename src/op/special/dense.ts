// Dense matrices as plain float64 numbers, row-major and in place. Golub & Van Loan 2013, Matrix Computations, sections
// 3.1, 3.4 and 4.2.

import * as math from "./elementary.ts";

type Values = Float64Array;

/** Writes the lower triangular L with L Lᵀ = A at `l` (zeros above its diagonal), for the symmetric part
 *  (A + Aᵀ) / 2 of the n × n numbers at `a`. False, and NaN everywhere, where that is not positive definite. */
export function choleskyInto(n: number, A: Values, a: number, L: Values, l: number): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = 0.5 * (A[a + i * n + j]! + A[a + j * n + i]!);
      for (let k = 0; k < j; k++) rest -= L[l + i * n + k]! * L[l + j * n + k]!;
      if (i > j) L[l + i * n + j] = rest / L[l + j * n + j]!;
      else if (rest > 0 && rest < Infinity) L[l + i * n + i] = Math.sqrt(rest);
      else {
        L.fill(NaN, l, l + n * n);
        return false;
      }
    }
    L.fill(0, l + i * n + i + 1, l + (i + 1) * n);
  }
  return true;
}

/** Row i of Y (m numbers a row, from `y` on) loses `factor` times row j. */
function subtractRow(m: number, Y: Values, y: number, i: number, j: number, factor: number): void {
  for (let c = 0; c < m; c++) Y[y + i * m + c]! -= factor * Y[y + j * m + c]!;
}

function divideRow(m: number, Y: Values, y: number, i: number, by: number): void {
  for (let c = 0; c < m; c++) Y[y + i * m + c]! /= by;
}

/** L⁻¹ Y in the place of the n × m numbers Y, row by row from the top: y_i = (y_i - Σ_{j<i} L_ij y_j) / L_ii. */
export function solveLowerInPlace(n: number, m: number, L: Values, l: number, Y: Values, y: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) subtractRow(m, Y, y, i, j, L[l + i * n + j]!);
    divideRow(m, Y, y, i, L[l + i * n + i]!);
  }
}

/** L⁻ᵀ Y in the place of Y, from the bottom. */
export function solveUpperInPlace(n: number, m: number, L: Values, l: number, Y: Values, y: number): void {
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) subtractRow(m, Y, y, i, j, L[l + j * n + i]!);
    divideRow(m, Y, y, i, L[l + i * n + i]!);
  }
}

/** P A = L U: L below the diagonal (its diagonal is 1), U on and above it; row i of P A is row `rows[i]` of A. */
export type Lu = { readonly n: number; readonly factors: Values; readonly rows: Int32Array };

/** By elimination with partial pivoting, of the n × n numbers at `a`. A singular matrix has a zero on U's diagonal. */
export function luOf(n: number, A: Values, a: number): Lu {
  const factors = A.slice(a, a + n * n);
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  for (let k = 0; k < n; k++) {
    swapRows(n, factors, rows, k, largestBelow(n, factors, k));
    const pivot = factors[k * n + k]!;
    if (pivot === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const factor = (factors[i * n + k]! /= pivot);
      for (let j = k + 1; j < n; j++) factors[i * n + j]! -= factor * factors[k * n + j]!;
    }
  }
  return { n, factors, rows };
}

/** The row from k on whose entry in column k is largest. */
function largestBelow(n: number, A: Values, k: number): number {
  let best = k;
  for (let i = k + 1; i < n; i++) if (Math.abs(A[i * n + k]!) > Math.abs(A[best * n + k]!)) best = i;
  return best;
}

function swapRows(n: number, A: Values, rows: Int32Array, i: number, k: number): void {
  if (i === k) return;
  [rows[i], rows[k]] = [rows[k]!, rows[i]!];
  for (let j = 0; j < n; j++) [A[i * n + j], A[k * n + j]] = [A[k * n + j]!, A[i * n + j]!];
}

/** Writes A⁻¹ B at `y`, for the n × m numbers B at `b`; NaN where A is singular. */
export function luSolveInto({ n, factors, rows }: Lu, m: number, B: Values, b: number, Y: Values, y: number): void {
  if (rows.some((_, k) => factors[k * n + k] === 0)) {
    Y.fill(NaN, y, y + n * m);
    return;
  }
  rows.forEach((row, i) => Y.set(B.subarray(b + row * m, b + (row + 1) * m), y + i * m));
  for (let i = 1; i < n; i++) for (let j = 0; j < i; j++) subtractRow(m, Y, y, i, j, factors[i * n + j]!);
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) subtractRow(m, Y, y, i, j, factors[i * n + j]!);
    divideRow(m, Y, y, i, factors[i * n + i]!);
  }
}

/** log |det A|, -inf where A is singular. */
export const luLogDet = ({ n, factors, rows }: Lu): number =>
  rows.reduce((total, _, k) => total + math.log(Math.abs(factors[k * n + k]!)), 0);
