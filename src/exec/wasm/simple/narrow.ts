// Costly functions where their argument varies least: a function of a choice between values that lack some of its axes is a choice between functions of them,
// and a count times a logarithm leaves the logarithm on the axes of its own argument. The values are the same, bit by bit.

import type { Node } from "../../../ir/node.ts";
import { rebuild } from "../../../ir/make.ts";
import { equal, log, mul, scalar, select } from "../../../op/index.ts";

/** Ops that cost ten times an addition. */
export const COSTLY: ReadonlySet<string> = new Set([
  "exp",
  "expWeight",
  "expExponent",
  "expMantissa",
  "expm1",
  "log",
  "log1p",
  "log1mExp",
  "logSigmoid",
  "sigmoid",
  "softplus",
  "tanh",
  "lgamma",
  "digamma",
  "trigamma",
  "normalCdf",
  "logNormalCdf",
  "normalQuantile",
]);

/** The node, or what takes its place. */
export function narrowed(node: Node): Node {
  if (node.op.name === "xlogy") return ofCount(node);
  return COSTLY.has(node.op.name) ? ofChoice(node, node.inputs[0]!) : node;
}

/** f of x. */
function ofChoice(f: Node, x: Node): Node {
  const here = f.inputs[0] === x ? f : rebuild(f, [x]);
  if (x.op.name !== "select") return here;
  const [condition, a, b] = x.inputs as [Node, Node, Node];
  const isNarrower = x.axes.some((axis) => !a.axes.includes(axis) && !b.axes.includes(axis));
  return isNarrower ? select(condition, ofChoice(f, a), ofChoice(f, b)) : here;
}

/** x log y, 0 where x = 0. */
function ofCount(node: Node): Node {
  const [x, y] = node.inputs as [Node, Node];
  return node.axes.some((axis) => !y.axes.includes(axis))
    ? select(equal(x, scalar(0)), scalar(0), mul(x, log(y)))
    : node;
}
