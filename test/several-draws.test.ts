// Bounds of several draws against exact values, by quadrature over the noise: z ~ N(theta, 1), x | z ~ N(z, 1), x = 1, and a Gaussian guide.

import { describe, expect, test } from "vitest";
import { compile } from "../src/compile.ts";
import { VariateError } from "../src/base/diagnostic.ts";
import { dreg } from "../src/estimator/dreg.ts";
import { stlIwae } from "../src/estimator/stl-iwae.ts";
import { total } from "../src/estimator/total.ts";
import { vimco } from "../src/estimator/vimco.ts";
import { distance } from "./support/exact-checks.ts";
import { expectedOver, normalKnots, plain, setsOf, type Sets } from "./support/exact-noise.ts";
import type { TestModel } from "./support/exact-model.ts";
import { BOUND, moments, replicates, worstZ } from "./support/exact-replicates.ts";

const gaussian = (mu: number, l: number): TestModel =>
  plain(
    `data { x: real }
     model { param theta = 0  sample z ~ Normal(theta, 1)  observe x ~ Normal(z, 1) }
     guide { param mu = 0  param l = 0  sample z ~ Normal(mu, exp(l)) }`,
    { x: 1 },
    { mu: [mu], l: [l], theta: [0] },
  );

const sets: Readonly<Record<number, Sets>> = {
  1: setsOf(normalKnots(0.1, 9), 1),
  2: setsOf(normalKnots(0.15, 8.4), 2),
  3: setsOf(normalKnots(0.25, 7.5), 3),
};

const expected = (model: TestModel, estimator: string, particles: number, objective = "iwae") =>
  expectedOver(replicates(model, { estimators: { z: estimator }, particles, objective }), sets[particles]!, "z");

describe("the importance weighted bound", () => {
  // k, mu, l, bound, d mu, d mu of stl-iwae, d l, d l of stl-iwae, d theta
  const table = [
    [1, 0, 0, -1.918938533205, 1, 1, -1, -1, 0],
    [1, 0.8, -0.5, -1.626817974376, -0.6, -0.6, 0.264241117657, 0.264241117657, 0.8],
    [2, 0, 0, -1.653473786563, 0.3858458685, 0.69292293425, -0.227473456973, -0.460198195612, 0.30707706575],
    [2, 0.8, -0.5, -1.587478122432, -0.399526374372, -0.671998281187, 0.244423731743, 0.353099923797, 0.699763187186],
    [3, 0, 0, -1.594066624404, 0.216490858873, 0.608245429436, -0.099956695785, -0.354101062611, 0.391754570564],
    [3, 0.8, -0.5, -1.569791667445, -0.307260153962, -0.705134855938, 0.217071314475, 0.400544134489, 0.653630076981],
  ] as const;
  test.each(table)("k = %d at (%d, %d)", (k, mu, l, bound, byMu, biasedMu, byL, biasedL, byTheta) => {
    const model = gaussian(mu, l);
    for (const estimator of k === 1 ? ["path", "total"] : ["total", "dreg"]) {
      const { gradient, value } = expected(model, estimator, k);
      expect(distance(gradient, [byMu, byL, byTheta])).toBeLessThan(1e-8);
      expect(Math.abs(value - bound)).toBeLessThan(1e-8);
    }
    if (k === 1) return;
    const { gradient, value } = expected(model, "stl-iwae", k);
    expect(distance(gradient, [biasedMu, biasedL, byTheta])).toBeLessThan(1e-8);
    expect(Math.abs(value - bound)).toBeLessThan(1e-8);
  });
});

