// What laws may know about a node from what stands below it.

import { numbersAttr } from "../ir/attrs.ts";
import type { Node } from "../ir/node.ts";
import { topological } from "../ir/walk.ts";
import type { Facts } from "./law.ts";

/** Facts about the graph below `roots` and about what laws make of it. */
export function factsOf(roots: readonly Node[]): Facts {
  const fixed = remembered(isFixed);
  const nonnegative = remembered(isNonnegative);
  for (const node of topological(roots)) {
    fixed(node);
    nonnegative(node);
  }
  return { fixed, nonnegative };
}

/** A property that follows from the node and from the property of its inputs. */
function remembered(rule: (node: Node, holds: (input: Node) => boolean) => boolean): (node: Node) => boolean {
  const known = new Map<Node, boolean>();
  const holds = (node: Node): boolean => {
    const before = known.get(node);
    if (before !== undefined) return before;
    const result = rule(node, holds);
    known.set(node, result);
    return result;
  };
  return holds;
}

const isFixed = (node: Node, holds: (input: Node) => boolean): boolean =>
  node.op.name !== "param" && node.op.name !== "noise" && node.op.kind !== "random" && node.inputs.every(holds);

/** Never negative, whatever the arguments. */
const ALWAYS: ReadonlySet<string> = new Set([
  "exp",
  "expWeight",
  "sigmoid",
  "softplus",
  "square",
  "sqrt",
  "abs",
  "cosh",
  "normalCdf",
  "erfc",
  "less",
  "lessEqual",
  "equal",
  "and",
  "or",
  "not",
  "axisSize",
  "iota",
]);
/** Not negative if no argument is. */
const CLOSED: ReadonlySet<string> = new Set([
  "add",
  "mul",
  "div",
  "pow",
  "minimum",
  "maximum",
  "sum",
  "prod",
  "max",
  "min",
  "sumAxis",
  "maxAxis",
  "expand",
  "reshape",
  "transpose",
  "slice",
  "concat",
  "toAxis",
  "toEvent",
  "rename",
  "mark",
]);

function isNonnegative(node: Node, holds: (input: Node) => boolean): boolean {
  if (node.op.name === "constant") return numbersAttr(node.attrs, "values").every((v) => v >= 0);
  return ALWAYS.has(node.op.name) || (CLOSED.has(node.op.name) && node.inputs.every(holds));
}
