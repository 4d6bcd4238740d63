// Distributions made of distributions: values against mpmath (test/support/ref/combinators.json) and plain code, draws
// against their own distribution function, gradients against differences, every refusal.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { codesOf, densityAt, drawn, gradientErrors, tabulate } from "./support/combined.ts";
import { expectClose } from "./support/close.ts";
import { chiSquare, kolmogorovSmirnov, KS_LIMIT } from "./support/goodness-of-fit.ts";
import { parseNumber, type RefNumber } from "./support/reference.ts";

type Case = {
  readonly dist: string;
  readonly whole: boolean;
  readonly points: readonly (readonly [number, RefNumber, RefNumber, RefNumber])[];
};

const cases = JSON.parse(readFileSync(new URL("./support/ref/combinators.json", import.meta.url), "utf8")) as Case[];
const titled = (list: readonly Case[]): [string, Case][] => list.map((c) => [c.dist, c]);

/** What differences of lgamma, or of distribution functions that are themselves series, leave. */
const TOLERANCE = 1e-12;

describe("density and tail probabilities", () => {
  test.each(titled(cases))("%s", (_, { dist, whole, points }) => {
    const xs = points.map(([x]) => x);
    const table = tabulate(dist, xs, whole);
    points.forEach(([x, ...wanted], i) => {
      const found = [table.logProb[i]!, table.logCdf[i]!, table.logCcdf[i]!];
      wanted.forEach((w, j) =>
        expectClose(found[j]!, parseNumber(w), TOLERANCE, `${["log_prob", "log_cdf", "log_ccdf"][j]} at ${x}`),
      );
    });
  });

  test("negative control: another bound gives another value", () => {
    const { logProb } = tabulate("Truncated(Normal(1, 2), lower = 0.6, upper = 3)", [0.75], false);
    expect(Math.abs(logProb[0]! - parseNumber(cases[0]!.points[1]![1]))).toBeGreaterThan(1e-3);
  });

  test("zero outside the bounds", () => {
    expect(tabulate("Truncated(Normal(0, 1), lower = -1, upper = 2)", [-1.1, 2.1], false).logProb).toEqual([
      -Infinity,
      -Infinity,
    ]);
    expect(tabulate("Truncated(Poisson(3), lower = 2)", [0, 1], true).logProb).toEqual([-Infinity, -Infinity]);
    expect(tabulate("Censored(Normal(0, 1), upper = 2)", [2.1], false).logProb).toEqual([-Infinity]);
    const table = tabulate("Truncated(Normal(0, 1), lower = -1, upper = 2)", [-3, 4], false);
    expect(table.logCdf).toEqual([-Infinity, 0]);
    expect(table.logCcdf).toEqual([0, -Infinity]);
  });

  test("an index beyond the members has no probability, and is before or after all of them", () => {
    const table = tabulate("Categorical([0.2, 0.3, 0.5])", [-1, 3], true);
    expect(table).toEqual({ logProb: [-Infinity, -Infinity], logCdf: [-Infinity, 0], logCcdf: [0, -Infinity] });
    expect(densityAt("OrderedLogistic([0, 0.5], [-1, 1])", [0, 3], "int")).toBe(-Infinity);
    expect(densityAt("OrderedLogistic([0, 0.5], [-1, 1])", [0, 2], "int")).toBeCloseTo(
      -2 * Math.log1p(Math.E ** 1) + Math.log1p(Math.E) - Math.log1p(Math.E ** 0.5),
      12,
    );
  });

  test("infinite bounds are none", () => {
    const free = tabulate("Normal(0, 1)", [-0.5, 1.5], false);
    expect(tabulate("Truncated(Normal(0, 1), lower = -inf, upper = inf)", [-0.5, 1.5], false)).toEqual(free);
    expect(tabulate("Censored(Normal(0, 1), upper = inf)", [-0.5, 1.5], false).logProb).toEqual(free.logProb);
  });

  const smooth = cases.filter(({ dist, whole }) => !whole && !/Censored|ZeroInflated|Delta/.test(dist));
  test.each(titled(smooth.filter(({ points }) => points[0]![0] > -30)))("%s integrates to one", (_, { dist }) => {
    const [low, high, steps] = [-200, 180, 380_000]; // bounds lie between cells
    const xs = Array.from({ length: steps }, (_v, i) => low + ((i + 0.5) * (high - low)) / steps);
    const { logProb } = tabulate(dist, xs, false, ["log_prob"]);
    expect(logProb.reduce((sum, l) => sum + Math.exp(l), 0) * ((high - low) / steps)).toBeCloseTo(1, 4);
  });

  test.each(titled(cases.filter(({ whole }) => whole)))("%s sums to one", (_, { dist }) => {
    const xs = dist.includes("Bernoulli") ? [0, 1] : Array.from({ length: 200 }, (_v, k) => k);
    const { logProb } = tabulate(dist, xs, true, ["log_prob"]);
    expect(logProb.reduce((sum, l) => sum + Math.exp(l), 0)).toBeCloseTo(1, 9);
  });
});

