// What a row of the table of functions holds: how its arguments become a type, and how their nodes become a node.

import type { Node } from "../ir/node.ts";
import type { Agree, ArrayType, Shape, Size } from "../model/types.ts";

/** How a call was written, for the type rule. `over`: position of the dim that it names. `sizes`: what the arguments
 *  mean as sizes (a dim, a number, null where that is known at load only or makes no sense). */
export type Call = { readonly over: number | null; readonly sizes: readonly Size[]; readonly agree: Agree };

/** The same for the graph: every size is a number (NaN for arguments that are no sizes). `base`: what the file
 *  counts from. */
export type BuildCall = { readonly over: number | null; readonly sizes: readonly number[]; readonly base: 0 | 1 };

/** An argument: its type as checked and its value, whose event shape is the type's shape in numbers. An `index`
 *  counts from 0. */
export type Operand = { readonly type: ArrayType; readonly node: Node };

/** Why a type rule refuses. `argument` counts from 0. */
export type Problem =
  | { readonly problem: "differ" | "ambiguous"; readonly left: Shape; readonly right: Shape }
  | { readonly problem: "dims"; readonly argument: number; readonly left: Size; readonly right: Size }
  | { readonly problem: "element" | "rank"; readonly argument: number; readonly wants: string };

export type TypeRule = (args: readonly ArrayType[], call: Call) => ArrayType | Problem;

type Common = {
  readonly name: string;
  readonly doc: string;
  /** As in the reference: `clamp(x, lo, hi)`. */
  readonly signature: string;
};

export type BuiltRow = Common & {
  readonly kind: "elementwise" | "reduction" | "along" | "array" | "linear algebra";
  /** How a message shows an operator; such a row cannot be called by name. `""`: put in by the checker only. */
  readonly operator: string | null;
  readonly arity: { readonly min: number; readonly max: number };
  /** The last argument may name a dim of the first. */
  readonly namesDim: boolean;
  /** Which arguments are sizes: they must be dims or ints that are known from data. */
  readonly sizeArguments: "none" | "all" | "last";
  /** What happens to arguments of type index: they become numbers, stay, or stay if all are indices of one dim; where
   *  they are of two, "compare" refuses and "order" takes their numbers. */
  readonly indices: "number" | "keep" | "compare" | "order";
  readonly type: TypeRule;
  readonly build: (args: readonly Operand[], call: BuildCall) => Node;
};

/** Handled by the checker: `select` (an `if` expression), `is_missing`, the functions of a distribution, and `ode`. */
export type SpecialRow = Common & { readonly kind: "choice" | "density" | "missing" | "ode" };

export type FunctionRow = BuiltRow | SpecialRow;

/** Is argument `i` of `count` a size? */
export function isSize(row: BuiltRow, i: number, count: number): boolean {
  return row.sizeArguments === "all" || (row.sizeArguments === "last" && i === count - 1);
}

/** The row's own rule again, once sizes are numbers: what was left open before data was read, or null where all
 *  agree. */
export function mismatch(
  row: BuiltRow,
  args: readonly Operand[],
  call: BuildCall,
  sizeOf: (dim: string) => number,
): Problem | null {
  const number = (size: Size): number => (typeof size === "string" ? sizeOf(size) : (size ?? NaN));
  const agree: Agree = (a, b) => (typeof a === "string" && typeof b === "string" ? a === b : number(a) === number(b));
  const known = args.map(({ type, node }) => ({
    ...type,
    shape: type.shape.map((size, i) => size ?? node.shape[i] ?? null),
  }));
  const found = row.type(known, { over: call.over, sizes: call.sizes, agree });
  return "problem" in found ? found : null;
}
