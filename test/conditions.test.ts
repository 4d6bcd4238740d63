// Statements and members under conditions, against the same densities in plain code: latent branches, missing entries, partial sites, states of probability zero.

import { describe, expect, test } from "vitest";
import { compile } from "../src/compile.ts";
import { VariateError } from "../src/base/diagnostic.ts";
import { check } from "../src/model/check.ts";
import { reference } from "../src/exec/reference.ts";
import { infer } from "../src/infer.ts";
import { fixedTarget } from "../src/run/fixed-target.ts";
import type { RawData } from "../src/result.ts";

/** log p at one value of all unconstrained coordinates, of a model without other parameters. */
function logp(text: string, data: RawData, x: readonly number[]): number {
  const { target } = fixedTarget(compile({ path: "m.ppl", text }, data).prepared, reference, []);
  expect(target.dim).toBe(x.length);
  expect(target.points).toBe(0);
  return target.values(Float64Array.from(x), new Float64Array(0), new Float64Array(0), 1)[0]!;
}

const normal = (x: number, m: number, s: number): number =>
  -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const lse = (xs: readonly number[]): number => Math.log(total(xs.map((x) => Math.exp(x))));

describe("a latent condition selects terms", () => {
  const y = [0.5, -2.2, 1.9];
  type Case = readonly [name: string, body: string, x: readonly number[], wanted: (x: readonly number[]) => number];
  const cases: readonly Case[] = [
    [
      "of a continuous site, both sides",
      `sample m ~ Normal(0, 1)
      if m > 0 { observe y ~ Normal(m * ones(N), 1) } else { let s = 2  observe y ~ Normal(zeros(N), s) }`,
      [0.7],
      ([m]) => normal(m!, 0, 1) + total(y.map((v) => normal(v, m!, 1))),
    ],
    [
      "of a continuous site, the other side",
      `sample m ~ Normal(0, 1)
      if m > 0 { observe y ~ Normal(m * ones(N), 1) } else { let s = 2  observe y ~ Normal(zeros(N), s) }`,
      [-0.7],
      ([m]) => normal(m!, 0, 1) + total(y.map((v) => normal(v, 0, 2))),
    ],
    [
      "an infinite term on the side that is not taken",
      `sample m ~ Normal(0, 1)
      if m > 0 { factor log(m) } else if m < -1 { factor -1 / 0.0 }`,
      [0.5],
      ([m]) => normal(m!, 0, 1) + Math.log(m!),
    ],
    [
      "beside one on data",
      `sample m ~ Normal(0, 1)
      plate i in N { if i > 0 { if m > y[i - 1] { observe y[i] ~ Normal(m, 1) } else { factor 3.0 } } }`,
      [0],
      ([m]) => normal(m!, 0, 1) + 3 + normal(y[2]!, m!, 1),
    ],
    [
      "of a summed-out site, with lets in the branches",
      `sample m ~ Normal(0, 1)
      plate i in N {
        @marginal sample z[i] ~ Bernoulli(0.3)
        if z[i] { let a = m + 1  observe y[i] ~ Normal(a, 1) } else { let b = 2 * m  observe y[i] ~ Normal(b, 0.5) }
      }`,
      [0.4],
      ([m]) =>
        normal(m!, 0, 1) +
        total(y.map((v) => lse([Math.log(0.3) + normal(v, m! + 1, 1), Math.log(0.7) + normal(v, 2 * m!, 0.5)]))),
    ],
    [
      "of a summed-out site by its index",
      `sample m ~ Normal(0, 1)
      plate i in N {
        @marginal sample z[i] ~ Categorical([0.2, 0.5, 0.3])
        if z[i] == 0 { observe y[i] ~ Normal(m, 1) } else if z[i] == 1 { factor -1.5 }
      }`,
      [0.4],
      ([m]) =>
        normal(m!, 0, 1) +
        total(y.map((v) => lse([Math.log(0.2) + normal(v, m!, 1), Math.log(0.5) - 1.5, Math.log(0.3)]))),
    ],
  ];

  test.each(cases)("%s", (_, body, x, wanted) => {
    expect(logp(`data { dim N; y: real[N] }\nmodel { ${body} }`, { y }, x)).toBeCloseTo(wanted(x), 10);
  });

  test("an enumerated site: the ELBO is the exact evidence of independent members", async () => {
    const text = `data { dim N; y: real[N] }
      model { plate i in N {
        @estimator(enumerate) sample z[i] ~ Bernoulli(0.3)
        if z[i] { observe y[i] ~ Normal(2, 1) } else { observe y[i] ~ Normal(-1, 1) }
      } }`;
    const fit = await infer({ path: "m.ppl", text }, { y });
    const wanted = total(y.map((v) => lse([Math.log(0.3) + normal(v, 2, 1), Math.log(0.7) + normal(v, -1, 1)])));
    expect(fit.elbo.mean).toBeCloseTo(wanted, 4);
    const rep = fit.predictive["y_rep"]!.values;
    expect([...rep].every(Number.isFinite)).toBe(true);
    expect(rep.filter((_, i) => i % 3 === 1).reduce((a, b) => a + b, 0) / (rep.length / 3)).toBeLessThan(-0.7);
  });

  test.each([
    ["PPL405", "if m > 0 { sample a ~ Normal(0, 1) }"],
    ["PPL405", "plate i in N { if m > y[i] { plate j in 2 { sample a[i, j] ~ Normal(0, 1) } } }"],
    ["PPL104", "if m > 0 { report a = m }"],
    ["PPL104", "if m > 0 { factor m } else { param a = 1.0 }"],
    ["PPL201", "if m > 0 { let a = m }  factor a"],
  ])("%s: %s", (code, body) => {
    const { report } = check({
      path: "m.ppl",
      text: `data { dim N; y: real[N] }\nmodel { sample m ~ Normal(0, 1)  observe y ~ Normal(zeros(N) + m, 1)  ${body} }`,
    });
    expect(report.filter((d) => d.severity === "error").map((d) => d.code)).toEqual([code]);
  });
});

