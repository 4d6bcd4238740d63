// Functions that make and rearrange arrays.

import type { Node } from "../ir/node.ts";
import { array, elemFits, index, int, joinElems, real, shapesAgree } from "../model/types.ts";
import type { ArrayType, Shape, Size } from "../model/types.ts";
import * as op from "../op/index.ts";
import { cumulativeProduct } from "./along.ts";
import { firstMisfit } from "./elementwise.ts";
import type { BuiltRow, Call, Operand, Problem } from "./row.ts";

type Spec = Pick<BuiltRow, "type" | "build" | "doc"> &
  Partial<Pick<BuiltRow, "kind" | "sizeArguments" | "indices">> & {
    readonly max?: number;
  };

/** A row by its signature, `name(a, b)`: its arguments are counted there. */
export function row(signature: string, spec: Spec): BuiltRow {
  const count = signature.split(", ").filter((param) => !param.startsWith("…")).length;
  return {
    name: signature.slice(0, signature.indexOf("(")),
    signature,
    kind: spec.kind ?? "array",
    operator: null,
    namesDim: false,
    doc: spec.doc,
    arity: { min: count, max: spec.max ?? count },
    sizeArguments: spec.sizeArguments ?? "none",
    indices: spec.indices ?? "keep",
    type: spec.type,
    build: spec.build,
  };
}

export const rank = (argument: number, wants: string): Problem => ({ problem: "rank", argument, wants });
const filled =
  (value: number) =>
  (_: readonly Operand[], call: { sizes: readonly number[] }): Node =>
    op.fill(value, [], call.sizes);
const ofSizes = (_: readonly ArrayType[], { sizes }: Call): ArrayType => array(real, sizes);
/** The integers 0, 1, … as an event dim. */
const counted = (count: number): Node =>
  op.constant(
    Array.from({ length: count }, (_, i) => i),
    [count],
  );

// ---------------------------------------------------------------------------------------- append

const lengthOf = (shape: Shape): Size => (shape.length === 0 ? 1 : (shape[0] ?? null));

function appendType(args: readonly ArrayType[], call: Call): ArrayType | Problem {
  const longest = args.reduce((a, b) => (b.shape.length > a.shape.length ? b : a));
  const rest = longest.shape.slice(1);
  let { elem } = longest;
  for (const [i, arg] of args.entries()) {
    const joined = joinElems(elem, arg.elem);
    if (joined === null) return { problem: "element", argument: i, wants: `the same as the others (${elem.kind})` };
    elem = joined;
    if (arg.shape.length === 0 ? rest.length > 0 : !shapesAgree(arg.shape.slice(1), rest, call.agree)) {
      return { problem: "differ", left: longest.shape, right: arg.shape };
    }
  }
  const total = args.reduce<number | null>((sum, { shape }) => {
    const length = lengthOf(shape);
    return sum === null || typeof length !== "number" ? null : sum + length;
  }, 0);
  return array(elem, [total, ...rest]);
}

const appended = (args: readonly Operand[]): Node =>
  op.concat(
    args.map(({ node }) => (node.shape.length === 0 ? op.reshape(node, [1]) : node)),
    0,
  );

// ---------------------------------------------------------------------------------------- one_hot

function oneHotType([i]: readonly ArrayType[], { sizes, agree }: Call): ArrayType | Problem {
  const size = sizes[1] ?? null;
  if (i!.elem.kind === "index" && !agree(i!.elem.dim, size))
    return { problem: "dims", argument: 0, left: i!.elem.dim, right: size };
  if (i!.elem.kind !== "index" && !elemFits(i!.elem, int))
    return { problem: "element", argument: 0, wants: "an index or int" };
  return array(real, [...i!.shape, size]);
}

/** 1 at the position of the index. An int counts in the file's base. */
function oneHot([i]: readonly Operand[], { sizes, base }: { sizes: readonly number[]; base: 0 | 1 }): Node {
  const count = sizes[1]!;
  const at = i!.type.elem.kind === "index" || base === 0 ? i!.node : op.sub(i!.node, op.scalar(base));
  const shape = [...at.shape, count];
  return op.equal(
    op.expand(
      at,
      shape,
      at.shape.map((_, d) => d),
    ),
    op.expand(counted(count), shape, [at.shape.length]),
  );
}

// ---------------------------------------------------------------------------------------- stick_breaking

/** One entry more than there are fractions. */
function sticksType([v]: readonly ArrayType[]): ArrayType | Problem {
  const size = v!.shape.at(-1);
  if (size === undefined) return rank(0, "at least one dim");
  return firstMisfit([v!], real) ?? array(real, [...v!.shape.slice(0, -1), typeof size === "number" ? size + 1 : null]);
}

/** v_1, v_2 (1 - v_1), v_3 (1 - v_1) (1 - v_2), …, and what is left. */
function stickBreaking(v: Node): Node {
  const last = v.shape.length - 1;
  const one = op.fill(1, [], [...v.shape.slice(0, -1), 1]);
  const left = cumulativeProduct(op.sub(op.scalar(1), v), last);
  return op.mul(op.concat([v, one], last), op.concat([one, left], last));
}

export const arrays: readonly BuiltRow[] = [
  row("zeros(D, …)", {
    doc: "zeros of the given sizes",
    sizeArguments: "all",
    max: 4,
    type: ofSizes,
    build: filled(0),
  }),
  row("ones(D, …)", { doc: "ones of the given sizes", sizeArguments: "all", max: 4, type: ofSizes, build: filled(1) }),
  row("first(D)", {
    doc: "the first member of a dim",
    sizeArguments: "all",
    type: (_, { sizes }) => array(index(sizes[0] ?? null), []),
    build: () => op.scalar(0),
  }),
  row("last(D)", {
    doc: "the last member of a dim",
    sizeArguments: "all",
    type: (_, { sizes }) => array(index(sizes[0] ?? null), []),
    build: (_, { sizes }) => op.scalar(sizes[0]! - 1),
  }),
  row("append(a, b, …)", {
    doc: "one after the other along the first dim; a scalar counts as one entry",
    max: Infinity,
    type: appendType,
    build: appended,
  }),
  row("one_hot(i, D)", {
    doc: "1 at the position of i, else 0",
    sizeArguments: "last",
    type: oneHotType,
    build: oneHot,
  }),
  row("stick_breaking(v)", {
    doc: "probabilities from fractions of what is left: one more than there are fractions",
    indices: "number",
    type: sticksType,
    build: ([v]) => stickBreaking(v!.node),
  }),
];
