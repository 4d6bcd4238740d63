// Program to WebAssembly: the outermost loop of a nest becomes lanes, two numbers of float64 or four of float32 at a time; loops inside it stay loops. Every
// value is a vector; outside of loops all lanes hold the same number.

import type { MapOp } from "../../../ir/op.ts";
import { defineIndex, fill, keyOf, load, store } from "./access.ts";
import { idOf, products, within, type Around } from "./around.ts";
import { checked } from "./checked.ts";
import { exceptions, functions } from "./functions.ts";
import { inLocal, not, settled, type EmitChecked, type Vector } from "./math/expression.ts";
import type { Lanes } from "./lanes.ts";
import { beginGathering, endGathering, gatheredBy, ownPlaces, SCRATCH } from "./lanewise.ts";
import {
  beside,
  call,
  extractLane,
  get,
  int,
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
import { definedBy, type For } from "../program/statements.ts";
import { share, shareOut, work } from "./share.ts";
import { draw } from "./samplers/draw.ts";
import { asSingle } from "./single.ts";
import { totalOf } from "./totals.ts";
import { lanesOf, oneByOne } from "./turns.ts";
import { insideOf, isSame, meetAll, takenAtOnce, told, vectorsIn, type Vectors } from "./vectors.ts";

export type Emitted = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pages: Pages;
  /** Imported functions of numbers by name: rows of the op table. */
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
  for (const stmt of body) statement(stmt, [around], ops);
  const pages = { pages: Math.ceil(bytes.total / 65536), isShared: isShared && around.parts.length > 0 };
  const imports = [...m.imports].map(([name, { arity }]) => ({ name, arity }));
  const step = { name: "step", params: [], locals: m.locals, code: m.code, calls: m.calls };
  const many =
    between === null ? [] : [runFunction(between, buffers, places, { ...around, m: beside(m) }, imports.length)];
  const sharing = around.parts.length === 0 ? [] : [share(isShared), ...around.parts, ...(isShared ? [work()] : [])];
  return {
    bytes: moduleBytes(imports, [step, ...sharing, ...many, ...m.functions.values()], pages),
    pages,
    imports: imports.map(({ name }) => name),
  };
}

// ---------------------------------------------------------------------------------------- statements

/** `vectors`: what is known for each of the vectors that a turn of the code takes. */
function statement(stmt: Stmt, vectors: Vectors, ops: Map<string, MapOp>): void {
  const [first] = vectors;
  if (stmt.do === "for") return loopWhere(stmt, vectors, ops);
  if (stmt.do === "parts") return parts(stmt, first, ops);
  if (stmt.do === "meet") return meetAll(stmt, vectors);
  const some: Vectors = isSame(stmt, vectors) ? [first] : vectors;
  if (stmt.do === "let") apply(stmt, some, ops);
  else for (const around of some) plain(stmt, around);
  if (some.length < vectors.length) for (const id of definedBy(stmt)) told(id, vectors);
}

