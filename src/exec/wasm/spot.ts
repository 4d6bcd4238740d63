// The numbers of a node in the memory of a module, which may be of either precision and in another order than the dense array that users give and get.

import type { Node } from "../../ir/node.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Tensor } from "../engine.ts";
import { dimsOf, type Sizes } from "../reference/cell.ts";
import { asSingle } from "./code/single.ts";
import type { View } from "./task/task.ts";

export type Numbers = Float64Array | Float32Array;

/** The numbers of a node in memory. `places`: where each is, in the order of the node's dense array; null where that is their order from `start`. */
export type Spot = {
  readonly node: Node;
  readonly numbers: Numbers;
  readonly start: number;
  readonly total: number;
  readonly places: Int32Array | null;
};

export function spotOf(node: Node, view: View, numbers: Numbers, buffer: number, sizes: Sizes): Spot {
  const dims = dimsOf(node, sizes);
  const places = positions(
    dims,
    view.dims.map(({ stride }) => stride),
  );
  const isDense = places.every((at, i) => at === i);
  return { node, numbers, start: buffer + view.offset, total: places.length, places: isDense ? null : places };
}

/** Positions of the elements of an array in row-major order, by the strides of its dims. */
function positions(dims: readonly number[], strides: readonly number[]): Int32Array {
  const found = new Int32Array(sizeOf(dims));
  let filled = Math.min(1, found.length);
  for (let d = dims.length - 1; d >= 0; d--) {
    for (let k = 1; k < dims[d]!; k++)
      for (let i = 0; i < filled; i++) found[k * filled + i] = found[i]! + k * strides[d]!;
    filled *= dims[d]!;
  }
  return found;
}

/** What is known before any run, and noise that a run supplies: written so that bounds and probabilities stay what they are. */
export const writeKnown = (spot: Spot, values: Float64Array): void =>
  write(spot, spot.numbers instanceof Float32Array ? values.map(asSingle) : values);

export function write({ numbers, start, total, places }: Spot, values: Float64Array): void {
  if (places === null) numbers.set(values, start);
  else for (let i = 0; i < total; i++) numbers[start + places[i]!] = values[i]!;
}

export function read({ node: { axes, shape }, numbers, start, total, places }: Spot): Tensor {
  if (places === null) return { axes, shape, values: new Float64Array(numbers.subarray(start, start + total)) };
  const values = new Float64Array(total);
  for (let i = 0; i < total; i++) values[i] = numbers[start + places[i]!]!;
  return { axes, shape, values };
}
