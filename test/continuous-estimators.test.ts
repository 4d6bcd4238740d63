// Estimators of continuous sites against closed forms: gradients draw by draw and their variances, moving supports, hierarchies,
// posteriors that a guide can equal, the divergence in place of sampled terms, the adaptive weight.

import { describe, expect, test } from "vitest";
import { path } from "../src/estimator/path.ts";
import { reference } from "../src/exec/reference.ts";
import { fedByHand, plainMoves } from "../src/run/hand-fed.ts";
import { stochasticTarget } from "../src/run/stochastic-target.ts";
import { firstWeight } from "../src/fit/score-weight.ts";
import type { RawData } from "../src/result.ts";
import { distance } from "./support/exact-checks.ts";
import type { Theta } from "./support/exact-elbo.ts";
import { expectedOver, normalKnots, plain, setsOf } from "./support/exact-noise.ts";
import type { TestModel } from "./support/exact-model.ts";
import { BOUND, compiled, moments, replicates, worstZ } from "./support/exact-replicates.ts";

const single = setsOf(normalKnots(0.1, 9), 1);

// ---------------------------------------------------------------------------------------- one Gaussian

/** Target Normal(m, s), guide Normal(mu, exp(l)). */
const gaussian = (mu: number, sigma: number, m: number, s: number): TestModel =>
  plain(
    `data { m: real; s: real }  model { sample z ~ Normal(m, s) }
     guide { param mu = 0  param l = 0  sample z ~ Normal(mu, exp(l)) }`,
    { m, s },
    { mu: [mu], l: [Math.log(sigma)] },
  );

describe("one Gaussian dimension, target N(m, s²), guide N(μ, σ²)", () => {
  const cases: readonly (readonly [number, number, number, number])[] = [
    [0.7, 1.3, -0.2, 0.9],
    [0.3, 0.5, 0.4, 0.8],
    [1.2, 0.4, 1, 1.5],
  ];
  const byHand = {
    path: (e: number, [mu, sigma, m, s]: readonly [number, number, number, number]) => {
      const [r, d] = [sigma ** 2 / s ** 2, mu - m];
      return [-d / s ** 2 + e * (1 / sigma - sigma / s ** 2), (-sigma * e * d) / s ** 2 + (1 - r) * e ** 2];
    },
    total: (e: number, [mu, sigma, m, s]: readonly [number, number, number, number]) => {
      const [r, d] = [sigma ** 2 / s ** 2, mu - m];
      return [-d / s ** 2 - (e * sigma) / s ** 2, (-sigma * e * d) / s ** 2 - r * e ** 2 + 1];
    },
  };
  const variances = {
    path: ([mu, sigma, m, s]: readonly [number, number, number, number]) => {
      const [r, d] = [sigma ** 2 / s ** 2, mu - m];
      return [(1 - r) ** 2 / sigma ** 2, (sigma ** 2 * d ** 2) / s ** 4 + 2 * (1 - r) ** 2];
    },
    total: ([mu, sigma, m, s]: readonly [number, number, number, number]) => {
      const [r, d] = [sigma ** 2 / s ** 2, mu - m];
      return [sigma ** 2 / s ** 4, (sigma ** 2 * d ** 2) / s ** 4 + 2 * r ** 2];
    },
  };

  test.each(cases.flatMap((c) => (["path", "total"] as const).map((estimator) => ({ c, estimator }))))(
    "$estimator at $c",
    ({ c, estimator }) => {
      const rep = replicates(gaussian(...c), { estimators: { z: estimator } });
      const noise = [-1.7, -0.3, 0.4, 2.1];
      rep
        .run(4, { noise: { z: Float64Array.from(noise) } })
        .gradient.forEach((g, i) => expect(distance([...g], byHand[estimator](noise[i]!, c))).toBeLessThan(1e-12));
      const { gradient, variance } = expectedOver(rep, single, "z");
      const [mu, sigma, m, s] = c;
      expect(distance(gradient, [-(mu - m) / s ** 2, 1 - sigma ** 2 / s ** 2])).toBeLessThan(1e-10);
      expect(distance(variance, variances[estimator](c))).toBeLessThan(1e-10);
    },
  );

  test("path is the less noisy of the two where σ² > s² / 2, and only there", () => {
    for (const ratio of [0.39, 0.77]) {
      const [byPath, byTotal] = ["path", "total"].map((e) => {
        const { variance } = expectedOver(
          replicates(gaussian(0.7, Math.sqrt(ratio), 0.4, 1), { estimators: { z: e } }),
          single,
          "z",
        );
        return variance[0]! + variance[1]!;
      });
      expect(byPath! < byTotal!).toBe(ratio > 0.5);
    }
  });

  test("a weight λ of the score mixes the two, draw by draw", () => {
    const run = (estimator: string) =>
      replicates(gaussian(0.7, 1.3, -0.2, 0.9), { estimators: { z: estimator } }).run(20).gradient;
    const [half, all, none] = [run("path(weight=0.3)"), run("path"), run("total")];
    half.forEach((g, r) =>
      expect(
        distance(
          [...g],
          [...g].map((_, i) => 0.3 * all[r]![i]! + 0.7 * none[r]![i]!),
        ),
      ).toBeLessThan(1e-12),
    );
  });
});

