// Every row of the distribution table: density against mpmath (test/support/ref), integral, gradient, forms, draws, supports.

import { describe, expect, it } from "vitest";
import type { Dist } from "../src/dist/dist.ts";
import { dists, distOf, plannedDists } from "../src/dist/index.ts";
import { canonical, instance, logCcdf, logCdf, logitsOf, logProb, meanOf, supportOf, varianceOf } from "../src/dist/instance.ts";
import { bijection, inside } from "../src/dist/support.ts";
import type { Node } from "../src/ir/node.ts";
import { add, exp, noise, param, scalar, sub } from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { atPoints, endsOf, instanceOf, leafValues, leavesOf, POINTS, settings, valueLeaf, type Setting } from "./support/dist-cases.ts";
import { chiSquare, kolmogorovSmirnov, KS_LIMIT, momentErrors } from "./support/goodness-of-fit.ts";
import { cdfOn, grid, integral, type Grid } from "./support/integrate.ts";
import { parseNumber, QUANTILES } from "./support/reference.ts";
import { valueOf, valuesOf } from "./support/run-graph.ts";

/** Absolute below 1, relative above; the excess is what sums of large terms of opposite sign leave, as in log Γ(1e4). */
const TOLERANCE = 2e-13;
const looser: Readonly<Record<string, number>> = { Gamma: 5e-12, Beta: 2e-10, Poisson: 2e-12, Binomial: 2e-12, NegativeBinomial: 1e-12 };

function expectClose(found: number, wanted: number, tolerance: number, where: string): void {
  if (Number.isFinite(wanted)) {
    expect(Math.abs(found - wanted) / Math.max(1, Math.abs(wanted)), `${where}: ${found}, not ${wanted}`).toBeLessThanOrEqual(tolerance);
  } else expect(found, where).toBe(wanted);
}

const pointsOf = (s: Setting): readonly number[] => s.reference.points.map(([x]) => x);
const continuous = settings.filter((s) => !s.dist.discrete);
const counts = settings.filter((s) => s.dist.supportKind === "count");
const finite = settings.filter((s) => s.dist.draw.kind === "finite");
const titled = (list: readonly Setting[]): [string, Setting][] => list.map((s) => [s.title, s]);

describe("the table", () => {
  it("has each name once", () => {
    const names = [...dists.map((d) => d.name), ...plannedDists];
    expect(new Set(names).size).toBe(names.length);
    expect(distOf("Normal")?.name).toBe("Normal");
    expect(distOf("Truncated")).toBeUndefined();
  });

  it("has reference values for every form", () => {
    expect(settings.filter((s) => s.form < 0)).toEqual([]);
    const proper = dists.filter((d) => d.improper !== true);
    for (const dist of proper) {
      expect(new Set(settings.filter((s) => s.dist === dist).map((s) => s.form)).size, dist.name).toBe(dist.forms.length);
    }
  });

  it.each(dists.map((d) => [d.name, d] as const))("%s says what it is", (_, dist) => {
    expect(dist.doc.length).toBeGreaterThan(20);
    expect(dist.source.length).toBeGreaterThan(10);
    dist.forms.forEach((form, i) => {
      const params = Object.fromEntries(form.params.map((p) => [p.name, param(p.name, [], p.rank === 0 ? [] : [3])]));
      expect(supportOf(instance(dist, i, params)).kind).toBe(form.supportKind ?? dist.supportKind);
    });
    expect(dist.forms[0].canonical).toBeUndefined();
  });
});