describe("draws", () => {
  const continuous = cases.filter(({ dist, whole }) => !whole && !/Censored|ZeroInflated|Delta/.test(dist));
  /** Arcs of the circle are integrated at each halving of each draw: 40 s on the interpreter. */
  const MOST_MS = 300_000;
  test.each(titled(continuous))(
    "%s follow the distribution function",
    (_, { dist, points }) => {
      const draws = drawn(dist, false, 1, points[0]![0]);
      const { logCdf } = tabulate(dist, [...draws], false, ["log_cdf"]);
      const at = new Map([...draws].map((x, i) => [x, Math.exp(logCdf[i]!)]));
      expect(kolmogorovSmirnov(draws, (x) => at.get(x)!)).toBeLessThan(KS_LIMIT);
    },
    MOST_MS,
  );

  test.each(titled(cases.filter(({ whole }) => whole)))("%s follow the probabilities", (_, { dist, points }) => {
    const draws = drawn(dist, true, 1, points[0]![0]);
    const last = dist.includes("Bernoulli") ? 1 : 60;
    const { logProb } = tabulate(
      dist,
      Array.from({ length: last + 1 }, (_v, k) => k),
      true,
      ["log_prob"],
    );
    const { statistic, limit } = chiSquare(draws, Float64Array.from(logProb, Math.exp));
    expect(statistic).toBeLessThan(limit);
  });

  test.each([
    ["Censored(Normal(0, 1), lower = -1, upper = 1.5)", -1, 0.15865525393145707],
    ["Censored(Weibull(1.5, 2), upper = 3)", 3, 0.15927],
    ["ZeroInflated(Gamma(0.5, 1), 0.4)", 0, 0.4],
    ["Mixture([0.25, 0.75], [Delta(0), Exponential(2)])", 0, 0.25],
  ])("%s are at %d with its probability", (dist, at, p) => {
    const draws = drawn(dist, false);
    const share = draws.reduce((n, x) => n + (x === at ? 1 : 0), 0) / draws.length;
    expect(Math.abs(share - p)).toBeLessThan(4.5 * Math.sqrt((p * (1 - p)) / draws.length));
  });

  test("of another distribution are told apart", () => {
    const draws = drawn("Truncated(Normal(0, 1), lower = 0)", false);
    const { logCdf } = tabulate("Truncated(Normal(0, 1.2), lower = 0)", [...draws], false, ["log_cdf"]);
    const at = new Map([...draws].map((x, i) => [x, Math.exp(logCdf[i]!)]));
    expect(kolmogorovSmirnov(draws, (x) => at.get(x)!)).toBeGreaterThan(KS_LIMIT);
  });

  test.each([
    "Mixture([0.3, 0.7], [k in 2: MultivariateNormal(20 * k * ones(2), cov = eye(2))])",
    "Mixture([0.3, 0.7], [MultivariateNormal(zeros(2), cov = eye(2)), MultivariateNormal([20, 20], cov = eye(2))])",
  ])("%s: both entries from one component", (dist) => {
    const draws = drawn(dist, false, 2);
    const n = draws.length / 2;
    let high = 0;
    for (let i = 0; i < n; i++) {
      expect(Math.abs(draws[2 * i]! - draws[2 * i + 1]!)).toBeLessThan(10);
      high += draws[2 * i]! > 10 ? 1 : 0;
    }
    expect(Math.abs(high / n - 0.7)).toBeLessThan(4.5 * Math.sqrt(0.21 / n));
  });

  test("Ordered(D, K) are increasing, with the moments of order statistics", () => {
    const draws = drawn("Ordered(Uniform(0, 1), 3)", false, 3);
    const means = [0, 0, 0];
    draws.forEach((x, i) => (means[i % 3]! += x));
    const n = draws.length / 3;
    for (let i = 0; i < n; i++)
      expect(draws[3 * i]! < draws[3 * i + 1]! && draws[3 * i + 1]! < draws[3 * i + 2]!).toBe(true);
    means.forEach((sum, k) => expect(Math.abs(sum / n - (k + 1) / 4)).toBeLessThan(4.5 * Math.sqrt(3 / 80 / n)));
  });
});

