// A lowered graph as something that runs: module and memory are made, what is known is written once, and every run fills the leaves, calls the module
// and reads the outputs.

import { textAttr } from "../../ir/attrs.ts";
import type { Node } from "../../ir/node.ts";
import type { MapOp } from "../../ir/op.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { ConstantCache } from "../data-only.ts";
import type { Executable, Inputs, Tensor } from "../engine.ts";
import { cellOf, dimsOf, type Sizes, type Step } from "../reference/cell.ts";
import { kernelOf } from "../reference/kernels.ts";
import { checked } from "../reference/leaf.ts";
import { emit } from "./emit.ts";
import { F64 } from "./lanes.ts";
import type { Lowered } from "./lower.ts";
import { instantiate, newMemory } from "./platform.ts";
import type { Host, View } from "./task.ts";

type Output = { readonly name: string; readonly node: Node };

/** The numbers of a node in memory. `places`: where each is, in the order of the node's dense array; null where that is their order from `start`. */
type Spot = {
  readonly node: Node;
  readonly numbers: Float64Array;
  readonly start: number;
  readonly total: number;
  readonly places: Int32Array | null;
};

/** `named`: the outputs, in the order of those that were lowered. */
export function executable(
  named: readonly Output[],
  lowered: Lowered,
  sizes: Sizes,
  constants: ConstantCache,
): Executable {
  const { given, outputs, varying } = lowered;
  const { numbers, places, step, follow } = moduleOf(lowered, sizes);
  const spot = (node: Node, view: View): Spot => spotOf(node, view, numbers, places[view.buffer]!, sizes);
  const fills = [...given].flatMap(([node, view]) => {
    if (varying.has(node)) return [filler(spot(node, view), sizes)];
    write(spot(node, view), constants(node, sizes));
    return [];
  });
  const readers = named.map(({ name, node }, i) => ({ name, from: spot(node, outputs[i]!) }));
  return {
    run: (inputs) => {
      follow(inputs);
      for (const fill of fills) fill(inputs);
      step();
      return Object.fromEntries(readers.map(({ name, from }) => [name, read(from)]));
    },
  };
}

type Module = {
  readonly numbers: Float64Array;
  /** Where each buffer begins, in numbers. */
  readonly places: readonly number[];
  readonly step: () => void;
  /** Kernels of the host read seed and step from here. */
  readonly follow: (inputs: Inputs) => void;
};

function moduleOf({ program, hosts }: Lowered, sizes: Sizes): Module {
  const ops = new Map<string, MapOp>();
  const { bytes, places: inBytes, pages, imports } = emit(program, F64, ops);
  const places = inBytes.map((at) => at / Float64Array.BYTES_PER_ELEMENT);
  const memory = newMemory(pages);
  const numbers = new Float64Array(memory.buffer);
  const kernels = hosts.map((host) => hostKernel(host, numbers, places, sizes));
  let current: Inputs | null = null;
  const host = (k: number): number => {
    kernels[k]!(current as Inputs);
    return 0;
  };
  const scalars = imports.filter((name) => name !== "host").map((name) => [name, ops.get(name)!.scalar]);
  const step = instantiate(bytes, { memory, host, ...Object.fromEntries(scalars) })["step"] as () => void;
  return { numbers, places, step, follow: (inputs) => void (current = inputs) };
}

/** The reference kernel of an op on the module's own memory. */
function hostKernel(
  { node, inputs, target }: Host,
  numbers: Float64Array,
  places: readonly number[],
  sizes: Sizes,
): Step {
  const cell = (own: Node, { buffer, offset }: View) => {
    const start = places[buffer]! + offset;
    return cellOf(own, sizes, numbers.subarray(start, start + sizeOf(dimsOf(own, sizes))));
  };
  return kernelOf(node.op)(
    cell(node, target!),
    inputs.map((view, i) => cell(node.inputs[i]!, view)),
    sizes,
  );
}

// ---------------------------------------------------------------------------------------- memory

function spotOf(node: Node, view: View, numbers: Float64Array, buffer: number, sizes: Sizes): Spot {
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

function write({ numbers, start, total, places }: Spot, values: Float64Array): void {
  if (places === null) numbers.set(values, start);
  else for (let i = 0; i < total; i++) numbers[start + places[i]!] = values[i]!;
}

function read({ node: { axes, shape }, numbers, start, total, places }: Spot): Tensor {
  if (places === null) return { axes, shape, values: numbers.slice(start, start + total) };
  const values = new Float64Array(total);
  for (let i = 0; i < total; i++) values[i] = numbers[start + places[i]!]!;
  return { axes, shape, values };
}

/** Writes a leaf's values at every run. */
function filler(spot: Spot, sizes: Sizes): Step {
  const { node, total } = spot;
  if (node.op.name === "param") {
    const name = textAttr(node.attrs, "name");
    return ({ params }) => write(spot, checked(params[name], total, `parameter ${name}`));
  }
  const cell = cellOf(node, sizes, new Float64Array(total));
  const run = kernelOf(node.op)(cell, [], sizes);
  return (inputs) => {
    run(inputs);
    write(spot, cell.values);
  };
}
