// `variate gradients`: the measured audit. Means against exact gradients by separate code, variances against closed forms, the policy "measured", and
// what the command prints and reads.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { estimators } from "../src/estimator/index.ts";
import { explain } from "../src/explain.ts";
import { gradients, type GradientOptions } from "../src/gradients.ts";
import { infer } from "../src/infer.ts";
import type { GradientCandidate, GradientMeasurement, GradientReport, RawData } from "../src/result.ts";
import type { SiteAudit } from "../src/run/gradients.ts";
import { bestOf } from "../src/run/measured.ts";
import { captured } from "./support/command.ts";

const source = (text: string) => ({ path: "m.ppl", text });
const measure = (text: string, data: RawData, options: GradientOptions = {}): GradientReport =>
  gradients(source(text), data, options).report;

type Measured = GradientCandidate & GradientMeasurement;
const admitted = (report: GradientReport, site: string): readonly Measured[] =>
  report.sites[site]!.candidates.filter((one): one is Measured => one.admitted);
const named = (report: GradientReport, site: string, name: string): Measured =>
  admitted(report, site).find(({ estimator }) => estimator === name)!;

// ---------------------------------------------------------------------------------------- discrete: the exact gradient by hand

const mixture = `data { dim N; y: real[N] }
model { plate i in N { sample z[i] ~ Bernoulli(0.3) observe y[i] ~ Normal(2 * z[i], 1) } }`;
const y = [0.4, 1.9];
const amplitude = [0.8, 1.3, 1.1, -0.7];

/** d ELBO / d w of q(1) = w_1^2 / (w_0^2 + w_1^2), by differences of the sum over both states. */
function exactMixture(): number[] {
  const value = (w: readonly number[]): number =>
    y.reduce((sum, yi, i) => {
      const q1 = w[2 * i + 1]! ** 2 / (w[2 * i]! ** 2 + w[2 * i + 1]! ** 2);
      const logp = (z: number): number => Math.log(z === 1 ? 0.3 : 0.7) - (yi - 2 * z) ** 2 / 2;
      return sum + q1 * (logp(1) - Math.log(q1)) + (1 - q1) * (logp(0) - Math.log(1 - q1));
    }, 0);
  return amplitude.map((_, i) => {
    const moved = (by: number): number => value(amplitude.map((w, j) => (i === j ? w + by : w)));
    return (moved(1e-5) - moved(-1e-5)) / 2e-5;
  });
}

describe("a site whose states are listed", () => {
  const report = measure(mixture, { y }, { at: { "z.amplitude": amplitude }, replicates: 1500, particles: 2, seed: 3 });

  test("the exact gradient is that of the sum over states", () => {
    expect(report.sites["z"]!.exact).toBe("all states summed");
    const exact = exactMixture();
    for (const one of admitted(report, "z")) one.exact!.forEach((g, i) => expect(g).toBeCloseTo(exact[i]!, 7));
    expect(report.params).toEqual({ "z.amplitude": amplitude });
    expect(named(report, "z", "loo").parameters).toEqual([0, 1, 2, 3].map((i) => `z.amplitude[${i}]`));
  });

  test("unbiased means lie within 5 standard errors; st does not, and its bias is seen", () => {
    const worst = ({ mean, se, exact }: Measured): number =>
      Math.max(...mean.map((m, i) => Math.abs(m - exact![i]!) / Math.max(se[i]!, 1e-9)));
    const unbiased = admitted(report, "z").filter((one) => one.unbiased && one.estimator !== "ar");
    expect(unbiased.length).toBeGreaterThan(8);
    for (const one of unbiased) expect(worst(one), one.estimator).toBeLessThan(5);
    const st = named(report, "z", "st");
    expect(worst(st)).toBeGreaterThan(8);
    expect(st.bias!.value).toBeGreaterThan(5 * st.bias!.se);
    expect(st.error.value).toBeCloseTo(st.total.value + st.bias!.value ** 2, 10);
  });

  test("summed states have no variance, vargrad has the numbers of loo, and every row of the table is there", () => {
    expect(named(report, "z", "enumerate").total.value).toBeLessThan(1e-20);
    named(report, "z", "vargrad").mean.forEach((g, i) => expect(g).toBeCloseTo(named(report, "z", "loo").mean[i]!, 10));
    const { candidates } = report.sites["z"]!;
    expect(candidates.map(({ estimator }) => estimator)).toEqual(estimators.map(({ name }) => name));
    for (const { reason } of candidates) expect(reason.length).toBeGreaterThan(15);
    for (const { microseconds } of admitted(report, "z")) expect(microseconds).toBeGreaterThan(0);
  });
});