describe("density", () => {
  it.each(titled(settings))("%s is that of mpmath", (_, s) => {
    const d = instanceOf(s);
    const found = atPoints(s, logProb(d, valueLeaf(d)), pointsOf(s));
    s.reference.points.forEach(([x, logp], i) =>
      expectClose(found[i]!, parseNumber(logp), looser[s.dist.name] ?? TOLERANCE, `log density at ${x}`));
  });

  it.each(titled(settings.filter((s) => s.reference.outside.length > 0 && s.dist.draw.kind !== "finite")))(
    "%s is zero outside its support", (_, s) => {
      const d = instanceOf(s);
      expect([...atPoints(s, logProb(d, valueLeaf(d)), s.reference.outside)]).toEqual(s.reference.outside.map(() => -Infinity));
    });

  it.each(titled(settings.filter((s) => s.dist.logCdf !== undefined)))("%s has the tail probabilities of mpmath", (_, s) => {
    const d = instanceOf(s);
    const x = valueLeaf(d);
    const [below, above] = [logCdf(d, x)!, logCcdf(d, x)!].map((tail) => atPoints(s, tail, pointsOf(s)));
    s.reference.points.forEach(([at, , cdf, ccdf], i) => {
      expectClose(below![i]!, parseNumber(cdf!), TOLERANCE, `log cdf at ${at}`);
      expectClose(above![i]!, parseNumber(ccdf!), TOLERANCE, `log ccdf at ${at}`);
    });
  });

  it.each(titled(settings.filter((s) => s.dist.logCdf !== undefined)))("%s has tail probabilities beyond its support", (_, s) => {
    const d = instanceOf(s);
    const x = valueLeaf(d);
    const ends = endsOf(s).map((end, i) => [end + (i === 0 ? -1 : 1), i] as const).filter(([at]) => Number.isFinite(at));
    for (const [at, i] of ends) {
      expect(atPoints(s, logCdf(d, x)!, [at])[0]).toBe(i === 0 ? -Infinity : 0);
      expect(atPoints(s, logCcdf(d, x)!, [at])[0]).toBe(i === 0 ? 0 : -Infinity);
    }
  });

  it.each(titled(settings.filter((s) => s.reference.mean !== null)))("%s has mean and variance of mpmath", (_, s) => {
    const d = instanceOf(s);
    expectClose(atPoints(s, meanOf(d)!, [0])[0]!, parseNumber(s.reference.mean!), 1e-12, "mean");
    expectClose(atPoints(s, varianceOf(d)!, [0])[0]!, parseNumber(s.reference.variance!), 1e-12, "variance");
  });

  it.each(titled(settings.filter((s) => s.dist.forms[s.form]!.canonical !== undefined)))("%s is its first form", (_, s) => {
    const d = instanceOf(s);
    const x = valueLeaf(d);
    const other = instance(s.dist, 0, canonical(d));
    const points = s.reference.points.filter(([, logp]) => Math.abs(parseNumber(logp)) < 700).map(([at]) => at);
    const [found, wanted] = [logProb(d, x), logProb(other, x)].map((graph) => atPoints(s, graph, points));
    // Rounding of the converted parameters moves the density by x times the score; 1 - prob has no digits at logit = 800.
    points.forEach((at, i) => expectClose(found![i]!, wanted![i]!, 1e-9, `at ${at}`));
  });
});

// ---------------------------------------------------------------------------------------- integrals

/** Where the bulk lies on the unconstrained scale, from the reference's points. */
function unconstrainedGrid(s: Setting): Grid {
  const d = instanceOf(s);
  const map = bijection(supportOf(d));
  const u = atPoints(s, map.toUnconstrained(valueLeaf(d)), pointsOf(s));
  const limit = s.dist.supportKind === "real" ? Infinity : 700;       // e^-700 is still a number
  return grid(u[QUANTILES.p50]!, (u[QUANTILES.p80]! - u[QUANTILES.p30]!) / 4, limit);
}

/** Density of the unconstrained value. */
function unconstrainedDensity(s: Setting, { u }: Grid): Float64Array {
  const d = instanceOf(s);
  const map = bijection(supportOf(d));
  const leaf = valueLeaf(d);
  return atPoints(s, exp(add(logProb(d, map.fromUnconstrained(leaf)), map.logJacobian(leaf))), [...u])
    .map((p) => (Number.isNaN(p) ? 0 : p)); // -inf + inf where e^u is infinite
}