// ---------------------------------------------------------------------------------------- missing entries

const nan = NaN;

describe("missing entries", () => {
  const y = [0.5, nan, 1.9];
  type Case = readonly [
    name: string,
    text: string,
    data: RawData,
    x: readonly number[],
    wanted: (x: readonly number[]) => number,
  ];
  const cases: readonly Case[] = [
    [
      "add nothing: by members",
      "data { dim N; y: real?[N] } model { sample m ~ Normal(0, 1)  plate i in N { observe y[i] ~ Normal(m, 1) } }",
      { y: [0.5, null, 1.9] },
      [0.4],
      ([m]) => normal(m!, 0, 1) + normal(0.5, m!, 1) + normal(1.9, m!, 1),
    ],
    [
      "add nothing: as a whole",
      "data { dim N; y: real?[N] } model { sample m ~ Normal(0, 1)  observe y ~ Normal(m * ones(N), 1) }",
      { y: [0.5, null, 1.9] },
      [0.4],
      ([m]) => normal(m!, 0, 1) + normal(0.5, m!, 1) + normal(1.9, m!, 1),
    ],
    [
      "add nothing: counts, and a draw of one number",
      "data { dim N, M; y: int?[N]; k: int?[N, M] } model { sample m ~ Normal(0, 1)  plate i in N { observe y[i] ~ Poisson(exp(m))  observe k[i] ~ Poisson(1 * ones(M)) } }",
      {
        y: [2, null],
        k: [
          [null, 0],
          [0, 0],
        ],
      },
      [0.4],
      ([m]) => normal(m!, 0, 1) + 2 * m! - Math.exp(m!) - Math.log(2) - 3,
    ],
    [
      "asked for",
      "data { dim N; x: real?[N]; y: real[N] } model { sample m ~ Normal(0, 1)  plate i in N { observe y[i] ~ Normal(if is_missing(x[i]) then m else x[i], 1) } }",
      { x: y, y: [1, 2, 3] },
      [0.4],
      ([m]) => normal(m!, 0, 1) + normal(1, 0.5, 1) + normal(2, m!, 1) + normal(3, 1.9, 1),
    ],
    [
      "asked for as a whole, and counted",
      "data { dim N; x: real?[N] } model { sample m ~ Normal(0, 1)  let f = if is_missing(x) then 0 else x  factor m * sum(f) + sum(is_missing(x)) }",
      { x: y },
      [0.4],
      ([m]) => normal(m!, 0, 1) + m! * 2.4 + 1,
    ],
    [
      "under a data `if`",
      "data { dim N; x: real?[N] } model { sample m ~ Normal(0, 1)  plate i in N { if !is_missing(x[i]) { factor m * x[i] } } }",
      { x: y },
      [0.4],
      ([m]) => normal(m!, 0, 1) + m! * 2.4,
    ],
    [
      "latent, since another statement reads them",
      "data { dim N; x: real?[N]; y: real[N] } model { sample m ~ Normal(0, 1)  plate i in N { observe x[i] ~ Normal(m, 2)  observe y[i] ~ Normal(x[i], 1) } }",
      { x: y, y: [1, 2, 3] },
      [0.4, -1.3],
      ([m, u]) =>
        normal(m!, 0, 1) + total([0.5, u!, 1.9].map((v, i) => normal(v, m!, 2) + normal([1, 2, 3][i]!, v, 1))),
    ],
    [
      "latent, since the series reads itself",
      "data { dim T; y: real?[T] } model { sample m ~ Normal(0, 1)  plate t in T { if t > 0 { observe y[t] ~ Normal(m * y[t - 1], 1) } else { observe y[t] ~ Normal(0, 1) } } }",
      { y },
      [0.4, -1.3],
      ([m, u]) => normal(m!, 0, 1) + normal(0.5, 0, 1) + normal(u!, m! * 0.5, 1) + normal(1.9, m! * u!, 1),
    ],
    [
      "latent and positive",
      "data { dim N; x: real?[N]; y: real[N] } model { sample m ~ Normal(0, 1)  plate i in N { observe x[i] ~ Exponential(2)  observe y[i] ~ Normal(m * x[i], 1) } }",
      { x: y, y: [1, 2, 3] },
      [0.4, -1.3],
      ([m, u]) =>
        normal(m!, 0, 1) +
        u! +
        total([0.5, Math.exp(u!), 1.9].map((v, i) => Math.log(2) - 2 * v + normal([1, 2, 3][i]!, m! * v, 1))),
    ],
    [
      "latent, since the distribution is joint",
      "data { dim N; y: real?[N] } model { sample m ~ Normal(0, 1)  observe y ~ MultivariateNormal(m * ones(N), cov = eye(N)) }",
      { y },
      [0.4, -1.3],
      ([m, u]) => normal(m!, 0, 1) + total([0.5, u!, 1.9].map((v) => normal(v, m!, 1))),
    ],
    [
      "declared so, but none is missing",
      "data { dim N; x: real?[N]; y: real[N] } model { sample m ~ Normal(0, 1)  plate i in N { observe x[i] ~ Normal(m, 2)  observe y[i] ~ Normal(x[i], 1) } }",
      { x: [1, 1], y: [1, 2] },
      [0.4],
      ([m]) => normal(m!, 0, 1) + 2 * normal(1, m!, 2) + normal(1, 1, 1) + normal(2, 1, 1),
    ],
  ];

  test.each(cases)("%s", (_, text, data, x, wanted) => {
    const given = Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, JSON.parse(JSON.stringify(value)) as RawData[string]]),
    );
    expect(logp(text, given, x)).toBeCloseTo(wanted(x), 10);
  });

  test("a latent entry is a site of the array's shape, and what is read elsewhere sees it", async () => {
    const text = `data { dim N; x: real?[N] }
      model { sample m ~ Normal(0, 1)  factor m  observe x ~ Normal(3 * ones(N), 2)  let mine = x[1]  factor log_prob(Normal(5, 2), mine)  report both = x[0] + x[1] }`;
    const fit = await infer({ path: "m.ppl", text }, { x: [1, null] });
    const { mean, sd } = fit.sites["x"] as { readonly mean: readonly number[]; readonly sd: readonly number[] };
    expect(mean[0]).toBeNaN();
    expect(Math.abs(mean[1]! - 4)).toBeLessThan(0.2);
    expect(Math.abs(sd[1]! - Math.SQRT2)).toBeLessThan(0.15);
    expect(Math.abs((fit.reports["both"]!.mean as number) - 5)).toBeLessThan(0.2);
    expect(fit.elbo.mean).toBeCloseTo(0.5 + normal(1, 3, 2) + normal(5, 3, Math.sqrt(8)), 3);
  });

  test.each([
    ["PPL606", "sum of x", "factor m * sum(x)", {}],
    ["PPL606", "a member", "plate i in N { factor m * x[i] }", {}],
    ["PPL606", "by a latent subscript", "sample z ~ Categorical(ones(N) / N)  factor m * x[z]", {}],
    ["PPL606", "a wrong guard", "plate i in N { if is_missing(x[i]) { factor m * x[i] } }", {}],
  ])("%s: %s", (code, _, body) => {
    const text = `data { dim N; x: real?[N] } model { sample m ~ Normal(0, 1)  ${body} }`;
    expect(codesOf(text, { x: [1, null] })).toEqual([code]);
    expect(codesOf(text, { x: [1, 2] })).toEqual([]);
  });

  test("is_missing asks the data", () => {
    expect(
      check({ path: "m.ppl", text: "model { sample m ~ Normal(0, 1)  if is_missing(m) { factor m } }" }).report.map(
        (d) => d.code,
      ),
    ).toContain("PPL306");
  });
});

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

