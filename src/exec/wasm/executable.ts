// A lowered graph as something that runs: module and memory are made, what is known is written once, and every run fills the leaves, calls the module
// and reads the outputs.

import { textAttr } from "../../ir/attrs.ts";
import { diagnose, VariateError } from "../../base/diagnostic.ts";
import { amount } from "../../base/bytes.ts";
import type { Node } from "../../ir/node.ts";
import type { MapOp } from "../../ir/op.ts";
import type { ConstantCache } from "../data-only.ts";
import type { Inputs, Iterated, IterationInputs, Tensor } from "../engine.ts";
import { cellOf, type Sizes, type Step } from "../reference/cell.ts";
import { kernelOf } from "../reference/kernels.ts";
import { checked } from "../reference/leaf.ts";
import { emit } from "./code/emit.ts";
import { HEADER } from "./code/header.ts";
import { everyStmt } from "./program/statements.ts";
import type { Between } from "./code/iteration.ts";
import { LANES, type Precision } from "./code/lanes.ts";
import type { Lowered } from "./lower.ts";
import { memoryOf, type Memory } from "./program/memory.ts";
import { instantiate, newMemory } from "./platform.ts";
import type { Program } from "./program/program.ts";
import { read, spotOf, write, writeKnown, type Numbers, type Spot } from "./spot.ts";
import type { View } from "./task/task.ts";
import type { Team } from "./threads.ts";
import { withTeam, type Caller } from "./trial.ts";

/** `memory`: bytes that a module may have; `team`: threads that may share its work. */
export type Platform = { readonly precision: Precision; readonly memory: number; readonly team: Team | null };

type Output = { readonly name: string; readonly node: Node };

/** A module on its memory. */
export type Evaluator = {
  readonly run: (inputs: Inputs) => Record<string, Tensor>;
  /** Of a module that was lowered for many steps. */
  readonly iterate: (inputs: IterationInputs, steps: number) => Iterated;
};

/** `named`: the outputs, in the order of those that were lowered; `records`: the names of what is recorded, in the same way. */
export function executable(
  named: readonly Output[],
  lowered: Lowered,
  records: readonly string[],
  sizes: Sizes,
  constants: ConstantCache,
  platform: Platform,
): Evaluator {
  const { given, outputs, varying } = lowered;
  const known = [...given].filter(([node]) => !varying.has(node));
  const whole = new Map(known.flatMap(([node, { buffer }]) => wholeBelow(buffer, constants(node, sizes))));
  const module = moduleOf(lowered, sizes, platform, whole);
  const { numbers, places, step, follow } = module;
  const spot = (node: Node, view: View): Spot => spotOf(node, view, numbers, places[view.buffer]!, sizes);
  const fills = [...given].flatMap(([node, view]) => {
    if (varying.has(node)) return [filler(spot(node, view), sizes)];
    writeKnown(spot(node, view), constants(node, sizes));
    return [];
  });
  const fillAll = (inputs: Inputs): void => {
    follow(inputs);
    for (const fill of fills) fill(inputs);
  };
  const readers = named.map(({ name, node }, i) => ({ name, from: spot(node, outputs[i]!) }));
  const carried = lowered.carried.map(({ leaf, output, from }) => ({ leaf, from: spot(output, from) }));
  return {
    run: (inputs) => {
      fillAll(inputs);
      step();
      return Object.fromEntries(readers.map(({ name, from }) => [name, read(from)]));
    },
    iterate: (inputs, steps) => {
      fillAll(inputs);
      return {
        records: manySteps(module, lowered.between!, records, steps),
        params: Object.fromEntries(carried.map(({ leaf, from }) => [leaf, read(from).values])),
      };
    },
  };
}

/** Calls of as many steps as the tables hold; gives what was recorded. */
function manySteps(
  { numbers, places, run }: Module,
  { rows, recorded }: Between,
  names: readonly string[],
  steps: number,
): Record<string, Float64Array> {
  const records = names.map(() => new Float64Array(steps));
  for (let done = 0; done < steps; done += rows) {
    const count = Math.min(rows, steps - done);
    run(count);
    recorded.forEach(({ table }, i) => {
      const start = places[table]!;
      records[i]!.set(numbers.subarray(start, start + count), done);
    });
  }
  return Object.fromEntries(names.map((name, i) => [name, records[i]!]));
}

