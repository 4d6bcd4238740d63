// The gradient pass against central differences. The function differentiated is Σ w · root with fixed weights w, so
// that no element of a gradient is hidden by symmetry.

import type { Node } from "../../src/ir/node.ts";
import { data, mul } from "../../src/op/index.ts";
import { grad } from "../../src/pass/grad.ts";
import { leafName, lengthOf, pointIn, testNumbers, valueOf, valuesOf, type Sizes, type Values } from "./run-graph.ts";

const STEP = 1e-5;

/** Largest difference between gradient and central differences over all elements of the leaves `wrt`, relative to 1
 *  + |gradient|. */
export function gradientError(root: Node, wrt: readonly Node[], values: Values, sizes: Sizes): number {
  const { weighted, all } = withWeights(root, values, sizes);
  const gradients = valuesOf(grad(weighted, wrt), all, sizes);
  const total = (at: Values): number => valueOf(weighted, at, sizes).values.reduce((sum, v) => sum + v, 0);
  let worst = 0;
  wrt.forEach((leaf, i) => {
    const name = leafName(leaf);
    all[name]!.forEach((x, k) => {
      const step = STEP * Math.max(1, Math.abs(x));
      const at = (shift: number): number => total({ ...all, [name]: all[name]!.with(k, x + shift) });
      const difference = (at(step) - at(-step)) / (2 * step);
      const found = gradients[i]!.values[k]!;
      const error = Math.abs(found - difference) / (1 + Math.abs(found));
      worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
    });
  });
  return worst;
}

/** `root` times weights in its own layout. */
export function withWeights(root: Node, values: Values, sizes: Sizes): { weighted: Node; all: Values } {
  const name = `weights of ${root.id}`;
  const weights = pointIn(lengthOf(root, sizes), [0.5, 1.5], testNumbers(99));
  return { weighted: mul(data(name, root.axes, root.shape), root), all: { ...values, [name]: weights } };
}
