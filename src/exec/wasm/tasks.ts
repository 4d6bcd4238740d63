// Graph to tasks, at given sizes. Moves become views or other names of the same loops; what cannot is stored first and read again.

import { numberAttr, numbersAttr, textAttr } from "../../ir/attrs.ts";
import type { Axis, Node } from "../../ir/node.ts";
import type { MapOp } from "../../ir/op.ts";
import { sortedAxes } from "../../ir/shape.ts";
import { dimsOf, type Sizes } from "../reference/cell.ts";
import type { Buffer, Label, Meet } from "./program.ts";
import type { Dim, Loop, Read, Task, Value, View } from "./task.ts";

export type Tasks = {
  readonly tasks: readonly Task[];
  readonly buffers: readonly Buffer[];
  /** Leaves that the run fills, and nodes that are known before. */
  readonly given: ReadonlyMap<Node, View>;
  /** Where the outputs are after a run. */
  readonly outputs: readonly View[];
};

/** Gives a task whose result is read elsewhere a place in memory. */
export function storeTask(task: Task, { buffers }: Tasks): void {
  task.target ??= allocate("value", uniqueDims(task, []), "largest inside", buffers as Buffer[]);
}

type State = {
  readonly sizes: Sizes;
  readonly buffers: Buffer[];
  readonly tasks: Task[];
  readonly values: Map<Node, Value>;
  readonly given: Map<Node, View>;
  labels: number;
};

/** `order`: the nodes that vary, inputs first; `known`: what they read of data alone. Every output lies in memory. */
export function tasksOf(order: readonly Node[], known: readonly Node[], outputs: readonly Node[], sizes: Sizes): Tasks {
  const state: State = { sizes, buffers: [], tasks: [], values: new Map(), given: new Map(), labels: 0 };
  for (const node of known) state.values.set(node, numberIn(node) ?? given(node, state));
  for (const node of order) if (!state.values.has(node)) state.values.set(node, valueOf(node, state));
  const views = outputs.map((node) => inMemory(state.values.get(node)!, state));
  return { tasks: state.tasks, buffers: state.buffers, given: state.given, outputs: views };
}

const fresh = (state: State): Label => `#${state.labels++}`;

function numberIn(node: Node): Value | null {
  if (node.op.name !== "constant" || node.shape.length > 0) return null;
  return { kind: "number", value: numbersAttr(node.attrs, "values")[0]!, dims: [] };
}

// ---------------------------------------------------------------------------------------- memory

/** A buffer over dims, the largest innermost, so that the largest loop reads it in one piece. Null: dims in their own order. */
function allocate(name: string, dims: readonly Dim[], order: "largest inside" | "as given", buffers: Buffer[]): View {
  const strides = new Array<number>(dims.length).fill(0);
  const places = dims.map((_, i) => i).filter((i) => dims[i]!.label !== null);
  if (order === "largest inside") places.sort((a, b) => dims[a]!.size - dims[b]!.size || a - b);
  let length = 1;
  for (const place of places.reverse()) {
    strides[place] = length;
    length *= dims[place]!.size;
  }
  buffers.push({ name, length });
  return { kind: "view", buffer: buffers.length - 1, offset: 0, dims: dims.map((dim, i) => ({ ...dim, stride: strides[i]! })), after: [] };
}

/** Of a buffer that the run fills; `known` holds a value of data alone. */
function nameOf({ op, attrs, axes }: Node): string {
  if (op.name === "param") return `param ${textAttr(attrs, "name")}`;
  if (op.name === "noise") return `noise ${textAttr(attrs, "site")}`;
  return op.name === "iota" ? `members of ${axes[0]}` : `known ${op.name}${op.name === "data" ? ` ${textAttr(attrs, "name")}` : ""}`;
}

/** A leaf that the run fills, or a value that is known. */
function given(node: Node, state: State): View {
  const dims = dimsOf(node, state.sizes).map((size, i): Dim => ({ size, label: size === 1 ? null : node.axes[i] ?? fresh(state) }));
  const view = allocate(nameOf(node), dims, "largest inside", state.buffers);
  state.given.set(node, view);
  return view;
}

