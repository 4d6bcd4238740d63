// Functions along one dim, the last or the one that is named, that keep the shape.

import type { Node } from "../ir/node.ts";
import { array, real } from "../model/types.ts";
import type { Elem } from "../model/types.ts";
import * as op from "../op/index.ts";
import { arithmetic, firstMisfit } from "./elementwise.ts";
import type { BuiltRow } from "./row.ts";

type Spec = {
  readonly doc: string; readonly gives: (elem: Elem) => Elem; readonly indices: BuiltRow["indices"];
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
    type: ([x]) => {
      if (x!.shape.length === 0) return { problem: "rank", argument: 0, wants: "at least one dim" };
      const misfit = spec.indices === "number" ? firstMisfit([x!], real) : null;
      return misfit ?? array(spec.gives(x!.elem), x!.shape);
    },
    build: ([x], { over }) => spec.apply(x!.node, over ?? x!.node.shape.length - 1),
  };
}

const backwards = (count: number): Node => op.constant(Array.from({ length: count }, (_, i) => count - 1 - i), [count]);

function reversed(x: Node, dim: number): Node {
  return op.moveDim(op.gather(op.moveDim(x, dim, 0), 0, backwards(x.shape[dim]!)), 0, dim);
}

const asReal = (): Elem => real;

export const alongs: readonly BuiltRow[] = [
  along("cumulative_sum", {
    doc: "running sum",
    gives: (elem) => arithmetic([elem]),
    indices: "number",
    apply: (x, dim) => op.cumsum(x, dim),
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