// ---------------------------------------------------------------------------------------- continuous: variances in closed form

/** Guide N(m, s) for the posterior N(mu, t) of one coordinate, with K draws: path d/dm has variance (s / t^2 - 1 / s)^2 / K, the total derivative
 *  s^2 / (t^4 K); continuous_estimators, section 2. */
describe("a Gaussian site", () => {
  const text = "data { y: real } model { sample mu ~ Normal(0, 1) observe y ~ Normal(mu, 1) }";
  const [s, particles] = [0.4, 4];
  const at = { "mu.loc": 0.3, "mu.log_sd": Math.log(s) };
  const report = measure(text, { y: 1.2 }, { at, particles, replicates: 1024, seed: 1 });
  const locOf = ({ parameters }: Measured): number => parameters.indexOf("mu.loc");
  const near = (one: Measured, variance: number): void =>
    expect(Math.abs(one.variance[locOf(one)]! / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 1024));

  test("variances of path and total derivative", () => {
    near(named(report, "mu", "path"), (2 * s - 1 / s) ** 2 / particles);
    near(named(report, "mu", "total"), (2 * s) ** 2 / particles);
  });

  test("the exact gradient by a grid, and locations in sds of the guide", () => {
    const path = named(report, "mu", "path");
    expect(path.exact![locOf(path)]).toBeCloseTo(1.2 - 2 * 0.3, 8);
    expect(report.sites["mu"]!.exact).toContain("integrated");
    expect(report.sites["mu"]!.units[locOf(path)]).toBeCloseTo(s, 12);
    const scaled = path.variance.reduce((sum, v, i) => sum + v * report.sites["mu"]!.units[i]! ** 2, 0);
    expect(path.total.value).toBeCloseTo(scaled, 12);
  });

  test("standard errors are those of the mean", () => {
    for (const one of admitted(report, "mu"))
      one.se.forEach((se, i) => expect(se).toBeCloseTo(Math.sqrt(one.variance[i]! / 1024), 10));
  });

  test("the same seed gives the same numbers, another seed others", () => {
    const numbers = (seed: number): readonly number[] =>
      named(measure(text, { y: 1.2 }, { at, replicates: 64, seed }), "mu", "path").mean;
    expect(numbers(5)).toEqual(numbers(5));
    expect(numbers(5)).not.toEqual(numbers(6));
  });

  test("more draws in a set than memory likes are cut, and are then other draws", () => {
    const cut = named(measure(text, { y: 1.2 }, { at, particles: 64, replicates: 2 ** 13 }), "mu", "path");
    expect(cut.replicates).toBe(2 ** 13);
    expect(Math.abs(cut.variance[locOf(cut)]! / ((2 * s - 1 / s) ** 2 / 64) - 1)).toBeLessThan(
      5 * Math.sqrt(2 / 2 ** 13),
    );
  });
});

test("a minibatch is a part of the variance, and of the standard errors", () => {
  const text =
    "data { dim N; y: real[N] } model { sample mu ~ Normal(0, 1) plate i in N { observe y[i] ~ Normal(mu, 1) } }";
  const data = { y: [-6, -3, 0, 2, 4, 9] };
  const at = { "mu.loc": 6 / 7, "mu.log_sd": Math.log(1 / Math.sqrt(7)) };
  const full = named(measure(text, data, { at, replicates: 512 }), "mu", "path");
  const batched = named(measure(text, data, { at, replicates: 512, batch: { N: 1 } }), "mu", "path");
  expect(full.total.value).toBeLessThan(1e-20);
  const loc = batched.parameters.indexOf("mu.loc");
  // Members differ by their data alone: 6 y_i, of which one is drawn.
  const mean = 1;
  const variance = data.y.reduce((sum, one) => sum + 36 * (one - mean) ** 2, 0) / 6;
  expect(batched.variance[loc]! / variance).toBeGreaterThan(0.4);
  expect(batched.variance[loc]! / variance).toBeLessThan(2.5);
  expect(Math.abs(batched.mean[loc]! - batched.exact![loc]!)).toBeLessThan(5 * batched.se[loc]!);
});

test("numbers that an estimator learns are learned before: a baseline is worth it", () => {
  const report = measure(mixture, { y }, { at: { "z.amplitude": amplitude }, replicates: 800, particles: 1 });
  const [ema, score] = ["ema", "score"].map((name) => named(report, "z", name).total);
  expect((score!.value - ema!.value) / Math.hypot(score!.se, ema!.se)).toBeGreaterThan(4.5);
});

