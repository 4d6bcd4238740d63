// Every distribution at work in a program, as a prior and as a likelihood: the program is checked, fitted, drawn from.

import { describe, expect, test } from "vitest";
import { dists } from "../src/dist/index.ts";
import { infer } from "../src/infer.ts";
import { besselGap } from "../src/op/special/index.ts";
import type { Fit, RawData } from "../src/result.ts";

const OPTIONS = { policy: "exact", seed: 1, steps: 40, draws: 50 } as const;

const fitOf = (text: string, data: RawData): Promise<Fit> => infer({ path: "test.ppl", text }, data, OPTIONS);

function expectFit(fit: Fit, site: string): void {
  expect(Number.isFinite(fit.elbo.mean)).toBe(true);
  expect(fit.draws[site]!.values.every(Number.isFinite)).toBe(true);
}

/** `x` as a number: what the likelihood of a prior sees. */
type Prior = { readonly prior: string; readonly seen?: string };
/** Data, with parameters that read the latent `m`. */
type Likelihood = { readonly type: string; readonly y: unknown; readonly of: string };

const MATRIX = "[[1, 0.2], [0.2, 2]]";

/** By distribution; null where it cannot be one. */
const models: Readonly<Record<string, { readonly as: Prior | null; readonly of: Likelihood | null }>> = {
  Normal: { as: { prior: "Normal(0, sd = 2)" }, of: { type: "real", y: 1, of: "Normal(m, precision = 2)" } },
  StudentT: { as: { prior: "StudentT(3, 0, 1)" }, of: { type: "real", y: 1, of: "StudentT(exp(m), m, 1)" } },
  Cauchy: { as: { prior: "Cauchy(0, 1)" }, of: { type: "real", y: 1, of: "Cauchy(m, 1)" } },
  Laplace: { as: { prior: "Laplace(0, 1)" }, of: { type: "real", y: 1, of: "Laplace(m, 1)" } },
  Logistic: { as: { prior: "Logistic(0, 1)" }, of: { type: "real", y: 1, of: "Logistic(m, 1)" } },
  Gumbel: { as: { prior: "Gumbel(0, 1)" }, of: { type: "real", y: 1, of: "Gumbel(m, 1)" } },
  HalfNormal: { as: { prior: "HalfNormal(1)" }, of: { type: "real", y: 1, of: "HalfNormal(exp(m))" } },
  HalfCauchy: { as: { prior: "HalfCauchy(1)" }, of: { type: "real", y: 1, of: "HalfCauchy(exp(m))" } },
  HalfStudentT: { as: { prior: "HalfStudentT(3, 1)" }, of: { type: "real", y: 1, of: "HalfStudentT(3, exp(m))" } },
  LogNormal: { as: { prior: "LogNormal(0, 1)" }, of: { type: "real", y: 1, of: "LogNormal(m, 1)" } },
  Exponential: { as: { prior: "Exponential(2)" }, of: { type: "real", y: 1, of: "Exponential(scale = exp(m))" } },
  Gamma: { as: { prior: "Gamma(2, mean = 3)" }, of: { type: "real", y: 1, of: "Gamma(2, exp(m))" } },
  InverseGamma: { as: { prior: "InverseGamma(2, 3)" }, of: { type: "real", y: 1, of: "InverseGamma(exp(m), 1)" } },
  ChiSquare: { as: { prior: "ChiSquare(4)" }, of: { type: "real", y: 1, of: "ChiSquare(exp(m))" } },
  Weibull: { as: { prior: "Weibull(2, 1)" }, of: { type: "real", y: 1, of: "Weibull(2, exp(m))" } },
  Pareto: { as: { prior: "Pareto(1, 3)" }, of: { type: "real", y: 2, of: "Pareto(1, exp(m))" } },
  Uniform: { as: { prior: "Uniform(-1, 2)" }, of: { type: "real", y: 0.5, of: "Uniform(0, 1 + exp(m))" } },
  Beta: { as: { prior: "Beta(2, 3)" }, of: { type: "real", y: 0.3, of: "Beta(mean = inv_logit(m), size = 4)" } },
  VonMises: {
    as: { prior: "VonMises(1, 4)", seen: "sin(x)" },
    of: { type: "real", y: 0.3, of: "VonMises(m, exp(m))" },
  },
  Dirichlet: {
    as: { prior: "Dirichlet(2, 3)", seen: "x[1]" },
    of: { type: "real[3]", y: [0.25, 0.25, 0.5], of: "Dirichlet([exp(m), 1, 2])" },
  },
  MultivariateNormal: {
    as: { prior: `MultivariateNormal([0, 1], cov = ${MATRIX})`, seen: "x[1]" },
    of: { type: "real[2]", y: [0.5, 1], of: `MultivariateNormal([m, 0], cov = ${MATRIX})` },
  },
  MultivariateStudentT: {
    as: { prior: "MultivariateStudentT(5, [0, 1], chol = [[1, 0], [0.5, 1]])", seen: "x[1]" },
    of: { type: "real[2]", y: [0.5, 1], of: "MultivariateStudentT(5, [m, 0], chol = [[1, 0], [0.5, 1]])" },
  },
  LKJCholesky: {
    as: { prior: "LKJCholesky(2, 2)", seen: "x[1, 0]" },
    of: {
      type: "real[2, 2]",
      y: [
        [1, 0],
        [0.6, 0.8],
      ],
      of: "LKJCholesky(2, exp(m))",
    },
  },
  Wishart: {
    as: { prior: `Wishart(4, ${MATRIX})`, seen: "x[0, 1]" },
    of: {
      type: "real[2, 2]",
      y: [
        [1, 0.1],
        [0.1, 2],
      ],
      of: `Wishart(4 + exp(m), ${MATRIX})`,
    },
  },
  InverseWishart: {
    as: { prior: `InverseWishart(4, ${MATRIX})`, seen: "x[0, 1]" },
    of: {
      type: "real[2, 2]",
      y: [
        [1, 0.1],
        [0.1, 2],
      ],
      of: `InverseWishart(4 + exp(m), ${MATRIX})`,
    },
  },
  Bernoulli: { as: { prior: "Bernoulli(0.3)" }, of: { type: "bool", y: true, of: "Bernoulli(logit = m)" } },
  Categorical: {
    as: { prior: "Categorical([0.2, 0.3, 0.5])", seen: "[0, 1, 3][x]" },
    of: { type: "int", y: 2, of: "Categorical(logit = [0, m, 1])" },
  },
  OneHotCategorical: {
    as: { prior: "OneHotCategorical([0.2, 0.3, 0.5])", seen: "x[2]" },
    of: { type: "real[3]", y: [0, 1, 0], of: "OneHotCategorical(logit = [0, m, 1])" },
  },
  OrderedLogistic: {
    as: { prior: "OrderedLogistic(0, [-1, 1])", seen: "[0, 1, 3][x]" },
    of: { type: "int", y: 2, of: "OrderedLogistic(m, [-1, 1])" },
  },
  OrderedProbit: {
    as: { prior: "OrderedProbit(0, [-1, 1])", seen: "[0, 1, 3][x]" },
    of: { type: "int", y: 2, of: "OrderedProbit(0.5, [m - 1, m, inf])" },
  },
  DiscreteUniform: {
    as: { prior: "DiscreteUniform(2, 5)" },
    of: { type: "int", y: 3, of: "DiscreteUniform(1, if m > 0 then 6 else 4)" },
  },
  Binomial: { as: { prior: "Binomial(5, 0.3)" }, of: { type: "int", y: 3, of: "Binomial(7, logit = m)" } },
  BetaBinomial: { as: { prior: "BetaBinomial(5, 1, 2)" }, of: { type: "int", y: 3, of: "BetaBinomial(7, exp(m), 2)" } },
  Poisson: { as: { prior: "Poisson(3)" }, of: { type: "int", y: 3, of: "Poisson(log_rate = m)" } },
  NegativeBinomial: {
    as: { prior: "NegativeBinomial(mean = 3, dispersion = 1)" },
    of: { type: "int", y: 3, of: "NegativeBinomial(count = 2, logit = m)" },
  },
  Geometric: { as: { prior: "Geometric(0.3)" }, of: { type: "int", y: 3, of: "Geometric(inv_logit(m))" } },
  Multinomial: {
    as: { prior: "Multinomial(4, [0.2, 0.3, 0.5])", seen: "x[2]" },
    of: { type: "int[3]", y: [1, 0, 4], of: "Multinomial(5, logit = [0, m, 1])" },
  },
  DirichletMultinomial: {
    as: { prior: "DirichletMultinomial(4, [2, 3, 5])", seen: "x[2]" },
    of: { type: "int[3]", y: [1, 0, 4], of: "DirichletMultinomial(5, [exp(m), 1, 1])" },
  },
  Flat: { as: { prior: "Flat()" }, of: null },
  Delta: { as: { prior: "Delta(0.5)" }, of: { type: "real", y: 2, of: "Delta(2)" } },
};

