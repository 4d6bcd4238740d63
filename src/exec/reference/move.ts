// Moves of event dims and of axes: strided copies.

import { ice } from "../../base/ice.ts";
import { numberAttr, numbersAttr, textAttr } from "../../ir/attrs.ts";
import { axisSizeIn, axisStride, axisStrides, eventStrides, type Cell, type Kernel, type Step } from "./cell.ts";
import { walker } from "./nest.ts";

/** Copies x to y over `sizes`; strides of y and x, and their first offsets. */
function copier(
  y: Cell,
  x: Cell,
  sizes: readonly number[],
  to: readonly number[],
  from: readonly number[],
  start: readonly [number, number] = [0, 0],
): Step {
  const copy = walker(
    { sizes, strides: [to, from] },
    (n, at, step) => {
      let o = at[0]!,
        i = at[1]!;
      const q = step[0]!,
        p = step[1]!;
      for (; n > 0; n--, o += q, i += p) y.values[o] = x.values[i]!;
    },
    start,
  );
  return copy;
}

/** Copies x to the whole of y: `event` are the strides of x along y's event dims. */
const copyTo = (y: Cell, x: Cell, event: readonly number[], start = 0): Step =>
  copier(y, x, y.sizes, y.strides, [...axisStrides(x, y.node.axes), ...event], [0, start]);

export const reshapeKernel: Kernel =
  (out, [x]) =>
  () =>
    out.values.set(x!.values);

export const transposeKernel: Kernel = (out, [x]) =>
  copyTo(
    out,
    x!,
    numbersAttr(out.node.attrs, "perm").map((d) => eventStrides(x!)[d]!),
  );

export const sliceKernel: Kernel = (out, [x]) => {
  const strides = eventStrides(x!);
  return copyTo(out, x!, strides, numberAttr(out.node.attrs, "start") * strides[numberAttr(out.node.attrs, "dim")]!);
};

export const expandKernel: Kernel = (out, [x]) => {
  const dims = numbersAttr(out.node.attrs, "dims");
  return copyTo(
    out,
    x!,
    out.node.shape.map((_, d) => (dims.includes(d) ? eventStrides(x!)[dims.indexOf(d)]! : 0)),
  );
};

export const concatKernel: Kernel = (out, inputs) => {
  const { axes } = out.node;
  const dim = numberAttr(out.node.attrs, "dim");
  let start = 0;
  const steps = inputs.map((x) => {
    const sizes = [...out.sizes.slice(0, axes.length), ...x.node.shape];
    const from = [...axisStrides(x, axes), ...eventStrides(x)];
    const step = copier(out, x, sizes, out.strides, from, [start * eventStrides(out)[dim]!, 0]);
    start += x.node.shape[dim]!;
    return step;
  });
  return (run) => steps.forEach((step) => step(run));
};

export const toAxisKernel: Kernel = (out, [x], sizes) => {
  const dim = numberAttr(out.node.attrs, "dim");
  const axis = textAttr(out.node.attrs, "axis");
  sameSize(sizes, axis, x!.node.shape[dim]!);
  const event = eventStrides(x!);
  const axes = out.node.axes.map((a) => (a === axis ? event[dim]! : axisStride(x!, a)));
  return copier(out, x!, out.sizes, out.strides, [...axes, ...event.toSpliced(dim, 1)]);
};

export const toEventKernel: Kernel = (out, [x], sizes) => {
  const dim = numberAttr(out.node.attrs, "dim");
  const axis = textAttr(out.node.attrs, "axis");
  sameSize(sizes, axis, numberAttr(out.node.attrs, "size"));
  return copyTo(out, x!, eventStrides(x!).toSpliced(dim, 0, axisStride(x!, axis)));
};

const sameSize = (sizes: Readonly<Record<string, number>>, axis: string, size: number): void => {
  if (axisSizeIn(sizes, axis) !== size)
    ice(`axis ${axis} has size ${axisSizeIn(sizes, axis)} in the run and ${size} in the graph`);
};

export const renameKernel: Kernel = (out, [x]) => {
  const { from, to } = { from: textAttr(out.node.attrs, "from"), to: textAttr(out.node.attrs, "to") };
  const axes = out.node.axes.map((a) => axisStride(x!, a === to ? from : a));
  return copier(out, x!, out.sizes, out.strides, [...axes, ...eventStrides(x!)]);
};

/** `through` and `mark`: the value of the first input. */
export const firstKernel: Kernel = (out, [x]) =>
  copyTo(out, x!, x!.node.shape.length === 0 ? out.node.shape.map(() => 0) : eventStrides(x!));
