// The parts of the fit that are plain mathematics: matrices, L-BFGS, k-hat, summaries.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  hessianDiagonal,
  inverseHessianTimes,
  minimise,
  type Pair,
  type Point,
  type Setting,
} from "../src/fit/lbfgs.ts";
import {
  cholesky,
  dot,
  inverse,
  isDefinite,
  solveLower,
  solveLowerTransposed,
  timesLower,
  timesLowerTransposed,
} from "../src/fit/linear-algebra.ts";
import { fitPareto, khat } from "../src/fit/psis.ts";
import { normals } from "../src/fit/random.ts";
import { elboOf, quantile, summarise } from "../src/fit/summary.ts";
import { normalQuantile } from "../src/op/special/index.ts";

/** A random n x n matrix A A' + I / 10. */
function positive(n: number, seed: number): Float64Array {
  const a = normals(n * n, seed, "fit:test");
  return new Float64Array(n * n).map((_, index) => {
    const [i, j] = [Math.floor(index / n), index % n];
    return dot(a.slice(i * n, i * n + n), a.slice(j * n, j * n + n)) + (i === j ? 0.1 : 0);
  });
}

const times = (a: Float64Array, x: Float64Array): Float64Array =>
  x.map((_, i) => dot(a.slice(i * x.length, (i + 1) * x.length), x));
const distance = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, ai, i) => Math.max(most, Math.abs(ai - b[i]!)), 0);
const sizes = fc.record({ n: fc.integer({ min: 1, max: 12 }), seed: fc.nat(10_000) });

