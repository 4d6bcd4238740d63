// Guides that are mixtures, by hand: every component along its own path with the choice summed out, or the draw itself along the
// derivative of its distribution function. Means against integrals of the same bound in plain code.

import { describe, expect, test } from "vitest";
import { stratified } from "../src/estimator/stratified.ts";
import type { Placed, Site } from "../src/estimator/estimator.ts";
import { stop } from "../src/op/index.ts";
import { distance } from "./support/exact-checks.ts";
import { logNormal, softmax, type Theta } from "./support/exact-elbo.ts";
import { normalKnots, plain } from "./support/exact-noise.ts";
import {
  BOUND,
  compiled,
  moments,
  replicates,
  worstZ,
  type Other,
  type Replicates,
} from "./support/exact-replicates.ts";

const Y = 1.4;
const theta: Theta = { w: [0.3, -0.4], m: [-0.7, 1.1], ls: [-0.3, -0.6] };
const guide = (mixture: string): string =>
  `guide { param w: real[2] = 0  param m: real[2] = 0  param ls: real[2] = 0  sample x ~ ${mixture} }`;
const LIST = "Mixture(softmax(w), [Normal(m[0], exp(ls[0])), Normal(m[1], exp(ls[1]))])";
const EACH = "Mixture(softmax(w), [k in 2: Normal(m[k], exp(ls[k]))])";
const model = (mixture: string) =>
  plain(
    `data { y: real } model { sample x ~ Normal(0.2, 1.3)  observe y ~ Normal(0.6 * x ^ 2, 0.9) } ${guide(mixture)}`,
    { y: Y },
    theta,
  );

/** The bound as an integral on a line. */
function bound({ w, m, ls }: Theta): number {
  const p = softmax(w!);
  let total = 0;
  for (let i = -1500; i <= 1500; i++) {
    const x = i / 150;
    const q = p.reduce((s, pk, k) => s + pk * Math.exp(logNormal(x, m![k]!, Math.exp(ls![k]!))), 0);
    if (q > 0) total += (q * (logNormal(x, 0.2, 1.3) + logNormal(Y, 0.6 * x * x, 0.9) - Math.log(q))) / 150;
  }
  return total;
}

const exact = Object.entries(theta).flatMap(([name, values]) =>
  values.map((v, i) => {
    const at = (h: number): number => bound({ ...theta, [name]: values.map((x, j) => (j === i ? v + h : x)) });
    return (at(-2e-3) - 8 * at(-1e-3) + 8 * at(1e-3) - at(2e-3)) / 12e-3;
  }),
);

const knots = normalKnots(0.1, 9);

/** Both components at the same noise: their parts of the estimate add up, so that the mean is that over independent noise. */
function summedOut({ run }: Replicates, sites: readonly string[], perDraw: number) {
  const noise = Float64Array.from(knots.flatMap(({ at }) => Array<number>(perDraw).fill(at)));
  const { gradient, root } = run(knots.length, { noise: Object.fromEntries(sites.map((site) => [site, noise])) });
  const mean = (of: (r: number) => number): number => knots.reduce((s, { weight }, r) => s + weight * of(r), 0);
  return { gradient: exact.map((_, i) => mean((r) => gradient[r]![i]!)), value: mean((r) => root[r]!) };
}

/** The chosen component by its noise, each with its probability. */
function drawn({ run }: Replicates, sites: readonly string[], perDraw: number) {
  const rows = softmax(theta["w"]!).flatMap((p, k) =>
    knots.map(({ at, weight }) => ({ at, weight: p * weight, race: k === 0 ? [1 - 1e-9, 1e-9] : [1e-9, 1 - 1e-9] })),
  );
  const noise = Float64Array.from(rows.flatMap(({ at }) => Array<number>(perDraw).fill(at)));
  const race = Float64Array.from(rows.flatMap((row) => row.race));
  const { gradient, root } = run(rows.length, {
    noise: { ...Object.fromEntries(sites.map((site) => [site, noise])), "x%component": race },
  });
  const mean = (of: (r: number) => number): number => rows.reduce((s, { weight }, r) => s + weight * of(r), 0);
  return { gradient: exact.map((_, i) => mean((r) => gradient[r]![i]!)), value: mean((r) => root[r]!) };
}

