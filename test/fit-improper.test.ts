// Posteriors without a finite integral end early with the sites named; proper ones, however wide or heavy-tailed, are
// never taken for one. Plates without members leave the prior.

import { describe, expect, test } from "vitest";
import { infer } from "../src/infer.ts";
import type { Fit, RawData } from "../src/result.ts";

const fitted = (body: string, data: RawData, seed = 0): Promise<Fit> =>
  infer({ path: "m.ppl", text: `data { dim N; x: real[N]; y: real[N] }\nmodel {\n${body}\n}` }, data, {
    seed,
    predictive: false,
  });

const binary = (body: string, data: RawData): Promise<Fit> =>
  infer({ path: "m.ppl", text: `data { dim N; x: real[N]; y: bool[N] }\nmodel {\n${body}\n}` }, data, {
    predictive: false,
  });
const answers = "plate i in N { observe y[i] ~ Bernoulli(logit = a + b * x[i]) }";
const line = "plate i in N { observe y[i] ~ Normal(a + b * x[i], s) }";
const flat = "sample a ~ Flat()\n sample b ~ Flat()";

const separable = { x: [-2, -1, 1, 2], y: [0, 0, 1, 1] };
const overlapping = { x: [-2, -1, 1, 2, 0, 0.5], y: [0, 1, 0, 1, 1, 0] };
const x = Array.from({ length: 20 }, (_, i) => i - 9.5);
const y = x.map((at, i) => 3 + 2 * at + Math.sin(7 * i));

describe("improper", () => {
  test.each<[string, () => Promise<Fit>, RegExp]>([
    ["separable answers", () => binary(`${flat}\n${answers}`, separable), /as a, b run away/],
    [
      "one answer only",
      () => binary(`sample a ~ Flat()\n let b = 0.0\n${answers}`, { x: [1, 2, 3], y: [1, 1, 1] }),
      /as a runs away/,
    ],
    [
      "fewer data than coefficients",
      () => fitted(`${flat}\n let s = 1.0\n${line}`, { x: [1], y: [2] }),
      /as a, b run away/,
    ],
    [
      "a scale and a mean of one number",
      () => fitted("sample a ~ Flat()\n sample s ~ Flat(lower = 0)\n let b = 0.0\n" + line, { x: [1], y: [3] }),
      /as a, s run away|as s runs away/,
    ],
    ["no data", () => fitted(`${flat}\n let s = 1.0\n${line}`, { N: 0, x: [], y: [] }), /as .* away/],
  ])("%s", async (_name, fit, words) => {
    const { converged, verdict, gradients, warnings } = await fit();
    expect(converged).toBe(false);
    expect(verdict).toMatch(words);
    expect(verdict).toMatch(/give what runs away a proper prior/);
    expect(warnings.map(({ code }) => code)).toContain("PPL708");
    expect(gradients).toBeLessThan(200_000);
  });

  test("separable answers cost a fraction of the budget", async () => {
    expect((await binary(`${flat}\n${answers}`, separable)).gradients).toBeLessThan(20_000);
  });
});

describe("proper", () => {
  const proper = /^converged/;
  test.each<[string, () => Promise<Fit>]>([
    ["overlapping answers, flat priors", () => binary(`${flat}\n${answers}`, overlapping)],
    [
      "a Cauchy prior and separable answers",
      () => binary(`sample a ~ Normal(0, 1)\n sample b ~ Cauchy(0, 2.5)\n${answers}`, separable),
    ],
    [
      "flat priors in large units",
      () => fitted(`${flat}\n sample s ~ Flat(lower = 0)\n${line}`, { x, y: y.map((v) => 1e6 * v) }),
    ],
    [
      "flat priors in small units",
      () => fitted(`${flat}\n sample s ~ Flat(lower = 0)\n${line}`, { x, y: y.map((v) => 1e-6 * v) }),
    ],
    [
      "a covariate of years",
      () => fitted(`${flat}\n sample s ~ Flat(lower = 0)\n${line}`, { x: x.map((at) => 2000 + at), y }),
    ],
    [
      "a covariate in millionths",
      () => fitted(`${flat}\n sample s ~ Flat(lower = 0)\n${line}`, { x: x.map((at) => 1e-6 * at), y }),
    ],
    [
      "heavy tails",
      () =>
        fitted("sample a ~ StudentT(1.5, 0, 1)\n sample s ~ HalfCauchy(1)\n let b = 0.0\n" + line, { x: [1], y: [3] }),
    ],
    [
      "one number",
      () =>
        fitted("sample a ~ Normal(0, 1)\n sample b ~ Normal(0, 1)\n sample s ~ HalfNormal(1)\n" + line, {
          x: [1],
          y: [2],
        }),
    ],
    [
      "no data: the prior",
      () => fitted("sample a ~ Normal(4, 2)\n sample b ~ Normal(0, 1)\n let s = 1.0\n" + line, { N: 0, x: [], y: [] }),
    ],
  ])("%s", async (_name, fit) => {
    const { verdict } = await fit();
    expect(verdict).toMatch(proper);
    expect(verdict).not.toMatch(/run away|runs away/);
  });

  test("without members the posterior is the prior", async () => {
    const { sites, elbo } = await fitted("sample a ~ Normal(4, 2)\n let b = 0.0\n let s = 1.0\n" + line, {
      N: 0,
      x: [],
      y: [],
    });
    expect(sites["a"]!.mean).toBeCloseTo(4, 0);
    expect(elbo.mean).toBeCloseTo(0, 9);
  });
});

describe("more coordinates than the automatic full rank", () => {
  const model = `data { dim K = 66; total: real }
model {
  plate k in K { sample b[k] ~ Normal(0, 1) }
  observe total ~ Normal(sum(b), 0.1)
}`;
  const fit = (options = {}): Promise<Fit> =>
    infer({ path: "m.ppl", text: model }, { total: 5 }, { predictive: false, ...options });

  test("full rank after a mean-field guide that does not cover the posterior, and the verdict says so", async () => {
    const { guide, khat, verdict, converged, gradients, trace } = await fit();
    expect({ guide, converged }).toEqual({ guide: "fullrank", converged: true });
    expect(khat).toBeLessThan(0.7);
    expect(verdict).toMatch(/full rank since the mean-field guide's k-hat was/);
    const alone = await fit({ guide: "meanfield" });
    expect(alone).toMatchObject({ guide: "meanfield" });
    expect(alone.khat).toBeGreaterThan(0.7);
    expect(gradients).toBeGreaterThan(alone.gradients);
    expect(trace.every(([spent], i) => i === 0 || spent >= trace[i - 1]![0])).toBe(true);
  });
});
