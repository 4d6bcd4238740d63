// What a fit promises: repeatable numbers, results in the shape of the sites, exact answers where they are known, and trouble named.

import { describe, expect, test } from "vitest";
import { VariateError, type Diagnostic } from "../src/base/diagnostic.ts";
import { compile } from "../src/compile.ts";
import { fitFixed } from "../src/fit/fixed.ts";
import type { FixedResult } from "../src/fit/target.ts";
import { infer } from "../src/infer.ts";
import type { Fit, InferOptions, RawData } from "../src/result.ts";
import { fixedTarget } from "../src/run/fixed-target.ts";
import { fitExample, flat, readModel } from "./support/examples.ts";

const fitOf = (text: string, data: RawData = {}, options: InferOptions = {}): Promise<Fit> =>
  infer({ path: "test.ppl", text }, data, options);

/** The diagnostics of a fit that must fail. */
async function failureOf(text: string, data: RawData, options: InferOptions = {}): Promise<readonly Diagnostic[]> {
  const error: unknown = await fitOf(text, data, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof VariateError)) throw new Error(`no refusal but ${String(error)}`);
  return error.diagnostics;
}

/** The text that a diagnostic points at. */
const pointedAt = ({ at }: Diagnostic): string =>
  at.kind === "source" ? at.span.source.text.slice(at.span.start, at.span.end) : at.kind;

const logNormal = (x: number, mean: number, sd: number): number =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const logSumExp = (values: readonly number[]): number => {
  const top = Math.max(...values);
  return top + Math.log(sum(values.map((v) => Math.exp(v - top))));
};

/** The guide's ELBO is `best` up to the tolerance of convergence and its own error. */
function expectElbo({ elbo }: Fit, best: number): void {
  expect(elbo.mean).toBeGreaterThan(best - 0.05 - 4 * elbo.se);
  expect(elbo.mean).toBeLessThan(best + 1e-6 + 4 * elbo.se);
}

// ---------------------------------------------------------------------------------------- repeatable

describe("the seed", () => {
  test.each(["fixed", "adam"] as const)(
    "%s: the same gives the same numbers, another one different draws of the same posterior",
    async (method) => {
      const [first, again, other] = await Promise.all(
        [3, 3, 4].map((seed) => fitExample("eight-schools", { seed, method })),
      );
      const { seconds: _, ...numbers } = first!;
      expect(again).toMatchObject(numbers);
      expect(other!.draws["mu"]!.values).not.toEqual(first!.draws["mu"]!.values);
      expect(Math.abs(other!.elbo.mean - first!.elbo.mean)).toBeLessThan(
        0.05 + 4 * Math.hypot(first!.elbo.se, other!.elbo.se),
      );
    },
  );

  test("progress and trace say how far the fit is, without changing it", async () => {
    const phases = new Set<string>();
    let last = 0;
    const fit = await fitExample("eight-schools", {
      onProgress: ({ phase, gradients }) => {
        phases.add(phase);
        expect(gradients).toBeGreaterThanOrEqual(last);
        last = gradients;
      },
    });
    expect(phases.size).toBeGreaterThan(1);
    expect(fit.trace.at(-1)![0]).toBeLessThanOrEqual(fit.gradients);
    expect(fit.elbo).toEqual((await fitExample("eight-schools")).elbo);
  });
});

describe("draws", () => {
  test("are as many as asked for, and the summaries are theirs", async () => {
    const fit = await fitExample("eight-schools", { draws: 501 });
    const { shape, values } = fit.draws["theta"]!;
    expect([shape, values.length, fit.logp.length]).toEqual([[8], 501 * 8, 501]);
    const column = Array.from({ length: 501 }, (_, k) => values[8 * k + 3]!).sort((a, b) => a - b);
    const at = (name: "mean" | "q50"): number => flat(fit.reports["theta"]![name])[3]!;
    expect(at("mean")).toBeCloseTo(sum(column) / 501, 9);
    expect(at("q50")).toBeCloseTo(column[250]!, 9);
  });

  test("more of them make the ELBO sharper as one over the root", async () => {
    const [few, many] = await Promise.all([20_000, 180_000].map((draws) => fitExample("eight-schools", { draws })));
    expect(few!.elbo.se / many!.elbo.se).toBeGreaterThan(2);
    expect(few!.elbo.se / many!.elbo.se).toBeLessThan(4.5);
    expect(few!.khat).toBeLessThan(0.7);
  });
});

