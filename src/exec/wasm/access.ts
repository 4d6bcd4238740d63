// Reading and writing elements of memory from code that runs on two lanes.

import { ice } from "../../base/ice.ts";
import type { LaneOp } from "./lanes.ts";
import {
  extractLane,
  get,
  int,
  intAdd,
  intMul,
  kept,
  lane,
  local,
  memory,
  number,
  OP,
  push,
  set,
  simd,
  swapLanes,
  tee,
  type Machine,
} from "./machine.ts";
import { unsigned } from "./module.ts";
import type { At, Buffer, Label, Meet } from "./program.ts";

/** The first bytes of memory take what falls outside every buffer. */
const DUMMY = 0;

/** What the code around a statement has made known. */
export type Around = {
  readonly m: Machine;
  readonly places: readonly number[];
  readonly buffers: readonly Buffer[];
  /** Locals of ids. */
  readonly ids: Map<number, number>;
  /** Locals of the positions of loops. */
  readonly counters: ReadonlyMap<Label, number>;
  /** Locals of the addresses that are known here, by their strides. */
  readonly addresses: Map<string, number>;
  /** The loop that is lanes, and how many of them count: null outside of loops. */
  readonly vector: { readonly label: Label; readonly full: boolean } | null;
};

export const idOf = (id: number, { ids }: Around): number => ids.get(id) ?? ice(`no value ${id}`);

/** Runs `body` while the counter is below `end`, in steps. */
export function counted(m: Machine, counter: number, end: number, step: number, body: () => void): void {
  if (end <= 0) return;
  push(m, [0x03, 0x40]);
  body();
  get(m, counter);
  int(m, step);
  intAdd(m);
  tee(m, counter);
  int(m, end);
  push(m, [0x48, 0x0d, ...unsigned(0), 0x0b]);
}

/** The address of an element of the first lane, without what stands in the instruction. */
function address({ strides }: At, { m, counters, addresses }: Around): void {
  const parts = Object.entries(strides);
  if (parts.length === 0) return int(m, 0);
  const key = parts
    .map(([label, stride]) => `${label} ${stride}`)
    .sort()
    .join();
  const known = addresses.get(key);
  if (known !== undefined) return get(m, known);
  parts.forEach(([label, stride], i) => {
    get(m, counters.get(label) ?? ice(`no loop over ${label}`));
    int(m, stride * m.lanes.bytes);
    intMul(m);
    if (i > 0) intAdd(m);
  });
  const own = local(m, "i32");
  addresses.set(key, own);
  tee(m, own);
}

const base = ({ buffer, offset }: At, { m, places }: Around): number => places[buffer]! + offset * m.lanes.bytes;

/** Bytes between the elements of two lanes. */
const apart = ({ strides }: At, { m, vector }: Around): number =>
  vector === null ? 0 : (strides[vector.label] ?? 0) * m.lanes.bytes;

export function load(at: At, around: Around): void {
  const { m } = around;
  if (at.by !== null) return loadByIndex(at, at.by, around);
  const step = apart(at, around);
  address(at, around);
  if (step === 0) return memory(m, m.lanes.op.loadSplat, base(at, around));
  if (step === m.lanes.bytes) return memory(m, OP.load, base(at, around));
  const own = local(m, "i32");
  tee(m, own);
  memory(m, m.lanes.op.loadZero, base(at, around));
  const first = kept(m);
  get(m, own);
  get(m, first);
  lane(m, m.lanes.op.loadLane, base(at, around) + (around.vector?.full === true ? step : 0), 1);
}

type By = NonNullable<At["by"]>;

/** Mask of the indices that name an element. */
function named({ index, count }: By, around: Around): number {
  const { m } = around;
  const id = idOf(index, around);
  get(m, id);
  number(m, 0);
  simd(m, m.lanes.op.ge);
  get(m, id);
  number(m, count);
  simd(m, m.lanes.op.lt);
  simd(m, OP.and);
  get(m, id);
  simd(m, m.lanes.op.floor);
  get(m, id);
  simd(m, m.lanes.op.eq);
  simd(m, OP.and);
  return kept(m);
}

