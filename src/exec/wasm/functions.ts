// Map ops as code on two lanes. Those that are missing here call the scalar function of their row, lane by lane.

import { exponential, logarithm, sigmoid, softplus, type Emit } from "./exponential.ts";
import { get, kept, number, OP, simd, type Machine } from "./machine.ts";

const unary =
  (op: number): Emit =>
  (m, [a]) => {
    get(m, a!);
    simd(m, op);
  };
const binary =
  (op: number): Emit =>
  (m, [a, b]) => {
    get(m, a!);
    get(m, b!);
    simd(m, op);
  };

/** A mask on the stack as 1 or 0. */
const truth = (m: Machine): void => {
  number(m, 1);
  simd(m, OP.and);
};
const comparison =
  (op: number): Emit =>
  (m, args) => {
    binary(op)(m, args);
    truth(m);
  };

/** Mask of x not 0. */
const nonzero = (m: Machine, x: number): void => {
  get(m, x);
  number(m, 0);
  simd(m, OP.ne);
};

const choice: Emit = (m, [c, a, b]) => {
  get(m, a!);
  get(m, b!);
  nonzero(m, c!);
  simd(m, OP.bitselect);
};

/** a where c is 1, b where it is 0, else c a + (1 - c) b. */
const mixed: Emit = (m, [c, a, b]) => {
  const isNumber = (value: number): void => {
    get(m, c!);
    number(m, value);
    simd(m, OP.eq);
  };
  get(m, a!);
  get(m, b!);
  get(m, c!);
  get(m, a!);
  simd(m, OP.mul);
  number(m, 1);
  get(m, c!);
  simd(m, OP.sub);
  get(m, b!);
  simd(m, OP.mul);
  simd(m, OP.add);
  isNumber(0);
  simd(m, OP.bitselect);
  isNumber(1);
  simd(m, OP.bitselect);
};

const negated =
  (emit: Emit): Emit =>
  (m, [x]) => {
    get(m, x!);
    simd(m, OP.neg);
    const opposite = kept(m);
    emit(m, [opposite]);
  };

export const functions: Readonly<Record<string, Emit>> = {
  add: binary(OP.add),
  sub: binary(OP.sub),
  mul: binary(OP.mul),
  div: binary(OP.div),
  minimum: binary(OP.min),
  maximum: binary(OP.max),
  neg: unary(OP.neg),
  abs: unary(OP.abs),
  sqrt: unary(OP.sqrt),
  floor: unary(OP.floor),
  ceil: unary(OP.ceil),
  trunc: unary(OP.trunc),
  square: (m, [x]) => binary(OP.mul)(m, [x!, x!]),
  less: comparison(OP.lt),
  lessEqual: comparison(OP.le),
  equal: comparison(OP.eq),
  select: choice,
  branch: mixed,
  not: (m, [x]) => {
    number(m, 1);
    nonzero(m, x!);
    simd(m, OP.andnot);
  },
  and: (m, [a, b]) => {
    nonzero(m, a!);
    nonzero(m, b!);
    simd(m, OP.and);
    truth(m);
  },
  or: (m, [a, b]) => {
    nonzero(m, a!);
    nonzero(m, b!);
    simd(m, OP.or);
    truth(m);
  },
  isFinite: (m, [x]) => {
    get(m, x!);
    simd(m, OP.abs);
    number(m, Infinity);
    simd(m, OP.lt);
    truth(m);
  },
  exp: exponential,
  log: logarithm,
  sigmoid,
  softplus,
  logSigmoid: (m, [x]) => {
    negated(softplus)(m, [x!]);
    simd(m, OP.neg);
  },
};
