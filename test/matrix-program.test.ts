// Distributions with matrices in programs: leading dims and plates, refusals, and fits with known answers.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { renderText } from "../src/base/render.ts";
import { compile } from "../src/compile.ts";
import { infer } from "../src/infer.ts";
import type { Fit, RawData } from "../src/result.ts";

/** The fit of a program; an error shows its diagnostics. */
async function fitted(text: string, data: RawData, guide?: "meanfield" | "fullrank"): Promise<Fit> {
  try {
    return await infer({ path: "m.ppl", text }, data, guide === undefined ? {} : { guide });
  } catch (error) {
    throw error instanceof VariateError ? new Error(renderText(error.diagnostics)) : error;
  }
}

// ---------------------------------------------------------------------------------------- independence

describe("further sizes mean independence", () => {
  const data = {
    J: 3,
    K: 2,
    y: [
      [0.3, -1],
      [1, 2],
      [0.1, 0.4],
    ],
    m: [
      [0, 0],
      [1, 1],
      [0.5, -0.5],
    ],
    L: [
      [1.2, 0],
      [0.4, 0.8],
    ],
    C: [
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1.2, 0],
        [0.4, 0.8],
      ],
      [
        [0.5, 0],
        [-0.2, 2],
      ],
    ],
  };
  const DATA = "data { dim J, K; y: real[J, K]; m: real[J, K]; L: real[K, K]; C: real[J, K, K] }";
  const pairs: readonly (readonly [whole: string, each: string])[] = [
    ["MultivariateNormal(m, chol = L), y", "MultivariateNormal(m[j], chol = L), y[j]"],
    ["MultivariateNormal(m[0], chol = C), y", "MultivariateNormal(m[0], chol = C[j]), y[j]"],
    ["MultivariateNormal(m, cov = C + [j in J: eye(K)]), y", "MultivariateNormal(m[j], cov = C[j] + eye(K)), y[j]"],
    ["MultivariateStudentT([3.0, 4, 5], m, chol = L), y", "MultivariateStudentT(3 + j, m[j], chol = L), y[j]"],
    [
      "Wishart(4, C + [j in J: 3 * eye(K)]), C + [j in J: transpose(C[j]) + 3 * eye(K)]",
      "Wishart(4, C[j] + 3 * eye(K)), C[j] + transpose(C[j]) + 3 * eye(K)",
    ],
    ["LKJCholesky(K, 1 + ones(J)), [j in J: eye(K)]", "LKJCholesky(2, 2), eye(K)"],
  ];
  test.each(pairs)("%s", async (whole, each) => {
    const { reports } = await fitted(
      `${DATA}
model {
  sample z ~ Normal(0, 1)
  report whole = log_prob(${whole})
  report each = sum([j in J: log_prob(${each})])
}`,
      data,
    );
    expect(reports["whole"]!.mean).toBeCloseTo(reports["each"]!.mean as number, 10);
    expect(Number.isFinite(reports["whole"]!.mean)).toBe(true);
  });

  test("a plate and a whole array are one model", async () => {
    const model = (observe: string): string => `${DATA}\nmodel { sample mu ~ Normal(zeros(K), 3)  ${observe} }`;
    const a = await fitted(model("plate j in J { observe y[j] ~ MultivariateNormal(mu, chol = L) }"), data);
    const b = await fitted(model("observe y ~ MultivariateNormal([j in J: mu], chol = L)"), data);
    expect(a.elbo.mean).toBeCloseTo(b.elbo.mean, 8);
    // the posterior is normal: precision P = I/9 + 3 S⁻¹, mean P⁻¹ S⁻¹ Σ y, S = L Lᵀ
    const inverse = ([[p, q], [r, s]]: number[][]): number[][] => {
      const det = p! * s! - q! * r!;
      return [
        [s! / det, -q! / det],
        [-r! / det, p! / det],
      ];
    };
    const times = (A: number[][], v: number[]): number[] => A.map((row) => row[0]! * v[0]! + row[1]! * v[1]!);
    const noise = inverse([
      [1.44, 0.48],
      [0.48, 0.8],
    ]);
    const covariance = inverse(noise.map((row, i) => row.map((v, j) => 3 * v + (i === j ? 1 / 9 : 0))));
    const mean = times(covariance, times(noise, [1.4, 1.4]));
    const { mu } = a.sites;
    (mu!.mean as number[]).forEach((v, k) => {
      const sd = Math.sqrt(covariance[k]![k]!);
      expect(Math.abs(v - mean[k]!)).toBeLessThan(0.15 * sd);
      expect(Math.abs((mu!.sd as number[])[k]! / sd - 1)).toBeLessThan(0.1);
    });
  });
});