describe("the divergence in place of prior and guide", () => {
  /** Prior N(0, 1), likelihood of precision λ. */
  const model = (lambda: number, sigma: number): TestModel =>
    plain(
      `data { y: real; sd: real }  model { sample z ~ Normal(0, 1)  observe y ~ Normal(z, sd) }
     guide { param mu = 0  param l = 0  sample z ~ Normal(mu, exp(l)) }`,
      { y: 0.8, sd: 1 / Math.sqrt(lambda) },
      { mu: [0.3], l: [Math.log(sigma)] },
    );
  const varianceOf = (lambda: number, sigma: number, estimator: string): number =>
    expectedOver(replicates(model(lambda, sigma), { estimators: { z: estimator } }), single, "z").variance[0]!;

  test.each([
    [0.5, 0.9],
    [2, 0.5],
    [2, 0.9],
    [0.1, 1.2],
  ])("its noise with λ = %d, σ = %d", (lambda, sigma) => {
    expect(varianceOf(lambda, sigma, "analytic-kl")).toBeCloseTo((sigma * lambda) ** 2, 10);
    expect(varianceOf(lambda, sigma, "total")).toBeCloseTo((sigma * (1 + lambda)) ** 2, 10);
    expect(varianceOf(lambda, sigma, "path")).toBeCloseTo((1 / sigma - sigma * (1 + lambda)) ** 2, 10);
    expect(varianceOf(lambda, sigma, "path") < varianceOf(lambda, sigma, "analytic-kl")).toBe(
      1 / (1 + 2 * lambda) < sigma ** 2 && sigma < 1,
    );
  });

  test("the same mean and the same value", () => {
    const [kl, total] = ["analytic-kl", "total"].map((e) =>
      expectedOver(replicates(model(2, 0.9), { estimators: { z: e } }), single, "z"),
    );
    expect(distance(kl!.gradient, total!.gradient)).toBeLessThan(1e-12);
    expect(kl!.value).toBeCloseTo(total!.value, 12);
  });

  const refused = (text: string, site: string, data: RawData = {}, options: object = {}): string => {
    try {
      compiled(plain(text, data, {}), { estimators: { [site]: "analytic-kl" }, ...options });
      return "admitted";
    } catch (e) {
      return (e as Error).message;
    }
  };

  test("what it refuses", () => {
    const guide = "guide { param a = 0 sample z ~ Normal(a, 1) }";
    expect(refused(`model { sample z ~ Normal(0, 1) } ${guide}`, "z")).toBe("admitted");
    expect(refused(`model { sample z ~ Laplace(0, 1) } ${guide}`, "z")).toMatch(/no closed form of the KL divergence/);
    expect(
      refused("model { sample z ~ Bernoulli(0.3) } guide { param a = 0 sample z ~ Bernoulli(logit = a) }", "z"),
    ).toMatch(/does not move smoothly/);
    expect(refused(`model { sample z ~ Normal(0, 1) } ${guide}`, "z", {}, { objective: "iwae", particles: 2 })).toMatch(
      /takes a logarithm/,
    );
  });

  test("a prior that reads a site whose guide reads this one has no divergence", () => {
    const reversed = `model { sample a ~ Normal(0, 1)  sample b ~ Normal(a, 1) }
      guide { param m = 0  param w = 0  sample b ~ Normal(m, 1)  sample a ~ Normal(w * b, 1) }`;
    expect(refused(reversed, "b")).toMatch(/no closed form of the KL divergence/);
    expect(refused(reversed, "a")).toBe("admitted");
  });
});

