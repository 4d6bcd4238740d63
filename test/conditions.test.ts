// Statements under conditions, against the same densities in plain code: branches of a latent condition.

import { describe, expect, test } from "vitest";
import { compile } from "../src/compile.ts";
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

const normal = (x: number, m: number, s: number): number => -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const lse = (xs: readonly number[]): number => Math.log(total(xs.map((x) => Math.exp(x))));

describe("a latent condition selects terms", () => {
  const y = [0.5, -2.2, 1.9];
  type Case = readonly [name: string, body: string, x: readonly number[], wanted: (x: readonly number[]) => number];
  const cases: readonly Case[] = [
    ["of a continuous site, both sides", `sample m ~ Normal(0, 1)
      if m > 0 { observe y ~ Normal(m * ones(N), 1) } else { let s = 2  observe y ~ Normal(zeros(N), s) }`,
      [0.7], ([m]) => normal(m!, 0, 1) + total(y.map((v) => normal(v, m!, 1)))],
    ["of a continuous site, the other side", `sample m ~ Normal(0, 1)
      if m > 0 { observe y ~ Normal(m * ones(N), 1) } else { let s = 2  observe y ~ Normal(zeros(N), s) }`,
      [-0.7], ([m]) => normal(m!, 0, 1) + total(y.map((v) => normal(v, 0, 2)))],
    ["an infinite term on the side that is not taken", `sample m ~ Normal(0, 1)
      if m > 0 { factor log(m) } else if m < -1 { factor -1 / 0.0 }`,
      [0.5], ([m]) => normal(m!, 0, 1) + Math.log(m!)],
    ["beside one on data", `sample m ~ Normal(0, 1)
      plate i in N { if i > 0 { if m > y[i - 1] { observe y[i] ~ Normal(m, 1) } else { factor 3.0 } } }`,
      [0], ([m]) => normal(m!, 0, 1) + 3 + normal(y[2]!, m!, 1)],
    ["of a summed-out site, with lets in the branches", `sample m ~ Normal(0, 1)
      plate i in N {
        @marginal sample z[i] ~ Bernoulli(0.3)
        if z[i] { let a = m + 1  observe y[i] ~ Normal(a, 1) } else { let b = 2 * m  observe y[i] ~ Normal(b, 0.5) }
      }`,
      [0.4], ([m]) => normal(m!, 0, 1) + total(y.map((v) => lse([Math.log(0.3) + normal(v, m! + 1, 1), Math.log(0.7) + normal(v, 2 * m!, 0.5)])))],
    ["of a summed-out site by its index", `sample m ~ Normal(0, 1)
      plate i in N {
        @marginal sample z[i] ~ Categorical([0.2, 0.5, 0.3])
        if z[i] == 0 { observe y[i] ~ Normal(m, 1) } else if z[i] == 1 { factor -1.5 }
      }`,
      [0.4], ([m]) => normal(m!, 0, 1) + total(y.map((v) => lse([Math.log(0.2) + normal(v, m!, 1), Math.log(0.5) - 1.5, Math.log(0.3)])))],
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
    const { report } = check({ path: "m.ppl", text: `data { dim N; y: real[N] }\nmodel { sample m ~ Normal(0, 1)  observe y ~ Normal(zeros(N) + m, 1)  ${body} }` });
    expect(report.filter((d) => d.severity === "error").map((d) => d.code)).toEqual([code]);
  });
});
