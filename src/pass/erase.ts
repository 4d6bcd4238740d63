// After the last gradient: control ops go, and what they kept apart merges again.

import type { Node } from "../ir/node.ts";
import { rewrite } from "../ir/walk.ts";
import { markOp, throughOp } from "../op/control.ts";
import { repeatTo } from "../op/index.ts";

/** `through(value, carrier)` becomes the value and `mark(x)` becomes x. The values of the roots stay; a root may
 *  lose axes along which it is constant. */
export const erase = (roots: readonly Node[]): Node[] =>
  rewrite(roots, (node) =>
    node.op === throughOp || node.op === markOp ? repeatTo(node.inputs[0]!, node.shape) : node,
  );