describe("the Rényi bound of two draws at (0, 0)", () => {
  test.each([
    [0.5, -1.755357494939, 0.591562081124, -0.438576535075],
    [-1, -1.546307689672, 0.217088685618, -0.105523958891],
  ])("alpha = %d", (alpha, bound, byMu, byL) => {
    for (const estimator of ["total", "dreg", "score", "vimco"]) {
      const { gradient, value } = expected(gaussian(0, 0), estimator, 2, `renyi(alpha=${alpha})`);
      expect(distance(gradient.slice(0, 2), [byMu, byL])).toBeLessThan(1e-8);
      expect(Math.abs(value - bound)).toBeLessThan(1e-8);
    }
  });

  test("its limits: alpha = 0 is iwae, alpha near 1 the ELBO", () => {
    const at = (objective: string): readonly number[] => expected(gaussian(0.8, -0.5), "dreg", 2, objective).gradient;
    expect(distance(at("renyi(alpha=0)"), at("iwae"))).toBe(0);
    const elbo = expected(gaussian(0.8, -0.5), "total", 2, "elbo").gradient;
    expect(distance(at("renyi(alpha=0.99999)"), elbo)).toBeLessThan(1e-5);
    expect(distance(at("iwae"), elbo)).toBeGreaterThan(0.1);
  });
});

describe("estimators of one bound", () => {
  test("score functions, with and without baseline, have its gradient", () => {
    const exact = expected(gaussian(0.8, -0.5), "total", 2).gradient;
    for (const estimator of ["score", "vimco"]) {
      expect(distance(expected(gaussian(0.8, -0.5), estimator, 2).gradient, exact)).toBeLessThan(1e-8);
    }
    const [plainly, compared] = ["score", "vimco"].map((e) => expected(gaussian(0.8, -0.5), e, 3).variance);
    compared!.slice(0, 2).forEach((v, i) => expect(v).toBeLessThan(0.5 * plainly![i]!));
  });

  test("its value does not depend on them", () => {
    const value = (estimator: string): number[] => [
      ...replicates(gaussian(0.8, -0.5), { estimators: { z: estimator }, particles: 3, objective: "iwae" }).run(20)
        .root,
    ];
    for (const other of ["dreg", "stl-iwae", "score", "vimco"]) {
      value(other).forEach((v, i) => expect(v).toBeCloseTo(value("total")[i]!, 12));
    }
  });

  test("path gradients are zero for every draw where the guide is the posterior, the total derivative is not", () => {
    const model = gaussian(0.5, 0.5 * Math.log(0.5));
    const largest = (estimator: string): number => {
      const { gradient } = replicates(model, { estimators: { z: estimator }, particles: 4, objective: "iwae" }).run(
        200,
      );
      return Math.max(...gradient.map(([mu, l]) => Math.max(Math.abs(mu!), Math.abs(l!))));
    };
    for (const estimator of ["dreg", "stl-iwae"]) expect(largest(estimator)).toBeLessThan(1e-12);
    expect(largest("total")).toBeGreaterThan(0.1);
    expect(expected(model, "dreg", 3).value).toBeCloseTo(-1.515512123485, 10);
  });

  test("signal to noise in mu: that of dreg grows with the draws, that of the total derivative falls", () => {
    const ratio = (estimator: string, particles: number): number => {
      const rows = replicates(gaussian(0, 0), { estimators: { z: estimator }, particles, objective: "iwae" }).run(
        4000,
      ).gradient;
      const { mean, variance } = moments(rows.map(([mu]) => [mu!]));
      return Math.abs(mean[0]!) / Math.sqrt(variance[0]!);
    };
    const draws = [2, 10, 50];
    const [dreg, total] = ["dreg", "total"].map((e) => draws.map((k) => ratio(e, k)));
    // The error of a ratio r from n estimates is near sqrt((1 + r^2 / 2) / n).
    [
      [0.84, 1.56, 3.64],
      [0.31, 0.107, 0.063],
    ].forEach((column, e) =>
      column.forEach((r, i) =>
        expect(Math.abs([dreg, total][e]![i]! - r)).toBeLessThan(5 * Math.sqrt((1 + r ** 2 / 2) / 4000) + 0.02 * r),
      ),
    );
    expect(dreg![0]! < dreg![1]! && dreg![1]! < dreg![2]!).toBe(true);
    expect(total![0]! > total![1]! && total![1]! > total![2]!).toBe(true);
  });
});

// ---------------------------------------------------------------------------------------- several sites

const hierarchy = plain(
  `data { x: real }
   model { sample z2 ~ Normal(0, 1)  sample z1 ~ Normal(z2, 1)  observe x ~ Normal(z1, 1) }
   guide {
     param m = 0  param l1 = 0  param w = 0  param b = 0  param l2 = 0
     sample z1 ~ Normal(m, exp(l1))
     sample z2 ~ Normal(w * z1 + b, exp(l2))
   }`,
  { x: 1.3 },
  { m: [0.3], l1: [-0.4], w: [0.2], b: [0.4], l2: [-0.1] },
);

