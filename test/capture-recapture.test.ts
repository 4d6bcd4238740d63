// The capture-recapture example of the language reference on simulated data: animals that were never caught have neither a known presence nor a
// known mass. Its posterior against a Metropolis chain in plain code, with presences summed and masses integrated on a grid.

import { expect, test } from "vitest";
import { compile } from "../src/compile.ts";
import { reference } from "../src/exec/reference.ts";
import { infer } from "../src/infer.ts";
import { fixedTarget } from "../src/run/fixed-target.ts";

const TEXT = `data { dim M, T; caught: bool[M, T]; mass: real?[M] }
model {
  sample omega ~ Beta(1, 1)
  sample m ~ Normal(0, 10)
  sample s ~ HalfNormal(10)
  sample a ~ Normal(0, 2)
  sample b ~ Normal(0, 2)
  plate i in M {
    observe mass[i] ~ Normal(m, s)
    @marginal sample present[i] ~ Bernoulli(omega)
    observe caught[i] ~ Bernoulli(present[i] * inv_logit(a + b * (mass[i] - m)) * ones(T))
  }
  report N = sum(present)
}`;

/** A generator of the test's own: Lehmer's with modulus 2^31 - 1, and Box and Muller. */
function noise(seed: number): { readonly uniform: () => number; readonly normal: () => number } {
  let state = seed;
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

const logistic = (u: number): number => 1 / (1 + Math.exp(-u));
const logNormal = (x: number, m: number, s: number): number =>
  -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);

/** 80 animals of mass N(2, 1), caught at 5 visits with log odds 0.5 + 0.7 (mass - 2); rows of zeros for those who may be there, 85 in all. With few
 *  animals their masses and s make a funnel, to which a Gaussian guide does not bend. */
function simulated(): { readonly caught: number[][]; readonly mass: (number | null)[] } {
  const { uniform, normal } = noise(20261121);
  const animals = Array.from({ length: 80 }, () => {
    const mass = 2 + normal();
    return { mass, history: Array.from({ length: 5 }, () => (uniform() < logistic(0.5 + 0.7 * (mass - 2)) ? 1 : 0)) };
  });
  const seen = animals.filter(({ history }) => history.includes(1));
  const unseen = 85 - seen.length;
  return {
    caught: [...seen.map(({ history }) => history), ...Array.from({ length: unseen }, () => [0, 0, 0, 0, 0])],
    mass: [...seen.map(({ mass }) => mass), ...Array<null>(unseen).fill(null)],
  };
}

const DATA = simulated();
const VISITS = 5;
const seen = DATA.mass.flatMap((mass, i) =>
  mass === null ? [] : [{ mass, times: DATA.caught[i]!.reduce((x, y) => x + y, 0) }],
);
const unseen = DATA.mass.length - seen.length;

type Point = { readonly omega: number; readonly m: number; readonly s: number; readonly a: number; readonly b: number };

const logPrior = ({ omega, m, s, a, b }: Point): number =>
  omega <= 0 || omega >= 1 || s <= 0
    ? -Infinity
    : logNormal(m, 0, 10) + Math.log(2) + logNormal(s, 0, 10) + logNormal(a, 0, 2) + logNormal(b, 0, 2);

const logSeen = ({ omega, m, s, a, b }: Point): number =>
  seen.reduce((sum, { mass, times }) => {
    const p = logistic(a + b * (mass - m));
    return sum + logNormal(mass, m, s) + Math.log(omega) + times * Math.log(p) + (VISITS - times) * Math.log(1 - p);
  }, 0);

/** Probability that an animal that is there is never caught: its mass integrated over 6 sds on either side. */
function missed({ s, a, b }: Point): number {
  let sum = 0;
  for (let z = -6; z <= 6; z += 0.25)
    sum += 0.25 * Math.exp(logNormal(z, 0, 1)) * (1 - logistic(a + b * s * z)) ** VISITS;
  return sum;
}