// ---------------------------------------------------------------------------------------- shapes

describe("results have the shape of the program", () => {
  const text = `
    data { base 1; dim I, J; y: real[I, J] }
    model {
      sample v ~ Normal(zeros(3), 1)
      plate i in I {
        sample a[i] ~ Normal(0, 1)
        plate j in J {
          sample b[i, j] ~ Normal(a[i], 1)
          sample w[i, j] ~ Normal(zeros(2), 1)
          observe y[i, j] ~ Normal(b[i, j] + w[i, j][1], 1)
          report c[i, j] = b[i, j] + 10
        }
        report twice[i] = 2 * a[i]
      }
      sample k ~ Categorical([0.2, 0.3, 0.5])
      factor if k == 3 then 1.0 else 0.0
      param q: real[2] > 0 = ones(2)
      factor -sum(square(q - 2)) + v[1]
      report total = sum(v)
      report b
    }`;
  const data = {
    I: 2,
    J: 3,
    y: [
      [1, 2, 3],
      [0, 0, 1],
    ],
  };

  test("plates of plates, vectors, reports in and after plates, params", async () => {
    const { sites, reports, params, draws, labels } = await fitOf(text, data);
    const shapeOf = (value: unknown): number[] => (Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []);
    const shapes = (of: object): object =>
      Object.fromEntries(
        Object.entries(of).map(([name, { mean }]: [string, { mean: unknown }]) => [name, shapeOf(mean)]),
      );
    expect(shapes(sites)).toEqual({ v: [3], a: [2], b: [2, 3], w: [2, 3, 2], k: [] });
    expect(shapes(reports)).toEqual({ c: [2, 3], twice: [2], total: [] }); // b is there as a site
    expect(flat(params["q"]!).map((x) => Math.round(1e4 * x) / 1e4)).toEqual([2, 2]);
    expect(draws["w"]!.shape).toEqual([2, 3, 2]);
    expect(labels["w"]).toMatchObject({ base: 1, names: [null, null, null] });
  });

  test("reports follow their sites draw by draw, and rows stay rows", async () => {
    const { draws } = await fitOf(text, data, { draws: 50 });
    const values = (name: string): number[] => [...draws[name]!.values];
    expect(values("c")).toEqual(values("b").map((b) => b + 10));
    expect(values("twice")).toEqual(values("a").map((a) => 2 * a));
    const total = values("total");
    values("v").forEach(
      (_, i, v) => i % 3 === 0 && expect(total[i / 3]!).toBeCloseTo(v[i]! + v[i + 1]! + v[i + 2]!, 12),
    );
  });

  test("the posterior of each member belongs to its own data: rows and columns are not swapped", async () => {
    const { sites } = await fitOf(text, data);
    const b = flat(sites["b"]!.mean);
    expect(b[2]! - b[0]!).toBeGreaterThan(0.4); // y[1, 3] - y[1, 1] = 2, shared by b and w
    expect(b[0]! - b[3]!).toBeGreaterThan(0.5); // y[1, 1] - y[2, 1] = 1, and row 1 is higher
  });

  test("index values come in the base of the file", async () => {
    const { draws, sites } = await fitOf(text, data);
    expect(new Set(draws["k"]!.values)).toEqual(new Set([1, 2, 3]));
    const weights = [0.2, 0.3, 0.5 * Math.E];
    const expected = sum(weights.map((w, i) => w * (i + 1))) / sum(weights);
    expect(Math.abs((sites["k"]!.mean as number) - expected)).toBeLessThan((4.5 * 0.75) / Math.sqrt(1000));
  });

  test("levels name the members", async () => {
    const fit = await fitOf(
      "data { dim N, G; g: index(G)[N]; y: real[N] } model { plate k in G { sample m[k] ~ Normal(0, 5) } plate i in N { observe y[i] ~ Normal(m[g[i]], 1) } }",
      { g: ["red", "blue", "red"], y: [4, -4, 5] },
    );
    expect(fit.labels["m"]).toMatchObject({ base: 0, names: [["blue", "red"]] });
    const [blue, red] = flat(fit.sites["m"]!.mean);
    expect(blue!).toBeLessThan(-3);
    expect(red!).toBeGreaterThan(4);
  });
});

