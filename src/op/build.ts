// How a row becomes a builder. Enters: a row of the op table; leaves: the function that makes nodes of it, with the row
// attached.

import { numbersAttr } from "../ir/attrs.ts";
import { make } from "../ir/make.ts";
import type { Node } from "../ir/node.ts";
import type { MapOp, NodeType, OpDef } from "../ir/op.ts";
import { commonShape, sizeOf, unionAxes } from "../ir/shape.ts";

/** A builder of nodes that shows its row. */
export type Builder<Arguments extends readonly unknown[]> = ((...args: Arguments) => Node) & { readonly op: OpDef };
export type Unary = Builder<[x: Node]>;
export type Binary = Builder<[a: Node, b: Node]>;
export type Ternary = Builder<[a: Node, b: Node, c: Node]>;
export type Quaternary = Builder<[a: Node, b: Node, c: Node, d: Node]>;

/** The array `values` of event shape `shape`, row-major; a value that no axis changes. */
export const constantOp: OpDef = {
  kind: "leaf",
  name: "constant",
  doc: "given numbers",
  type: (_, attrs) => ({ axes: [], shape: numbersAttr(attrs, "shape") }),
  grad: null,
  build: null,
};

type Row<Scalar, Rule, Law> = {
  readonly name: string;
  readonly doc: string;
  readonly scalar: Scalar;
  /** Cotangent of each argument from that of the result. `null`: piecewise constant. */
  readonly grad: Rule | null;
  /** A simpler node of the same value, where the arguments allow it. */
  readonly law?: Law;
};
type UnaryRow = Row<(x: number) => number, (ct: Node, x: Node, y: Node) => Node, (x: Node) => Node | null>;
type BinaryRow = Row<
  (a: number, b: number) => number,
  (ct: Node, a: Node, b: Node, y: Node) => readonly (Node | null)[],
  (a: Node, b: Node) => Node | null
>;
type TernaryRow = Row<
  (a: number, b: number, c: number) => number,
  (ct: Node, a: Node, b: Node, c: Node, y: Node) => readonly (Node | null)[],
  (a: Node, b: Node, c: Node) => Node | null
>;

type QuaternaryRow = Row<
  (a: number, b: number, c: number, d: number) => number,
  (ct: Node, a: Node, b: Node, c: Node, d: Node, y: Node) => readonly (Node | null)[],
  never
>;

export function unary(row: UnaryRow): Unary {
  const { grad } = row;
  const op: MapOp = {
    ...common(row),
    scalar: row.scalar,
    grad: grad && ((ct, y) => [grad(ct, y.inputs[0]!, y)]),
    build: ([x]) => builder(x!),
  };
  const builder = (x: Node): Node => folded(op, [x]) ?? row.law?.(x) ?? make(op, [x]);
  return Object.assign(builder, { op });
}

export function binary(row: BinaryRow): Binary {
  const { grad } = row;
  const op: MapOp = {
    ...common(row),
    scalar: row.scalar,
    grad: grad && ((ct, y) => grad(ct, y.inputs[0]!, y.inputs[1]!, y)),
    build: ([a, b]) => builder(a!, b!),
  };
  const builder = (a: Node, b: Node): Node => folded(op, [a, b]) ?? row.law?.(a, b) ?? make(op, [a, b]);
  return Object.assign(builder, { op });
}

export function ternary(row: TernaryRow): Ternary {
  const { grad } = row;
  const op: MapOp = {
    ...common(row),
    scalar: row.scalar,
    grad: grad && ((ct, y) => grad(ct, y.inputs[0]!, y.inputs[1]!, y.inputs[2]!, y)),
    build: ([a, b, c]) => builder(a!, b!, c!),
  };
  const builder = (a: Node, b: Node, c: Node): Node =>
    folded(op, [a, b, c]) ?? row.law?.(a, b, c) ?? make(op, [a, b, c]);
  return Object.assign(builder, { op });
}

export function quaternary(row: QuaternaryRow): Quaternary {
  const { grad } = row;
  const op: MapOp = {
    ...common(row),
    scalar: row.scalar,
    grad: grad && ((ct, y) => grad(ct, y.inputs[0]!, y.inputs[1]!, y.inputs[2]!, y.inputs[3]!, y)),
    build: ([a, b, c, d]) => builder(a!, b!, c!, d!),
  };
  const builder = (...inputs: [Node, Node, Node, Node]): Node => folded(op, inputs) ?? make(op, inputs);
  return Object.assign(builder, { op });
}

const common = (row: { readonly name: string; readonly doc: string }) =>
  ({
    kind: "map",
    name: row.name,
    doc: row.doc,
    type: (inputs: readonly Node[]): NodeType => mapType(inputs, row.name),
  }) as const;

/** Pointwise: union of the axes, equal event shapes or scalars. */
const mapType = (inputs: readonly Node[], name: string): NodeType => ({
  axes: unionAxes(inputs),
  shape: commonShape(inputs, name),
});

/** The result of constant arguments is a constant. */
function folded(op: MapOp, inputs: readonly Node[]): Node | null {
  if (!inputs.every((x) => x.op === constantOp)) return null;
  const { shape } = op.type(inputs, {}, null);
  const arrays = inputs.map((x) => numbersAttr(x.attrs, "values"));
  const values = Array.from({ length: sizeOf(shape) }, (_, i) =>
    op.scalar(...arrays.map((a) => (a.length === 1 ? a[0]! : a[i]!))),
  );
  return make(constantOp, [], { values, shape });
}