test("log density at a point: presences summed, masses given", () => {
  const { target } = fixedTarget(compile({ path: "m.ppl", text: TEXT }, DATA).prepared, reference, []);
  const masses = Array.from({ length: unseen }, (_, i) => 1.5 + 0.1 * i);
  const at = { omega: 0.6, m: 1.9, s: 1.2, a: 0.1, b: 0.7 };
  const u = [Math.log(0.6 / 0.4), 1.9, Math.log(1.2), 0.1, 0.7, ...masses];
  const jacobian = Math.log(0.6 * 0.4) + Math.log(1.2);
  const wanted =
    logPrior(at) +
    logSeen(at) +
    jacobian +
    masses.reduce((sum, mass) => {
      const never = (1 - logistic(at.a + at.b * (mass - at.m))) ** VISITS;
      return sum + logNormal(mass, at.m, at.s) + Math.log(at.omega * never + 1 - at.omega);
    }, 0);
  expect(target.values(Float64Array.from(u), new Float64Array(0), new Float64Array(0), 1)[0]).toBeCloseTo(wanted, 9);
});

/** Means and sds under the posterior, by a random walk over the five parameters. */
function chain(
  length: number,
): Readonly<Record<"omega" | "m" | "s" | "a" | "b" | "N", { readonly mean: number; readonly sd: number }>> {
  const { uniform, normal } = noise(7);
  const logDensity = (at: Point): number => {
    const prior = logPrior(at);
    return prior === -Infinity ? prior : prior + logSeen(at) + unseen * Math.log(at.omega * missed(at) + 1 - at.omega);
  };
  let at: Point = { omega: 0.9, m: 2, s: 1, a: 0.5, b: 0.7 };
  let density = logDensity(at);
  const kept: Record<"omega" | "m" | "s" | "a" | "b" | "N", number>[] = [];
  for (let k = 0; k < length; k++) {
    const next = {
      omega: at.omega + 0.05 * normal(),
      m: at.m + 0.08 * normal(),
      s: at.s + 0.06 * normal(),
      a: at.a + 0.1 * normal(),
      b: at.b + 0.12 * normal(),
    };
    const proposed = logDensity(next);
    if (Math.log(uniform()) < proposed - density) [at, density] = [next, proposed];
    const never = at.omega * missed(at);
    if (k >= length / 10) kept.push({ ...at, N: seen.length + (unseen * never) / (never + 1 - at.omega) });
  }
  const of = (name: keyof (typeof kept)[number]): { readonly mean: number; readonly sd: number } => {
    const mean = kept.reduce((sum, x) => sum + x[name], 0) / kept.length;
    return { mean, sd: Math.sqrt(kept.reduce((sum, x) => sum + (x[name] - mean) ** 2, 0) / kept.length) };
  };
  return { omega: of("omega"), m: of("m"), s: of("s"), a: of("a"), b: of("b"), N: of("N") };
}

test("the posterior is that of the chain", async () => {
  const fit = await infer({ path: "m.ppl", text: TEXT }, DATA, { draws: 4000 });
  expect(fit.converged).toBe(true);
  const wanted = chain(25000);
  const { N, ...parameters } = wanted;
  for (const [name, { mean, sd }] of Object.entries(parameters)) {
    const found = fit.sites[name] as { readonly mean: number; readonly sd: number };
    expect(Math.abs(found.mean - mean) / sd, name).toBeLessThan(0.25);
    expect(Math.abs(found.sd / sd - 1), `sd of ${name}`).toBeLessThan(0.3);
  }
  const { mean, sd } = fit.reports["N"] as { readonly mean: number; readonly sd: number };
  expect(Math.abs(mean - N.mean)).toBeLessThan(0.25 * sd);
  // A draw of N has more spread than its mean given the parameters.
  expect(sd).toBeGreaterThan(N.sd);
  const latent = (fit.sites["mass"]!.mean as readonly number[]).map((x) => !Number.isNaN(x));
  expect(latent).toEqual(DATA.mass.map((x) => x === null));
  expect((fit.sites["present"]!.mean as readonly number[]).slice(0, seen.length).every((x) => x === 1)).toBe(true);
});
