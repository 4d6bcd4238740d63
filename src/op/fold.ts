// Folds over event dims, their reverse `expand`, and running sums. `dims` are event dims, by default all.

import { ice } from "../base/ice.ts";
import { flagAttr, numberAttr, numbersAttr } from "../ir/attrs.ts";
import { make } from "../ir/make.ts";
import type { Attrs, Node } from "../ir/node.ts";
import type { GradRule, NodeType, OpDef } from "../ir/op.ts";
import { sameList } from "../ir/shape.ts";
import { div, mul, sub } from "./arithmetic.ts";
import type { Builder } from "./build.ts";
import { expWeight } from "./exponential.ts";
import { scalar } from "./leaf.ts";
import { equal, isFinite, select } from "./logic.ts";

export type Fold = Builder<[x: Node, dims?: readonly number[]]>;

const foldType = ([x]: readonly Node[], attrs: Attrs): NodeType => {
  const dims = numbersAttr(attrs, "dims");
  return { axes: x!.axes, shape: x!.shape.filter((_, d) => !dims.includes(d)) };
};

/** A result beside the argument `x` of its fold: repeated along the folded dims. A scalar repeats by itself. */
const beside = (y: Node, x: Node, dims: readonly number[]): Node =>
  y.shape.length === 0 ? y : expand(y, x.shape, missing(x.shape, dims));

/** `grad` gets the cotangent and the result already beside the argument. */
function fold(
  name: string,
  doc: string,
  grad: ((ct: Node, x: Node, y: Node, dims: readonly number[]) => Node) | null,
): Fold {
  const rule: GradRule | null =
    grad &&
    ((ct, y) => {
      const x = y.inputs[0]!;
      const dims = numbersAttr(y.attrs, "dims");
      return [grad(beside(ct, x, dims), x, beside(y, x, dims), dims)];
    });
  const op: OpDef = {
    kind: "fold",
    name,
    doc,
    type: foldType,
    grad: rule,
    build: ([x], attrs) => builder(x!, numbersAttr(attrs, "dims")),
  };
  const builder = (x: Node, dims: readonly number[] = x.shape.map((_, d) => d)): Node => {
    const sorted = [...new Set(dims)].sort((a, b) => a - b);
    if (sorted.some((d) => x.shape[d] === undefined))
      ice(`${name} over dims ${dims.join(", ")} of [${x.shape.join(", ")}]`);
    return sorted.length === 0 ? x : make(op, [x], { dims: sorted }); // over no dims: the argument
  };
  return Object.assign(builder, { op });
}

export const sum: Fold = fold("sum", "sum", (ct) => ct);

/** The product of the others: y / x, but where x = 0 the product of the others itself (0 if another is 0 too).
 *  Second derivatives are right where at most one factor is 0. */
export const prod: Fold = fold("prod", "product", (ct, x, y, dims) => {
  const isZero = equal(x, scalar(0));
  const zeros = sum(isZero, dims);
  const rest = prod(select(isZero, scalar(1), x), dims);
  const single = select(equal(zeros, scalar(1)), rest, scalar(0));
  const others = select(isZero, beside(single, x, dims), div(y, select(isZero, scalar(1), x)));
  return mul(ct, others);
});

/** Equal shares where several are largest. */
const toLargest = (ct: Node, x: Node, y: Node, dims: readonly number[]): Node => {
  const hit = equal(x, y);
  return mul(ct, div(hit, beside(sum(hit, dims), x, dims)));
};

export const max: Fold = fold("max", "largest", toLargest);
export const min: Fold = fold("min", "smallest", toLargest);

/** e^(x - y), the weights of a log-sum-exp y; 0 (not NaN) where everything is -inf. */
export const weights = (x: Node, y: Node): Node => expWeight(sub(x, select(isFinite(y), y, scalar(0))));

export const lse: Fold = fold("lse", "log of the sum of e^x", (ct, x, y) => mul(ct, weights(x, y)));

export const all: Fold = fold("all", "1 if none is 0", null);
export const any: Fold = fold("any", "1 if one is not 0", null);

const argmaxBuilder: Fold = fold("argmax", "position of the largest, the first of equals", null);

/** Position of the largest along one dim (by default the only one). No gradient. */
export function argmax(x: Node, dims: readonly number[] = [0]): Node {
  return dims.length === 1 && (dims[0] !== 0 || x.shape.length > 0)
    ? argmaxBuilder(x, dims)
    : ice("argmax is over one dim");
}

const expandOp: OpDef = {
  kind: "move",
  name: "expand",
  doc: "repeats along new dims",
  type: ([x], attrs) => ({ axes: x!.axes, shape: numbersAttr(attrs, "shape") }),
  grad: (ct, out) => [sum(ct, missing(out.shape, numbersAttr(out.attrs, "dims")))],
  build: ([x], attrs) => expand(x!, numbersAttr(attrs, "shape"), numbersAttr(attrs, "dims")),
};

const missing = (shape: readonly number[], dims: readonly number[]): number[] =>
  shape.map((_, d) => d).filter((d) => !dims.includes(d));

/** `dims[i]` is the position in `shape` of dim i of x (increasing); x is repeated along the other dims. */
export function expand(x: Node, shape: readonly number[], dims: readonly number[]): Node {
  if (dims.length !== x.shape.length || dims.some((d, i) => shape[d] !== x.shape[i] || (i > 0 && d <= dims[i - 1]!))) {
    ice(`expand of [${x.shape.join(", ")}] into [${shape.join(", ")}] at ${dims.join(", ")}`);
  }
  if (dims.length === shape.length) return x;
  if (x.op === expandOp) {
    const inner = numbersAttr(x.attrs, "dims");
    return expand(
      x.inputs[0]!,
      shape,
      inner.map((d) => dims[d]!),
    );
  }
  return make(expandOp, [x], { shape, dims });
}

/** A scalar repeated to `shape`; any other event shape must be `shape` already. */
export const repeatTo = (x: Node, shape: readonly number[]): Node =>
  x.shape.length === 0
    ? expand(x, shape, [])
    : sameList(x.shape, shape)
      ? x
      : ice(`[${x.shape.join(", ")}] is not [${shape.join(", ")}]`);

const cumsumOp: OpDef = {
  kind: "fold",
  name: "cumsum",
  doc: "running sum along a dim",
  type: ([x]) => ({ axes: x!.axes, shape: x!.shape }),
  grad: (ct, out) => [cumsum(ct, numberAttr(out.attrs, "dim"), !flagAttr(out.attrs, "reverse"))],
  build: ([x], attrs) => cumsum(x!, numberAttr(attrs, "dim"), flagAttr(attrs, "reverse")),
};

/** Sum of the members up to this one along `dim`; from this one on if `reverse`. */
export function cumsum(x: Node, dim: number, reverse = false): Node {
  if (x.shape[dim] === undefined) ice(`cumsum along dim ${dim} of [${x.shape.join(", ")}]`);
  return make(cumsumOp, [x], { dim, reverse });
}

export const foldOps: readonly OpDef[] = [
  ...[sum, prod, max, min, lse, all, any, argmaxBuilder].map((b) => b.op),
  expandOp,
  cumsumOp,
];