test("a site of a full-rank guide is measured with its block", () => {
  const text = "data { y: real } model { sample a ~ Normal(0, 1) sample b ~ Normal(a, 1) observe y ~ Normal(b, 1) }";
  const report = measure(text, { y: 1 }, { guide: "fullrank", replicates: 64 });
  expect(Object.keys(report.sites)).toEqual(["a+b"]);
  expect(named(report, "a+b", "path").chosen).toBe(true);
  expect(named(report, "a+b", "path").exact).not.toBeNull();
});

// ---------------------------------------------------------------------------------------- the policy

describe("policy measured", () => {
  const chosen = (text: string, data: RawData | null, options = {}) =>
    explain(source(text), data, { policy: "measured", ...options }).explanation.choices;

  test("summing two states beats every draw, and the reason is what was measured", () => {
    const [z] = chosen(mixture, { y });
    expect(z!.estimator).toBe("enumerate");
    expect(z!.reason).toMatch(/^measured: error .* µs per step, .*error × cost/);
    const loo = z!.rejected.find(({ estimator }) => estimator === "loo")!;
    expect(loo.reason).toMatch(/^measured: error .* ± .* the error × cost$/);
  });

  test("a wish stays", () => {
    expect(chosen(mixture, { y }, { estimators: { z: "score" } })[0]!.estimator).toBe("score");
  });

  /** An audit with these errors and times; the first is the default. */
  type Measure = readonly [name: string, error: number, microseconds: number];
  const audited = (...measures: readonly Measure[]): SiteAudit => ({
    site: "z",
    parameters: ["p"],
    units: Float64Array.of(1),
    exact: null,
    candidates: measures.map(([name, value, microseconds], i) => ({
      estimator: estimators.find((row) => row.name === name)!,
      options: {},
      chosen: i === 0,
      refusal: null,
      measured: {
        mean: Float64Array.of(1),
        se: Float64Array.of(0.1),
        variance: Float64Array.of(value),
        total: { value, se: 0.01 },
        error: { value, se: 0.01 },
        microseconds,
        replicates: 100,
        bias: null,
      },
    })),
  });
  const best = (...measures: readonly Measure[]): string | undefined =>
    bestOf([audited(...measures)]).get("z")?.wish.name;

  test("the least product wins; what the clock cannot tell apart stays the default, else the first of the table", () => {
    expect(best(["loo", 1, 100], ["score", 3, 20])).toBe("score");
    expect(best(["loo", 1, 100], ["score", 1, 80])).toBe("loo");
    expect(best(["loo", 9, 100], ["score", 1.1, 100], ["enumerate", 1, 100])).toBe("score");
    expect(bestOf([audited(["loo", 1, 100], ["score", 1, 80])]).get("z")!.reason).toContain(
      "not told apart from 1 other in error × cost, and the default",
    );
  });

  test("rounding is no error, and a biased estimator of unknown bias no candidate", () => {
    expect(best(["loo", 1e-30, 100], ["score", 1e-25, 100])).toBe("loo");
    expect(best(["loo", 1, 100], ["score", 2, 100], ["st", 1e-3, 100])).toBe("loo");
    expect(best(["loo", 1, 100])).toBeUndefined();
  });

  test("without data there is nothing to measure", () => {
    expect(() => chosen(mixture, null)).toThrow(/PPL511: `--policy measured` is not possible here/);
  });

  test("a fit by it", async () => {
    const fit = await infer(source(mixture), { y }, { policy: "measured", draws: 10 });
    expect(fit.estimators[0]!.estimator).toBe("enumerate");
    expect(fit.converged).toBe(true);
  });
});

// ---------------------------------------------------------------------------------------- fits, files, the command

describe("after a fit", () => {
  test("a stochastic fit tells how noisy the gradients of its estimators are; a fixed one has none", async () => {
    const fit = await infer(source(mixture), { y }, { method: "adam", estimators: { z: "st" }, draws: 10, steps: 600 });
    const [z] = fit.siteGradients;
    expect(fit.siteGradients).toHaveLength(1);
    expect(z).toMatchObject({ site: "z", estimator: "st", replicates: 256, bias: { against: "exact" } });
    expect(z!.variance.value).toBeGreaterThan(0);
    expect((await infer(source(mixture), { y }, { policy: "exact", draws: 10 })).siteGradients).toEqual([]);
  });
});

