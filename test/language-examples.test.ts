// The programs of the language's reference, fitted to data drawn from known values: the posterior is near them. A wrong value of the same
// program is the negative control. Distances are in posterior standard deviations.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { infer } from "../src/infer.ts";
import type { Fit, RawData } from "../src/result.ts";

/** Uniform and normal numbers, the same at every run: a linear congruential generator (Numerical Recipes, section 7.1) and Box-Muller. */
function randomNumbers(seed: number): { readonly uniform: () => number; readonly normal: () => number } {
  let state = seed;
  const uniform = (): number => {
    state = (1664525 * state + 1013904223) % 4294967296;
    return (state + 0.5) / 4294967296;
  };
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

const { uniform, normal } = randomNumbers(7);
const list = <T>(size: number, item: (i: number) => T): T[] => Array.from({ length: size }, (_, i) => item(i));
const coin = (p: number): number => (uniform() < p ? 1 : 0);
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

type Case = {
  readonly data: RawData;
  /** Sites or reports with the values that made the data: a number, or one per member. */ readonly truth: Readonly<
    Record<string, number | readonly number[]>
  >;
};

function schools(): Case {
  const s = list(40, () => 0.5);
  return { data: { y: s.map((sd) => 3 + 2 * normal() + sd * normal()), sigma: s }, truth: { mu: 3, tau: 2 } };
}

function regression(): Case {
  const x = list(150, () => [normal(), 5 + 2 * normal()]);
  return {
    data: { x, y: x.map(([a, b]) => coin(logistic(0.5 + a! - 0.8 * ((b! - 5) / 2)))) },
    truth: { a: 0.5, b: [1, -0.8] },
  };
}

function radon(): Case {
  const uranium = list(12, () => normal());
  const county = list(240, (i) => (i % 12) + 1);
  const floor = list(240, (i) => (i % 3 === 0 ? 1 : 0));
  const intercept = uranium.map((u) => 1 + 0.6 * u + 0.3 * normal());
  const slope = uranium.map(() => -0.5 + 0.2 * normal());
  return {
    data: {
      county,
      floor,
      uranium,
      log_radon: county.map((j, i) => intercept[j - 1]! + slope[j - 1]! * floor[i]! + 0.5 * normal()),
    },
    truth: { gamma: [1, 0.6, -0.5], sigma: 0.5 },
  };
}

function mixture(): Case {
  const z = list(120, () => coin(0.4) + coin(0.3));
  return { data: { y: z.map((k) => [-6, 0, 6][k]! + normal()) }, truth: { mu: [-6, 0, 6] } };
}

function topics(): Case {
  const doc = list(80, (t) => t % 4);
  return {
    data: { D: 4, V: 6, K: 2, doc, word: doc.map((d) => Math.floor(3 * uniform()) + (d < 2 ? 0 : 3)) },
    truth: {},
  };
}

function hidden(): Case {
  let state = 0;
  const states = list(120, () => (state = coin(0.9) === 1 ? state : 1 - state));
  return {
    data: { y: states.map((k) => [-2, 3][k]! + 0.7 * normal()) },
    truth: { mu: [-2, 3], sigma: 0.7, time_in_last: states.reduce((a, b) => a + b) / states.length },
  };
}

function garch(): Case {
  let [v, y] = [1, 0];
  const ys = list(200, (t) => {
    v = t === 0 ? 1 : 0.5 + 0.3 * (y - 1) ** 2 + 0.3 * v;
    return (y = 1 + Math.sqrt(v) * normal());
  });
  return { data: { y: ys, sigma0: 1 }, truth: { mu: 1, a1: 0.3 } };
}

function responses(): Case {
  const theta = list(40, () => normal());
  const [a, b] = [
    [0.8, 1.2, 1, 1.5, 0.7, 1.1],
    [-1, -0.5, 0, 0.5, 1, 0.2],
  ];
  const pairs = list(240, (n) => [n % 6, Math.floor(n / 6)] as const);
  return {
    data: {
      I: 6,
      J: 40,
      item: pairs.map(([i]) => i + 1),
      person: pairs.map(([, j]) => j + 1),
      y: pairs.map(([i, j]) => coin(logistic(a[i]! * (theta[j]! - b[i]!)))),
    },
    truth: { b },
  };
}

function captures(): Case {
  const animals = list(80, () => ({ present: coin(0.7), mass: 10 + 2 * normal() }));
  const caught = animals.map(({ present, mass }) => list(5, () => present * coin(logistic(0.2 + 0.3 * (mass - 10)))));
  return {
    data: { caught, mass: animals.map(({ mass }, i) => (caught[i]!.includes(1) ? mass : null)) },
    truth: { omega: 0.7, m: 10, s: 2, a: 0.2, b: 0.3, N: animals.filter(({ present }) => present === 1).length },
  };
}

function process(): Case {
  const x = list(16, (i) => i / 3);
  return { data: { x, y: x.map((at) => Math.sin((2 * Math.PI * at) / 3) + 0.2 * normal()) }, truth: { sigma: 0.2 } };
}

const cases: Readonly<Record<string, Case>> = {
  "eight-schools": schools(),
  "logistic-regression": regression(),
  radon: radon(),
  "gaussian-mixture": mixture(),
  lda: topics(),
  "hidden-markov-model": hidden(),
  garch: garch(),
  "item-response": responses(),
  "capture-recapture": captures(),
  "gaussian-process": process(),
};

/** The largest distance of a posterior mean from the truth, in posterior standard deviations. */
function farthest(fit: Fit, truth: Case["truth"]): number {
  const distances = Object.entries(truth).flatMap(([name, values]) => {
    const { mean, sd } = (fit.sites[name] ?? fit.reports[name])!;
    const [means, sds] = [[mean].flat() as number[], [sd].flat() as number[]];
    return [values].flat().map((value, i) => Math.abs(means[i]! - (value as number)) / sds[i]!);
  });
  return Math.max(0, ...distances);
}

/** Documents 0 and 1 use other words than 2 and 3: whichever topic is which, they differ in it. */
function expectTopics(fit: Fit): void {
  const share = (fit.sites["theta"]!.mean as number[][]).map(([first]) => first!);
  expect(Math.abs(share[0]! - share[1]!)).toBeLessThan(0.3);
  expect(Math.abs(share[0]! - share[2]!)).toBeGreaterThan(0.4);
}

describe("programs of the reference, fitted", () => {
  test.each(Object.entries(cases))(
    "%s",
    async (name, { data, truth }) => {
      const text = readFileSync(`test/golden/language/${name}.ppl`, "utf8");
      const fit = await infer({ path: `${name}.ppl`, text }, data, {
        seed: 1,
        draws: 400,
        policy: "exact",
        ...(name === "lda" ? { steps: 300 } : {}),
      });
      expect(Number.isFinite(fit.elbo.mean)).toBe(true);
      for (const [site, { values }] of Object.entries(fit.draws))
        expect([...values].some(Number.isNaN), site).toBe(site === "mass"); // NaN where it was measured
      expect(farthest(fit, truth)).toBeLessThan(4);
      if (name === "lda") expectTopics(fit);
      const wrong = Object.fromEntries(
        Object.entries(truth).map(([site, values]) => [site, [values].flat().map((x) => (x as number) + 30)]),
      );
      if (Object.keys(truth).length > 0) expect(farthest(fit, wrong)).toBeGreaterThan(4);
    },
    60_000,
  );
});
