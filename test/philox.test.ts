// The generator: published known answers, base noise by index, streams and samplers against their distributions.

import { describe, expect, test } from "vitest";
import { philox } from "../src/exec/philox.ts";
import type { Sampler } from "../src/exec/draw/arithmetic.ts";
import { binomial, poisson } from "../src/exec/draw/counts.ts";
import { logGamma } from "../src/exec/draw/gamma.ts";
import { plain } from "../src/exec/draw/plain.ts";
import { vonMises } from "../src/exec/draw/von-mises.ts";
import { attempts, hashSite, noiseSource, type NoiseKey } from "../src/exec/random.ts";
import type { Inputs } from "../src/exec/engine.ts";
import { noise } from "../src/op/index.ts";
import { besselGap, digamma, lgamma, trigamma } from "../src/op/special/index.ts";
import { valueOf, type Sizes } from "./support/run-graph.ts";

const KEY: NoiseKey = { seed: 1, step: 0, site: "theta" };

const words = (counter: readonly number[], key: readonly number[]): string => {
  const out = new Uint32Array(4);
  philox(counter[0]!, counter[1]!, counter[2]!, counter[3]!, key[0]!, key[1]!, out);
  return [...out].map((w) => w.toString(16).padStart(8, "0")).join(" ");
};

/** kat_vectors of Random123, philox4x32 with 10 rounds. */
test.each([
  [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], "d16cfe09 94fdcceb 5001e420 24126ea1"],
])("known answer %#", (counter, key, answer) => {
  expect(words(counter, key)).toBe(answer);
});

test("site names are hashed by FNV-1a", () => {
  expect(hashSite("")).toBe(0x811c9dc5);
  expect(hashSite("a")).toBe(0xe40c292c);
  expect(hashSite("foobar")).toBe(0xbf9cf968);
});

describe("base noise", () => {
  test("an index has its counter, lane and slot", () => {
    const source = noiseSource("uniform", KEY);
    for (const index of [0, 1, 3, 4, 15, 16, 37, 1000003]) {
      const out = new Uint32Array(4);
      philox(4 * (index >> 4) + (index & 3), 0, hashSite("theta"), 0, 1, 0, out);
      expect(source(index)).toBe((out[(index >> 2) & 3]! + 0.5) / 2 ** 32);
    }
  });

  test("slots of a lane are a Box-Muller pair each", () => {
    const [u, z] = [noiseSource("uniform", KEY), noiseSource("normal", KEY)];
    for (const lane of [0, 1, 2, 3]) {
      for (const pair of [0, 2]) {
        const radius = Math.sqrt(-2 * Math.log(u(lane + 4 * pair)));
        const angle = 2 * Math.PI * (u(lane + 4 * pair + 4) - 2 ** -33);
        // Logarithm, sine and cosine of noise are short polynomials, right to 5e-12.
        expect(z(lane + 4 * pair)).toBeCloseTo(radius * Math.sin(angle), 10);
        expect(z(lane + 4 * pair + 4)).toBeCloseTo(radius * Math.cos(angle), 10);
      }
    }
  });

  test("golden values", () => {
    const source = noiseSource("normal", { seed: 42, step: 3, site: "z" });
    expect(Array.from({ length: 6 }, (_, i) => source(i))).toMatchInlineSnapshot(`
      [
        -0.09426481070037575,
        1.1905140899856157,
        -0.5080689490765578,
        0.8180624930169242,
        -0.5839461926574449,
        0.4391265538093372,
      ]
    `);
  });

  test("the order of calls does not matter", () => {
    const [forward, backward] = [noiseSource("normal", KEY), noiseSource("normal", KEY)];
    const there = Array.from({ length: 100 }, (_, i) => forward(i));
    const back = Array.from({ length: 100 }, (_, i) => backward(99 - i));
    expect(back.reverse()).toEqual(there);
  });

  test.each([
    ["seed", { seed: 2 }],
    ["high half of the seed", { seed: 1 + 2 ** 32 }],
    ["step", { step: 1 }],
    ["site", { site: "mu" }],
  ])("another %s gives other noise", (_, change) => {
    const [a, b] = [noiseSource("normal", KEY), noiseSource("normal", { ...KEY, ...change })];
    expect(correlation(Array.from({ length: 4096 }, (_, i) => [a(i), b(i)]))).toBeLessThan(5 / Math.sqrt(4096));
  });

  test("normal moments", () => {
    const n = 1 << 18;
    const source = noiseSource("normal", KEY);
    const z = Float64Array.from({ length: n }, (_, i) => source(i));
    const moment = (k: number): number => z.reduce((sum, v) => sum + v ** k, 0) / n;
    // standard errors of the first four moments of a normal: 1, √2, √15, √96 over √n
    [0, 1, 0, 3].forEach((expected, i) => {
      const se = Math.sqrt([1, 2, 15, 96][i]! / n);
      expect(Math.abs(moment(i + 1) - expected)).toBeLessThan(4.5 * se);
    });
    for (const lag of [1, 4, 16]) {
      expect(correlation(Array.from({ length: n - lag }, (_, i) => [z[i]!, z[i + lag]!]))).toBeLessThan(
        4.5 / Math.sqrt(n),
      );
    }
  });

  test("uniforms lie evenly in the open interval", () => {
    const n = 1 << 17,
      cells = 64;
    const source = noiseSource("uniform", KEY);
    const counts = new Float64Array(cells);
    for (let i = 0; i < n; i++) {
      const u = source(i);
      expect(u > 0 && u < 1).toBe(true);
      counts[Math.floor(u * cells)]! += 1;
    }
    expectChiSquare(
      counts,
      counts.map(() => n / cells),
    );
  });
});