describe("two layers: the leaves are stopped, the path through the guide of the lower layer is kept", () => {
  const setup = (estimator: string) => ({
    estimators: { z1: estimator, z2: estimator },
    particles: 3,
    objective: "iwae",
  });

  test("dreg and the total derivative have one mean", () => {
    const total = moments(replicates(hierarchy, setup("total")).run(20_000).gradient);
    const dreg = moments(replicates(hierarchy, setup("dreg")).run(20_000).gradient);
    const z = dreg.mean.map((d, i) => Math.abs(d - total.mean[i]!) / Math.hypot(dreg.se[i]!, total.se[i]!));
    expect(Math.max(...z)).toBeLessThan(BOUND);
  });

  test("a score site beside a path, a path beside a score site", () => {
    const exact = moments(replicates(hierarchy, setup("dreg")).run(20_000).gradient);
    for (const estimators of [
      { z1: "dreg", z2: "total" },
      { z1: "vimco", z2: "dreg" },
      { z1: "total", z2: "vimco" },
      { z1: "score", z2: "score" },
    ]) {
      const found = moments(replicates(hierarchy, { ...setup("dreg"), estimators }).run(20_000).gradient);
      const z = found.mean.map((d, i) => Math.abs(d - exact.mean[i]!) / Math.hypot(found.se[i]!, exact.se[i]!));
      expect(Math.max(...z)).toBeLessThan(BOUND);
    }
  });
});

describe("what dreg does not go together with is refused, and would be biased", () => {
  const mixed = [
    ["dreg", "vimco"],
    ["dreg", "stlIwae"],
    ["total", "dreg"],
  ] as const;
  test.each(mixed)("%s above %s", (z1, z2) => {
    const setup = { particles: 3, objective: "iwae" };
    const rows = { dreg, vimco, total, stlIwae };
    expect(() => replicates(hierarchy, { ...setup, estimators: { z1: rows[z1].name, z2: rows[z2].name } })).toThrow(
      /the guide of z2.* reads it/,
    );
    const forced = replicates(
      hierarchy,
      { ...setup, estimators: { z1: "total", z2: "total" } },
      {
        place: ({ name, ...site }) => rows[name === "z1" ? z1 : z2].place({ name, ...site }, {}),
      },
    );
    const [exact, found] = [replicates(hierarchy, { ...setup, estimators: { z1: "dreg", z2: "dreg" } }), forced].map(
      (r) => moments(r.run(40_000).gradient),
    );
    // The parameters of z1's guide, which come first.
    const z = found!.mean
      .slice(0, 2)
      .map((d, i) => Math.abs(d - exact!.mean[i]!) / Math.hypot(found!.se[i]!, exact!.se[i]!));
    expect(Math.max(...z)).toBeGreaterThan(BOUND);
  });

  test("by default both have dreg; above a category the score stays in", () => {
    const chosen = (text: string) =>
      compile({ path: "m.ppl", text }, { x: 1.3 }, { objective: "iwae", particles: 3 }).prepared.chosen;
    expect([...chosen(hierarchy.text).values()].map(({ estimator }) => estimator.name)).toEqual(["dreg", "dreg"]);
    const above = `data { x: real } model { sample a ~ Normal(0, 1) sample b ~ Bernoulli(0.3) observe x ~ Normal(a + b, 1) }
      guide { param m = 0 param w = 0 sample a ~ Normal(m, 1) sample b ~ Bernoulli(logit = w * a) }`;
    expect(chosen(above).get("a")!.estimator.name).toBe("total");
  });
});

// ---------------------------------------------------------------------------------------- a discrete site

const logit = (t: readonly number[]): number[] => {
  const total = t.reduce((s, x) => s + Math.exp(x), 0);
  return t.map((x) => Math.exp(x) / total);
};
const mixed = { y: 0.7, p: [0.5, 0.2, 0.3], loc: [-1.1, 0.4, 1.7] };
const states = plain(
  `data { dim K = 3; y: real; p: real[K]; loc: real[K] }
   model { sample z ~ Categorical(p)  observe y ~ Normal(loc[z], 0.8) }
   guide { param t: real[K] = 0  sample z ~ Categorical(logit = t) }`,
  mixed,
  { t: [0.31, -0.52, 0.17] },
);

