// Linear algebra.

import type { Node } from "../ir/node.ts";
import { array, real } from "../model/types.ts";
import type { ArrayType } from "../model/types.ts";
import { einsum } from "../op/index.ts";
import { arithmetic, firstMisfit } from "./elementwise.ts";
import type { BuiltRow, Call, Problem } from "./row.ts";

/** The last dim of a against the first of b. */
function dotType(args: readonly ArrayType[], { agree }: Call): ArrayType | Problem {
  const misfit = firstMisfit(args, real);
  if (misfit !== null) return misfit;
  const [a, b] = args as [ArrayType, ArrayType];
  const scalar = args.findIndex((arg) => arg.shape.length === 0);
  if (scalar >= 0) return { problem: "rank", argument: scalar, wants: "at least one dim" };
  if (!agree(a.shape.at(-1) ?? null, b.shape[0] ?? null)) return { problem: "differ", left: a.shape, right: b.shape };
  return array(arithmetic([a.elem, b.elem]), [...a.shape.slice(0, -1), ...b.shape.slice(1)]);
}

const LETTERS = "abcdefghijklmnopqrstuvwxy";

function dot(a: Node, b: Node): Node {
  const left = LETTERS.slice(0, a.shape.length - 1);
  const right = LETTERS.slice(left.length, left.length + b.shape.length - 1);
  return einsum(`${left}z,z${right}->${left}${right}`, a, b);
}

export const matrices: readonly BuiltRow[] = [
  {
    name: "dot",
    doc: "sum of products over the last dim of a and the first of b",
    signature: "dot(a, b)",
    kind: "linear algebra",
    operator: null,
    arity: { min: 2, max: 2 },
    namesDim: false,
    sizeArguments: "none",
    indices: "number",
    type: dotType,
    build: ([a, b]) => dot(a!.node, b!.node),
  },
];
