// A log-sum-exp written out: m + log Σ e^(x - m) with m the largest x, so that nothing overflows.

import { textAttr, numbersAttr } from "../ir/attrs.ts";
import type { Node } from "../ir/node.ts";
import { lseAxis, maxAxis, sumAxis } from "./axis.ts";
import { add, sub } from "./arithmetic.ts";
import { expWeight, log } from "./exponential.ts";
import { expand, lse, max, sum } from "./fold.ts";
import { scalar } from "./leaf.ts";
import { isFinite, select } from "./logic.ts";

export type Exponentials = {
  readonly x: Node;
  /** e^(x - m) and their sum. */
  readonly weights: Node;
  readonly total: Node;
  /** m + log Σ e^(x - m); an infinite m is the result. */
  readonly value: Node;
  /** Beside x again, along what was summed. */
  readonly along: (y: Node) => Node;
};

/** Null: neither `lse` nor `lseAxis`. */
export function exponentialsIn(node: Node): Exponentials | null {
  const [x] = node.inputs;
  if (node.op === lseAxis.op) {
    const axis = textAttr(node.attrs, "axis");
    return writtenOut(
      x!,
      maxAxis(x!, axis),
      (y) => y,
      (y) => sumAxis(y, axis),
    );
  }
  if (node.op !== lse.op) return null;
  const dims = numbersAttr(node.attrs, "dims");
  return writtenOut(
    x!,
    max(x!, dims),
    (y) => besideAgain(y, x!, dims),
    (y) => sum(y, dims),
  );
}

function writtenOut(x: Node, largest: Node, along: (y: Node) => Node, sumOf: (y: Node) => Node): Exponentials {
  const shift = select(isFinite(largest), largest, scalar(0));
  const weights = expWeight(sub(x, along(shift)));
  const total = sumOf(weights);
  return { x, weights, total, value: add(shift, log(total)), along };
}

/** A folded value beside the argument of its fold. */
export const besideAgain = (y: Node, x: Node, dims: readonly number[]): Node =>
  y.shape.length === 0
    ? y
    : expand(
        y,
        x.shape,
        x.shape.map((_, d) => d).filter((d) => !dims.includes(d)),
      );
