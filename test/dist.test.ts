// Every row of the distribution table: density, tails and moments against mpmath (test/support/ref), integral, forms.

import { describe, expect, it } from "vitest";
import { dists, distOf } from "../src/dist/index.ts";
import {
  canonical,
  hasTails,
  instance,
  logCcdf,
  logCdf,
  logitsOf,
  logProb,
  meanOf,
  supportOf,
  varianceOf,
} from "../src/dist/instance.ts";
import type { Node } from "../src/ir/node.ts";
import { param, scalar } from "../src/op/index.ts";
import {
  atPoints,
  continuous,
  counts,
  endsOf,
  expectClose,
  finite,
  instanceOf,
  leafValues,
  POINTS,
  pointsOf,
  settings,
  tabled,
  titled,
  valueLeaf,
} from "./support/dist-cases.ts";
import { countProbabilities, densityOn, gridOf } from "./support/dist-grid.ts";
import { integral } from "./support/integrate.ts";
import { parseNumber } from "./support/reference.ts";
import { valueOf } from "./support/run-graph.ts";

const TOLERANCE = 2e-13;

/** What sums of large terms of opposite sign leave, as in log Γ(1e4). */
const looser: Readonly<Record<string, number>> = {
  Gamma: 5e-12,
  Beta: 2e-10,
  Poisson: 2e-12,
  Binomial: 2e-12,
  NegativeBinomial: 1e-12,
};

describe("the table", () => {
  it("has each name once", () => {
    const names = dists.map((d) => d.name);
    expect(new Set(names).size).toBe(names.length);
    expect(distOf("Normal")?.name).toBe("Normal");
    expect(distOf("Truncated")).toBeUndefined();
  });

  it("has reference values for every form", () => {
    expect(settings.filter((s) => s.form < 0)).toEqual([]);
    for (const dist of tabled) {
      const forms = new Set(settings.filter((s) => s.dist === dist).map((s) => s.form));
      expect(forms.size, dist.name).toBe(dist.forms.length);
    }
  });

  it.each(dists.map((d) => [d.name, d] as const))("%s says what it is", (_, dist) => {
    expect(dist.doc.length).toBeGreaterThan(20);
    expect(dist.source.length).toBeGreaterThan(10);
    dist.forms.forEach((form, i) => {
      const params = Object.fromEntries(
        form.params.map((p) => [
          p.name,
          p.size === true ? scalar(3) : param(p.name, [], Array<number>(p.rank).fill(3)),
        ]),
      );
      expect(supportOf(instance(dist, i, params)).kind).toBe(form.supportKind ?? dist.supportKind);
    });
    expect(dist.forms[0].canonical).toBeUndefined();
  });
});

describe("density", () => {
  it.each(titled(settings))("%s is that of mpmath", (_, s) => {
    const d = instanceOf(s);
    const found = atPoints(s, logProb(d, valueLeaf(d)), pointsOf(s));
    const tolerance = looser[s.dist.name] ?? TOLERANCE;
    s.reference.points.forEach(([x, logp], i) => expectClose(found[i]!, parseNumber(logp), tolerance, `at ${x}`));
  });

  const bounded = settings.filter((s) => s.reference.outside.length > 0 && s.dist.draw.kind !== "finite");
  it.each(titled(bounded))("%s is zero outside its support", (_, s) => {
    const d = instanceOf(s);
    const { outside } = s.reference;
    expect([...atPoints(s, logProb(d, valueLeaf(d)), outside)]).toEqual(outside.map(() => -Infinity));
  });

  it.each(titled(settings.filter((s) => s.reference.mean !== null)))("%s has mean and variance of mpmath", (_, s) => {
    const d = instanceOf(s);
    expectClose(atPoints(s, meanOf(d)!, [0])[0]!, parseNumber(s.reference.mean!), 1e-12, "mean");
    expectClose(atPoints(s, varianceOf(d)!, [0])[0]!, parseNumber(s.reference.variance!), 1e-12, "variance");
  });

  const otherForms = settings.filter((s) => s.dist.forms[s.form]!.canonical !== undefined);
  it.each(titled(otherForms))("%s is its first form", (_, s) => {
    const d = instanceOf(s);
    const x = valueLeaf(d);
    const other = instance(s.dist, 0, canonical(d));
    // 1 - prob has no digits left at logit = 800, so probabilities that no double holds are left out.
    const points = s.reference.points.filter(([, logp]) => Math.abs(parseNumber(logp)) < 700).map(([at]) => at);
    const [found, wanted] = [logProb(d, x), logProb(other, x)].map((graph) => atPoints(s, graph, points));
    points.forEach((at, i) => expectClose(found![i]!, wanted![i]!, 1e-9, `at ${at}`));
  });
});

