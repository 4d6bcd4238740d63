// Distributions of vectors: density and moments against mpmath (test/support/ref/vectors.json), gradients, leading
// dims, total probability, draws.

import { describe, expect, it } from "vitest";
import { distOf, dists } from "../src/dist/index.ts";
import { instance, logitsOf, logProb, logProbInside, meanOf, supportOf, varianceOf } from "../src/dist/instance.ts";
import { drawOf } from "../src/dist/draw.ts";
import { bijection } from "../src/dist/support.ts";
import { add, exp, iota, param, scalar, sum } from "../src/op/index.ts";
import { logBetaCdf } from "../src/op/special/index.ts";
import { expectClose } from "./support/close.ts";
import { gradientError } from "./support/finite-difference.ts";
import { chiSquare, kolmogorovSmirnov, KS_LIMIT, momentErrors } from "./support/goodness-of-fit.ts";
import {
  flat,
  instanceOn,
  leafNumbers,
  titledCases,
  valueOn,
  vectorCases,
  type MatrixCase,
} from "./support/matrix-cases.ts";
import { parseNumber, type RefNumber } from "./support/reference.ts";
import { valueOf } from "./support/run-graph.ts";

const POINTS = "P";
const counts = vectorCases.filter((c) => c.dist.supportKind === "counts");
const simplexes = vectorCases.filter((c) => c.dist.supportKind === "simplex");
const oneHot = vectorCases.filter((c) => c.dist.supportKind === "one-hot");

it("every form of every distribution of vectors has a case", () => {
  const rows = dists.filter((d) => d.rank === 1 && !d.forms.some((f) => f.params.some((p) => p.rank === 2)));
  for (const dist of rows) {
    const forms = new Set(vectorCases.filter((c) => c.dist === dist).map((c) => c.form));
    expect([...forms].sort(), dist.name).toEqual(dist.forms.map((_, i) => i));
  }
});

const xs = (c: MatrixCase): number[] => c.points.flatMap(([x]) => flat(x));
const expectDensities = (c: MatrixCase, found: Float64Array): void =>
  c.points.forEach(([x, wanted], i) =>
    expectClose(found[i]!, parseNumber(wanted as RefNumber), 1e-12, `at ${String(x)}`),
  );

describe("density", () => {
  it.each(titledCases(vectorCases))("%s is that of mpmath", (_, c) => {
    const n = c.points.length;
    const density = logProb(instanceOn(c, [POINTS]), valueOn(c, [POINTS]));
    expectDensities(c, valueOf(density, leafNumbers(c, n, xs(c)), { [POINTS]: n }).values);
  });

  it.each(titledCases(vectorCases))("%s is independent over leading dims", (_, c) => {
    const lead = [c.points.length];
    const density = logProb(instanceOn(c, [], lead), valueOn(c, [], lead));
    expect(density.shape).toEqual(lead);
    expectDensities(c, valueOf(density, leafNumbers(c, lead[0]!, xs(c)), {}).values);
  });

  it.each(titledCases(counts))("%s is zero for other vectors", (_, c) => {
    const bad = [
      [4, 3, 4],
      [-1, 6, 5],
      [2.5, 2.5, 5],
      [9, 0, 0],
    ];
    const density = logProb(instanceOn(c, [POINTS]), valueOn(c, [POINTS]));
    const found = valueOf(density, leafNumbers(c, bad.length, bad.flat()), { [POINTS]: bad.length }).values;
    expect([...found]).toEqual(bad.map(() => -Infinity));
  });

  const smooth = vectorCases.filter((c) => flat(Object.values(c.params)).every((v) => v !== 0 && Math.abs(v) < 20));
  it.each(titledCases(smooth))("%s has the gradient of differences", (_, c) => {
    const d = instanceOn(c);
    const x = valueOn(c);
    const names = c.dist.forms[c.form]!.params.filter((p) => p.support !== "count").map((p) => p.name);
    const leaves = names.map((name) => d.params[name]!);
    const byValue = c.dist.discrete ? leaves : [...leaves, x];
    const values = leafNumbers(c, 1, flat(c.points[0]![0]));
    expect(gradientError(logProbInside(d, x), byValue, values, {})).toBeLessThan(1e-7);
  });
});