/** By all triples of states: bound, and its derivatives by differences. */
function triples(t: readonly number[]): number {
  const q = logit(t);
  const w = q.map(
    (qz, z) =>
      (mixed.p[z]! * Math.exp(-0.5 * ((mixed.y - mixed.loc[z]!) / 0.8) ** 2)) / (0.8 * Math.sqrt(2 * Math.PI)) / qz,
  );
  let bound = 0;
  for (let a = 0; a < 3; a++)
    for (let b = 0; b < 3; b++)
      for (let c = 0; c < 3; c++) bound += q[a]! * q[b]! * q[c]! * Math.log((w[a]! + w[b]! + w[c]!) / 3);
  return bound;
}
const slopes = states.theta["t"]!.map((_, i) => {
  const at = (h: number): number => triples(states.theta["t"]!.map((x, j) => (j === i ? x + h : x)));
  return (at(-2e-3) - 8 * at(-1e-3) + 8 * at(1e-3) - at(2e-3)) / 12e-3;
});

describe("a category under a bound of three draws", () => {
  const setup = (estimator: string) => ({ estimators: { z: estimator }, particles: 3, objective: "iwae" });
  test.each(["score", "ema", "vimco", "ar", "ars", "arsm", "ars+", "arsm+", "rebar", "relax"])("%s", (estimator) => {
    const { gradient, root } = replicates(states, setup(estimator)).run(6000);
    expect(worstZ(moments(gradient), slopes)).toBeLessThan(BOUND);
    expect(worstZ(moments([...root].map((v) => [v])), [triples(states.theta["t"]!)])).toBeLessThan(BOUND);
  });

  test("methods that follow the cost in the one-hot value are biased, and say so: the logarithm bends the cost between states", () => {
    for (const estimator of ["st", "reinmax", "reinmax-rao"]) {
      const rep = replicates(states, setup(estimator));
      expect(rep.prepared.chosen.get("z")!.estimator.bias).not.toBe("none");
      const { mean, se } = moments(rep.run(6000).gradient);
      expect(Math.max(...mean.map((m, i) => Math.abs(m - slopes[i]!) / se[i]!))).toBeGreaterThan(10);
    }
  });

  test("the default of a category is reinmax-rao, and loo, enumerate and path are refused", () => {
    const prepared = (estimators: Readonly<Record<string, string>>) =>
      compile({ path: "m.ppl", text: states.text }, states.data, { objective: "iwae", particles: 3, estimators })
        .prepared;
    expect(prepared({}).chosen.get("z")).toMatchObject({
      estimator: { name: "reinmax-rao" },
      advice: expect.stringMatching(/vimco and arsm have none/) as unknown,
    });
    for (const name of ["enumerate", "loo", "nvil", "path", "dreg"])
      expect(() => prepared({ z: name })).toThrow(VariateError);
  });
});

// ---------------------------------------------------------------------------------------- plates

const local = (y: readonly number[]): TestModel =>
  plain(
    `data { dim N; y: real[N] }
   model { plate i in N { sample z[i] ~ Normal(0, 1)  observe y[i] ~ Normal(z[i], 1) } }
   guide { param mu = 0  param l = 0  plate i in N { sample z[i] ~ Normal(mu, exp(l)) } }`,
    { y: [...y] },
    { mu: [0.3], l: [-0.2] },
  );
const shared = plain(
  `data { dim N; y: real[N] }
   model { sample m ~ Normal(0, 1)  plate i in N { sample z[i] ~ Normal(m, 1)  observe y[i] ~ Normal(z[i], 1) } }
   guide { param a = 0  sample m ~ Normal(a, 1)  plate i in N { sample z[i] ~ Normal(0.5 * m, 0.7) } }`,
  { y: [0.4, -1.1, 2.3] },
  { a: [0.2] },
);