/** A statement for one vector. */
function plain(stmt: Exclude<Stmt, { do: "for" | "meet" | "let" | "parts" }>, around: Around): void {
  const { m } = around;
  switch (stmt.do) {
    case "number":
      number(m, m.lanes.name === "f32" ? asSingle(stmt.value) : stmt.value);
      return define(stmt.id, around);
    case "load": {
      load(stmt.at, around);
      const below = stmt.at.by === null ? around.whole.get(stmt.at.buffer) : undefined;
      if (below !== undefined) around.below.set(stmt.id, below);
      return define(stmt.id, around);
    }
    case "store":
      return store(stmt.at, idOf(stmt.value, around), around);
    case "fill":
      return fill(stmt.buffer, stmt.value, around);
    case "draw":
      draw(stmt, around);
      return define(stmt.id, around);
    case "noise":
      return noise(stmt.noises, around);
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

function apply({ id, op, args }: Extract<Stmt, { do: "let" }>, vectors: Vectors, ops: Map<string, MapOp>): void {
  const { m } = vectors[0];
  const given = vectors.map((around) => args.map((arg) => idOf(arg, around)));
  const check = checked[op.name] ?? withExceptions(op, ops);
  if (check !== null) {
    const values = settled(
      m,
      given.map((own) => check(m, own)),
    );
    vectors.forEach((around, i) => (values[i]!(m), define(id, around)));
    return;
  }
  const inline = functions[op.name];
  vectors.forEach((around, i) => {
    if (inline === undefined) byLanes(op, given[i]!, m, ops);
    else inline(m, given[i]!);
    define(id, around);
  });
}

/** A function whose rare arguments are left to the scalar function. */
function withExceptions(op: MapOp, ops: Map<string, MapOp>): EmitChecked | null {
  const [inline, isException] = [functions[op.name], exceptions[op.name]];
  if (inline === undefined || isException === undefined) return null;
  return (m, args) => {
    inline(m, args);
    const value = inLocal(kept(m));
    const anew = (): Vector => {
      byLanes(op, args, m, ops);
      return inLocal(kept(m));
    };
    return { usual: not((own) => isException(own, args)), value, anew };
  };
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

function loopWhere(stmt: For, vectors: Vectors, ops: Map<string, MapOp>): void {
  const [around] = vectors;
  const make = (): void =>
    around.vector === null && stmt.order === "any" ? loopOfLanes(stmt, around, ops) : loop(stmt, vectors, ops);
  if (stmt.when === undefined) make();
  else unlessZero(around.m, idOf(stmt.when, around), make);
}

/** A loop whose turns are taken one by one, for all vectors around it. */
function loop(stmt: For, vectors: Vectors, ops: Map<string, MapOp>): void {
  const { m, counters: outer } = vectors[0];
  const { label, body, results } = stmt;
  const counter = local(m, "i32");
  const totals = vectors.map(() => results.map((result) => totalOf(result, stmt, counter, 0, m)));
  const counters = new Map([...outer, [label, counter]]);
  const walked = stridesAlong(label, body);
  oneByOne(stmt, counter, counters, m, () => {
    const inside = insideOf(vectors, { counters });
    products(label, walked, inside[0]);
    for (const one of body) statement(one, inside, ops);
    inside.forEach((one, i) => results.forEach(({ of }, k) => totals[i]![k]!.meet([idOf(of, one)], one)));
  });
  vectors.forEach(({ ids }, i) => results.forEach(({ id }, k) => ids.set(id, totals[i]![k]!.result())));
}

/** A loop whose turns are lanes of vectors. */
function loopOfLanes(stmt: For, around: Around, ops: Map<string, MapOp>): void {
  const { m, buffers } = around;
  const { label, body, results } = stmt;
  const counter = local(m, "i32");
  const counters = new Map([...around.counters, [label, counter]]);
  const vectors = vectorsIn(stmt, buffers, m.lanes);
  const totals = results.map((result) => totalOf(result, stmt, counter, vectors, m));
  const gathering = gatheredBy(stmt, around);
  const gathered = new Map(gathering.map(({ buffer, place }) => [buffer, place]));
  const own = ownPlaces(stmt, vectors, around);
  const walked = stridesAlong(label, body);
  beginGathering(gathering, around);
  lanesOf(stmt, vectors, counter, counters, m, (active, taken) => {
    const inside = takenAtOnce(taken, around, (i) => {
      const vector = { label, active, ahead: i * m.lanes.count };
      return { counters, gathered, vector, own: own[i]! };
    });
    products(label, walked, inside[0]);
    for (const one of body) statement(one, inside, ops);
    results.forEach(({ of }, i) => {
      const values = inside.map((one) => idOf(of, one));
      totals[i]!.meet(values, inside[0]);
    });
  });
  endGathering(gathering, around);
  results.forEach(({ id }, i) => around.ids.set(id, totals[i]!.result()));
}

/** A function of its own, which takes the number of the part. */
function parts({ label, count, body }: Extract<Stmt, { do: "parts" }>, around: Around, ops: Map<string, MapOp>): void {
  const m = beside(around.m);
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
  for (const own of body) statement(own, [inside], ops);
  const name = `part ${around.parts.length}`;
  around.parts.push({ name, params: ["i32"], locals: m.locals.slice(1), code: m.code, calls: m.calls });
  shareOut(around.m, around.parts.length - 1, count);
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
