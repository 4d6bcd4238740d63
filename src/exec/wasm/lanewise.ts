// Sums over the loop that is lanes which keep a loop inside it: every lane gathers its own in scratch memory, and the lanes meet once, after the loop.

import { acrossLanes, counted, fillWith, MEETING } from "./access.ts";
import type { Around } from "./around.ts";
import { get, int, intMul, kept, lane, local, memory, OP, set, simd } from "./machine.ts";
import { IDENTITY, type Meet, type Stmt } from "./program.ts";

/** Bytes of scratch memory that stay in the first cache. */
export const SCRATCH = 2 ** 14;
const VECTOR = 16;

type For = Extract<Stmt, { do: "for" }>;

export type Gathered = { readonly buffer: number; readonly place: number; readonly how: Meet };

/** What a loop gathers so: buffers small enough that the meeting of their lanes costs less than it saves. */
export function gatheredBy({ body, label, count }: For, { buffers, scratch }: Around): readonly Gathered[] {
  const found = new Map<number, Gathered>();
  let end = 0;
  for (const { at, meet } of meetings(body)) {
    const bytes = buffers[at.buffer]!.length * VECTOR;
    if (at.by !== null || (at.strides[label] ?? 0) !== 0 || found.has(at.buffer)) continue;
    if (count < 16 || end + bytes > SCRATCH) continue;
    found.set(at.buffer, { buffer: at.buffer, place: scratch + end, how: meet });
    end += bytes;
  }
  return [...found.values()];
}

const meetings = (body: readonly Stmt[]): readonly Extract<Stmt, { do: "meet" }>[] =>
  body.flatMap((stmt) => (stmt.do === "for" ? meetings(stmt.body) : stmt.do === "meet" ? [stmt] : []));

export const beginGathering = (gathered: readonly Gathered[], { m, buffers }: Around): void =>
  gathered.forEach(({ buffer, place, how }) => fillWith(place, buffers[buffer]!.length * VECTOR, IDENTITY[how], m));

/** Each element takes up what its lanes have come to. */
export function endGathering(gathered: readonly Gathered[], { m, buffers, places }: Around): void {
  for (const { buffer, place, how } of gathered) {
    const turn = local(m, "i32");
    const scaled = (bytes: number): void => {
      get(m, turn);
      int(m, bytes);
      intMul(m);
    };
    int(m, 0);
    set(m, turn);
    counted(m, turn, buffers[buffer]!.length, 1, () => {
      scaled(VECTOR);
      memory(m, OP.load, place);
      const met = acrossLanes(kept(m), how, m);
      scaled(m.lanes.bytes);
      scaled(m.lanes.bytes);
      memory(m, m.lanes.op.loadSplat, places[buffer]!);
      get(m, met);
      simd(m, m.lanes.op[MEETING[how]]);
      lane(m, m.lanes.op.storeLane, places[buffer]!, 0);
    });
  }
}