describe("refused", () => {
  const DATA = "data { dim J, K; v: real[K]; w: real[J]; S: real[K, K]; M: real[J, K]; n: int }";
  const refusals: readonly (readonly [call: string, code: string, says: RegExp])[] = [
    ["MultivariateNormal(v, S)", "PPL308", /no further argument `S`|lacks/],
    ["MultivariateNormal(v)", "PPL308", /lacks/],
    ["MultivariateNormal(w, cov = S)", "PPL301", /MultivariateNormal/],
    ["MultivariateNormal(v, cov = M)", "PPL301", /MultivariateNormal/],
    ["MultivariateNormal(0, cov = S)", "PPL301", /vector/],
    ["MultivariateNormal(v, cov = v)", "PPL301", /matrix/],
    ["Wishart(3, v)", "PPL301", /matrix/],
    ["Wishart(-1, S)", "PPL310", /df/],
    ["LKJCholesky(z, 2)", "PPL306", /int/],
    ["LKJCholesky(2.5, 2)", "PPL306", /int/],
    ["LKJCholesky(K, 0)", "PPL310", /eta/],
  ];
  test.each(refusals)("%s", (call, code, says) => {
    const text = `${DATA}\nmodel {\n  sample z ~ Normal(0, 1)\n  sample x ~ ${call}\n  factor sum(x) * z\n}`;
    const caught = ((): unknown => {
      try {
        return compile({ path: "m.ppl", text }, null);
      } catch (error) {
        return error;
      }
    })();
    expect(caught).toBeInstanceOf(VariateError);
    const [first] = (caught as VariateError).diagnostics.filter((d) => d.severity === "error");
    expect(first!.code).toBe(code);
    expect(first!.message).toMatch(says);
  });

  test("sizes that differ only in the data", async () => {
    const text = "data { dim K; S: real[K, K] }\nmodel { sample x ~ MultivariateNormal([0, 0, 0], cov = S) }";
    await expect(
      fitted(text, {
        S: [
          [1, 0],
          [0, 1],
        ],
      }),
    ).rejects.toThrow(/PPL301/);
  });

  test("a matrix that is not positive definite is named", async () => {
    const text = `data { dim K; S: real[K, K]; y: real[K] }
model {
  sample mu ~ Normal(zeros(K), 1)
  sample t ~ HalfNormal(1)
  observe y ~ MultivariateNormal(mu, cov = t * S)
}`;
    const data = {
      S: [
        [1, 2],
        [2, 1],
      ],
      y: [0.5, 1],
    };
    await expect(fitted(text, data)).rejects.toThrow(/PPL705.*the likelihood of y/);
    await expect(
      fitted(text, {
        ...data,
        S: [
          [1, 0.5],
          [0.5, 1],
        ],
      }),
    ).resolves.toMatchObject({ converged: true });
  });
});

// ---------------------------------------------------------------------------------------- fits

/** posteriordb's gp_pois_regr: Flaxman's example in the Stan User's Guide. */
const GP_DATA = {
  x: [-10, -8, -6, -4, -2, 0, 2, 4, 6, 8, 10],
  y: [4.75906, 1.59423, 2.99548, 5.27501, 1.66472, 2.24347, 2.8914, 4.08681, 4.60588, 0.802364, 3.92136],
};
const GP = `data { dim N; x: real[N]; y: real[N] }
model {
  sample rho ~ Gamma(25, 4)
  sample alpha ~ HalfNormal(2)
  sample sigma ~ HalfNormal(1)
  observe y ~ MultivariateNormal(zeros(N), cov = cov_exp_quad(x, alpha, rho) + sigma * eye(N))
}`;

describe("Gaussian process regression reaches the best ELBO", () => {
  /** Optima found with many draws and exact gradients by separate code (JAX). */
  test.each([
    ["meanfield", -27.566],
    ["fullrank", -27.565],
  ] as const)("%s", async (guide, best) => {
    const fit = await fitted(GP, GP_DATA, guide);
    expect(fit.converged).toBe(true);
    expect(Math.abs(fit.elbo.mean - best)).toBeLessThan(0.05);
    const { rho, alpha, sigma } = fit.sites;
    [
      [rho, 6.9, 1.3],
      [alpha, 2.44, 0.79],
      [sigma, 1.83, 0.51],
    ].forEach(([site, mean, sd]) =>
      expect(Math.abs(((site as Fit["sites"][string]).mean as number) - (mean as number))).toBeLessThan(
        0.25 * (sd as number),
      ),
    );
  });
});

