// Leaves: numbers, parameters, data, base noise, positions and sizes. All that a graph knows of the outside.

import { ice } from "../base/ice.ts";
import { numbersAttr, textsAttr } from "../ir/attrs.ts";
import { make } from "../ir/make.ts";
import type { Attrs, Axis, Node } from "../ir/node.ts";
import type { NodeType, OpDef } from "../ir/op.ts";
import { sameList, sizeOf, sortedAxes } from "../ir/shape.ts";
import { constantOp } from "./build.ts";

const ownType = (attrs: Attrs): NodeType => ({ axes: textsAttr(attrs, "axes"), shape: numbersAttr(attrs, "shape") });

const leaf = (name: string, doc: string, type: (attrs: Attrs) => NodeType): OpDef => ({
  kind: "leaf",
  name,
  doc,
  type: (_, attrs) => type(attrs),
  grad: null,
  build: null,
});

const fillOp = leaf("fill", "one number along axes and event dims", ownType);
const paramOp = leaf("param", "a parameter, given by every run", ownType);
const dataOp = leaf("data", "data, given once", ownType);
const noiseOp = leaf("noise", "base noise: standard normal, or uniform in (0, 1)", ownType);
const iotaOp = leaf("iota", "the member's number along an axis", (attrs) => ({
  axes: textsAttr(attrs, "axes"),
  shape: [],
}));
const axisSizeOp = leaf("axisSize", "the size of an axis", () => ({ axes: [], shape: [] }));

export const leafOps: readonly OpDef[] = [constantOp, fillOp, paramOp, dataOp, noiseOp, iotaOp, axisSizeOp];

/** A number. */
export const scalar = (value: number): Node => make(constantOp, [], { values: [value], shape: [] });

/** Numbers in row-major order. */
export function constant(values: readonly number[], shape: readonly number[]): Node {
  if (values.length !== sizeOf(shape)) ice(`constant of shape [${shape.join(", ")}] with ${values.length} numbers`);
  return make(constantOp, [], { values, shape });
}

/** `value` everywhere along `axes` and `shape`: makes a repeated value explicit. */
export const fill = (value: number, axes: readonly Axis[], shape: readonly number[]): Node =>
  axes.length + shape.length === 0 ? scalar(value) : make(fillOp, [], { value, axes: sortedAxes(axes), shape });

/** A leaf given by `Inputs.params[name]`. */
export const param = (name: string, axes: readonly Axis[], shape: readonly number[]): Node =>
  make(paramOp, [], { name, axes: sortedAxes(axes), shape });

/** A leaf given to `Engine.load` under `name`. The order of `axes` is that of the array's dims: it must be sorted. */
export function data(name: string, axes: readonly Axis[], shape: readonly number[]): Node {
  if (!sameList(axes, sortedAxes(axes))) ice(`axes of data ${name} are not sorted: ${axes.join(", ")}`);
  return make(dataOp, [], { name, axes, shape });
}

/** Base noise of the stream `site` (one stream is one noise: two noises of a site need two names). Axes for which
 *  `isPlate` holds count data members, so that the noise of a datum does not depend on the batch; the other axes
 *  come slowest, so that more particles keep the first ones. */
export const noise = (
  kind: "normal" | "uniform",
  site: string,
  axes: readonly Axis[],
  shape: readonly number[],
): Node => make(noiseOp, [], { kind, site, axes: sortedAxes(axes), shape });

/** 0, 1, 2, … along an axis; for a batched axis the numbers of the members that are present. */
export const iota = (axis: Axis): Node => make(iotaOp, [], { axes: [axis] });

/** How many members an axis has in this run. */
export const axisSize = (axis: Axis): Node => make(axisSizeOp, [], { axis });

/** The number of a scalar constant, else `null`. */
export function numberOf(x: Node): number | null {
  return x.op === constantOp && x.shape.length === 0 ? numbersAttr(x.attrs, "values")[0]! : null;
}
