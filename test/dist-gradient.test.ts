// Gradients of log densities, by the value and by every parameter of every form, against differences.

import { describe, expect, it } from "vitest";
import { distOf } from "../src/dist/index.ts";
import { hasTails, instance, logCcdf, logCdf, logProb } from "../src/dist/instance.ts";
import type { Node } from "../src/ir/node.ts";
import { param, scalar } from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import {
  asArray,
  atPoints,
  continuous,
  endsOf,
  expectClose,
  instanceOf,
  leafValues,
  POINTS,
  pointsOf,
  settings,
  titled,
  valueLeaf,
  type Setting,
} from "./support/dist-cases.ts";
import { QUANTILES } from "./support/reference.ts";
import { leafName, valueOf } from "./support/run-graph.ts";

/** Part of the scale of a variable by which differences move it. */
const STEP = 5e-3;

/** (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h: error of order h⁴. */
function difference(f: (shift: number) => Float64Array, h: number): Float64Array {
  const [p1, m1, p2, m2] = [h, -h, 2 * h, -2 * h].map(f) as [Float64Array, Float64Array, Float64Array, Float64Array];
  return p1.map((_, i) => (8 * (p1[i]! - m1[i]!) - (p2[i]! - m2[i]!)) / (12 * h));
}

/** Gradient of the density by one leaf, element by element, at points; the density changes over distances `scale`. */
function expectGradient(s: Setting, density: Node, leaf: Node, xs: readonly number[], scale: number): void {
  const values = leafValues(s, xs);
  const sizes = { [POINTS]: xs.length };
  const name = leafName(leaf);
  const width = leaf.shape[0] ?? 1;
  const found = valueOf(grad(density, [leaf])[0]!, values, sizes).values;
  for (let k = 0; k < width; k++) {
    const shifted = (shift: number): Float64Array => values[name]!.map((v, i) => (i % width === k ? v + shift : v));
    const at = (shift: number): Float64Array => valueOf(density, { ...values, [name]: shifted(shift) }, sizes).values;
    const wanted = difference(at, STEP * scale);
    const tolerance = 1e-6 * Math.max(1, 1 / scale);
    xs.forEach((x, i) => expectClose(found[i * width + k]!, wanted[i]!, tolerance, `by ${name} at ${x}`));
  }
}

/** Quantiles in the bulk (not the median, where a density may have a kink), or all counts. */
const bulk = (s: Setting): readonly number[] => {
  const { p05, p30, p80, p98 } = QUANTILES;
  return s.dist.discrete ? pointsOf(s) : [p05, p30, p80, p98].map((i) => pointsOf(s)[i]!);
};

/** Distance between two quantiles: the unit of the value, and of parameters that are added to it. */
const spreadOf = (s: Setting): number => pointsOf(s)[QUANTILES.p80]! - pointsOf(s)[QUANTILES.p30]!;

/** The distance over which a density changes by a parameter, inside what the parameter may be. */
function scaleOf(s: Setting, name: string): number {
  const sizes = asArray(s.reference.params[name]!).map(Math.abs);
  switch (s.dist.forms[s.form]!.params.find((p) => p.name === name)!.support) {
    case "real":
    case "increasing":
    case "any":
      return s.dist.discrete ? 1 : Math.min(1, spreadOf(s));
    case "int":
      return 1;
    case "unit-interval":
    case "probability-vector":
      return Math.min(...sizes, ...sizes.map((v) => 1 - v));
    default:
      return Math.min(...sizes);
  }
}

/** Left out: parameters on a boundary, and so near to one that the density does not change with them. */
const inner = settings.filter((s) => {
  const { df = 1, dispersion = 1 } = s.reference.params as Record<string, number>;
  return (
    df < 1e6 &&
    dispersion > 1e-6 &&
    s.dist.forms[s.form]!.params.every((p) => p.support === "count" || p.support === "int" || scaleOf(s, p.name) > 1e-6)
  );
});

const smoothParams = (s: Setting): string[] =>
  s.dist.forms[s.form]!.params.filter((p) => p.support !== "count" && p.support !== "int").map((p) => p.name);

