// Why a log density is not finite: matrices that are not positive definite.

import type { Node } from "../ir/node.ts";
import { topological } from "../ir/walk.ts";
import { and, any, cholesky, isFinite, maxAxis, not, or, sum } from "../op/index.ts";

/** 1 if a Cholesky factor below `node` is NaN of a finite matrix, on no axes; null where there is no factor below. */
export function failedFactor(node: Node): Node | null {
  const failed = topological([node])
    .filter((n) => n.op === cholesky.op)
    .map((L) => {
      const isWhole = (x: Node): Node => isFinite(sum(x, [x.shape.length - 2, x.shape.length - 1]));
      const members = any(and(isWhole(L.inputs[0]!), not(isWhole(L))));
      return members.axes.reduce(maxAxis, members);
    });
  return failed.length === 0 ? null : failed.reduce(or);
}
