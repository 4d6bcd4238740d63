// The stochastic protocol on noisy gradients of hand-written densities: right optimum, right verdict, survival of bad
// steps.

import { describe, expect, test } from "vitest";
import { normals } from "../src/fit/random.ts";
import { fitStochastic } from "../src/fit/stochastic.ts";
import { meanAndSd } from "../src/fit/summary.ts";
import type { StochasticResult, StochasticTarget } from "../src/fit/target.ts";
import {
  eightSchoolsCentred,
  eightSchoolsNoncentred,
  gaussian,
  gaussianMeanFieldElbo,
  gaussianObjective,
  type Bend,
  type Density,
} from "./support/targets.ts";

const noisy = (
  dim: number,
  density: Density,
  seed: number,
  bent: Parameters<typeof gaussianObjective>[3] = {},
): StochasticTarget => gaussianObjective(dim, density, (count, key) => normals(count, seed, "fit:test", key), bent);

const fitted = (
  target: StochasticTarget,
  options: Partial<Parameters<typeof fitStochastic>[1]> = {},
): StochasticResult => {
  const result = fitStochastic(target, { seed: 1, lambda: "path", ...options });
  if ("failure" in result) throw new Error(JSON.stringify(result));
  return result;
};

/** ELBO at params on draws of its own key. */
const elboAt = (target: StochasticTarget, params: Float64Array): number =>
  meanAndSd(target.values(params, 16384, 12_345)).mean;

describe.each([
  ["eight schools non-centred", eightSchoolsNoncentred, 10, -31.59726],
  ["eight schools centred", eightSchoolsCentred, 10, -33.4042],
  ["correlated Gaussian", gaussian([1, 10, 0.1], 0.6), 3, gaussianMeanFieldElbo(3, 0.6)],
] as const)("%s", (_name, density, dim, best) => {
  test.each(["total", "path", "adaptive"] as const)(
    "reaches the best mean-field guide with the score weight %s, and says so",
    (lambda) => {
      for (const seed of [1, 2]) {
        const target = noisy(dim, density, seed);
        const { params, verdict } = fitted(target, { seed, lambda });
        // 5 standard errors of an ELBO on 16384 draws, whose sd is below 1 here.
        expect(Math.abs(best - elboAt(target, params))).toBeLessThan(0.05 + 5 / Math.sqrt(16384));
        expect(verdict).toMatchObject({ converged: true, remarks: [] });
        expect(verdict.moved).toBeLessThan(0.05);
        expect(verdict.gradients % 8).toBe(0);
        expect(verdict.gradients).toBeLessThan(80_000);
      }
    },
  );
});

describe("the score weight", () => {
  test("is reported, and null where no site has a score term", () => {
    const target = noisy(3, gaussian([1, 2, 3], 0), 1);
    expect(fitted(target, { lambda: "total" }).lambda).toBe(0);
    expect(fitted(target, { lambda: 0.5 }).lambda).toBe(0.5);
    expect(fitted(target, { lambda: "adaptive" }).lambda).toBeGreaterThan(0.5);
    const plain = noisy(3, gaussian([1, 2, 3], 0), 1, { scored: false });
    expect(fitted(plain, { lambda: "adaptive" }).lambda).toBeNull();
  });

  test("1 takes the noise away where the guide can be the posterior", () => {
    const target = noisy(3, gaussian([1, 2, 3], 0), 1);
    const error = (lambda: "total" | "path"): number => Math.abs(elboAt(target, fitted(target, { lambda }).params));
    expect(error("path")).toBeLessThan(1e-6);
    expect(error("total")).toBeGreaterThan(1e-6);
  });
});

