// Rows that act on each entry: arguments are aligned, laid along the common shape, and handed to one map of nodes.

import type { Node } from "../ir/node.ts";
import { align, array, elemFits, int, joinElems, real, showElem } from "../model/types.ts";
import type { Alignment, ArrayType, Elem } from "../model/types.ts";
import { expand } from "../op/index.ts";
import type { BuiltRow, Call, Operand, Problem } from "./row.ts";

/** What an elementwise row adds to `elementwise`. */
export type Pointwise = {
  readonly doc: string;
  /** Argument names, `"a, b"`. */
  readonly params: string;
  /** Every argument must fit this element. Default real. */
  readonly takes?: Elem;
  /** Element of the result. Default real. */
  readonly gives?: (elems: readonly Elem[], call: Call) => Elem;
  readonly indices?: BuiltRow["indices"];
  readonly operator?: string;
  readonly apply: (...nodes: Node[]) => Node;
};

export function elementwise(name: string, spec: Pointwise): BuiltRow {
  const count = spec.params.split(", ").length;
  return {
    name,
    doc: spec.doc,
    signature: `${name}(${spec.params})`,
    kind: "elementwise",
    operator: spec.operator ?? null,
    arity: { min: count, max: count },
    namesDim: false,
    sizeArguments: "none",
    indices: spec.indices ?? "number",
    type: (args, call) => pointwiseType(args, call, spec),
    build: (args) => spec.apply(...spread(args)),
  };
}

export function pointwiseType(
  args: readonly ArrayType[],
  call: Call,
  spec: Pick<Pointwise, "takes" | "gives">,
): ArrayType | Problem {
  const bad = firstMisfit(args, spec.takes ?? real);
  if (bad !== null) return bad;
  const aligned = align(
    args.map((arg) => arg.shape),
    call.agree,
  );
  if ("problem" in aligned) return aligned;
  return array(
    spec.gives?.(
      args.map((arg) => arg.elem),
      call,
    ) ?? real,
    aligned.shape,
  );
}

/** The first argument whose element does not fit. */
export function firstMisfit(args: readonly ArrayType[], wanted: Elem): Problem | null {
  const argument = args.findIndex((arg) => !elemFits(arg.elem, wanted));
  return argument < 0 ? null : { problem: "element", argument, wants: showElem(wanted) };
}

/** Nodes laid along their common shape; scalars stay, since map ops repeat them. */
export function spread(args: readonly Operand[]): Node[] {
  const aligned = align(args.map((arg) => arg.type.shape));
  if ("problem" in aligned) return args.map((arg) => arg.node);
  const { alignments } = aligned;
  const shape = aligned.shape.map((_, at) => {
    const i = alignments.findIndex((alignment) => (alignment[at] ?? null) !== null);
    return args[i]!.node.shape[alignments[i]![at]!]!;
  });
  return args.map((arg, i) => layAlong(arg.node, shape, alignments[i]!));
}

/** `node` repeated to `shape` where its alignment has no position for it. */
export function layAlong(node: Node, shape: readonly number[], alignment: Alignment): Node {
  if (node.shape.length === 0 || node.shape.length === shape.length) return node;
  return expand(
    node,
    shape,
    node.shape.map((_, i) => alignment.indexOf(i)),
  );
}

// ---------------------------------------------------------------------------------------- elements of results

/** int where all arguments are int or bool, else real. */
export const arithmetic = (elems: readonly Elem[]): Elem => elems.reduce((a, b) => joinElems(a, b) ?? real, int);
/** The element of the first argument, bool counted as int. */
export const gives = (elem: Elem) => (): Elem => elem;
