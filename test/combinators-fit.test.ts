// Combinators in whole models: what the fit finds, guides of their supports, derivatives of draws, the printed model.

import { describe, expect, test } from "vitest";
import { truncated } from "../src/dist/combinators/truncated.ts";
import { mixture } from "../src/dist/combinators/mixture.ts";
import type { Combinator, Use } from "../src/dist/combinator.ts";
import type { Dist, Params } from "../src/dist/dist.ts";
import { drawOf } from "../src/dist/draw.ts";
import { distOf } from "../src/dist/index.ts";
import { instance } from "../src/dist/instance.ts";
import { infer } from "../src/infer.ts";
import { check } from "../src/model/check.ts";
import { printModel } from "../src/model/print.ts";
import { concat, param, reshape, scalar, sub, sumAxis } from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import type { Nested, RawData } from "../src/result.ts";
import { gradientError } from "./support/finite-difference.ts";
import { drawsOf } from "./support/joint.ts";
import { testNumbers, valueOf, valuesOf } from "./support/run-graph.ts";

const fit = (text: string, data: RawData) => infer({ path: "m.ppl", text }, data, { policy: "exact" });
const number = (value: Nested | undefined): number => value as number;

describe("models", () => {
  const next = testNumbers(5);
  const uniform = Array.from({ length: 600 }, () => (next() + 0.5 / 2 ** 32) % 1);

  test("a survival model with censored times: as with log_ccdf, and its parameters come back", async () => {
    const times = uniform.slice(0, 200).map((u) => 2 * (-Math.log(u)) ** (1 / 1.5));
    const limit = 2.5;
    const t = times.map((v) => Math.min(v, limit));
    const priors = "sample k ~ Gamma(2, 1) sample s ~ Gamma(2, 1)";
    const censored = `data { dim N; limit: real; t: real[N] } model { ${priors}
      plate i in N { observe t[i] ~ Censored(Weibull(k, s), upper = limit) } }`;
    const factors = `data { dim N; limit: real; t: real[N] } model { ${priors}
      plate i in N {
        if t[i] < limit { observe t[i] ~ Weibull(k, s) } else { factor log_ccdf(Weibull(k, s), limit) }
      } }`;
    const [a, b] = [censored, factors].map((text) => drawsOf(text, { limit, t }, 4));
    a!.forEach(({ logp }, i) => expect(logp).toBeCloseTo(b![i]!.logp, 9));
    const { sites, converged } = await fit(censored, { limit, t });
    expect(converged).toBe(true);
    expect(Math.abs(number(sites["k"]!.mean) - 1.5)).toBeLessThan(3 * number(sites["k"]!.sd));
    expect(Math.abs(number(sites["s"]!.mean) - 2)).toBeLessThan(3 * number(sites["s"]!.sd));
  });

  test("a regression of which only large responses were kept", async () => {
    const x = uniform.slice(0, 200).map((u) => 4 * u - 2);
    const noise = uniform
      .slice(200, 400)
      .map((u, i) => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * uniform[400 + i]!));
    const all = x.map((v, i) => ({ x: v, y: 1 + v + 1.5 * noise[i]! })).filter(({ y }) => y > 1);
    const data = { x: all.map((p) => p.x), y: all.map((p) => p.y) };
    const model = (dist: string): string => `data { dim N; x: real[N]; y: real[N] }
      model {
        sample a ~ Normal(0, 5) sample b ~ Normal(0, 5) sample s ~ HalfNormal(5)
        plate i in N { observe y[i] ~ ${dist} }
      }`;
    const kept = await fit(model("Truncated(Normal(a + b * x[i], s), lower = 1)"), data);
    const naive = await fit(model("Normal(a + b * x[i], s)"), data);
    const errorOf = ({ sites }: Awaited<ReturnType<typeof fit>>): number =>
      Math.abs(number(sites["b"]!.mean) - 1) / number(sites["b"]!.sd);
    expect(errorOf(kept)).toBeLessThan(3);
    expect(errorOf(naive)).toBeGreaterThan(3);
  });

  test("components that a plate samples, read by a comprehension, are those read one by one", () => {
    const y = [0.5, -1, 4];
    const model = (list: string): string => `data { dim N, K = 2; y: real[N] }
      model {
        sample w ~ Dirichlet(ones(K))
        plate k in K { sample mu[k] ~ Normal(0, 3)  sample sd[k] ~ HalfNormal(2) }
        plate i in N { observe y[i] ~ Mixture(w, ${list}) }
      }`;
    const [a, b] = ["[k in K: Normal(mu[k], sd[k])]", "[Normal(mu[0], sd[0]), Normal(mu[1], sd[1])]"].map((list) =>
      drawsOf(model(list), { y }),
    );
    a!.forEach(({ logp }, i) => expect(logp).toBeCloseTo(b![i]!.logp, 10));
  });

  test("a mixture of the reference: assignments are sampled, means are ordered", async () => {
    const y = Array.from({ length: 60 }, (_, i) => [-4, 0.5, 4][i % 3]! + Math.sin(i * 12.9898) * 0.8);
    const { sites } = await fit(
      `data { dim N, K = 3; y: real[N] }
      model {
        sample weight ~ Dirichlet(2, K)
        sample mu ~ Ordered(Normal(0, 5), K)
        plate k in K { sample sd[k] ~ HalfNormal(2) }
        plate i in N {
          sample z[i] ~ Categorical(weight)
          observe y[i] ~ Normal(mu[z[i]], sd[z[i]])
        }
      }`,
      { y },
    );
    (sites["mu"]!.mean as number[]).forEach((m, k) => expect(m).toBeCloseTo([-4, 0.5, 4][k]!, 0));
  });

  test.each([
    ["Truncated(Normal(0, 1), lower = 0.5)", 0.5, Infinity],
    ["Truncated(StudentT(4, 0, 1), lower = -1, upper = 2)", -1, 2],
    ["Truncated(Exponential(1), upper = 1.5)", 0, 1.5],
    ["Mixture([0.5, 0.5], [Normal(-1, 1), Normal(1, 1)])", -Infinity, Infinity],
  ])("a latent value of %s has the mean of the exact posterior", async (dist, low, high) => {
    const { sites, draws } = await fit(`data { y: real } model { sample x ~ ${dist} observe y ~ Normal(x, 0.5) }`, {
      y: 1,
    });
    expect((draws["x"]!.values as Float64Array).every((x) => x >= low && x <= high)).toBe(true);
    const grid = Array.from({ length: 4001 }, (_, i) => -4 + i * 0.002);
    const logs = drawsOf(
      "data { dim N; x: real[N] } model { sample z ~ Normal(0, 1) factor -z " +
        `report d = [i in N: log_prob(${dist}, x[i])] }`,
      { x: grid },
      1,
    )[0]!.at("d");
    const weight = grid.map((x, i) => Math.exp(logs[i]! - 0.5 * ((x - 1) / 0.5) ** 2));
    const total = weight.reduce((a, b) => a + b, 0);
    const mean = grid.reduce((sum, x, i) => sum + x * weight[i]!, 0) / total;
    expect(Math.abs(number(sites["x"]!.mean) - mean)).toBeLessThan(0.05);
  });

  test.each([
    ["Truncated(Poisson(3), lower = 2)", 2],
    ["Truncated(Binomial(9, 0.5), lower = 1, upper = 6)", 1],
    ["ZeroInflated(Poisson(3), 0.2)", 0],
    ["Mixture([0.5, 0.5], [Poisson(2), Poisson(6)])", 0],
  ])("a latent count of %s", async (dist, least) => {
    const { draws } = await infer(
      { path: "m.ppl", text: `data { y: real } model { sample k ~ ${dist} observe y ~ Normal(k, 2) }` },
      { y: 4 },
      { steps: 300 },
    );
    const values = draws["k"]!.values as Float64Array;
    expect(values.every((k) => Number.isInteger(k) && k >= least)).toBe(true);
    expect(new Set(values).size).toBeGreaterThan(2);
  });
});

