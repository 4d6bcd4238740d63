// The WebAssembly engine: a graph at given sizes becomes one module with a static memory plan. What depends on data alone is computed once.

import { ice } from "../base/ice.ts";
import { textAttr } from "../ir/attrs.ts";
import type { Axis, Graph, Node } from "../ir/node.ts";
import type { MapOp } from "../ir/op.ts";
import { constantCache, partsOf, type ConstantCache } from "./data-only.ts";
import type { Engine, Executable, Inputs, Tensor } from "./engine.ts";
import { cellOf, dimsOf, type Sizes, type Step } from "./reference/cell.ts";
import { kernelOf } from "./reference/kernels.ts";
import { checked } from "./reference/leaf.ts";
import { emit } from "./wasm/emit.ts";
import { programOf } from "./wasm/loops.ts";
import { simplest } from "./wasm/simplest.ts";
import type { View } from "./wasm/task.ts";
import { storeTask, tasksOf } from "./wasm/tasks.ts";

/** The part of the platform that is used: it is the same in Node and in a page. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => { readonly exports: Readonly<Record<string, unknown>> };
};

const PLANS_KEPT = 4;

export const wasm: Engine = {
  name: "wasm",
  load: (graph, data) => {
    const names = Object.keys(graph.outputs);
    const roots = simplest(names.map((name) => graph.outputs[name]!));
    const simple: Graph = { outputs: Object.fromEntries(names.map((name, i) => [name, roots[i]!])) };
    const constants = constantCache(simple, data);
    const plans = new Map<string, Executable>();
    return {
      run: (inputs, outputs = names) => {
        const batched = Object.keys(inputs.members ?? {});
        const key = JSON.stringify([outputs, batched, Object.entries(inputs.sizes).sort(([a], [b]) => (a < b ? -1 : 1))]);
        const plan = plans.get(key) ?? planFor(simple, outputs, batched, inputs.sizes, constants);
        plans.delete(key);
        plans.set(key, plan);
        if (plans.size > PLANS_KEPT) plans.delete(plans.keys().next().value!);
        return plan.run(inputs);
      },
    };
  },
};

function planFor(graph: Graph, names: readonly string[], batched: readonly Axis[], sizes: Sizes, constants: ConstantCache): Executable {
  const outputs = names.map((name) => graph.outputs[name] ?? ice(`the graph has no output ${name}`));
  const { varying, known } = partsOf(outputs, batched);
  const lowered = tasksOf(varying, known, outputs, sizes);
  const { program, hosts } = programOf(lowered.tasks, lowered.buffers, (task) => storeTask(task, lowered));
  const ops = new Map<string, MapOp>();
  const { bytes, places, pages, imports } = emit(program, ops);
  const memory = new WebAssembly.Memory({ initial: pages });
  const numbers = new Float64Array(memory.buffer);
  const kernels: (() => void)[] = [];
  let current: Inputs | null = null;
  const env: Record<string, unknown> = { memory, host: (k: number) => (kernels[k]!(), 0) };
  for (const name of imports) if (name !== "host") env[name] = ops.get(name)!.scalar;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
  const step = instance.exports["step"] as () => void;
  const start = (view: View): number => places[view.buffer]! / 8 + view.offset;
  const whole = (view: View, length: number): Float64Array => numbers.subarray(start(view), start(view) + length);
  for (const task of hosts) {
    if (task.kind !== "host") ice("a host task of another kind");
    const { node, inputs, target } = task;
    const cell = (own: Node, view: View) => cellOf(own, sizes, whole(view, length(dimsOf(own, sizes))));
    const run: Step = kernelOf(node.op)(cell(node, target!), inputs.map((view, i) => cell(node.inputs[i]!, view)), sizes);
    kernels.push(() => run(current!));
  }
  const fills = [...lowered.given].map(([node, view]) => filler(node, view, numbers, start(view), sizes, varying.includes(node) ? null : constants(node, sizes)));
  const readers = names.map((name, i) => ({ name, node: outputs[i]!, view: lowered.outputs[i]! }));
  return {
    run: (inputs) => {
      current = inputs;
      for (const fill of fills) fill(inputs);
      step();
      return Object.fromEntries(readers.map(({ name, node, view }) => [name, read(node, view, numbers, start(view), sizes)]));
    },
  };
}

const length = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Positions in memory, in the order of the dense array of a node. */
function positions(node: Node, view: View, sizes: Sizes): Int32Array | null {
  const dims = dimsOf(node, sizes);
  const total = length(dims);
  const found = new Int32Array(total);
  let isDense = true;
  for (let i = 0; i < total; i++) {
    let rest = i;
    let at = 0;
    for (let d = dims.length - 1; d >= 0; d--) {
      at += (rest % dims[d]!) * view.dims[d]!.stride;
      rest = Math.floor(rest / dims[d]!);
    }
    found[i] = at;
    if (at !== i) isDense = false;
  }
  return isDense ? null : found;
}

/** Writes a leaf's values, or once those of a known node. */
function filler(node: Node, view: View, numbers: Float64Array, start: number, sizes: Sizes, known: Float64Array | null): Step {
  const places = positions(node, view, sizes);
  const total = length(dimsOf(node, sizes));
  const write = (values: ArrayLike<number>): void => {
    if (places === null) numbers.set(values, start);
    else for (let i = 0; i < total; i++) numbers[start + places[i]!] = values[i]!;
  };
  if (known !== null) {
    write(known);
    return () => {};
  }
  if (node.op.name === "param") {
    const name = textAttr(node.attrs, "name");
    return ({ params }) => write(checked(params[name], total, `parameter ${name}`));
  }
  const cell = cellOf(node, sizes, new Float64Array(total));
  const run = kernelOf(node.op)(cell, [], sizes);
  return (inputs) => {
    run(inputs);
    write(cell.values);
  };
}

function read(node: Node, view: View, numbers: Float64Array, start: number, sizes: Sizes): Tensor {
  const places = positions(node, view, sizes);
  const total = length(dimsOf(node, sizes));
  const values = places === null ? numbers.slice(start, start + total) : Float64Array.from(places, (at) => numbers[start + at]!);
  return { axes: node.axes, shape: node.shape, values };
}