describe("vectors", () => {
  const normal = (x: number, m: number, s: number): number =>
    -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
  const lse = (xs: readonly number[]): number => Math.log(xs.reduce((sum, x) => sum + Math.exp(x), 0));

  test("Ordered has the factor K! with a size, and not without; nothing where the order is broken", () => {
    const x = [-0.5, 0.25, 2];
    const plain = x.reduce((sum, v) => sum + normal(v, 0, 5), 0);
    expect(densityAt("Ordered(Normal(0, 5), 3)", x)).toBeCloseTo(Math.log(6) + plain, 12);
    expect(densityAt("Ordered(Normal(zeros(3), 5))", x)).toBeCloseTo(plain, 12);
    expect(densityAt("Ordered(Normal([1, 2, 3], 5))", x)).toBeCloseTo(
      x.reduce((sum, v, i) => sum + normal(v, i + 1, 5), 0),
      12,
    );
    expect(densityAt("Ordered(Exponential(2), 2)", [0.5, 1])).toBeCloseTo(Math.log(2) + 2 * Math.log(2) - 3, 12);
    expect(densityAt("Ordered(Flat(), 3)", x)).toBeCloseTo(Math.log(6), 12);
    expect(densityAt("Ordered(Normal(0, 5), 3)", [0, 2, 1])).toBe(-Infinity);
    expect(densityAt("Ordered(Exponential(2), 2)", [-0.5, 1])).toBe(-Infinity);
    expect(densityAt("Ordered(MultivariateNormal(zeros(3), cov = eye(3)))", x)).toBeCloseTo(
      x.reduce((sum, v) => sum + normal(v, 0, 1), 0),
      12,
    );
  });

  test("a scalar distribution with a shape is one of independent entries, each from a component of its own", () => {
    const [w, x] = [
      [0.25, 0.75],
      [0.5, -1, 3],
    ];
    const each = x.reduce(
      (sum, v) => sum + lse([Math.log(w[0]!) + normal(v, 0, 1), Math.log(w[1]!) + normal(v, 2, 3)]),
      0,
    );
    expect(densityAt("Mixture([0.25, 0.75], [Normal(zeros(3), 1), Normal(2, 3)])", x)).toBeCloseTo(each, 12);
    expect(densityAt("Mixture([0.25, 0.75], [k in 2: Normal(zeros(3) + 2 * k, 1 + 2 * k)])", x)).toBeCloseTo(each, 12);
    const rows = x.reduce(
      (sum, v, i) =>
        sum + lse([Math.log([0.5, 1, 0.25][i]!) + normal(v, 0, 1), Math.log([0.5, 0, 0.75][i]!) + normal(v, 2, 3)]),
      0,
    );
    expect(densityAt("Mixture([[0.5, 0.5], [1, 0], [0.25, 0.75]], [k in 2: Normal(2 * k, 1 + 2 * k)])", x)).toBeCloseTo(
      rows,
      12,
    );
    expect(densityAt("Mixture([[0.5, 0.5], [1, 0], [0.25, 0.75]], [Normal(0, 1), Normal(2, 3)])", x)).toBeCloseTo(
      rows,
      12,
    );
    expect(densityAt("Truncated(Normal([0, 1, 2], 1), lower = [-1, -2, -3])", x)).toBeCloseTo(
      x.reduce(
        (sum, v, i) =>
          sum + normal(v, i, 1) - Math.log([0.8413447460685429, 0.9986501019683699, 0.9999997133484281][i]!),
        0,
      ),
      12,
    );
  });

  test("a vector distribution is drawn whole from one component", () => {
    const x = [0.2, 0.3, 0.5];
    const peaked = Math.log(720 / 2) + Math.log(0.2) + 2 * Math.log(0.3) + Math.log(0.5);
    expect(densityAt("Mixture([0.4, 0.6], [Dirichlet([1, 1, 1]), Dirichlet([2, 3, 2])])", x)).toBeCloseTo(
      lse([Math.log(0.4) + Math.log(2), Math.log(0.6) + peaked]),
      12,
    );
    const at = (m: number): number => x.reduce((sum, v) => sum + normal(v, m, 1), 0);
    expect(densityAt("Mixture([0.4, 0.6], [k in 2: MultivariateNormal(k * ones(3), cov = eye(3))])", x)).toBeCloseTo(
      lse([Math.log(0.4) + at(0), Math.log(0.6) + at(1)]),
      12,
    );
  });
});

