// Exact values of small models, computed elsewhere by enumeration and conjugacy: a mixture, topics, conjugate pairs. Two kinds of check: with guides that hold
// the posterior the ELBO is the evidence; the best mean-field bound is reached where its family is that of the guide.

import { describe, expect, test } from "vitest";
import { infer } from "../src/infer.ts";
import type { Fit, InferOptions, RawData } from "../src/result.ts";
import { flat } from "./support/examples.ts";

const fitted = (text: string, data: RawData, options: InferOptions = {}): Promise<Fit> =>
  infer({ path: "oracle.ppl", text }, data, { seed: 0, predictive: false, ...options });

/** The ELBO lies within `gap` nats and three standard errors of `best`. */
function expectElbo({ elbo }: Fit, best: number, gap: number): void {
  expect(elbo.mean).toBeGreaterThan(best - gap - 3 * elbo.se);
  expect(elbo.mean).toBeLessThan(best + 3 * elbo.se + 1e-6);
}

// ---------------------------------------------------------------------------------------- mixture

const MIXTURE = { x: [-3.2, -2.5, -0.4, 0.3, 0.1, 2.2, 3.4, 3.1], mu: [-2, 0, 3] };
const mixture = (before: string, guide: string): string => `
data { dim N, K; x: real[N]; mu: real[K] }
model {
  sample share ~ Dirichlet(ones(K))
  plate n in N {
    ${before}sample z[n] ~ Categorical(share)
    observe x[n] ~ Normal(mu[z[n]], 1)
  }
}
${guide}`;

const OWN_SHARE = "guide { param a: real[K] > 0 = 3 * ones(K)  sample share ~ Dirichlet(a) }";

describe("mixture with known means", () => {
  const evidence = -18.06349;
  const best = -18.27283;
  const first = [0.985616, 0.944124, 0.201599, 0.05728, 0.084069, 0.000148, 0, 0.000002];

  test("the best factored guide: its bound, its assignments", async () => {
    const fit = await fitted(mixture("", OWN_SHARE), MIXTURE, { policy: "exact", draws: 4000 });
    expectElbo(fit, best, 0.02);
    const { values, shape } = fit.draws["z"]!;
    first.forEach((p, n) => {
      const share =
        Array.from({ length: 4000 }, (_, k) => (values[k * shape[0]! + n] === 0 ? 1 : 0)).reduce<number>(
          (a, b) => a + b,
          0,
        ) / 4000;
      expect(Math.abs(share - p)).toBeLessThan(0.02 + 4 * Math.sqrt((p * (1 - p)) / 4000));
    });
  });

  test("assignments summed out: a Dirichlet guide comes within a tenth of the evidence", async () => {
    const fit = await fitted(mixture("@marginal ", OWN_SHARE), MIXTURE, { draws: 4000 });
    expectElbo(fit, evidence, 0.1);
    flat(fit.sites["share"]!.mean).forEach((mean, k) =>
      expect(Math.abs(mean - [0.3052964, 0.3386973, 0.3560063][k]!)).toBeLessThan(0.02),
    );
  });
});

// ---------------------------------------------------------------------------------------- conjugate pairs

