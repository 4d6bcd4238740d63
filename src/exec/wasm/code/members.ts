// The members of a batched axis at a step: the first entries of a shuffle of all of them (`subsets`, src/exec/random.ts), which is undone so that the next step
// finds them in order.

import { NOISE_BLOCK, type Buffer } from "../program/program.ts";
import { counted } from "./access.ts";
import type { Around } from "./around.ts";
import { F64 } from "./lanes.ts";
import { beside, callShared, get, int, intAdd, intMul, local, push, set, tee, type Machine } from "./machine.ts";
import { noise } from "./math/noise.ts";
import { unsigned, type Func } from "./module.ts";

/** `count`: how many members there are in all; `to`: the buffer of those that a step sees; `site`: the key of the shuffle. */
export type Batch = { readonly site: string; readonly count: number; readonly to: number };

/** With what is worked on: a table of all members in order, whole numbers; with whom each of the step's members changes places; and uniform numbers. */
export type DrawnMembers = Batch & {
  readonly size: number;
  readonly table: number;
  readonly partners: number;
  readonly uniform: number;
};

/** Numbers of buffers are of 4 bytes at least. */
export function withTables(batch: Batch, buffers: Buffer[]): DrawnMembers {
  const { length: size } = buffers[batch.to]!;
  const buffer = (name: string, length: number): number => buffers.push({ name, length }) - 1;
  return {
    ...batch,
    size,
    table: buffer(`all of ${batch.site}`, batch.count),
    partners: buffer(`shuffle of ${batch.site}`, size),
    uniform: buffer(`noise ${batch.site}`, (F64.bytes / WORD) * NOISE_BLOCK * Math.ceil(size / NOISE_BLOCK)),
  };
}

const WORD = 4;
const INT = { load: 0x28, store: 0x36, sub: 0x6b } as const;
const FLOAT = { load: 0x2b, mul: 0xa2, toInt: 0xab, fromInt: 0xb8 } as const;
/** A whole number as one of the module's numbers, and its place in memory. */
const OWN = {
  f64: { fromInt: 0xb8, store: 0x39 },
  f32: { fromInt: 0xb3, store: 0x38 },
} as const;

/** Calls the function that does it. */
export function drawMembers(own: DrawnMembers, places: readonly number[], around: Around): void {
  callShared(around.m, `members of ${own.site}`, () => membersFunction(own, places, around));
}

function membersFunction(own: DrawnMembers, places: readonly number[], around: Around): Func {
  const { lanes } = around.m;
  const m: Machine = { ...beside(around.m), lanes: F64 };
  const { site, size, count, uniform } = own;
  const dims = [{ count: size, stride: 1, members: null }];
  noise([{ kind: "uniform", site, buffer: uniform, dims, words: null }], { ...around, m });
  const [i, partner] = [local(m, "i32"), local(m, "i32")];
  const at = (id: number, bytes: number): void => {
    get(m, id);
    int(m, bytes);
    intMul(m);
  };
  const access = (op: number, buffer: number): void => push(m, [op, 0, ...unsigned(places[buffer]!)]);
  const exchange = (): void => {
    at(i, WORD);
    at(partner, WORD);
    access(INT.load, own.table);
    at(partner, WORD);
    at(i, WORD);
    access(INT.load, own.table);
    access(INT.store, own.table);
    access(INT.store, own.table);
  };
  int(m, 0);
  set(m, i);
  counted(m, i, size, 1, () => {
    at(i, WORD);
    get(m, i);
    at(i, F64.bytes);
    access(FLOAT.load, uniform);
    int(m, count);
    get(m, i);
    push(m, [INT.sub, FLOAT.fromInt, FLOAT.mul, FLOAT.toInt]);
    intAdd(m);
    tee(m, partner);
    access(INT.store, own.partners);
    exchange();
    at(i, lanes.bytes);
    at(i, WORD);
    access(INT.load, own.table);
    push(m, [OWN[lanes.name].fromInt]);
    access(OWN[lanes.name].store, own.to);
  });
  int(m, size);
  set(m, i);
  counted(m, local(m, "i32"), size, 1, () => {
    get(m, i);
    int(m, -1);
    intAdd(m);
    set(m, i);
    at(i, WORD);
    access(INT.load, own.partners);
    set(m, partner);
    exchange();
  });
  return { name: `members of ${site}`, params: [], locals: m.locals, code: m.code, calls: m.calls };
}