const MOST_COUNTS = 20_000;

/** Probabilities of 0, 1, 2, … to where nothing is left; `null` where that is too far. */
function countProbabilities(s: Setting): Float64Array | null {
  const mean = parseNumber(s.reference.mean!);
  const variance = parseNumber(s.reference.variance!);
  const last = Math.ceil(Math.min(endsOf(s)[1], mean + 40 * Math.sqrt(variance) + 40));
  if (last > MOST_COUNTS) return null;
  const d = instanceOf(s);
  return atPoints(s, exp(logProb(d, valueLeaf(d))), Array.from({ length: last + 1 }, (_, x) => x));
}

describe("total probability", () => {
  it.each(titled(continuous))("%s integrates to one", (_, s) => {
    const points = unconstrainedGrid(s);
    expect(integral(unconstrainedDensity(s, points), points)).toBeCloseTo(1, 5);
  });

  const summable = counts.map((s) => [s, countProbabilities(s)] as const).filter((pair) => pair[1] !== null);
  it("sums are possible for every count", () => {
    expect(new Set(summable.map(([s]) => s.dist))).toEqual(new Set(counts.map((s) => s.dist)));
  });
  it.each(summable.map(([s, p]) => [s.title, p!] as const))("%s sums to one", (_, probabilities) => {
    expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  });

  it.each(titled(finite))("%s lists its values: they sum to one and are its density", (_, s) => {
    const d = instanceOf(s);
    const logits = valueOf(logitsOf(d), leafValues(s, [0]), { [POINTS]: 1 }).values;
    expect(logits.reduce((sum, l) => sum + Math.exp(l), 0)).toBeCloseTo(1, 12);
    const values = Array.from(logits, (_l, k) => k);
    const densities = atPoints(s, logProb(d, valueLeaf(d)), values);
    values.forEach((k) => expectClose(densities[k]!, logits[k]!, TOLERANCE, `value ${k}`));
  });
});

// ---------------------------------------------------------------------------------------- gradients

/** (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h: error of order h⁴. */
function difference(f: (shift: number) => Float64Array, h: number): Float64Array {
  const [p1, m1, p2, m2] = [h, -h, 2 * h, -2 * h].map(f) as [Float64Array, Float64Array, Float64Array, Float64Array];
  return p1.map((_, i) => (8 * (p1[i]! - m1[i]!) - (p2[i]! - m2[i]!)) / (12 * h));
}

/** Gradient of `density` by each leaf against differences, at points; `steps`: by leaf, a step that stays inside the support. */
function expectGradients(s: Setting, density: Node, leaves: readonly Node[], names: readonly string[], xs: readonly number[], steps: readonly number[]): void {
  const values = leafValues(s, xs);
  const sizes = { [POINTS]: xs.length };
  const found = valuesOf(grad(density, leaves), values, sizes);
  leaves.forEach((leaf, j) => {
    const width = leaf.shape[0] ?? 1;
    for (let k = 0; k < width; k++) {
      const moved = (shift: number): Float64Array =>
        valueOf(density, { ...values, [names[j]!]: values[names[j]!]!.map((v, i) => (i % width === k ? v + shift : v)) }, sizes).values;
      const wanted = difference(moved, steps[j]!);
      xs.forEach((x, i) => expectClose(found[j]!.values[i * width + k]!, wanted[i]!, 1e-6 * Math.max(1, 0.01 / steps[j]!), `by ${names[j]} at ${x}`));
    }
  });
}

/** Quantiles where differences are exact enough (and not the median, where a density may have a kink), or all counts. */
const bulk = (s: Setting): readonly number[] => {
  const { p05, p30, p80, p98 } = QUANTILES;
  return s.dist.discrete ? pointsOf(s) : [p05, p30, p80, p98].map((i) => pointsOf(s)[i]!);
};

