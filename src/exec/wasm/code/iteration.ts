// Many steps inside a module: between two of them, what is recorded goes to a table, carried outputs become leaves, and the members of the
// next batch are drawn. A step is a function of its own, so that the platform can put better code in its place while many are made.

import { counted } from "./access.ts";
import type { Around } from "./around.ts";
import type { Carried } from "../task/carry.ts";
import { HEADER } from "./header.ts";
import { get, int, intAdd, intMul, lane, local, memory, OP, push, set, type Machine } from "./machine.ts";
import { drawMembers, withTables, type Batch, type DrawnMembers } from "./members.ts";
import { unsigned, type Func } from "./module.ts";
import type { Buffer } from "../program/program.ts";
import type { View } from "../task/task.ts";

export type Between = {
  /** Steps of one call at most. */
  readonly rows: number;
  /** Pairs of buffers of one layout. */
  readonly copied: readonly { readonly from: number; readonly to: number }[];
  readonly recorded: readonly { readonly from: View; readonly table: number }[];
  readonly drawn: readonly DrawnMembers[];
};

const ROWS = 1024;

/** The tables are added to the buffers. */
export function betweenSteps(
  recorded: readonly View[],
  drawn: readonly Batch[],
  carried: readonly Carried[],
  before: readonly Buffer[],
): { readonly between: Between; readonly buffers: readonly Buffer[] } {
  const buffers = [...before];
  const between = {
    rows: ROWS,
    copied: carried.flatMap(({ from, to }) =>
      to === null || to.buffer === from.buffer ? [] : [{ from: from.buffer, to: to.buffer }],
    ),
    recorded: recorded.map((from) => ({ from, table: buffers.push({ name: "record", length: ROWS }) - 1 })),
    drawn: drawn.map((batch) => withTables(batch, buffers)),
  };
  return { between, buffers };
}

/** Copies of at most so many vectors are written out. */
const UNROLLED = 8;
/** Bytes of a vector. */
const VECTOR = 16;

/** `run(count)`: so many steps. `step`: the index of the function that makes one. */
export function runFunction(
  { copied, recorded, drawn }: Between,
  buffers: readonly Buffer[],
  places: readonly number[],
  around: Around,
  step: number,
): Func {
  const { m } = around;
  const { lanes } = m;
  const [count, row] = [local(m, "i32"), local(m, "i32")];
  push(m, [0x03, 0x40]);
  for (const own of drawn) drawMembers(own, places, around);
  push(m, [0x10, ...unsigned(step)]);
  for (const { from, table } of recorded) {
    get(m, row);
    int(m, lanes.bytes);
    intMul(m);
    int(m, 0);
    memory(m, lanes.op.loadSplat, places[from.buffer]! + from.offset * lanes.bytes);
    lane(m, lanes.op.storeLane, places[table]!, 0);
  }
  for (const { from, to } of copied) copy(m, buffers[from]!.length, places[from]!, places[to]!);
  nextStep(m);
  get(m, row);
  int(m, 1);
  intAdd(m);
  push(m, [0x22, ...unsigned(row)]);
  get(m, count);
  push(m, [0x48, 0x0d, 0, 0x0b]);
  return { name: "run", params: ["i32"], locals: m.locals.slice(1), code: m.code, calls: m.calls };
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

/** Whole vectors: what stands after a buffer's last number belongs to nobody. */
function copy(m: Machine, length: number, at: number, to: number): void {
  const vectors = Math.ceil(length / m.lanes.count);
  const counter = vectors > UNROLLED ? local(m, "i32") : null;
  const turn = (offset: number): void => {
    const pushCounter = (): void => (counter === null ? int(m, 0) : get(m, counter));
    pushCounter();
    pushCounter();
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