// ---------------------------------------------------------------------------------------- a moving support

describe("a support that moves: q = Uniform(0, θ), log p = -z", () => {
  const model = plain(
    "model { sample z ~ Exponential(1) }  guide { param theta: real > 0 = 1  sample z ~ Uniform(0, theta) }",
    {},
    { theta: [Math.log(1.7)] },
  );
  // The parameter is log θ: times θ.
  const exact = 1.7 * (-0.5 + 1 / 1.7);
  const uniform = Array.from({ length: 400 }, (_, i) => ({ at: [(i + 0.5) / 400], weight: 1 / 400 }));

  test("path is refused, total is right", () => {
    expect(() => compiled(model, { estimators: { z: "path" } })).toThrow(/support moves/);
    expect(expectedOver(replicates(model, { estimators: { z: "total" } }), uniform, "z").gradient[0]).toBeCloseTo(
      exact,
      10,
    );
    expect(compiled(model, { estimators: {} }).chosen.get("z")!.estimator.name).toBe("total");
  });

  test("forced, path is off by the whole score", () => {
    const forced = replicates(model, { estimators: { z: "total" } }, { place: (site) => path.place(site, {}) });
    expect(expectedOver(forced, uniform, "z").gradient[0]).toBeCloseTo(1.7 * -0.5, 10);
  });
});

// ---------------------------------------------------------------------------------------- hierarchies

const chain = (at: Theta): TestModel =>
  plain(
    `data { x: real }
   model { sample z2 ~ Normal(0, 1)  sample z1 ~ Normal(z2, 1)  observe x ~ Normal(z1, 1) }
   guide {
     param m1 = 0  param l1 = 0  param w2 = 0  param b2 = 0  param l2 = 0
     sample z1 ~ Normal(m1, exp(l1))
     sample z2 ~ Normal(w2 * z1 + b2, exp(l2))
   }`,
    { x: 1.3 },
    at,
  );
/** z1 | x ~ N(2/3 x, 2/3), z2 | z1 ~ N(z1 / 2, 1/2). */
const posterior: Theta = {
  m1: [(2 / 3) * 1.3],
  l1: [0.5 * Math.log(2 / 3)],
  w2: [0.5],
  b2: [0],
  l2: [0.5 * Math.log(0.5)],
};

describe("two layers, the guide in an order of its own", () => {
  const both = (estimator: string) => ({ estimators: { z1: estimator, z2: estimator } });

  test("at the posterior the path gradient is zero for every draw, through the guide of the lower layer too", () => {
    const { gradient } = replicates(chain(posterior), both("path")).run(500);
    expect(Math.max(...gradient.flatMap((g) => [...g].map(Math.abs)))).toBeLessThan(1e-12);
  });

  test("the noise of the total derivative there", () => {
    const { variance } = moments(replicates(chain(posterior), both("total")).run(20_000).gradient);
    // The relative error of a variance from n draws is near sqrt(2 / n) times the tails' share.
    [1.51, 2, 2.85, 1.99, 1.99].forEach((v, i) => expect(Math.abs(variance[i]! / v - 1)).toBeLessThan(0.08));
  });

  test("off the posterior path and total have one mean", () => {
    const [a, b] = ["path", "total"].map((e) =>
      moments(replicates(chain({ ...posterior, w2: [0.2], l1: [-0.6] }), both(e)).run(20_000).gradient),
    );
    expect(
      Math.max(...a!.mean.map((m, i) => Math.abs(m - b!.mean[i]!) / Math.hypot(a!.se[i]!, b!.se[i]!))),
    ).toBeLessThan(BOUND);
  });
});

