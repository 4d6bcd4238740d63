// Matrices and linear algebra. Where a function is of one matrix, dims before its last two are independent.

import type { Node } from "../ir/node.ts";
import { array, joinSizes, real } from "../model/types.ts";
import type { ArrayType, Elem, Shape, Size } from "../model/types.ts";
import * as op from "../op/index.ts";
import { rank, row as arrayRow } from "./arrays.ts";
import { arithmetic, firstMisfit } from "./elementwise.ts";
import type { BuiltRow, Call, Problem, TypeRule } from "./row.ts";

const row = (signature: string, spec: Pick<BuiltRow, "doc" | "type" | "build" | "indices">): BuiltRow =>
  arrayRow(signature, { kind: "linear algebra", ...spec });

// ---------------------------------------------------------------------------------------- type rules

type Dims = { readonly lead: Shape; readonly size: Size };

/** The size of a square matrix, and the dims before it. */
function squareOf(x: ArrayType, argument: number, { agree }: Call): Dims | Problem {
  const [rows, columns] = [x.shape.at(-2), x.shape.at(-1)];
  if (rows === undefined || columns === undefined) return rank(argument, "a square matrix");
  if (!agree(rows, columns)) return { problem: "differ", left: [rows], right: [columns] };
  return { lead: x.shape.slice(0, -2), size: joinSizes(rows, columns) };
}

/** A rule for functions of one square matrix. */
const ofSquare =
  (result: (dims: Dims, elem: Elem) => ArrayType): TypeRule =>
  ([A], call) => {
    const dims = squareOf(A!, 0, call);
    return firstMisfit([A!], real) ?? ("problem" in dims ? dims : result(dims, A!.elem));
  };

const sameMatrix = ofSquare(({ lead, size }) => array(real, [...lead, size, size]));

/** A square matrix and a right-hand side, one vector or the columns of a matrix. */
const systemType: TypeRule = ([A, b], call) => {
  const misfit = firstMisfit([A!, b!], real);
  if (misfit !== null) return misfit;
  if (A!.shape.length !== 2) return rank(0, "a square matrix");
  const dims = squareOf(A!, 0, call);
  if ("problem" in dims) return dims;
  if (b!.shape.length !== 1 && b!.shape.length !== 2) return rank(1, "a vector or a matrix");
  const [rows = null, ...columns] = b!.shape;
  return call.agree(dims.size, rows)
    ? array(real, [joinSizes(dims.size, rows), ...columns])
    : { problem: "differ", left: A!.shape, right: b!.shape };
};

/** A matrix whose dims `touched` agree with a vector; `matrix` and `vector` are their positions among the arguments. */
const scaledType =
  (matrix: 0 | 1, touched: readonly (0 | 1)[]): TypeRule =>
  (args, { agree }) => {
    const [A, v] = matrix === 0 ? [args[0]!, args[1]!] : [args[1]!, args[0]!];
    if (A.shape.length !== 2) return rank(matrix, "a matrix");
    if (v.shape.length !== 1) return rank(1 - matrix, "a vector");
    const size = v.shape[0] ?? null;
    if (touched.some((dim) => !agree(A.shape[dim] ?? null, size)))
      return { problem: "differ", left: args[0]!.shape, right: args[1]!.shape };
    const isTouched = (dim: number): boolean => touched.some((t) => t === dim);
    const shape = A.shape.map((s, dim) => (isTouched(dim) ? joinSizes(s, size) : s));
    return firstMisfit(args, real) ?? array(arithmetic([A.elem, v.elem]), shape);
  };

/** The last dim of a against the first of b. */
const dotType: TypeRule = (args, { agree }) => {
  const misfit = firstMisfit(args, real);
  if (misfit !== null) return misfit;
  const [a, b] = args as readonly ArrayType[] as [ArrayType, ArrayType];
  const scalar = args.findIndex((arg) => arg.shape.length === 0);
  if (scalar >= 0) return rank(scalar, "at least one dim");
  if (!agree(a.shape.at(-1) ?? null, b.shape[0] ?? null)) return { problem: "differ", left: a.shape, right: b.shape };
  return array(arithmetic([a.elem, b.elem]), [...a.shape.slice(0, -1), ...b.shape.slice(1)]);
};

const outerType: TypeRule = (args) => {
  const bad = args.findIndex((arg) => arg.shape.length !== 1);
  if (bad >= 0) return rank(bad, "one dim");
  const elem = arithmetic(args.map((arg) => arg.elem));
  return (
    firstMisfit(args, real) ??
    array(
      elem,
      args.map((arg) => arg.shape[0] ?? null),
    )
  );
};

/** Points on a line or, one a row, in a space; one length for all directions or one for each. */
const kernelType: TypeRule = ([x, sd, length], { agree }) => {
  const misfit = firstMisfit([x!, sd!, length!], real);
  if (misfit !== null) return misfit;
  if (x!.shape.length !== 1 && x!.shape.length !== 2) return rank(0, "points: [N], or one a row [N, D]");
  if (sd!.shape.length > 0) return rank(1, "a scalar");
  if (length!.shape.length >= x!.shape.length)
    return rank(2, x!.shape.length === 1 ? "a scalar" : "a scalar or a vector");
  if (length!.shape.length === 1 && !agree(length!.shape[0] ?? null, x!.shape[1] ?? null))
    return { problem: "differ", left: x!.shape, right: length!.shape };
  const size = x!.shape[0] ?? null;
  return array(real, [size, size]);
};

// ---------------------------------------------------------------------------------------- graphs

