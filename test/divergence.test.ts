// KL(q || p) in closed form: each rule against an integral, or a sum, of the densities of the table.

import { describe, expect, test } from "vitest";
import { divergence } from "../src/dist/divergence.ts";
import { distOf } from "../src/dist/index.ts";
import { instance, logProb, type Instance } from "../src/dist/instance.ts";
import { constant, data, scalar } from "../src/op/index.ts";
import { grid, integral } from "./support/integrate.ts";
import { valueOf } from "./support/run-graph.ts";

const at = (name: string, params: Readonly<Record<string, number | readonly number[]>>, form = 0): Instance =>
  instance(
    distOf(name)!,
    form,
    Object.fromEntries(
      Object.entries(params).map(([key, v]) => [key, typeof v === "number" ? scalar(v) : constant([...v], [v.length])]),
    ),
  );

const closed = (q: Instance, p: Instance): number => valueOf(divergence(q, p)!, {}, {}).values[0]!;

/** On points u of the line, x = map(u) with slope. */
function integrated(
  q: Instance,
  p: Instance,
  map: (u: number) => number,
  slope: (u: number) => number,
  centre = 0,
  width = 1,
): number {
  const points = grid(centre, width, 200);
  const keep = [...points.u].map((u, i) => ({ u, i })).filter(({ u }) => slope(u) > 1e-300);
  const x = Float64Array.from(keep, ({ u }) => map(u));
  const [logq, logp] = [q, p].map((d) => valueOf(logProb(d, data("x", [], [x.length])), { x }, {}).values);
  const density = new Float64Array(points.u.length);
  keep.forEach(({ u, i }, k) => {
    const gap = logq![k]! - logp![k]!;
    density[i] = logq![k]! < -700 || !Number.isFinite(gap) ? 0 : Math.exp(logq![k]!) * gap * slope(u);
  });
  return integral(density, points);
}

const positive = [(u: number): number => Math.exp(u), (u: number): number => Math.exp(u)] as const;
const unit = [
  (u: number): number => 1 / (1 + Math.exp(-u)),
  (u: number): number => 1 / (2 + Math.exp(u) + Math.exp(-u)),
] as const;
const line = [(u: number): number => u, (): number => 1] as const;

describe("a number", () => {
  test.each([
    ["Normal", { mean: 0.4, sd: 0.7 }, { mean: -0.3, sd: 1.6 }, line],
    ["Gamma", { shape: 2.5, rate: 1.3 }, { shape: 0.8, rate: 2.1 }, positive],
    ["Exponential", { rate: 0.6 }, { rate: 1.7 }, positive],
    ["Beta", { a: 2.2, b: 0.9 }, { a: 1.4, b: 3.1 }, unit],
  ] as const)("%s", (name, q, p, [map, slope]) => {
    const [a, b] = [at(name, q), at(name, p)];
    expect(closed(a, b)).toBeCloseTo(integrated(a, b, map, slope), 7);
    expect(closed(a, a)).toBeCloseTo(0, 12);
    expect(Math.abs(closed(a, b) - closed(b, a))).toBeGreaterThan(0.01);
  });

  test("other forms of the arguments", () => {
    const [a, b] = [at("Gamma", { shape: 2.5, scale: 0.5 }, 1), at("Gamma", { shape: 1.5, mean: 2 }, 2)];
    expect(closed(a, b)).toBeCloseTo(
      closed(at("Gamma", { shape: 2.5, rate: 2 }), at("Gamma", { shape: 1.5, rate: 0.75 })),
      12,
    );
  });
});

describe("a vector", () => {
  test("Dirichlet of two entries is Beta", () => {
    expect(
      closed(at("Dirichlet", { concentration: [2.2, 0.9] }), at("Dirichlet", { concentration: [1.4, 3.1] })),
    ).toBeCloseTo(closed(at("Beta", { a: 2.2, b: 0.9 }), at("Beta", { a: 1.4, b: 3.1 })), 12);
  });

  test("Dirichlet of three entries: first the first, then how the others share the rest", () => {
    // x1 ~ Beta(a1, a2 + a3), and x2 / (1 - x1) ~ Beta(a2, a3) on its own.
    const parts = ([a, b, c]: readonly [number, number, number]) =>
      [at("Beta", { a, b: b + c }), at("Beta", { a: b, b: c })] as const;
    const [q, p] = [
      [0.7, 1.5, 3],
      [1.2, 0.4, 2],
    ] as const;
    const sum = parts(q).reduce((total, part, i) => total + closed(part, parts(p)[i]!), 0);
    expect(closed(at("Dirichlet", { concentration: q }), at("Dirichlet", { concentration: p }))).toBeCloseTo(sum, 12);
  });
});

describe("listed values", () => {
  test("Bernoulli and Categorical: sums over states, also of no probability", () => {
    expect(closed(at("Bernoulli", { prob: 0.3 }), at("Bernoulli", { prob: 0.8 }))).toBeCloseTo(
      0.3 * Math.log(0.3 / 0.8) + 0.7 * Math.log(0.7 / 0.2),
      12,
    );
    expect(
      closed(at("Categorical", { prob: [0.5, 0.5, 0] }), at("Categorical", { prob: [0.2, 0.3, 0.5] })),
    ).toBeCloseTo(0.5 * Math.log(0.5 / 0.2) + 0.5 * Math.log(0.5 / 0.3), 12);
    expect(closed(at("Categorical", { prob: [0.5, 0.5] }), at("Categorical", { prob: [1, 0] }))).toBe(Infinity);
  });
});

test("pairs without a rule have none", () => {
  expect(divergence(at("Normal", { mean: 0, sd: 1 }), at("Laplace", { loc: 0, scale: 1 }))).toBeNull();
  expect(divergence(at("Laplace", { loc: 0, scale: 1 }), at("Laplace", { loc: 0, scale: 2 }))).toBeNull();
  expect(divergence(at("Bernoulli", { prob: 0.3 }), at("Categorical", { prob: [0.3, 0.7] }))).toBeNull();
});
