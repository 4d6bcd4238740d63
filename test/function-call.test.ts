// Every function of the language as a program calls it: parsed, checked, bound to data and evaluated, against plain
// TypeScript.

import { describe, expect, test } from "vitest";
import { renderText } from "../src/base/render.ts";
import { VariateError } from "../src/base/diagnostic.ts";
import { buildProgram } from "../src/build/program.ts";
import type { Plan } from "../src/build/state.ts";
import { valuesOf } from "../src/build/scope.ts";
import { compile } from "../src/compile.ts";
import { functions } from "../src/function/index.ts";

const x = [0.5, -1.2, 3, 0.5];
const c = [3, 1, 2];
const w = [0.2, 0.5, 0.9];
const m = [
  [1, 5, 2],
  [4, 6, 3],
  [-1, 0, 2],
  [7, 7, 1],
];
const S = [
  [4, 1, 0.5],
  [1, 3, -0.2],
  [0.5, -0.2, 2],
];
const A = [
  [0, 2, 1],
  [1, 0.5, -1],
  [3, 1, 2],
];
const data = { N: 4, K: 3, x, c, w, m, S, A, b: [true, false, true, true], g: [0, 2, 1, 2], q: 0.3 };
const DATA = `data { dim N, K; x: real[N]; c: int[K]; w: real[K]; m: real[N, K]; S: real[K, K]; A: real[K, K]
  b: bool[N]; g: index(K)[N]; q: real }`;

type Numbers = number | readonly Numbers[];

// ---------------------------------------------------------------------------------------- plain TypeScript

const sum = (v: readonly number[]): number => v.reduce((a, y) => a + y, 0);
const prod = (v: readonly number[]): number => v.reduce((a, y) => a * y, 1);
const mean = (v: readonly number[]): number => sum(v) / v.length;
const variance = (v: readonly number[]): number => sum(v.map((y) => (y - mean(v)) ** 2)) / (v.length - 1);
const lse = (v: readonly number[]): number => Math.log(sum(v.map(Math.exp)));
const column = (k: number): number[] => m.map((row) => row[k]!);
const columns = [0, 1, 2];
const increasing = (v: readonly number[]): number[] => [...v].sort((a, y) => a - y);
const scan = (v: readonly number[], f: (a: number, y: number) => number): number[] =>
  v.map((_, i) => v.slice(0, i + 1).reduce(f));
const matrix = (n: number, f: (i: number, j: number) => number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_k, j) => f(i, j)));
const times = (a: readonly (readonly number[])[], y: readonly (readonly number[])[]): number[][] =>
  a.map((row) => y[0]!.map((_, j) => sum(row.map((v, k) => v * y[k]![j]!))));
const transposed = (a: readonly (readonly number[])[]): number[][] => a[0]!.map((_, j) => a.map((row) => row[j]!));
const erf = (z: number): number => {
  let [term, total] = [z, z];
  for (let n = 1; n < 80; n++) total += (term *= (-z * z) / n) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * total;
};
const phi = (z: number): number => 0.5 * (1 + erf(z / Math.SQRT2));
const logistic = (z: number): number => 1 / (1 + Math.exp(-z));
/** By the first row, whose first entry is 0. */
const [, [d, e, f], [g, h, i]] = A as [number[], [number, number, number], [number, number, number]];
const det = A[0]![1]! * (f * g - d * i) + A[0]![2]! * (d * h - e * g);

const EULER = 0.5772156649015329;

