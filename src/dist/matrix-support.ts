// Maps from the unconstrained line to matrices: the last two event dims are one value, dims before them independent.
// An unconstrained value is the vector of its entries below the diagonal (or on it), row by row.

import type { Node } from "../ir/node.ts";
import {
  abs,
  add,
  all,
  and,
  asinh,
  cholesky,
  concat,
  constant,
  cumsum,
  diagonalOf,
  div,
  einsumLast,
  equal,
  exp,
  expand,
  fill,
  gather,
  identityLike,
  isFinite,
  less,
  log,
  logSigmoid,
  lowerPart,
  moveDim,
  mul,
  reshape,
  scalar,
  select,
  slice,
  sqrt,
  square,
  sub,
  sum,
  tanh,
} from "../op/index.ts";
import { choleskyInto } from "../op/special/dense.ts";
import type { Bijection } from "./support.ts";
import * as math from "../op/special/elementary.ts";

const lastDim = (x: Node): number => x.shape.length - 1;

type Place = { readonly row: number; readonly column: number };

/** Below the diagonal of an n × n matrix, and on it if `diagonal`; row by row. */
const placesBelow = (n: number, diagonal: boolean): readonly Place[] =>
  Array.from({ length: n * n }, (_, cell) => ({ row: Math.floor(cell / n), column: cell % n })).filter(
    ({ row, column }) => column < row || (diagonal && column === row),
  );

/** Columns, from 0, of the entries of u below the diagonal of n rows. */
export const columnsBelow = (n: number): readonly number[] => placesBelow(n, false).map(({ column }) => column);

/** Entries along the last dim, by constant positions. */
const entries = (x: Node, positions: readonly number[]): Node =>
  moveDim(gather(x, lastDim(x), constant(positions, [positions.length])), 0, lastDim(x));

/** u laid out as [.., n, n]; what stands elsewhere is 0. */
function matrixOf(u: Node, n: number, places: readonly Place[]): Node {
  const at = new Map(places.map(({ row, column }, k) => [row * n + column, k]));
  const shape = [...u.shape.slice(0, -1), n, n];
  if (places.length === 0) return fill(0, [], shape);
  const cells = Array.from({ length: n * n }, (_, cell) => cell);
  const filled = reshape(
    entries(
      u,
      cells.map((cell) => at.get(cell) ?? 0),
    ),
    shape,
  );
  const mask = constant(
    cells.map((cell) => (at.has(cell) ? 1 : 0)),
    [n, n],
  );
  return select(expand(mask, shape, [shape.length - 2, shape.length - 1]), filled, scalar(0));
}

/** The entries at some places of [.., n, n] matrices, as a vector. */
function vectorOf(x: Node, places: readonly Place[]): Node {
  const n = x.shape.at(-1)!;
  const flat = reshape(x, [...x.shape.slice(0, -2), n * n]);
  return entries(
    flat,
    places.map(({ row, column }) => row * n + column),
  );
}

/** n, where u has n (n - 1) / 2 entries, or n (n + 1) / 2 with the diagonal. */
const rowsOf = (u: Node, diagonal: boolean): number => (Math.sqrt(8 * u.shape.at(-1)! + 1) + (diagonal ? -1 : 1)) / 2;

/** log(1 - tanh² u) = log 4 + log s(2u) + log s(-2u), s the logistic function. */
function logOneMinusTanhSquared(u: Node): Node {
  const twice = mul(scalar(2), u);
  return add(scalar(math.log(4)), add(logSigmoid(twice), logSigmoid(mul(scalar(-2), u))));
}

/** A running sum along the last dim of what stands before each entry. */
function sumBefore(x: Node): Node {
  const last = lastDim(x);
  const zero = fill(0, [], x.shape.with(last, 1));
  return concat([zero, cumsum(slice(x, last, 0, x.shape[last]! - 1), last)], last);
}

/** Cholesky factors of correlation matrices by canonical partial correlations z = tanh u:
 *  L_ij = z_ij Π_{k<j} √(1 - z_ik²), with 1 in the place of z_ii (Lewandowski, Kurowicka, Joe 2009; Stan Reference
 *  Manual, "Cholesky factors of correlation matrices"). The volume is that of the entries below the diagonal. */
