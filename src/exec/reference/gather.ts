// Reading and summing by index.

import { numberAttr } from "../../ir/attrs.ts";
import { axisSizeIn, axisStrides, eventStrides, type Kernel } from "./cell.ts";
import { sortedAxes } from "../../ir/shape.ts";
import { walker } from "./nest.ts";

/** Loops over the result: axes, event dims of the index, the rest of x's. An index out of range gives NaN. */
export const gatherKernel: Kernel = (out, [x, index]) => {
  const dim = numberAttr(out.node.attrs, "dim");
  const { axes } = out.node;
  const event = eventStrides(x!);
  const stride = event[dim]!;
  const count = x!.node.shape[dim]!;
  const rest = event.toSpliced(dim, 1);
  const source = [...axisStrides(x!, axes), ...index!.node.shape.map(() => 0), ...rest];
  const positions = [...axisStrides(index!, axes), ...eventStrides(index!), ...rest.map(() => 0)];
  return walker({ sizes: out.sizes, strides: [out.strides, source, positions] }, (n, at, step) => {
    const q = step[0]!,
      p = step[1]!,
      r = step[2]!;
    let o = at[0]!,
      i = at[1]!,
      j = at[2]!;
    for (; n > 0; n--, o += q, i += p, j += r) {
      const k = index!.values[j]!;
      out.values[o] = isMember(k, count) ? x!.values[i + k * stride]! : NaN;
    }
  });
};

/** Loops over all axes of x and index, event dims of the index, the rest of x's. An index out of range is dropped. */
export const scatterKernel: Kernel = (out, [x, index], sizes) => {
  const axes = sortedAxes([...x!.node.axes, ...index!.node.axes]);
  const [stride, ...rest] = eventStrides(out);
  const count = out.node.shape[0]!;
  const target = [...axisStrides(out, axes), ...index!.node.shape.map(() => 0), ...rest];
  const source = [...axisStrides(x!, axes), ...eventStrides(x!)];
  const positions = [...axisStrides(index!, axes), ...eventStrides(index!), ...rest.map(() => 0)];
  const loops = [...axes.map((axis) => axisSizeIn(sizes, axis)), ...x!.node.shape];
  const walk = walker({ sizes: loops, strides: [target, source, positions] }, (n, at, step) => {
    const q = step[0]!,
      p = step[1]!,
      r = step[2]!;
    let o = at[0]!,
      i = at[1]!,
      j = at[2]!;
    for (; n > 0; n--, o += q, i += p, j += r) {
      const k = index!.values[j]!;
      if (isMember(k, count)) out.values[o + k * stride!]! += x!.values[i]!;
    }
  });
  return () => {
    out.values.fill(0);
    walk();
  };
};

const isMember = (k: number, count: number): boolean => k >= 0 && k < count && Number.isInteger(k);
