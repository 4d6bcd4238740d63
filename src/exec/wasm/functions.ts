// Map ops as code on lanes. Those that are missing here call the scalar function of their row, lane by lane.

import { exponential, logarithm, sigmoid, softplus, type Emit } from "./exponential.ts";
import type { LaneOp } from "./lanes.ts";
import { get, kept, number, OP, simd, type Machine } from "./machine.ts";

const unary =
  (op: LaneOp): Emit =>
  (m, [a]) => {
    get(m, a!);
    simd(m, m.lanes.op[op]);
  };
const binary =
  (op: LaneOp): Emit =>
  (m, [a, b]) => {
    get(m, a!);
    get(m, b!);
    simd(m, m.lanes.op[op]);
  };

/** A mask on the stack as 1 or 0. */
const truth = (m: Machine): void => {
  number(m, 1);
  simd(m, OP.and);
};
const comparison =
  (op: LaneOp): Emit =>
  (m, args) => {
    binary(op)(m, args);
    truth(m);
  };

/** Mask of x not 0. */
const nonzero = (m: Machine, x: number): void => {
  get(m, x);
  number(m, 0);
  simd(m, m.lanes.op.ne);
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
    simd(m, m.lanes.op.eq);
  };
  get(m, a!);
  get(m, b!);
  get(m, c!);
  get(m, a!);
  simd(m, m.lanes.op.mul);
  number(m, 1);
  get(m, c!);
  simd(m, m.lanes.op.sub);
  get(m, b!);
  simd(m, m.lanes.op.mul);
  simd(m, m.lanes.op.add);
  isNumber(0);
  simd(m, OP.bitselect);
  isNumber(1);
  simd(m, OP.bitselect);
};

const negated =
  (emit: Emit): Emit =>
  (m, [x]) => {
    get(m, x!);
    simd(m, m.lanes.op.neg);
    const opposite = kept(m);
    emit(m, [opposite]);
  };

export const functions: Readonly<Record<string, Emit>> = {
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  minimum: binary("min"),
  maximum: binary("max"),
  neg: unary("neg"),
  abs: unary("abs"),
  sqrt: unary("sqrt"),
  floor: unary("floor"),
  ceil: unary("ceil"),
  trunc: unary("trunc"),
  square: (m, [x]) => binary("mul")(m, [x!, x!]),
  less: comparison("lt"),
  lessEqual: comparison("le"),
  equal: comparison("eq"),
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
    simd(m, m.lanes.op.abs);
    number(m, Infinity);
    simd(m, m.lanes.op.lt);
    truth(m);
  },
  exp: exponential,
  log: logarithm,
  sigmoid,
  softplus,
  logSigmoid: (m, [x]) => {
    negated(softplus)(m, [x!]);
    simd(m, m.lanes.op.neg);
  },
};