/** Settings with parameters at a boundary or with hardly any curvature have a test of their own. */
const smooth = settings.filter((s) => {
  const { params } = s.reference;
  return !Object.entries(params).some(([name, v]) =>
    (name === "prob" && [v].flat().some((p) => p === 0 || p === 1 || (p as number) < 1e-6)) || (name === "rate" && v === 0) ||
    (name === "dispersion" && (v as number) < 1e-6) || (name === "df" && (v as number) > 1e6));
});

/** Distance between two quantiles: the unit of the value, and of parameters that are added to it. */
const spreadOf = (s: Setting): number => pointsOf(s)[QUANTILES.p80]! - pointsOf(s)[QUANTILES.p30]!;

/** The distance over which a density changes by a parameter. */
function scaleOf(s: Setting, name: string): number {
  const sizes = [s.reference.params[name]!].flat().map((v) => Math.abs(v as number));
  switch (s.dist.forms[s.form]!.params.find((p) => p.name === name)!.support) {
    case "real":
    case "any": return s.dist.discrete ? 1 : Math.min(1, spreadOf(s));
    case "unit-interval": return Math.min(...sizes, ...sizes.map((v) => 1 - v));
    default: return Math.min(...sizes);
  }
}

describe("gradient", () => {
  it.each(titled(smooth))("%s by its parameters", (_, s) => {
    const d = instanceOf(s);
    const names = s.dist.forms[s.form]!.params.filter((p) => p.support !== "count").map((p) => p.name);
    const steps = names.map((name) => 5e-3 * scaleOf(s, name));
    expectGradients(s, logProb(d, valueLeaf(d)), names.map((name) => d.params[name]!), names, bulk(s), steps);
  });

  it.each(titled(continuous))("%s by its value", (_, s) => {
    const d = instanceOf(s);
    const [lower, upper] = endsOf(s);
    const x = valueLeaf(d);
    for (const at of bulk(s)) {
      expectGradients(s, logProb(d, x), [x], ["x"], [at], [5e-3 * Math.min(at - lower, upper - at, spreadOf(s))]);
    }
  });

  it("stays finite where a probability is zero and so is the count", () => {
    const [n, prob, rate] = ["n", "prob", "rate"].map((name) => param(name, [], [])) as [Node, Node, Node];
    const zero = scalar(0);
    const densities = [
      logProb(instance(distOf("Binomial")!, 0, { n, prob }), zero),
      logProb(instance(distOf("Bernoulli")!, 0, { prob }), zero),
      logProb(instance(distOf("Poisson")!, 0, { rate }), zero),
    ];
    const values = { n: Float64Array.of(5), prob: Float64Array.of(0), rate: Float64Array.of(0) };
    const gradients = densities.map((density, i) => valueOf(grad(density, [i === 2 ? rate : prob])[0]!, values, {}).values[0]);
    expect(gradients).toEqual([-5, -1, -1]);
  });
});

// ---------------------------------------------------------------------------------------- draws

const DRAWS = 20_000;

/** Draws of a setting that is no finite one, independent along the points. */
function drawsOf(s: Setting): Float64Array {
  const d = instanceOf(s);
  const { draw } = s.dist;
  const p = canonical(d);
  const value = draw.kind === "pathwise" ? draw.from(noise(draw.noise, "site", [POINTS], []), p)
    : draw.kind === "implicit" || draw.kind === "opaque" ? draw.sample({ site: "site", axes: [POINTS], shape: [] }, p)
    : scalar(NaN);
  return atPoints(s, value, Array.from({ length: DRAWS }, () => 0));
}

/** Fourth moments that are infinite, or so large that their own estimate is far off. */
const heavy = (s: Setting): boolean => {
  const { df = 9, shape = 9, sdlog = 0 } = s.reference.params as Record<string, number>;
  return ["Cauchy", "HalfCauchy"].includes(s.dist.name) || (s.dist.name.endsWith("StudentT") && df < 9) || sdlog > 0.5 ||
    ((s.dist.name === "Pareto" || s.dist.name === "InverseGamma") && shape < 9) || (s.dist.name === "Weibull" && shape < 1);
};