/** Absolute value of the correlation of two standardised columns. */
function correlation(pairs: readonly (readonly number[])[]): number {
  return Math.abs(pairs.reduce((sum, [a, b]) => sum + a! * b!, 0)) / pairs.length;
}

/** Pearson's statistic within 4.5 standard deviations of its mean (degrees of freedom k, variance 2k). */
function expectChiSquare(counts: ArrayLike<number>, expected: ArrayLike<number>): void {
  let statistic = 0;
  for (let i = 0; i < counts.length; i++) statistic += (counts[i]! - expected[i]!) ** 2 / expected[i]!;
  const freedom = counts.length - 1;
  expect(Math.abs(statistic - freedom)).toBeLessThan(4.5 * Math.sqrt(2 * freedom));
}

describe("a noise node", () => {
  const node = noise("normal", "z", ["N", "particle"], [2]);
  const numbers = (sizes: Sizes, more: Partial<Inputs> = {}): Float64Array => valueOf(node, {}, sizes, more).values;

  test("more particles keep the first ones", () => {
    const [few, many] = [numbers({ N: 3, particle: 2 }), numbers({ N: 3, particle: 5 })];
    for (let n = 0; n < 3; n++) {
      for (let k = 0; k < 2; k++)
        expect(few.slice((n * 2 + k) * 2, (n * 2 + k) * 2 + 2)).toEqual(
          many.slice((n * 5 + k) * 2, (n * 5 + k) * 2 + 2),
        );
    }
  });

  test("a datum has its noise in every batch", () => {
    const all = numbers({ N: 6, particle: 2 });
    const batch = numbers({ N: 3, particle: 2 }, { members: { N: Int32Array.of(5, 0, 4) }, fullSizes: { N: 6 } });
    [5, 0, 4].forEach((member, n) =>
      expect(batch.slice(4 * n, 4 * n + 4)).toEqual(all.slice(4 * member, 4 * member + 4)),
    );
  });

  test("more data keep the draws of one particle, and of replicate axes", () => {
    const sizes = { N: 2, particle: 1 };
    expect(numbers({ ...sizes, N: 4 }).slice(0, 4)).toEqual(numbers(sizes));
    const repeated = noise("normal", "z", ["%replicate"], []);
    expect(valueOf(repeated, {}, { "%replicate": 8 }).values.slice(0, 3)).toEqual(
      valueOf(repeated, {}, { "%replicate": 3 }).values,
    );
  });

  test("the run may supply it", () => {
    const given = Float64Array.of(1, 2, 3, 4);
    expect(numbers({ N: 2, particle: 1 }, { noise: { z: given } })).toEqual(given);
    expect(() => numbers({ N: 3, particle: 1 }, { noise: { z: given } })).toThrow(/noise of z wants 6 numbers/);
  });

  test("no two elements share a number", () => {
    expect(new Set(numbers({ N: 50, particle: 20 })).size).toBe(2000);
  });
});

const DRAWS = 60_000;
function drawn(sampler: Sampler, ...parameters: readonly number[]): Float64Array {
  const wordsOf = attempts(KEY);
  return Float64Array.from({ length: DRAWS }, (_, i) =>
    sampler(
      plain((attempt) => wordsOf(i, attempt)),
      parameters,
    ),
  );
}
const mean = (x: Float64Array): number => x.reduce((sum, v) => sum + v, 0) / x.length;

