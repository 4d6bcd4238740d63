// Draws of every setting that has a sampler or a path: goodness of fit, moments, support. Fixed seed, error rate 1e-5.

import { describe, expect, it } from "vitest";
import { distOf } from "../src/dist/index.ts";
import { canonical, instance, supportOf } from "../src/dist/instance.ts";
import { inside } from "../src/dist/support.ts";
import type { Node } from "../src/ir/node.ts";
import { cos, mul, noise, param, sin, square } from "../src/op/index.ts";
import * as special from "../src/op/special/index.ts";
import { grad } from "../src/pass/grad.ts";
import {
  atPoints,
  continuous,
  counts,
  instanceOf,
  POINTS,
  settingTitled,
  titled,
  valueLeaf,
  type Setting,
} from "./support/dist-cases.ts";
import { countProbabilities, densityOn, gridOf, unconstrained } from "./support/dist-grid.ts";
import { chiSquare, kolmogorovSmirnov, KS_LIMIT, momentErrors } from "./support/goodness-of-fit.ts";
import { cdfOn } from "./support/integrate.ts";
import { parseNumber } from "./support/reference.ts";
import { valueOf } from "./support/run-graph.ts";

const DRAWS = 20_000;

/** One draw on the axis of points. */
function drawOf(s: Setting): Node {
  const p = canonical(instanceOf(s));
  const { draw } = s.dist;
  switch (draw.kind) {
    case "pathwise":
      return draw.from(noise(draw.noise, "site", [POINTS], []), p);
    case "implicit":
    case "opaque":
      return draw.sample({ site: "site", axes: [POINTS], shape: [] }, p);
    default:
      throw new Error(`${s.dist.name} is drawn from its list of values, or not at all`);
  }
}

const drawn = new Map<Setting, Float64Array>();

/** The draws of a setting, made once. */
function drawsOf(s: Setting): Float64Array {
  const draws =
    drawn.get(s) ??
    atPoints(
      s,
      drawOf(s),
      Array.from({ length: DRAWS }, () => 0),
    );
  drawn.set(s, draws);
  return draws;
}

const withSampler = [...continuous, ...counts];

/** Fourth moments that are infinite, or so large that their own estimate is far off. */
function isHeavy({ dist: { name }, reference }: Setting): boolean {
  const { df = 9, shape = 9, sdlog = 0 } = reference.params as Record<string, number>;
  switch (name) {
    case "StudentT":
    case "HalfStudentT":
      return df < 9;
    case "Pareto":
    case "InverseGamma":
      return shape < 9;
    case "Weibull":
      return shape < 1;
    case "LogNormal":
      return sdlog > 0.5;
    default:
      return false;
  }
}

describe("draws", () => {
  it.each(titled(continuous))("%s follow the density", (_, s) => {
    const grid = gridOf(s);
    const u = unconstrained(s, [...drawsOf(s)]);
    expect(kolmogorovSmirnov(u, cdfOn(grid, densityOn(s, grid)))).toBeLessThan(KS_LIMIT);
  });

  it.each(titled(counts.filter((s) => countProbabilities(s) !== null)))("%s follow the probabilities", (_, s) => {
    const { statistic, limit } = chiSquare(drawsOf(s), countProbabilities(s)!);
    expect(statistic).toBeLessThan(limit);
  });

  const withMoments = withSampler.filter((s) => s.reference.mean !== null && !isHeavy(s));
  it.each(titled(withMoments))("%s have mean and variance", (_, s) => {
    const { mean, variance } = s.reference;
    const errors = momentErrors(drawsOf(s), parseNumber(mean!), parseNumber(variance!));
    expect(errors.mean).toBeLessThan(4.5);
    expect(errors.variance).toBeLessThan(5);
  });

  it.each(titled(withSampler))("%s lie in the support", (_, s) => {
    const d = instanceOf(s);
    const draws = drawsOf(s);
    expect(draws.every(Number.isFinite)).toBe(true);
    const isInside = inside(supportOf(d), valueLeaf(d));
    if (isInside !== null) expect(atPoints(s, isInside, [...draws]).every((v) => v === 1)).toBe(true);
  });

  it("of another distribution are told apart", () => {
    const normal = settingTitled("Normal(mean = 0, sd = 1)");
    const grid = gridOf(normal);
    const cdf = cdfOn(grid, densityOn(normal, grid));
    expect(
      kolmogorovSmirnov(
        drawsOf(normal).map((x) => 1.2 * x),
        cdf,
      ),
    ).toBeGreaterThan(KS_LIMIT);
    expect(kolmogorovSmirnov(drawsOf(settingTitled("Logistic(loc = 0, scale = 1)")), cdf)).toBeGreaterThan(KS_LIMIT);
    expect(momentErrors(drawsOf(normal), 0.1, 1).mean).toBeGreaterThan(5);
    expect(momentErrors(drawsOf(normal), 0, 1.1).variance).toBeGreaterThan(5);
    const overdispersed = countProbabilities(settingTitled("NegativeBinomial(mean = 4, dispersion = 0.5)"))!;
    const { statistic, limit } = chiSquare(drawsOf(settingTitled("Poisson(rate = 4)")), overdispersed);
    expect(statistic).toBeGreaterThan(limit);
  });
});