test("each distribution has a program", () =>
  expect(Object.keys(models).sort()).toEqual(dists.map((d) => d.name).sort()));

const priors = Object.entries(models).flatMap(([name, { as }]) => (as === null ? [] : [[name, as] as const]));
const likelihoods = Object.entries(models).flatMap(([name, { of }]) => (of === null ? [] : [[name, of] as const]));

describe("as a prior", () => {
  test.each(priors)("%s", async (_, { prior, seen = "x" }) => {
    const text = `data { y: real }  model { sample x ~ ${prior}  observe y ~ Normal(${seen}, 1) }`;
    const fit = await fitOf(text, { y: 0.7 });
    expectFit(fit, "x");
  });
});

describe("as a likelihood", () => {
  test.each(likelihoods)("%s", async (_, { type, y, of }) => {
    const text = `data { y: ${type} }  model { sample m ~ Normal(0, 1)  observe y ~ ${of}  factor 0 * m }`;
    const fit = await fitOf(text, { y } as RawData);
    expectFit(fit, "m");
  });
});

/** log Σ_k p_k N(y; k-th mean, 1). */
function logEvidence(y: number, parts: readonly (readonly [p: number, mean: number])[]): number {
  const sum = parts.reduce((total, [p, mean]) => total + p * Math.exp(-0.5 * (y - mean) ** 2), 0);
  return Math.log(sum) - 0.5 * Math.log(2 * Math.PI);
}
const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);
const binomial = [0, 1, 2, 3, 4, 5].map((k) => [choose(5, k) * 0.3 ** k * 0.7 ** (5 - k), k] as const);
const expit = (x: number): number => 1 / (1 + Math.exp(-x));
const ordered = [expit(-1.5), expit(1) - expit(-1.5), 1 - expit(1)];
const uniform = [2, 3, 4, 5].map((k) => [0.25, k] as const);