describe("starts", () => {
  /** Two modes with shares 0.02 and 0.98; the way up from 0 leads to the small one. */
  const twoModes: Density = (x) => {
    const log = ([-0.6, 1.8] as const).map(
      (at, i) => Math.log([0.02, 0.98][i]!) - ((x[0]! - at) / 0.1) ** 2 / 2 - Math.log(0.1 * Math.sqrt(2 * Math.PI)),
    );
    const value = Math.log(log.reduce((sum, l) => sum + Math.exp(l - Math.max(...log)), 0)) + Math.max(...log);
    const slope = [-0.6, 1.8].reduce((sum, at, i) => sum - (Math.exp(log[i]! - value) * (x[0]! - at)) / 0.01, 0);
    return { value, gradient: Float64Array.of(slope) };
  };

  test("ten of them: the higher mode is found, which is not so from zero alone", () => {
    for (const seed of [1, 2]) {
      const target = noisy(1, twoModes, seed);
      expect(elboAt(target, fitted(target, { seed }).params)).toBeGreaterThan(Math.log(0.98) - 0.05);
      const alone = { ...target, located: [false, false] };
      expect(elboAt(target, fitted(alone, { seed }).params)).toBeLessThan(Math.log(0.02) + 0.05);
    }
  });

  test("a mode that only a later start reaches takes over, and is told", () => {
    const target = noisy(1, twoModes, 1);
    const { params, verdict } = fitted(target, { seed: 1 });
    expect(elboAt(target, params)).toBeGreaterThan(Math.log(0.98) - 0.05);
    expect(verdict).toMatchObject({ converged: true, remarks: [{ kind: "restarted", times: 1 }] });
  });
});

describe("verdict and budget", () => {
  const target = noisy(10, eightSchoolsNoncentred, 1);

  test("a budget is kept, and without two cycles there is no convergence", () => {
    const { verdict } = fitted(target, { steps: 600 });
    expect(verdict).toMatchObject({ converged: false, moved: Infinity });
    expect(verdict.gradients).toBeLessThanOrEqual(600 * 8);
    // A cycle cut short proves nothing.
    expect(fitted(target, { steps: 1000 }).verdict.converged).toBe(false);
  });

  test("an unbounded objective does not converge", () => {
    const line: Density = (x) => ({ value: x[0]!, gradient: Float64Array.of(1) });
    expect(fitted(noisy(1, line, 1), { steps: 10_000 }).verdict.converged).toBe(false);
  });

  test("minibatches need two passes in a row", () => {
    expect(fitted(target, { minibatch: true }).verdict.rounds).toBeGreaterThan(fitted(target).verdict.rounds);
  });

  test("runs repeat; trace and progress grow", () => {
    const seen: number[] = [];
    const result = fitted(target, { onProgress: (event) => void seen.push(event.gradients) });
    expect(fitted(target)).toEqual(result);
    expect(seen.every((g, i) => i === 0 || g > seen[i - 1]!)).toBe(true);
    expect(result.trace.at(-1)![1]).toBeCloseTo(-31.6, 0);
  });
});

describe("gradients that are not finite", () => {
  const bent = (bend: Bend): StochasticTarget => noisy(3, gaussian([1, 2, 3], 0), 1, { bend });
  const base = bent((at) => at);
  /** NaN in parameter 2 at the steps chosen. */
  const broken = (bad: (step: number) => boolean): StochasticTarget =>
    bent((at, step) => (bad(step) ? { ...at, gradient: at.gradient.map((g, i) => (i === 2 ? NaN : g)) } : at));

  test("now and then: left out, counted, survived", () => {
    const { params, verdict } = fitted(broken((step) => step % 97 === 0));
    expect(verdict.converged).toBe(true);
    expect(verdict.remarks).toEqual([{ kind: "survived", steps: expect.any(Number) as number }]);
    expect(Math.abs(elboAt(base, params))).toBeLessThan(0.05);
  });

  test("again and again: the run ends with the step and the parameter", () => {
    expect(
      fitStochastic(
        broken(() => true),
        { seed: 1, lambda: "path" },
      ),
    ).toEqual({ failure: "not-finite", step: 19, parameter: 2 });
    const late = fitStochastic(
      broken((step) => step >= 1000 && step % 3 === 0),
      { seed: 1, lambda: "path" },
    );
    expect(late).toMatchObject({ failure: "not-finite", parameter: 2 });
    expect((late as { step: number }).step).toBeGreaterThan(1000);
  });

  test("an infinite value counts too, and is no parameter's fault", () => {
    const infinite = bent((at) => ({ ...at, value: -Infinity }));
    expect(fitStochastic(infinite, { seed: 1, lambda: "path" })).toMatchObject({
      failure: "not-finite",
      parameter: -1,
    });
  });
});
