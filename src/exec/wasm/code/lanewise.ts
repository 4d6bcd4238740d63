// Sums over the loop that is lanes which keep a loop inside it: every lane gathers its own in scratch memory, and the lanes meet once, after the loop.

import { acrossLanes, counted, fillWith, MEETING } from "./access.ts";
import { everyStmt, type For } from "../program/statements.ts";
import { inOwnScratch, type Around } from "./around.ts";
import { get, int, intAdd, intMul, kept, lane, local, memory, OP, set, simd } from "./machine.ts";
import { IDENTITY, type Meet, type Stmt } from "../program/program.ts";

/** Bytes of scratch memory that stay in the first cache: for what lanes gather, then for buffers of turns. */
const GATHERED = 2 ** 14;
export const SCRATCH = 2 * GATHERED;
const VECTOR = 16;

/** `apart`: numbers between the copies that parts have of the buffer, 0 where there is one. */
export type Gathered = {
  readonly buffer: number;
  readonly length: number;
  readonly apart: number;
  readonly place: number;
  readonly how: Meet;
};

/** What a loop gathers so: buffers small enough that the meeting of their lanes costs less than it saves. */
export function gatheredBy({ body, label, count }: For, { buffers, scratch, part }: Around): readonly Gathered[] {
  const found = new Map<number, Gathered>();
  let end = 0;
  for (const { at, meet } of meetings(body)) {
    const apart = part === null ? 0 : (at.strides[part.label] ?? 0);
    const length = apart === 0 ? buffers[at.buffer]!.length : apart;
    const bytes = length * VECTOR;
    if (at.by !== null || (at.strides[label] ?? 0) !== 0 || found.has(at.buffer)) continue;
    if (count < 16 || end + bytes > GATHERED) continue;
    found.set(at.buffer, { buffer: at.buffer, length, apart, place: scratch + end, how: meet });
    end += bytes;
  }
  return [...found.values()];
}

/** Where the buffers are that every turn of a loop has for its own: a vector for each number of the turns that are lanes at once. */
export function ownPlaces({ body, label }: For, { buffers, scratch }: Around): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  let end = scratch + GATHERED;
  for (const stmt of everyStmt(body)) {
    if (!("at" in stmt) || places.has(stmt.at.buffer)) continue;
    const { own, length } = buffers[stmt.at.buffer]!;
    if (own !== label) continue;
    places.set(stmt.at.buffer, end);
    end += length * VECTOR;
  }
  return places;
}

const meetings = (body: readonly Stmt[]): readonly Extract<Stmt, { do: "meet" }>[] =>
  body.flatMap((stmt) => (stmt.do === "for" ? meetings(stmt.body) : stmt.do === "meet" ? [stmt] : []));

export function beginGathering(gathered: readonly Gathered[], around: Around): void {
  for (const { length, place, how } of gathered)
    fillWith(place, length * VECTOR, IDENTITY[how], around.m, () => inOwnScratch(around));
}

/** Each element takes up what its lanes have come to. */
export function endGathering(gathered: readonly Gathered[], around: Around): void {
  const { m, places, part } = around;
  for (const { buffer, length, apart, place, how } of gathered) {
    const turn = local(m, "i32");
    const scaled = (id: number, bytes: number): void => {
      get(m, id);
      int(m, bytes);
      intMul(m);
    };
    const element = (): void => {
      scaled(turn, m.lanes.bytes);
      if (part === null || apart === 0) return;
      scaled(part.number, apart * m.lanes.bytes);
      intAdd(m);
    };
    int(m, 0);
    set(m, turn);
    counted(m, turn, length, 1, () => {
      scaled(turn, VECTOR);
      inOwnScratch(around);
      memory(m, OP.load, place);
      const met = acrossLanes(kept(m), how, m);
      element();
      element();
      memory(m, m.lanes.op.loadSplat, places[buffer]!);
      get(m, met);
      simd(m, m.lanes.op[MEETING[how]]);
      lane(m, m.lanes.op.storeLane, places[buffer]!, 0);
    });
  }
}
