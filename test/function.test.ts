// The table of functions: every built row against an oracle in plain JavaScript; the type rule and the built node agree
// in shape.

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { builtRow, findFunction, functionNames, functions, mismatch } from "../src/function/index.ts";
import type { BuiltRow, Operand } from "../src/function/index.ts";
import { array, bool, index, int, real, shapesAgree, sizesAgree } from "../src/model/types.ts";
import type { ArrayType, Elem, Shape, Size } from "../src/model/types.ts";
import { constant } from "../src/op/index.ts";
import { valueOf } from "./support/run-graph.ts";

type Value = {
  readonly elem: Elem;
  readonly shape: Shape;
  readonly size: readonly number[];
  readonly values: readonly number[];
};

/** Sizes of the dims of these tests. */
const SIZES: Readonly<Record<string, number>> = { N: 3, K: 2, J: 3 };
const sizeOf = (size: Size): number => (typeof size === "string" ? SIZES[size]! : (size ?? NaN));

const value = (shape: Shape, values: readonly number[], elem: Elem = real): Value => ({
  elem,
  shape,
  size: shape.map(sizeOf),
  values,
});
const num = (x: number, elem: Elem = real): Value => value([], [x], elem);
const operand = ({ elem, shape, size, values }: Value): Operand => ({
  type: array(elem, shape),
  node: constant(values, size),
});

/** Type and numbers of a call; sizes of size arguments are their values. */
function evaluate(
  row: BuiltRow,
  args: readonly Value[],
  over: number | null,
  base: 0 | 1 = 0,
): { type: ArrayType; shape: readonly number[]; values: number[] } {
  const operands = args.map(operand);
  const sizes = args.map(({ shape, values }) => (shape.length === 0 ? values[0]! : NaN));
  const type = row.type(
    operands.map((arg) => arg.type),
    { over, sizes, agree: sizesAgree },
  );
  if ("problem" in type) throw new Error(`${row.name} refuses: ${type.problem}`);
  const node = row.build(operands, { over, sizes, base });
  const found = valueOf(node, {}, {});
  expect(node.shape).toEqual(type.shape.map((size, i) => (size === null ? node.shape[i] : sizeOf(size))));
  return { type, shape: node.shape, values: [...found.values] };
}

const close = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found).toHaveLength(wanted.length);
  found.forEach((x, i) =>
    expect(x, `entry ${i}`).toSatisfy(
      (y: number) =>
        Object.is(y, wanted[i]) || y === wanted[i] || Math.abs(y - wanted[i]!) <= 1e-9 * (1 + Math.abs(wanted[i]!)),
    ),
  );
};

