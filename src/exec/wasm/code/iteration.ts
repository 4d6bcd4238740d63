// Many steps inside a module: between two of them, what is recorded goes to a table, carried outputs become leaves, and the next members come from a
// table. A step is a function of its own, so that the platform can put better code in its place while many are made.

import type { Node } from "../../../ir/node.ts";
import { counted } from "./access.ts";
import type { Carried } from "../task/carry.ts";
import { HEADER } from "./header.ts";
import type { Lanes } from "./lanes.ts";
import { get, int, intAdd, intMul, lane, local, machine, memory, OP, push, set, type Machine } from "./machine.ts";
import { unsigned, type Func } from "./module.ts";
import type { Buffer } from "../program/program.ts";
import type { View } from "../task/task.ts";

export type Between = {
  /** Steps of one call at most. */
  readonly rows: number;
  /** Pairs of buffers of one layout. */
  readonly copied: readonly { readonly from: number; readonly to: number }[];
  readonly recorded: readonly { readonly from: View; readonly table: number }[];
  /** Leaves that have other numbers at every step. */
  readonly renewed: readonly { readonly node: Node; readonly to: number; readonly table: number }[];
};

/** Numbers that tables of members may hold. */
const TABLE = 2 ** 17;
const MOST_ROWS = 1024;

/** The tables are added to the buffers. */
export function betweenSteps(
  recorded: readonly View[],
  renewed: readonly { readonly node: Node; readonly to: number }[],
  carried: readonly Carried[],
  before: readonly Buffer[],
): { readonly between: Between; readonly buffers: readonly Buffer[] } {
  const buffers = [...before];
  const each = renewed.reduce((sum, { to }) => sum + buffers[to]!.length, 0);
  const rows = Math.max(1, Math.min(MOST_ROWS, Math.floor(TABLE / Math.max(each, 1))));
  const table = (name: string, length: number): number => buffers.push({ name, length: rows * length }) - 1;
  const between = {
    rows,
    copied: carried.flatMap(({ from, to }) =>
      to === null || to.buffer === from.buffer ? [] : [{ from: from.buffer, to: to.buffer }],
    ),
    recorded: recorded.map((from) => ({ from, table: table("record", 1) })),
    renewed: renewed.map(({ node, to }) => ({
      node,
      to,
      table: table(`${buffers[to]!.name} by step`, buffers[to]!.length),
    })),
  };
  return { between, buffers };
}

/** Copies of at most so many vectors are written out. */
const UNROLLED = 8;
/** Bytes of a vector. */
const VECTOR = 16;

/** `run(count)`: so many steps. `step`: the index of the function that makes one. */
export function runFunction(
  { copied, recorded, renewed }: Between,
  buffers: readonly Buffer[],
  places: readonly number[],
  lanes: Lanes,
  step: number,
): Func {
  const m = machine(lanes);
  const [count, row] = [local(m, "i32"), local(m, "i32")];
  push(m, [0x03, 0x40]);
  for (const { to, table } of renewed) {
    const { length } = buffers[to]!;
    copy(m, length, { at: places[table]!, row: { counter: row, bytes: length * lanes.bytes } }, places[to]!);
  }
  push(m, [0x10, ...unsigned(step)]);
  for (const { from, table } of recorded) {
    get(m, row);
    int(m, lanes.bytes);
    intMul(m);
    int(m, 0);
    memory(m, lanes.op.loadSplat, places[from.buffer]! + from.offset * lanes.bytes);
    lane(m, lanes.op.storeLane, places[table]!, 0);
  }
  for (const { from, to } of copied) copy(m, buffers[from]!.length, { at: places[from]!, row: null }, places[to]!);
  nextStep(m);
  get(m, row);
  int(m, 1);
  intAdd(m);
  push(m, [0x22, ...unsigned(row)]);
  get(m, count);
  push(m, [0x48, 0x0d, 0, 0x0b]);
  return { name: "run", params: ["i32"], locals: m.locals.slice(1), code: m.code };
}

/** step = step + 1, in the header. */
function nextStep(m: Machine): void {
  int(m, 0);
  int(m, 0);
  push(m, [0x28, 2, ...unsigned(HEADER.step)]);
  int(m, 1);
  intAdd(m);
  push(m, [0x36, 2, ...unsigned(HEADER.step)]);
}

type Source = { readonly at: number; readonly row: { readonly counter: number; readonly bytes: number } | null };

/** Whole vectors: what stands after a buffer's last number belongs to nobody. */
function copy(m: Machine, length: number, { at, row }: Source, to: number): void {
  const vectors = Math.ceil(length / m.lanes.count);
  const counter = vectors > UNROLLED ? local(m, "i32") : null;
  const turn = (offset: number): void => {
    const pushCounter = (): void => (counter === null ? int(m, 0) : get(m, counter));
    pushCounter();
    pushCounter();
    if (row !== null) {
      get(m, row.counter);
      int(m, row.bytes);
      intMul(m);
      intAdd(m);
    }
    memory(m, OP.load, at + offset);
    memory(m, OP.store, to + offset);
  };
  if (counter === null) {
    for (let i = 0; i < vectors; i++) turn(VECTOR * i);
    return;
  }
  int(m, 0);
  set(m, counter);
  counted(m, counter, VECTOR * vectors, VECTOR, () => turn(0));
}
