// After the last gradient: control ops go, and what they kept apart merges again.

import type { Node } from "../ir/node.ts";
import { rewrite } from "../ir/walk.ts";
import type { OpDef } from "../ir/op.ts";
import { markOp, throughOp } from "../op/control.ts";
import { repeatTo } from "../op/index.ts";
import { grownOp } from "../op/scaled.ts";
import { knownOf } from "../op/scan.ts";

const VALUE_FIRST: ReadonlySet<OpDef> = new Set([throughOp, markOp, grownOp]);

/** `through(value, carrier)` becomes the value, `mark(x)` becomes x, and a scan that follows a known trajectory becomes that. The values of the roots stay;
 *  a root may lose axes along which it is constant. */
export const erase = (roots: readonly Node[]): Node[] =>
  rewrite(roots, (node) => {
    const value = VALUE_FIRST.has(node.op) ? node.inputs[0]! : knownOf(node);
    return value === null ? node : repeatTo(value, node.shape);
  });
