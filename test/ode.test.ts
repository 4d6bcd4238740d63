// Differential equations: solutions against plain Runge-Kutta and closed forms, gradients against differences, refusals.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { check } from "../src/model/check.ts";
import { infer } from "../src/infer.ts";
import { gradientGap } from "./support/gradient-gap.ts";
import { drawsOf } from "./support/joint.ts";
import { hasData, posteriors, worstMean, type Moments } from "./support/posteriordb.ts";

const ts = [0.5, 1.25, 2, 4];

/** Classical Runge-Kutta in plain code. */
function solve(rate: (t: number, y: number[]) => number[], y0: number[], t0: number, steps: number): number[] {
  const out: number[] = [];
  let [t, y] = [t0, y0];
  const moved = (h: number, k: number[]): number[] => y.map((v, i) => v + h * k[i]!);
  for (const [i, end] of ts.entries()) {
    const begin = i === 0 ? t0 : ts[i - 1]!;
    const h = (end - begin) / steps;
    for (let s = 0; s < steps; s++) {
      t = begin + s * h;
      const k1 = rate(t, y);
      const k2 = rate(t + h / 2, moved(h / 2, k1));
      const k3 = rate(t + h / 2, moved(h / 2, k2));
      const k4 = rate(t + h, moved(h, k3));
      y = y.map((v, j) => v + (h / 6) * (k1[j]! + 2 * k2[j]! + 2 * k3[j]! + k4[j]!));
    }
    out.push(...y);
  }
  return out;
}

const predators = `data { dim N; ts: real[N] }
  fun rate(t: real, y: real[2], a: real, b: real[2]) -> real[2] = [a * y[0] - b[0] * y[0] * y[1], sin(t) + b[1] * y[0] - y[1]]
  model {
    sample a ~ Normal(0.5, 0.1)
    sample b ~ Normal([0.3, 0.2], 0.1)
    sample y0 ~ Normal([1, 2], 0.1)
    let y = ode(rate, y0, 0.25, ts, a, b, steps = 4)
    factor -sum(y^2)
    report y
  }`;

test("a system whose rates, start and parameters are latent, as plain code solves it", () => {
  for (const draw of drawsOf(predators, { ts })) {
    const [a, b, y0] = [draw.at("a")[0]!, draw.at("b"), draw.at("y0")];
    const wanted = solve(
      (t, y) => [a * y[0]! - b[0]! * y[0]! * y[1]!, Math.sin(t) + b[1]! * y[0]! - y[1]!],
      [...y0],
      0.25,
      4,
    );
    expect(draw.at("y").length).toBe(8);
    draw.at("y").forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 10));
  }
});

test("a number as state, per member of a plate, against the closed form", () => {
  const text = `data { dim N, I; ts: real[N] }
    fun decay(t: real, y: real, k: real) -> real = -k * y
    model {
      plate i in I {
        sample k[i] ~ Normal(1, 0.1)
        let y[i] = ode(decay, 3, 0, ts, k[i], steps = 50)
      }
      factor -sum(y)
      report y
    }`;
  for (const draw of drawsOf(text, { ts, I: 2 })) {
    const wanted = draw.at("k").flatMap((k) => ts.map((t) => 3 * Math.exp(-k * t)));
    draw.at("y").forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 5));
  }
});

test("gradients agree with differences", () => expect(gradientGap(predators, { ts })).toBeLessThan(1e-6));

const program = (call: string, rate = "fun f(t: real, y: real[2], k: real) -> real[2] = -k * y"): string =>
  `data { dim N; ts: real[N] } ${rate} model { sample k ~ Normal(0, 1) let y = ${call} factor sum(y) }`;

describe("what is refused", () => {
  const refused: readonly (readonly [string, string, string])[] = [
    ["a function that does not exist", "PPL306", program("ode(g, [1, 2], 0, ts, k)")],
    ["a built-in function", "PPL306", program("ode(exp, [1, 2], 0, ts)")],
    ["too few arguments", "PPL308", program("ode(f, [1, 2], 0)")],
    ["parameters that are not given", "PPL308", program("ode(f, [1, 2], 0, ts)")],
    ["an unknown name", "PPL308", program("ode(f, [1, 2], 0, ts, k, order = 4)")],
    ["no steps", "PPL306", program("ode(f, [1, 2], 0, ts, k, steps = 0)")],
    ["latent times", "PPL313", program("ode(f, [1, 2], 0, ts * k, k)")],
    ["one time", "PPL301", program("ode(f, [1, 2], 0, 1, k)")],
    ["a matrix as state", "PPL301", program("ode(f, [[1, 2]], 0, ts, k)")],
    ["a state of another size", "PPL301", program("ode(f, [1, 2, 3], 0, ts, k)")],
    [
      "a rate of another shape than the state",
      "PPL306",
      program("ode(f, [1, 2], 0, ts, k)", "fun f(t: real, y: real[2], k: real) -> { a: real } = { a: k }"),
    ],
    [
      "a function that solves itself",
      "PPL207",
      program(
        "ode(f, [1, 2], 0, ts, k)",
        "fun f(t: real, y: real[2], k: real) -> real[2] = ode(f, y, 0, [1, 2], k)[0]",
      ),
    ],
    [
      "one inside a scan",
      "PPL409",
      "data { dim N; ts: real[N] } fun f(t: real, y: real) -> real = y model { sample k ~ Normal(0, 1) scan n in N { factor sum(ode(f, k, 0, ts)) } }",
    ],
    [
      "one inside a function that a scan calls",
      "PPL409",
      "data { dim N; ts: real[N] } fun f(t: real, y: real) -> real = y fun g(k: real, ts: real[M]) -> real = sum(ode(f, k, 0, ts)) model { sample k ~ Normal(0, 1) scan n in N { factor g(k, ts) } }",
    ],
  ];
  test.each(refused)("%s: %s", (_, code, text) => {
    expect(
      check({ path: "m.ppl", text })
        .report.filter((d) => d.severity === "error")
        .map((d) => d.code),
    ).toEqual([code]);
  });
});

test("PPL707 only where the steps are too coarse", async () => {
  const text = (steps: number): string => `data { dim N; ts: real[N]; y: real[N] }
    fun decay(t: real, y: real, k: real) -> real = -k * y
    model { sample k ~ LogNormal(0, 1) let level = ode(decay, 10, 0, ts, k, steps = ${steps}) observe y ~ Normal(level, 0.5 * ones(N)) }`;
  const codes = async (steps: number) =>
    (await infer({ path: "m.ppl", text: text(steps) }, { ts, y: [6, 3, 1, 0.2] })).warnings.map((w) => w.code);
  expect(await codes(1)).toContain("PPL707");
  expect(await codes(20)).not.toContain("PPL707");
});

/** By importance sampling, in code of its own (test/support/ref/make_lotka_volterra.py). */
const REFERENCE = JSON.parse(
  readFileSync(new URL("./support/ref/lotka-volterra.json", import.meta.url), "utf8"),
) as Moments;

test.skipIf(!hasData)(
  "hares and lynxes: the posterior of another sampler",
  async () => {
    const { text, data } = posteriors().find((p) => p.name === "hudson_lynx_hare-lotka_volterra")!;
    const fit = await infer({ path: "hares.ppl", text }, data, { seed: 1 });
    expect(fit.khat).toBeLessThan(0.7);
    expect(fit.warnings.map((w) => w.code)).not.toContain("PPL707");
    const { error, name, compared } = worstMean(fit, REFERENCE);
    expect(compared).toBe(Object.keys(REFERENCE).length);
    expect(error, name).toBeLessThan(0.25);
  },
  60_000,
);