// ---------------------------------------------------------------------------------------- elementwise

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
/** Φ by its series, good to 1e-15 for |x| < 4. */
const phi = (x: number): number => {
  let term = x;
  let total = x;
  for (let n = 1; n < 120; n += 1) {
    term *= (x * x) / (2 * n + 1);
    total += term;
  }
  return 0.5 + (total * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
};
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
const EULER = 0.5772156649015329;

/** Points in the domain, and the function there. */
const unary: Readonly<
  Record<string, readonly [points: readonly number[], oracle: (x: number) => number, takes?: Elem]>
> = {
  neg: [[-1, 0.5], (x) => -x],
  not: [[0, 1], (x) => 1 - x, bool],
  int: [[-1.7, 2.9], Math.trunc],
  real: [[2], (x) => x],
  abs: [[-2, 3], Math.abs],
  sign: [[-2, 0, 3], Math.sign],
  square: [[-3], (x) => x * x],
  sqrt: [[2], Math.sqrt],
  cbrt: [[-8, 27, 2], Math.cbrt],
  exp: [[-1, 2], Math.exp],
  expm1: [[1e-12, 1], Math.expm1],
  log: [[0.1, 3], Math.log],
  log1p: [[1e-12, 2], Math.log1p],
  log2: [[8, 3], Math.log2],
  log10: [[1000, 3], Math.log10],
  sin: [[1], Math.sin],
  cos: [[1], Math.cos],
  tan: [[1], Math.tan],
  asin: [[0.3], Math.asin],
  acos: [[0.3], Math.acos],
  atan: [[3], Math.atan],
  sinh: [[1], Math.sinh],
  cosh: [[1], Math.cosh],
  tanh: [[1], Math.tanh],
  asinh: [[1], Math.asinh],
  acosh: [[2], Math.acosh],
  atanh: [[0.4], Math.atanh],
  floor: [[-1.5, 1.5], Math.floor],
  ceil: [[-1.5, 1.5], Math.ceil],
  round: [[-1.5, 1.4, 2.5], (x) => Math.sign(x) * Math.round(Math.abs(x))],
  trunc: [[-1.5, 1.5], Math.trunc],
  logit: [[0.2, 0.9], (p) => Math.log(p / (1 - p))],
  inv_logit: [[-2, 3], logistic],
  probit: [[phi(0.7), phi(-1.2)], (p) => (p > 0.5 ? 0.7 : -1.2)],
  inv_probit: [[0.7, -1.2], phi],
  cloglog: [[0.3], (p) => Math.log(-Math.log(1 - p))],
  inv_cloglog: [[-1, 0.5], (x) => 1 - Math.exp(-Math.exp(x))],
  log_inv_logit: [[-3, 2], (x) => Math.log(logistic(x))],
  log1m_inv_logit: [[-3, 2], (x) => Math.log(1 - logistic(x))],
  log1m: [[0.3], (x) => Math.log(1 - x)],
  log1m_exp: [[-0.5], (x) => Math.log(1 - Math.exp(x))],
  log1p_exp: [[-2, 3], (x) => Math.log(1 + Math.exp(x))],
  relu: [[-2, 3], (x) => Math.max(x, 0)],
  gelu: [[-1, 2], (x) => x * phi(x)],
  elu: [[-1, 2], (x) => (x > 0 ? x : Math.expm1(x))],
  silu: [[-1, 2], (x) => x * logistic(x)],
  softplus: [[-2, 3], (x) => Math.log(1 + Math.exp(x))],
  lgamma: [[5, 0.5], (x) => (x === 5 ? Math.log(24) : Math.log(Math.PI) / 2)],
  digamma: [[1, 2], (x) => (x === 1 ? -EULER : 1 - EULER)],
  trigamma: [[1], () => Math.PI ** 2 / 6],
  lfactorial: [[4], (n) => Math.log(factorial(n))],
  erf: [[0.6, -1.1], (x) => 2 * phi(x * Math.SQRT2) - 1],
  erfc: [[0.6], (x) => 2 - 2 * phi(x * Math.SQRT2)],
};

const binary: Readonly<
  Record<string, readonly [points: readonly (readonly number[])[], oracle: (...x: number[]) => number, takes?: Elem]>
> = {
  add: [[[1, 2]], (a, b) => a! + b!],
  sub: [[[1, 2]], (a, b) => a! - b!],
  mul: [[[3, 2]], (a, b) => a! * b!],
  div: [[[1, 4]], (a, b) => a! / b!],
  mod: [
    [
      [7, 3],
      [-7, 3],
      [7.5, -2],
    ],
    (a, b) => a! - b! * Math.floor(a! / b!),
  ],
  pow: [
    [
      [2, 3],
      [2, -0.5],
    ],
    (a, b) => a! ** b!,
  ],
  equal: [
    [
      [1, 1],
      [1, 2],
    ],
    (a, b) => Number(a === b),
  ],
  notEqual: [
    [
      [1, 1],
      [1, 2],
    ],
    (a, b) => Number(a !== b),
  ],
  less: [
    [
      [1, 1],
      [1, 2],
    ],
    (a, b) => Number(a! < b!),
  ],
  lessEqual: [
    [
      [1, 1],
      [2, 1],
    ],
    (a, b) => Number(a! <= b!),
  ],
  greater: [
    [
      [1, 1],
      [2, 1],
    ],
    (a, b) => Number(a! > b!),
  ],
  greaterEqual: [
    [
      [1, 1],
      [1, 2],
    ],
    (a, b) => Number(a! >= b!),
  ],
  and: [
    [
      [1, 0],
      [1, 1],
    ],
    (a, b) => a! * b!,
    bool,
  ],
  or: [
    [
      [1, 0],
      [0, 0],
    ],
    (a, b) => Math.max(a!, b!),
    bool,
  ],
  quotient: [
    [
      [7, 2],
      [-7, 2],
    ],
    (a, b) => Math.floor(a! / b!),
    int,
  ],
  atan2: [[[1, -2]], (y, x) => Math.atan2(y!, x!)],
  clamp: [
    [
      [5, 0, 1],
      [-5, 0, 1],
      [0.5, 0, 1],
    ],
    (x, lo, hi) => Math.min(Math.max(x!, lo!), hi!),
  ],
  log_diff_exp: [[[2, 1]], (a, b) => Math.log(Math.exp(a!) - Math.exp(b!))],
  log_mix: [
    [
      [0.3, 1, 2],
      [0, 5, 2],
      [0.3, -Infinity, -Infinity],
    ],
    (p, a, b) => (p === 0 ? b! : Math.log(p! * Math.exp(a!) + (1 - p!) * Math.exp(b!))),
  ],
  xlogy: [
    [
      [0, 0],
      [2, 3],
    ],
    (x, y) => (x === 0 ? 0 : x! * Math.log(y!)),
  ],
  lbeta: [[[2, 3]], () => Math.log(1 / 12)],
  lchoose: [
    [
      [5, 2],
      [6, 0],
    ],
    (n, k) => Math.log(factorial(n!) / (factorial(k!) * factorial(n! - k!))),
  ],
  // P(1, x) = 1 - e^-x and P(2, x) = 1 - (1 + x) e^-x
  gamma_p: [
    [
      [1, 0.7],
      [2, 3],
    ],
    (a, x) => (a === 1 ? 1 - Math.exp(-x!) : 1 - (1 + x!) * Math.exp(-x!)),
  ],
  gamma_q: [
    [
      [1, 0.7],
      [2, 3],
    ],
    (a, x) => (a === 1 ? Math.exp(-x!) : (1 + x!) * Math.exp(-x!)),
  ],
  // Σ_k (x/2)^(2k + n) / (k! (k + n)!)
  bessel_i: [
    [
      [0, 2],
      [1, 1.5],
    ],
    (n, x) =>
      Array.from({ length: 30 }, (_, k) => (x! / 2) ** (2 * k + n!) / (factorial(k) * factorial(k + n!))).reduce(
        (a, b) => a + b,
        0,
      ),
  ],
  min: [[[1, 2]], (a, b) => Math.min(a!, b!)],
  max: [[[1, 2]], (a, b) => Math.max(a!, b!)],
};

describe("elementwise rows", () => {
  test.each(Object.entries(unary))("%s", (name, [points, oracle, takes = real]) => {
    for (const x of points) close(evaluate(builtRow(name), [num(x, takes)], null).values, [oracle(x)]);
    close(evaluate(builtRow(name), [value([points.length], points, takes)], null).values, points.map(oracle));
  });
  test.each(Object.entries(binary))("%s", (name, [points, oracle, takes = real]) => {
    for (const args of points)
      close(
        evaluate(
          builtRow(name),
          args.map((x) => num(x, takes)),
          null,
        ).values,
        [oracle(...args)],
      );
  });
});

describe("alignment in the graph", () => {
  const x = value(["N", "K"], [1, 2, 3, 4, 5, 6]);
  const cases: readonly (readonly [string, Value, readonly number[]])[] = [
    ["a scalar", num(10), [11, 12, 13, 14, 15, 16]],
    ["by name, first dim", value(["N"], [10, 20, 30]), [11, 12, 23, 24, 35, 36]],
    ["by name, last dim", value(["K"], [10, 20]), [11, 22, 13, 24, 15, 26]],
    ["numbers at the end", value([2], [10, 20]), [11, 22, 13, 24, 15, 26]],
    ["equal shapes", value(["N", 2], [1, 1, 1, 1, 1, 1]), [2, 3, 4, 5, 6, 7]],
  ];
  test.each(cases)("%s", (_, other, wanted) => {
    close(evaluate(builtRow("add"), [x, other], null).values, wanted);
    close(evaluate(builtRow("add"), [other, x], null).values, wanted);
  });

  test("three arguments that need each other's dims", () => {
    const found = evaluate(builtRow("clamp"), [value(["N"], [1, 2, 3]), value(["K"], [2, 0]), x], null);
    close(found.values, [1, 1, 2, 2, 3, 3]);
  });

  test("sizes that were open until the data came", () => {
    const named = operand(value(["J"], [1, 2, 3]));
    const open = (count: number): Operand => ({
      type: array(real, [null]),
      node: constant(Array<number>(count).fill(1), [count]),
    });
    const call = { over: null, sizes: [NaN, NaN], base: 0 as const };
    expect(mismatch(builtRow("add"), [open(2), named], call, sizeOf)?.problem).toBe("differ");
    expect(mismatch(builtRow("add"), [open(3), named], call, sizeOf)).toBeNull();
    expect(mismatch(builtRow("add"), [operand(value([2], [1, 2])), named], call, sizeOf)?.problem).toBe("differ");
  });
});

// ---------------------------------------------------------------------------------------- the rest

type Case = {
  readonly fn: string;
  readonly args: readonly Value[];
  readonly over?: number;
  readonly base?: 0 | 1;
  readonly type: ArrayType;
  readonly values: readonly number[];
};
const x23 = value(["N", "K"], [1, 5, 2, 4, 6, 3]);
const row = (values: readonly number[], elem: Elem = real): Value => value(["N"], values, elem);
const square = (values: readonly number[]): Value & { readonly type: ArrayType } => ({
  ...value(["K", "K"], values),
  type: array(real, ["K", "K"]),
});
const variance = (xs: readonly number[]): number => {
  const mean = xs.reduce((a, b) => a + b) / xs.length;
  return xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (xs.length - 1);
};
const lse = (...xs: readonly number[]): number => Math.log(xs.reduce((sum, x) => sum + Math.exp(x), 0));
const soft = (xs: readonly number[]): number[] => xs.map((x) => Math.exp(x - lse(...xs)));

const cases: readonly Case[] = [
  { fn: "sum", args: [x23], type: array(real, []), values: [21] },
  { fn: "sum", args: [x23], over: 0, type: array(real, ["K"]), values: [9, 12] },
  { fn: "sum", args: [row([1, 0, 1], bool)], type: array(int, []), values: [2] },
  { fn: "sum", args: [num(4)], type: array(real, []), values: [4] },
  { fn: "prod", args: [x23], over: 1, type: array(real, ["N"]), values: [5, 8, 18] },
  { fn: "mean", args: [x23], type: array(real, []), values: [3.5] },
  { fn: "mean", args: [x23], over: 0, type: array(real, ["K"]), values: [3, 4] },
  { fn: "variance", args: [x23], type: array(real, []), values: [variance([1, 5, 2, 4, 6, 3])] },
  {
    fn: "variance",
    args: [x23],
    over: 0,
    type: array(real, ["K"]),
    values: [variance([1, 2, 6]), variance([5, 4, 3])],
  },
  { fn: "sd", args: [x23], over: 1, type: array(real, ["N"]), values: [Math.sqrt(8), Math.SQRT2, Math.sqrt(4.5)] },
  { fn: "log_sum_exp", args: [x23], over: 0, type: array(real, ["K"]), values: [lse(1, 2, 6), lse(5, 4, 3)] },
  { fn: "any", args: [row([0, 1, 0], bool)], type: array(bool, []), values: [1] },
  { fn: "all", args: [row([0, 1, 0], bool)], type: array(bool, []), values: [0] },
  { fn: "count", args: [row([1, 1, 0], bool)], type: array(int, []), values: [2] },
  { fn: "min", args: [x23], over: 0, type: array(real, ["K"]), values: [1, 3] },
  { fn: "max", args: [x23], type: array(real, []), values: [6] },
  { fn: "max", args: [row([1, 5, 2], int)], type: array(int, []), values: [5] },
  { fn: "argmax", args: [row([1, 5, 2])], type: array(index("N"), []), values: [1] },
  { fn: "argmax", args: [x23], over: 1, type: array(index("K"), ["N"]), values: [1, 1, 0] },
  { fn: "argmin", args: [x23], over: 0, type: array(index("N"), ["K"]), values: [0, 2] },
  { fn: "cumulative_sum", args: [x23], type: array(real, ["N", "K"]), values: [1, 6, 2, 6, 6, 9] },
  { fn: "cumulative_sum", args: [x23], over: 0, type: array(real, ["N", "K"]), values: [1, 5, 3, 9, 9, 12] },
  {
    fn: "softmax",
    args: [x23],
    type: array(real, ["N", "K"]),
    values: [...soft([1, 5]), ...soft([2, 4]), ...soft([6, 3])],
  },
  { fn: "softmax", args: [row([1000, 1000, 1000])], type: array(real, ["N"]), values: [1 / 3, 1 / 3, 1 / 3] },
  { fn: "log_softmax", args: [row([1, 2, 3])], type: array(real, ["N"]), values: soft([1, 2, 3]).map(Math.log) },
  { fn: "reversed", args: [row([1, 2, 3], index("K"))], type: array(index("K"), ["N"]), values: [3, 2, 1] },
  { fn: "reversed", args: [x23], over: 0, type: array(real, ["N", "K"]), values: [6, 3, 2, 4, 1, 5] },
  { fn: "reversed", args: [x23], over: 1, type: array(real, ["N", "K"]), values: [5, 1, 4, 2, 3, 6] },
  { fn: "zeros", args: [num(3, int), num(2, int)], type: array(real, [3, 2]), values: [0, 0, 0, 0, 0, 0] },
  { fn: "ones", args: [num(3, int)], type: array(real, [3]), values: [1, 1, 1] },
  { fn: "eye", args: [num(2, int)], type: array(real, [2, 2]), values: [1, 0, 0, 1] },
  { fn: "first", args: [num(3, int)], type: array(index(3), []), values: [0] },
  { fn: "last", args: [num(3, int)], type: array(index(3), []), values: [2] },
  {
    fn: "append",
    args: [num(9), row([1, 2, 3]), value([2], [7, 8])],
    type: array(real, [null]),
    values: [9, 1, 2, 3, 7, 8],
  },
  { fn: "append", args: [num(9, int), value([2], [7, 8], int)], type: array(int, [3]), values: [9, 7, 8] },
  {
    fn: "append",
    args: [x23, value([1, "K"], [7, 8])],
    type: array(real, [null, "K"]),
    values: [1, 5, 2, 4, 6, 3, 7, 8],
  },
  {
    fn: "one_hot",
    args: [row([2, 0, 1], index(3)), num(3, int)],
    base: 1,
    type: array(real, ["N", 3]),
    values: [0, 0, 1, 1, 0, 0, 0, 1, 0],
  },
  { fn: "one_hot", args: [num(3, int), num(3, int)], base: 1, type: array(real, [3]), values: [0, 0, 1] },
  { fn: "transpose", args: [x23], type: array(real, ["K", "N"]), values: [1, 2, 6, 5, 4, 3] },
  {
    fn: "outer",
    args: [row([1, 2, 3]), value(["K"], [10, 20])],
    type: array(real, ["N", "K"]),
    values: [10, 20, 20, 40, 30, 60],
  },
  { fn: "diag", args: [value(["K"], [4, Infinity])], type: array(real, ["K", "K"]), values: [4, 0, 0, Infinity] },
  { fn: "diagonal", args: [value(["K", "K"], [1, 2, 3, 4])], type: array(real, ["K"]), values: [1, 4] },
  { fn: "dot", args: [row([1, 2, 3]), row([4, 5, 6])], type: array(real, []), values: [32] },
  { fn: "dot", args: [x23, value(["K"], [1, 10])], type: array(real, ["N"]), values: [51, 42, 36] },
  { fn: "dot", args: [row([1, 0, 1]), x23], type: array(real, ["K"]), values: [7, 8] },
  {
    fn: "dot",
    args: [value(["K", 2], [1, 2, 3, 4]), value([2, 2], [0, 1, 1, 0])],
    type: array(real, ["K", 2]),
    values: [2, 1, 4, 3],
  },
  { fn: "cumulative_prod", args: [row([2, 0, 5])], type: array(real, ["N"]), values: [2, 0, 0] },
  { fn: "cumulative_prod", args: [row([2, 3, 5], int)], type: array(int, ["N"]), values: [2, 6, 30] },
  { fn: "sort", args: [row([2, -1, 5], int)], type: array(int, ["N"]), values: [-1, 2, 5] },
  { fn: "sort", args: [x23], over: 0, type: array(real, ["N", "K"]), values: [1, 3, 2, 4, 6, 5] },
  { fn: "rank", args: [row([2, -1, 2])], type: array(index("N"), ["N"]), values: [1, 0, 2] },
  { fn: "rank", args: [x23], type: array(index("K"), ["N", "K"]), values: [0, 1, 0, 1, 1, 0] },
  { fn: "median", args: [x23], type: array(real, []), values: [3.5] },
  { fn: "median", args: [row([5, 1, 2], int)], type: array(real, []), values: [2] },
  { fn: "quantile", args: [x23, num(0.5)], over: 1, type: array(real, ["N"]), values: [3, 3, 4.5] },
  { fn: "quantile", args: [row([1, 2, 4]), value(["K"], [0, 0.75])], type: array(real, ["K"]), values: [1, 3] },
  { fn: "stick_breaking", args: [value([2], [0.5, 0.5])], type: array(real, [3]), values: [0.5, 0.25, 0.25] },
  { fn: "stick_breaking", args: [row([1, 0, 0])], type: array(real, [null]), values: [1, 0, 0, 0] },
  { fn: "cholesky", args: [square([4, 2, 2, 5])], type: square([]).type, values: [2, 0, 1, 2] },
  { fn: "cholesky", args: [square([1, 2, 2, 1])], type: square([]).type, values: [NaN, NaN, NaN, NaN] },
  { fn: "inverse", args: [square([0, 2, 4, 0])], type: square([]).type, values: [0, 0.25, 0.5, 0] },
  { fn: "solve", args: [square([0, 2, 4, 0]), value([2], [6, 4])], type: array(real, ["K"]), values: [1, 3] },
  {
    fn: "solve",
    args: [square([0, 2, 4, 0]), value(["K", "N"], [6, 2, 0, 4, 0, 8])],
    type: array(real, ["K", "N"]),
    values: [1, 0, 2, 3, 1, 0],
  },
  { fn: "solve_lower", args: [square([2, 9, 1, 4]), value(["K"], [6, 7])], type: array(real, ["K"]), values: [3, 1] },
  { fn: "log_det", args: [square([0, 2, 4, 0])], type: array(real, []), values: [Math.log(8)] },
  {
    fn: "quad_form_diag",
    args: [square([1, 2, 3, 4]), value(["K"], [1, 10])],
    type: square([]).type,
    values: [1, 20, 30, 400],
  },
  { fn: "diag_pre_multiply", args: [row([1, 2, 3]), x23], type: array(real, ["N", "K"]), values: [1, 5, 4, 8, 18, 9] },
  {
    fn: "diag_post_multiply",
    args: [x23, value([2], [1, 2])],
    type: array(real, ["N", "K"]),
    values: [1, 10, 2, 8, 6, 6],
  },
  {
    fn: "cov_exp_quad",
    args: [value(["K"], [0, 3]), num(2), num(1.5)],
    type: square([]).type,
    values: [4, 4 * Math.exp(-2), 4 * Math.exp(-2), 4],
  },
  {
    fn: "diagonal",
    args: [value(["N", "K", "K"], [...Array(12).keys()])],
    type: array(real, ["N", "K"]),
    values: [0, 3, 4, 7, 8, 11],
  },
  { fn: "index_number", args: [row([0, 1, 2], index("K"))], base: 1, type: array(int, ["N"]), values: [1, 2, 3] },
  { fn: "index_number", args: [row([0, 1, 2], index("K"))], base: 0, type: array(int, ["N"]), values: [0, 1, 2] },
  { fn: "index_of", args: [row([1, 2, 3], int)], base: 1, type: array(index(null), ["N"]), values: [0, 1, 2] },
  { fn: "size", args: [x23], over: 1, type: array(int, []), values: [2] },
];

describe("reductions, arrays, matrices", () => {
  test.each(
    cases.map(
      (c) =>
        [
          `${c.fn} of ${c.args.map((a) => `[${a.shape.map((s) => s ?? "?").join(", ")}]`).join(", ")}${c.over === undefined ? "" : ` over ${c.over}`}`,
          c,
        ] as const,
    ),
  )("%s", (_, { fn, args, over, base, type, values }) => {
    const found = evaluate(builtRow(fn), args, over ?? null, base ?? 0);
    expect(found.type).toEqual(type);
    close(found.values, values);
  });
});

// ---------------------------------------------------------------------------------------- refusals

describe("type rules refuse", () => {
  const refusals: readonly (readonly [fn: string, args: readonly ArrayType[], problem: string])[] = [
    ["add", [array(real, ["N"]), array(real, ["K"])], "differ"],
    ["add", [array(real, ["N", "N"]), array(real, ["N"])], "ambiguous"],
    ["and", [array(int, []), array(bool, [])], "element"],
    ["quotient", [array(real, []), array(int, [])], "element"],
    ["any", [array(int, ["N"])], "element"],
    ["argmax", [array(real, ["N", "K"])], "rank"],
    ["cumulative_sum", [array(real, [])], "rank"],
    ["transpose", [array(real, ["N"])], "rank"],
    ["outer", [array(real, ["N"]), array(real, [])], "rank"],
    ["diag", [array(real, ["N", "N"])], "rank"],
    ["diagonal", [array(real, ["N", "K"])], "differ"],
    ["dot", [array(real, ["N"]), array(real, ["K"])], "differ"],
    ["dot", [array(real, []), array(real, ["K"])], "rank"],
    ["append", [array(real, ["N"]), array(index("K"), ["N"])], "element"],
    ["append", [array(real, ["N", "K"]), array(real, [])], "differ"],
    ["one_hot", [array(real, []), array(int, [])], "element"],
    ["cholesky", [array(real, ["N", "K"])], "differ"],
    ["cholesky", [array(real, ["N"])], "rank"],
    ["solve", [array(real, ["N", "N"]), array(real, ["K"])], "differ"],
    ["solve", [array(real, ["J", "N", "N"]), array(real, ["N"])], "rank"],
    ["solve_lower", [array(real, ["N", "N"]), array(real, [])], "rank"],
    ["diag_pre_multiply", [array(real, ["K"]), array(real, ["N", "K"])], "differ"],
    ["diag_post_multiply", [array(real, ["N", "K"]), array(real, ["N"])], "differ"],
    ["quad_form_diag", [array(real, ["N", "N"]), array(real, [])], "rank"],
    ["cov_exp_quad", [array(real, ["N"]), array(real, []), array(real, ["N"])], "rank"],
  ];
  test.each(refusals)("%s %j", (fn, args, problem) => {
    const found = builtRow(fn).type(args, { over: null, sizes: args.map(() => null), agree: sizesAgree });
    expect("problem" in found ? found.problem : found).toBe(problem);
  });
});

// ---------------------------------------------------------------------------------------- the table

describe("the table", () => {
  const tested = new Set([...Object.keys(unary), ...Object.keys(binary), ...cases.map((c) => c.fn)]);
  const built = functions.filter((row): row is BuiltRow => "build" in row);

  test("every built row is tested, and every row has a text", () => {
    expect(built.map((row) => row.name).filter((name) => !tested.has(name))).toEqual([]);
    for (const row of functions) expect(row.doc.length, row.name).toBeGreaterThan(1);
    expect(new Set(functions.map((row) => row.name)).size).toBe(functions.length);
  });

  test("operators and inserted rows cannot be called", () => {
    expect(["add", "neg", "equal", "index_number", "size"].filter((name) => findFunction(name) !== null)).toEqual([]);
    expect(functionNames).toContain("log_sum_exp");
    expect(functionNames).toContain("log_prob");
  });

  test("every function of the reference has a row", () => {
    const words = `abs sqrt cbrt square exp expm1 log log1p log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh floor
      ceil round trunc sign min max clamp quotient int real is_missing select logit inv_logit probit inv_probit cloglog inv_cloglog
      log_inv_logit log1m_inv_logit log1m log1m_exp log1p_exp log_diff_exp log_mix xlogy relu gelu elu silu softplus lgamma digamma trigamma
      lbeta lchoose lfactorial erf erfc gamma_p gamma_q bessel_i sum prod mean sd variance median quantile log_sum_exp any all count argmin
      argmax cumulative_sum cumulative_prod softmax log_softmax sort rank reversed zeros ones eye append one_hot transpose outer diag diagonal
      stick_breaking first last dot cholesky inverse solve solve_lower log_det quad_form_diag diag_pre_multiply diag_post_multiply
      cov_exp_quad ode log_prob log_cdf log_ccdf cdf`;
    expect(words.split(/\s+/).filter((name) => findFunction(name) === null)).toEqual([]);
  });

  test("a type rule never gives a shape that its arguments could not have", () => {
    const shape = fc.array(fc.constantFrom<Size>("N", "K", 2, null), { maxLength: 3 });
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        const found = builtRow("add").type([array(real, a), array(real, b)], {
          over: null,
          sizes: [null, null],
          agree: sizesAgree,
        });
        if (!("problem" in found)) expect([a, b].some((s) => shapesAgree(s, found.shape))).toBe(true);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
