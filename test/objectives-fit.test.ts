// Whole fits under other objectives than the ELBO: they converge where the guide can be the posterior, say what was climbed, and tell
// the truth where they cannot.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explain } from "../src/explain.ts";
import { infer } from "../src/infer.ts";
import type { RawData } from "../src/result.ts";

const conjugate = {
  path: "m.ppl",
  text: "data { y: real } model { sample mu ~ Normal(0.3, 1.2)  observe y ~ Normal(mu, 0.8) }",
};
const data = { y: 1.1 };
const precision = 1 / 1.2 ** 2 + 1 / 0.8 ** 2;
const exact = { mean: (0.3 / 1.2 ** 2 + 1.1 / 0.8 ** 2) / precision, sd: 1 / Math.sqrt(precision) };
const evidence =
  -0.5 * ((1.1 - 0.3) ** 2 / (1.2 ** 2 + 0.8 ** 2)) - 0.5 * Math.log(2 * Math.PI * (1.2 ** 2 + 0.8 ** 2));

const folder = new URL("../examples/eight-schools/", import.meta.url);
const schools = { path: "model.ppl", text: readFileSync(new URL("model.ppl", folder), "utf8") };
const schoolsData = JSON.parse(readFileSync(new URL("data.json", folder), "utf8")) as RawData;

describe("a posterior that the guide can be", () => {
  test.each(["iwae", "renyi(alpha=0.5)", "vargrad"])("%s", async (objective) => {
    const fit = await infer(conjugate, data, { objective, particles: 4 });
    expect(fit.converged).toBe(true);
    expect(Math.abs((fit.sites["mu"]!.mean as number) - exact.mean)).toBeLessThan((4 * exact.sd) / Math.sqrt(1000));
    expect(fit.elbo.mean).toBeCloseTo(evidence, 4);
    expect(fit.objective).toMatchObject({ name: objective.replace(/\(.*/, ""), particles: 4 });
    if (objective === "vargrad") return expect(fit.objective.bound).toBeUndefined();
    expect(fit.objective.bound!.mean).toBeCloseTo(evidence, 4);
    expect(fit.verdict).toContain(`${objective} bound of 4 draws`);
    expect(fit.verdict).toContain("moved the bound");
  });

  test("a Rényi order below 0 bounds nothing from below: wider guides climb past the evidence, and the verdict says so", async () => {
    const fit = await infer(conjugate, data, { objective: "renyi(alpha=-1)", particles: 4 });
    expect(fit.objective).toMatchObject({ name: "renyi", alpha: -1 });
    expect(fit.objective.bound!.mean).toBeGreaterThan(evidence);
    expect(fit.elbo.mean).toBeLessThan(evidence);
    expect(fit.verdict).toContain("no lower bound on the evidence");
  });

  test("with one draw the bound is the ELBO, and is called that", async () => {
    const fit = await infer(conjugate, data, { objective: "iwae", particles: 1 });
    expect(fit.objective).toEqual({ name: "iwae", particles: 1 });
    expect(fit.converged).toBe(true);
  });
});

describe("eight schools", () => {
  test.each(["iwae", "renyi(alpha=0.5)", "vargrad"])("%s", async (objective) => {
    const fit = await infer(schools, schoolsData, { objective, particles: 8, steps: 12_000 });
    expect(Math.abs((fit.sites["mu"]!.mean as number) - 4.4)).toBeLessThan(1);
    if (objective !== "vargrad") expect(fit.objective.bound!.mean).toBeGreaterThan(fit.elbo.mean);
    expect(fit.warnings.some(({ code }) => code === "PPL709")).toBe(!(fit.khat <= 0.7));
    expect(fit.verdict.startsWith("NOT converged")).toBe(!fit.converged);
  });
});

describe("explain says what holds", () => {
  const of = (objective: string, particles: number, text = conjugate.text) =>
    explain({ path: "m.ppl", text }, text === conjugate.text ? data : { y: [0.4, -1] }, { objective, particles })
      .explanation;

  test("name, draws, order, and which plates stay outside the logarithm", () => {
    expect(of("renyi(alpha=0.5)", 3).objective).toMatchObject({ name: "renyi", alpha: 0.5, particles: 3 });
    expect(of("iwae", 3).objective.reason).toMatch(/share one weight/);
    const local =
      "data { dim N; y: real[N] } model { plate i in N { sample z[i] ~ Normal(0, 1) observe y[i] ~ Normal(z[i], 1) } }";
    expect(of("iwae", 3, local).objective.reason).toMatch(/every member of N has weights of its own/);
    expect(of("iwae", 1).objective.reason).toMatch(/it is the ELBO/);
    expect(of("elbo", 3)).toMatchObject({ objective: { name: "elbo", particles: 1 }, method: { name: "fixed" } });
  });

  test("held draws are refused, and draws that cannot be compared", () => {
    expect(() => explain(conjugate, data, { objective: "iwae", particles: 3, method: "fixed" })).toThrow(
      /climbed by stochastic steps/,
    );
    expect(() => explain(conjugate, data, { objective: "vargrad", particles: 1 })).toThrow(/compares draws/);
    expect(() => explain(conjugate, data, { objective: "renyi(alpha=1)", particles: 3 })).toThrow(/it is the ELBO/);
  });
});