/** The address of the element that lane k names; the first element for an index that names none. */
function addressByIndex(at: At, { index, stride }: By, valid: number, k: number, around: Around): void {
  const { m } = around;
  address(at, around);
  get(m, idOf(index, around));
  get(m, valid);
  simd(m, OP.and);
  simd(m, m.lanes.op.toInt);
  extractLane(m, OP.extractInt, k);
  int(m, stride * m.lanes.bytes);
  intMul(m);
  intAdd(m);
  if (k > 0) {
    int(m, k * apart(at, around));
    intAdd(m);
  }
}

function loadByIndex(at: At, by: By, around: Around): void {
  const { m } = around;
  const valid = named(by, around);
  addressByIndex(at, by, valid, 0, around);
  memory(m, m.lanes.op.loadSplat, base(at, around));
  if (around.vector?.full === true) {
    const first = kept(m);
    addressByIndex(at, by, valid, 1, around);
    get(m, first);
    lane(m, m.lanes.op.loadLane, base(at, around), 1);
  }
  number(m, NaN);
  get(m, valid);
  simd(m, OP.bitselect);
}

export function store(at: At, value: number, around: Around): void {
  const { m } = around;
  const step = apart(at, around);
  const isFull = around.vector?.full === true;
  for (let k = 0; k < (isFull && step !== m.lanes.bytes && step !== 0 ? m.lanes.count : 1); k++) {
    address(at, around);
    get(m, value);
    if (isFull && step === m.lanes.bytes) memory(m, OP.store, base(at, around));
    else lane(m, m.lanes.op.storeLane, base(at, around) + k * step, k);
  }
}

export const MEETING: Readonly<Record<Meet, LaneOp>> = { sum: "add", prod: "mul", max: "max", min: "min" };

/** Takes up a value in an element: lanes that share one meet first. */
export function meet(at: At, value: number, how: Meet, around: Around): void {
  const { m } = around;
  const isFull = around.vector?.full === true;
  const step = apart(at, around);
  const takeUp = (k: number, own: number, addressOf: () => void, offset: number): void => {
    addressOf();
    addressOf();
    memory(m, m.lanes.op.loadSplat, offset);
    get(m, own);
    simd(m, m.lanes.op[MEETING[how]]);
    lane(m, m.lanes.op.storeLane, offset, k);
  };
  const { by } = at;
  if (by !== null) {
    const valid = named(by, around);
    for (let k = 0; k < (isFull ? m.lanes.count : 1); k++) {
      addressByIndex(at, by, valid, k, around);
      int(m, base(at, around));
      intAdd(m);
      int(m, DUMMY);
      get(m, valid);
      extractLane(m, OP.extractInt, 2 * k);
      push(m, [0x1b]);
      const own = local(m, "i32");
      set(m, own);
      takeUp(k, value, () => get(m, own), 0);
    }
    return;
  }
  if (isFull && step === 0) {
    const whole = acrossLanes(value, how, m);
    return takeUp(0, whole, () => address(at, around), base(at, around));
  }
  for (let k = 0; k < (isFull ? m.lanes.count : 1); k++)
    takeUp(k, value, () => address(at, around), base(at, around) + k * step);
}

/** Both lanes met, in both lanes. */
export function acrossLanes(value: number, how: Meet, m: Machine): number {
  get(m, value);
  swapLanes(m, value);
  simd(m, m.lanes.op[MEETING[how]]);
  return kept(m);
}

export function fill(buffer: number, value: number, { m, places, buffers }: Around): void {
  const at = local(m, "i32");
  int(m, 0);
  set(m, at);
  counted(m, at, buffers[buffer]!.length, m.lanes.count, () => {
    get(m, at);
    int(m, m.lanes.bytes);
    intMul(m);
    number(m, value);
    memory(m, OP.store, places[buffer]!);
  });
}