describe("draws", () => {
  it.each(titled(continuous))("%s follow the density", (_, s) => {
    const points = unconstrainedGrid(s);
    const cdf = cdfOn(points, unconstrainedDensity(s, points));
    const d = instanceOf(s);
    const u = atPoints(s, bijection(supportOf(d)).toUnconstrained(valueLeaf(d)), [...drawsOf(s)]);
    expect(kolmogorovSmirnov(u, cdf)).toBeLessThan(KS_LIMIT);
  });

  it.each(titled(counts.filter((s) => countProbabilities(s) !== null)))("%s follow the probabilities", (_, s) => {
    const { statistic, limit } = chiSquare(drawsOf(s), countProbabilities(s)!);
    expect(statistic).toBeLessThan(limit);
  });

  it.each(titled([...continuous, ...counts].filter((s) => s.reference.mean !== null && !heavy(s))))("%s have mean and variance", (_, s) => {
    const errors = momentErrors(drawsOf(s), parseNumber(s.reference.mean!), parseNumber(s.reference.variance!));
    expect(errors.mean).toBeLessThan(4.5);
    expect(errors.variance).toBeLessThan(5);
  });

  it.each(titled([...continuous, ...counts]))("%s lie in the support", (_, s) => {
    const d = instanceOf(s);
    const isInside = inside(supportOf(d), valueLeaf(d));
    const found = isInside === null ? drawsOf(s).map((x) => (Number.isFinite(x) ? 1 : 0)) : atPoints(s, isInside, [...drawsOf(s)]);
    expect(found.every((v) => v === 1)).toBe(true);
  });

  it("of another distribution are told apart", () => {
    const [normal, logistic] = ["Normal(mean = 0, sd = 1)", "Logistic(loc = 0, scale = 1)"].map((t) => settings.find((s) => s.title === t)!) as [Setting, Setting];
    const points = unconstrainedGrid(normal);
    const cdf = cdfOn(points, unconstrainedDensity(normal, points));
    expect(kolmogorovSmirnov(drawsOf(normal).map((x) => x * 1.2), cdf)).toBeGreaterThan(KS_LIMIT);
    expect(kolmogorovSmirnov(drawsOf(logistic), cdf)).toBeGreaterThan(KS_LIMIT);
    const [few, more] = ["Poisson(rate = 4)", "NegativeBinomial(mean = 4, dispersion = 0.5)"].map((t) => settings.find((s) => s.title === t)!) as [Setting, Setting];
    const { statistic, limit } = chiSquare(drawsOf(few), countProbabilities(more)!);
    expect(statistic).toBeGreaterThan(limit);
  });
});

describe("Flat", () => {
  const flat = distOf("Flat")!;
  const [x, lower, upper] = ["x", "lower", "upper"].map((name) => param(name, [], [])) as [Node, Node, Node];
  const at = (graph: Node, v: number): number =>
    valueOf(graph, { x: Float64Array.of(v), lower: Float64Array.of(-1), upper: Float64Array.of(2) }, {}).values[0]!;
  const forms: [string, number, Record<string, Node>, Record<number, number>][] = [
    ["Flat()", 0, {}, { [-1e9]: 0, 3: 0 }],
    ["Flat(lower, upper)", 1, { lower, upper }, { [-2]: -Infinity, 0: 0, 3: -Infinity }],
    ["Flat(lower)", 2, { lower }, { [-2]: -Infinity, 0: 0, 3: 0 }],
    ["Flat(upper)", 3, { upper }, { [-2]: 0, 0: 0, 3: -Infinity }],
  ];
  it.each(forms)("%s has density one on its support", (_, form, params, wanted) => {
    const density = logProb(instance(flat, form, params), x);
    for (const [value, logp] of Object.entries(wanted)) expect(at(density, Number(value))).toBe(logp);
  });
});

