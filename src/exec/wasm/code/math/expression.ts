// Code on vectors written as expressions: an operand is code that leaves a vector on the stack, or a number in every lane. What is used twice is `held` in a
// local.

import type { LaneOp } from "../lanes.ts";
import { get, int, kept, number, OP, push, set, simd, type Machine } from "../machine.ts";

export type Vector = (m: Machine) => void;
export type Operand = Vector | number;
/** Leaves the result of a map op on the stack; `args` are locals. */
export type Emit = (m: Machine, args: readonly number[]) => void;

export const put = (m: Machine, x: Operand): void => (typeof x === "number" ? number(m, x) : x(m));
export const inLocal =
  (id: number): Vector =>
  (m) =>
    get(m, id);

/** Computes x now, and gives it back from a local. */
export function held(m: Machine, x: Operand): Vector {
  put(m, x);
  return inLocal(kept(m));
}

type Unary = (x: Operand) => Vector;
type Binary = (a: Operand, b: Operand) => Vector;

const unary =
  (op: LaneOp): Unary =>
  (x) =>
  (m) => {
    put(m, x);
    simd(m, m.lanes.op[op]);
  };
const binary =
  (op: LaneOp): Binary =>
  (a, b) =>
  (m) => {
    put(m, a);
    put(m, b);
    simd(m, m.lanes.op[op]);
  };
const onBits =
  (op: number): Binary =>
  (a, b) =>
  (m) => {
    put(m, a);
    put(m, b);
    simd(m, op);
  };

export const [add, sub, mul, div] = [binary("add"), binary("sub"), binary("mul"), binary("div")];
/** Of equal rank with NaN: the second where either is NaN. */
export const [pmin, pmax] = [binary("pmin"), binary("pmax")];
export const addInt = binary("addInt");
export const [min, max] = [binary("min"), binary("max")];
export const [neg, abs, sqrt] = [unary("neg"), unary("abs"), unary("sqrt")];
export const [floor, ceil, trunc] = [unary("floor"), unary("ceil"), unary("trunc")];
/** Comparisons give masks. */
export const [lt, gt, le, ge] = [binary("lt"), binary("gt"), binary("le"), binary("ge")];
export const [eq, ne] = [binary("eq"), binary("ne")];
export const [and, or, xor] = [onBits(OP.and), onBits(OP.or), onBits(OP.xor)];
/** a where the mask is not set, 0 where it is. */
export const unless: Binary = onBits(OP.andnot);

export const not =
  (mask: Operand): Vector =>
  (m) => {
    put(m, mask);
    simd(m, OP.not);
  };

/** a where the mask is set, else b. */
export const where =
  (mask: Operand, a: Operand, b: Operand): Vector =>
  (m) => {
    put(m, a);
    put(m, b);
    put(m, mask);
    simd(m, OP.bitselect);
  };

const shift =
  (op: LaneOp) =>
  (x: Operand, by: number): Vector =>
  (m) => {
    put(m, x);
    int(m, by);
    simd(m, m.lanes.op[op]);
  };
export const [shiftLeft, shiftRight] = [shift("shiftLeft"), shift("shiftRight")];

/** Four words of 32 bits as they are. */
export const words =
  (values: readonly number[]): Vector =>
  (m) => {
    simd(m, OP.constant);
    push(m, [...new Uint8Array(Uint32Array.from(values).buffer)]);
  };

/** A whole number as the bits of every number. */
export const whole =
  (value: number): Vector =>
  (m) =>
    words(m.lanes.name === "f64" ? [value, 0, value, 0] : [value, value, value, value])(m);

/** Words of two vectors by their numbers, 0 … 3 of the first and 4 … 7 of the second. */
export const shuffled =
  (a: Vector, b: Vector, numbers: readonly number[]): Vector =>
  (m) => {
    a(m);
    b(m);
    simd(m, OP.shuffle);
    push(
      m,
      numbers.flatMap((n) => [4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3]),
    );
  };

const SHIFT_SIGNED = { f64: 0xcc, f32: 0xac } as const;
/** Mask of what has its highest bit set. */
export const signMask =
  (x: Operand): Vector =>
  (m) => {
    put(m, x);
    int(m, 8 * m.lanes.bytes - 1);
    simd(m, SHIFT_SIGNED[m.lanes.name]);
  };

/** What `make` gives if the mask is set anywhere, else `otherwise`: for what is dear and rare. */
export function ifAny(m: Machine, mask: Operand, make: () => Operand, otherwise: Operand): Vector {
  put(m, otherwise);
  const result = kept(m);
  put(m, mask);
  simd(m, OP.anyTrue);
  push(m, [0x04, 0x40]);
  put(m, make());
  set(m, result);
  push(m, [0x0b]);
  return inLocal(result);
}

/** A value that is right where the mask `usual` is set; where it is not set everywhere, it is made `anew`. */
export type Checked = { readonly usual: Vector; readonly value: Vector; readonly anew: () => Operand };
/** A map op as such. */
export type EmitChecked = (m: Machine, args: readonly number[]) => Checked;

const [UNEQUAL, IF, NOTHING, END] = [0x47, 0x04, 0x40, 0x0b];

/** The values, with one test for all of them: a branch takes some ten instructions, and parts what the compiler would mix. */
export function settled(m: Machine, all: readonly Checked[]): readonly Vector[] {
  const results = all.map(({ value }) => (value(m), kept(m)));
  all.map(({ usual }) => usual).reduce((one, other) => and(one, other))(m);
  simd(m, m.lanes.op.bitmask);
  int(m, 2 ** m.lanes.count - 1);
  push(m, [UNEQUAL, IF, NOTHING]);
  all.forEach(({ anew }, i) => {
    put(m, anew());
    set(m, results[i]!);
  });
  push(m, [END]);
  return results.map(inLocal);
}

/** Of a function by itself. */
export const alone =
  (emit: EmitChecked): Emit =>
  (m, args) =>
    settled(m, [emit(m, args)])[0]!(m);

export const square = (m: Machine, x: Vector): Vector => held(m, mul(x, x));

/** The size of a with the sign of b. */
export const withSign = (a: Operand, b: Operand): Vector => xor(a, and(b, -0));

/** c0 + c1 x + … by Horner's rule. */
export const horner = (x: Operand, [first, ...rest]: readonly number[]): Vector =>
  rest.length === 0 ? (m) => put(m, first!) : add(mul(horner(x, rest), x), first!);

/** c0 + c1 x + … by even and odd powers, E(x²) + x O(x²): twice as fast as Horner's rule, and no power above x² that could become denormal. */
export function polynomial(m: Machine, x: Vector, coefficients: readonly number[]): Vector {
  const z = square(m, x);
  const part = (odd: number): readonly number[] => coefficients.filter((_, i) => i % 2 === odd);
  return held(m, add(horner(z, part(0)), mul(horner(z, part(1)), x)));
}

/** A map op of one argument from its expression. */
export const ofOne =
  (f: (m: Machine, x: Vector) => Operand): Emit =>
  (m, [x]) =>
    put(m, f(m, inLocal(x!)));
export const ofTwo =
  (f: (m: Machine, a: Vector, b: Vector) => Operand): Emit =>
  (m, [a, b]) =>
    put(m, f(m, inLocal(a!), inLocal(b!)));
export const ofThree =
  (f: (m: Machine, a: Vector, b: Vector, c: Vector) => Operand): Emit =>
  (m, [a, b, c]) =>
    put(m, f(m, inLocal(a!), inLocal(b!), inLocal(c!)));
