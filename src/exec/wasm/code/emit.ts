// Program to WebAssembly: the outermost loop of a nest becomes lanes, two numbers of float64 or four of float32 at a time; loops inside it stay loops. Every
// value is a vector; outside of loops all lanes hold the same number.

import type { MapOp } from "../../../ir/op.ts";
import { counted, defineIndex, fill, keyOf, load, meet, store } from "./access.ts";
import { idOf, products, within, type Around } from "./around.ts";
import { exceptions, functions } from "./functions.ts";
import { ifAny, inLocal, type Vector } from "./math/expression.ts";
import type { Lanes } from "./lanes.ts";
import { beginGathering, endGathering, gatheredBy, ownPlaces, SCRATCH } from "./lanewise.ts";
import {
  call,
  extractLane,
  get,
  int,
  intAdd,
  intMul,
  kept,
  local,
  machine,
  number,
  OP,
  push,
  set,
  simd,
  type Machine,
} from "./machine.ts";
import { noise } from "./math/noise.ts";
import { runFunction, type Between } from "./iteration.ts";
import type { Memory } from "../program/memory.ts";
import { moduleBytes, type Pages } from "./module.ts";
import type { At, Id, Label, Program, Stmt } from "../program/program.ts";
import type { For } from "../program/statements.ts";
import { share, shareOut, work } from "./share.ts";
import { asSingle } from "./single.ts";
import { totalOf } from "./totals.ts";
import { oneByOne, pushEnd, pushFirst, upTo } from "./turns.ts";

export type Emitted = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pages: Pages;
  /** Imported functions of numbers by name: rows of the op table, and `host`. */
  readonly imports: readonly string[];
};

/** `whole`: buffers that hold whole numbers from 0, with the smallest number above them; `between`: what happens between the steps of a call that
 *  makes many; `isShared`: there may be other threads. */
export function emit(
  { buffers, body }: Program,
  { places, scratch, bytes }: Memory,
  lanes: Lanes,
  whole: ReadonlyMap<number, number>,
  ops: Map<string, MapOp>,
  between: Between | null,
  isShared: boolean,
): Emitted {
  const m = machine(lanes);
  const around: Around = {
    m,
    places,
    buffers,
    whole,
    uses: indicesIn(body),
    ids: new Map(),
    below: new Map(),
    indices: new Map(),
    counters: new Map(),
    addresses: new Map(),
    gathered: new Map(),
    own: new Map(),
    scratch,
    part: null,
    parts: [],
    vector: null,
  };
  for (const stmt of body) statement(stmt, around, ops);
  const pages = { pages: Math.ceil(bytes.total / 65536), isShared: isShared && around.parts.length > 0 };
  const imports = [...m.imports].map(([name, { arity }]) => ({ name, arity }));
  const step = { name: "step", params: [], locals: m.locals, code: m.code };
  const many = between === null ? [] : [runFunction(between, buffers, places, lanes, imports.length)];
  const sharing = around.parts.length === 0 ? [] : [share(isShared), ...around.parts, ...(isShared ? [work()] : [])];
  return {
    bytes: moduleBytes(imports, [step, ...sharing, ...many], pages),
    pages,
    imports: imports.map(({ name }) => name),
  };
}

// ---------------------------------------------------------------------------------------- statements

function statement(stmt: Stmt, around: Around, ops: Map<string, MapOp>): void {
  const { m } = around;
  switch (stmt.do) {
    case "number":
      number(m, m.lanes.name === "f32" ? asSingle(stmt.value) : stmt.value);
      return define(stmt.id, around);
    case "let":
      apply(
        stmt.op,
        stmt.args.map((arg) => idOf(arg, around)),
        around,
        ops,
      );
      return define(stmt.id, around);
    case "load": {
      load(stmt.at, around);
      const below = stmt.at.by === null ? around.whole.get(stmt.at.buffer) : undefined;
      if (below !== undefined) around.below.set(stmt.id, below);
      return define(stmt.id, around);
    }
    case "store":
      return store(stmt.at, idOf(stmt.value, around), around);
    case "meet":
      return meet(stmt.at, idOf(stmt.value, around), stmt.meet, around);
    case "fill":
      return fill(stmt.buffer, stmt.value, around);
    case "for":
      return stmt.when === undefined
        ? loop(stmt, around, ops)
        : unlessZero(m, idOf(stmt.when, around), () => loop(stmt, around, ops));
    case "parts":
      return parts(stmt, around, ops);
    case "noise":
      return noise(stmt.noises, around);
    case "host":
      push(m, [0x44]);
      push(m, [...new Uint8Array(Float64Array.of(stmt.kernel).buffer)]);
      call(m, "host", 1);
      push(m, [0x1a]);
  }
}

/** Runs `body` where a number is not 0. */
function unlessZero(m: Machine, value: number, body: () => void): void {
  get(m, value);
  number(m, 0);
  simd(m, m.lanes.op.eq);
  simd(m, OP.anyTrue);
  push(m, [0x45, 0x04, 0x40]);
  body();
  push(m, [0x0b]);
}

function define(id: Id, around: Around): void {
  const { m, ids, uses } = around;
  const own = local(m, "v128");
  set(m, own);
  ids.set(id, own);
  for (const by of uses.get(id) ?? []) defineIndex(by, around);
}

function apply(op: MapOp, args: readonly number[], { m }: Around, ops: Map<string, MapOp>): void {
  const inline = functions[op.name];
  if (inline === undefined) return byLanes(op, args, m, ops);
  inline(m, args);
  const isException = exceptions[op.name];
  if (isException === undefined) return;
  const usual = inLocal(kept(m));
  const other = (): Vector => {
    byLanes(op, args, m, ops);
    return inLocal(kept(m));
  };
  ifAny(m, (own) => isException(own, args), other, usual)(m);
}