describe("samplers", () => {
  test.each([0.05, 0.7, 1, 3.5, 400])("log Gamma of shape %d", (shape) => {
    const x = drawn(logGamma, shape);
    // E log g = ψ(a), Var log g = ψ'(a); E g = Var g = a
    expect(Math.abs(mean(x) - digamma(shape))).toBeLessThan(4.5 * Math.sqrt(trigamma(shape) / DRAWS));
    const g = x.map(Math.exp);
    expect(Math.abs(mean(g) - shape)).toBeLessThan(4.5 * Math.sqrt(shape / DRAWS));
    const variance = mean(x.map((v) => (v - digamma(shape)) ** 2));
    const spread = Math.sqrt(mean(x.map((v) => ((v - digamma(shape)) ** 2 - variance) ** 2)) / DRAWS);
    expect(Math.abs(variance - trigamma(shape))).toBeLessThan(4.5 * spread);
  });

  test.each([1e-9, 0, 0.3, 2, 50, 1e7])("von Mises of concentration %d", (k) => {
    const x = drawn(vonMises, k);
    expect(x.every((angle) => angle >= -Math.PI && angle < Math.PI)).toBe(true);
    // E cos θ = I_1/I_0, E cos² θ = 1 - I_1/(k I_0), E sin θ = 0; E sin² θ = I_1/(k I_0)
    const gap = besselGap(k);
    const share = k < 1e-6 ? 0.5 : (1 - gap) / k;
    const within = (of: (angle: number) => number, expected: number): void => {
      const values = x.map(of);
      const centre = mean(values);
      const spread = Math.sqrt(mean(values.map((v) => (v - centre) ** 2)) / DRAWS);
      expect(Math.abs(centre - expected)).toBeLessThan(4.5 * spread);
    };
    within((angle) => 2 * Math.sin(angle / 2) ** 2, gap);
    within((angle) => Math.sin(angle), 0);
    within((angle) => Math.sin(angle) ** 2, share);
    within((angle) => (angle > 0 ? 1 : 0), 0.5);
  });

  const logPoisson = (rate: number, k: number): number => k * Math.log(rate) - rate - lgamma(k + 1);
  test.each([0.3, 4, 9.9, 10, 57, 3000])("Poisson of rate %d", (rate) => {
    expectFrequencies(drawn(poisson, rate), (k) => Math.exp(logPoisson(rate, k)));
  });

  const logBinomial = (n: number, p: number, k: number): number =>
    lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p);
  test.each([
    [1, 0.3],
    [10, 0.5],
    [40, 0.9],
    [1000, 0.004],
    [100, 0.4],
    [5000, 0.7],
  ])("Binomial of %d and %d", (n, p) => {
    expectFrequencies(drawn(binomial, n, p), (k) => (k > n ? 0 : Math.exp(logBinomial(n, p, k))));
  });

  test("edges and parameters outside", () => {
    const once = (sampler: Sampler, ...parameters: readonly number[]): number =>
      sampler(
        plain((attempt) => attempts(KEY)(0, attempt)),
        parameters,
      );
    expect([once(poisson, 0), once(binomial, 7, 0), once(binomial, 7, 1), once(binomial, 0, 0.5)]).toEqual([
      0, 0, 7, 0,
    ]);
    expect([once(logGamma, Infinity), once(vonMises, Infinity)]).toEqual([Infinity, 0]);
    const outside = [
      once(poisson, -1),
      once(poisson, NaN),
      once(poisson, Infinity),
      once(binomial, 3, 1.1),
      once(binomial, 2.5, 0.5),
      once(binomial, Infinity, 0.5),
      once(logGamma, 0),
      once(vonMises, -1),
    ];
    expect(outside).toEqual(outside.map(() => NaN));
  });

  test("a wrong distribution is found", () => {
    const x = drawn(poisson, 20);
    expect(() => expectFrequencies(x, (k) => Math.exp(logPoisson(20.2, k)))).toThrow();
  });
});

/** Counts against probabilities, neighbours pooled until each cell expects 20. */
function expectFrequencies(x: Float64Array, probability: (k: number) => number): void {
  const counts: number[] = [],
    expected: number[] = [];
  let [count, mass, seen] = [0, 0, 0];
  const tally = new Map<number, number>();
  for (const k of x) tally.set(k, (tally.get(k) ?? 0) + 1);
  const largest = Math.max(...tally.keys());
  for (let k = 0; k <= largest; k++) {
    count += tally.get(k) ?? 0;
    mass += probability(k);
    if (mass * x.length < 20 || (1 - seen - mass) * x.length < 20) continue;
    counts.push(count);
    expected.push(mass * x.length);
    seen += mass;
    [count, mass] = [0, 0];
  }
  counts.push(x.length - counts.reduce((a, b) => a + b, 0));
  expected.push((1 - seen) * x.length);
  expectChiSquare(counts, expected);
}