// ---------------------------------------------------------------------------------------- exact answers

describe("exact answers", () => {
  const y = [1, 2, 0.5];

  test("conjugate normal: the guide is the posterior, and the ELBO the evidence", async () => {
    const fit = await fitOf(
      "data { dim N; y: real[N] } model { sample mu ~ Normal(0, 2) plate i in N { observe y[i] ~ Normal(mu, 1) } }",
      { y },
    );
    // precision 1/4 + 3, mean 3.5 / 3.25; p(y) by the chain rule at mu = 0: p(0) p(y | 0) / p(0 | y).
    const [mean, sd] = [3.5 / 3.25, 1 / Math.sqrt(3.25)];
    const evidence = logNormal(0, 0, 2) + sum(y.map((yi) => logNormal(yi, 0, 1))) - logNormal(0, mean, sd);
    expect(fit.elbo.mean).toBeCloseTo(evidence, 6);
    expect(Math.abs((fit.sites["mu"]!.mean as number) - mean)).toBeLessThan((4.5 * sd) / Math.sqrt(1000));
    expect(fit.khat).toBe(0);
  });

  test.each(["fixed", "adam"] as const)("params alone: maximum likelihood, %s", async (method) => {
    const fit = await fitOf(
      "data { dim N; y: real[N] } model { param m: real = 0 param s: real > 0 = 1 plate i in N { observe y[i] ~ Normal(m, s) } }",
      { y },
      { method },
    );
    const mean = sum(y) / 3;
    const sd = Math.sqrt(sum(y.map((yi) => (yi - mean) ** 2)) / 3);
    expect(fit.params["m"] as number).toBeCloseTo(mean, 2);
    expect(fit.params["s"] as number).toBeCloseTo(sd, 2);
    expect(fit.elbo.mean).toBeCloseTo(sum(y.map((yi) => logNormal(yi, mean, sd))), 4);
    expect(fit.converged).toBe(true);
  });

  test.each(["enumerate", "loo"])("discrete sites alone, %s: the free guide is the posterior", async (estimator) => {
    const fit = await fitOf(
      "data { y: real } model { sample z ~ Bernoulli(0.3) observe y ~ Normal(if z then 1.0 else -1.0, 1) }",
      { y: 0.4 },
      { estimators: { z: estimator } },
    );
    const states = [Math.log(0.7) + logNormal(0.4, -1, 1), Math.log(0.3) + logNormal(0.4, 1, 1)];
    expect(fit.elbo.mean).toBeCloseTo(logSumExp(states), 3);
    const p = Math.exp(states[1]! - logSumExp(states));
    expect(Math.abs((fit.sites["z"]!.mean as number) - p)).toBeLessThan(4.5 * Math.sqrt((p * (1 - p)) / 1000));
    expect(fit.warnings).toEqual([]);
  });

  test("factor: exp(-x^2) is a normal of sd sqrt(1/2)", async () => {
    const fit = await fitOf("model { sample x ~ Normal(0, 1) factor -square(x) / 2 }");
    expect(fit.elbo.mean).toBeCloseTo(-0.5 * Math.log(2), 6);
    expect(Math.abs((fit.sites["x"]!.sd as number) * Math.SQRT2 - 1)).toBeLessThan(4.5 / Math.sqrt(2000));
  });

  test("a data condition leaves members out", async () => {
    const model =
      "data { dim N; ok: bool[N]; y: real[N] } model { sample mu ~ Normal(0, 2) plate i in N { if ok[i] { observe y[i] ~ Normal(mu, 1) } } }";
    const whole =
      "data { dim N; y: real[N] } model { sample mu ~ Normal(0, 2) plate i in N { observe y[i] ~ Normal(mu, 1) } }";
    const fit = await fitOf(model, { y: [1, 1e6, 2, -1e300, 0.5], ok: [true, false, true, false, true] });
    expect(fit.elbo.mean).toBeCloseTo((await fitOf(whole, { y })).elbo.mean, 9);
  });

  test("change-point: the posterior of the step and the evidence, in closed form", async () => {
    const counts = [1, 0, 2, 1, 1, 3, 0, 5, 6, 4, 7, 5, 6, 8, 4];
    const text = `data { dim T; y: int[T] >= 0 }
      model {
        sample early ~ Gamma(2, 0.5)
        sample late ~ Gamma(2, 0.5)
        sample change ~ Categorical(ones(T) / T)
        plate t in T { observe y[t] ~ Poisson(if t < change then early else late) }
      }`;
    const fit = await fitOf(text, { y: counts });
    // Gamma-Poisson: p(y) = b^a / Gamma(a) Gamma(a + s) / (b + n)^(a + s) / prod y!, with a = 2, b = 1/2.
    const logFactorial = (n: number): number => sum(Array.from({ length: n }, (_, i) => Math.log(i + 1)));
    const marginal = (ys: readonly number[]): number =>
      2 * Math.log(0.5) +
      logFactorial(1 + sum(ys)) -
      (2 + sum(ys)) * Math.log(0.5 + ys.length) -
      sum(ys.map(logFactorial));
    const states = counts.map(
      (_, change) => marginal(counts.slice(0, change)) + marginal(counts.slice(change)) - Math.log(counts.length),
    );
    const evidence = logSumExp(states);
    expect(fit.elbo.mean).toBeLessThan(evidence + 4 * fit.elbo.se);
    expect(fit.elbo.mean).toBeGreaterThan(evidence - 0.2);
    const values = [...fit.draws["change"]!.values];
    states.forEach((state, t) =>
      expect(Math.abs(values.filter((v) => v === t).length / values.length - Math.exp(state - evidence))).toBeLessThan(
        0.1,
      ),
    );
  });

  test("bounds that depend on another site hold in every draw, and the evidence is right", async () => {
    const fit = await fitOf(
      "data { y: real } model { sample a ~ Gamma(3, 1) sample b ~ Uniform(0, a) observe y ~ Normal(b, 0.5) }",
      { y: 0.8 },
    );
    const [a, b] = [fit.draws["a"]!.values, fit.draws["b"]!.values];
    b.forEach((bi, k) => expect(bi > 0 && bi < a[k]!).toBe(true));
    // p(b) = integral of a e^-a / 2 over a > b = (b + 1) e^-b / 2.
    const step = 1e-3;
    const evidence = Math.log(
      step *
        sum(
          Array.from({ length: 8000 }, (_, i) => {
            const bi = (i + 0.5) * step;
            return (((bi + 1) * Math.exp(-bi)) / 2) * Math.exp(logNormal(0.8, bi, 0.5));
          }),
        ),
    );
    expect(fit.elbo.mean).toBeLessThan(evidence + 4 * fit.elbo.se);
    expect(fit.elbo.mean).toBeGreaterThan(evidence - 0.2);
  });

  test("lower bounds that depend on another site hold in every draw", async () => {
    const fit = await fitOf(
      "data { y: real } model { sample a ~ Normal(0, 1) sample b ~ Pareto(exp(a), 3) observe y ~ Normal(b, 0.5) }",
      { y: 1.8 },
    );
    const [a, b] = [fit.draws["a"]!.values, fit.draws["b"]!.values];
    b.forEach((bi, k) => expect(bi).toBeGreaterThanOrEqual(Math.exp(a[k]!)));
  });
});

