// Where buffers lie in a module's memory. Numbers that only one stretch of the program reads give their place to those of another (codegen, section 10): the
// statements outside of loops are numbered, a buffer lives from the first that names it to the last, and the largest is placed first, as low as it fits.

import { HEADER } from "../code/header.ts";
import { everyStmt } from "./statements.ts";
import type { Lanes } from "../code/lanes.ts";
import { SCRATCH } from "../code/lanewise.ts";
import type { Lowered } from "../lower.ts";
import type { Buffer, Stmt } from "./program.ts";

/** Bytes of what depends on data alone, of leaves that a run fills, of all that a run computes, and of everything. */
export type Bytes = {
  readonly data: number;
  readonly parameters: number;
  readonly temporaries: number;
  readonly total: number;
};

export type Memory = {
  /** Where each buffer begins, in bytes. */
  readonly places: readonly number[];
  /** Where scratch memory of loops begins: that of the first part, and so on. */
  readonly scratch: number;
  readonly bytes: Bytes;
  /** The largest buffers, largest first. */
  readonly largest: readonly { readonly name: string; readonly bytes: number }[];
};

type Planned = Pick<Lowered, "program" | "given" | "outputs" | "carried" | "varying">;

/** Buffers begin at whole lines of the cache, with room to read a vector past their end. */
const LINE = 64;
const BEYOND = 16;
const NAMED = 3;

export function memoryOf(planned: Planned, lanes: Lanes): Memory {
  const { program, given, outputs, carried, varying } = planned;
  const { buffers, body } = program;
  const sizes = buffers.map(({ length, own }) =>
    own === undefined ? Math.ceil((length * lanes.bytes + BEYOND) / LINE) * LINE : 0,
  );
  const lasting = [...given.values(), ...outputs, ...carried.map(({ from }) => from)];
  const lives = livesIn(body);
  for (const { buffer } of lasting) lives.delete(buffer);
  const places = new Array<number>(buffers.length).fill(0);
  let end: number = HEADER.end;
  buffers.forEach((_, buffer) => {
    if (lives.has(buffer)) return;
    places[buffer] = end;
    end += sizes[buffer]!;
  });
  const begin = end;
  for (const { buffer, at } of firstFit(lives, sizes)) {
    places[buffer] = begin + at;
    end = Math.max(end, begin + at + sizes[buffer]!);
  }
  const ofGiven = (isVarying: boolean): number =>
    [...given].reduce((sum, [node, { buffer }]) => sum + (varying.has(node) === isVarying ? sizes[buffer]! : 0), 0);
  const [data, parameters] = [ofGiven(false), ofGiven(true)];
  const total = end + SCRATCH * Math.max(1, ...body.map((stmt) => (stmt.do === "parts" ? stmt.count : 1)));
  return {
    places,
    scratch: end,
    bytes: { data, parameters, temporaries: total - HEADER.end - data - parameters, total },
    largest: largestOf(buffers, sizes),
  };
}

const largestOf = (buffers: readonly Buffer[], sizes: readonly number[]): Memory["largest"] =>
  buffers
    .map(({ name }, i) => ({ name, bytes: sizes[i]! }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, NAMED);

/** The first and the last statement outside of loops that names a buffer. */
type Life = { first: number; last: number };

function livesIn(body: readonly Stmt[]): Map<number, Life> {
  const lives = new Map<number, Life>();
  body.forEach((stmt, now) => {
    for (const buffer of everyStmt([stmt]).flatMap(namedBy)) {
      const life = lives.get(buffer);
      if (life === undefined) lives.set(buffer, { first: now, last: now });
      else life.last = now;
    }
  });
  return lives;
}

function namedBy(stmt: Stmt): readonly number[] {
  switch (stmt.do) {
    case "load":
    case "store":
    case "meet":
      return [stmt.at.buffer];
    case "fill":
      return [stmt.buffer];
    case "noise":
      return stmt.noises.flatMap(({ buffer, dims }) => [buffer, ...dims.flatMap(({ members }) => members ?? [])]);
    default:
      return [];
  }
}

type Placed = { readonly buffer: number; readonly at: number; readonly end: number; readonly life: Life };

function firstFit(lives: ReadonlyMap<number, Life>, sizes: readonly number[]): readonly Placed[] {
  const placed: Placed[] = [];
  const order = [...lives].sort(([a], [b]) => sizes[b]! - sizes[a]! || a - b);
  for (const [buffer, life] of order) {
    const others = placed.filter((other) => other.life.first <= life.last && life.first <= other.life.last);
    let at = 0;
    for (const other of others.sort((a, b) => a.at - b.at))
      if (at + sizes[buffer]! > other.at) at = Math.max(at, other.end);
    placed.push({ buffer, at, end: at + sizes[buffer]!, life });
  }
  return placed;
}
