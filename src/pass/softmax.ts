// e^(x - log Σ e^x) from the exponentials of the log-sum-exp itself, e^(x - m) / Σ e^(x - m): one exponential where
// there would be two, and no digits lost to the size of the logarithm. Enters and leaves: roots of the same values,
// after the last law has been applied.

import type { Node } from "../ir/node.ts";
import { rewrite } from "../ir/walk.ts";
import { div, exp, expWeight, isFinite, mul, scalar, select } from "../op/index.ts";
import { exponentialsIn } from "../op/log-sum.ts";

/** By y: how e^(x - y) follows. */
type Shares = Map<Node, { readonly x: Node; readonly share: Node }>;

export function shareExponentials(roots: readonly Node[]): Node[] {
  const shares: Shares = new Map();
  return rewrite(roots, (node) => {
    note(node, shares);
    return node.op === exp.op || node.op === expWeight.op ? (shareIn(node, shares) ?? node) : node;
  });
}

/** Where the value is infinite, m was, and nothing has been taken from x. */
function note(value: Node, shares: Shares): void {
  const found = exponentialsIn(value);
  if (found === null) return;
  const { x, weights, total, along } = found;
  const part = div(scalar(1), total);
  const finite = isFinite(value);
  shares.set(along(value), { x, share: mul(weights, along(part)) });
  shares.set(along(select(finite, value, scalar(0))), {
    x,
    share: mul(weights, along(select(finite, part, scalar(1)))),
  });
}

function shareIn(node: Node, shares: Shares): Node | null {
  const [difference] = node.inputs as [Node];
  if (difference.op.name !== "sub") return null;
  const [x, y] = difference.inputs as [Node, Node];
  const isRepeated = y.op.name === "expand" && y.inputs[0]!.shape.length === 0;
  const known = shares.get(isRepeated ? y.inputs[0]! : y);
  return known?.x === x ? known.share : null;
}
