// Pointwise ops. The commonest have a loop of their own: calling a function per element costs more than the arithmetic.
// `test/exec.test.ts` holds them to the scalar functions of their rows.

import { ice } from "../../base/ice.ts";
import type { MapOp } from "../../ir/op.ts";
import { logistic } from "../../op/exponential.ts";
import { digamma, lgamma, log1pExp } from "../../op/special/index.ts";
import { stridesAlong, type Kernel } from "./cell.ts";
import { walker, type Inner } from "./nest.ts";
import * as math from "../../op/special/elementary.ts";

type Values = Float64Array;
/** n elements: result y from o on in steps of 1; arguments from i (j, k) on in steps of p (q, r). */
type Loop1 = (n: number, y: Values, o: number, a: Values, i: number, p: number) => void;
type Loop2 = (
  n: number,
  y: Values,
  o: number,
  a: Values,
  i: number,
  p: number,
  b: Values,
  j: number,
  q: number,
) => void;
type Loop3 = (
  n: number,
  y: Values,
  o: number,
  a: Values,
  i: number,
  p: number,
  b: Values,
  j: number,
  q: number,
  c: Values,
  k: number,
  r: number,
) => void;

const unaryLoops: Readonly<Record<string, Loop1>> = {
  neg: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = -a[i]!;
  },
  square: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = a[i]! * a[i]!;
  },
  sqrt: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = Math.sqrt(a[i]!);
  },
  abs: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = Math.abs(a[i]!);
  },
  exp: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = math.exp(a[i]!);
  },
  log: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = math.log(a[i]!);
  },
  log1p: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = math.log1p(a[i]!);
  },
  tanh: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = math.tanh(a[i]!);
  },
  sigmoid: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = logistic(a[i]!);
  },
  softplus: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = log1pExp(a[i]!);
  },
  logSigmoid: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = -log1pExp(-a[i]!);
  },
  lgamma: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = lgamma(a[i]!);
  },
  digamma: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = digamma(a[i]!);
  },
  isFinite: (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = Number.isFinite(a[i]!) ? 1 : 0;
  },
};

const binaryLoops: Readonly<Record<string, Loop2>> = {
  add: (n, y, o, a, i, p, b, j, q) => {
    for (; n > 0; n--, o++, i += p, j += q) y[o] = a[i]! + b[j]!;
  },
  sub: (n, y, o, a, i, p, b, j, q) => {
    for (; n > 0; n--, o++, i += p, j += q) y[o] = a[i]! - b[j]!;
  },
  mul: (n, y, o, a, i, p, b, j, q) => {
    for (; n > 0; n--, o++, i += p, j += q) y[o] = a[i]! * b[j]!;
  },
  div: (n, y, o, a, i, p, b, j, q) => {
    for (; n > 0; n--, o++, i += p, j += q) y[o] = a[i]! / b[j]!;
  },
  less: (n, y, o, a, i, p, b, j, q) => {
    for (; n > 0; n--, o++, i += p, j += q) y[o] = a[i]! < b[j]! ? 1 : 0;
  },
  lessEqual: (n, y, o, a, i, p, b, j, q) => {
    for (; n > 0; n--, o++, i += p, j += q) y[o] = a[i]! <= b[j]! ? 1 : 0;
  },
  equal: (n, y, o, a, i, p, b, j, q) => {
    for (; n > 0; n--, o++, i += p, j += q) y[o] = a[i]! === b[j]! ? 1 : 0;
  },
  minimum: (n, y, o, a, i, p, b, j, q) => {
    for (; n > 0; n--, o++, i += p, j += q) y[o] = Math.min(a[i]!, b[j]!);
  },
  maximum: (n, y, o, a, i, p, b, j, q) => {
    for (; n > 0; n--, o++, i += p, j += q) y[o] = Math.max(a[i]!, b[j]!);
  },
};

const ternaryLoops: Readonly<Record<string, Loop3>> = {
  select: (n, y, o, a, i, p, b, j, q, c, k, r) => {
    for (; n > 0; n--, o++, i += p, j += q, k += r) y[o] = a[i] !== 0 ? b[j]! : c[k]!;
  },
};

/** The ops that have a loop of their own. */
export const loopedOps: readonly string[] = [unaryLoops, binaryLoops, ternaryLoops].flatMap((loops) =>
  Object.keys(loops),
);

const anyUnary =
  (f: (x: number) => number): Loop1 =>
  (n, y, o, a, i, p) => {
    for (; n > 0; n--, o++, i += p) y[o] = f(a[i]!);
  };
const anyBinary =
  (f: (x: number, z: number) => number): Loop2 =>
  (n, y, o, a, i, p, b, j, q) => {
    for (; n > 0; n--, o++, i += p, j += q) y[o] = f(a[i]!, b[j]!);
  };
const anyTernary =
  (f: (x: number, z: number, w: number) => number): Loop3 =>
  (n, y, o, a, i, p, b, j, q, c, k, r) => {
    for (; n > 0; n--, o++, i += p, j += q, k += r) y[o] = f(a[i]!, b[j]!, c[k]!);
  };

export const mapKernel: Kernel = (out, inputs) => {
  const strides = [out.strides, ...inputs.map((x) => stridesAlong(x, out))];
  const values = inputs.map((x) => x.values);
  return walker({ sizes: out.sizes, strides }, innerOf(out.node.op as MapOp, out.values, values));
};

/** The innermost loop of an op into y. */
function innerOf(op: MapOp, y: Values, [a, b, c, d]: readonly Values[]): Inner {
  if (a === undefined) return ice(`${op.name} has no arguments`);
  if (b === undefined) {
    const loop = unaryLoops[op.name] ?? anyUnary(op.scalar);
    return (n, at, step) => loop(n, y, at[0]!, a, at[1]!, step[1]!);
  }
  if (c === undefined) {
    const loop = binaryLoops[op.name] ?? anyBinary(op.scalar);
    return (n, at, step) => loop(n, y, at[0]!, a, at[1]!, step[1]!, b, at[2]!, step[2]!);
  }
  if (d !== undefined) {
    const given = [a, b, c, d];
    return (n, at, step) => {
      for (let k = 0; k < n; k++) y[at[0]! + k] = op.scalar(...given.map((x, i) => x[at[i + 1]! + k * step[i + 1]!]!));
    };
  }
  const loop = ternaryLoops[op.name] ?? anyTernary(op.scalar);
  return (n, at, step) => loop(n, y, at[0]!, a, at[1]!, step[1]!, b, at[2]!, step[2]!, c, at[3]!, step[3]!);
}
