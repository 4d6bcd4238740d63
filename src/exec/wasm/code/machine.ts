// Writing code for the stack machine: locals, constants and the instructions on vectors. Opcodes as in the WebAssembly SIMD proposal.

import type { Lanes } from "./lanes.ts";
import {
  float32,
  float64,
  writeSigned,
  writeUnsigned,
  type Called,
  type Code,
  type Func,
  type Type,
} from "./module.ts";

const SIMD = 0xfd;
/** Instructions on a vector as such; those on its numbers are in `Lanes`. */
export const OP = {
  load: 0x00,
  store: 0x0b,
  constant: 0x0c,
  shuffle: 0x0d,
  extractInt: 0x1b,
  not: 0x4d,
  and: 0x4e,
  andnot: 0x4f,
  or: 0x50,
  xor: 0x51,
  bitselect: 0x52,
  anyTrue: 0x53,
} as const;

export type Machine = {
  readonly lanes: Lanes;
  readonly code: Code;
  readonly locals: Type[];
  /** Imported functions that the code calls, by name. */
  readonly imports: Map<string, { readonly index: number; readonly arity: number }>;
  /** Functions of the module that code calls, by name, and where this code does. */
  readonly functions: Map<string, Func>;
  readonly calls: Called[];
};

export const machine = (lanes: Lanes): Machine => ({
  lanes,
  code: [],
  locals: [],
  imports: new Map(),
  functions: new Map(),
  calls: [],
});

/** For a function of its own in the same module. */
export const beside = ({ lanes, imports, functions }: Machine): Machine => ({ ...machine(lanes), imports, functions });

export function local(m: Machine, type: Type): number {
  m.locals.push(type);
  return m.locals.length - 1;
}

export const push = (m: Machine, bytes: Code): void => {
  for (const byte of bytes) m.code.push(byte);
};
/** An instruction with one unsigned operand. */
function instruction({ code }: Machine, opcode: number, operand: number): void {
  code.push(opcode);
  writeUnsigned(code, operand);
}
export const simd = (m: Machine, op: number): void => instruction(m, SIMD, op);
export const get = (m: Machine, id: number): void => instruction(m, 0x20, id);
export const set = (m: Machine, id: number): void => instruction(m, 0x21, id);
export const tee = (m: Machine, id: number): void => instruction(m, 0x22, id);
export function int({ code }: Machine, value: number): void {
  code.push(0x41);
  writeSigned(code, value);
}
export const intAdd = (m: Machine): void => push(m, [0x6a]);
export const intMul = (m: Machine): void => push(m, [0x6c]);

/** The same number in every lane. */
export function number(m: Machine, value: number): void {
  simd(m, OP.constant);
  const bytes = m.lanes.name === "f64" ? float64(value) : float32(value);
  for (let lane = 0; lane < m.lanes.count; lane++) push(m, bytes);
}

/** Alignment 2^0: offsets of views need not be multiples of the vector. */
export const memory = (m: Machine, op: number, offset: number): void => {
  simd(m, op);
  instruction(m, 0, offset);
};
export const lane = (m: Machine, op: number, offset: number, index: number): void => {
  memory(m, op, offset);
  push(m, [index]);
};
export const extractLane = (m: Machine, op: number, index: number): void => {
  simd(m, op);
  push(m, [index]);
};

/** Instructions on memory that several threads share, whose address is aligned. */
export const ATOMIC = {
  notify: [0x00, 2],
  wait32: [0x01, 2],
  load32: [0x10, 2],
  store32: [0x17, 2],
  store64: [0x18, 3],
  add32: [0x1e, 2],
  add64: [0x1f, 3],
} as const;

export function atomic(m: Machine, op: keyof typeof ATOMIC, offset: number): void {
  push(m, [0xfe, ...ATOMIC[op]]);
  writeUnsigned(m.code, offset);
}

/** The bytes of a vector moved around by so many. */
export function rotated(m: Machine, id: number, by: number): void {
  get(m, id);
  get(m, id);
  simd(m, OP.shuffle);
  push(
    m,
    Array.from({ length: 16 }, (_, byte) => (byte + by) % 16),
  );
}

/** Mask of the first lanes. */
export function firstLanes(m: Machine, count: number): void {
  simd(m, OP.constant);
  push(
    m,
    Array.from({ length: 16 }, (_, byte) => (byte < count * m.lanes.bytes ? 255 : 0)),
  );
}

/** Calls an imported function of numbers. */
export function call(m: Machine, name: string, arity: number): void {
  const known = m.imports.get(name) ?? { index: m.imports.size, arity };
  m.imports.set(name, known);
  instruction(m, 0x10, known.index);
}

/** Calls a function of the module; its place in the table is on the stack. `type`: the place of one like it. */
export function callOwn(m: Machine, type: number): void {
  instruction(m, 0x11, type);
  push(m, [0x00]);
}

/** Calls a function of the module that several places share; made where it is called for the first time. */
export function callShared(m: Machine, name: string, make: () => Func): void {
  if (!m.functions.has(name)) m.functions.set(name, make());
  push(m, [0x10]);
  m.calls.push({ at: m.code.length, name });
  push(m, ROOM);
}
/** Bytes that the number of a function takes, which is known when all of them are. */
const ROOM = [0, 0, 0, 0, 0];

/** The value on the stack in a local of its own. */
export function kept(m: Machine): number {
  const id = local(m, "v128");
  set(m, id);
  return id;
}
