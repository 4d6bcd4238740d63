// Functions along one dim, the last or the one that is named, that keep the shape.

import type { Node } from "../ir/node.ts";
import { array, index, real } from "../model/types.ts";
import type { Elem, Size } from "../model/types.ts";
import * as op from "../op/index.ts";
import { arithmetic, firstMisfit } from "./elementwise.ts";
import type { BuiltRow } from "./row.ts";

type Spec = {
  readonly doc: string;
  readonly gives: (elem: Elem, size: Size) => Elem;
  readonly indices: BuiltRow["indices"];
  readonly apply: (x: Node, dim: number) => Node;
};

function along(name: string, spec: Spec): BuiltRow {
  return {
    name,
    doc: spec.doc,
    signature: `${name}(x) or ${name}(x, DIM)`,
    kind: "along",
    operator: null,
    arity: { min: 1, max: 1 },
    namesDim: true,
    sizeArguments: "none",
    indices: spec.indices,
    type: ([x], { over }) => {
      if (x!.shape.length === 0) return { problem: "rank", argument: 0, wants: "at least one dim" };
      const misfit = spec.indices === "number" ? firstMisfit([x!], real) : null;
      const size = x!.shape[over ?? x!.shape.length - 1] ?? null;
      return misfit ?? array(spec.gives(x!.elem, size), x!.shape);
    },
    build: ([x], { over }) => spec.apply(x!.node, over ?? x!.node.shape.length - 1),
  };
}

const backwards = (count: number): Node =>
  op.constant(
    Array.from({ length: count }, (_, i) => count - 1 - i),
    [count],
  );

function reversed(x: Node, dim: number): Node {
  return op.moveDim(op.gather(op.moveDim(x, dim, 0), 0, backwards(x.shape[dim]!)), 0, dim);
}

/** Running product along a dim. Each round doubles how many neighbours an entry has taken in (Hillis, Steele 1986,
 *  CACM 29): no quotient, so that entries of 0 keep their gradients. */
export function cumulativeProduct(x: Node, dim: number): Node {
  const size = x.shape[dim]!;
  let product = x;
  for (let reach = 1; reach < size; reach *= 2) {
    const ones = op.fill(1, [], x.shape.with(dim, reach));
    product = op.mul(product, op.concat([ones, op.slice(product, dim, 0, size - reach)], dim));
  }
  return product;
}

/** `f`, which works along the last dim, along another. */
const onLast =
  (f: (x: Node) => Node) =>
  (x: Node, dim: number): Node => {
    const last = x.shape.length - 1;
    return op.moveDim(f(op.moveDim(x, dim, last)), last, dim);
  };

const asReal = (): Elem => real;

export const alongs: readonly BuiltRow[] = [
  along("cumulative_sum", {
    doc: "running sum",
    gives: (elem) => arithmetic([elem]),
    indices: "number",
    apply: (x, dim) => op.cumsum(x, dim),
  }),
  along("cumulative_prod", {
    doc: "running product",
    gives: (elem) => arithmetic([elem]),
    indices: "number",
    apply: cumulativeProduct,
  }),
  along("sort", { doc: "in increasing order", gives: (elem) => elem, indices: "keep", apply: onLast(op.sorted) }),
  along("rank", {
    doc: "the place of each entry in increasing order, a member of the dim; of equal entries the first comes first",
    gives: (_, size) => index(size),
    indices: "keep",
    apply: onLast((x) => op.order(op.order(x))),
  }),
  along("softmax", {
    doc: "eˣ / Σ eˣ",
    gives: asReal,
    indices: "number",
    apply: (x, dim) => op.exp(op.logSoftmax(x, dim)),
  }),
  along("log_softmax", { doc: "x - log Σ eˣ", gives: asReal, indices: "number", apply: op.logSoftmax }),
  along("reversed", { doc: "in reversed order", gives: (elem) => elem, indices: "keep", apply: reversed }),
];
