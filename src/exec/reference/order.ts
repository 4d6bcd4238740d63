// Positions in increasing order along the last event dim.

import type { Kernel } from "./cell.ts";

/** NaN comes last; equal entries keep their order. */
const compare = (a: number, b: number): number =>
  a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b));

export const orderKernel: Kernel = (out, [x]) => {
  const size = out.node.shape.at(-1)!;
  return () => {
    for (let start = 0; start < out.values.length; start += size) {
      const line = x!.values.subarray(start, start + size);
      const positions = Array.from({ length: size }, (_, i) => i).sort((i, j) => compare(line[i]!, line[j]!));
      out.values.set(positions, start);
    }
  };
};