/** A guide with a free probability per value is the posterior itself. */
describe("values that can be listed", () => {
  const program = (site: string, seen: string): string =>
    `data { y: real }  model { ${site}  observe y ~ Normal(${seen}, 1) }`;
  test.each([
    ["DiscreteUniform", program("sample x ~ DiscreteUniform(2, 5)", "x"), uniform],
    ["DiscreteUniform, summed out", program("@marginal sample x ~ DiscreteUniform(2, 5)", "x"), uniform],
    ["Binomial", program("sample x ~ Binomial(5, 0.3)", "x"), binomial],
    ["Binomial, summed out", program("@marginal sample x ~ Binomial(5, 0.3)", "x"), binomial],
    [
      "OneHotCategorical",
      program("sample x ~ OneHotCategorical([0.2, 0.3, 0.5])", "3 * x[2]"),
      [
        [0.5, 0],
        [0.5, 3],
      ],
    ],
    [
      "OrderedLogistic",
      program("sample x ~ OrderedLogistic(0.5, [-1, 1.5])", "[0, 1, 3][x]"),
      ordered.map((p, k) => [p, [0, 1, 3][k]!] as const),
    ],
  ] as const)("%s: the ELBO is the log evidence", async (_, text, parts) => {
    const fit = await infer({ path: "test.ppl", text }, { y: 2.7 }, { policy: "exact", seed: 1 });
    expect(fit.elbo.mean).toBeCloseTo(logEvidence(2.7, parts), 4);
  });

  test("each member has its own range", async () => {
    const text = `data { dim N; n: int[N]; y: real[N] }
      model { plate i in N { sample k[i] ~ DiscreteUniform(i, n[i])  observe y[i] ~ Normal(k[i], 1) } }`;
    const fit = await infer({ path: "test.ppl", text }, { n: [3, 1], y: [2.7, 0.4] }, { seed: 1, draws: 500 });
    const first = logEvidence(
      2.7,
      [0, 1, 2, 3].map((k) => [0.25, k] as const),
    );
    expect(fit.elbo.mean).toBeCloseTo(first + logEvidence(0.4, [[1, 1]]), 4);
    const draws = fit.draws["k"]!.values;
    expect(draws.filter((_v, i) => i % 2 === 1).every((k) => k === 1)).toBe(true);
    expect(new Set(draws.filter((_v, i) => i % 2 === 0))).toEqual(new Set([0, 1, 2, 3]));
  });
});

test("a direction: the free von Mises is the conjugate posterior", async () => {
  const y = [2.9, -3.0, 2.4, -2.2];
  const text = `data { dim N; y: real[N] }
    model { sample x ~ VonMises(0, 0.5)  plate i in N { observe y[i] ~ VonMises(x, 2) } }`;
  const fit = await infer({ path: "test.ppl", text }, { y }, { seed: 3, draws: 4000 });
  const [c, s] = [Math.cos, Math.sin].map((f) => y.reduce((sum, v) => sum + 2 * f(v), 0.5 * f(0))) as [number, number];
  const draws = [...fit.draws["x"]!.values];
  const mean = (f: (x: number) => number): number => draws.reduce((sum, x) => sum + f(x), 0) / draws.length;
  expect(Math.abs(Math.sin(Math.atan2(mean(Math.sin), mean(Math.cos)) - Math.atan2(s, c)))).toBeLessThan(0.1);
  const ratio = 1 - besselGap(Math.hypot(c, s));
  expect(Math.hypot(mean(Math.sin), mean(Math.cos))).toBeCloseTo(ratio, 1);
  expect(draws.every((x) => x >= -Math.PI && x < Math.PI)).toBe(true);
});