describe("derivatives of draws", () => {
  const row = (c: Combinator, names: readonly string[], use: Use): Dist => {
    const made = c.row(
      names.map((name) => ({ dist: distOf(name)!, form: 0 })),
      use,
    );
    if ("problem" in made) throw new Error(made.problem);
    return made;
  };
  const draw = (dist: Dist, params: Params, site = "s") =>
    drawOf(instance(dist, 0, params), { site, axes: ["P"], shape: [] });
  const sizes = { P: 40, "%bisection#62": 62 };

  test.each([
    ["Normal", { "0.mean": 0.3, "0.sd": 1.5, lower: -0.5, upper: 2 }],
    ["Normal", { "0.mean": 0, "0.sd": 1, lower: 6, upper: 9 }],
    ["Gamma", { "0.shape": 2, "0.rate": 1.5, lower: 0.5, upper: 3 }],
  ])("Truncated(%s) moves with its parameters and its bounds as the quantile does", (name, values) => {
    const leaves = Object.fromEntries(Object.keys(values).map((key) => [key, param(key, [], [])]));
    const x = draw(row(truncated, [name], { form: 0, each: false }), leaves);
    const numbers = Object.fromEntries(Object.entries(values).map(([key, v]) => [key, Float64Array.of(v)]));
    expect(gradientError(x, Object.values(leaves), numbers, sizes)).toBeLessThan(1e-5);
  });

  test("of a Mixture by its weight and its parameters: the mean moves as it should", () => {
    const n = 20_000;
    const [w, m, s] = ["w", "m", "s"].map((name) => param(name, [], []));
    const one = reshape(w!, [1]);
    const x = draw(row(mixture, ["Normal", "Normal"], { form: 0, each: false }), {
      weights: concat([one, sub(scalar(1), one)], 0),
      "0.mean": m!,
      "0.sd": s!,
      "1.mean": scalar(2),
      "1.sd": scalar(0.5),
    });
    const values = { w: Float64Array.of(0.3), m: Float64Array.of(-1), s: Float64Array.of(1) };
    const means = valuesOf(grad(sumAxis(x, "P"), [w!, m!, s!]), values, { P: n }).map(({ values: v }) => v[0]! / n);
    const wanted = [-1 - 2, 0.3, 0];
    means.forEach((mean, i) => expect(Math.abs(mean - wanted[i]!), `derivative ${i}`).toBeLessThan(0.1));
    expect(valueOf(sumAxis(x, "P"), values, { P: n }).values[0]! / n).toBeCloseTo(0.3 * -1 + 0.7 * 2, 1);
  });
});

test("the printed model shows what stands inside", () => {
  const text = `data { dim N, K = 2; y: real[N] }
    model {
      sample mu ~ Ordered(Normal(0, 5), K)
      plate i in N { observe y[i] ~ Mixture([0.5, 0.5], [k in K: Truncated(Normal(mu[k], 1), lower = 0)]) }
      observe y[0] ~ Mixture([0.5, 0.5], [Normal(0, 1), Normal(1, 1)])
    }`;
  const printed = printModel(check({ path: "m.ppl", text }).model!);
  expect(printed).toContain("sample mu: real[K] ~ Ordered(Normal(mean = 0, sd = 5), size = K)");
  expect(printed).toContain(
    "Mixture([k in K: Truncated(Normal(mean = mu[k], sd = 1), lower = 0)], weights = [0.5, 0.5])",
  );
  expect(printed).toContain("Mixture([Normal(mean = 0, sd = 1), Normal(mean = 1, sd = 1)], weights = [0.5, 0.5])");
});
