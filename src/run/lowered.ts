// One evaluation of a prepared model as the WebAssembly engine lowers it: what `print --stage program` and `explain` show.

import type { Prepared, Wishes } from "../build/prepared.ts";
import { lower, type Lowered } from "../exec/wasm/lower.ts";
import { memoryOf, type Bytes } from "../exec/wasm/program/memory.ts";
import { LANES, type Precision } from "../exec/wasm/code/lanes.ts";
import { regrouped } from "../exec/wasm/simple/regroup.ts";
import { simplest } from "../exec/wasm/simple/simplest.ts";
import type { Graph } from "../ir/node.ts";
import { axesOf, sizesOf } from "./graphs.ts";

/** At the sizes of one step (of one draw, where draws are held fixed). */
export function lowered(
  graph: Graph,
  prepared: Prepared,
  { particles, batch }: Pick<Wishes, "particles" | "batch">,
): Lowered {
  const sizes = sizesOf(prepared, axesOf(graph), prepared.method.name === "fixed" ? 1 : particles, batch);
  const outputs = regrouped(simplest(Object.values(graph.outputs)));
  return lower(outputs, { batched: Object.keys(batch), sizes, fullSizes: {}, supplied: [] });
}

/** Bytes of its memory. */
export const memoryIn = (program: Lowered, precision: Precision): Bytes => memoryOf(program, LANES[precision]).bytes;
