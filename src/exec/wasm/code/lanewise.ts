// Sums over the loop that is lanes which keep a loop inside it: every lane gathers its own in scratch memory, and the lanes meet once, after the loop.

import { acrossLanes, counted, fillWith, MEETING } from "./access.ts";
import { everyStmt, type For } from "../program/statements.ts";
import { inOwnScratch, type Around } from "./around.ts";
import { get, int, intAdd, intMul, kept, lane, local, memory, OP, set, simd } from "./machine.ts";
import { IDENTITY, type Buffer, type Meet, type Stmt } from "../program/program.ts";

/** Bytes of scratch memory that stay in the first cache: for what lanes gather, then for buffers of turns. */
const GATHERED = 2 ** 14;
export const OWN = 2 ** 14;
export const SCRATCH = GATHERED + OWN;
const VECTOR = 16;
/** Turns of a loop whose lanes gather at least: where an index picks the elements, for each of them. */
const FEWEST = 16;
const FEWEST_EACH = 4;

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
    if ((at.strides[label] ?? 0) !== 0 || found.has(at.buffer)) continue;
    if (count < (at.by === null ? FEWEST : FEWEST_EACH * length) || end + bytes > GATHERED) continue;
    found.set(at.buffer, { buffer: at.buffer, length, apart, place: scratch + end, how: meet });
    end += bytes;
  }
  return [...found.values()];
}

/** Where the buffers are that every turn of a loop has for its own: a vector for each number of the turns that are lanes at once. `end`: of the scratch
 *  memory before them. */
function placesFrom(end: number, { body, label }: For, buffers: readonly Buffer[]) {
  const places = new Map<number, number>();
  for (const stmt of everyStmt(body)) {
    if (!("at" in stmt) || places.has(stmt.at.buffer)) continue;
    const { own, length } = buffers[stmt.at.buffer]!;
    if (own !== label) continue;
    places.set(stmt.at.buffer, end);
    end += length * VECTOR;
  }
  return { places, end };
}

/** Bytes of them. */
export const ownBytes = (loop: For, buffers: readonly Buffer[]): number => placesFrom(0, loop, buffers).end;

/** Those of each of so many vectors. */
export function ownPlaces(loop: For, vectors: number, { buffers, scratch }: Around): readonly Around["own"][] {
  const begin = scratch + GATHERED;
  const bytes = ownBytes(loop, buffers);
  return Array.from({ length: vectors }, (_, i) => placesFrom(begin + i * bytes, loop, buffers).places);
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