/** Guides of the posterior's family: the bound is the evidence, and mean and sd are those of the posterior. */
const PAIRS: readonly (readonly [
  name: string,
  text: string,
  data: RawData,
  site: string,
  evidence: number,
  mean: number,
  sd: number,
])[] = [
  [
    "beta and binomial",
    "data { k: int } model { sample p ~ Beta(1, 1)  observe k ~ Binomial(10, p) } guide { param a: real > 0 = 3  param b: real > 0 = 3  sample p ~ Beta(a, b) }",
    { k: 5 },
    "p",
    -2.397895,
    0.5,
    0.138675,
  ],
  [
    "gamma and Poisson",
    "data { dim N; y: int[N] } model { sample r ~ Gamma(2, 1)  plate i in N { observe y[i] ~ Poisson(r) } } guide { param a: real > 0 = 5  param b: real > 0 = 2  sample r ~ Gamma(a, b) }",
    { y: [2, 5, 3, 4, 1] },
    "r",
    -10.2385,
    2.833333,
    0.6871843,
  ],
  [
    "von Mises and von Mises",
    "data { dim N; y: real[N] } model { sample m ~ VonMises(0, 1.5)  plate i in N { observe y[i] ~ VonMises(m, 4) } } guide { param l = 0.2  param k: real > 0 = 5  sample m ~ VonMises(l, k) }",
    { y: [0.3, -0.1, 0.8, 1.2] },
    "m",
    -4.409823,
    0.499129,
    0.2591,
  ],
  [
    "normal and normal",
    "data { x: real } model { sample z ~ Normal(0, 1)  observe x ~ Normal(z, 1) }",
    { x: 1.5 },
    "z",
    -1.828012,
    0.75,
    Math.SQRT1_2,
  ],
];

describe("conjugate pairs", () => {
  test.each(PAIRS)("%s", async (_name, text, data, site, evidence, mean, sd) => {
    const fit = await fitted(text, data, { draws: 4000 });
    expectElbo(fit, evidence, 0.01);
    expect(fit.converged).toBe(true);
    expect(Math.abs((fit.sites[site]!.mean as number) - mean) / sd).toBeLessThan(0.1);
    expect((fit.sites[site]!.sd as number) / sd).toBeGreaterThan(0.93);
    expect((fit.sites[site]!.sd as number) / sd).toBeLessThan(1.07);
  });

  test("Dirichlet and categories", async () => {
    const fit = await fitted(
      "data { dim N; k: index(3)[N] } model { sample p ~ Dirichlet([0.7, 0.7, 0.7])  plate i in N { observe k[i] ~ Categorical(p) } } guide { param a: real[3] > 0 = 2 * ones(3)  sample p ~ Dirichlet(a) }",
      { k: [0, 0, 0, 2, 2, 2, 2, 2] },
      { draws: 4000 },
    );
    expectElbo(fit, -7.791784, 0.02);
    flat(fit.sites["p"]!.mean).forEach((mean, k) =>
      expect(Math.abs(mean - [0.3663366, 0.06930693, 0.5643564][k]!)).toBeLessThan(0.02),
    );
  });

  test("an evidence a tenth of a nat off is told apart", async () => {
    const [, text, data, , evidence] = PAIRS[3]!;
    const fit = await fitted(text, data);
    expect(() => expectElbo(fit, evidence + 0.1, 0.01)).toThrow();
    expect(() => expectElbo(fit, evidence - 0.1, 0.01)).toThrow();
  });
});

// ---------------------------------------------------------------------------------------- topics

test("topics: the best factored guide", async () => {
  const doc = [0, 1, 2].flatMap((d) => Array<number>(5).fill(d));
  const word = [0, 0, 1, 0, 1, 2, 3, 3, 2, 2, 0, 1, 2, 3, 1];
  const fit = await fitted(
    `
data { dim D = 3, V = 4, K = 2, T; doc: index(D)[T]; word: index(V)[T] }
model {
  plate d in D { sample theta[d] ~ Dirichlet([0.5, 0.5]) }
  plate k in K { sample phi[k] ~ Dirichlet(0.5 * ones(V)) }
  plate t in T { sample z[t] ~ Categorical(theta[doc[t]])  observe word[t] ~ Categorical(phi[z[t]]) }
}
guide {
  param a: real[D, K] > 0 = [[1.0, 1.5], [1.5, 1.0], [1.0, 1.0]]
  param b: real[K, V] > 0 = [[1.0, 1.0, 2.0, 2.0], [2.0, 2.0, 1.0, 1.0]]
  plate d in D { sample theta[d] ~ Dirichlet(a[d]) }
  plate k in K { sample phi[k] ~ Dirichlet(b[k]) }
}`,
    { doc, word },
    { policy: "exact" },
  );
  expectElbo(fit, -24.15719, 0.05);
});
