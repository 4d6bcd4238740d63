// Moves as other strides or labels of the same numbers. What cannot be one is stored first, or copied.

import { numberAttr, numbersAttr, textAttr } from "../../../ir/attrs.ts";
import { dimsOf } from "../../reference/cell.ts";
import type { Label } from "../program/program.ts";
import type { Dim, Value, View } from "./task.ts";
import { allocate, fresh, inMemory, inOrder, type Rule, type State, wide, withDims } from "./values.ts";

export const expandOf: Rule = (node, [value]) => {
  const from = node.inputs[0]!;
  const dims = numbersAttr(node.attrs, "dims");
  return withDims(value!, [
    ...from.axes.keys(),
    ...node.shape.map((size, d) => (dims.includes(d) ? from.axes.length + dims.indexOf(d) : { label: null, size })),
  ]);
};

export const transposeOf: Rule = (node, [value]) =>
  withDims(value!, [...node.axes.keys(), ...numbersAttr(node.attrs, "perm").map((d) => node.axes.length + d)]);

/** `through` and `mark`: the first input, repeated where the node has more. */
export const firstOf: Rule = (node, [value], { sizes }) => {
  const from = node.inputs[0]!;
  const all = dimsOf(node, sizes);
  return withDims(value!, [
    ...node.axes.map((axis, i) =>
      from.axes.includes(axis) ? from.axes.indexOf(axis) : { label: null, size: all[i]! },
    ),
    ...node.shape.map((size, d) => (from.shape.length === 0 ? { label: null, size } : from.axes.length + d)),
  ]);
};

/** A value under another label for one of its dims: what is computed under the old one is stored first. */
function relabelled(value: Value, from: number, to: Label, state: State): Value {
  const { label } = value.dims[from]!;
  if (label === null || label === to) return value;
  const view = inMemory(value, state);
  return { ...view, dims: view.dims.map((dim, i) => (i === from ? { ...dim, label: to } : dim)) };
}

export const renameOf: Rule = (node, [value], state) => {
  const from = node.inputs[0]!;
  const [old, now] = [textAttr(node.attrs, "from"), textAttr(node.attrs, "to")];
  const moved = relabelled(value!, from.axes.indexOf(old), now, state);
  return withDims(moved, [
    ...node.axes.map((axis) => from.axes.indexOf(axis === now ? old : axis)),
    ...node.shape.map((_, d) => from.axes.length + d),
  ]);
};

export const toAxisOf: Rule = (node, [value], state) => {
  const from = node.inputs[0]!;
  const axis = textAttr(node.attrs, "axis");
  const at = from.axes.length + numberAttr(node.attrs, "dim");
  const event = from.shape.map((_, d) => from.axes.length + d).filter((place) => place !== at);
  return withDims(relabelled(value!, at, axis, state), [
    ...node.axes.map((a) => (a === axis ? at : from.axes.indexOf(a))),
    ...event,
  ]);
};

export const toEventOf: Rule = (node, [value]) => {
  const from = node.inputs[0]!;
  const axis = textAttr(node.attrs, "axis");
  const event = from.shape
    .map((_, d) => from.axes.length + d)
    .toSpliced(numberAttr(node.attrs, "dim"), 0, from.axes.indexOf(axis));
  return withDims(value!, [...node.axes.map((a) => from.axes.indexOf(a)), ...event]);
};

export const sliceOf: Rule = (node, [value], state) => {
  const at = node.axes.length + numberAttr(node.attrs, "dim");
  const size = dimsOf(node, state.sizes)[at]!;
  if (value!.dims[at]!.label === null)
    return { ...value!, dims: value!.dims.map((dim, i) => (i === at ? { ...dim, size } : dim)) } as Value;
  const view = inMemory(value!, state);
  const { stride } = view.dims[at]!;
  const label = size === 1 ? null : fresh(state);
  return {
    ...view,
    offset: view.offset + numberAttr(node.attrs, "start") * stride,
    dims: view.dims.map((dim, i) => (i === at ? { size, label, stride: size === 1 ? 0 : stride } : dim)),
  };
};

export const reshapeOf: Rule = (node, [value], state) => {
  const lead = node.axes.length;
  const isSame = (dims: readonly Dim[]): boolean =>
    dims
      .filter(({ size }) => size > 1)
      .map(({ size }) => size)
      .join() === node.shape.filter((size) => size > 1).join();
  const event = value!.dims.slice(lead);
  if (isSame(event)) {
    const left = event.flatMap(({ size }, d) => (size > 1 ? [lead + d] : []));
    return withDims(value!, [
      ...node.axes.keys(),
      ...node.shape.map((size) => (size > 1 ? left.shift()! : { label: null, size })),
    ]);
  }
  if (event.every(({ label }) => label === null))
    return withDims(value!, [...node.axes.keys(), ...node.shape.map((size) => ({ label: null, size }))]);
  const view = inMemory(value!, state);
  const regrouped = regroup(view.dims.slice(lead), node.shape, state);
  if (regrouped !== null) return { ...view, dims: [...view.dims.slice(0, lead), ...regrouped] };
  const dense = inOrder(view, state);
  return { ...dense, dims: [...dense.dims.slice(0, lead), ...regroup(dense.dims.slice(lead), node.shape, state)!] };
};

type Strided = View["dims"][number];

/** Event dims in other groups, where their strides allow it: dims that lie one inside the other are one run of numbers, which can be cut elsewhere. */
function regroup(dims: readonly Strided[], shape: readonly number[], state: State): Strided[] | null {
  const left = dims.filter(({ size }) => size > 1);
  if (left.some(({ label }) => label === null)) return null;
  const runs: Strided[] = [];
  for (const dim of left.reverse()) {
    const inner = runs[0];
    if (inner !== undefined && dim.stride === inner.stride * inner.size)
      runs[0] = { ...inner, size: inner.size * dim.size };
    else runs.unshift(dim);
  }
  const result: Strided[] = [];
  for (const size of [...shape].reverse()) {
    const run = runs.at(-1);
    if (size === 1) result.unshift({ size, label: null, stride: 0 });
    else {
      if (run === undefined || run.size % size !== 0) return null;
      result.unshift({ size, label: fresh(state), stride: run.stride });
      runs.pop();
      if (run.size > size) runs.push({ ...run, size: run.size / size, stride: run.stride * size });
    }
  }
  return result;
}

export const concatOf: Rule = (node, inputs, state) => {
  const sizes = dimsOf(node, state.sizes);
  const at = node.axes.length + numberAttr(node.attrs, "dim");
  const whole = allocate(
    "concat",
    sizes.map((size) => ({ size, label: fresh(state) })),
    "as given",
    state.buffers,
  );
  let start = 0;
  const after = inputs.map((value, i) => {
    const own = wide(value, node.inputs[i]!, node.axes, state);
    const { stride } = whole.dims[at]!;
    const part: View = {
      ...whole,
      offset: start * stride,
      dims: whole.dims.map((dim, d) => ({ ...dim, size: own.dims[d]!.size })),
    };
    start += own.dims[at]!.size;
    return inOrder(own, state, part).after[0]!;
  });
  return {
    ...whole,
    dims: whole.dims.map((dim, i) => ({ ...dim, label: dim.size === 1 ? null : (node.axes[i] ?? dim.label) })),
    after,
  };
};
