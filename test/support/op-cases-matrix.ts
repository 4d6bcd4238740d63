// Cases of matrix ops and of sorting, against textbook formulas that share nothing with the kernels: minors and
// Cramer's rule, and the recursion of the Cholesky factor.

import type { Node } from "../../src/ir/node.ts";
import {
  add,
  cholesky,
  diagonalOf,
  identityLike,
  inverse,
  logDet,
  lowerPart,
  mul,
  order,
  scalar,
  solve,
  solveLower,
  solveUpper,
  sorted,
  transposeLast,
} from "../../src/op/index.ts";
import { leaf, list, total, type LeafCase, type ShapedCase } from "./op-case.ts";

type Matrix = (row: number, column: number) => number;

/** Expansion by the first row. */
function determinant(n: number, A: Matrix): number {
  if (n === 0) return 1;
  return total(n, (k) => (-1) ** k * A(0, k) * determinant(n - 1, (i, j) => A(i + 1, j < k ? j : j + 1)));
}

/** Entry i of A⁻¹ b by Cramer's rule. */
const cramer = (n: number, A: Matrix, b: (row: number) => number, i: number): number =>
  determinant(n, (r, c) => (c === i ? b(r) : A(r, c))) / determinant(n, A);

/** L_ij = (A_ij - Σ_{k<j} L_ik L_jk) / L_jj, the root of that on the diagonal. */
function factor(A: Matrix, i: number, j: number): number {
  if (j > i) return 0;
  const rest = 0.5 * (A(i, j) + A(j, i)) - total(j, (k) => factor(A, i, k) * factor(A, j, k));
  return i === j ? Math.sqrt(rest) : rest / factor(A, j, j);
}

const lower =
  (A: Matrix): Matrix =>
  (i, j) =>
    j <= i ? A(i, j) : 0;
const near1: LeafCase = leaf(["J"], [3, 3], [0.5, 1.5]);
/** No symmetry: all entries differ. */
const small = (...lead: number[]): LeafCase => leaf(["J"], [...lead, 3, 3], [-0.4, 0.4]);
const raised = (x: Node): Node => add(x, mul(scalar(1.5), identityLike(x.shape)));
const raisedBy =
  (A: Matrix): Matrix =>
  (i, j) =>
    A(i, j) + (i === j ? 1.5 : 0);

const systems: readonly ShapedCase[] = [
  {
    title: "solveLower of a vector",
    ops: ["solveLower"],
    leaves: { L: near1, b: leaf(["K"], [3]) },
    build: ({ L, b }) => solveLower(L!, b!),
    value: (get, a, [i]) =>
      cramer(
        3,
        lower((r, c) => get("L", a, r, c)),
        (r) => get("b", a, r),
        i!,
      ),
    gradient: "smooth",
  },
  {
    title: "solveLower of a matrix",
    ops: ["solveLower"],
    leaves: { L: near1, b: leaf(["K"], [3, 2]) },
    build: ({ L, b }) => solveLower(L!, b!),
    value: (get, a, [i, k]) =>
      cramer(
        3,
        lower((r, c) => get("L", a, r, c)),
        (r) => get("b", a, r, k!),
        i!,
      ),
    gradient: "smooth",
  },
  {
    title: "solveUpper of a vector",
    ops: ["solveUpper"],
    leaves: { L: near1, b: leaf([], [3]) },
    build: ({ L, b }) => solveUpper(L!, b!),
    value: (get, a, [i]) =>
      cramer(
        3,
        (r, c) => lower((p, q) => get("L", a, p, q))(c, r),
        (r) => get("b", a, r),
        i!,
      ),
    gradient: "smooth",
  },
  {
    title: "solveUpper of matrices, each its own",
    ops: ["solveUpper"],
    leaves: { L: leaf([], [2, 3, 3], [0.5, 1.5]), b: leaf(["K"], [2, 3, 1]) },
    build: ({ L, b }) => solveUpper(L!, b!),
    value: (get, a, [g, i, k]) =>
      cramer(
        3,
        (r, c) => lower((p, q) => get("L", a, g!, p, q))(c, r),
        (r) => get("b", a, g!, r, k!),
        i!,
      ),
    gradient: "smooth",
  },
  {
    title: "solve",
    ops: ["solve"],
    leaves: { A: leaf(["J"], [3, 3]), b: leaf(["K"], [3]) },
    build: ({ A, b }) => solve(A!, b!),
    value: (get, a, [i]) =>
      cramer(
        3,
        (r, c) => get("A", a, r, c),
        (r) => get("b", a, r),
        i!,
      ),
    gradient: "smooth",
  },
  {
    title: "solve of matrices, each its own",
    ops: ["solve"],
    leaves: { A: leaf([], [2, 2, 2]), b: leaf(["K"], [2, 2, 3]) },
    build: ({ A, b }) => solve(A!, b!),
    value: (get, a, [g, i, k]) =>
      cramer(
        2,
        (r, c) => get("A", a, g!, r, c),
        (r) => get("b", a, g!, r, k!),
        i!,
      ),
    gradient: "smooth",
  },
  {
    title: "inverse of a matrix with a zero where the first pivot would be",
    ops: ["solve"],
    leaves: { A: { axes: [], shape: [3, 3], values: Float64Array.of(0, 2, 1, 1, 0.5, -1, 3, 1, 2) } },
    build: ({ A }) => inverse(A!),
    value: (get, a, [i, k]) =>
      cramer(
        3,
        (r, c) => get("A", a, r, c),
        (r) => Number(r === k),
        i!,
      ),
    gradient: "smooth",
  },
];