describe("linear algebra", () => {
  test("solves undo products; A A^-1 x = x", () => {
    fc.assert(
      fc.property(sizes, ({ n, seed }) => {
        const a = positive(n, seed);
        const l = cholesky(a, n)!;
        const x = normals(n, seed, "fit:test", 1);
        expect(distance(timesLower(l, timesLowerTransposed(l, x)), times(a, x))).toBeLessThan(1e-10);
        expect(distance(solveLower(l, timesLower(l, x)), x)).toBeLessThan(1e-9);
        expect(distance(solveLowerTransposed(l, timesLowerTransposed(l, x)), x)).toBeLessThan(1e-9);
        expect(distance(times(a, times(inverse(a, n)!, x)), x)).toBeLessThan(1e-8);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test("an indefinite matrix has no Cholesky factor, and NaN neither", () => {
    expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeNull();
    expect(cholesky(Float64Array.of(NaN), 1)).toBeNull();
  });

  test("definite is judged at unit diagonal", () => {
    expect(isDefinite(Float64Array.of(1e-12, 0, 0, 1e12), 2, 1e-11)).toBe(true);
    expect(isDefinite(Float64Array.of(1, 1 + 1e-13, 1 + 1e-13, 1), 2, 1e-11)).toBe(false);
    expect(isDefinite(Float64Array.of(-1, 0, 0, 1), 2, 1e-11)).toBe(false);
  });
});

const plainSetting: Setting = {
  memory: 20,
  iterations: 200,
  expand: 2,
  metric: (g) => g,
  firstScale: () => 1,
  limit: () => Infinity,
  rounding: 2 ** -52,
  stop: ({ decrement }) => decrement < 1e-14,
};

describe("L-BFGS", () => {
  test("finds the minimum of quadratics", () => {
    fc.assert(
      fc.property(sizes, ({ n, seed }) => {
        const a = positive(n, seed);
        const best = normals(n, seed, "fit:test", 2);
        const f = (v: Float64Array): Point => {
          const off = v.map((vi, i) => vi - best[i]!);
          const g = times(a, off);
          return { v, f: dot(off, g) / 2, g };
        };
        const end = minimise(f, f(new Float64Array(n)), [], plainSetting);
        expect(end.reason).toBe("stopped");
        expect(end.point.f).toBeLessThan(1e-10);
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  test("the diagonal of the Hessian is that of the inverse of what the two-loop recursion applies", () => {
    const n = 5;
    const a = positive(n, 4);
    const pairs: Pair[] = [1, 2, 3].map((k) => {
      const s = normals(n, 4, "fit:test", k);
      return { s, y: times(a, s), own: true };
    });
    const dense = new Float64Array(n * n);
    for (let j = 0; j < n; j++) {
      dense.set(
        inverseHessianTimes(new Float64Array(n).fill(1, j, j + 1), pairs, (g) => g, 0.7),
        j * n,
      );
    }
    const direct = inverse(dense, n)!;
    expect(
      distance(
        hessianDiagonal(pairs, 0.7, n),
        direct.filter((_, index) => index % (n + 1) === 0),
      ),
    ).toBeLessThan(1e-9);
  });

  test("a wall of infinity is stepped back from, a gradient of 1e100 is survived", () => {
    const wall = (v: Float64Array): Point => {
      const x = v[0]!;
      return x >= 1
        ? { v, f: Infinity, g: Float64Array.of(NaN) }
        : { v, f: -x - Math.log(1 - x) / 10, g: Float64Array.of(-1 + 0.1 / (1 - x)) };
    };
    expect(minimise(wall, wall(Float64Array.of(-50)), [], plainSetting).point.v[0]).toBeCloseTo(0.9, 5);
    const steep = (v: Float64Array): Point => ({ v, f: Math.cosh(v[0]!), g: Float64Array.of(Math.sinh(v[0]!)) });
    expect(
      Math.abs(
        minimise(steep, steep(Float64Array.of(230)), [], {
          ...plainSetting,
          iterations: 400,
          expand: 4,
          firstScale: (g) => 1 / Math.abs(g[0]!),
        }).point.v[0]!,
      ),
    ).toBeLessThan(1e-5);
  });

  test("a step limit holds, and a flat start stops at once", () => {
    const line = (v: Float64Array): Point => ({ v, f: -v[0]!, g: Float64Array.of(-1) });
    const end = minimise(line, line(Float64Array.of(0)), [], {
      ...plainSetting,
      iterations: 7,
      limit: (p) => 0.5 / Math.abs(p[0]!),
    });
    expect(end.point.v[0]).toBeCloseTo(3.5, 12);
    expect(end.reason).toBe("iterations");
    const flat = (v: Float64Array): Point => ({ v, f: 0, g: new Float64Array(1) });
    expect(minimise(flat, flat(Float64Array.of(0)), [], plainSetting).iteration).toBe(0);
  });

  test("scales a million apart, where the first search cannot succeed", () => {
    const valley = (v: Float64Array): Point => {
      const [a, b] = [v[0]! / 1e-8 - 1, v[1]! / 1e8 - 1];
      return { v, f: (a * a + b * b) / 2, g: Float64Array.of(a / 1e-8, b / 1e8) };
    };
    const end = minimise(valley, valley(new Float64Array(2)), [], {
      ...plainSetting,
      stop: ({ point }) => point.f < 0.51,
    });
    expect(end.reason).toBe("stopped");
  });

  test("a wrong gradient never looks like a minimum", () => {
    const liar = (v: Float64Array): Point => ({ v, f: v[0]! ** 2 + 1, g: Float64Array.of(-2 * v[0]!) });
    expect(minimise(liar, liar(Float64Array.of(1)), [], plainSetting).reason).not.toBe("stopped");
  });
});

describe("k-hat", () => {
  const pareto = (p: number, k: number): number => (k === 0 ? -Math.log1p(-p) : Math.expm1(-k * Math.log1p(-p)) / k);
  const grid = (n: number, f: (p: number) => number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => f((i + 0.5) / n));

  // Own 40-digit and numpy computations of the same algorithm.
  test.each([
    [0.5, 20, 0.518379805133, 0.949102204077],
    [0.5, 100, 0.504492784502, 0.989963637943],
    [0.5, 400, 0.50105419007, 0.997625729566],
    [0, 100, 0.065625563531, 0.975219939084],
    [0.7, 100, 0.680035988101, 0.996079730645],
    [-0.3, 100, -0.199476916551, 0.968990061289],
  ])("Pareto quantiles of shape %f, n = %i", (k, n, shape, scale) => {
    const fit = fitPareto(grid(n, (p) => pareto(p, k)));
    expect(fit.shape).toBeCloseTo(shape, 10);
    expect(fit.scale).toBeCloseTo(scale, 10);
  });

  const ratios = {
    z: (p: number) => normalQuantile(p),
    "2z": (p: number) => 2 * normalQuantile(p),
    pareto: (p: number) => -0.6 * Math.log1p(-p),
  };
  test.each([
    ["z", 100, 0.3681400558, 41.003999],
    ["z", 1000, 0.290753024476, 376.972324],
    ["z", 4000, 0.263720026939, 1485.399671],
    ["2z", 100, 0.66308624106, 10.723107],
    ["2z", 1000, 0.666497290274, 47.380206],
    ["2z", 4000, 0.623748781356, 140.623338],
    ["pareto", 100, 0.549143571152, 44.2865],
    ["pareto", 1000, 0.583865196125, 260.514386],
    ["pareto", 4000, 0.591317664127, 757.759625],
  ] as const)("whole procedure: %s, n = %i", (name, n, shape, ess) => {
    const { khat: found, logWeights: weights } = khat(grid(n, ratios[name]));
    const logWeights = weights();
    expect(found).toBeCloseTo(shape, 9);
    expect(1 / logWeights.reduce((sum, w) => sum + Math.exp(2 * w), 0)).toBeCloseTo(ess, 4);
    expect(logWeights.reduce((sum, w) => sum + Math.exp(w), 0)).toBeCloseTo(1, 12);
  });

  test("order does not matter, and weights stay with their draws", () => {
    const sorted = grid(200, ratios.z);
    const shuffled = Float64Array.from(sorted, (_, i) => sorted[(i * 77) % 200]!);
    const [a, b] = [khat(sorted), khat(shuffled)];
    expect(b.khat).toBe(a.khat);
    expect(b.logWeights()[3]).toBe(a.logWeights()[(3 * 77) % 200]);
  });

  test("a guide too narrow is seen, a guide that is the posterior passes, nonsense does not", () => {
    const narrow = normals(4000, 1, "fit:test").map((z) => -0.5 * (0.3 * z) ** 2 + 0.5 * z ** 2);
    expect(khat(narrow).khat).toBeGreaterThan(0.7);
    expect(khat(new Float64Array(1000).fill(-35.2)).khat).toBe(0);
    expect(khat(Float64Array.of(1, 2, NaN, 4, 5, 6)).khat).toBe(Infinity);
    expect(khat(new Float64Array(100).fill(-Infinity)).khat).toBe(Infinity);
    expect(khat(Float64Array.of(1, 2)).khat).toBe(Infinity);
    const half = Float64Array.from({ length: 1000 }, (_, i) =>
      i % 2 === 0 ? -Infinity : normalQuantile((i + 0.5) / 1000),
    );
    expect(khat(half).khat).toBeLessThan(0.7);
    expect(khat(half).logWeights()[0]).toBe(-Infinity);
  });
});

describe("summaries", () => {
  test("type 7 quantiles, sd over n - 1, by element", () => {
    const draws = Float64Array.of(1, 10, 2, 30, 3, 20, 4, 40);
    const { mean, sd, q05, q50, q95 } = summarise(draws, 2);
    expect([...mean]).toEqual([2.5, 25]);
    expect(sd[0]).toBeCloseTo(Math.sqrt(5 / 3), 14);
    expect([...q50]).toEqual([2.5, 25]);
    expect(q05[0]).toBeCloseTo(1.15, 12);
    expect(q95[1]).toBeCloseTo(38.5, 12);
    expect(quantile(Float64Array.of(7), 0.3)).toBe(7);
  });

  test("ELBO with its standard error; infinite where one draw is", () => {
    expect(elboOf(Float64Array.of(-1, -3), Float64Array.of(1, 1))).toEqual({ mean: -3, se: 1 });
    expect(elboOf(Float64Array.of(-1, -Infinity), Float64Array.of(1, 1))).toEqual({ mean: -Infinity, se: Infinity });
  });
});