// ---------------------------------------------------------------------------------------- partial sites

describe("a site under a data condition has only some members", () => {
  const some = "data { dim N; on: bool[N]; y: real[N] }";
  const data = { on: [1, 0, 1], y: [0.5, 7, 1.9] };
  type Case = readonly [name: string, body: string, x: readonly number[], wanted: (x: readonly number[]) => number];
  const cases: readonly Case[] = [
    [
      "coordinates",
      "plate i in N { if on[i] { sample e[i] ~ Normal(0, 2)  observe y[i] ~ Normal(e[i], 1) } }",
      [0.3, 0.6],
      ([a, b]) => normal(a!, 0, 2) + normal(b!, 0, 2) + normal(0.5, a!, 1) + normal(1.9, b!, 1),
    ],
    [
      "a Jacobian",
      "plate i in N { if on[i] { sample e[i] ~ Exponential(2)  factor -e[i] } else { observe y[i] ~ Normal(0, 1) } }",
      [0.3, 0.6],
      ([a, b]) => total([a!, b!].map((u) => u + Math.log(2) - 3 * Math.exp(u))) + normal(7, 0, 1),
    ],
    [
      "a vector",
      "plate i in N { if on[i] { sample e[i] ~ Normal(zeros(2), 1)  factor sum(e[i]) } }",
      [0.3, 0.6, -1, 2],
      (x) => total(x.map((u) => normal(u, 0, 1) + u)),
    ],
    [
      "a vector on a simplex",
      "plate i in N { if on[i] { sample e[i] ~ LKJCholesky(2, 1)  factor 0 * e[i, 0, 0] } }",
      [0.3, 0.6],
      (x) => total(x.map((u) => Math.log(1 - Math.tanh(u) ** 2) - Math.log(2))),
    ],
    [
      "summed out",
      "sample m ~ Normal(0, 1)  plate i in N { if on[i] { @marginal sample z[i] ~ Bernoulli(0.3)  observe y[i] ~ Normal(if z[i] then m else 0, 1) } }",
      [0.4],
      ([m]) =>
        normal(m!, 0, 1) +
        total([0.5, 1.9].map((v) => lse([Math.log(0.3) + normal(v, m!, 1), Math.log(0.7) + normal(v, 0, 1)]))),
    ],
    [
      "a condition that is the same for all",
      "sample m ~ Normal(0, 1)  if N > 5 { sample e ~ Normal(0, 1)  factor e }",
      [0.4],
      ([m]) => normal(m!, 0, 1),
    ],
  ];

  test.each(cases)("%s", (_, body, x, wanted) => {
    expect(logp(`${some} model { ${body} }`, data, x)).toBeCloseTo(wanted(x), 10);
  });

  test.each(["meanfield", "fullrank"] as const)(
    "%s: the ELBO is that of the model with only those members, and the others are missing",
    async (guide) => {
      const partial = `${some} model { plate i in N { if on[i] { sample e[i] ~ Normal(0, 2)  observe y[i] ~ Normal(e[i], 1) } } }`;
      const fit = await infer({ path: "m.ppl", text: partial }, data, { guide });
      const wanted = normal(0.5, 0, Math.sqrt(5)) + normal(1.9, 0, Math.sqrt(5));
      expect(fit.elbo.mean).toBeCloseTo(wanted, 3);
      const { mean } = fit.sites["e"] as { readonly mean: readonly number[] };
      expect(mean.map(Number.isNaN)).toEqual([false, true, false]);
      expect(Math.abs(mean[2]! - 1.9 * 0.8)).toBeLessThan(0.15);
    },
  );

  test.each([
    ["adam", "@estimator(score)"],
    ["auto", "@estimator(enumerate)"],
  ] as const)("a discrete one, %s %s", async (method, attribute) => {
    const text = `${some} model { plate i in N { if on[i] { ${attribute} sample z[i] ~ Bernoulli(0.3)  observe y[i] ~ Normal(2 * z[i], 1) } } }`;
    const fit = await infer({ path: "m.ppl", text }, data, { method, steps: 3000 });
    const wanted = total(
      [0.5, 1.9].map((v) => lse([Math.log(0.3) + normal(v, 2, 1), Math.log(0.7) + normal(v, 0, 1)])),
    );
    expect(Math.abs(fit.elbo.mean - wanted)).toBeLessThan(0.02);
    expect((fit.sites["z"] as { readonly mean: readonly number[] }).mean[1]).toBeNaN();
  });

  test.each([
    ["PPL607", "plate i in N { if on[i] { sample e[i] ~ Normal(0, 1) } factor e[i] }"],
    [
      "PPL607",
      "plate i in N { if on[i] { sample e[i] ~ Normal(0, 1) } }  plate i in N { observe y[i] ~ Normal(e[i], 1) }",
    ],
    ["PPL607", "plate i in N { if on[i] { sample e[i] ~ Normal(0, 1) } }  factor e[1]"],
    [
      "PPL607",
      "plate i in N { if on[i] { sample e[i] ~ Normal(0, 1) } }  sample z ~ Categorical(ones(N) / N)  factor e[z]",
    ],
    ["PPL305", "plate i in N { if on[i] { sample e[i] ~ Normal(0, 1) } }  factor sum(e)"],
  ])("%s: %s", (code, body) => {
    expect(codesOf(`${some} model { ${body} }`, data)).toEqual([code]);
    expect(codesOf(`${some} model { ${body} }`, { ...data, on: [1, 1, 1] })).toEqual(code === "PPL305" ? [code] : []);
  });
});