describe("total probability", () => {
  it.each(titledCases(simplexes.filter((c) => flat(c.params["concentration"]!).every((a) => a > 0.3))))(
    "%s integrates to one",
    (_, c) => {
      const axis = Array.from({ length: 321 }, (_v, i) => (i - 160) / 4);
      const points = axis.flatMap((u) => axis.map((v) => [u, v]));
      const d = instanceOn(c);
      const map = bijection(supportOf(d));
      const u = param("u", [POINTS], [2]);
      const density = exp(add(logProb(d, map.fromUnconstrained(u)), map.logJacobian(u)));
      const values = { ...leafNumbers(c, 1), u: Float64Array.from(points.flat()) };
      const found = valueOf(density, values, { [POINTS]: points.length }).values;
      expect(found.reduce((a, b) => a + (Number.isNaN(b) ? 0 : b), 0) / 16).toBeCloseTo(1, 3);
    },
  );

  it.each(titledCases(counts))("%s sums to one", (_, c) => {
    const pairs = Array.from({ length: 11 * 11 }, (_v, i) => [Math.floor(i / 11), i % 11] as const);
    const points = pairs.map(([a, b]) => [a, b, 10 - a - b]).filter(([, , rest]) => rest! >= 0);
    const density = exp(logProb(instanceOn(c, [POINTS]), valueOn(c, [POINTS])));
    const found = valueOf(density, leafNumbers(c, points.length, points.flat()), { [POINTS]: points.length }).values;
    expect(found.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
  });

  it.each(titledCases(oneHot))("%s sums to one", (_, c) =>
    expect(valueOf(sum(exp(logitsOf(instanceOn(c)))), leafNumbers(c, 1), {}).values[0]).toBeCloseTo(1, 12),
  );
});

describe("moments", () => {
  it.each(titledCases(vectorCases))("%s has mean and variance of mpmath", (_, c) => {
    const d = instanceOn(c);
    const at = (graph: typeof meanOf): Float64Array => valueOf(graph(d)!, leafNumbers(c, 1), {}).values;
    flat(c.mean!).forEach((wanted, k) => expectClose(at(meanOf)[k]!, wanted, 1e-12, `mean ${k}`));
    flat(c.variance!).forEach((wanted, k) => expectClose(at(varianceOf)[k]!, wanted, 1e-12, `variance ${k}`));
  });
});

// ---------------------------------------------------------------------------------------- draws

const DRAWS = 20_000;

/** Entry k of every draw. */
function entriesOf(c: MatrixCase): Float64Array[] {
  const shape = c.dist.draw.kind === "finite" ? [] : [c.size];
  const draws = drawOf(instanceOn(c), { site: "site", axes: ["D"], shape });
  const { values } = valueOf(draws, leafNumbers(c, 1), { D: DRAWS });
  return Array.from({ length: c.size }, (_, k) =>
    Float64Array.from({ length: DRAWS }, (_d, i) => values[i * c.size + k]!),
  );
}

describe("draws", () => {
  it.each(titledCases(vectorCases))("%s have mean and variance, and lie in the support", (_, c) => {
    const entries = entriesOf(c);
    entries.forEach((draws, k) => {
      const errors = momentErrors(draws, flat(c.mean!)[k]!, flat(c.variance!)[k]!);
      expect(errors.mean).toBeLessThan(4.5);
      expect(errors.variance).toBeLessThan(5);
    });
    const total = c.dist.supportKind === "counts" ? 10 : 1;
    entries[0]!.forEach((_x, i) => expect(entries.reduce((s, draws) => s + draws[i]!, 0)).toBeCloseTo(total, 12));
  });

  it.each(titledCases(simplexes))("%s have Beta entries", (_, c) => {
    const given = flat(c.params["concentration"]!);
    const a = c.form === 0 ? given : Array<number>(3).fill(given[0]!);
    const size = a.reduce((x, y) => x + y, 0);
    entriesOf(c).forEach((draws, k) => {
      const cdf = (x: number): number => Math.exp(logBetaCdf(a[k]!, size - a[k]!, Math.log(x) - Math.log1p(-x)));
      expect(kolmogorovSmirnov(draws, cdf)).toBeLessThan(KS_LIMIT);
    });
  });

  /** The first entry of a Multinomial is Binomial, that of a DirichletMultinomial BetaBinomial. */
  function firstEntry(c: MatrixCase): { readonly name: string; readonly params: Readonly<Record<string, number>> } {
    if (c.dist.name === "Multinomial") return { name: "Binomial", params: { n: 10, prob: flat(c.mean!)[0]! / 10 } };
    const [a, ...others] = flat(c.params["concentration"]!);
    return { name: "BetaBinomial", params: { n: 10, a: a!, b: others.reduce((sum, v) => sum + v, 0) } };
  }

  it.each(titledCases(counts))("%s have the probabilities of the first entry", (_, c) => {
    const { name, params } = firstEntry(c);
    const constants = Object.fromEntries(Object.entries(params).map(([key, v]) => [key, scalar(v)]));
    const probabilities = exp(logProb(instance(distOf(name)!, 0, constants), iota("X")));
    const { statistic, limit } = chiSquare(entriesOf(c)[0]!, valueOf(probabilities, {}, { X: 11 }).values);
    expect(statistic).toBeLessThan(limit);
  });
});