/** The value as numbers in memory. */
function inMemory(value: Value, state: State): View {
  if (value.kind === "view") return value;
  if (value.kind === "number") return stored(task(state, { kind: "copy", reads: [{ value, labels: [] }], space: [] }), [], state);
  return stored(value.task, value.dims, state);
}

/** The buffer of a task's result. */
function stored(own: Task, dims: readonly Dim[], state: State): View {
  const target = own.target ?? allocate("value", uniqueDims(own, dims), "largest inside", state.buffers);
  own.target = target;
  const at = (label: Label | null): number => (label === null ? 0 : target.dims.find((dim) => dim.label === label)?.stride ?? 0);
  return { ...target, dims: dims.map((dim) => ({ ...dim, stride: at(dim.label) })), after: [own] };
}

/** The loops of a result: each label once. */
const uniqueDims = (own: Task, dims: readonly Dim[]): readonly Dim[] => {
  const reduced = "reduced" in own ? own.reduced : [];
  const loops = own.space.filter(({ label }) => !reduced.includes(label));
  return loops.length === 0 ? dims.filter(({ label }) => label !== null) : loops;
};

type Parts = Task extends infer T ? (T extends Task ? Omit<T, "number" | "target"> : never) : never;

function task(state: State, parts: Parts): Task {
  const made = { ...parts, number: state.tasks.length, target: null } as Task;
  state.tasks.push(made);
  return made;
}

// ---------------------------------------------------------------------------------------- reading

/** A read of a value along these labels: where it is computed under other ones, from memory. */
function reading(value: Value, labels: readonly (Label | null)[], state: State): Read {
  const wanted = labels.map((label, i) => (value.dims[i]!.label === null ? null : label));
  const same = value.kind !== "inline" || value.dims.every((dim, i) => dim.label === wanted[i]);
  return { value: same ? value : inMemory(value, state), labels: wanted };
}

const loopsOf = (labels: readonly (Label | null)[], sizes: readonly number[]): readonly Loop[] => {
  const loops = new Map<Label, number>();
  labels.forEach((label, i) => {
    if (label !== null) loops.set(label, sizes[i]!);
  });
  return [...loops].map(([label, size]) => ({ label, size }));
};

/** The labels of a value as loops, each once: a second dim under one label gets its own. */
function ownLabels(value: Value, state: State): readonly (Label | null)[] {
  const seen = new Set<Label>();
  return value.dims.map(({ label }) => {
    if (label === null) return null;
    const own = seen.has(label) ? fresh(state) : label;
    seen.add(own);
    return own;
  });
}

// ---------------------------------------------------------------------------------------- nodes

function valueOf(node: Node, state: State): Value {
  const inputs = node.inputs.map((input) => state.values.get(input)!);
  if (node.op.kind === "map") return mapOf(node, node.op, inputs, state);
  const rule = RULES[node.op.name];
  return rule === undefined ? hostOf(node, inputs, state) : rule(node, inputs, state);
}

type Rule = (node: Node, inputs: readonly Value[], state: State) => Value;

/** Labels of a node's dims from those of its inputs: axes by name, event dims from what is computed, else from memory. */
function mapOf(node: Node, op: MapOp, inputs: readonly Value[], state: State): Value {
  const sizes = dimsOf(node, state.sizes);
  const place = (input: number, dim: number): number => {
    const from = node.inputs[input]!;
    if (dim < node.axes.length) return from.axes.indexOf(node.axes[dim]!);
    return from.shape.length === 0 ? -1 : from.axes.length + dim - node.axes.length;
  };
  const taken = new Set<Label>(node.axes);
  const labels = sizes.map((_, dim): Label | null => {
    const found = inputs.flatMap((value, i) => {
      const at = place(i, dim);
      const label = at < 0 ? null : value.dims[at]!.label;
      return label === null ? [] : [{ label, computed: value.kind === "inline" }];
    });
    if (found.length === 0) return null;
    if (dim < node.axes.length) return node.axes[dim]!;
    const best = found.filter(({ label }) => !taken.has(label)).sort((a, b) => Number(b.computed) - Number(a.computed))[0]?.label ?? fresh(state);
    taken.add(best);
    return best;
  });
  const reads = inputs.map((value, i) =>
    reading(value, value.dims.map((_, at) => labels.find((_label, dim) => place(i, dim) === at) ?? null), state));
  const made = task(state, { kind: "map", op, reads, space: loopsOf(labels, sizes) });
  return { kind: "inline", task: made, dims: sizes.map((size, i) => ({ size, label: labels[i]! })) };
}