// ---------------------------------------------------------------------------------------- guides that are the posterior

describe("where the guide is the posterior the path gradient is zero for every draw", () => {
  const logs = (...x: readonly number[]): number[] => x.map(Math.log);
  const w = [0.35, 0.65];
  const sds = [0.7, 1.1];
  /** Prior Σ w_k N(m_k, s_k²), observation N(z, 0.8²): again a mixture. */
  const y = 0.6;
  const parts = [-1, 1.5].map((m, k) => {
    const s2 = sds[k]! ** 2;
    const v = 1 / (1 / s2 + 1 / 0.64);
    const total = s2 + 0.64;
    return {
      weight: (w[k]! * Math.exp((-0.5 * (y - m) ** 2) / total)) / Math.sqrt(total),
      mean: v * (m / s2 + y / 0.64),
      sd: Math.sqrt(v),
    };
  });
  const sin = 2 * Math.sin(0.4) + 3 * Math.sin(1.3);
  const cos = 2 * Math.cos(0.4) + 3 * Math.cos(1.3);

  const cases: readonly (readonly [what: string, model: TestModel, estimators: readonly string[]])[] = [
    ["Normal", gaussian(0.3, 0.8, 0.3, 0.8), ["path"]],
    [
      "Gamma",
      plain(
        "data { n: int } model { sample r ~ Gamma(3, 2) observe n ~ Poisson(r) } guide { param a: real > 0 = 1 param b: real > 0 = 1 sample r ~ Gamma(a, b) }",
        { n: 4 },
        { a: logs(7), b: logs(3) },
      ),
      ["implicit"],
    ],
    [
      "Gamma below one",
      plain(
        "data { n: int } model { sample r ~ Gamma(0.2, 2) observe n ~ Poisson(r) } guide { param a: real > 0 = 1 param b: real > 0 = 1 sample r ~ Gamma(a, b) }",
        { n: 0 },
        { a: logs(0.2), b: logs(3) },
      ),
      ["implicit"],
    ],
    [
      "InverseGamma",
      plain(
        "data { x: real } model { sample v ~ InverseGamma(3, 2) observe x ~ Normal(0, sqrt(v)) } guide { param a: real > 0 = 1 param b: real > 0 = 1 sample v ~ InverseGamma(a, b) }",
        { x: 1.2 },
        { a: logs(3.5), b: logs(2 + 0.72) },
      ),
      ["implicit"],
    ],
    [
      "Beta",
      plain(
        "data { n: int } model { sample p ~ Beta(2, 3) observe n ~ Binomial(9, p) } guide { param a: real > 0 = 1 param b: real > 0 = 1 sample p ~ Beta(a, b) }",
        { n: 4 },
        { a: logs(6), b: logs(8) },
      ),
      ["implicit"],
    ],
    [
      "Dirichlet",
      plain(
        "data { dim K = 3; n: int[K] } model { sample p ~ Dirichlet([0.7, 1.5, 3]) observe n ~ Multinomial(7, p) } guide { param a: real[K] > 0 = 1 sample p ~ Dirichlet(a) }",
        { n: [2, 0, 5] },
        { a: logs(2.7, 1.5, 8) },
      ),
      ["implicit"],
    ],
    [
      "VonMises",
      plain(
        "data { x: real } model { sample t ~ VonMises(0.4, 2) observe x ~ VonMises(t, 3) } guide { param m = 0 param k: real > 0 = 1 sample t ~ VonMises(m, k) }",
        { x: 1.3 },
        { m: [Math.atan2(sin, cos)], k: logs(Math.hypot(sin, cos)) },
      ),
      ["implicit"],
    ],
    [
      "StudentT",
      plain(
        "model { sample x ~ StudentT(5, 0.3, 1.2) } guide { param d: real > 0 = 1 param m = 0 param s: real > 0 = 1 sample x ~ StudentT(d, m, s) }",
        {},
        { d: logs(5), m: [0.3], s: logs(1.2) },
      ),
      ["implicit"],
    ],
    [
      "Truncated",
      plain(
        "model { sample x ~ Truncated(Normal(0.3, 1.2), lower = 0) } guide { param m = 0 param s: real > 0 = 1 sample x ~ Truncated(Normal(m, s), lower = 0) }",
        {},
        { m: [0.3], s: logs(1.2) },
      ),
      ["path"],
    ],
    [
      "Mixture",
      plain(
        `data { y: real } model { sample z ~ Mixture([${w.join(", ")}], [Normal(-1, ${sds[0]}), Normal(1.5, ${sds[1]})]) observe y ~ Normal(z, 0.8) }
       guide { param t: real[2] = 0 param m: real[2] = 0 param s: real[2] > 0 = 1 sample z ~ Mixture(softmax(t), [k in 2: Normal(m[k], s[k])]) }`,
        { y },
        { t: logs(...parts.map((p) => p.weight)), m: parts.map((p) => p.mean), s: logs(...parts.map((p) => p.sd)) },
      ),
      ["stratified", "implicit"],
    ],
  ];

  test.each(cases.flatMap(([what, model, estimators]) => estimators.map((estimator) => ({ what, model, estimator }))))(
    "$what: $estimator",
    ({ model, estimator }) => {
      const site = compiled(model, { estimators: {} }).base.placed[0]!.site.name;
      const largest = (e: string): number =>
        Math.max(
          ...replicates(model, { estimators: { [site]: e } })
            .run(400)
            .gradient.flatMap((g) => [...g].map(Math.abs)),
        );
      expect(largest(estimator)).toBeLessThan(1e-9);
      expect(largest("total")).toBeGreaterThan(0.05);
    },
  );
});