const folder = mkdtempSync(join(tmpdir(), "variate-gradients-"));
afterAll(() => rmSync(folder, { recursive: true }));
const written = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe("the command", () => {
  const model = written("m.ppl", mixture);
  const data = written("d.json", JSON.stringify({ y }));
  const run = (...words: readonly string[]) =>
    captured(["gradients", model, "--data", data, "--replicates", "16", ...words]);

  test("a table per site, and the same as JSON", async () => {
    const shown = await run();
    expect([shown.exit, shown.err]).toEqual([0, ""]);
    expect(shown.out).toMatch(/estimator +variance +± +bias +± +µs +error × cost/);
    expect(shown.out).toMatch(/\* +reinmax-rao/);
    const report = JSON.parse((await run("--json")).out) as GradientReport;
    expect(Object.keys(report)).toEqual([
      "model",
      "seed",
      "engine",
      "precision",
      "objective",
      "at",
      "params",
      "sites",
      "warnings",
    ]);
    expect(report.at).toEqual({ from: "start", steps: 64 });
  });

  test("--at takes `params` of a report, and the parameters alone", async () => {
    const report = JSON.parse((await run("--json")).out) as GradientReport;
    const again = JSON.parse(
      (await run("--json", "--at", written("report.json", JSON.stringify(report)))).out,
    ) as GradientReport;
    expect(again.params).toEqual(report.params);
    expect(again.at.from).toBe("file");
    const bare = JSON.parse(
      (await run("--json", "--at", written("at.json", JSON.stringify({ "z.amplitude": amplitude })))).out,
    ) as GradientReport;
    expect(bare.params["z.amplitude"]).toEqual(amplitude);
  });

  test.each([
    ['{ "z.amplitud": [1, 1, 1, 1] }', "did you mean `z.amplitude`?"],
    ['{ "z.amplitude": [1, 1] }', "it has 2 numbers, and the guide's parameter 4"],
    ['{ "z.amplitude": "a" }', "it needs numbers"],
    ["[1, 2]", "it is no JSON object"],
  ])("--at %s is refused", async (content, words) => {
    const { exit, err, out } = await run("--at", written("bad.json", content));
    expect([exit, out]).toEqual([1, ""]);
    expect(err).toContain(words);
  });

  test("the folder of a fit says where its guide stands", async () => {
    const out = join(folder, "fit");
    expect((await captured(["infer", model, "--data", data, "--policy", "exact", "--out", out, "--quiet"])).exit).toBe(
      0,
    );
    const fit = JSON.parse(readFileSync(join(out, "fit.json"), "utf8")) as { guideParams: unknown };
    for (const words of [[out], [model, "--data", data, "--at", out]]) {
      const { exit, out: text } = await captured(["gradients", ...words, "--replicates", "16", "--json"]);
      expect(exit).toBe(0);
      const report = JSON.parse(text) as GradientReport;
      expect(report.params).toEqual(fit.guideParams);
      expect(named(report, "z", "enumerate").chosen).toBe(true);
      // The fitted guide: nothing is left to climb.
      for (const g of named(report, "z", "enumerate").mean) expect(Math.abs(g)).toBeLessThan(0.01);
    }
  });

  test("a full-rank Gaussian comes back as it was fitted", async () => {
    const out = join(folder, "eight");
    await captured(["infer", "examples/eight-schools", "--out", out, "--quiet"]);
    const report = JSON.parse(
      (await captured(["gradients", out, "--replicates", "64", "--json"])).out,
    ) as GradientReport;
    const path = named(report, "mu+tau+z", "path");
    path.mean.forEach((g, i) =>
      expect(Math.abs(g) * report.sites["mu+tau+z"]!.units[i]!).toBeLessThan(
        0.3 + 5 * path.se[i]! * report.sites["mu+tau+z"]!.units[i]!,
      ),
    );
  });
});

test("an unknown site of a wish is refused as everywhere", () => {
  expect(() => measure(mixture, { y }, { estimators: { w: "loo" } })).toThrow(VariateError);
});

describe("one site of every kind", () => {
  test("answers, with every default choice once", async () => {
    const report = JSON.parse((await captured(["gradients", "test/models/bike-hire", "--json"])).out) as GradientReport;
    const chosen = Object.values(report.sites).map(({ candidates }) => candidates.find((one) => one.chosen)!.estimator);
    expect(new Set(chosen)).toEqual(new Set(["path", "implicit", "reinmax-rao", "arsm", "loo"]));
  });
});
