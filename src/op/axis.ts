// Named axes: folds over them, and turning them into event dims and back. Only these ops (and scatter) remove an axis.

import { ice } from "../base/ice.ts";
import { numberAttr, textAttr } from "../ir/attrs.ts";
import { make } from "../ir/make.ts";
import type { Attrs, Axis, Node } from "../ir/node.ts";
import type { NodeType, OpDef } from "../ir/op.ts";
import { sortedAxes, without } from "../ir/shape.ts";
import { add, div, mul } from "./arithmetic.ts";
import { log } from "./exponential.ts";
import { expand, weights } from "./fold.ts";
import { axisSize } from "./leaf.ts";
import { equal } from "./logic.ts";

type AxisFold = ((x: Node, axis: Axis) => Node) & { readonly op: OpDef };

/** `constant(x)`: the result where x lacks the axis, that is, is constant along it. */
function axisFold(
  name: string,
  doc: string,
  constant: (x: Node, axis: Axis) => Node,
  grad: (ct: Node, x: Node, y: Node, axis: Axis) => Node,
): AxisFold {
  const op: OpDef = {
    kind: "axis",
    name,
    doc,
    type: ([x], attrs) => ({ axes: without(x!.axes, [textAttr(attrs, "axis")]), shape: x!.shape }),
    grad: (ct, y) => [grad(ct, y.inputs[0]!, y, textAttr(y.attrs, "axis"))],
    build: ([x], attrs) => builder(x!, textAttr(attrs, "axis")),
  };
  const builder = (x: Node, axis: Axis): Node => (x.axes.includes(axis) ? make(op, [x], { axis }) : constant(x, axis));
  return Object.assign(builder, { op });
}

/** A cotangent that lacks the axis is constant along it: nothing to repeat. */
export const sumAxis: AxisFold = axisFold(
  "sumAxis",
  "sum over an axis",
  (x, axis) => mul(x, axisSize(axis)),
  (ct) => ct,
);

export const maxAxis: AxisFold = axisFold(
  "maxAxis",
  "largest over an axis",
  (x) => x,
  (ct, x, y, axis) => {
    const hit = equal(x, y); // equal shares where several are largest
    return mul(ct, div(hit, sumAxis(hit, axis)));
  },
);

export const lseAxis: AxisFold = axisFold(
  "lseAxis",
  "log of the sum of e^x over an axis",
  (x, axis) => add(x, log(axisSize(axis))),
  (ct, x, y) => mul(ct, weights(x, y)),
);

const toAxisOp: OpDef = {
  kind: "axis",
  name: "toAxis",
  doc: "an event dim becomes an axis",
  type: ([x], attrs) => toAxisType(x!, attrs),
  grad: (ct, out) => {
    const dim = numberAttr(out.attrs, "dim");
    return [toEvent(ct, textAttr(out.attrs, "axis"), dim, out.inputs[0]!.shape[dim]!)];
  },
  build: ([x], attrs) => toAxis(x!, numberAttr(attrs, "dim"), textAttr(attrs, "axis")),
};

function toAxisType(x: Node, attrs: Attrs): NodeType {
  const axis = textAttr(attrs, "axis");
  if (x.axes.includes(axis)) ice(`toAxis: axis ${axis} is there already`);
  return { axes: sortedAxes([...x.axes, axis]), shape: x.shape.filter((_, d) => d !== numberAttr(attrs, "dim")) };
}

/** Event dim `dim` of x becomes the axis `axis`, whose size in the run must be the dim's. */
export function toAxis(x: Node, dim: number, axis: Axis): Node {
  if (x.shape[dim] === undefined) ice(`toAxis of dim ${dim} of [${x.shape.join(", ")}]`);
  const own = fromAxis(x);
  return own !== null && own.dim === dim && own.axis === axis ? own.inner : make(toAxisOp, [x], { dim, axis });
}

const toEventOp: OpDef = {
  kind: "axis",
  name: "toEvent",
  doc: "an axis becomes an event dim",
  type: ([x], attrs) => ({
    axes: without(x!.axes, [textAttr(attrs, "axis")]),
    shape: x!.shape.toSpliced(numberAttr(attrs, "dim"), 0, numberAttr(attrs, "size")),
  }),
  grad: (ct, out) => [toAxis(ct, numberAttr(out.attrs, "dim"), textAttr(out.attrs, "axis"))],
  build: ([x], attrs) => toEvent(x!, textAttr(attrs, "axis"), numberAttr(attrs, "dim"), numberAttr(attrs, "size")),
};

/** `axis` becomes event dim `dim` of size `size` (its size in the run). A node that lacks the axis is repeated. */
export function toEvent(x: Node, axis: Axis, dim: number, size: number): Node {
  if (dim < 0 || dim > x.shape.length) ice(`toEvent at dim ${dim} of [${x.shape.join(", ")}]`);
  if (!x.axes.includes(axis))
    return expand(
      x,
      x.shape.toSpliced(dim, 0, size),
      x.shape.map((_, d) => (d < dim ? d : d + 1)),
    );
  const back = x.op === toAxisOp && textAttr(x.attrs, "axis") === axis && numberAttr(x.attrs, "dim") === dim;
  return back && x.inputs[0]!.shape[dim] === size ? x.inputs[0]! : make(toEventOp, [x], { axis, dim, size });
}

/** What a `toEvent` was made of, else `null`. */
export function fromAxis(x: Node): { readonly inner: Node; readonly axis: Axis; readonly dim: number } | null {
  if (x.op !== toEventOp) return null;
  return { inner: x.inputs[0]!, axis: textAttr(x.attrs, "axis"), dim: numberAttr(x.attrs, "dim") };
}

const renameOp: OpDef = {
  kind: "axis",
  name: "rename",
  doc: "another name for an axis",
  type: ([x], attrs) => renameType(x!, textAttr(attrs, "from"), textAttr(attrs, "to")),
  grad: (ct, out) => [rename(ct, textAttr(out.attrs, "to"), textAttr(out.attrs, "from"))],
  build: ([x], attrs) => rename(x!, textAttr(attrs, "from"), textAttr(attrs, "to")),
};

function renameType(x: Node, from: Axis, to: Axis): NodeType {
  if (x.axes.includes(to)) ice(`rename ${from} to ${to}, which is there already`);
  return { axes: sortedAxes(x.axes.map((a) => (a === from ? to : a))), shape: x.shape };
}

/** The axis `from` under the name `to` (of the same size in the run); x itself if it lacks `from`. */
export const rename = (x: Node, from: Axis, to: Axis): Node =>
  from === to || !x.axes.includes(from) ? x : make(renameOp, [x], { from, to });

export const axisOps: readonly OpDef[] = [sumAxis.op, maxAxis.op, lseAxis.op, toAxisOp, toEventOp, renameOp];
