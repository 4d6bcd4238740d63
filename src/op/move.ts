// Moves of event dims: nothing is computed. Dims are counted from 0.

import { ice } from "../base/ice.ts";
import { numberAttr, numbersAttr } from "../ir/attrs.ts";
import { make } from "../ir/make.ts";
import type { Node } from "../ir/node.ts";
import type { OpDef } from "../ir/op.ts";
import { sameList, sizeOf, unionAxes } from "../ir/shape.ts";
import { fill } from "./leaf.ts";

const reshapeOp: OpDef = {
  kind: "move",
  name: "reshape",
  doc: "other event dims, same numbers in row-major order",
  type: ([x], attrs) => ({ axes: x!.axes, shape: numbersAttr(attrs, "shape") }),
  grad: (ct, out) => [reshape(ct, out.inputs[0]!.shape)],
  build: ([x], attrs) => reshape(x!, numbersAttr(attrs, "shape")),
};

/** The same numbers under other event dims. */
export function reshape(x: Node, shape: readonly number[]): Node {
  if (sizeOf(x.shape) !== sizeOf(shape)) ice(`reshape of [${x.shape.join(", ")}] to [${shape.join(", ")}]`);
  if (sameList(x.shape, shape)) return x;
  return x.op === reshapeOp ? reshape(x.inputs[0]!, shape) : make(reshapeOp, [x], { shape });
}

const transposeOp: OpDef = {
  kind: "move",
  name: "transpose",
  doc: "dims in another order",
  type: ([x], attrs) => ({ axes: x!.axes, shape: numbersAttr(attrs, "perm").map((d) => x!.shape[d]!) }),
  grad: (ct, out) => [transpose(ct, inverse(numbersAttr(out.attrs, "perm")))],
  build: ([x], attrs) => transpose(x!, numbersAttr(attrs, "perm")),
};

const inverse = (perm: readonly number[]): number[] => perm.map((_, d) => perm.indexOf(d));

/** Dim i of the result is dim `perm[i]` of x. */
export function transpose(x: Node, perm: readonly number[]): Node {
  if (
    !sameList(
      [...perm].sort((a, b) => a - b),
      x.shape.map((_, d) => d),
    )
  )
    ice(`transpose of rank ${x.shape.length} by ${perm.join(", ")}`);
  if (perm.every((d, i) => d === i)) return x;
  if (x.op === transposeOp) {
    const first = numbersAttr(x.attrs, "perm");
    return transpose(
      x.inputs[0]!,
      perm.map((d) => first[d]!),
    );
  }
  return make(transposeOp, [x], { perm });
}

/** `x` with dim `from` moved to position `to`. */
export function moveDim(x: Node, from: number, to: number): Node {
  const perm = x.shape.map((_, d) => d).filter((d) => d !== from);
  perm.splice(to, 0, from);
  return transpose(x, perm);
}

const sliceOp: OpDef = {
  kind: "move",
  name: "slice",
  doc: "`count` members of a dim from `start` on",
  type: ([x], attrs) => ({
    axes: x!.axes,
    shape: withDim(x!.shape, numberAttr(attrs, "dim"), numberAttr(attrs, "count")),
  }),
  grad: (ct, out) => [padded(ct, out.inputs[0]!, numberAttr(out.attrs, "dim"), numberAttr(out.attrs, "start"))],
  build: ([x], attrs) => slice(x!, numberAttr(attrs, "dim"), numberAttr(attrs, "start"), numberAttr(attrs, "count")),
};

const withDim = (shape: readonly number[], dim: number, size: number): number[] =>
  shape.map((n, d) => (d === dim ? size : n));

/** `ct` with zeros before and after it along `dim`, up to the size of `x`. */
function padded(ct: Node, x: Node, dim: number, start: number): Node {
  const after = x.shape[dim]! - start - ct.shape[dim]!;
  const zeros = (count: number): Node[] => (count === 0 ? [] : [fill(0, [], withDim(x.shape, dim, count))]);
  return concat([...zeros(start), ct, ...zeros(after)], dim);
}

/** Members `start` … `start + count - 1` of `dim`. */
export function slice(x: Node, dim: number, start: number, count: number): Node {
  const size = x.shape[dim];
  if (size === undefined || start < 0 || count < 0 || start + count > size) {
    ice(`slice ${start} … ${start + count} of dim ${dim} of [${x.shape.join(", ")}]`);
  }
  return count === size ? x : make(sliceOp, [x], { dim, start, count });
}

const concatOp: OpDef = {
  kind: "move",
  name: "concat",
  doc: "one after the other along a dim",
  type: (xs, attrs) => {
    const dim = numberAttr(attrs, "dim");
    return {
      axes: unionAxes(xs),
      shape: withDim(
        xs[0]!.shape,
        dim,
        xs.reduce((n, x) => n + x.shape[dim]!, 0),
      ),
    };
  },
  grad: (ct, out) => {
    const dim = numberAttr(out.attrs, "dim");
    let start = 0;
    return out.inputs.map((x) => {
      const part = slice(ct, dim, start, x.shape[dim]!);
      start += x.shape[dim]!;
      return part;
    });
  },
  build: (xs, attrs) => concat(xs, numberAttr(attrs, "dim")),
};

/** Joins along `dim`; the other dims agree. */
export function concat(xs: readonly Node[], dim: number): Node {
  const first = xs[0] ?? ice("concat of nothing");
  for (const x of xs) {
    if (x.shape[dim] === undefined || !sameList(withDim(x.shape, dim, 0), withDim(first.shape, dim, 0))) {
      ice(`concat along ${dim} of ${xs.map((y) => `[${y.shape.join(", ")}]`).join(" and ")}`);
    }
  }
  return xs.length === 1 ? first : make(concatOp, xs, { dim });
}

export const moveOps: readonly OpDef[] = [reshapeOp, transposeOp, sliceOp, concatOp];