// ---------------------------------------------------------------------------------------- the path of draws

/** Means over draws of a gradient of f(draw) by a parameter, in standard errors from the derivative of E f. */
function pathError(
  name: string,
  numbers: Readonly<Record<string, number>>,
  by: string,
  f: (x: Node) => Node,
  wanted: number,
): number {
  const leaves = Object.fromEntries(Object.keys(numbers).map((p) => [p, param(p, [POINTS], [])]));
  const d = instance(distOf(name)!, 0, leaves);
  const draw = d.dist.draw;
  if (draw.kind !== "implicit") throw new Error(`${name} has no implicit path`);
  const path = grad(f(draw.sample({ site: "site", axes: [POINTS], shape: [] }, leaves)), [leaves[by]!])[0]!;
  const values = Object.fromEntries(Object.entries(numbers).map(([p, v]) => [p, new Float64Array(DRAWS).fill(v)]));
  const slopes = valueOf(path, values, { [POINTS]: DRAWS }).values;
  const mean = slopes.reduce((a, b) => a + b, 0) / DRAWS;
  const variance = slopes.reduce((a, b) => a + (b - mean) ** 2, 0) / DRAWS;
  return Math.abs(mean - wanted) / Math.sqrt(variance / DRAWS);
}

describe("gradients along draws", () => {
  const same = (x: Node): Node => x;
  const third = (x: Node): Node => mul(x, mul(x, x));
  const ratio = 1 - special.besselGap(2); // I_1(2) / I_0(2)
  /** d/d(parameter) E f in closed form. */
  const derivatives: readonly [string, Record<string, number>, string, (x: Node) => Node, number][] = [
    ["Gamma", { shape: 3, rate: 1 }, "shape", same, 1],
    ["Gamma", { shape: 3, rate: 2 }, "rate", same, -0.75],
    ["Gamma", { shape: 0.6, rate: 1 }, "shape", third, 0.6 * 1.6 + 0.6 * 2.6 + 1.6 * 2.6],
    ["Gamma", { shape: 80, rate: 1 }, "shape", same, 1],
    ["Beta", { a: 2, b: 3 }, "a", same, 3 / 25],
    ["Beta", { a: 2, b: 3 }, "b", same, -2 / 25],
    ["InverseGamma", { shape: 6, scale: 2 }, "shape", same, -2 / 25],
    ["ChiSquare", { df: 5 }, "df", same, 1],
    ["StudentT", { df: 30, loc: 0, scale: 1 }, "df", square, 1 / 28 - 30 / 28 ** 2],
    ["VonMises", { loc: 0, concentration: 2 }, "concentration", cos, 1 - ratio / 2 - ratio ** 2],
    ["VonMises", { loc: 0.4, concentration: 2 }, "loc", sin, ratio * Math.cos(0.4)],
  ];
  it.each(derivatives)("%s %j by %s", (name, numbers, by, f, wanted) =>
    expect(pathError(name, numbers, by, f, wanted)).toBeLessThan(4.5),
  );

  it("of another value are told apart", () =>
    expect(pathError("Gamma", { shape: 3, rate: 1 }, "shape", same, 1.02)).toBeGreaterThan(4.5));
});
