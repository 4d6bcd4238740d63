// Reading and writing elements of memory from code that runs on lanes: one number for all of them, consecutive numbers, or each lane for itself.

import { activeLanes, addressOf, idOf, inOwnScratch, isFull, type Around } from "./around.ts";
import { HEADER } from "./header.ts";
import type { LaneOp } from "./lanes.ts";
import {
  extractLane,
  firstLanes,
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
  rotated,
  set,
  simd,
  tee,
  type Machine,
} from "./machine.ts";
import { words } from "./math/expression.ts";
import { unsigned } from "./module.ts";
import { IDENTITY, type At, type Meet } from "../program/program.ts";

const SELECT = 0x1b;

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

const push32 = (m: Machine, address: number | null): void => (address === null ? int(m, 0) : get(m, address));

/** Bytes to the element of the first lane, without what the loops' positions add. */
const base = (at: At, around: Around): number =>
  around.places[at.buffer]! + at.offset * around.m.lanes.bytes + (around.vector?.ahead ?? 0) * apart(at, around);

/** Bytes between the elements of two lanes. */
export const apart = ({ strides }: At, { m, vector }: Around): number =>
  vector === null ? 0 : (strides[vector.label] ?? 0) * m.lanes.bytes;

export function load(at: At, around: Around): void {
  const { m } = around;
  if (at.by !== null) return loadByIndex(at, at.by, around);
  const own = around.own.get(at.buffer);
  if (own !== undefined) return memory(m, OP.load, pushLanewise(at, own, around));
  const step = apart(at, around);
  const address = addressOf(at, around);
  push32(m, address);
  if (step === 0) return memory(m, m.lanes.op.loadSplat, base(at, around));
  if (step === m.lanes.bytes) return memory(m, OP.load, base(at, around));
  memory(m, m.lanes.op.loadSplat, base(at, around));
  for (let k = 1; k < activeLanes(around); k++) insert(k, address, base(at, around) + k * step, m);
}

/** Lane k of the vector on the stack from memory. */
function insert(k: number, address: number | null, offset: number, m: Machine): void {
  const before = kept(m);
  push32(m, address);
  get(m, before);
  lane(m, m.lanes.op.loadLane, offset, k);
}

// ---------------------------------------------------------------------------------------- indices

type By = NonNullable<At["by"]>;

/** Makes addresses of a value that is an index. */
export function defineIndex(by: By, around: Around): void {
  const { m, below, vector } = around;
  const id = idOf(by.index, around);
  const isSure = (below.get(by.index) ?? Infinity) <= by.count;
  const valid = isSure ? null : naming(id, by.count, m);
  get(m, id);
  if (valid !== null) {
    get(m, valid);
    simd(m, OP.and);
  }
  const wordOf = wholeWords(by.count, m);
  const whole = kept(m);
  const bytes = Array.from({ length: vector === null ? 1 : vector.active }, (_, k) => {
    get(m, whole);
    extractLane(m, OP.extractInt, wordOf(k));
    int(m, by.stride * m.lanes.bytes);
    intMul(m);
    const own = local(m, "i32");
    set(m, own);
    return own;
  });
  around.indices.set(keyOf(by), { valid, bytes });
}

/** Whole numbers from 0 become words: added to 2^52 (2^23 in float32) they are its last bits. The instruction that converts takes five of the processor.
 *  Gives the word of lane k. */
function wholeWords(count: number, m: Machine): (k: number) => number {
  const isDouble = m.lanes.name === "f64";
  if (!isDouble && count > 2 ** 23) {
    simd(m, m.lanes.op.toInt);
    return (k) => k;
  }
  number(m, isDouble ? 2 ** 52 : 2 ** 23);
  simd(m, m.lanes.op.add);
  if (isDouble) return (k) => 2 * k;
  words([0, 1, 2, 3].map(() => 2 ** 23 - 1))(m);
  simd(m, OP.and);
  return (k) => k;
}

export const keyOf = ({ index, stride, count }: By): string => `${index} ${stride} ${count}`;

