// The stochastic protocol's parameters as a fitted guide: Gaussian leaves become mean and scales, the others stay
// points.

import type { Leaf } from "../build/state.ts";
import { locName, logSdName, scaleName, type GaussianBlock } from "../build/gaussian.ts";
import type { Prepared } from "../build/prepared.ts";
import type { Guide } from "../fit/guide.ts";
import { splitLeaves, totalSize } from "./graphs.ts";
import * as math from "../op/special/elementary.ts";

/** `leaves` lie one after the other in `params`; `points` are the leaves of the graph that draws, in its own order. */
export function gaussianOf(
  prepared: Prepared,
  leaves: readonly Leaf[],
  points: readonly Leaf[],
  params: Float64Array,
): Guide {
  const values = splitLeaves(leaves, params);
  const leaf = (name: string): Float64Array => values[name] as Float64Array;
  const mean = new Float64Array(prepared.layout.size);
  const scales: Float64Array[] = [];
  for (const block of prepared.layout.blocks) {
    mean.set(leaf(locName(block.name)), block.offset);
    if (block.family === "fullrank") scales.push(lowerTriangle(leaf(scaleName(block.name)), block));
    else for (const logSd of leaf(logSdName(block.name))) scales.push(Float64Array.of(math.exp(logSd)));
  }
  const flat = new Float64Array(totalSize(points));
  let at = 0;
  for (const point of points) {
    flat.set(leaf(point.name), at);
    at += point.size;
  }
  return { mean, scales, points: flat };
}

/** L from its raw entries: exponentials on the diagonal, nothing above it (`fullRank` in build/gaussian.ts). */
export function lowerTriangle(raw: Float64Array, { size }: Pick<GaussianBlock, "size">): Float64Array {
  return raw.map((value, i) => {
    const [row, column] = [Math.floor(i / size), i % size];
    return row === column ? math.exp(value) : column < row ? value : 0;
  });
}
