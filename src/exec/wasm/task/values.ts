// Values while a graph becomes tasks: where they lie in memory, under which labels they are read, and what stores them.

import { textAttr } from "../../../ir/attrs.ts";
import type { Axis, Node } from "../../../ir/node.ts";
import type { Frame } from "../../kept.ts";
import { dimsOf } from "../../reference/cell.ts";
import type { Buffer, Label, Noise } from "../program/program.ts";
import type { Dim, Loop, Read, Task, Value, View } from "./task.ts";

export type State = Pick<Frame, "batched" | "sizes" | "fullSizes" | "supplied"> & {
  readonly buffers: Buffer[];
  readonly tasks: Task[];
  readonly values: Map<Node, Value>;
  readonly given: Map<Node, View>;
  /** What the module draws before all else. */
  readonly noises: Noise[];
  readonly labels: { next: number };
  /** Buffers of recursions, which have a member more before the first step. */
  readonly trajectories: Map<number, { readonly axis: Axis | null; readonly direction: "forward" | "backward" }>;
};

export const fresh = (state: State): Label => `#${state.labels.next++}`;

/** Of a buffer that the run fills; `known` holds a value of data alone. */
function nameOf({ op, attrs, axes }: Node): string {
  if (op.name === "param") return `param ${textAttr(attrs, "name")}`;
  if (op.name === "noise") return `noise ${textAttr(attrs, "site")}`;
  return op.name === "iota"
    ? `members of ${axes[0]}`
    : `known ${op.name}${op.name === "data" ? ` ${textAttr(attrs, "name")}` : ""}`;
}

/** A leaf that the run fills, or a value that is known. */
export function given(node: Node, state: State): View {
  const dims = dimsOf(node, state.sizes).map((size, i): Dim => ({
    size,
    label: size === 1 ? null : (node.axes[i] ?? fresh(state)),
  }));
  const view = allocate(nameOf(node), dims, "largest inside", state.buffers);
  state.given.set(node, view);
  return view;
}

/** A leaf that several may ask for. */
export const leafOf = (node: Node, state: State): View => state.given.get(node) ?? given(node, state);

/** A buffer over dims, the largest innermost, so that the largest loop reads it in one piece. Null: dims in their own order. */
export function allocate(
  name: string,
  dims: readonly Dim[],
  order: "largest inside" | "as given",
  buffers: Buffer[],
): View {
  const strides = new Array<number>(dims.length).fill(0);
  const places = dims.map((_, i) => i).filter((i) => dims[i]!.label !== null);
  if (order === "largest inside") places.sort((a, b) => dims[a]!.size - dims[b]!.size || a - b);
  let length = 1;
  for (const place of places.reverse()) {
    strides[place] = length;
    length *= dims[place]!.size;
  }
  buffers.push({ name, length });
  return {
    kind: "view",
    buffer: buffers.length - 1,
    offset: 0,
    dims: dims.map((dim, i) => ({ ...dim, stride: strides[i]! })),
    along: [],
    after: [],
  };
}

/** The value as numbers in memory. */
export function inMemory(value: Value, state: State): View {
  if (value.kind === "view") return value;
  if (value.kind === "number")
    return stored(task(state, { kind: "copy", reads: [{ value, labels: [] }], space: [] }), [], state);
  return stored(value.task, value.dims, state);
}

/** The buffer of a task's result. */
export function stored(own: Task, dims: readonly Dim[], state: State): View {
  const target = own.target ?? allocate("value", uniqueDims(own, dims), "largest inside", state.buffers);
  own.target = target;
  const at = (label: Label | null): number =>
    label === null ? 0 : (target.dims.find((dim) => dim.label === label)?.stride ?? 0);
  return { ...target, dims: dims.map((dim) => ({ ...dim, stride: at(dim.label) })), after: [own] };
}

/** The loops of a result: each label once. */
export const uniqueDims = (own: Task, dims: readonly Dim[]): readonly Dim[] => {
  const reduced = "reduced" in own ? own.reduced : [];
  const loops = own.space.filter(({ label }) => !reduced.includes(label));
  return loops.length === 0 ? dims.filter(({ label }) => label !== null) : loops;
};

type Parts = Task extends infer T ? (T extends Task ? Omit<T, "number" | "target"> : never) : never;

export function task(state: State, parts: Parts): Task {
  const made = { ...parts, number: state.tasks.length, target: null } as Task;
  state.tasks.push(made);
  return made;
}

/** A read of a value along these labels: where it is computed under other ones, from memory. */
export function reading(value: Value, labels: readonly (Label | null)[], state: State): Read {
  const wanted = labels.map((label, i) => (value.dims[i]!.label === null ? null : label));
  const same = value.kind !== "inline" || value.dims.every((dim, i) => dim.label === wanted[i]);
  return { value: same ? value : inMemory(value, state), labels: wanted };
}

export const loopsOf = (labels: readonly (Label | null)[], sizes: readonly number[]): readonly Loop[] => {
  const loops = new Map<Label, number>();
  labels.forEach((label, i) => {
    if (label !== null) loops.set(label, sizes[i]!);
  });
  return [...loops].map(([label, size]) => ({ label, size }));
};

/** The labels of a value as loops, each once: a second dim under one label gets its own. */
export function ownLabels(value: Value, state: State): readonly (Label | null)[] {
  const seen = new Set<Label>();
  return value.dims.map(({ label }) => {
    if (label === null) return null;
    const own = seen.has(label) ? fresh(state) : label;
    seen.add(own);
    return own;
  });
}

/** The same numbers, with other dims. */
export const withDims = (
  value: Value,
  places: readonly (number | Dim)[],
  relabel: (dim: Dim) => Label | null = ({ label }) => label,
): Value => {
  const pick = <D extends Dim>(dims: readonly D[], blank: (dim: Dim) => D): D[] =>
    places.map((place) => {
      const dim = typeof place === "number" ? dims[place]! : blank(place);
      return { ...dim, label: relabel(dim) };
    });
  return value.kind === "view"
    ? { ...value, dims: pick(value.dims, (dim) => ({ ...dim, stride: 0 })) }
    : { ...value, dims: pick(value.dims, (dim) => dim) };
};

/** A node's value along axes of which the node may lack some. */
export const wide = (
  value: Value,
  { axes, shape }: Pick<Node, "axes" | "shape">,
  wanted: readonly Axis[],
  { sizes }: State,
) =>
  withDims(value, [
    ...dimsOf({ axes: wanted, shape: [] }, sizes).map((size, i) =>
      axes.includes(wanted[i]!) ? axes.indexOf(wanted[i]!) : { label: null, size },
    ),
    ...shape.map((_, d) => axes.length + d),
  ]);

/** A copy whose dims lie in memory in their own order, every one written out. */
export function inOrder(value: Value, state: State, into: View | null = null): View {
  const own = ownLabels(value, state);
  const labels = own.map((label, i) => label ?? (value.dims[i]!.size === 1 ? null : fresh(state)));
  const dims = value.dims.map(({ size }, i): Dim => ({ size, label: labels[i]! }));
  const target =
    into === null
      ? allocate("copy", dims, "as given", state.buffers)
      : { ...into, dims: into.dims.map((dim, i) => ({ ...dim, label: labels[i]! })) };
  const made = task(state, {
    kind: "copy",
    reads: [reading(value, own, state)],
    space: loopsOf(
      labels,
      value.dims.map(({ size }) => size),
    ),
  });
  made.target = target;
  return { ...target, after: [made] };
}

export type Rule = (node: Node, inputs: readonly Value[], state: State) => Value;
