// A cell: one node's value in a run, dense and row-major, axes first, then event dims.

import { ice } from "../../base/ice.ts";
import type { Axis, Node } from "../../ir/node.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Inputs } from "../engine.ts";

export type Sizes = Readonly<Record<Axis, number>>;

export type Cell = {
  readonly node: Node;
  /** Sizes and strides of the axes, then of the event dims. */
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly values: Float64Array;
};

/** What runs at every evaluation; everything that can be is decided when the step is prepared. */
export type Step = (inputs: Inputs) => void;
export type Kernel = (out: Cell, inputs: readonly Cell[], sizes: Sizes) => Step;

export const axisSizeIn = (sizes: Sizes, axis: Axis): number =>
  sizes[axis] ?? ice(`the run gives no size of axis ${axis}`);

/** Sizes of a node's axes and event dims. */
export const dimsOf = ({ axes, shape }: Pick<Node, "axes" | "shape">, sizes: Sizes): number[] => [
  ...axes.map((axis) => axisSizeIn(sizes, axis)),
  ...shape,
];

export function cellOf(node: Node, sizes: Sizes, values: Float64Array): Cell {
  const dims = dimsOf(node, sizes);
  if (values.length !== sizeOf(dims)) ice(`${node.op.name} wants ${sizeOf(dims)} numbers, it has ${values.length}`);
  return { node, sizes: dims, strides: rowMajor(dims), values };
}

export function rowMajor(sizes: readonly number[]): number[] {
  const strides = sizes.map(() => 1);
  for (let d = sizes.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * sizes[d + 1]!;
  return strides;
}

/** Stride of an axis; 0 where the cell lacks it and is constant along it. */
export const axisStride = (cell: Cell, axis: Axis): number => {
  const at = cell.node.axes.indexOf(axis);
  return at < 0 ? 0 : cell.strides[at]!;
};

export const axisStrides = (cell: Cell, axes: readonly Axis[]): number[] => axes.map((axis) => axisStride(cell, axis));

export const eventStrides = (cell: Cell): readonly number[] => cell.strides.slice(cell.node.axes.length);

/** Strides of `cell` along the dims of `out`, as pointwise ops pair them: axes by name, event dims by position,
 *  scalars repeated. */
export const stridesAlong = (cell: Cell, out: Cell): number[] => [
  ...axisStrides(cell, out.node.axes),
  ...(cell.node.shape.length === 0 ? out.node.shape.map(() => 0) : eventStrides(cell)),
];
