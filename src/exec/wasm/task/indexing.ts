// Reads and sums by an index that is itself computed.

import { numberAttr } from "../../../ir/attrs.ts";
import type { Axis, Node } from "../../../ir/node.ts";
import { sortedAxes } from "../../../ir/shape.ts";
import { dimsOf } from "../../reference/cell.ts";
import type { Label } from "../program/program.ts";
import type { Dim } from "./task.ts";
import { allocate, fresh, inMemory, loopsOf, reading, type Rule, task, withDims } from "./values.ts";

export const gatherOf: Rule = (node, [source, index], state) => {
  const [x, i] = node.inputs as [Node, Node];
  const at = x.axes.length + numberAttr(node.attrs, "dim");
  const count = source!.dims[at]!.size;
  const view = source!.dims[at]!.label === null && source!.kind !== "view" ? source! : inMemory(source!, state);
  const stride = view.kind === "view" ? view.dims[at]!.stride : 0;
  const rest = x.shape.map((_, d) => x.axes.length + d).filter((place) => place !== at);
  if (index!.kind === "number" && index!.value >= 0 && index!.value < count && Number.isInteger(index!.value)) {
    const moved = view.kind === "view" ? { ...view, offset: view.offset + index!.value * stride } : view;
    return withDims(moved, [...x.axes.keys(), ...rest]);
  }
  const taken = new Set<Label>(node.axes);
  const labelFor = (label: Label | null): Label | null => {
    if (label === null) return null;
    const own = taken.has(label) ? fresh(state) : label;
    taken.add(own);
    return own;
  };
  const event = i.shape.map((_, d) => labelFor(index!.dims[i.axes.length + d]!.label));
  const others = rest.map((place) => labelFor(view.dims[place]!.label));
  const axes = node.axes.map((axis) => {
    const inX = x.axes.indexOf(axis);
    const inI = i.axes.indexOf(axis);
    return (inX >= 0 && view.dims[inX]!.label !== null) || (inI >= 0 && index!.dims[inI]!.label !== null) ? axis : null;
  });
  const labels = [...axes, ...event, ...others];
  const sizes = dimsOf(node, state.sizes);
  const fromX = view.dims.map((_, place) =>
    place === at
      ? null
      : place < x.axes.length
        ? axes[node.axes.indexOf(x.axes[place]!)]!
        : others[rest.indexOf(place)]!,
  );
  const fromI = index!.dims.map((_, place) =>
    place < i.axes.length ? axes[node.axes.indexOf(i.axes[place]!)]! : event[place - i.axes.length]!,
  );
  const made = task(state, {
    kind: "gather",
    stride,
    count,
    reads: [reading(view, fromX, state), reading(index!, fromI, state)],
    space: loopsOf(labels, sizes),
  });
  return { kind: "inline", task: made, dims: sizes.map((size, d) => ({ size, label: labels[d]! })) };
};

export const scatterOf: Rule = (node, [source, index], state) => {
  const [x, i] = node.inputs as [Node, Node];
  const all = sortedAxes([...x.axes, ...i.axes]);
  const sizeOf = (axis: Axis): number => dimsOf({ axes: [axis], shape: [] }, state.sizes)[0]!;
  const axes = all.map((axis) => (sizeOf(axis) === 1 ? null : axis));
  const event = x.shape.map((size) => (size === 1 ? null : fresh(state)));
  const labels = [...axes, ...event];
  const space = loopsOf(labels, [...all.map(sizeOf), ...x.shape]);
  const alongX = source!.dims.map((_, place) =>
    place < x.axes.length ? axes[all.indexOf(x.axes[place]!)]! : event[place - x.axes.length]!,
  );
  const alongI = index!.dims.map((_, place) =>
    place < i.axes.length ? axes[all.indexOf(i.axes[place]!)]! : event[place - i.axes.length]!,
  );
  const count = node.shape[0]!;
  const dims: Dim[] = [
    ...node.axes.map((axis) => ({ size: sizeOf(axis), label: axes[all.indexOf(axis)]! })),
    { size: count, label: count === 1 ? null : fresh(state) },
    ...x.shape.slice(i.shape.length).map((size, d) => ({ size, label: event[i.shape.length + d]! })),
  ];
  const target = allocate("scatter", dims, "largest inside", state.buffers);
  const { stride } = target.dims[node.axes.length]!;
  const kept = new Set(dims.map(({ label }) => label));
  const made = task(state, {
    kind: "scatter",
    stride,
    count,
    space,
    reduced: space.map(({ label }) => label).filter((label) => !kept.has(label)),
    reads: [reading(source!, alongX, state), reading(index!, alongI, state)],
  });
  made.target = target;
  return { ...target, after: [made] };
};