/** A buffer of whole numbers from 0, with the smallest number above them. */
function wholeBelow(buffer: number, values: Float64Array): readonly (readonly [number, number])[] {
  let above = 0;
  for (const value of values) {
    if (!Number.isInteger(value) || value < 0) return [];
    above = Math.max(above, value + 1);
  }
  return [[buffer, above]];
}

type Module = {
  readonly numbers: Numbers;
  /** Where each buffer begins, in numbers. */
  readonly places: readonly number[];
  readonly step: () => void;
  /** So many steps; only where there is a `between`. */
  readonly run: (steps: number) => void;
  /** Tells the module what a run is keyed by. */
  readonly follow: (inputs: Inputs) => void;
};

function moduleOf(
  lowered: Lowered,
  sizes: Sizes,
  { precision, memory: limit, team }: Platform,
  whole: ReadonlyMap<number, number>,
): Module {
  const { program, between } = lowered;
  const ops = new Map<string, MapOp>();
  const lanes = LANES[precision];
  if (precision === "f32") checkIndices(program);
  const planned = withinLimit(memoryOf(lowered, lanes), limit);
  const { bytes, pages, imports } = emit(program, planned, lanes, whole, ops, between, team !== null);
  const places = planned.places.map((at) => at / lanes.bytes);
  const memory = newMemory(pages);
  const numbers: Numbers = precision === "f64" ? new Float64Array(memory.buffer) : new Float32Array(memory.buffer);
  for (const { table, count } of between?.drawn ?? [])
    new Uint32Array(memory.buffer, planned.places[table]!, count).forEach((_, i, all) => (all[i] = i));
  const header = new Uint32Array(memory.buffer, 0, HEADER.end / Uint32Array.BYTES_PER_ELEMENT);
  const scalars = imports.map((name) => [name, ops.get(name)!.scalar]);
  const { module, exports } = instantiate(bytes, { memory, ...Object.fromEntries(scalars) });
  const byTeam: Caller = team !== null && pages.isShared ? withTeam(team, { module, memory }) : (call) => call();
  const step = exports["step"] as () => void;
  const run = exports["run"] as (steps: number) => void;
  return {
    numbers,
    places,
    follow: (inputs) => writeRun(header, inputs),
    step: () => byTeam(step, 1),
    run: (steps) => byTeam(() => run(steps), steps),
  };
}

/** Whole numbers that float32 tells apart. */
const COUNTED = 2 ** 24;

/** Throws `VariateError` where float32 cannot number the elements that an index names. */
function checkIndices({ body }: Program): void {
  for (const stmt of everyStmt(body)) {
    const count = "at" in stmt ? (stmt.at.by?.count ?? 0) : 0;
    if (count <= COUNTED) continue;
    const reason = `an index runs over ${count} elements, and float32 tells whole numbers apart up to ${COUNTED}`;
    const option = "`--precision f32`";
    throw new VariateError([diagnose("PPL511", { kind: "run" }, { option, reason }, { hint: "take --precision f64" })]);
  }
}

/** The plan. Throws `VariateError` where it is larger than it may be. */
function withinLimit(planned: Memory, limit: number): Memory {
  const { bytes, largest } = planned;
  if (bytes.total <= limit) return planned;
  const named = largest.map(({ name, bytes: own }) => `${name} (${amount(own)})`).join(", ");
  const facts = { needed: amount(bytes.total), limit: amount(limit), largest: named };
  const hint =
    "take fewer draws per step (--particles), a part of a plate (--batch N=256), or raise the limit: --memory 4GB";
  throw new VariateError([diagnose("PPL712", { kind: "run" }, facts, { hint })]);
}

/** The key of all randomness of a run, where the module reads it. */
function writeRun(header: Uint32Array, { seed, step }: Inputs): void {
  header[HEADER.seedLow / 4] = seed >>> 0;
  header[HEADER.seedHigh / 4] = Math.floor(seed / 2 ** 32) >>> 0;
  header[HEADER.step / 4] = step >>> 0;
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
    writeKnown(spot, cell.values);
  };
}
