// What a row of the op table holds. The rows themselves stand in src/op.

import type { Attrs, Axis, Node } from "./node.ts";

export type NodeType = { readonly axes: readonly Axis[]; readonly shape: readonly number[] };

/** One gradient graph per input, `null` where nothing flows. A row never un-broadcasts: `pass/grad.ts` sums over the axes
 *  (and repeats of a scalar event) that an input lacks, once, for every op. */
export type GradRule = (ct: Node, out: Node) => readonly (Node | null)[];

/** kinds: leaf (param data noise constant iota size) · map (pointwise on equal or scalar event shapes) · fold (over event dims) ·
 *  contract (einsum over event dims) · move (reshape, transpose, slice, concat, expand) · gather (gather, scatter) ·
 *  axis (sumAxis maxAxis lseAxis toAxis toEvent rename) · matrix (solveLower …) · random (draws) · control (through, mark) */
type Common = {
  readonly name: string;
  readonly doc: string;
  readonly type: (inputs: readonly Node[], attrs: Attrs) => NodeType;
  readonly grad: GradRule | null;
};

export type OpDef =
  | (Common & { readonly kind: "map"; readonly scalar: (...args: number[]) => number })
  | (Common & { readonly kind: "leaf" | "fold" | "contract" | "move" | "gather" | "axis" | "matrix" | "random" | "control" });