describe("plates under a bound of several draws", () => {
  const setup = { estimators: { z: "dreg" }, particles: 2, objective: "iwae" };

  test("a plate that all latent sites have stays outside: every datum has weights of its own", () => {
    const { root, perDraw } = replicates(local([0.4, -1.1, 2.3]), setup).run(50);
    const alone = [0.4, -1.1, 2.3].map((y) => expected1(y));
    const mean = moments(replicates(local([0.4, -1.1, 2.3]), setup).run(20_000).gradient);
    expect(
      worstZ(
        mean,
        [0, 1].map((i) => alone.reduce((s, a) => s + a.gradient[i]!, 0)),
      ),
    ).toBeLessThan(BOUND);
    const joint = [...root].map((_, r) => Math.log((Math.exp(perDraw[2 * r]!) + Math.exp(perDraw[2 * r + 1]!)) / 2));
    expect([...root].some((v, r) => Math.abs(v - joint[r]!) > 0.01)).toBe(true);
  });

  const expected1 = (y: number) => expectedOver(replicates(local([y]), setup), sets[2]!, "z");

  test("a site outside the plate brings it inside", () => {
    const { root, perDraw } = replicates(shared, { ...setup, estimators: {} }).run(20);
    root.forEach((v, r) =>
      expect(v).toBeCloseTo(Math.log((Math.exp(perDraw[2 * r]!) + Math.exp(perDraw[2 * r + 1]!)) / 2), 10),
    );
  });

  test("a batch outside the logarithm is unbiased, one inside is refused", () => {
    const y = [0.4, -1.1, 2.3, 0.9];
    const alone = y.map(expected1);
    const rep = replicates(local(y), { ...setup, batch: { N: 2 } });
    const pairs = y.flatMap((_, a) => y.flatMap((__, b) => (a < b ? [[a, b]] : [])));
    const means = pairs.map((members) => moments(rep.run(6000, { members: { N: Int32Array.from(members) } }).gradient));
    const mean = [0, 1].map((i) => means.reduce((s, m) => s + m.mean[i]!, 0) / pairs.length);
    const se = [0, 1].map((i) => Math.sqrt(means.reduce((s, m) => s + m.se[i]! ** 2, 0)) / pairs.length);
    const exact = [0, 1].map((i) => alone.reduce((s, a) => s + a.gradient[i]!, 0));
    expect(worstZ({ mean, se, variance: [] }, exact)).toBeLessThan(BOUND);
    expect(() => replicates(shared, { ...setup, estimators: {}, batch: { N: 2 } })).toThrow(VariateError);
    try {
      replicates(shared, { ...setup, estimators: {}, batch: { N: 2 } });
    } catch (e) {
      expect((e as VariateError).diagnostics[0]).toMatchObject({ code: "PPL507" });
    }
  });
});

// ---------------------------------------------------------------------------------------- the log-variance loss

describe("the log-variance loss", () => {
  const of = (model: TestModel, setup: object, reps: number) =>
    replicates(model, { particles: 3, estimators: {}, ...setup }).run(reps);

  test.each([
    ["a Gaussian", gaussian(0.8, -0.5)],
    ["a category", states],
  ])("%s: leave-one-out, number by number", (_, model) => {
    const loss = of(model, { objective: "vargrad" }, 30);
    const loo = of(model, { estimators: { z: "loo" } }, 30);
    loss.gradient.forEach((g, r) => expect(distance([...g], [...loo.gradient[r]!])).toBeLessThan(1e-11));
    loss.root.forEach((v, r) => expect(v).toBeCloseTo(loo.root[r]!, 11));
  });

  test("two layers: the same mean, and more noise, since leave-one-out credits a site with what lies below alone", () => {
    const [loss, loo] = [{ objective: "vargrad" }, { estimators: { z1: "loo", z2: "loo" } }].map((s) =>
      moments(of(hierarchy, s, 20_000).gradient),
    );
    const z = loss!.mean.map((m, i) => Math.abs(m - loo!.mean[i]!) / Math.hypot(loss!.se[i]!, loo!.se[i]!));
    expect(Math.max(...z)).toBeLessThan(BOUND);
    expect(loo!.variance[4]!).toBeLessThan(loss!.variance[4]!);
  });
});
