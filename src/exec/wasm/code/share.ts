// Parts of a step shared out among threads. The first thread makes a ticket and takes parts itself, as do the others while there are any; whoever takes one adds
// 1 to the ticket, which tells it the parts meant and its number among them at once, so that a thread that comes late finds nothing left and nobody waits for
// it. Threads that find nothing spin, then sleep.

import { HEADER } from "./header.ts";
import { atomic, callOwn, get, int, intAdd, local, machine, push, set, tee, type Machine } from "./machine.ts";
import { F64 } from "./lanes.ts";
import { unsigned, writeSigned, type Func } from "./module.ts";

/** Places in the module: the step, this, the parts. */
const [SHARE, FIRST_PART] = [1, 2];

/** The upper half of a ticket: below, the place of the parts' function; above, a number that changes. The lower half counts up to this with a free part
 *  each time. */
const PLACES = 12;
const NONE_LEFT = 0x7fffffff;
/** Instead of a place: other threads leave the module, or wait. */
export const LEAVE = 2 ** PLACES - 1;
export const WAIT = 0;

/** Looks before a thread sleeps. */
const SPINS = 2000;
/** Seconds without anything done until other threads are given up as dead. */
const PATIENCE = 60;
const SECOND = 1_000_000_000;

const OP = { block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d, drop: 0x1a } as const;
const NOTHING = 0x40;
const [UNREACHABLE, RETURN] = [0x00, 0x0f];
const INT = { eqz: 0x45, eq: 0x46, ne: 0x47, below: 0x48, atLeast: 0x4e, sub: 0x6b, and: 0x71, or: 0x72 } as const;
const [SHIFT_LEFT, SHIFT_RIGHT] = [0x74, 0x76];
const LONG = { number: 0x42, or: 0x84, left: 0x86, right: 0x88, toInt: 0xa7, fromUnsigned: 0xad } as const;

const op = (m: Machine, ...bytes: readonly number[]): void => push(m, [...bytes]);
const br = (m: Machine, instruction: number, depth: number): void => push(m, [instruction, ...unsigned(depth)]);

function long(m: Machine, value: number): void {
  op(m, LONG.number);
  writeSigned(m.code, value);
}

function load(m: Machine, word: number): void {
  int(m, 0);
  atomic(m, "load32", word);
}

function store(m: Machine, word: number, value: () => void): void {
  int(m, 0);
  value();
  atomic(m, "store32", word);
}

function addTo(m: Machine, word: number, value: number): void {
  int(m, 0);
  int(m, value);
  atomic(m, "add32", word);
  op(m, OP.drop);
}

function wake(m: Machine, word: number): void {
  int(m, 0);
  int(m, -1);
  atomic(m, "notify", word);
  op(m, OP.drop);
}

/** In the step: the parts of the function `part`, so many. */
export function shareOut(m: Machine, part: number, count: number): void {
  int(m, FIRST_PART + part);
  int(m, count);
  int(m, SHARE);
  callOwn(m, SHARE);
}

/** `share(place, count)`: runs so many parts, and returns when all are done. `isShared`: other threads may take some; it traps where one of them has not done
 *  its part after `patience` seconds. */
export function share(isShared: boolean, patience = PATIENCE): Func {
  const m = machine(F64);
  const [place, count] = [local(m, "i32"), local(m, "i32")];
  if (!isShared) allParts(m, place, count);
  else {
    load(m, HEADER.others);
    op(m, INT.eqz, OP.if, NOTHING);
    allParts(m, place, count);
    op(m, OP.else);
    makeTicket(m, place, count);
    takeParts(m);
    join(m, count, patience);
    load(m, HEADER.again);
    op(m, OP.if, NOTHING);
    store(m, HEADER.again, () => int(m, 0));
    allParts(m, place, count);
    op(m, OP.end, OP.end);
  }
  return { name: "share", params: ["i32", "i32"], locals: m.locals.slice(2), code: m.code };
}

/** One after the other. */
function allParts(m: Machine, place: number, count: number): void {
  const part = local(m, "i32");
  int(m, 0);
  set(m, part);
  op(m, OP.loop, NOTHING);
  get(m, part);
  get(m, place);
  callOwn(m, FIRST_PART);
  get(m, part);
  int(m, 1);
  intAdd(m);
  tee(m, part);
  get(m, count);
  op(m, INT.below);
  br(m, OP.brIf, 0);
  op(m, OP.end);
}

