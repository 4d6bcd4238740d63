// Matrices: the last two event dims are one matrix, dims before them and axes are independent. Products are `einsum`.
// Reverse rules: Giles 2008, "Collected matrix derivative results"; Murray 2016, arXiv:1602.07527 (Cholesky).

import { ice } from "../base/ice.ts";
import { make } from "../ir/make.ts";
import type { Node } from "../ir/node.ts";
import type { GradRule, OpDef } from "../ir/op.ts";
import { sameList, unionAxes } from "../ir/shape.ts";
import { add, mul, neg } from "./arithmetic.ts";
import type { Binary, Unary } from "./build.ts";
import { einsum, parseSpec } from "./contract.ts";
import { expand } from "./fold.ts";
import { gather } from "./gather.ts";
import { constant, scalar } from "./leaf.ts";
import { select } from "./logic.ts";
import { moveDim, reshape, transpose } from "./move.ts";

// ---------------------------------------------------------------------------------------- the last two dims

const LEADING = "zyxwvutsr";

/** `einsum` of the last dims, those before them being independent: `"ij,jk->ik"` is a product of matrices. */
export function einsumLast(spec: string, a: Node, b: Node): Node {
  const parts = parseSpec(spec);
  const lead = LEADING.slice(0, a.shape.length - parts.a.length);
  const text = [parts.a, parts.b, parts.out].map((letters) => lead + letters.join(""));
  return einsum(`${text[0]},${text[1]}->${text[2]}`, a, b);
}

/** Rows and columns exchanged. */
export function transposeLast(x: Node): Node {
  const rank = x.shape.length;
  return transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

/** One n × n matrix of constants, entry by entry, for every dim before the last two of `shape`. */
function masked(shape: readonly number[], entry: (row: number, column: number) => number): Node {
  const n = shape.at(-1)!;
  const values = Array.from({ length: n * n }, (_, i) => entry(Math.floor(i / n), i % n));
  return expand(constant(values, [n, n]), shape, [shape.length - 2, shape.length - 1]);
}

/** 1 on the diagonal. */
export const identityLike = (shape: readonly number[]): Node => masked(shape, (i, j) => (i === j ? 1 : 0));

/** Square matrices with zeros above the diagonal. */
export const lowerPart = (x: Node): Node =>
  select(
    masked(x.shape, (i, j) => (j <= i ? 1 : 0)),
    x,
    scalar(0),
  );

/** The diagonals of square matrices. */
export function diagonalOf(x: Node): Node {
  const lead = x.shape.slice(0, -2);
  const n = x.shape.at(-1)!;
  const places = constant(
    Array.from({ length: n }, (_, i) => i * (n + 1)),
    [n],
  );
  return moveDim(gather(reshape(x, [...lead, n * n]), lead.length, places), 0, lead.length);
}

const isSquare = ({ shape }: Node): boolean => shape.length >= 2 && shape.at(-1) === shape.at(-2);

// ---------------------------------------------------------------------------------------- systems

/** `b` holds vectors, one dim less than the matrices, or matrices. */
const holdsVectors = (A: Node, b: Node): boolean => b.shape.length === A.shape.length - 1;

/** v yᵀ, summed over the columns of b. */
const outerOf = (A: Node, v: Node, y: Node): Node => einsumLast(holdsVectors(A, v) ? "i,j->ij" : "ik,jk->ij", v, y);

function solver(name: string, doc: string, grad: (ct: Node, A: Node, y: Node) => readonly Node[]): Binary {
  const rule: GradRule = (ct, y) => grad(ct, y.inputs[0]!, y);
  const op: OpDef = {
    kind: "matrix",
    name,
    doc,
    type: (inputs) => ({ axes: unionAxes(inputs), shape: inputs[1]!.shape }),
    grad: rule,
    build: ([A, b]) => builder(A!, b!),
  };
  const builder = (A: Node, b: Node): Node => {
    const rows = b.shape.slice(0, A.shape.length - 1);
    const fits = isSquare(A) && sameList(rows, A.shape.slice(0, -1)) && b.shape.length <= A.shape.length;
    return fits ? make(op, [A, b]) : ice(`${name} of [${A.shape.join(", ")}] and [${b.shape.join(", ")}]`);
  };
  return Object.assign(builder, { op });
}

/** y = L⁻¹ b, L lower triangular (what stands above its diagonal is not read): b gets v = L⁻ᵀ ct, L gets -tril(v
 *  yᵀ). */
export const solveLower: Binary = solver("solveLower", "L⁻¹ b", (ct, L, y) => {
  const v = solveUpper(L, ct);
  return [neg(lowerPart(outerOf(L, v, y))), v];
});

/** y = L⁻ᵀ b: b gets v = L⁻¹ ct, L gets -tril(y vᵀ). */
export const solveUpper: Binary = solver("solveUpper", "L⁻ᵀ b", (ct, L, y) => {
  const v = solveLower(L, ct);
  return [neg(lowerPart(outerOf(L, y, v))), v];
});

/** y = A⁻¹ b, NaN where A is singular: b gets v = A⁻ᵀ ct, A gets -v yᵀ. */
export const solve: Binary = solver("solve", "A⁻¹ b", (ct, A, y) => {
  const v = solve(transposeLast(A), ct);
  return [neg(outerOf(A, v, y)), v];
});

/** A⁻¹, NaN where A is singular. */
export const inverse = (A: Node): Node => solve(A, identityLike(A.shape));

// ---------------------------------------------------------------------------------------- functions of one matrix

type Spec = {
  readonly name: string;
  readonly doc: string;
  readonly shape: (A: readonly number[]) => readonly number[];
  readonly grad: (ct: Node, A: Node, y: Node) => Node;
};

function ofMatrix({ name, doc, shape, grad }: Spec): Unary {
  const op: OpDef = {
    kind: "matrix",
    name,
    doc,
    type: ([A]) => ({ axes: A!.axes, shape: shape(A!.shape) }),
    grad: (ct, y) => [grad(ct, y.inputs[0]!, y)],
    build: ([A]) => builder(A!),
  };
  const builder = (A: Node): Node => (isSquare(A) ? make(op, [A]) : ice(`${name} of [${A.shape.join(", ")}]`));
  return Object.assign(builder, { op });
}

/** Φ: the lower triangle with half the diagonal. */
const halfLower = (x: Node): Node =>
  mul(
    lowerPart(x),
    masked(x.shape, (i, j) => (i === j ? 0.5 : 1)),
  );

/** The lower triangular L with L Lᵀ = A, of A's symmetric part; NaN where that is not positive definite.
 *  A gets the symmetric part of L⁻ᵀ Φ(Lᵀ tril(ct)) L⁻¹. */
export const cholesky: Unary = ofMatrix({
  name: "cholesky",
  doc: "L with L Lᵀ = A",
  shape: (A) => A,
  grad: (ct, _, L) => {
    const inner = solveUpper(L, halfLower(einsumLast("ki,kj->ij", L, lowerPart(ct))));
    const whole = solveUpper(L, transposeLast(inner));
    return mul(scalar(0.5), add(whole, transposeLast(whole)));
  },
});

/** log |det A|: A gets ct A⁻ᵀ. */
export const logDet: Unary = ofMatrix({
  name: "logDet",
  doc: "log |det A|",
  shape: (A) => A.slice(0, -2),
  grad: (ct, A) =>
    mul(
      expand(
        ct,
        A.shape,
        ct.shape.map((_, d) => d),
      ),
      transposeLast(inverse(A)),
    ),
});

export const matrixOps: readonly OpDef[] = [solveLower.op, solveUpper.op, solve.op, cholesky.op, logDet.op];