const MEETS: Readonly<Record<string, Meet>> = { sum: "sum", prod: "prod", max: "max", min: "min", sumAxis: "sum", maxAxis: "max" };

const foldOf: Rule = (node, [value], state) => {
  const input = node.inputs[0]!;
  const gone = node.op.kind === "axis" ? [input.axes.indexOf(textAttr(node.attrs, "axis"))] : numbersAttr(node.attrs, "dims").map((d) => input.axes.length + d);
  const meet = MEETS[node.op.name]!;
  // Constant along a folded dim: its size counts.
  const repeated = meet === "sum" || meet === "prod" ? gone.filter((i) => value!.dims[i]!.label === null && value!.dims[i]!.size > 1) : [];
  const own = ownLabels(value!, state);
  const labels = own.map((label, i) => (repeated.includes(i) ? fresh(state) : label));
  const reduced = gone.flatMap((i) => labels[i] ?? []);
  const sizes = value!.dims.map(({ size }) => size);
  const dims = value!.dims.map(({ size }, i): Dim => ({ size, label: own[i]! })).filter((_, i) => !gone.includes(i));
  const made = task(state, { kind: "fold", meet, reads: [reading(value!, own, state)], space: loopsOf(labels, sizes), reduced });
  return { kind: "inline", task: made, dims };
};

/** The same numbers, with other dims. */
const withDims = (value: Value, places: readonly (number | Dim)[], relabel: (dim: Dim) => Label | null = ({ label }) => label): Value => {
  const pick = <D extends Dim>(dims: readonly D[], blank: (dim: Dim) => D): D[] =>
    places.map((place) => {
      const dim = typeof place === "number" ? dims[place]! : blank(place);
      return { ...dim, label: relabel(dim) };
    });
  return value.kind === "view"
    ? { ...value, dims: pick(value.dims, (dim) => ({ ...dim, stride: 0 })) }
    : { ...value, dims: pick(value.dims, (dim) => dim) };
};

const expandOf: Rule = (node, [value]) => {
  const from = node.inputs[0]!;
  const dims = numbersAttr(node.attrs, "dims");
  return withDims(value!, [...from.axes.keys(), ...node.shape.map((size, d) => (dims.includes(d) ? from.axes.length + dims.indexOf(d) : { label: null, size }))]);
};

const transposeOf: Rule = (node, [value]) =>
  withDims(value!, [...node.axes.keys(), ...numbersAttr(node.attrs, "perm").map((d) => node.axes.length + d)]);