const calls: Readonly<Record<string, Numbers>> = {
  "abs(x)": x.map(Math.abs),
  "sqrt(w)": w.map(Math.sqrt),
  "cbrt(x)": x.map(Math.cbrt),
  "square(x)": x.map((v) => v * v),
  "exp(x)": x.map(Math.exp),
  "expm1(x)": x.map(Math.expm1),
  "log(w)": w.map(Math.log),
  "log1p(w)": w.map(Math.log1p),
  "log2(w)": w.map(Math.log2),
  "log10(w)": w.map(Math.log10),
  "sin(x)": x.map(Math.sin),
  "cos(x)": x.map(Math.cos),
  "tan(x)": x.map(Math.tan),
  "asin(w)": w.map(Math.asin),
  "acos(w)": w.map(Math.acos),
  "atan(x)": x.map(Math.atan),
  "atan2(x, q)": x.map((v) => Math.atan2(v, 0.3)),
  "sinh(x)": x.map(Math.sinh),
  "cosh(x)": x.map(Math.cosh),
  "tanh(x)": x.map(Math.tanh),
  "asinh(x)": x.map(Math.asinh),
  "acosh(1 + w)": w.map((v) => Math.acosh(1 + v)),
  "atanh(w)": w.map(Math.atanh),
  "floor(x)": [0, -2, 3, 0],
  "ceil(x)": [1, -1, 3, 1],
  "round(x + 0.2)": [1, -1, 3, 1],
  "trunc(x)": [0, -1, 3, 0],
  "sign(x)": [1, -1, 1, 1],
  "min(x, q)": x.map((v) => Math.min(v, 0.3)),
  "max(x, q)": x.map((v) => Math.max(v, 0.3)),
  "clamp(x, 0, 1)": [0.5, 0, 1, 0.5],
  "quotient(c, 2)": [1, 0, 1],
  "int(x)": [0, -1, 3, 0],
  "real(c)": c,
  "select(b, x, 0)": [0.5, 0, 3, 0.5],
  "logit(w)": w.map((p) => Math.log(p / (1 - p))),
  "inv_logit(x)": x.map(logistic),
  "probit(inv_probit(x))": x,
  "inv_probit(x)": x.map(phi),
  "cloglog(w)": w.map((p) => Math.log(-Math.log(1 - p))),
  "inv_cloglog(x)": x.map((v) => 1 - Math.exp(-Math.exp(v))),
  "log_inv_logit(x)": x.map((v) => Math.log(logistic(v))),
  "log1m_inv_logit(x)": x.map((v) => Math.log(1 - logistic(v))),
  "log1m(w)": w.map((p) => Math.log(1 - p)),
  "log1m_exp(-w)": w.map((p) => Math.log(1 - Math.exp(-p))),
  "log1p_exp(x)": x.map((v) => Math.log(1 + Math.exp(v))),
  "log_diff_exp(2, w)": w.map((v) => Math.log(Math.exp(2) - Math.exp(v))),
  "log_mix(q, w, 1)": w.map((v) => Math.log(0.3 * Math.exp(v) + 0.7 * Math.E)),
  "xlogy(w, 2)": w.map((v) => v * Math.LN2),
  "relu(x)": x.map((v) => Math.max(v, 0)),
  "gelu(x)": x.map((v) => v * phi(v)),
  "elu(x)": x.map((v) => (v > 0 ? v : Math.expm1(v))),
  "silu(x)": x.map((v) => v * logistic(v)),
  "softplus(x)": x.map((v) => Math.log(1 + Math.exp(v))),
  "lgamma(c)": c.map((v) => Math.log([1, 1, 2][v - 1]!)),
  "digamma(1)": -EULER,
  "trigamma(1)": Math.PI ** 2 / 6,
  "lbeta(2, c)": c.map((v) => -Math.log(v * (v + 1))),
  "lchoose(5, c)": c.map((v) => Math.log([5, 10, 10][v - 1]!)),
  "lfactorial(c)": c.map((v) => Math.log([1, 2, 6][v - 1]!)),
  "erf(x)": x.map(erf),
  "erfc(x)": x.map((v) => 1 - erf(v)),
  "gamma_p(1, w)": w.map((v) => 1 - Math.exp(-v)),
  "gamma_q(1, w)": w.map((v) => Math.exp(-v)),
  "bessel_i(0, 2)": 2.2795853023360673,
  "sum(m)": sum(m.flat()),
  "sum(m, N)": columns.map((k) => sum(column(k))),
  "prod(m, K)": m.map(prod),
  "sum([k in K: w[k] * c[k]])": sum(w.map((v, k) => v * c[k]!)),
  "mean(m, K)": m.map(mean),
  "sd(m, N)": columns.map((k) => Math.sqrt(variance(column(k)))),
  "variance(x)": variance(x),
  "min(m, N)": columns.map((k) => Math.min(...column(k))),
  "max(x)": 3,
  "log_sum_exp(m, K)": m.map(lse),
  "median(x)": 0.5,
  "median(m, K)": [2, 4, 0, 7],
  "median(m, N)": [2.5, 5.5, 2],
  "quantile(x, q)": -1.2 + 0.9 * 1.7,
  "quantile(m, 0.25, N)": [0.5, 3.75, 1.75],
  "quantile(w, [0, 1, 0.5])": [0.2, 0.9, 0.5],
  "any(b)": 1,
  "all(b)": 0,
  "count(b)": 3,
  "argmin(x)": 1,
  "argmax(m, K)": [1, 1, 2, 0],
  "cumulative_sum(m)": m.map((row) => scan(row, (a, v) => a + v)),
  "cumulative_prod(m)": m.map((row) => scan(row, (a, v) => a * v)),
  "cumulative_prod(m, N)": transposed(columns.map((k) => scan(column(k), (a, v) => a * v))),
  "softmax(w)": w.map((v) => Math.exp(v - lse(w))),
  "log_softmax(m)": m.map((row) => row.map((v) => v - lse(row))),
  "sort(x)": increasing(x),
  "sort(m, N)": transposed(columns.map((k) => increasing(column(k)))),
  "sort(c)": [1, 2, 3],
  "rank(x)": [1, 0, 3, 2],
  "rank(m, N)": transposed([
    [1, 2, 0, 3],
    [1, 2, 0, 3],
    [1, 3, 2, 0],
  ]),
  "reversed(x)": [...x].reverse(),
  "rank(x) + 1": [2, 1, 4, 3],
  "x[int(rank(c))]": [x[2]!, x[0]!, x[1]!],
  "zeros(2)": [0, 0],
  "ones(K)": [1, 1, 1],
  "eye(2)": [
    [1, 0],
    [0, 1],
  ],
  "append(1, w, x)": [1, ...w, ...x],
  "append(m, S)": [...m, ...S],
  "one_hot(g, K)": [
    [1, 0, 0],
    [0, 0, 1],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "transpose(m)": transposed(m),
  "outer(w, c)": w.map((v) => c.map((y) => v * y)),
  "diag(w)": matrix(3, (i, j) => (i === j ? w[i]! : 0)),
  "diagonal(S)": [4, 3, 2],
  "stick_breaking(w)": [0.2, 0.4, 0.36, 0.04],
  "first(N)": 0,
  "last(N)": 3,
  "dot(w, c)": 0.6 + 0.5 + 1.8,
  "dot(m, w)": m.map((row) => sum(row.map((v, k) => v * w[k]!))),
  "dot(x, m)": times([x], m)[0]!,
  "dot(m, S)": times(m, S),
  "dot(dot(m, S), transpose(m))": times(times(m, S), transposed(m)),
  "dot(cholesky(S), transpose(cholesky(S)))": S,
  "cholesky(S)[0]": [2, 0, 0],
  "dot(inverse(A), A)": matrix(3, (i, j) => Number(i === j)),
  "dot(A, solve(A, w))": w,
  "dot(A, solve(A, S))": S,
  "solve_lower(S, w)": (() => {
    const a = w[0]! / 4;
    const e = (w[1]! - a) / 3;
    return [a, e, (w[2]! - 0.5 * a + 0.2 * e) / 2];
  })(),
  "log_det(A)": Math.log(Math.abs(det)),
  "log_det([[[2, 0], [0, 3]], [[0, 1], [1, 0]]])": [Math.log(6), 0],
  "quad_form_diag(S, w)": matrix(3, (i, j) => w[i]! * S[i]![j]! * w[j]!),
  "diag_pre_multiply(x, m)": m.map((row, i) => row.map((v) => v * x[i]!)),
  "diag_post_multiply(m, w)": m.map((row) => row.map((v, k) => v * w[k]!)),
  "cov_exp_quad(x, 2, 0.7)": matrix(4, (i, j) => 4 * Math.exp(-((x[i]! - x[j]!) ** 2) / 0.98)),
  "cov_exp_quad(m, 2, 3)": matrix(4, (i, j) => 4 * Math.exp(-sum(m[i]!.map((v, k) => (v - m[j]![k]!) ** 2)) / 18)),
  "cov_exp_quad(m, 1, w)": matrix(4, (i, j) =>
    Math.exp(-0.5 * sum(m[i]!.map((v, k) => ((v - m[j]![k]!) / w[k]!) ** 2))),
  ),
  "log_prob(Normal(zeros(N), 1), x)": -0.5 * sum(x.map((v) => v * v)) - 2 * Math.log(2 * Math.PI),
  "log_cdf(Exponential(ones(K)), w)": sum(w.map((v) => Math.log(1 - Math.exp(-v)))),
  "log_ccdf(Exponential(ones(K)), w)": -1.6,
  "cdf(Exponential(1), q)": 1 - Math.exp(-0.3),
  "is_missing(x)": [0, 0, 0, 0],
};

/** Called in programs of their own: they take a `fun`. */
const ELSEWHERE = ["ode"];

const namesIn = (call: string): string[] => [...call.matchAll(/[a-z_0-9]+(?=\()/g)].map(([name]) => name);

const drawn: Plan = {
  gaussian: "leaves",
  layout: null,
  alone: () => null,
  place: (site) => ({ value: site.draw() }),
  batched: new Set(),
  keepsScore: false,
};

/** Reports of a program, on the data above. */
function reportsOf(body: string): ReadonlyMap<string, readonly number[]> {
  const source = { path: "m.ppl", text: `${DATA}\nmodel {\n  sample unused ~ Normal(0, 1)\n${body}\n}` };
  try {
    const { prepared } = compile(source, data);
    const { bound } = prepared;
    const reports = buildProgram(bound, drawn, []).reports();
    return new Map(reports.map(({ stmt, value }) => [stmt.outputName, [...valuesOf(value, bound, bound.sizes)]]));
  } catch (error) {
    throw error instanceof VariateError ? new Error(renderText(error.diagnostics)) : error;
  }
}

const flat = (value: Numbers): number[] => (typeof value === "number" ? [value] : value.flatMap(flat));

describe("functions in a program", () => {
  const found = reportsOf(
    Object.keys(calls)
      .map((call, i) => `  report r${i} = ${call}`)
      .join("\n"),
  );

  test.each(Object.entries(calls).map(([call, wanted], i) => [call, wanted, i] as const))("%s", (_, wanted, i) => {
    const values = found.get(`r${i}`)!;
    const expected = flat(wanted);
    expect(values.length).toBe(expected.length);
    values.forEach((v, k) => expect(v, `entry ${k}`).toBeCloseTo(expected[k]!, 10));
  });

  test("each function of the table is called here", () => {
    const called = new Set(Object.keys(calls).flatMap(namesIn));
    const callable = functions.filter((row) => !("operator" in row) || row.operator === null).map((row) => row.name);
    expect(callable.filter((name) => !called.has(name) && !ELSEWHERE.includes(name))).toEqual([]);
  });
});

describe("a call that cannot be", () => {
  const refused: readonly (readonly [call: string, code: string])[] = [
    ["cholesky(m)", "PPL302 PPL301"],
    ["cholesky(x)", "PPL301"],
    ["solve(S, x)", "PPL301"],
    ["solve_lower(S, q)", "PPL301"],
    ["diag_pre_multiply(w, m)", "PPL301"],
    ["diag_pre_multiply(m, x)", "PPL301"],
    ["quad_form_diag(S, x)", "PPL301"],
    ["cov_exp_quad(x, w, 1)", "PPL301"],
    ["cov_exp_quad(x, 1, w)", "PPL301"],
    ["cov_exp_quad(m, 1, x)", "PPL301"],
    ["quantile(m, w, N)", "PPL301"],
    ["quantile(x)", "PPL308"],
    ["quantile(x, 0.5, K)", "PPL308"],
    ["max(x, q, N)", "PPL308"],
    ["stick_breaking(q)", "PPL301"],
    ["outer(q, w)", "PPL301"],
    ["sort(q)", "PPL301"],
    ["log_det(w)", "PPL301"],
  ];
  test.each(refused)("%s", (call, codes) => {
    const source = { path: "m.ppl", text: `${DATA}\nmodel {\n  sample unused ~ Normal(0, 1)\n  report r = ${call}\n}` };
    const thrown = ((): unknown => {
      try {
        return compile(source, data);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(VariateError);
    const [first] = (thrown as VariateError).diagnostics.filter((d) => d.severity === "error");
    expect(codes.split(" ")).toContain(first!.code);
  });
});
