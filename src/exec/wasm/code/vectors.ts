// A turn of the loop that is lanes may take several vectors: its code is written for all of them statement by statement, and what is the same for all is
// there once: numbers, loads that do not move with the lanes, and the loops inside, with their counters and addresses.

import { apart, keyOf, meet, MEETING } from "./access.ts";
import { idOf, within, type Around } from "./around.ts";
import { exceptions, functions } from "./functions.ts";
import type { Lanes } from "./lanes.ts";
import { get, kept, simd } from "./machine.ts";
import type { Buffer, Id, Stmt } from "../program/program.ts";
import { everyStmt, type For } from "../program/statements.ts";
import { turnsOf, workOf } from "../program/cuts.ts";
import { ownBytes, OWN } from "./lanewise.ts";

/** What is known around a statement for each vector of a turn, first to last. They share machine, counters and addresses. */
export type Vectors = readonly [Around, ...Around[]];

/** Vectors of a turn at most: with 8 there are too few registers, and wells take a sixth longer than with 4. */
const MOST = 4;
/** In additions and loads, some 20 microseconds: the code of shorter loops is small rather than fast. */
const LONG = 50_000;
/** Turns with several vectors at least: the last rows of a loop take one. */
const FEWEST = 4;
/** Work of a turn's code, all vectors together, and results of a loop inside it: what registers hold, and the compiler takes little time for. */
const [MOST_WORK, MOST_RESULTS] = [400, 8];

const SEVERAL: ReadonlySet<Stmt["do"]> = new Set(["number", "let", "load", "store", "meet", "for"]);

/** How many vectors a turn of a loop takes. */
export function vectorsIn(loop: For, buffers: readonly Buffer[], lanes: Lanes): number {
  const inside = everyStmt(loop.body);
  if (workOf(loop) < LONG || !inside.every(isForSeveral)) return 1;
  const loops = inside.filter((stmt) => stmt.do === "for");
  const work = inside.reduce((sum, stmt) => sum + (stmt.do === "for" ? 0 : workOf(stmt)), 0);
  const results = Math.max(1, ...loops.map((one) => one.results.length));
  const bytes = ownBytes(loop, buffers);
  const fits = (vectors: number): boolean =>
    FEWEST * vectors * lanes.count <= turnsOf(loop) &&
    vectors * work <= MOST_WORK &&
    vectors * results <= MOST_RESULTS &&
    vectors * bytes <= OWN;
  let vectors = MOST;
  while (vectors > 1 && !fits(vectors)) vectors /= 2;
  return vectors;
}

/** Functions that call scalar ones take their time there. */
const isForSeveral = (stmt: Stmt): boolean =>
  SEVERAL.has(stmt.do) && (stmt.do !== "let" || (stmt.op.name in functions && !(stmt.op.name in exceptions)));

/** Whether a statement gives all vectors the same value. */
export function isSame(stmt: Stmt, [first, ...others]: Vectors): boolean {
  const isCommon = (id: Id): boolean => others.every(({ ids }) => ids.get(id) === first.ids.get(id));
  switch (stmt.do) {
    case "number":
      return true;
    case "let":
      return stmt.args.every(isCommon);
    case "load":
      return (
        !first.own.has(stmt.at.buffer) &&
        apart(stmt.at, first) === 0 &&
        (stmt.at.by === null || isCommon(stmt.at.by.index))
      );
    default:
      return false;
  }
}

/** What the first vector knows of a value, the others know, too. */
export function told(id: Id, [first, ...others]: Vectors): void {
  for (const { ids, below, indices } of others) {
    ids.set(id, idOf(id, first));
    if (first.below.has(id)) below.set(id, first.below.get(id)!);
    for (const by of first.uses.get(id) ?? []) indices.set(keyOf(by), first.indices.get(keyOf(by))!);
  }
}

/** Inside a loop that is lanes: what is known for each of so many vectors. */
export function takenAtOnce(count: number, around: Around, own: (i: number) => Partial<Around>): Vectors {
  const first = within(around, own(0));
  const others = Array.from({ length: count - 1 }, (_, i) => within(first, own(i + 1)));
  return [first, ...others.map((other) => ({ ...other, addresses: first.addresses }))];
}

/** Inside a loop inside of it. */
export function insideOf([first, ...others]: Vectors, changed: Partial<Around>): Vectors {
  const inside = within(first, changed);
  return [inside, ...others.map((other) => within(other, { ...changed, addresses: inside.addresses }))];
}

/** What all vectors add to one element meets before. */
export function meetAll({ at, value, meet: how }: Extract<Stmt, { do: "meet" }>, vectors: Vectors): void {
  const [around, ...others] = vectors;
  if (at.by !== null || apart(at, around) !== 0) {
    for (const one of vectors) meet(at, idOf(value, one), how, one);
    return;
  }
  const { m } = around;
  const met = others.reduce(
    (total, one) => {
      get(m, total);
      get(m, idOf(value, one));
      simd(m, m.lanes.op[MEETING[how]]);
      return kept(m);
    },
    idOf(value, around),
  );
  meet(at, met, how, around);
}