const factors: readonly ShapedCase[] = [
  {
    title: "cholesky of the symmetric part",
    ops: ["cholesky"],
    leaves: { A: small() },
    build: ({ A }) => cholesky(raised(A!)),
    value: (get, a, [i, j]) =>
      factor(
        raisedBy((r, c) => get("A", a, r, c)),
        i!,
        j!,
      ),
    gradient: "smooth",
  },
  {
    title: "cholesky of many",
    ops: ["cholesky"],
    leaves: { A: small(2) },
    build: ({ A }) => cholesky(raised(A!)),
    value: (get, a, [g, i, j]) =>
      factor(
        raisedBy((r, c) => get("A", a, g!, r, c)),
        i!,
        j!,
      ),
    gradient: "smooth",
  },
  {
    title: "logDet, also of a negative determinant",
    ops: ["logDet"],
    leaves: { A: leaf(["J", "K"], [2, 3, 3]) },
    build: ({ A }) => logDet(A!),
    value: (get, a, [g]) => Math.log(Math.abs(determinant(3, (r, c) => get("A", a, g!, r, c)))),
    gradient: "smooth",
  },
];

const parts: readonly ShapedCase[] = [
  {
    title: "diagonals, triangles and transposes of many",
    ops: ["gather"],
    leaves: { A: small(2) },
    build: ({ A }) => diagonalOf(mul(lowerPart(A!), transposeLast(A!))),
    value: (get, a, [g, i]) => get("A", a, g!, i!, i!) ** 2,
    gradient: "smooth",
  },
  {
    title: "order",
    ops: ["order"],
    leaves: { x: leaf(["J"], [2, 4]) },
    build: ({ x }) => order(x!),
    value: (get, a, [g, i]) => list(4, (k) => k).sort((p, q) => get("x", a, g!, p) - get("x", a, g!, q))[i!]!,
    gradient: "none",
  },
  {
    title: "sorted",
    ops: ["order", "gather"],
    leaves: { x: leaf(["J"], [2, 4]) },
    build: ({ x }) => sorted(x!),
    value: (get, a, [g, i]) => list(4, (k) => get("x", a, g!, k)).sort((p, q) => p - q)[i!]!,
    gradient: "first",
  },
];

export const matrixCases: readonly ShapedCase[] = [...systems, ...factors, ...parts];