describe("a covariance with its conjugate prior", () => {
  const y = [
    [0.5, 0.1],
    [-1.2, -0.7],
    [0.3, 0.9],
    [1.9, 1.4],
    [-0.4, 0.2],
    [-1.1, -1.6],
    [0.8, 0.1],
    [0.2, -0.4],
  ];
  const S = [
    [2, 0.5],
    [0.5, 1],
  ];
  const df = 6;
  const posterior = S.map((row, i) => row.map((v, j) => v + y.reduce((sum, r) => sum + r[i]! * r[j]!, 0)));
  const det = (m: readonly (readonly number[])[]): number => m[0]![0]! * m[1]![1]! - m[0]![1]! * m[1]![0]!;
  /** log Γ_2(a) for 2a an integer, by log Γ(a) of half integers. */
  const lgamma = (a: number): number =>
    a === 0.5 ? Math.log(Math.PI) / 2 : a === 1 ? 0 : Math.log(a - 1) + lgamma(a - 1);
  const gamma2 = (a: number): number => Math.log(Math.PI) / 2 + lgamma(a) + lgamma(a - 0.5);
  const n = y.length;
  const evidence =
    -n * Math.log(Math.PI) +
    gamma2((df + n) / 2) -
    gamma2(df / 2) +
    (df / 2) * Math.log(det(S)) -
    ((df + n) / 2) * Math.log(det(posterior));

  test.each([
    [
      "InverseWishart(6, S)",
      "cov = V",
      (fit: Fit) => fit.sites["V"]!,
      posterior.map((row) => row.map((v) => v / (df + n - 3))),
    ],
    [
      "Wishart(6, inverse(S))",
      "precision = V",
      (fit: Fit) => fit.reports["cov"]!,
      posterior.map((row) => row.map((v) => v / (df + n - 3))),
    ],
  ] as const)("%s", async (prior, argument, find, mean) => {
    const text = `data { dim N, K; y: real[N, K]; S: real[K, K] }
model {
  sample V ~ ${prior}
  plate i in N { observe y[i] ~ MultivariateNormal(zeros(K), ${argument}) }
  report cov = inverse(V)
}`;
    const fit = await fitted(text, { y, S }, "fullrank");
    expect(fit.elbo.mean).toBeLessThan(evidence + 4 * fit.elbo.se);
    expect(fit.elbo.mean).toBeGreaterThan(evidence - 0.1);
    const found = find(fit);
    (found.mean as number[][]).forEach((row, i) =>
      row.forEach((v, j) => expect(Math.abs(v - mean[i]![j]!)).toBeLessThan(0.25 * (found.sd as number[][])[i]![j]!)),
    );
  });
});

test("varying intercepts and slopes with an LKJ prior", async () => {
  const J = 8;
  const wave = (k: number): number => Math.sin(12.9898 * k) * 1.3;
  const county = Array.from({ length: 64 }, (_, i) => (i % J) + 1);
  const floor = county.map((_, i) => i % 3 === 0);
  const uranium = Array.from({ length: J }, (_, j) => wave(j + 0.5));
  const log_radon = county.map(
    (c, i) => 1 + 0.6 * uranium[c - 1]! + 0.4 * wave(c) + (floor[i]! ? -0.7 - 0.3 * wave(c) : 0) + 0.5 * wave(100 + i),
  );
  const text = readFileSync("test/golden/language/radon.ppl", "utf8");
  const fit = await fitted(text, { N: 64, J, county, floor, uranium, log_radon });
  const L = fit.draws["L"]!;
  expect(L.shape).toEqual([2, 2]);
  const { rho } = fit.reports;
  for (let i = 0; i < L.values.length; i += 4) {
    expect(L.values[i]).toBe(1);
    expect(L.values[i + 1]).toBe(0);
    expect(L.values[i + 2]! ** 2 + L.values[i + 3]! ** 2).toBeCloseTo(1, 12);
    expect(fit.draws["rho"]!.values[i / 4]).toBeCloseTo(L.values[i + 2]!, 12);
  }
  // intercept and slope were made to go opposite ways
  expect(rho!.mean).toBeLessThan(0);
  const gamma = fit.sites["gamma"]!;
  [1, 0.6, -0.7].forEach((wanted, k) =>
    expect(Math.abs((gamma.mean as number[])[k]! - wanted)).toBeLessThan(4 * (gamma.sd as number[])[k]!),
  );
});