const LETTERS = "abcdefghijklmnopqrstuvwxy";

function dot(a: Node, b: Node): Node {
  const left = LETTERS.slice(0, a.shape.length - 1);
  const right = LETTERS.slice(left.length, left.length + b.shape.length - 1);
  return op.einsum(`${left}z,z${right}->${left}${right}`, a, b);
}

const outer = (a: Node, b: Node): Node => op.einsum("i,j->ij", a, b);

const onDiagonal = (x: Node): Node => {
  const shape = [x.shape[0]!, x.shape[0]!];
  return op.select(op.identityLike(shape), op.expand(x, shape, [0]), op.scalar(0));
};

/** sd² exp(-½ Σ_d (x_id - x_jd)² / length_d²). What depends on the points alone stands by itself. */
function covExpQuad(x: Node, sd: Node, length: Node): Node {
  const shape = [x.shape[0]!, ...x.shape];
  const beside = (dims: readonly number[]): Node => op.expand(x, shape, x.shape.length === 1 ? dims : [...dims, 2]);
  const squares = op.square(op.sub(beside([0]), beside([1])));
  const weight = op.div(op.scalar(-0.5), op.square(length));
  const exponent =
    length.shape.length === 1
      ? op.einsum("ijk,k->ij", squares, weight)
      : op.mul(op.sum(squares, shape.length === 3 ? [2] : []), weight);
  return op.mul(op.square(sd), op.exp(exponent));
}

// ---------------------------------------------------------------------------------------- rows

const shapes: readonly BuiltRow[] = [
  arrayRow("eye(D)", {
    doc: "identity matrix",
    sizeArguments: "all",
    type: (_, { sizes }) => array(real, [sizes[0] ?? null, sizes[0] ?? null]),
    build: (_, { sizes }) => op.identityLike([sizes[0]!, sizes[0]!]),
  }),
  arrayRow("transpose(x)", {
    doc: "rows and columns exchanged",
    type: ([x]) =>
      x!.shape.length === 2 ? array(x!.elem, [x!.shape[1] ?? null, x!.shape[0] ?? null]) : rank(0, "two dims"),
    build: ([x]) => op.transposeLast(x!.node),
  }),
  arrayRow("outer(a, b)", {
    doc: "all products of an entry of a and one of b",
    indices: "number",
    type: outerType,
    build: ([a, b]) => outer(a!.node, b!.node),
  }),
  arrayRow("diag(v)", {
    doc: "matrix with v on its diagonal",
    indices: "number",
    type: ([v]) =>
      v!.shape.length === 1 ? array(v!.elem, [v!.shape[0] ?? null, v!.shape[0] ?? null]) : rank(0, "one dim"),
    build: ([v]) => onDiagonal(v!.node),
  }),
  arrayRow("diagonal(x)", {
    doc: "the diagonal of a square matrix",
    indices: "number",
    type: ofSquare(({ lead, size }, elem) => array(elem, [...lead, size])),
    build: ([x]) => op.diagonalOf(x!.node),
  }),
];

const algebra: readonly BuiltRow[] = [
  row("dot(a, b)", {
    doc: "sum of products over the last dim of a and the first of b",
    indices: "number",
    type: dotType,
    build: ([a, b]) => dot(a!.node, b!.node),
  }),
  row("cholesky(A)", {
    doc: "lower triangular L with L Lᵀ = A; NaN where A is not positive definite",
    indices: "number",
    type: sameMatrix,
    build: ([A]) => op.cholesky(A!.node),
  }),
  row("inverse(A)", {
    doc: "inverse matrix; NaN where A is singular",
    indices: "number",
    type: sameMatrix,
    build: ([A]) => op.inverse(A!.node),
  }),
  row("solve(A, b)", {
    doc: "x with A x = b, b a vector or the columns of a matrix",
    indices: "number",
    type: systemType,
    build: ([A, b]) => op.solve(A!.node, b!.node),
  }),
  row("solve_lower(L, b)", {
    doc: "x with L x = b, L lower triangular (what stands above its diagonal is not read)",
    indices: "number",
    type: systemType,
    build: ([L, b]) => op.solveLower(L!.node, b!.node),
  }),
  row("log_det(A)", {
    doc: "log of the absolute determinant",
    indices: "number",
    type: ofSquare(({ lead }) => array(real, lead)),
    build: ([A]) => op.logDet(A!.node),
  }),
  row("quad_form_diag(A, v)", {
    doc: "diag(v) A diag(v)",
    indices: "number",
    type: scaledType(0, [0, 1]),
    build: ([A, v]) => op.mul(A!.node, outer(v!.node, v!.node)),
  }),
  row("diag_pre_multiply(v, A)", {
    doc: "diag(v) A",
    indices: "number",
    type: scaledType(1, [0]),
    build: ([v, A]) => op.mul(op.expand(v!.node, A!.node.shape, [0]), A!.node),
  }),
  row("diag_post_multiply(A, v)", {
    doc: "A diag(v)",
    indices: "number",
    type: scaledType(0, [1]),
    build: ([A, v]) => op.mul(A!.node, op.expand(v!.node, A!.node.shape, [1])),
  }),
  row("cov_exp_quad(x, sd, length)", {
    doc: "squared-exponential covariance sd² exp(-(xᵢ - xⱼ)² / (2 length²)) of points [N], or one a row [N, D]",
    indices: "number",
    type: kernelType,
    build: ([x, sd, length]) => covExpQuad(x!.node, sd!.node, length!.node),
  }),
];

export const matrices: readonly BuiltRow[] = [...shapes, ...algebra];
