// Program to WebAssembly: the outermost loop of a nest becomes lanes, two numbers of float64 at a time; loops inside it stay loops. Every value is a vector;
// outside of loops both lanes hold the same number.

import type { MapOp } from "../../ir/op.ts";
import { acrossLanes, counted, fill, idOf, load, meet, MEETING, store, type Around } from "./access.ts";
import { functions } from "./functions.ts";
import { IDENTITY } from "./loops.ts";
import type { Lanes } from "./lanes.ts";
import {
  call,
  extractLane,
  get,
  int,
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
import { moduleBytes } from "./module.ts";
import type { Buffer, Program, Stmt } from "./program.ts";

export type Emitted = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each buffer begins, in bytes. */
  readonly places: readonly number[];
  readonly pages: number;
  /** Imported functions of numbers by name: rows of the op table, and `host`. */
  readonly imports: readonly string[];
};

export function emit({ buffers, body }: Program, lanes: Lanes, ops: Map<string, MapOp>): Emitted {
  const { places, end } = layOut(buffers, lanes);
  const m = machine(lanes);
  const around: Around = {
    m,
    places,
    buffers,
    ids: new Map(),
    counters: new Map(),
    addresses: new Map(),
    vector: null,
  };
  for (const stmt of body) statement(stmt, around, ops);
  const pages = Math.ceil(end / 65536);
  const imports = [...m.imports].map(([name, { arity }]) => ({ name, arity }));
  return {
    bytes: moduleBytes(imports, [{ name: "step", params: [], locals: m.locals, code: m.code }], pages),
    places,
    pages,
    imports: imports.map(({ name }) => name),
  };
}

/** Buffers one after the other, with room to read past the end of each. */
function layOut(
  buffers: readonly Buffer[],
  { bytes }: Lanes,
): { readonly places: readonly number[]; readonly end: number } {
  let end = 64;
  const places = buffers.map(({ length }) => {
    const at = end;
    end += Math.ceil((length * bytes + 16) / 64) * 64;
    return at;
  });
  return { places, end };
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
    case "load":
      load(stmt.at, around);
      return define(stmt.id, around);
    case "store":
      return store(stmt.at, idOf(stmt.value, around), around);
    case "meet":
      return meet(stmt.at, idOf(stmt.value, around), stmt.meet, around);
    case "fill":
      return fill(stmt.buffer, stmt.value, around);
    case "for":
      return loop(stmt, around, ops);
    case "host":
      push(m, [0x44]);
      push(m, [...new Uint8Array(Float64Array.of(stmt.kernel).buffer)]);
      call(m, "host", 1);
      push(m, [0x1a]);
  }
}

function define(id: number, { m, ids }: Around): void {
  const own = local(m, "v128");
  set(m, own);
  ids.set(id, own);
}

function apply(op: MapOp, args: readonly number[], { m }: Around, ops: Map<string, MapOp>): void {
  const inline = functions[op.name];
  if (inline !== undefined) return inline(m, args);
  const name = ops.has(op.name) && ops.get(op.name) !== op ? `${op.name}@${ops.size}` : op.name;
  ops.set(name, op);
  for (let k = 0; k < m.lanes.count; k++) {
    for (const arg of args) {
      get(m, arg);
      extractLane(m, m.lanes.op.extract, k);
    }
    call(m, name, args.length);
    if (k === 0) simd(m, m.lanes.op.splat);
    else extractLane(m, m.lanes.op.replace, k);
  }
}

// ---------------------------------------------------------------------------------------- loops

type For = Extract<Stmt, { do: "for" }>;

function loop(stmt: For, around: Around, ops: Map<string, MapOp>): void {
  const { m } = around;
  const { label, count, body, results } = stmt;
  const counter = local(m, "i32");
  int(m, 0);
  set(m, counter);
  const totals = results.map(({ meet: how }) => {
    number(m, IDENTITY[how]);
    return kept(m);
  });
  const counters = new Map([...around.counters, [label, counter]]);
  const turn = (vector: Around["vector"]): void => {
    const inside: Around = {
      ...around,
      ids: new Map(around.ids),
      addresses: new Map(around.addresses),
      counters,
      vector,
    };
    for (const own of body) statement(own, inside, ops);
    results.forEach(({ of, meet: how }, i) => {
      get(m, totals[i]!);
      get(m, idOf(of, inside));
      if (vector !== null && !vector.full && around.vector === null) onlyFirst(IDENTITY[how], m);
      simd(m, m.lanes.op[MEETING[how]]);
      set(m, totals[i]!);
    });
  };
  if (around.vector !== null) counted(m, counter, count, 1, () => turn(around.vector));
  else {
    const whole = count - (count % m.lanes.count);
    counted(m, counter, whole, m.lanes.count, () => turn({ label, full: true }));
    if (whole < count) turn({ label, full: false });
  }
  results.forEach(({ id, meet: how }, i) => {
    const known = around.vector === null ? acrossLanes(totals[i]!, how, m) : totals[i]!;
    around.ids.set(id, known);
  });
}

/** The first lane of the value on the stack; the other at the identity. */
function onlyFirst(identity: number, m: Machine): void {
  number(m, identity);
  simd(m, OP.constant);
  push(m, [...Array<number>(8).fill(255), ...Array<number>(8).fill(0)]);
  simd(m, OP.bitselect);
}