// ---------------------------------------------------------------------------------------- samplers off the optimum

describe("draws of samplers: the mean gradient is minus that of the divergence", () => {
  const entries: readonly (readonly [what: string, model: TestModel, exact: readonly number[]])[] = [
    [
      "Gamma",
      plain(
        "model { sample r ~ Gamma(3, 2) } guide { param a: real > 0 = 1 param b: real > 0 = 1 sample r ~ Gamma(a, b) }",
        {},
        { a: [Math.log(1.5)], b: [Math.log(0.7)] },
      ),
      // a ((a0 - a) ψ'(a) - (b0 / b - 1)) with ψ'(1.5) = π²/2 - 4; b (a b0 / b² - a0 / b)
      [1.5 * (1.5 * (Math.PI ** 2 / 2 - 4) - (2 / 0.7 - 1)), (1.5 * 2) / 0.7 - 3],
    ],
    [
      "Beta",
      plain(
        "model { sample p ~ Beta(1, 1) } guide { param a: real > 0 = 1 param b: real > 0 = 1 sample p ~ Beta(a, b) }",
        {},
        { a: [Math.log(2)], b: [Math.log(1)] },
      ),
      // Beta(2, 1): entropy -log 2 + 1/2 at a = 2, b = 1, by its parameters: -(a - 1) ψ'(a) - (b - 1) · 0 + (a + b - 2) ψ'(a + b)
      [2 * (-(Math.PI ** 2 / 6 - 1) + (Math.PI ** 2 / 6 - 1.25)), Math.PI ** 2 / 6 - 1.25],
    ],
    [
      "Dirichlet",
      plain(
        "data { dim K = 2 } model { sample p ~ Dirichlet([1.0, 1.0]) } guide { param a: real[K] > 0 = 1 sample p ~ Dirichlet(a) }",
        {},
        { a: [Math.log(2), 0] },
      ),
      [2 * (-(Math.PI ** 2 / 6 - 1) + (Math.PI ** 2 / 6 - 1.25)), Math.PI ** 2 / 6 - 1.25],
    ],
  ];
  test.each(
    entries.flatMap(([what, model, exact]) =>
      ["implicit", "total", "loo"].map((estimator) => ({ what, model, exact, estimator })),
    ),
  )("$what: $estimator", ({ model, exact, estimator }) => {
    const site = compiled(model, { estimators: {} }).base.placed[0]!.site.name;
    const rep = replicates(model, { estimators: { [site]: estimator }, particles: 2 });
    expect(worstZ(moments(rep.run(20_000).gradient), exact)).toBeLessThan(BOUND);
  });
});