/** Mask of the indices that name one of so many elements. */
function naming(id: number, count: number, m: Machine): number {
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
function addressByIndex(at: At, bytes: readonly number[], k: number, around: Around): void {
  const { m } = around;
  const address = addressOf(at, around);
  get(m, bytes[bytes.length === 1 ? 0 : k]!);
  if (address === null) return;
  get(m, address);
  intAdd(m);
}

const indexOf = (by: By, around: Around) => {
  if (!around.indices.has(keyOf(by))) defineIndex(by, around);
  return around.indices.get(keyOf(by))!;
};

function loadByIndex(at: At, by: By, around: Around): void {
  const { m } = around;
  const { valid, bytes } = indexOf(by, around);
  const step = apart(at, around);
  addressByIndex(at, bytes, 0, around);
  memory(m, m.lanes.op.loadSplat, base(at, around));
  const lanes = bytes.length > 1 || step > 0 ? activeLanes(around) : 1;
  for (let k = 1; k < lanes; k++) {
    const before = kept(m);
    addressByIndex(at, bytes, k, around);
    get(m, before);
    lane(m, m.lanes.op.loadLane, base(at, around) + k * step, k);
  }
  if (valid === null) return;
  number(m, NaN);
  get(m, valid);
  simd(m, OP.bitselect);
}

// ---------------------------------------------------------------------------------------- writing

export function store(at: At, value: number, around: Around): void {
  const { m } = around;
  const own = around.own.get(at.buffer);
  if (own !== undefined) {
    const offset = pushLanewise(at, own, around);
    get(m, value);
    return memory(m, OP.store, offset);
  }
  const step = apart(at, around);
  const address = addressOf(at, around);
  if (isFull(around) && step === m.lanes.bytes) {
    push32(m, address);
    get(m, value);
    return memory(m, OP.store, base(at, around));
  }
  for (let k = 0; k < (step === 0 ? 1 : activeLanes(around)); k++) {
    push32(m, address);
    get(m, value);
    lane(m, m.lanes.op.storeLane, base(at, around) + k * step, k);
  }
}

export const MEETING: Readonly<Record<Meet, LaneOp>> = { sum: "add", prod: "mul", max: "max", min: "min" };

/** Takes up a value in an element: lanes that share one meet first. */
export function meet(at: At, value: number, how: Meet, around: Around): void {
  const { m, gathered } = around;
  if (at.by !== null) return meetByIndex(at, at.by, value, how, around);
  const step = apart(at, around);
  if (gathered.has(at.buffer)) return gather(at, gathered.get(at.buffer)!, counting(value, how, around), how, around);
  const address = addressOf(at, around);
  const here = (): void => push32(m, address);
  if (step === m.lanes.bytes && isFull(around)) {
    here();
    here();
    memory(m, OP.load, base(at, around));
    get(m, value);
    simd(m, m.lanes.op[MEETING[how]]);
    return memory(m, OP.store, base(at, around));
  }
  if (step === 0 && around.vector !== null)
    return takeUp(here, base(at, around), 0, acrossLanes(counting(value, how, around), how, m), how, m);
  for (let k = 0; k < activeLanes(around); k++) takeUp(here, base(at, around) + k * step, k, value, how, m);
}

/** Every lane takes up its own. */
function gather(at: At, place: number, value: number, how: Meet, around: Around): void {
  const { m } = around;
  const offset = pushLanewise(at, place, around);
  pushLanewise(at, place, around);
  memory(m, OP.load, offset);
  get(m, value);
  simd(m, m.lanes.op[MEETING[how]]);
  memory(m, OP.store, offset);
}

/** Pushes the address of an element that every lane has for itself in scratch memory; gives what is to be added. */
function pushLanewise(at: At, place: number, around: Around): number {
  const { m, part } = around;
  const { count, bytes } = m.lanes;
  const walked = Object.entries(at.strides).filter(([label]) => label !== part?.label);
  push32(m, addressOf({ strides: Object.fromEntries(walked.map(([label, n]) => [label, n * count])) }, around));
  inOwnScratch(around);
  return place + at.offset * count * bytes;
}

/** An element meets lane k of a value. */
function takeUp(here: () => void, offset: number, k: number, value: number, how: Meet, m: Machine): void {
  here();
  here();
  memory(m, m.lanes.op.loadSplat, offset);
  get(m, value);
  simd(m, m.lanes.op[MEETING[how]]);
  lane(m, m.lanes.op.storeLane, offset, k);
}

function meetByIndex(at: At, by: By, value: number, how: Meet, around: Around): void {
  const { m, gathered } = around;
  const place = gathered.get(at.buffer);
  const index = place === undefined ? by : { ...by, stride: by.stride * m.lanes.count };
  const { valid, bytes } = indexOf(index, around);
  const apartBy = place === undefined ? apart(at, around) : m.lanes.bytes;
  for (let k = 0; k < activeLanes(around); k++) {
    const begin = place === undefined ? base(at, around) : pushLanewise(at, place, around);
    if (place === undefined) addressByIndex(at, bytes, k, around);
    else {
      get(m, bytes[bytes.length === 1 ? 0 : k]!);
      intAdd(m);
    }
    const own = local(m, "i32");
    if (valid === null) {
      set(m, own);
      takeUp(() => get(m, own), begin + k * apartBy, k, value, how, m);
      continue;
    }
    int(m, begin + k * apartBy);
    intAdd(m);
    int(m, HEADER.outside);
    get(m, valid);
    extractLane(m, OP.extractInt, (m.lanes.bytes / 4) * k);
    push(m, [SELECT]);
    set(m, own);
    takeUp(() => get(m, own), 0, k, value, how, m);
  }
}

/** The value, with lanes that do not count at the identity. */
export function counting(value: number, how: Meet, around: Around): number {
  if (around.vector === null || isFull(around)) return value;
  get(around.m, value);
  number(around.m, IDENTITY[how]);
  firstLanes(around.m, activeLanes(around));
  simd(around.m, OP.bitselect);
  return kept(around.m);
}

/** All lanes met, in all lanes. */
export function acrossLanes(value: number, how: Meet, m: Machine): number {
  let met = value;
  for (let bytes = 8; bytes >= m.lanes.bytes; bytes /= 2) {
    get(m, met);
    rotated(m, met, bytes);
    simd(m, m.lanes.op[MEETING[how]]);
    met = kept(m);
  }
  return met;
}

/** Every number of a piece of memory, in whole vectors. `moved`: moves an address on the stack. */
export function fillWith(place: number, bytes: number, value: number, m: Machine, moved: () => void): void {
  const at = local(m, "i32");
  int(m, 0);
  set(m, at);
  counted(m, at, bytes, 16, () => {
    get(m, at);
    moved();
    number(m, value);
    memory(m, OP.store, place);
  });
}

export const fill = (buffer: number, value: number, { m, places, buffers }: Around): void =>
  fillWith(places[buffer]!, buffers[buffer]!.length * m.lanes.bytes, value, m, () => {});
