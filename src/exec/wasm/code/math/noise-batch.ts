// The noise of a batch: the members that are present have their own numbers, so the counter and slot of each element are looked up
// first, then four elements are made at a time.

import { hashSite } from "../../../random.ts";
import { counted } from "../access.ts";
import type { Around } from "../around.ts";
import { get, int, intAdd, intMul, local, memory, OP, push, set, type Machine } from "../machine.ts";
import { unsigned, writeSigned } from "../module.ts";
import { lengthOf, NOISE_BLOCK, type Noise } from "../../program/program.ts";
import { held, where, type Vector } from "./expression.ts";
import {
  everywhere,
  LANES,
  normals,
  philoxWords,
  runOf,
  spread,
  storeAll,
  uniforms,
  wordsLeft,
  wordsRight,
  type Numbers,
} from "./philox.ts";

/** Counter and slot of every element, then four elements at a time. */
export function noiseOfBatch(own: Noise, scratch: number, around: Around): void {
  const { m, places } = around;
  const length = lengthOf(own);
  if (length === 0) return;
  const [counters, slots] = [
    places[scratch]!,
    places[scratch]! + WORD_BYTES * Math.ceil(length / NOISE_BLOCK) * NOISE_BLOCK,
  ];
  const at = local(m, "i32");
  int(m, 0);
  set(m, at);
  long(m, 0);
  const first = local(m, "i64");
  set(m, first);
  look(own, 0, first, at, counters, slots, around);
  const element = local(m, "i32");
  int(m, 0);
  set(m, element);
  counted(m, element, length, LANES, () => {
    const ofWords = (place: number): Vector =>
      held(m, () => {
        get(m, element);
        int(m, WORD_BYTES);
        intMul(m);
        memory(m, OP.load, place);
      });
    const drawn = philoxWords(m, ofWords(counters), everywhere(hashSite(own.site)), runOf(m));
    const address = (): void => {
      get(m, element);
      int(m, m.lanes.bytes);
      intMul(m);
    };
    storeAll(m, chosen(m, own.kind, drawn, ofWords(slots)), address, places[own.buffer]!);
  });
}

const WORD_BYTES = 4;

/** The slot that each of four elements has in its counter. */
function chosen(m: Machine, kind: Noise["kind"], drawn: readonly Vector[], slot: Vector): Numbers {
  const bit = (n: number): Vector => held(m, wordsRight(wordsLeft(slot, 31 - n), 31));
  const [odd, last] = [bit(0), bit(1)];
  const [w0, w1, w2, w3] = drawn as [Vector, Vector, Vector, Vector];
  const [even, next] = [held(m, where(last, w2, w0)), held(m, where(last, w3, w1))];
  if (kind === "uniform") return uniforms(m, held(m, where(odd, next, even)));
  const { sines, cosines } = normals(m, even, next);
  return spread(m, odd).map((isOdd, i) => held(m, where(isOdd, cosines[i]!, sines[i]!)));
}

/** Goes through the elements from dim `depth` on and writes the words of each; `before`: the number that the dims before come to. */
function look(
  { dims }: Pick<Noise, "dims">,
  depth: number,
  before: number,
  at: number,
  counters: number,
  slots: number,
  around: Around,
): void {
  const { m, places } = around;
  const dim = dims[depth];
  if (dim === undefined) return writeWords(m, before, at, counters, slots);
  const turn = local(m, "i32");
  int(m, 0);
  set(m, turn);
  counted(m, turn, dim.count, 1, () => {
    get(m, before);
    get(m, turn);
    if (dim.members === null) push(m, [LONG.fromInt]);
    else {
      int(m, m.lanes.bytes);
      intMul(m);
      const { load, toLong } = m.lanes.name === "f64" ? FLOAT64 : FLOAT32;
      push(m, [load, 0, ...unsigned(places[dim.members]!), toLong]);
    }
    long(m, dim.stride);
    push(m, [LONG.mul, LONG.add]);
    const own = local(m, "i64");
    set(m, own);
    look({ dims }, depth + 1, own, at, counters, slots, around);
  });
}

/** Instructions on whole numbers of 64 bits, on words, and on the numbers of members. */
const LONG = { number: 0x42, fromInt: 0xac, add: 0x7c, mul: 0x7e, shiftRight: 0x88, toWord: 0xa7 } as const;
const INT = { store: 0x36, and: 0x71, or: 0x72 } as const;
const FLOAT64 = { load: 0x2b, toLong: 0xb0 } as const;
const FLOAT32 = { load: 0x2a, toLong: 0xae } as const;

function long(m: Machine, value: number): void {
  push(m, [LONG.number]);
  writeSigned(m.code, value);
}

/** Number i has the counter 4 (i >> 4) + (i & 3) and its slot (i >> 2) & 3. */
function writeWords(m: Machine, number: number, at: number, counters: number, slots: number): void {
  const masked = (shift: number, mask: number): void => {
    get(m, number);
    long(m, shift);
    push(m, [LONG.shiftRight, LONG.toWord]);
    int(m, mask);
    push(m, [INT.and]);
  };
  get(m, at);
  masked(2, ~3);
  masked(0, 3);
  push(m, [INT.or, INT.store, 0, ...unsigned(counters)]);
  get(m, at);
  masked(2, 3);
  push(m, [INT.store, 0, ...unsigned(slots)]);
  get(m, at);
  int(m, WORD_BYTES);
  intAdd(m);
  set(m, at);
}