// ---------------------------------------------------------------------------------------- landing

describe("landing: ten dimensions, one draw per step, constant steps of Adam", () => {
  const model = plain(
    `data { dim D = 10; m: real[D] }  model { plate i in D { sample z[i] ~ Normal(m[i], 0.5) } }
     guide { plate i in D { param mu[i] = 0  param l[i] = 0  sample z[i] ~ Normal(mu[i], exp(l[i])) } }`,
    { m: Array.from({ length: 10 }, (_, i) => 0.3 * i - 1) },
    {},
  );
  /** The largest error of a mean or of a log sd after some steps. */
  function landed(estimator: string, steps: number): number {
    const prepared = compiled(model, { estimators: { z: estimator } });
    const { target } = stochasticTarget(prepared, reference, { particles: 1, seed: 1, batch: {} }, []);
    const at = Float64Array.from(target.start);
    const [first, second] = [new Float64Array(at.length), new Float64Array(at.length)];
    for (let step = 1; step <= steps; step++) {
      target.gradient(at, step).gradient.forEach((g, i) => {
        first[i] = 0.9 * first[i]! + 0.1 * g;
        second[i] = 0.999 * second[i]! + 0.001 * g * g;
        at[i]! += (0.02 * first[i]!) / (1 - 0.9 ** step) / (Math.sqrt(second[i]! / (1 - 0.999 ** step)) + 1e-12);
      });
    }
    const exact = [...(model.data["m"] as number[]), ...Array<number>(10).fill(Math.log(0.5))];
    return Math.max(...exact.map((e, i) => Math.abs(at[i]! - e)));
  }

  test("path comes to rest on the posterior, the total derivative keeps moving", () => {
    expect(landed("path", 3000)).toBeLessThan(1e-8);
    expect(landed("total", 3000)).toBeGreaterThan(1e-2);
  });
});

// ---------------------------------------------------------------------------------------- the adaptive weight

describe("adaptive: never more than 5 % noisier than the better of path and total", () => {
  const flow = (ratio: number): TestModel => gaussian(0.4, Math.sqrt(ratio), 0.4, 1);
  test.each([0.1, 0.39, 0.5, 0.77, 1, 1.6])("σ² / s² = %d", (ratio) => {
    const prepared = compiled(flow(ratio), { estimators: { z: "adaptive" } });
    const { target, leaves } = stochasticTarget(prepared, reference, { particles: 1, seed: 2, batch: {} }, []);
    const at = Float64Array.from(leaves.flatMap((leaf) => flow(ratio).theta[leaf.name]!));
    const steps = Array.from({ length: 6000 }, (_, step) => target.gradient(at, step));
    const { begin, advance, reached } = fedByHand(plainMoves(at.length), true, (_, step) => steps[step]!);
    let standing = begin({ params: at, from: 0, length: steps.length, rate: 0, weight: firstWeight("adaptive") });
    const rows = steps
      .map(({ gradient, score }) => {
        const { now } = reached(standing).weight;
        standing = advance(standing, 1).to;
        return [...gradient].map((g, i) => g + now * score![i]!);
      })
      .slice(1000);
    const noise = (all: readonly (readonly number[])[]): number => moments(all).variance.reduce((a, b) => a + b, 0);
    const later = steps.slice(1000);
    const [total, byPath] = [
      noise(later.map(({ gradient }) => [...gradient])),
      noise(later.map(({ gradient, score }) => [...gradient].map((g, i) => g + score![i]!))),
    ];
    // On the same draws, so that their noise is common; at σ = s path has none.
    expect(noise(rows)).toBeLessThan(1.05 * Math.min(total, byPath) + 1e-3);
    expect(worstZ(moments(rows), [0, 1 - ratio])).toBeLessThan(BOUND);
  });
});
