// Reading and summing by index. An index holds integers from 0 on, may have axes and an event shape, and has no
// gradient.

import { ice } from "../base/ice.ts";
import { numberAttr, textsAttr } from "../ir/attrs.ts";
import { make } from "../ir/make.ts";
import type { Attrs, Axis, Node } from "../ir/node.ts";
import type { NodeType, OpDef } from "../ir/op.ts";
import { sameList, sortedAxes, unionAxes, without } from "../ir/shape.ts";
import { mul } from "./arithmetic.ts";
import { fromAxis } from "./axis.ts";
import { axisSize, iota } from "./leaf.ts";
import { moveDim } from "./move.ts";

const gatherOp: OpDef = {
  kind: "gather",
  name: "gather",
  doc: "members of a dim, by index",
  type: ([x, index], attrs) => ({
    axes: unionAxes([x!, index!]),
    shape: [...index!.shape, ...x!.shape.filter((_, d) => d !== numberAttr(attrs, "dim"))],
  }),
  // the segment sum; members of the index's own axes meet there
  grad: (ct, out) => {
    const [x, index] = out.inputs as [Node, Node];
    const dim = numberAttr(out.attrs, "dim");
    return [moveDim(scatter(ct, index, x.shape[dim]!, without(index.axes, x.axes)), 0, dim), null];
  },
  build: ([x, index], attrs) => gather(x!, numberAttr(attrs, "dim"), index!),
};

/** out[i…, rest…] = x[…, index[i…], …]: the event shape is that of the index, then the rest of x's. Out of range
 *  gives NaN. */
export function gather(x: Node, dim: number, index: Node): Node {
  if (x.shape[dim] === undefined) ice(`gather along dim ${dim} of [${x.shape.join(", ")}]`);
  const own = fromAxis(x);
  if (own !== null && own.dim === dim && index === iota(own.axis)) return own.inner; // a plate read at its own members
  return make(gatherOp, [x, index], { dim });
}

export const scatterOp: OpDef = {
  kind: "gather",
  name: "scatter",
  doc: "sums into slots, by index",
  type: scatterType,
  grad: (ct, out) => [gather(ct, 0, out.inputs[1]!), null],
  build: ([x, index], attrs) => scatter(x!, index!, numberAttr(attrs, "size"), textsAttr(attrs, "axes")),
};

function scatterType([x, index]: readonly Node[], attrs: Attrs): NodeType {
  const rest = x!.shape.slice(index!.shape.length);
  return {
    axes: without(unionAxes([x!, index!]), textsAttr(attrs, "axes")),
    shape: [numberAttr(attrs, "size"), ...rest],
  };
}

/** out[s, rest…] = Σ over i… and `axes` with index[i…] = s of x[i…, rest…]: the reverse of `gather` at dim 0. */
export function scatter(x: Node, index: Node, size: number, axes: readonly Axis[]): Node {
  if (!sameList(x.shape.slice(0, index.shape.length), index.shape)) {
    ice(`scatter of [${x.shape.join(", ")}] by an index of shape [${index.shape.join(", ")}]`);
  }
  const present = sortedAxes(axes.filter((a) => x.axes.includes(a) || index.axes.includes(a)));
  const summed = make(scatterOp, [x, index], { size, axes: present });
  return axes.filter((a) => !present.includes(a)).reduce((y, a) => mul(y, axisSize(a)), summed);
}

export const gatherOps: readonly OpDef[] = [gatherOp, scatterOp];
