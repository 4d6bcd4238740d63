// Loops of the stack machine: a counter in a local goes from one bound to the other.

import { ice } from "../../../base/ice.ts";
import { counted } from "./access.ts";
import { get, int, intAdd, intMul, local, push, set, tee, type Machine } from "./machine.ts";
import { unsigned } from "./module.ts";
import type { Label, Piece } from "../program/program.ts";
import type { For } from "../program/statements.ts";

type Counters = ReadonlyMap<Label, number>;

const AT_LEAST = 0x4e;
const BELOW = 0x48;
const SELECT = 0x1b;

const position = (label: Label, counters: Counters): number => counters.get(label) ?? ice(`no loop over ${label}`);

/** Pushes the first turn of a loop. */
export function pushFirst({ within }: For, counters: Counters, m: Machine): void {
  if (within !== null && "part" in within) return firstOfPiece(within, counters, m);
  if (within === null || within.after === null) return int(m, 0);
  get(m, position(within.after, counters));
  int(m, 1);
  intAdd(m);
}

/** Pushes the turn after its last, less `fewer`. */
export function pushEnd({ count, within }: For, fewer: number, counters: Counters, m: Machine): void {
  if (within !== null && "part" in within) endOfPiece(within, count, counters, m);
  else if (within === null || within.before === null) return int(m, count - fewer);
  else get(m, position(within.before, counters));
  if (fewer === 0) return;
  int(m, -fewer);
  intAdd(m);
}

export function firstOfPiece({ part, size }: Piece, counters: Counters, m: Machine): void {
  get(m, position(part, counters));
  int(m, size);
  intMul(m);
}

/** The last piece may be shorter. */
export function endOfPiece(piece: Piece, count: number, counters: Counters, m: Machine): void {
  const push32 = (): void => {
    firstOfPiece(piece, counters, m);
    int(m, piece.size);
    intAdd(m);
  };
  push32();
  int(m, count);
  push32();
  int(m, count);
  push(m, [BELOW, SELECT]);
}

/** Repeats `body`, moving the counter by `step` after it, while the counter compares to the bound as it has to; not once if it does not. */
function repeated(
  m: Machine,
  counter: number,
  step: number,
  [holds, fails]: readonly [number, number],
  bound: () => void,
  body: () => void,
): void {
  push(m, [0x02, 0x40]);
  get(m, counter);
  bound();
  push(m, [fails, 0x0d, ...unsigned(0), 0x03, 0x40]);
  body();
  get(m, counter);
  int(m, step);
  intAdd(m);
  tee(m, counter);
  bound();
  push(m, [holds, 0x0d, ...unsigned(0), 0x0b, 0x0b]);
}

/** From where the counter is, up to below the bound. */
export const upTo = (m: Machine, counter: number, step: number, bound: () => void, body: () => void): void =>
  repeated(m, counter, step, [BELOW, AT_LEAST], bound, body);

/** Every turn of a loop, one after the other in its order. */
export function oneByOne(stmt: For, counter: number, counters: Counters, m: Machine, body: () => void): void {
  const end = (): void => pushEnd(stmt, 0, counters, m);
  const first = (): void => pushFirst(stmt, counters, m);
  if (stmt.order !== "backward") {
    first();
    set(m, counter);
    return upTo(m, counter, 1, end, body);
  }
  pushEnd(stmt, 1, counters, m);
  set(m, counter);
  repeated(m, counter, -1, [AT_LEAST, BELOW], first, body);
}

/** Code for some turns from the counter on: vectors with so many lanes that count. */
type Taken = (active: number, vectors: number) => void;

/** So many vectors a turn, then one, then what is left of the loop's turns. */
export function lanesOf(
  stmt: For,
  vectors: number,
  counter: number,
  counters: Counters,
  m: Machine,
  turn: Taken,
): void {
  if (stmt.within !== null) return lanesBetween(stmt, vectors, counter, counters, m, turn);
  const { count } = stmt;
  const lanes = m.lanes.count;
  int(m, 0);
  set(m, counter);
  const whole = count - (count % lanes);
  const beside = whole - (whole % (vectors * lanes));
  counted(m, counter, beside, vectors * lanes, () => turn(lanes, vectors));
  if (beside < whole) counted(m, counter, whole, lanes, () => turn(lanes, 1));
  if (whole < count) turn(count - whole, 1);
}

/** The same between turns of loops around: how many are left is not known before. */
function lanesBetween(stmt: For, vectors: number, counter: number, counters: Counters, m: Machine, turn: Taken): void {
  pushFirst(stmt, counters, m);
  set(m, counter);
  const end = local(m, "i32");
  pushEnd(stmt, 0, counters, m);
  set(m, end);
  const taking = (lanes: number, width: number): void => {
    const bound = (): void => {
      get(m, end);
      if (lanes * width === 1) return;
      int(m, 1 - lanes * width);
      intAdd(m);
    };
    upTo(m, counter, lanes * width, bound, () => turn(lanes, width));
  };
  if (vectors > 1) taking(m.lanes.count, vectors);
  taking(m.lanes.count, 1);
  taking(1, 1);
}