describe("gradient of the log density", () => {
  it("has an inner setting for every form", () => {
    const forms = (list: readonly Setting[]): Set<string> => new Set(list.map((s) => `${s.dist.name} ${s.form}`));
    expect(forms(inner)).toEqual(forms(settings));
  });

  it.each(titled(inner))("%s by its parameters", (_, s) => {
    const d = instanceOf(s);
    const density = logProb(d, valueLeaf(d));
    const names = smoothParams(s);
    for (const name of names) expectGradient(s, density, d.params[name]!, bulk(s), scaleOf(s, name));
  });

  it.each(titled(continuous))("%s by its value", (_, s) => {
    const [lower, upper] = endsOf(s);
    const d = instanceOf(s);
    const x = valueLeaf(d);
    for (const at of bulk(s)) {
      expectGradient(s, logProb(d, x), x, [at], Math.min(at - lower, upper - at, spreadOf(s)));
    }
  });

  const withTails = inner.filter((s) => hasTails(s.dist));
  it.each(titled(withTails))("%s of its tail probabilities", (_, s) => {
    const d = instanceOf(s);
    const x = valueLeaf(d);
    const names = smoothParams(s);
    for (const tail of [logCdf(d, x)!, logCcdf(d, x)!]) {
      // a probability of one has no digits of its logarithm to difference
      const points = bulk(s).filter((at) => {
        const log = atPoints(s, tail, [at])[0]!;
        return log < -1e-4 && log > -50;
      });
      const [lower, upper] = endsOf(s);
      const room = s.dist.discrete ? 1 : Math.min(spreadOf(s), ...points.flatMap((at) => [at - lower, upper - at]));
      for (const name of names) {
        const scale = scaleOf(s, name);
        const relative = s.dist.discrete ? scale : (scale * room) / Math.max(...points.map(Math.abs));
        expectGradient(s, tail, d.params[name]!, points, Math.min(scale, Math.sqrt(scale), room, relative));
      }
      if (!s.dist.discrete) expectGradient(s, tail, x, points, room);
    }
  });

  it("of tail probabilities has no NaN at the median and the ends", () => {
    const df = param("df", [], []);
    const x = param("x", [], []);
    const params = { df, loc: scalar(0), scale: df };
    const values = { df: Float64Array.of(3), x: Float64Array.of(0) };
    const byDf = (density: Node): number => valueOf(grad(density, [df])[0]!, values, {}).values[0]!;
    expect(byDf(logCcdf(instance(distOf("StudentT")!, 0, params), x)!)).toBe(0);
    expect(byDf(logCcdf(instance(distOf("Gamma")!, 0, { shape: df, rate: scalar(1) }), x)!)).toBe(0);
    expect(byDf(logCcdf(instance(distOf("Beta")!, 0, { a: df, b: scalar(1) }), x)!)).toBe(0);
  });

  it("stays finite where a probability is zero and so is the count", () => {
    const [n, prob, rate] = ["n", "prob", "rate"].map((name) => param(name, [], [])) as [Node, Node, Node];
    const values = { n: Float64Array.of(5), prob: Float64Array.of(0), rate: Float64Array.of(0) };
    const at = (density: Node, leaf: Node): number => valueOf(grad(density, [leaf])[0]!, values, {}).values[0]!;
    expect(at(logProb(instance(distOf("Binomial")!, 0, { n, prob }), scalar(0)), prob)).toBe(-5);
    expect(at(logProb(instance(distOf("Bernoulli")!, 0, { prob }), scalar(0)), prob)).toBe(-1);
    expect(at(logProb(instance(distOf("Poisson")!, 0, { rate }), scalar(0)), rate)).toBe(-1);
  });

  it("of the wrong parameter is told apart", () => {
    const s = settings.find((v) => v.title === "Normal(mean = 0, sd = 1)")!;
    const d = instanceOf(s);
    const density = logProb(d, valueLeaf(d));
    const [byMean, bySd] = ["mean", "sd"].map((name) => atPoints(s, grad(density, [d.params[name]!])[0]!, bulk(s)));
    expect(() => byMean!.forEach((v, i) => expectClose(v, bySd![i]!, 1e-6, "by mean"))).toThrow();
  });
});
