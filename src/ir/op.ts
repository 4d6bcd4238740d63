// What a row of the op table holds. The rows themselves stand in src/op.

import type { Attrs, Axis, Body, Node } from "./node.ts";

export type NodeType = { readonly axes: readonly Axis[]; readonly shape: readonly number[] };

/** One gradient graph per input, `null` where nothing flows. A row never un-broadcasts: `pass/grad.ts` sums over the
 *  axes (and repeats of a scalar event) that an input lacks, once, for every op. For the kinds map and control, `ct`
 *  may itself lack axes and event dims along which it is constant; for the others it has the event shape of `out`. */
export type GradRule = (ct: Node, out: Node, grad: Gradient) => readonly (Node | null)[];

/** Reverse mode itself, for an op that owns a body: gradients of the sum of `root`. */
export type Gradient = (root: Node, wrt: readonly Node[]) => Node[];

/** kinds: leaf (param data noise constant fill iota axisSize) · map (pointwise on equal or scalar event shapes) ·
 *  fold (over event dims) · contract (einsum, pick: over event dims) · move (reshape, transpose, slice, concat,
 *  expand) · gather (gather, scatter) · axis (sumAxis maxAxis lseAxis toAxis toEvent rename) · matrix (solveLower …)
 *  · random (draws) · control (through, mark) · scan (a recursion along an axis) */
type Common = {
  readonly name: string;
  readonly doc: string;
  readonly type: (inputs: readonly Node[], attrs: Attrs, body: Body | null) => NodeType;
  /** `null`: piecewise constant or random, so that no gradient passes (on purpose). */
  readonly grad: GradRule | null;
  /** The builder, with its local laws: how a pass puts the op on new inputs. Leaves have none. */
  readonly build: ((inputs: readonly Node[], attrs: Attrs, body: Body | null) => Node) | null;
};

export type MapOp = Common & { readonly kind: "map"; readonly scalar: (...args: number[]) => number };
export type OtherOp = Common & {
  readonly kind: "leaf" | "fold" | "contract" | "move" | "gather" | "axis" | "matrix" | "random" | "control" | "scan";
};
export type OpDef = MapOp | OtherOp;
export type OpKind = OpDef["kind"];
