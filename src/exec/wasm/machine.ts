// Writing code for the stack machine: locals, constants and the instructions on vectors. Opcodes as in the WebAssembly SIMD proposal.

import type { Lanes } from "./lanes.ts";
import { float32, float64, signed, unsigned, type Code, type Type } from "./module.ts";

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
} as const;

export type Machine = {
  readonly lanes: Lanes;
  readonly code: Code;
  readonly locals: Type[];
  /** Imported functions that the code calls, by name. */
  readonly imports: Map<string, { readonly index: number; readonly arity: number }>;
};

export const machine = (lanes: Lanes): Machine => ({ lanes, code: [], locals: [], imports: new Map() });

export function local(m: Machine, type: Type): number {
  m.locals.push(type);
  return m.locals.length - 1;
}

export const push = (m: Machine, bytes: Code): void => {
  for (const byte of bytes) m.code.push(byte);
};
export const simd = (m: Machine, op: number): void => push(m, [SIMD, ...unsigned(op)]);
export const get = (m: Machine, id: number): void => push(m, [0x20, ...unsigned(id)]);
export const set = (m: Machine, id: number): void => push(m, [0x21, ...unsigned(id)]);
export const tee = (m: Machine, id: number): void => push(m, [0x22, ...unsigned(id)]);
export const int = (m: Machine, value: number): void => push(m, [0x41, ...signed(value)]);
export const intAdd = (m: Machine): void => push(m, [0x6a]);
export const intMul = (m: Machine): void => push(m, [0x6c]);

/** The same number in every lane. */
export function number(m: Machine, value: number): void {
  simd(m, OP.constant);
  const bytes = m.lanes.name === "f64" ? float64(value) : float32(value);
  for (let lane = 0; lane < m.lanes.count; lane++) push(m, bytes);
}

/** The same 64 bits in both lanes of float64, as two words of hexadecimal digits. */
export function bits(m: Machine, high: number, low: number): void {
  simd(m, OP.constant);
  const bytes = [...new Uint8Array(Uint32Array.of(low, high).buffer)];
  push(m, [...bytes, ...bytes]);
}

/** Alignment 2^0: offsets of views need not be multiples of the vector. */
export const memory = (m: Machine, op: number, offset: number): void => {
  simd(m, op);
  push(m, [0, ...unsigned(offset)]);
};
export const lane = (m: Machine, op: number, offset: number, index: number): void => {
  memory(m, op, offset);
  push(m, [index]);
};
export const extractLane = (m: Machine, op: number, index: number): void => {
  simd(m, op);
  push(m, [index]);
};

/** Lanes exchanged. */
export function swapLanes(m: Machine, id: number): void {
  get(m, id);
  get(m, id);
  simd(m, OP.shuffle);
  push(m, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]);
}

/** Calls an imported function of numbers. */
export function call(m: Machine, name: string, arity: number): void {
  const known = m.imports.get(name) ?? { index: m.imports.size, arity };
  m.imports.set(name, known);
  push(m, [0x10, ...unsigned(known.index)]);
}

/** The value on the stack in a local of its own. */
export function kept(m: Machine): number {
  const id = local(m, "v128");
  set(m, id);
  return id;
}
