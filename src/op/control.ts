// Who gets the gradient. `pass/erase.ts` removes these ops after the last gradient.

import { textAttr, textsAttr } from "../ir/attrs.ts";
import { make } from "../ir/make.ts";
import type { Axis, Node } from "../ir/node.ts";
import type { OpDef } from "../ir/op.ts";
import { commonShape, sortedAxes, unionAxes } from "../ir/shape.ts";
import { constantOp } from "./build.ts";

/** Inputs: the value and, where there is one, the carrier. */
export const throughOp: OpDef = {
  kind: "control",
  name: "through",
  doc: "the value of the first, the gradient of the second",
  type: (inputs) => ({ axes: unionAxes(inputs), shape: commonShape(inputs, "through") }),
  grad: (ct, out) => (out.inputs.length === 2 ? [null, ct] : [null]),
  build: ([value, carrier]) => (carrier === undefined ? stop(value!) : through(value!, carrier)),
};

/** Has the value of `value` and passes its whole gradient to `carrier`. */
export const through = (value: Node, carrier: Node): Node =>
  value === carrier ? value : make(throughOp, [value, carrier]);

/** No gradient. */
export const stop = (x: Node): Node =>
  x.op === constantOp || (x.op === throughOp && x.inputs.length === 1) ? x : make(throughOp, [x]);

export const markOp: OpDef = {
  kind: "control",
  name: "mark",
  doc: "the value of a site",
  type: ([x], attrs) => ({ axes: sortedAxes([...x!.axes, ...textsAttr(attrs, "axes")]), shape: x!.shape }),
  grad: (ct) => [ct],
  build: ([x], attrs) => mark(x!, textAttr(attrs, "site"), textsAttr(attrs, "axes")),
};

/** x, as the value of `site` on (at least) `axes`: an anchor that hash-consing does not merge with another site's
 *  equal value. A value carries all its plates even where it is constant along them (enumeration), or a later gather
 *  would vanish. */
export const mark = (x: Node, site: string, axes: readonly Axis[] = []): Node =>
  make(markOp, [x], { site, axes: sortedAxes(axes) });

export const controlOps: readonly OpDef[] = [throughOp, markOp];