describe("gradients", () => {
  test.each([
    ["Truncated(Normal(m, s), lower = l, upper = 3)", "real", [1.5, 2.5]],
    ["Truncated(Normal(m, s), lower = -9, upper = -8)", "real", [-8.5]],
    ["Truncated(Normal(m, s), lower = 12)", "real", [12.25]],
    ["Truncated(Exponential(s), lower = 0, upper = 5)", "real", [1.5]],
    ["Truncated(Uniform(0, 10 * s), lower = 1, upper = 4)", "real", [1.5]],
    ["Truncated(Poisson(s), lower = 1)", "int", [1, 4]],
    ["Truncated(Normal(m, s), lower = -inf, upper = inf)", "real", [1.5]],
    ["Censored(Normal(m, s), lower = 0, upper = 2)", "real", [0, 1, 2]],
    ["Censored(Weibull(s, s), upper = inf)", "real", [1.5]],
    ["Censored(Gamma(s, 2), lower = 0)", "real", [1.5]],
    ["Mixture([p, 1 - p], [Normal(m, s), Normal(2, s)])", "real", [-3, 1.5]],
    ["Mixture([0.5, p * 0, 0.5], [k in 3: Normal(m + k, s)])", "real", [-3, 1.5]],
    ["Mixture([p, 1 - p], [Exponential(s), Uniform(1, 2)])", "real", [0.5, 1.5, 4]],
    ["ZeroInflated(Poisson(s), p)", "int", [0, 3]],
    ["ZeroInflated(Poisson(s), 0 * p)", "int", [0, 3]],
    ["ZeroInflated(Gamma(s, 2), p)", "real", [0, 3]],
    ["Mixture([p, 1 - p], [Delta(0), Gamma(s, 2)])", "real", [0, 3]],
  ])("%s by its parameters", (dist, type, xs) => {
    expect(gradientErrors(dist, type, xs)).toBeLessThan(1e-5);
  });
});

describe("refused", () => {
  const model = (dist: string): string =>
    `model { sample m ~ Normal(0, 1) sample s ~ HalfNormal(1) sample x ~ ${dist} factor -(x^2) }`;
  test.each([
    ["PPL308", "Truncated(Normal(0, 1))"],
    ["PPL308", "Truncated(Normal(0, 1), 0)"],
    ["PPL308", "Truncated(Normal(0, 1), low = 0)"],
    ["PPL402", "Truncated(1.5, lower = 0)"],
    ["PPL308", "Truncated(Flat(), lower = 0)"],
    ["PPL308", "Truncated(Bernoulli(0.5), lower = 0)"],
    ["PPL306", 'Truncated(Normal(0, 1), lower = "a")'],
    ["PPL428", "Censored(Normal(0, 1), lower = 0)"],
    ["PPL428", "ZeroInflated(Gamma(1, 1), 0.5)"],
    ["PPL308", "ZeroInflated(Categorical([0.5, 0.5]), 0.5)"],
    ["PPL310", "ZeroInflated(Poisson(1), 1.5)"],
    ["PPL308", "Mixture([0.5, 0.5])"],
    ["PPL308", "Mixture([0.5, 0.5], Normal(0, 1))"],
    ["PPL308", "Mixture([0.5, 0.5], [Normal(0, 1), Poisson(1)])"],
    ["PPL301", "Mixture([0.5, 0.5], [Normal(0, 1), Normal(1, 1), Normal(2, 1)])"],
    ["PPL301", "Mixture([0.5, 0.5], [k in 3: Normal(k, 1)])"],
    ["PPL308", "Mixture([0.5, 0.5], [k in 2, j in 2: Normal(k, 1)])"],
    ["PPL402", "Mixture([0.5, 0.5], [Normal(0, 1), 3])"],
    ["PPL428", "Mixture([0.5, 0.5], [Uniform(0, 1), Uniform(2, 3)])"],
    ["PPL308", "Mixture([0.5, 0.5], [Normal(0, 1), VonMises(0, 1)])"],
    ["PPL301", "Ordered(Normal(0, 1))"],
    ["PPL308", "Ordered(Poisson(1), 3)"],
    ["PPL308", "Ordered(Dirichlet(ones(3)), 3)"],
    ["PPL202", "Truncatd(Normal(0, 1), lower = 0)"],
    ["PPL201", "Mixture([0.5, 0.5], [k in 2: Normal(mu, 1)])"],
  ])("%s for %s", (code, dist) => {
    expect(codesOf(model(dist))[0]).toBe(code);
  });

  test("PPL421 warns of latent parameters of an unnormalised Ordered, and of nothing else", () => {
    const text = (dist: string): string => `model { sample m ~ Normal(0, 1) sample x ~ ${dist} factor -sum(x^2) }`;
    expect(codesOf(text("Ordered(Normal(m * ones(2), 1))"))).toContain("PPL421");
    expect(codesOf(text("Ordered(Normal(zeros(2), 1))"))).not.toContain("PPL421");
    expect(codesOf(text("Ordered(Normal(m, 1), 2)"))).not.toContain("PPL421");
  });

  test("sizes that only the data knows", () => {
    const text =
      "data { dim K; w: real[K]; y: real } " +
      "model { sample m ~ Normal(0, 1) observe y ~ Mixture(w, [Normal(m, 1), Normal(3, 1)]) }";
    expect(codesOf(text, { w: [0.2, 0.3, 0.5], y: 1 })).toContain("PPL301");
    expect(codesOf(text, { w: [0.5, 0.5], y: 1 })).toEqual([]);
  });
});