function makeTicket(m: Machine, place: number, count: number): void {
  store(m, HEADER.done, () => int(m, 0));
  int(m, 0);
  load(m, HEADER.ticketHigh);
  int(m, PLACES);
  op(m, SHIFT_RIGHT);
  int(m, 1);
  intAdd(m);
  int(m, PLACES);
  op(m, SHIFT_LEFT);
  get(m, place);
  op(m, INT.or, LONG.fromUnsigned);
  long(m, 32);
  op(m, LONG.left);
  int(m, -(2 ** 31));
  get(m, count);
  op(m, INT.sub, LONG.fromUnsigned, LONG.or);
  atomic(m, "store64", HEADER.ticketLow);
  load(m, HEADER.asleep);
  op(m, OP.if, NOTHING);
  wake(m, HEADER.ticketHigh);
  op(m, OP.end);
}

/** Takes parts while there are any; gives a local of the ticket that had none. */
function takeParts(m: Machine): number {
  const ticket = local(m, "i64");
  const left = local(m, "i32");
  op(m, OP.loop, NOTHING);
  int(m, 0);
  long(m, 1);
  atomic(m, "add64", HEADER.ticketLow);
  tee(m, ticket);
  op(m, LONG.toInt);
  tee(m, left);
  int(m, 0);
  op(m, INT.atLeast, OP.if, NOTHING);
  int(m, NONE_LEFT);
  get(m, left);
  op(m, INT.sub);
  pushUpper(m, ticket);
  int(m, LEAVE);
  op(m, INT.and);
  callOwn(m, FIRST_PART);
  addTo(m, HEADER.done, 1);
  load(m, HEADER.waiting);
  op(m, OP.if, NOTHING);
  wake(m, HEADER.done);
  op(m, OP.end);
  br(m, OP.br, 1);
  op(m, OP.end, OP.end);
  return ticket;
}

function pushUpper(m: Machine, ticket: number): void {
  get(m, ticket);
  long(m, 32);
  op(m, LONG.right, LONG.toInt);
}

/** Until all parts are done. */
function join(m: Machine, count: number, patience: number): void {
  const [done, looks, seconds] = [local(m, "i32"), local(m, "i32"), local(m, "i32")];
  for (const counter of [looks, seconds]) {
    int(m, 0);
    set(m, counter);
  }
  op(m, OP.block, NOTHING, OP.loop, NOTHING);
  load(m, HEADER.done);
  tee(m, done);
  get(m, count);
  op(m, INT.eq);
  br(m, OP.brIf, 1);
  again(m, looks, SPINS);
  store(m, HEADER.waiting, () => int(m, 1));
  int(m, 0);
  get(m, done);
  long(m, SECOND);
  atomic(m, "wait32", HEADER.done);
  store(m, HEADER.waiting, () => int(m, 0));
  int(m, TIMED_OUT);
  op(m, INT.ne);
  br(m, OP.brIf, 0);
  again(m, seconds, patience);
  op(m, UNREACHABLE, OP.end, OP.end);
}

/** What a wait comes to whose time is over. */
const TIMED_OUT = 2;

/** Back to the beginning of the loop, so many times. */
function again(m: Machine, counter: number, times: number): void {
  get(m, counter);
  int(m, 1);
  intAdd(m);
  tee(m, counter);
  int(m, times);
  op(m, INT.below);
  br(m, OP.brIf, 0);
}

/** `work()`: what other threads do, until they are told to leave. */
export function work(): Func {
  const m = machine(F64);
  const [seen, looks] = [local(m, "i32"), local(m, "i32")];
  const isNew = (): void => {
    load(m, HEADER.ticketHigh);
    get(m, seen);
    op(m, INT.ne);
  };
  op(m, OP.loop, NOTHING);
  pushUpper(m, takeParts(m));
  tee(m, seen);
  int(m, LEAVE);
  op(m, INT.and);
  int(m, LEAVE);
  op(m, INT.eq, OP.if, NOTHING, RETURN, OP.end);
  int(m, 0);
  set(m, looks);
  op(m, OP.loop, NOTHING);
  isNew();
  br(m, OP.brIf, 1);
  again(m, looks, SPINS);
  op(m, OP.end);
  addTo(m, HEADER.asleep, 1);
  int(m, 0);
  get(m, seen);
  long(m, -1);
  atomic(m, "wait32", HEADER.ticketHigh);
  op(m, OP.drop);
  addTo(m, HEADER.asleep, -1);
  br(m, OP.br, 0);
  op(m, OP.end);
  return { name: "work", params: [], locals: m.locals, code: m.code };
}