export const choleskyCorrelation: Bijection = {
  fromUnconstrained: (u) => {
    const n = rowsOf(u, false);
    const at = matrixOf(u, n, placesBelow(n, false));
    const left = exp(mul(scalar(0.5), sumBefore(logOneMinusTanhSquared(at))));
    return mul(add(tanh(at), identityLike(at.shape)), lowerPart(left));
  },
  // Σ_{i>j} (1 + (i - 1 - j) / 2) log(1 - z_ij²)
  logJacobian: (u) => {
    const n = rowsOf(u, false);
    const weights = placesBelow(n, false).map(({ row, column }) => 1 + (row - 1 - column) / 2);
    return einsumLast("i,i->", repeated(weights, u), logOneMinusTanhSquared(u));
  },
  // sinh u_ij = L_ij / √(Σ_{k>j} L_ik²), which keeps its digits where z rounds to 1
  toUnconstrained: (x) => {
    const last = lastDim(x);
    const n = x.shape[last]!;
    const after = cumsum(square(x), last, true);
    const rest = concat([slice(after, last, 1, n - 1), fill(1, [], x.shape.with(last, 1))], last);
    const places = placesBelow(n, false);
    return asinh(div(vectorOf(x, places), sqrt(vectorOf(rest, places))));
  },
  unconstrainedShape: (shape) => [...shape.slice(0, -2), (shape.at(-1)! * (shape.at(-1)! - 1)) / 2],
};

const repeated = (values: readonly number[], u: Node): Node =>
  expand(constant(values, [values.length]), u.shape, [lastDim(u)]);

/** Symmetric positive definite matrices L Lᵀ, L lower triangular with diagonal e^u (Pinheiro, Bates 1996,
 *  "Log-Cholesky"). The volume is that of the entries on and below the diagonal. */
export const covariance: Bijection = {
  fromUnconstrained: (u) => {
    const n = rowsOf(u, true);
    const raw = matrixOf(u, n, placesBelow(n, true));
    const L = select(identityLike(raw.shape), exp(raw), raw);
    return einsumLast("ij,kj->ik", L, L);
  },
  // n log 2 + Σ_i (n + 1 - i) u_ii, i = 0, …, n - 1
  logJacobian: (u) => {
    const n = rowsOf(u, true);
    const weights = placesBelow(n, true).map(({ row, column }) => (row === column ? n + 1 - row : 0));
    return add(scalar(n * Math.LN2), einsumLast("i,i->", repeated(weights, u), u));
  },
  toUnconstrained: (x) => {
    const L = cholesky(x);
    const logs = select(identityLike(x.shape), log(select(identityLike(x.shape), L, scalar(1))), L);
    return vectorOf(logs, placesBelow(x.shape.at(-1)!, true));
  },
  unconstrainedShape: (shape) => [...shape.slice(0, -2), (shape.at(-1)! * (shape.at(-1)! + 1)) / 2],
};

/** 1 for positive definite matrices (of which the symmetric part is read). */
export const isCovariance = (x: Node): Node => isFinite(sum(diagonalOf(cholesky(x)), [x.shape.length - 2]));

/** 1 for lower triangular matrices with a positive diagonal and rows of length 1, within `tolerance`. */
export function isCholeskyCorrelation(x: Node, tolerance: number): Node {
  const last = lastDim(x);
  const unit = less(abs(sub(sum(square(x), [last]), scalar(1))), scalar(tolerance));
  const rows = and(and(unit, less(scalar(0), diagonalOf(x))), all(equal(x, lowerPart(x)), [last]));
  return all(rows, [last - 1]);
}

// ---------------------------------------------------------------------------------------- membership of numbers

/** Row-major numbers of a square matrix: its rows; none if their number is no square. */
function rowsOfNumbers(values: readonly number[]): readonly (readonly number[])[] {
  const n = Math.sqrt(values.length);
  return Number.isInteger(n) ? Array.from({ length: n }, (_, i) => values.slice(i * n, (i + 1) * n)) : [];
}

/** Lower triangular, with a positive diagonal and rows of length 1. */
export function isNumericFactor(values: readonly number[], tolerance: number): boolean {
  const rows = rowsOfNumbers(values);
  const isUnit = (row: readonly number[]): boolean => Math.abs(row.reduce((sum, v) => sum + v * v, 0) - 1) <= tolerance;
  const isLower = (row: readonly number[], i: number): boolean => row.every((v, j) => j <= i || v === 0);
  return rows.length > 0 && rows.every((row, i) => row[i]! > 0 && isLower(row, i) && isUnit(row));
}

/** Symmetric, to a part `tolerance` of the diagonal, and positive definite. */
export function isPositiveDefinite(values: readonly number[], tolerance: number): boolean {
  const rows = rowsOfNumbers(values);
  const n = rows.length;
  const apart = (i: number, j: number): number => Math.abs(rows[i]![j]! - rows[j]![i]!);
  const scale = (i: number, j: number): number => Math.sqrt(Math.abs(rows[i]![i]! * rows[j]![j]!));
  const isSymmetric = rows.every((row, i) => row.every((_, j) => apart(i, j) <= tolerance * scale(i, j)));
  return n > 0 && isSymmetric && choleskyInto(n, Float64Array.from(values), 0, new Float64Array(n * n), 0);
}