describe("tail probabilities", () => {
  const withTails = settings.filter((s) => hasTails(s.dist));

  it("are stated by every distribution of numbers", () =>
    expect(tabled.filter((dist) => !hasTails(dist)).map(({ name }) => name)).toEqual([]));

  it.each(titled(withTails))("%s are those of mpmath", (_, s) => {
    const d = instanceOf(s);
    const x = valueLeaf(d);
    const [below, above] = [logCdf(d, x)!, logCcdf(d, x)!].map((tail) => atPoints(s, tail, pointsOf(s)));
    s.reference.points.forEach(([at, , cdf, ccdf], i) => {
      expectClose(below![i]!, parseNumber(cdf!), TOLERANCE, `log cdf at ${at}`);
      expectClose(above![i]!, parseNumber(ccdf!), TOLERANCE, `log ccdf at ${at}`);
    });
  });

  it.each(titled(withTails))("%s are 0 and 1 beyond the support", (_, s) => {
    const d = instanceOf(s);
    const x = valueLeaf(d);
    const [lower, upper] = endsOf(s);
    const tails = [logCdf(d, x)!, logCcdf(d, x)!];
    const tailsAt = (at: number): number[] => tails.map((tail) => atPoints(s, tail, [at])[0]!);
    if (lower > -Infinity) expect(tailsAt(lower - 1)).toEqual([-Infinity, 0]);
    if (upper < Infinity) expect(tailsAt(upper + 1)).toEqual([0, -Infinity]);
  });
});

describe("total probability", () => {
  it.each(titled(continuous))("%s integrates to one", (_, s) => {
    const grid = gridOf(s);
    expect(integral(densityOn(s, grid), grid)).toBeCloseTo(1, 5);
  });

  const summable = counts.map((s) => [s, countProbabilities(s)] as const).filter((pair) => pair[1] !== null);
  it("can be summed for every distribution of counts", () => {
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

describe("Delta", () => {
  const [at, x] = ["at", "x"].map((name) => param(name, [], [])) as [Node, Node];
  const delta = instance(distOf("Delta")!, 0, { x: at });
  const valueAt = (graph: Node, point: number): number =>
    valueOf(graph, { at: Float64Array.of(2), x: Float64Array.of(point) }, {}).values[0]!;
  it.each([
    [1.9, -Infinity, -Infinity, 0],
    [2, 0, 0, -Infinity],
    [2.1, -Infinity, 0, -Infinity],
  ])("at %d has log density %d and log tails %d, %d", (point, logp, below, above) => {
    expect(valueAt(logProb(delta, x), point)).toBe(logp);
    expect(valueAt(logCdf(delta, x)!, point)).toBe(below);
    expect(valueAt(logCcdf(delta, x)!, point)).toBe(above);
  });
  it("has the value as mean, and no variance", () => {
    expect(valueAt(meanOf(delta)!, 0)).toBe(2);
    expect(valueAt(varianceOf(delta)!, 0)).toBe(0);
  });
});

describe("Flat", () => {
  const flat = distOf("Flat")!;
  const [x, lower, upper] = ["x", "lower", "upper"].map((name) => param(name, [], [])) as [Node, Node, Node];
  const values = { lower: Float64Array.of(-1), upper: Float64Array.of(2) };
  const forms: [string, number, Record<string, Node>, Record<number, number>][] = [
    ["Flat()", 0, {}, { [-1e9]: 0, 3: 0 }],
    ["Flat(lower, upper)", 1, { lower, upper }, { [-2]: -Infinity, 0: 0, 3: -Infinity }],
    ["Flat(lower)", 2, { lower }, { [-2]: -Infinity, 0: 0, 3: 0 }],
    ["Flat(upper)", 3, { upper }, { [-2]: 0, 0: 0, 3: -Infinity }],
  ];
  it.each(forms)("%s has density one on its support", (_, form, params, wanted) => {
    const density = logProb(instance(flat, form, params), x);
    for (const [at, logp] of Object.entries(wanted)) {
      expect(valueOf(density, { ...values, x: Float64Array.of(Number(at)) }, {}).values[0]).toBe(logp);
    }
  });
});
