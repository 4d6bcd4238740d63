// Formulas with branches and loops on lanes: what is written for numbers of any engine (src/exec/draw/arithmetic.ts), and functions whose series end sooner on
// one lane than on the other. Every operation's result is held. A lane's result does not depend on its neighbours: what it has come to is kept by mask
// while they go on.

import type { Arithmetic } from "../../../draw/arithmetic.ts";
import { kept, OP, push, set, simd, type Machine } from "../machine.ts";
import { unsigned } from "../module.ts";
import {
  abs,
  add,
  and,
  div,
  eq,
  floor,
  held,
  inLocal,
  le,
  lt,
  mul,
  not,
  or,
  put,
  sqrt,
  sub,
  where,
  words,
  type Operand,
  type Vector,
} from "./expression.ts";
import { exponentialOf } from "./exponential.ts";
import { logarithmOf } from "./logarithm.ts";

export type LaneArithmetic = Arithmetic<Vector, Vector> & {
  /** The lanes of a mask that take part where the code stands. */
  readonly taking: (mask: Vector) => Vector;
  /** `turns` whose steps themselves leave lanes alone that are over: `isOn` is the mask of those that are not. */
  readonly marked: (
    begin: readonly Operand[],
    step: (now: readonly Vector[], isOn: Vector) => { readonly next: readonly Operand[]; readonly goesOn: Vector },
  ) => readonly Vector[];
};

export function arithmetic(m: Machine): LaneArithmetic {
  /** Null: all lanes. */
  const part: { active: Vector | null } = { active: null };
  const taking = (mask: Vector): Vector => held(m, part.active === null ? mask : and(mask, part.active));
  const binary =
    (op: (a: Operand, b: Operand) => Vector) =>
    (a: Operand, b: Operand): Vector =>
      held(m, op(a, b));
  const unary =
    (op: (x: Operand) => Vector) =>
    (x: Operand): Vector =>
      held(m, op(x));
  const among = (mask: Vector, way: () => Operand, result: number, merged: (x: Operand) => Operand): void => {
    const before = part.active;
    part.active = taking(mask);
    whereAny(m, part.active, () => become(m, result, merged(way())));
    part.active = before;
  };
  return {
    taking,
    add: binary(add),
    sub: binary(sub),
    mul: binary(mul),
    div: binary(div),
    less: binary(lt),
    atMost: binary(le),
    equal: binary(eq),
    and: binary(and),
    sqrt: unary(sqrt),
    floor: unary(floor),
    abs: unary(abs),
    not: unary(not),
    exp: (x) => exponentialOf(m, x),
    log: (x) => held(m, logarithmOf(m, x)),
    where: (mask, a, b) => held(m, where(mask, a, b)),
    or: (mask, other) => {
      const result = begun(m, mask);
      among(not(mask), other, result.id, (found) => or(result.value, found));
      return result.value;
    },
    either: (mask, yes, no) => {
      const result = begun(m, 0);
      among(mask, yes, result.id, (found) => found);
      among(not(mask), no, result.id, (found) => where(mask, result.value, found));
      return result.value;
    },
    turns: (begin, goesOn, step) => {
      const now = begin.map((x) => begun(m, x));
      const values = now.map(({ value }) => value);
      push(m, [BLOCK, NOTHING, LOOP, NOTHING]);
      const isOn = taking(goesOn(values));
      put(m, isOn);
      simd(m, OP.anyTrue);
      push(m, [IS_ZERO, BRANCH_IF, ...unsigned(1)]);
      const next = step(values).map((x, i) => held(m, where(isOn, x, values[i]!)));
      next.forEach((x, i) => become(m, now[i]!.id, x));
      push(m, [BRANCH, ...unsigned(0), END, END]);
      return values;
    },
    marked: (begin, step) => {
      const now = begin.map((x) => begun(m, x));
      const values = now.map(({ value }) => value);
      const isOn = begun(m, taking(EVERY_LANE));
      push(m, [LOOP, NOTHING]);
      const { next, goesOn } = step(values, isOn.value);
      become(m, isOn.id, and(isOn.value, goesOn));
      next.map((x) => held(m, x)).forEach((x, i) => become(m, now[i]!.id, x));
      put(m, isOn.value);
      simd(m, OP.anyTrue);
      push(m, [BRANCH_IF, ...unsigned(0), END]);
      return values;
    },
  };
}

export const EVERY_LANE = words([-1, -1, -1, -1]);

export const [BLOCK, LOOP, IF, END, BRANCH, BRANCH_IF, IS_ZERO, NOTHING] = [
  0x02, 0x03, 0x04, 0x0b, 0x0c, 0x0d, 0x45, 0x40,
];

type Variable = { readonly id: number; readonly value: Vector };

/** A local that takes other values later on. */
export function begun(m: Machine, x: Operand): Variable {
  put(m, x);
  const id = kept(m);
  return { id, value: inLocal(id) };
}

export function become(m: Machine, id: number, x: Operand): void {
  put(m, x);
  set(m, id);
}

/** Runs code where a mask is set anywhere. */
function whereAny(m: Machine, mask: Vector, body: () => void): void {
  put(m, mask);
  simd(m, OP.anyTrue);
  push(m, [IF, NOTHING]);
  body();
  push(m, [END]);
}