/** The scalar function of a row, of numbers of float64. */
function byLanes(op: MapOp, args: readonly number[], m: Machine, ops: Map<string, MapOp>): void {
  const name = ops.has(op.name) && ops.get(op.name) !== op ? `${op.name}@${ops.size}` : op.name;
  ops.set(name, op);
  const isSingle = m.lanes.name === "f32";
  for (let k = 0; k < m.lanes.count; k++) {
    for (const arg of args) {
      get(m, arg);
      extractLane(m, m.lanes.op.extract, k);
      if (isSingle) push(m, [PROMOTE]);
    }
    call(m, name, args.length);
    if (isSingle) push(m, [DEMOTE]);
    if (k === 0) simd(m, m.lanes.op.splat);
    else extractLane(m, m.lanes.op.replace, k);
  }
}

/** One number of float32 to one of float64, and back. */
const [PROMOTE, DEMOTE] = [0xbb, 0xb6];

// ---------------------------------------------------------------------------------------- loops

function loop(stmt: For, around: Around, ops: Map<string, MapOp>): void {
  const { m } = around;
  const { label, body, results } = stmt;
  const counter = local(m, "i32");
  const asLanes = around.vector === null && stmt.order === "any";
  const totals = results.map((result) => totalOf(result, stmt, counter, asLanes, m));
  const counters = new Map([...around.counters, [label, counter]]);
  const gathered = asLanes ? gatheredBy(stmt, around) : [];
  const own = asLanes ? ownPlaces(stmt, around) : around.own;
  const places = new Map(gathered.map(({ buffer, place }) => [buffer, place]));
  const walked = stridesAlong(label, body);
  beginGathering(gathered, around);
  const turn = (vector: Around["vector"]): void => {
    const inside = within(around, { counters, vector, ...(asLanes ? { gathered: places, own } : {}) });
    products(label, walked, inside);
    for (const one of body) statement(one, inside, ops);
    results.forEach(({ of }, i) => totals[i]!.meet(idOf(of, inside), inside));
  };
  if (!asLanes) oneByOne(stmt, counter, counters, m, () => turn(around.vector));
  else if (stmt.within !== null) lanesBetween(stmt, counter, counters, m, turn);
  else lanesOf(stmt, counter, m, turn);
  endGathering(gathered, around);
  results.forEach(({ id }, i) => around.ids.set(id, totals[i]!.result()));
}

/** A function of its own, which takes the number of the part. */
function parts({ label, count, body }: Extract<Stmt, { do: "parts" }>, around: Around, ops: Map<string, MapOp>): void {
  const m = { ...machine(around.m.lanes), imports: around.m.imports };
  const [number, scratch] = [local(m, "i32"), local(m, "i32")];
  get(m, number);
  int(m, SCRATCH);
  intMul(m);
  set(m, scratch);
  const inside = within(around, {
    m,
    ids: new Map(),
    below: new Map(),
    indices: new Map(),
    addresses: new Map(),
    counters: new Map([[label, number]]),
    part: { label, number, scratch },
  });
  for (const own of body) statement(own, inside, ops);
  const name = `part ${around.parts.length}`;
  around.parts.push({ name, params: ["i32"], locals: m.locals.slice(1), code: m.code });
  shareOut(around.m, around.parts.length - 1, count);
}

type Turn = (vector: Around["vector"]) => void;

/** Whole vectors, then what is left of the turns. */
function lanesOf({ label, count }: For, counter: number, m: Machine, turn: Turn): void {
  int(m, 0);
  set(m, counter);
  const whole = count - (count % m.lanes.count);
  counted(m, counter, whole, m.lanes.count, () => turn({ label, active: m.lanes.count }));
  if (whole < count) turn({ label, active: count - whole });
}

/** The same between turns of loops around: how many are left is not known before. */
function lanesBetween(stmt: For, counter: number, counters: Around["counters"], m: Machine, turn: Turn): void {
  const { label } = stmt;
  pushFirst(stmt, counters, m);
  set(m, counter);
  const { count } = m.lanes;
  const end = local(m, "i32");
  pushEnd(stmt, 0, counters, m);
  set(m, end);
  const before = (fewer: number): void => {
    get(m, end);
    int(m, -fewer);
    intAdd(m);
  };
  upTo(
    m,
    counter,
    count,
    () => before(count - 1),
    () => turn({ label, active: count }),
  );
  upTo(
    m,
    counter,
    1,
    () => get(m, end),
    () => turn({ label, active: 1 }),
  );
}

const placesIn = (body: readonly Stmt[]): readonly At[] =>
  body.flatMap((stmt) => ("body" in stmt ? placesIn(stmt.body) : "at" in stmt ? [stmt.at] : []));

const stridesAlong = (label: Label, body: readonly Stmt[]): ReadonlySet<number> =>
  new Set(placesIn(body).flatMap(({ strides }) => strides[label] ?? []));

/** What reads by each index, in each way once. */
function indicesIn(body: readonly Stmt[]): Around["uses"] {
  const found = new Map<Id, Map<string, NonNullable<At["by"]>>>();
  for (const { by } of placesIn(body)) {
    if (by === null) continue;
    const own = found.get(by.index) ?? new Map<string, NonNullable<At["by"]>>();
    found.set(by.index, own.set(keyOf(by), by));
  }
  return new Map([...found].map(([id, own]) => [id, [...own.values()]]));
}