const forms = [
  ["a list", LIST, ["x%0", "x%1"], 1],
  ["a comprehension", EACH, ["x"], 2],
] as const;

describe("a mixture of two: the exact gradient", () => {
  test.each(forms)("%s, the component summed out", (_, mixture, sites, perDraw) => {
    for (const estimator of ["stratified", "stratified(weight=0)", "stratified(weight=0.4)"]) {
      const found = summedOut(replicates(model(mixture), { estimators: { x: estimator } }), sites, perDraw);
      expect(distance(found.gradient, exact)).toBeLessThan(1e-8);
      expect(found.value).toBeCloseTo(bound(theta), 8);
    }
  });

  test.each(forms)("%s, drawn", (_, mixture, sites, perDraw) => {
    for (const estimator of ["implicit", "implicit(weight=0)", "total", "score"]) {
      const found = drawn(replicates(model(mixture), { estimators: { x: estimator } }), sites, perDraw);
      expect(distance(found.gradient, exact)).toBeLessThan(1e-6);
      expect(found.value).toBeCloseTo(bound(theta), 8);
    }
  });

  test("implicit is less noisy than the score function, the sum over components least of all", () => {
    const noise = (estimator: string): number =>
      moments(
        replicates(model(LIST), { estimators: { x: estimator }, particles: 2 }).run(4000).gradient,
      ).variance.reduce((a, b) => a + b, 0);
    const [stratifiedNoise, implicitNoise, looNoise] = ["stratified", "implicit", "loo"].map(noise);
    expect(implicitNoise!).toBeLessThan(looNoise!);
    expect(stratifiedNoise!).toBeLessThan(implicitNoise!);
  });
});

describe("what must not be right", () => {
  const biasOf = (place: (site: Site) => Placed): number =>
    distance(
      summedOut(replicates(model(LIST), { estimators: { x: "stratified" } }, { place } as Other), ["x%0", "x%1"], 1)
        .gradient,
      exact,
    );

  test("the control passes", () => expect(biasOf((site) => stratified.place(site, {}))).toBeLessThan(1e-8));

  test("held weights of the components", () => {
    expect(
      biasOf((site) => {
        const placed = stratified.place(site, {});
        return { ...placed, weight: { ...placed.weight!, prob: stop(placed.weight!.prob) } };
      }),
    ).toBeGreaterThan(0.02);
  });

  test("a value that is stopped", () => {
    expect(
      biasOf((site) => {
        const placed = stratified.place(site, {});
        return { ...placed, value: stop(placed.value) };
      }),
    ).toBeGreaterThan(0.02);
  });

  test("path through the choice of a component: the draw without the derivative of its distribution function", () => {
    const found = drawn(
      replicates(
        model(LIST),
        { estimators: { x: "implicit" } },
        {
          place: (site) => ({ value: stop(site.draw()), logq: site.frozen.logProb }),
        },
      ),
      ["x%0", "x%1"],
      1,
    );
    expect(distance(found.gradient, exact)).toBeGreaterThan(0.1);
  });
});

// ---------------------------------------------------------------------------------------- around it

