// Missing entries that something needs: discrete ones summed out or guided, real ones on every support, against the same densities in plain code.

import { describe, expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { compile } from "../src/compile.ts";
import { reference } from "../src/exec/reference.ts";
import { infer, simulate } from "../src/index.ts";
import type { RawData } from "../src/result.ts";
import { fixedTarget } from "../src/run/fixed-target.ts";

/** log p at one value of all unconstrained coordinates, of a model without other parameters. */
function logp(text: string, data: RawData, x: readonly number[]): number {
  const { target } = fixedTarget(compile({ path: "m.ppl", text }, data).prepared, reference, []);
  expect(target.dim).toBe(x.length);
  expect(target.points).toBe(0);
  return target.values(Float64Array.from(x), new Float64Array(0), new Float64Array(0), 1)[0]!;
}

/** Codes of the errors with which a model and its data are refused. */
function codesOf(text: string, data: RawData): string[] {
  try {
    return compile({ path: "m.ppl", text }, data)
      .report.filter((d) => d.severity === "error")
      .map((d) => d.code);
  } catch (error) {
    if (!(error instanceof VariateError)) throw error;
    return error.diagnostics.filter((d) => d.severity === "error").map((d) => d.code);
  }
}

const normal = (x: number, m: number, s: number): number =>
  -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const lse = (xs: readonly number[]): number => Math.log(total(xs.map((x) => Math.exp(x))));
const coin = (x: number, p: number): number => Math.log(x === 1 ? p : 1 - p);
const logistic = (u: number): number => 1 / (1 + Math.exp(-u));

/** log of the sum of e^f over all ways to fill the gaps of x with states. */
function filled(x: readonly (number | null)[], states: readonly number[], f: (x: readonly number[]) => number): number {
  const gap = x.indexOf(null);
  return gap < 0 ? f(x as readonly number[]) : lse(states.map((state) => filled(x.with(gap, state), states, f)));
}

describe("summed out by `@marginal observe`", () => {
  type Case = readonly [name: string, text: string, data: RawData, x: readonly number[], wanted: (m: number) => number];
  const x = [1, null, 0, null];
  const y = [0.4, -1.2, 2.1, 0.7];
  const covariate = (observe: string): string => `data { dim N; x: bool?[N]; y: real[N] }
    model { sample m ~ Normal(0, 1)  ${observe}  plate i in N { observe y[i] ~ Normal(m * x[i], 1) } }`;
  const wantedOf = (m: number): number =>
    normal(m, 0, 1) + filled(x, [0, 1], (all) => total(all.map((v, i) => coin(v, 0.3) + normal(y[i]!, m * v, 1))));
  const cases: readonly Case[] = [
    [
      "a covariate, member by member",
      covariate("plate i in N { @marginal observe x[i] ~ Bernoulli(0.3) }"),
      { x, y },
      [0.4],
      wantedOf,
    ],
    ["a covariate, as a whole", covariate("@marginal observe x ~ Bernoulli(0.3 * ones(N))"), { x, y }, [0.4], wantedOf],
    [
      "nothing else reads it",
      "data { dim N; x: bool?[N] } model { sample m ~ Normal(0, 1)  plate i in N { @marginal observe x[i] ~ Bernoulli(inv_logit(m)) } }",
      { x },
      [0.4],
      (m) => normal(m, 0, 1) + Math.log(logistic(m)) + Math.log(logistic(-m)),
    ],
    [
      "rows of a matrix",
      `data { dim N, T = 2; x: bool?[N, T]; y: real[N] }
      model { sample m ~ Normal(0, 1)  plate i in N {
        @marginal observe x[i] ~ Bernoulli([0.3, 0.6])
        observe y[i] ~ Normal(m * x[i, 1], 1) } }`,
      {
        x: [
          [1, null],
          [null, null],
        ],
        y: [0.4, 1.3],
      },
      [0.4],
      (m) =>
        normal(m, 0, 1) +
        filled(
          [1, null, null, null],
          [0, 1],
          (v) =>
            total(v.map((one, i) => coin(one, i % 2 === 0 ? 0.3 : 0.6))) +
            normal(0.4, m * v[1]!, 1) +
            normal(1.3, m * v[3]!, 1),
        ),
    ],
    [
      "members of a dim, as a subscript",
      `data { base 1; dim N, K = 3; g: index(K)?[N]; y: real[N] }
      model { sample m ~ Normal(0, 1)  let mu = [m, 2 * m, -1]  plate i in N {
        @marginal observe g[i] ~ Categorical([0.2, 0.5, 0.3])
        observe y[i] ~ Normal(mu[g[i]], 1) } }`,
      { g: [2, null, 3], y: [0.4, 1.3, -0.2] },
      [0.4],
      (m) =>
        normal(m, 0, 1) +
        filled([2, null, 3], [1, 2, 3], (g) =>
          total(
            g.map(
              (k, i) => Math.log([0.2, 0.5, 0.3][k - 1]!) + normal([0.4, 1.3, -0.2][i]!, [m, 2 * m, -1][k - 1]!, 1),
            ),
          ),
        ),
    ],
    [
      "an int under a Categorical counts from the base",
      `data { base 1; dim N; g: int?[N]; y: real[N] }
      model { sample m ~ Normal(0, 1)  plate i in N {
        @marginal observe g[i] ~ Categorical([0.2, 0.5, 0.3])
        observe y[i] ~ Normal(m * g[i], 1) } }`,
      { g: [2, null, 3], y: [0.4, 1.3, -0.2] },
      [0.4],
      (m) =>
        normal(m, 0, 1) +
        filled([2, null, 3], [1, 2, 3], (g) =>
          total(g.map((k, i) => Math.log([0.2, 0.5, 0.3][k - 1]!) + normal([0.4, 1.3, -0.2][i]!, m * k, 1))),
        ),
    ],
    [
      "counts between ends of data",
      `data { dim N; k: int?[N]; y: real[N] }
      model { sample m ~ Normal(0, 1)  plate i in N {
        @marginal observe k[i] ~ Binomial(2, 0.3)
        observe y[i] ~ Normal(m * k[i], 1) } }`,
      { k: [2, null, 0], y: [0.4, 1.3, -0.2] },
      [0.4],
      (m) =>
        normal(m, 0, 1) +
        filled([2, null, 0], [0, 1, 2], (k) =>
          total(k.map((v, i) => Math.log([0.49, 0.42, 0.09][v]!) + normal([0.4, 1.3, -0.2][i]!, m * v, 1))),
        ),
    ],
    [
      "a belief network with gaps in several of its nodes",
      `data { dim N; a: bool?[N]; b: bool?[N]; c: bool?[N] }
      model { sample m ~ Normal(0, 1)  plate i in N {
        @marginal observe a[i] ~ Bernoulli(0.4)
        @marginal observe b[i] ~ Bernoulli(if a[i] then inv_logit(m) else 0.2)
        @marginal observe c[i] ~ Bernoulli(if a[i] && b[i] then 0.9 else 0.1) } }`,
      { a: [1, null, null], b: [null, null, 1], c: [1, 0, null] },
      [0.4],
      (m) =>
        normal(m, 0, 1) +
        total(
          [
            [1, null, 1],
            [null, null, 0],
            [null, 1, null],
          ].map((row) =>
            filled(
              row,
              [0, 1],
              ([a, b, c]) =>
                coin(a!, 0.4) + coin(b!, a === 1 ? logistic(m) : 0.2) + coin(c!, a === 1 && b === 1 ? 0.9 : 0.1),
            ),
          ),
        ),
    ],
    [
      "read through an index",
      `data { dim N, M; x: bool?[N]; of: index(N)[M]; y: real[M] }
      model { sample m ~ Normal(0, 1)  plate i in N { @marginal observe x[i] ~ Bernoulli(0.3) }
        plate j in M { observe y[j] ~ Normal(m * x[of[j]], 1) } }`,
      { x: [1, null], of: [0, 1, 1], y: [0.4, 1.3, -0.2] },
      [0.4],
      (m) =>
        normal(m, 0, 1) +
        filled(
          [1, null],
          [0, 1],
          (v) =>
            total(v.map((one) => coin(one, 0.3))) +
            total([0.4, 1.3, -0.2].map((one, j) => normal(one, m * v[[0, 1, 1][j]!]!, 1))),
        ),
    ],
  ];

  test.each(cases)("%s", (_, text, data, at, wanted) => {
    expect(logp(text, data, at)).toBeCloseTo(wanted(at[0]!), 10);
  });

  test("after the fit its draws are exact, and reports see them", async () => {
    const text = `data { dim N; x: bool?[N]; y: real[N] } model { sample m ~ Normal(0, 1)  plate i in N {
      @marginal observe x[i] ~ Bernoulli(0.3)  observe y[i] ~ Normal(2 * x[i], 1) }  factor m  report n = sum(x) }`;
    const fit = await infer({ path: "m.ppl", text }, { x: [1, null, null], y: [0.4, 1.3, -0.2] });
    const p = (v: number): number =>
      1 / (1 + Math.exp(coin(0, 0.3) + normal(v, 0, 1) - coin(1, 0.3) - normal(v, 2, 1)));
    const { mean } = fit.sites["x"] as { readonly mean: readonly number[] };
    expect(mean[0]).toBeNaN();
    expect(Math.abs(mean[1]! - p(1.3))).toBeLessThan(0.06);
    expect(Math.abs(mean[2]! - p(-0.2))).toBeLessThan(0.06);
    expect(Math.abs((fit.reports["n"]!.mean as number) - 1 - p(1.3) - p(-0.2))).toBeLessThan(0.08);
  });

  test.each([
    [
      "PPL412",
      "members of a plate meet",
      "x: bool?[N]",
      "@marginal observe x[i] ~ Bernoulli(0.3)",
      "factor m * sum(x)^2",
    ],
    [
      "PPL412",
      "two entries in one term",
      "x: bool?[N]",
      "@marginal observe x[i] ~ Bernoulli(0.3)",
      "factor m * x[0] * x[1]",
    ],
    ["PPL412", "no end", "x: int?[N]", "@marginal observe x[i] ~ Poisson(2)", ""],
    ["PPL412", "real", "x: real?[N]", "@marginal observe x[i] ~ Normal(0, 1)", ""],
    ["PPL412", "cannot be missing", "x: bool[N]", "@marginal observe x[i] ~ Bernoulli(0.3)", ""],
    ["PPL202", "another attribute", "x: bool?[N]", "@estimator(score) observe x[i] ~ Bernoulli(0.3)", ""],
  ])("%s: %s", (code, _, declared, observe, rest) => {
    const text = `data { dim N; ${declared} } model { sample m ~ Normal(0, 1)  plate i in N { ${observe} } ${rest} }`;
    expect(codesOf(text, { x: [1, 0, null].slice(0, declared.includes("?") ? 3 : 2) })).toEqual([code]);
  });
});

describe("discrete entries with a guide", () => {
  test("each missing entry has its own, and the others none", async () => {
    const text = `data { dim N; x: bool?[N]; y: real[N] } model { plate i in N { observe x[i] ~ Bernoulli(0.3)  observe y[i] ~ Normal(2 * x[i], 1) } sample m ~ Normal(0, 1)  factor m }`;
    const fit = await infer(
      { path: "m.ppl", text },
      { x: [1, null, null], y: [0.4, 1.3, -0.2] },
      { estimators: { x: "enumerate" } },
    );
    const wanted =
      0.5 +
      coin(1, 0.3) +
      normal(0.4, 2, 1) +
      total([1.3, -0.2].map((v) => lse([coin(0, 0.3) + normal(v, 0, 1), coin(1, 0.3) + normal(v, 2, 1)])));
    expect(Math.abs(fit.elbo.mean - wanted)).toBeLessThan(0.02);
    expect((fit.sites["x"]!.mean as readonly number[])[0]).toBeNaN();
  });

  test("infinitely many values", async () => {
    const text = `data { dim N; k: int?[N]; y: real[N] } model { plate i in N { observe k[i] ~ Poisson(3)  observe y[i] ~ Normal(k[i], 100) } sample m ~ Normal(0, 1)  factor m }`;
    const fit = await infer({ path: "m.ppl", text }, { k: [2, null], y: [0, 0] }, { method: "adam", steps: 1500 });
    expect(Math.abs((fit.sites["k"]!.mean as readonly number[])[1]! - 3)).toBeLessThan(0.4);
  });
});

describe("real entries on a support", () => {
  type Case = readonly [
    name: string,
    text: string,
    data: RawData,
    x: readonly number[],
    wanted: (x: readonly number[]) => number,
  ];
  const interval = (u: number, a: number, b: number): { readonly v: number; readonly j: number } => ({
    v: a + (b - a) * logistic(u),
    j: Math.log(b - a) + Math.log(logistic(u)) + Math.log(logistic(-u)),
  });
  const read = "plate i in N { observe y[i] ~ Normal(m * x[i], 1) }";
  const x = [0.5, null, null];
  const y = [1, 2, 3];
  const cases: readonly Case[] = [
    [
      "an interval that is the same for all",
      `data { dim N; x: real?[N]; y: real[N] } model { sample m ~ Normal(0, 1)  plate i in N { observe x[i] ~ Beta(2, 1) } ${read} }`,
      { x, y },
      [0.4, -0.3, 0.8],
      ([m, ...us]) => {
        const parts = us.map((u) => interval(u, 0, 1));
        return (
          normal(m!, 0, 1) +
          total(parts.map(({ j }) => j)) +
          total([0.5, ...parts.map(({ v }) => v)].map((v, i) => Math.log(2 * v) + normal(y[i]!, m! * v, 1)))
        );
      },
    ],
    [
      "ends of each member, one of them latent",
      `data { dim N; hi: real[N]; x: real?[N]; y: real[N] }
      model { sample m ~ Normal(0, 1)  plate i in N { observe x[i] ~ Uniform(-exp(m), hi[i]) } ${read} }`,
      { x, y, hi: [1, 2, 3] },
      [0.4, -0.3, 0.8],
      ([m, ...us]) => {
        const parts = us.map((u, k) => interval(u, -Math.exp(m!), k + 2));
        return (
          normal(m!, 0, 1) +
          total(parts.map(({ j }) => j)) +
          total(
            [0.5, ...parts.map(({ v }) => v)].map((v, i) => -Math.log(i + 1 + Math.exp(m!)) + normal(y[i]!, m! * v, 1)),
          )
        );
      },
    ],
    [
      "ends of a whole, beside another statement",
      `data { dim N; x: real?[N]; y: real[N] }
      model { sample m ~ Normal(0, 1)  observe x[..0] ~ Uniform(zeros(1), 1)  observe x[1..] ~ Uniform([0, -1], [4, 5])  ${read} }`,
      { x, y },
      [0.4, -0.3, 0.8],
      ([m, ...us]) => {
        const parts = [interval(us[0]!, 0, 4), interval(us[1]!, -1, 5)];
        return (
          normal(m!, 0, 1) -
          Math.log(4) -
          Math.log(6) +
          total(parts.map(({ j }) => j)) +
          total([0.5, ...parts.map(({ v }) => v)].map((v, i) => normal(y[i]!, m! * v, 1)))
        );
      },
    ],
    [
      "above an end",
      `data { dim N; x: real?[N]; y: real[N] } model { sample m ~ Normal(0, 1)  plate i in N { observe x[i] ~ Pareto(0.25, 2) } ${read} }`,
      { x, y },
      [0.4, -0.3, 0.8],
      ([m, ...us]) =>
        normal(m!, 0, 1) +
        total(us) +
        total(
          [0.5, ...us.map((u) => 0.25 + Math.exp(u))].map(
            (v, i) => Math.log(2) + 2 * Math.log(0.25) - 3 * Math.log(v) + normal(y[i]!, m! * v, 1),
          ),
        ),
    ],
    [
      "a row of a simplex",
      `data { dim N; p: real?[N, 2] } model { sample m ~ Normal(0, 1)  plate i in N { observe p[i] ~ Dirichlet([2, 1])  factor m * p[i, 0] } }`,
      {
        p: [
          [0.4, 0.6],
          [null, null],
        ],
      },
      [0.4, -0.3],
      ([m, u]) => {
        const { v, j } = interval(u!, 0, 1);
        return normal(m!, 0, 1) + Math.log(2 * 0.4) + m! * 0.4 + j + Math.log(2 * v) + m! * v;
      },
    ],
    [
      "parts of correlated rows",
      `data { dim N; z: real?[N, 2] } model { sample m ~ Normal(0, 1)  plate i in N { observe z[i] ~ MultivariateNormal([m, 0], cov = [[2, 0.6], [0.6, 1]]) } }`,
      {
        z: [
          [0.4, 0.6],
          [null, 0.3],
        ],
      },
      [0.4, -0.3],
      ([m, u]) =>
        normal(m!, 0, 1) +
        total(
          [
            [0.4, 0.6],
            [u!, 0.3],
          ].map(([a, b]) => normal(b!, 0, 1) + normal(a!, m! + 0.6 * b!, Math.sqrt(2 - 0.36))),
        ),
    ],
  ];

  test.each(cases)("%s", (_, text, data, at, wanted) => {
    expect(logp(text, data, at)).toBeCloseTo(wanted(at), 10);
  });

  test.each([
    [
      "a row that is there in part",
      "data { dim N; p: real?[N, 2] } model { sample m ~ Normal(0, 1)  plate i in N { observe p[i] ~ Dirichlet([2, 1])  factor m * p[i, 0] } }",
      { p: [[0.4, null]] },
    ],
    [
      "an end that is another entry",
      "data { dim N; x: real?[N] } model { sample m ~ Normal(0, 1)  plate i in N { if i > 0 { observe x[i] ~ Uniform(x[i - 1], 9) } else { observe x[i] ~ Uniform(0, 9) } } factor m }",
      { x: [1, null, 3] },
    ],
  ])("PPL901: %s", (_, text, data) => {
    expect(codesOf(text, data)).toEqual(["PPL901"]);
  });
});

describe("an entry that no statement gives a density", () => {
  const series = (rest: string): string =>
    `data { dim T; y: real?[T] } model { sample m ~ Normal(0, 1)  plate t in T { if t > 0 { observe y[t] ~ Normal(${rest}, 1) } } }`;
  test("may not be read", () => {
    expect(codesOf(series("m * y[t - 1]"), { y: [null, 1, 2] })).toEqual(["PPL606"]);
    expect(codesOf(series("m * y[t - 1]"), { y: [1, null, 2] })).toEqual([]);
  });
  test("and is harmless where it is not", () => {
    const text = series("if t > 1 then m * y[t - 1] else m");
    expect(logp(text, { y: [null, null, 2] }, [0.4, 1.1])).toBeCloseTo(
      normal(0.4, 0, 1) + normal(1.1, 0.4, 1) + normal(2, 0.44, 1),
      10,
    );
  });
  test("a guard that asks about the array itself", () => {
    const text = `data { dim N; x: real?[N] } model { sample m ~ Normal(0, 1)  let there = [i in N: !is_missing(x[i])]
      plate i in N { if there[i] { observe x[i] ~ Normal(m, 1) } }  factor m * x[0] }`;
    expect(codesOf(text, { x: [1, null] })).toEqual([]);
    expect(codesOf(text, { x: [null, 1] })).toEqual(["PPL606"]);
  });
});

describe("after the fit and before it", () => {
  const moments = (values: Float64Array, size: number, at: number): readonly [mean: number, sd: number] => {
    const column = values.filter((_, i) => i % size === at);
    const mean = total([...column]) / column.length;
    return [mean, Math.sqrt(total([...column].map((v) => (v - mean) ** 2)) / (column.length - 1))];
  };

  test("a simulation draws the missing entries, and what reads them sees its draw", () => {
    const text = `data { dim T; y: real?[T] } model { sample m ~ Normal(1, 0.001)  plate t in T {
      if t > 0 { observe y[t] ~ Normal(m * y[t - 1], 0.01) } else { observe y[t] ~ Normal(5, 2) } }  report gap = y[3] - y[2] }`;
    const n = 2000;
    const { data, reports } = simulate({ path: "m.ppl", text }, { y: [null, null, null, null, 7] }, { draws: n });
    const drawn = data["y"]!.values;
    const [mean, sd] = moments(drawn, 5, 0);
    expect(Math.abs(mean - 5)).toBeLessThan((4.5 * 2) / Math.sqrt(n));
    expect(Math.abs(sd / 2 - 1)).toBeLessThan(4.5 * Math.sqrt(1 / (2 * n)));
    for (let k = 0; k < 20; k++) {
      for (let t = 1; t < 5; t++) expect(Math.abs(drawn[k * 5 + t]! - drawn[k * 5 + t - 1]!)).toBeLessThan(0.1);
      expect(reports["gap"]!.values[k]).toBeCloseTo(drawn[k * 5 + 3]! - drawn[k * 5 + 2]!, 10);
    }
  });

  test("members count from the base, and a latent condition chooses the statement", () => {
    const text = `data { base 1; dim N, K = 3; g: index(K)?[N]; z: real?[N] } model { sample c ~ Bernoulli(0.5)  plate i in N {
      observe g[i] ~ Categorical([0.0, 0.0, 1.0])
      if c { observe z[i] ~ Normal(10, 0.1) } else { observe z[i] ~ Normal(-10, 0.1) } }
      report first = g[1]  report sign = z[1] }`;
    const { sites, reports } = simulate({ path: "m.ppl", text }, { g: [null, 1], z: [null, 0] }, { draws: 30 });
    expect([...new Set(reports["first"]!.values)]).toEqual([3]);
    expect([...reports["sign"]!.values].map((v) => (v > 0 ? 1 : 0))).toEqual([...sites["c"]!.values]);
  });

  test("a prediction reads them, and they are labelled like their array", async () => {
    const text = `data { dim N; x: real?[N]; g: index(2)?[N] } model { sample m ~ Normal(0, 1)
      plate i in N { observe x[i] ~ Normal(3, 0.5)  @marginal observe g[i] ~ Categorical([0.25, 0.75]) }  factor m + 0 * x[0] }
      predict { sample twice ~ Normal(2 * x[1], 0.001)  report group = g[1] }`;
    const fit = await infer({ path: "m.ppl", text }, { x: [1, null], g: [0, null] });
    const [mean, sd] = moments(fit.predictions["twice"]!.values, 1, 0);
    expect(Math.abs(mean - 6)).toBeLessThan(0.2);
    expect(Math.abs(sd - 1)).toBeLessThan(0.1);
    expect(Math.abs(moments(fit.predictions["group"]!.values, 1, 0)[0] - 0.75)).toBeLessThan(0.06);
    expect(fit.labels["x"]).toEqual(fit.labels["x_rep"]);
  });
});

describe("a guide that samples them", () => {
  const noisy = (
    guide: string,
  ): string => `data { dim N; x: real?[N]; y: real[N] } model { plate i in N { observe x[i] ~ Normal(0, 2)  observe y[i] ~ Normal(x[i], 1) } sample m ~ Normal(0, 1)  factor m }
    guide { ${guide} }`;
  const data = { x: [1, null, null], y: [0.5, 7, 1.9] };
  // y = x + noise: 0.8 y is the mean of x, 0.8 its variance, N(0, 5) the evidence of y.
  const wanted = 0.5 + normal(1, 0, 2) + normal(0.5, 1, 1) + normal(7, 0, Math.sqrt(5)) + normal(1.9, 0, Math.sqrt(5));

  test.each([
    [
      "for each entry",
      "plate i in N { param a[i] = 0.0  param b[i]: real > 0 = 1.0  sample x[i] ~ Normal(a[i], b[i]) }",
    ],
    ["from data", "param a = 0.1  param b: real > 0 = 1.0  plate i in N { sample x[i] ~ Normal(a * y[i], b) }"],
    [
      "under the condition that it is missing",
      "param a = 0.1  param b: real > 0 = 1.0  plate i in N { if is_missing(x[i]) { sample x[i] ~ Normal(a * y[i], b) } }",
    ],
  ])("real entries: %s", async (_, guide) => {
    const fit = await infer({ path: "m.ppl", text: noisy(guide) }, data);
    expect(Math.abs(fit.elbo.mean - wanted)).toBeLessThan(0.02);
    const { mean, sd } = fit.sites["x"] as { readonly mean: readonly number[]; readonly sd: readonly number[] };
    expect(mean[0]).toBeNaN();
    expect(Math.abs(mean[1]! - 5.6)).toBeLessThan(0.15);
    expect(Math.abs(sd[2]! - Math.sqrt(0.8))).toBeLessThan(0.1);
  });

  test("discrete entries", async () => {
    const text = `data { dim N; x: bool?[N]; y: real[N] } model { plate i in N { observe x[i] ~ Bernoulli(0.3)  observe y[i] ~ Normal(2 * x[i], 1) } sample m ~ Normal(0, 1)  factor m }
      guide { param a = 0.0  param b = 0.0  plate i in N { @estimator(enumerate) sample x[i] ~ Bernoulli(logit = a + b * y[i]) } }`;
    const fit = await infer({ path: "m.ppl", text }, { x: [1, null, null], y: [0.4, 1.3, -0.2] });
    const evidence =
      0.5 +
      coin(1, 0.3) +
      normal(0.4, 2, 1) +
      total([1.3, -0.2].map((v) => lse([coin(0, 0.3) + normal(v, 0, 1), coin(1, 0.3) + normal(v, 2, 1)])));
    expect(Math.abs(fit.elbo.mean - evidence)).toBeLessThan(0.02);
  });

  test("a site under a condition: the guide has the same condition, a wider one, or none", async () => {
    const model =
      "data { dim N; on: bool[N]; y: real[N] } model { plate i in N { if on[i] { sample e[i] ~ Normal(0, 2)  observe y[i] ~ Normal(e[i], 1) } } sample m ~ Normal(0, 1)  factor m }";
    const evidence = 0.5 + normal(0.5, 0, Math.sqrt(5)) + normal(1.9, 0, Math.sqrt(5));
    const some = { on: [1, 0, 1], y: [0.5, 7, 1.9] };
    const sampled = "sample e[i] ~ Normal(a * y[i], b)";
    for (const body of [`if on[i] { ${sampled} }`, `if on[i] || y[i] > 5 { ${sampled} }`, sampled]) {
      const text = `${model} guide { param a = 0.1  param b: real > 0 = 1.0  plate i in N { ${body} } }`;
      const fit = await infer({ path: "m.ppl", text }, some);
      expect(Math.abs(fit.elbo.mean - evidence)).toBeLessThan(0.02);
      expect((fit.sites["e"]!.mean as readonly number[]).map(Number.isNaN)).toEqual([false, true, false]);
    }
    expect(codesOf(`${model} guide { plate i in N { if y[i] > 1 { sample e[i] ~ Normal(0, 1) } } }`, some)).toEqual([
      "PPL502",
    ]);
  });

  test.each([
    ["PPL510", "reads itself", "plate i in N { sample x[i] ~ Normal(x[i], 1) }"],
    ["PPL502", "leaves entries out", "plate i in N { if y[i] > 5 { sample x[i] ~ Normal(0, 1) } }"],
    ["PPL502", "is one for all", "sample x ~ Normal(zeros(N), 1)"],
    ["PPL504", "twice", "block x: fullrank  plate i in N { sample x[i] ~ Normal(0, 1) }"],
  ])("%s: %s", (code, _, guide) => expect(codesOf(noisy(guide), data)).toEqual([code]));

  test("PPL506: entries that are summed out have none", () => {
    const text =
      "data { dim N; x: bool?[N] } model { sample m ~ Normal(0, 1)  plate i in N { @marginal observe x[i] ~ Bernoulli(inv_logit(m)) } } guide { plate i in N { sample x[i] ~ Bernoulli(0.5) } }";
    expect(codesOf(text, { x: [1, null] })).toEqual(["PPL506"]);
  });
});

describe("circles through what missing entries can be", () => {
  const both = "plate i in N { observe x[i] ~ Uniform(0, z[i])  observe z[i] ~ Uniform(x[i], 3) }";
  test.each([
    [
      "a site's prior, and a support that reads it",
      "x: real?[N]",
      "plate i in N { sample s[i] ~ HalfNormal(1 + x[i]^2)  observe x[i] ~ Uniform(0, s[i]) }",
    ],
    [
      "a site's support too",
      "x: real?[N]",
      "plate i in N { sample s[i] ~ Uniform(x[i], 5)  observe x[i] ~ Uniform(0, s[i]) }",
    ],
    [
      "counts",
      "x: int?[N]",
      "plate i in N { sample s[i] ~ Uniform(x[i], 20)  observe x[i] ~ DiscreteUniform(0, if s[i] > 5 then 6 else 4) }",
    ],
    ["two arrays", "x: real?[N]; z: real?[N]", `sample m ~ Normal(0, 1)  factor m  ${both}`],
  ])("%s: PPL615", (_, declared, body) => {
    const text = `data { dim N; ${declared} } model { ${body} }`;
    expect(codesOf(text, { x: [0, null], z: [1, null] })).toEqual(["PPL615"]);
    expect(codesOf(text, { x: [0, 0], z: [1, 1] })).toEqual([]);
  });

  test("densities alone may go in a circle", () => {
    const text =
      "data { dim N; x: real?[N]; z: real?[N] } model { sample m ~ Normal(0, 1)  plate i in N { observe x[i] ~ Normal(z[i], 1)  observe z[i] ~ Normal(x[i], 3) } }";
    expect(logp(text, { x: [0.5, null], z: [1, null] }, [0.4, 0.3, -0.2])).toBeCloseTo(
      normal(0.4, 0, 1) + normal(0.5, 1, 1) + normal(1, 0.5, 3) + normal(0.3, -0.2, 1) + normal(-0.2, 0.3, 3),
      10,
    );
  });
});