// ---------------------------------------------------------------------------------------- guides

describe("guides", () => {
  const x = [-1.5, -1, -0.5, 0, 0.5, 1, 1.5];
  const noise = [0.3, -0.6, 0.2, 0.5, -0.4, -0.1, 0.1];
  const data = { x, y: x.map((xi, i) => 1 + 2 * xi + noise[i]!) };
  const { text } = readModel("test/models/regression.ppl");

  test("Normal guides by hand reach the ELBO of the automatic mean-field guide", async () => {
    const automatic = await fitOf(text, data, { guide: "meanfield" });
    const written = await fitOf(
      `${text}
      guide {
        param la: real = 0  param sa: real > 0 = 1  sample a ~ Normal(la, sa)
        param lb: real = 0  param sb: real in [0, 5] = 1  sample b ~ Normal(lb, sb)
        param ls: real = 0  param ss: real > 0 = 0.5  sample sigma ~ LogNormal(ls, ss)
      }`,
      data,
    );
    expect(Math.abs(written.elbo.mean - automatic.elbo.mean)).toBeLessThan(
      0.05 + 4 * Math.hypot(written.elbo.se, automatic.elbo.se),
    );
    expect(written.converged).toBe(true);
    expect(written.params["sb"] as number).toBeGreaterThan(0);
    expect(written.params["sb"] as number).toBeLessThan(5);
    expect(Math.abs((written.params["sb"] as number) - (automatic.sites["b"]!.sd as number))).toBeLessThan(0.05);
  });

  test("a guide that follows an earlier site is as good as full rank where the posterior is normal", async () => {
    const model =
      "data { dim N; x: real[N]; y: real[N] } model { sample a ~ Normal(0, 10) sample b ~ Normal(0, 10) plate i in N { observe y[i] ~ Normal(a + b * (x[i] + 3), 1) } }";
    const guide = `guide {
      param la: real = 0  param sa: real > 0 = 1  sample a ~ Normal(la, sa)
      param lb: real = 0  param slope: real = 0  param sb: real > 0 = 1  sample b ~ Normal(lb + slope * a, sb)
    }`;
    const [joint, apart, written] = await Promise.all([
      fitOf(model, data),
      fitOf(model, data, { guide: "meanfield" }),
      fitOf(model + guide, data),
    ]);
    expectElbo(written!, joint!.elbo.mean);
    expect(apart!.elbo.mean).toBeLessThan(joint!.elbo.mean - 0.3);
  });

  test("the guide of a discrete site may read a continuous one", async () => {
    const model =
      "data { dim N; y: real[N] } model { sample mu ~ Normal(0, 3) plate i in N { sample z[i] ~ Bernoulli(0.5) observe y[i] ~ Normal(if z[i] then mu else -mu, 1) } }";
    // Given mu the posterior of z is Bernoulli with logit 2 mu y: nothing is lost but what mu's guide loses.
    const guide =
      "guide { param m: real = 1 param s: real > 0 = 1 sample mu ~ Normal(m, s) plate i in N { sample z[i] ~ Bernoulli(logit = 2 * mu * y[i]) } }";
    const y = [2, -2.2, 1.8, -1.4, 2.4];
    const fit = await fitOf(model + guide, { y }, { policy: "exact" });
    const marginal = (mu: number): number =>
      logNormal(mu, 0, 3) + sum(y.map((yi) => logSumExp([logNormal(yi, mu, 1), logNormal(yi, -mu, 1)]) - Math.log(2)));
    // Quadrature of the ELBO at the fitted parameters.
    const [m, s] = [fit.params["m"] as number, fit.params["s"] as number];
    const grid = Array.from({ length: 4001 }, (_, i) => -8 + i * 0.004);
    const exact = sum(
      grid.map((z) => 0.004 * Math.exp(logNormal(z, 0, 1)) * (marginal(m + s * z) - logNormal(m + s * z, m, s))),
    );
    expect(Math.abs(fit.elbo.mean - exact)).toBeLessThan(4.5 * fit.elbo.se + 1e-4);
    expect(fit.estimators.find(({ site }) => site === "z")!.estimator).toBe("enumerate");
  });

  test("blocks: correlations inside, none between", async () => {
    const fit = await fitOf(`${text} guide { default meanfield block a, b: fullrank }`, {
      ...data,
      x: x.map((xi) => xi + 3),
    });
    const guides = Object.fromEntries(fit.estimators.map(({ site, guide }) => [site, guide]));
    expect(guides).toEqual({
      a: "Gaussian, full rank with b",
      b: "Gaussian, full rank with a",
      sigma: "Gaussian, mean-field",
    });
    const correlation = (one: string, other: string): number => {
      const [u, v] = [one, other].map((name) => [...fit.draws[name]!.values]) as [number[], number[]];
      const [mu, mv] = [sum(u) / u.length, sum(v) / v.length];
      const moment = (p: number[], mp: number, q: number[], mq: number): number =>
        sum(p.map((pi, i) => (pi - mp) * (q[i]! - mq)));
      return moment(u, mu, v, mv) / Math.sqrt(moment(u, mu, u, mu) * moment(v, mv, v, mv));
    };
    expect(correlation("a", "b")).toBeLessThan(-0.8);
    expect(Math.abs(correlation("a", "sigma"))).toBeLessThan(4.5 / Math.sqrt(1000));
  });

  test("the automatic guide follows the size: full rank up to 64 coordinates, mean-field above", async () => {
    const model =
      "data { dim N; y: real[N] } model { plate i in N { sample z[i] ~ Normal(0, 1) observe y[i] ~ Normal(z[i], 1) } }";
    const guideAt = async (n: number): Promise<string> => (await fitOf(model, { y: Array(n).fill(0.5) })).guide;
    expect(await guideAt(64)).toBe("fullrank");
    expect(await guideAt(65)).toBe("meanfield");
  });
});

