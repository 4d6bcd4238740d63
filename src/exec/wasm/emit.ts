// Program to WebAssembly: the outermost loop of a nest becomes lanes, two numbers of float64 or four of float32 at a time; loops inside it stay loops. Every
// value is a vector; outside of loops all lanes hold the same number.

import type { MapOp } from "../../ir/op.ts";
import { acrossLanes, counted, counting, defineIndex, fill, keyOf, load, meet, MEETING, store } from "./access.ts";
import { idOf, products, within, type Around } from "./around.ts";
import { exceptions, functions } from "./functions.ts";
import { ifAny, inLocal, type Vector } from "./math/expression.ts";
import type { Lanes } from "./lanes.ts";
import { beginGathering, endGathering, gatheredBy } from "./lanewise.ts";
import { call, extractLane, get, int, kept, local, machine, number, push, set, simd, type Machine } from "./machine.ts";
import { noise } from "./math/noise.ts";
import { runFunction, type Between } from "./iteration.ts";
import type { Memory } from "./memory.ts";
import { moduleBytes } from "./module.ts";
import { IDENTITY, type At, type Id, type Label, type Program, type Stmt } from "./program.ts";
import { oneByOne, pushEnd, pushFirst, upTo } from "./turns.ts";

export type Emitted = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pages: number;
  /** Imported functions of numbers by name: rows of the op table, and `host`. */
  readonly imports: readonly string[];
};

/** `whole`: buffers that hold whole numbers from 0, with the smallest number above them; `between`: what happens between the steps of a call that
 *  makes many. */
export function emit(
  { buffers, body }: Program,
  { places, scratch, bytes }: Memory,
  lanes: Lanes,
  whole: ReadonlyMap<number, number>,
  ops: Map<string, MapOp>,
  between: Between | null,
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
    scratch,
    vector: null,
  };
  for (const stmt of body) statement(stmt, around, ops);
  const pages = Math.ceil(bytes.total / 65536);
  const imports = [...m.imports].map(([name, { arity }]) => ({ name, arity }));
  const step = { name: "step", params: [], locals: m.locals, code: m.code };
  const many = between === null ? [] : [runFunction(between, buffers, places, lanes, imports.length)];
  return {
    bytes: moduleBytes(imports, [step, ...many], pages),
    pages,
    imports: imports.map(({ name }) => name),
  };
}

// ---------------------------------------------------------------------------------------- statements

function statement(stmt: Stmt, around: Around, ops: Map<string, MapOp>): void {
  const { m } = around;
  switch (stmt.do) {
    case "number":
      number(m, stmt.value);
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
      return loop(stmt, around, ops);
    case "noise":
      return noise(stmt.noises, around);
    case "host":
      push(m, [0x44]);
      push(m, [...new Uint8Array(Float64Array.of(stmt.kernel).buffer)]);
      call(m, "host", 1);
      push(m, [0x1a]);
  }
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

type For = Extract<Stmt, { do: "for" }>;

function loop(stmt: For, around: Around, ops: Map<string, MapOp>): void {
  const { m } = around;
  const { label, body, results } = stmt;
  const counter = local(m, "i32");
  const asLanes = around.vector === null && stmt.order === "any";
  const totals = results.map(({ meet: how }) => {
    number(m, IDENTITY[how]);
    return kept(m);
  });
  const counters = new Map([...around.counters, [label, counter]]);
  const gathered = asLanes ? gatheredBy(stmt, around) : [];
  const places = new Map(gathered.map(({ buffer, place }) => [buffer, place]));
  const walked = stridesAlong(label, body);
  beginGathering(gathered, around);
  const turn = (vector: Around["vector"]): void => {
    const inside = within(around, { counters, vector, ...(asLanes ? { gathered: places } : {}) });
    products(label, walked, inside);
    for (const own of body) statement(own, inside, ops);
    results.forEach(({ of, meet: how }, i) => {
      const value = asLanes ? counting(idOf(of, inside), how, inside) : idOf(of, inside);
      get(m, totals[i]!);
      get(m, value);
      simd(m, m.lanes.op[MEETING[how]]);
      set(m, totals[i]!);
    });
  };
  if (!asLanes) oneByOne(stmt, counter, counters, m, () => turn(around.vector));
  else if (stmt.within !== null) lanesBetween(stmt, counter, counters, m, turn);
  else lanesOf(stmt, counter, m, turn);
  endGathering(gathered, around);
  results.forEach(({ id, meet: how }, i) => {
    const known = asLanes ? acrossLanes(totals[i]!, how, m) : totals[i]!;
    around.ids.set(id, known);
  });
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
  upTo(
    m,
    counter,
    count,
    () => pushEnd(stmt, count - 1, counters, m),
    () => turn({ label, active: count }),
  );
  upTo(
    m,
    counter,
    1,
    () => pushEnd(stmt, 0, counters, m),
    () => turn({ label, active: 1 }),
  );
}

const placesIn = (body: readonly Stmt[]): readonly At[] =>
  body.flatMap((stmt) => (stmt.do === "for" ? placesIn(stmt.body) : "at" in stmt ? [stmt.at] : []));

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
