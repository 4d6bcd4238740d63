// Graph to tasks, at given sizes: one rule per op. Moves become views or other names of the same loops.

import { ice } from "../../../base/ice.ts";
import { numbersAttr, textAttr } from "../../../ir/attrs.ts";
import type { Node } from "../../../ir/node.ts";
import type { MapOp } from "../../../ir/op.ts";
import type { Frame } from "../../kept.ts";
import { dimsOf } from "../../reference/cell.ts";
import { aligned } from "./aligned.ts";
import { carriedIn, type Carried, type Carry } from "./carry.ts";
import { choleskyOf, logDetOf, solveLowerOf, solveOf, solveUpperOf } from "./dense.ts";
import { drawOf } from "./draw.ts";
import { gatherOf, scatterOf } from "./indexing.ts";
import {
  concatOf,
  expandOf,
  firstOf,
  renameOf,
  reshapeOf,
  sliceOf,
  toAxisOf,
  toEventOf,
  transposeOf,
} from "./moves.ts";
import { noiseOf } from "./noise.ts";
import { live } from "./live.ts";
import { productOf } from "./product.ts";
import type { Buffer, Meet, Noise } from "../program/program.ts";
import { beforeOf, cumsumOf, scanOf } from "./scan.ts";
import type { Dim, Task, Value, View } from "./task.ts";
import {
  allocate,
  fresh,
  given,
  inMemory,
  leafOf,
  loopsOf,
  ownLabels,
  reading,
  task,
  uniqueDims,
  type Rule,
  type State,
} from "./values.ts";

export type Tasks = {
  readonly tasks: readonly Task[];
  readonly buffers: readonly Buffer[];
  /** Leaves that the run fills, and nodes that are known before. */
  readonly given: ReadonlyMap<Node, View>;
  readonly noises: readonly Noise[];
  /** Where the outputs are after a run. */
  readonly outputs: readonly View[];
  readonly carried: readonly Carried[];
};

/** Gives a task whose result is read elsewhere a place in memory. */
export function storeTask(task: Task, { buffers }: Tasks): void {
  task.target ??= allocate("value", uniqueDims(task, []), "largest inside", buffers as Buffer[]);
}

/** `order`: the nodes that vary, inputs first; `known`: what they read of data alone. Every output lies in memory. */
export function tasksOf(
  order: readonly Node[],
  known: readonly Node[],
  outputs: readonly Node[],
  { sizes, fullSizes, batched, supplied }: Omit<Frame, "outputs" | "iteration">,
  carries: readonly Carry[],
): Tasks {
  const state: State = {
    sizes,
    fullSizes,
    batched,
    supplied,
    buffers: [],
    tasks: [],
    values: new Map(),
    given: new Map(),
    noises: [],
    labels: { next: 0 },
    trajectories: new Map(),
  };
  evaluate(order, known, state);
  const views = outputs.map((node) => inMemory(state.values.get(node)!, state));
  const carried = carriedIn(carries, state);
  const { tasks, buffers, given, noises } = state;
  const wanted = live(tasks, [...views, ...carried.map(({ from }) => from)]);
  return { tasks: wanted, buffers, given, noises, outputs: views, carried };
}

function evaluate(varying: readonly Node[], known: readonly Node[], state: State): void {
  for (const node of known) state.values.set(node, numberIn(node) ?? state.given.get(node) ?? given(node, state));
  for (const node of varying) if (!state.values.has(node)) state.values.set(node, valueOf(node, state));
}

function numberIn(node: Node): Value | null {
  if (node.op.name !== "constant" || node.shape.length > 0) return null;
  return { kind: "number", value: numbersAttr(node.attrs, "values")[0]!, dims: [] };
}

function valueOf(node: Node, state: State): Value {
  const inputs = node.inputs.map((input) => state.values.get(input)!);
  if (node.op.kind === "map") return mapOf(node, node.op, inputs, state);
  const rule = RULES[node.op.name];
  return rule === undefined ? ice(`the wasm engine has no code for the op ${node.op.name}`) : rule(node, inputs, state);
}

function mapOf(node: Node, op: MapOp, inputs: readonly Value[], state: State): Value {
  const sizes = dimsOf(node, state.sizes);
  const operands = inputs.map((value, i) => ({ node: node.inputs[i]!, value }));
  const { labels, along } = aligned(node, operands, state);
  const reads = inputs.map((value, i) => reading(value, along[i]!, state));
  const made = task(state, { kind: "map", op, reads, space: loopsOf(labels, sizes) });
  return { kind: "inline", task: made, dims: sizes.map((size, i) => ({ size, label: labels[i]! })) };
}

const MEETS: Readonly<Record<string, Meet>> = {
  sum: "sum",
  prod: "prod",
  max: "max",
  min: "min",
  sumAxis: "sum",
  maxAxis: "max",
};

const foldOf: Rule = (node, [value], state) => {
  const input = node.inputs[0]!;
  const gone =
    node.op.kind === "axis"
      ? [input.axes.indexOf(textAttr(node.attrs, "axis"))]
      : numbersAttr(node.attrs, "dims").map((d) => input.axes.length + d);
  const meet = MEETS[node.op.name]!;
  // Constant along a folded dim: its size counts.
  const repeated =
    meet === "sum" || meet === "prod"
      ? gone.filter((i) => value!.dims[i]!.label === null && value!.dims[i]!.size > 1)
      : [];
  const own = ownLabels(value!, state);
  const labels = own.map((label, i) => (repeated.includes(i) ? fresh(state) : label));
  const reduced = gone.flatMap((i) => labels[i] ?? []);
  const sizes = value!.dims.map(({ size }) => size);
  const dims = value!.dims.map(({ size }, i): Dim => ({ size, label: own[i]! })).filter((_, i) => !gone.includes(i));
  const space = loopsOf(labels, sizes);
  const product = meet === "sum" ? productOf(value!, space, reduced, dims, state) : null;
  if (product !== null) return product;
  const made = task(state, { kind: "fold", meet, reads: [reading(value!, own, state)], space, reduced });
  return { kind: "inline", task: made, dims };
};

const RULES: Readonly<Record<string, Rule>> = {
  param: (node, _, state) => given(node, state),
  noise: noiseOf,
  drawGamma: drawOf,
  drawVonMises: drawOf,
  drawPoisson: drawOf,
  drawBinomial: drawOf,
  iota: (node, _, state) => leafOf(node, state),
  sum: foldOf,
  prod: foldOf,
  max: foldOf,
  min: foldOf,
  sumAxis: foldOf,
  maxAxis: foldOf,
  expand: expandOf,
  transpose: transposeOf,
  slice: sliceOf,
  reshape: reshapeOf,
  concat: concatOf,
  through: firstOf,
  grown: firstOf,
  mark: firstOf,
  rename: renameOf,
  toAxis: toAxisOf,
  toEvent: toEventOf,
  gather: gatherOf,
  scatter: scatterOf,
  scan: scanOf(evaluate),
  before: beforeOf(evaluate),
  cumsum: cumsumOf,
  cholesky: choleskyOf,
  solveLower: solveLowerOf,
  solveUpper: solveUpperOf,
  solve: solveOf,
  logDet: logDetOf,
};