// ---------------------------------------------------------------------------------------- trouble

describe("numerical trouble", () => {
  const dose =
    "data { dim N; dose: real[N] >= 0; y: real[N] } model { sample a ~ Normal(0, 1) sample b ~ Normal(0, 1) plate i in N { observe y[i] ~ Normal(a + b * log(dose[i]), 1) } }";

  test.each(["fixed", "adam"] as const)(
    "a logarithm of zero at every start names its statement, %s",
    async (method) => {
      const [error, ...more] = await failureOf(dose, { dose: [0, 1, 10], y: [0.1, 0.4, 1.2] }, { method });
      expect(more).toEqual([]);
      expect(error).toMatchObject({ code: "PPL701", severity: "error" });
      expect(error!.message).toContain("the likelihood of y is infinite or NaN");
      expect(pointedAt(error!)).toBe("observe y[i] ~ Normal(a + b * log(dose[i]), 1)");
    },
  );

  test("the same data without the zero fit", async () => {
    expect((await fitOf(dose, { dose: [0.1, 1, 10], y: [0.1, 0.4, 1.2] })).converged).toBe(true);
  });

  const norm = "model { sample x ~ Normal(zeros(2), 1) let zero = x - x factor -sqrt(sum(square(zero))) }";

  test("a slope that is not finite at any start names the site", async () => {
    const [error] = await failureOf(norm, {}, { method: "fixed" });
    expect(error).toMatchObject({ code: "PPL703" });
    expect(error!.message).toContain(
      "the gradient in x (coordinate 1 of 2) was infinite or NaN at every starting point",
    );
  });

  test("and in steps the parameter and the step", async () => {
    const [error] = await failureOf(norm, {}, { method: "adam" });
    expect(error).toMatchObject({ code: "PPL703" });
    expect(error!.message).toMatch(
      /the gradient in x\.(loc|log_sd)(\[\d\])? was infinite or NaN in many of the steps up to \d+/,
    );
  });

  test("a kink at the best start is walked around", async () => {
    // |x|: the slope of the norm is 0/0 at x = 0, which is the first candidate and the best.
    const fit = await fitOf("model { sample x ~ Normal(zeros(2), 1) factor -sqrt(sum(square(x))) }");
    expect(fit.converged).toBe(true);
    expect(flat(fit.sites["x"]!.sd)[0]!).toBeLessThan(1);
  });

  test("values that stay infinite in steps stop the fit", async () => {
    const [error] = await failureOf(
      "model { sample low ~ Normal(0, 1) sample high ~ Normal(0, 1) factor log(high - low) }",
      {},
      { method: "adam" },
    );
    expect(error).toMatchObject({ code: "PPL702" });
    expect(pointedAt(error!)).toContain("factor");
  });

  test("a rare NaN is left out, and counted", async () => {
    const fit = await fitOf(
      "model { sample x ~ Normal(0, 1) factor 0.1 * sqrt(x + 2.8) }",
      {},
      { method: "adam", steps: 3000 },
    );
    expect(fit.verdict).toMatch(/\d+ times a gradient was not finite and its step was left out/);
    expect(Math.abs((fit.sites["x"]!.mean as number) - 0.03)).toBeLessThan(0.2);
  });

  test("steps that run out are said to, and the results are there", async () => {
    const fit = await fitExample("eight-schools", { method: "adam", steps: 100 });
    expect(fit.converged).toBe(false);
    expect(fit.verdict).toContain("allow more steps");
    expect(fit.steps).toBeLessThanOrEqual(100);
    expect(flat(fit.reports["theta"]!.mean).every(Number.isFinite)).toBe(true);
  });

  test("a condition that cuts the support is not converged, and says what it is", async () => {
    const fit = await fitOf("model { sample x ~ Normal(0, 1) factor if x > 0 then 0.0 else -inf }");
    expect(fit.converged).toBe(false);
    expect(fit.warnings.map(({ code }) => code)).toContain("PPL708");
    expect(fit.verdict).toContain("a condition cuts the support");
  });
});