/** `through` and `mark`: the first input, repeated where the node has more. */
const firstOf: Rule = (node, [value], { sizes }) => {
  const from = node.inputs[0]!;
  const all = dimsOf(node, sizes);
  return withDims(value!, [
    ...node.axes.map((axis, i) => (from.axes.includes(axis) ? from.axes.indexOf(axis) : { label: null, size: all[i]! })),
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

const renameOf: Rule = (node, [value], state) => {
  const from = node.inputs[0]!;
  const [old, now] = [textAttr(node.attrs, "from"), textAttr(node.attrs, "to")];
  const moved = relabelled(value!, from.axes.indexOf(old), now, state);
  return withDims(moved, [...node.axes.map((axis) => from.axes.indexOf(axis === now ? old : axis)), ...node.shape.map((_, d) => from.axes.length + d)]);
};

const toAxisOf: Rule = (node, [value], state) => {
  const from = node.inputs[0]!;
  const axis = textAttr(node.attrs, "axis");
  const at = from.axes.length + numberAttr(node.attrs, "dim");
  const event = from.shape.map((_, d) => from.axes.length + d).filter((place) => place !== at);
  return withDims(relabelled(value!, at, axis, state), [...node.axes.map((a) => (a === axis ? at : from.axes.indexOf(a))), ...event]);
};

const toEventOf: Rule = (node, [value]) => {
  const from = node.inputs[0]!;
  const axis = textAttr(node.attrs, "axis");
  const event = from.shape.map((_, d) => from.axes.length + d).toSpliced(numberAttr(node.attrs, "dim"), 0, from.axes.indexOf(axis));
  return withDims(value!, [...node.axes.map((a) => from.axes.indexOf(a)), ...event]);
};

const sliceOf: Rule = (node, [value], state) => {
  const at = node.axes.length + numberAttr(node.attrs, "dim");
  const size = dimsOf(node, state.sizes)[at]!;
  if (value!.dims[at]!.label === null) return { ...value!, dims: value!.dims.map((dim, i) => (i === at ? { ...dim, size } : dim)) } as Value;
  const view = inMemory(value!, state);
  const { stride } = view.dims[at]!;
  const label = size === 1 ? null : fresh(state);
  return {
    ...view, offset: view.offset + numberAttr(node.attrs, "start") * stride,
    dims: view.dims.map((dim, i) => (i === at ? { size, label, stride: size === 1 ? 0 : stride } : dim)),
  };
};

const reshapeOf: Rule = (node, [value], state) => {
  const lead = node.axes.length;
  const isSame = (dims: readonly Dim[]): boolean => dims.filter(({ size }) => size > 1).map(({ size }) => size).join() === node.shape.filter((size) => size > 1).join();
  const event = value!.dims.slice(lead);
  if (isSame(event)) {
    const left = event.flatMap(({ size }, d) => (size > 1 ? [lead + d] : []));
    return withDims(value!, [...node.axes.keys(), ...node.shape.map((size) => (size > 1 ? left.shift()! : { label: null, size }))]);
  }
  if (event.every(({ label }) => label === null)) return withDims(value!, [...node.axes.keys(), ...node.shape.map((size) => ({ label: null, size }))]);
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
    if (inner !== undefined && dim.stride === inner.stride * inner.size) runs[0] = { ...inner, size: inner.size * dim.size };
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

/** A copy whose dims lie in memory in their own order, every one written out. */
function inOrder(value: Value, state: State, into: View | null = null): View {
  const own = ownLabels(value, state);
  const labels = own.map((label, i) => label ?? (value.dims[i]!.size === 1 ? null : fresh(state)));
  const dims = value.dims.map(({ size }, i): Dim => ({ size, label: labels[i]! }));
  const target = into === null ? allocate("copy", dims, "as given", state.buffers) : { ...into, dims: into.dims.map((dim, i) => ({ ...dim, label: labels[i]! })) };
  const made = task(state, { kind: "copy", reads: [reading(value, own, state)], space: loopsOf(labels, value.dims.map(({ size }) => size)) });
  made.target = target;
  return { ...target, after: [made] };
}

const concatOf: Rule = (node, inputs, state) => {
  const sizes = dimsOf(node, state.sizes);
  const at = node.axes.length + numberAttr(node.attrs, "dim");
  const whole = allocate("concat", sizes.map((size) => ({ size, label: fresh(state) })), "as given", state.buffers);
  let start = 0;
  const after = inputs.map((value, i) => {
    const lacking = node.axes.map((axis) => node.inputs[i]!.axes.indexOf(axis));
    const wide = withDims(value, [
      ...lacking.map((place, a) => (place < 0 ? { label: null, size: sizes[a]! } : place)),
      ...node.inputs[i]!.shape.map((_, d) => node.inputs[i]!.axes.length + d),
    ]);
    const { stride } = whole.dims[at]!;
    const part: View = { ...whole, offset: start * stride, dims: whole.dims.map((dim, d) => ({ ...dim, size: wide.dims[d]!.size })) };
    start += wide.dims[at]!.size;
    return inOrder(wide, state, part).after[0]!;
  });
  return { ...whole, dims: whole.dims.map((dim, i) => ({ ...dim, label: dim.size === 1 ? null : node.axes[i] ?? dim.label })), after };
};

const gatherOf: Rule = (node, [source, index], state) => {
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
  const fromX = view.dims.map((_, place) => (place === at ? null : place < x.axes.length ? axes[node.axes.indexOf(x.axes[place]!)]! : others[rest.indexOf(place)]!));
  const fromI = index!.dims.map((_, place) => (place < i.axes.length ? axes[node.axes.indexOf(i.axes[place]!)]! : event[place - i.axes.length]!));
  const made = task(state, {
    kind: "gather", stride, count, reads: [reading(view, fromX, state), reading(index!, fromI, state)], space: loopsOf(labels, sizes),
  });
  return { kind: "inline", task: made, dims: sizes.map((size, d) => ({ size, label: labels[d]! })) };
};

const scatterOf: Rule = (node, [source, index], state) => {
  const [x, i] = node.inputs as [Node, Node];
  const all = sortedAxes([...x.axes, ...i.axes]);
  const sizeOf = (axis: Axis): number => dimsOf({ axes: [axis], shape: [] }, state.sizes)[0]!;
  const axes = all.map((axis) => (sizeOf(axis) === 1 ? null : axis));
  const event = x.shape.map((size) => (size === 1 ? null : fresh(state)));
  const labels = [...axes, ...event];
  const space = loopsOf(labels, [...all.map(sizeOf), ...x.shape]);
  const alongX = source!.dims.map((_, place) => (place < x.axes.length ? axes[all.indexOf(x.axes[place]!)]! : event[place - x.axes.length]!));
  const alongI = index!.dims.map((_, place) => (place < i.axes.length ? axes[all.indexOf(i.axes[place]!)]! : event[place - i.axes.length]!));
  const count = node.shape[0]!;
  const dims: Dim[] = [
    ...node.axes.map((axis) => ({ size: sizeOf(axis), label: axes[all.indexOf(axis)]! })),
    { size: count, label: fresh(state) },
    ...x.shape.slice(i.shape.length).map((size, d) => ({ size, label: event[i.shape.length + d]! })),
  ];
  const target = allocate("scatter", dims, "largest inside", state.buffers);
  const { stride } = target.dims[node.axes.length]!;
  const kept = new Set(dims.map(({ label }) => label));
  const made = task(state, {
    kind: "scatter", stride, count, space, reduced: space.map(({ label }) => label).filter((label) => !kept.has(label)),
    reads: [reading(source!, alongX, state), reading(index!, alongI, state)],
  });
  made.target = target;
  return { ...target, after: [made] };
};

/** An op without loops of its own: its kernel reads and writes memory in order. */
function hostOf(node: Node, inputs: readonly Value[], state: State): Value {
  const dense = inputs.map((value) => inOrder(value, state));
  const sizes = dimsOf(node, state.sizes);
  const target = allocate(node.op.name, sizes.map((size, i) => ({ size, label: size === 1 ? null : node.axes[i] ?? fresh(state) })), "as given", state.buffers);
  const made = task(state, { kind: "host", node, inputs: dense, reads: dense.map((value) => ({ value, labels: [] })), space: [] });
  made.target = target;
  return { ...target, after: [made] };
}

const RULES: Readonly<Record<string, Rule>> = {
  param: (node, _, state) => given(node, state),
  noise: (node, _, state) => given(node, state),
  iota: (node, _, state) => given(node, state),
  sum: foldOf, prod: foldOf, max: foldOf, min: foldOf, sumAxis: foldOf, maxAxis: foldOf,
  expand: expandOf, transpose: transposeOf, slice: sliceOf, reshape: reshapeOf, concat: concatOf,
  through: firstOf, mark: firstOf, rename: renameOf, toAxis: toAxisOf, toEvent: toEventOf,
  gather: gatherOf, scatter: scatterOf,
};