describe("in models", () => {
  test("the default is stratified, under a bound of several draws dreg along the implicit path", () => {
    const chosen = (options: object) => compiled(model(LIST), { estimators: {}, ...options }).chosen.get("x")!;
    expect(chosen({}).estimator.name).toBe("stratified");
    expect(chosen({ objective: "iwae", particles: 3 }).estimator.name).toBe("dreg");
  });

  test("dreg, total and vimco under the bound of three draws agree", () => {
    const of = (estimator: string) =>
      moments(
        replicates(model(LIST), { estimators: { x: estimator }, particles: 3, objective: "iwae" }).run(4000).gradient,
      );
    const [dreg, total, vimco] = ["dreg", "total", "vimco"].map(of);
    for (const other of [dreg!, vimco!]) {
      expect(
        Math.max(...total!.mean.map((m, i) => Math.abs(m - other.mean[i]!) / Math.hypot(total!.se[i]!, other.se[i]!))),
      ).toBeLessThan(BOUND);
    }
  });

  test("members of a plate, each with a mixture of its own, above a site that reads them", () => {
    const nested = plain(
      `data { dim N; y: real[N] }
       model { sample s ~ Bernoulli(0.4) plate i in N { sample x[i] ~ Normal(if s then 1.0 else -1.0, 1)  sample u[i] ~ Normal(x[i], 1)  observe y[i] ~ Normal(u[i], 1) } }
       guide {
         param t = 0  param w: real[2] = 0  param m: real[2] = 0  param a = 0
         sample s ~ Bernoulli(logit = t)
         plate i in N { sample x[i] ~ Mixture(softmax(w), [Normal(m[0], 0.5), Normal(m[1], 0.8)])  sample u[i] ~ Normal(a + 0.4 * x[i], 0.7) }
       }`,
      { y: [0.4, -1.2] },
      { t: [0.2], w: [0.3, -0.4], m: [-0.7, 1.1], a: [0.3] },
    );
    const of = (x: string) =>
      moments(replicates(nested, { estimators: { s: "enumerate", x, u: "path" }, particles: 2 }).run(4000).gradient);
    const [summed, implicit, loo] = ["stratified", "implicit", "loo"].map(of);
    for (const other of [implicit!, loo!]) {
      expect(
        Math.max(
          ...summed!.mean.map((m, i) => Math.abs(m - other.mean[i]!) / Math.hypot(summed!.se[i]!, other.se[i]!)),
        ),
      ).toBeLessThan(BOUND);
    }
  });

  test("vectors that are mixtures as a whole: the component summed out, against the score function", () => {
    const vector = plain(
      `data { dim D = 2; y: real[D] }
       model { sample x ~ MultivariateNormal(zeros(D), chol = eye(D))  observe y ~ MultivariateNormal(x * x, chol = eye(D)) }
       guide { param w: real[2] = 0  param a: real[D] = 0  param b: real[D] = 0
         sample x ~ Mixture(softmax(w), [MultivariateNormal(a, chol = eye(D)), MultivariateNormal(b, chol = 0.5 * eye(D))]) }`,
      { y: [0.4, 1.2] },
      { w: [0.3, -0.4], a: [-0.7, 0.2], b: [1.1, 0.4] },
    );
    const of = (x: string) => moments(replicates(vector, { estimators: { x }, particles: 2 }).run(4000).gradient);
    const [summed, loo] = ["stratified", "loo"].map(of);
    expect(
      Math.max(...summed!.mean.map((m, i) => Math.abs(m - loo!.mean[i]!) / Math.hypot(summed!.se[i]!, loo!.se[i]!))),
    ).toBeLessThan(BOUND);
    expect(() => compiled(vector, { estimators: { x: "implicit" } })).toThrow(/does not move smoothly/);
  });

  test("entries with components of their own are not listed", () => {
    const entries = plain(
      `data { dim D = 3 } model { sample x ~ Normal(zeros(D), 1) }
       guide { param m: real[D] = 0  sample x ~ Mixture([0.4, 0.6], [Normal(m, 1), Normal(0, 1)]) }`,
      {},
      { m: [0.3, -0.2, 0.5] },
    );
    expect(() => compiled(entries, { estimators: { x: "stratified" } })).toThrow(/its guide is no mixture/);
    expect(
      worstZ(moments(replicates(entries, { estimators: { x: "implicit" } }).run(4000).gradient), entriesExact()),
    ).toBeLessThan(BOUND);
  });

  /** d/dm_i of minus the divergence of one entry, on a line. */
  function entriesExact(): readonly number[] {
    const at = (m: number): number => {
      let total = 0;
      for (let i = -1200; i <= 1200; i++) {
        const x = i / 120;
        const q = 0.4 * Math.exp(logNormal(x, m, 1)) + 0.6 * Math.exp(logNormal(x, 0, 1));
        total += (q * (logNormal(x, 0, 1) - Math.log(q))) / 120;
      }
      return total;
    };
    return [0.3, -0.2, 0.5].map((m) => (at(m + 1e-4) - at(m - 1e-4)) / 2e-4);
  }
});