// ---------------------------------------------------------------------------------------- float32

describe("single precision", () => {
  // Intercept and slope over the years 1952 to 2013: the eigenvalues of the Hessian are 10^10 apart.
  const years = Array.from({ length: 62 }, (_, i) => 1952 + i);
  const data = { x: years, y: years.map((x, i) => 9 + 0.02 * (x - 1982) + 0.6 * Math.sin(2.4 * i)) };
  const text = `data { dim N; x: real[N]; y: real[N] }
    model {
      sample alpha ~ Normal(0, 100)
      sample beta ~ Normal(0, 1)
      sample sigma ~ Flat(lower = 0)
      plate i in N { observe y[i] ~ Normal(alpha + beta * x[i], sigma) }
    }`;

  test("finds its place in double, and needs no more gradients than that", async () => {
    const [double, single] = await Promise.all(
      (["f64", "f32"] as const).map((precision) => fitOf(text, data, { precision, predictive: false })),
    );
    for (const fit of [double!, single!]) expect(fit.converged).toBe(true);
    expect(single!.gradients).toBeLessThan(1.2 * double!.gradients);
    expect(Math.abs(single!.elbo.mean - double!.elbo.mean)).toBeLessThan(0.01);
  });

  test("which rounded gradients would not", () => {
    const { prepared, engine } = compile({ path: "test.ppl", text }, data, { precision: "f32" });
    const { target } = fixedTarget(prepared, engine.engine, []);
    const { sharp, ...rounded } = target;
    const gradients = [target, rounded].map((own) => (fitFixed(own, { seed: 0 }) as FixedResult).verdict.gradients);
    expect(sharp!.rounding).toBe(2 ** -52);
    expect(gradients[1]).toBeGreaterThan(1.5 * gradients[0]!);
  });
});