// ---------------------------------------------------------------------------------------- states of probability zero

describe("PPL704: a state that cannot have given what was observed", () => {
  const model = (attribute: string): string => `data { base 1; dim N; T: int; s: int[N] }
    model { sample p ~ Beta(1, 1)  plate i in N { ${attribute} sample z[i] ~ Bernoulli(0.5)  observe s[i] ~ Binomial(T, z[i] * p) } }`;
  const data = { T: 3, s: [0, 2, 0, 1] };

  test.each(["", "@estimator(enumerate)"])("names state and entry: %s", async (attribute) => {
    const refusal = await infer({ path: "m.ppl", text: model(attribute) }, data).then(
      () => null,
      (error: unknown) => error,
    );
    if (!(refusal instanceof VariateError)) throw new Error("it was not refused");
    const [found] = refusal.diagnostics.filter((d) => d.severity === "error");
    expect(found!.code).toBe("PPL704");
    expect(found!.message).toContain("z[2] = false, the likelihood of s[2] is log 0");
    expect(found!.hint).toContain("@marginal sample z[…]");
  });

  test("summed out it fits", async () => {
    expect((await infer({ path: "m.ppl", text: model("@marginal") }, data)).elbo.mean).toBeGreaterThan(-20);
  });

  test("another reason is no such state", async () => {
    const text = "model { sample m ~ Normal(0, 1)  sample z ~ Bernoulli(0.5)  factor log(-1 - m^2) + z }";
    await expect(infer({ path: "m.ppl", text }, {})).rejects.toThrow("PPL701");
  });
});
