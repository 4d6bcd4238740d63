// Guides that carry a site from step to step: a Gaussian chain contains the posterior of a linear state space model, whose
// evidence and smoothed means a Kalman filter gives.

import { describe, expect, test } from "vitest";
import { VariateError } from "../src/base/diagnostic.ts";
import { compile } from "../src/compile.ts";
import { infer } from "../src/infer.ts";
import type { Fit, InferOptions } from "../src/result.ts";
import { flat } from "./support/examples.ts";

const y = [0.9, 1.4, 0.3, -0.8, -1.1, 0.2];
const [PHI, Q, R] = [0.8, 0.6, 0.5];

const model = `
data { dim T; y: real[T] }
model {
  scan t in T carry z = 0.0 {
    sample z[t] ~ Normal(${PHI} * z[t - 1], ${Q})
    observe y[t] ~ Normal(z[t], ${R})
  }
}`;
const params = "plate t in T { param m[t] = 0  param a[t] = 0  param s[t]: real > 0 = 1 }";
const forward = `${model}
guide {
  ${params}
  scan t in T carry z = 0.0 { sample z[t] ~ Normal(m[t] + a[t] * z[t - 1], s[t]) }
}`;
const backward = `${model}
guide {
  ${params}
  scan t in T reverse carry z = 0.0 { sample z[t] ~ Normal(m[t] + a[t] * z[t + 1], s[t]) }
}`;
/** The carried name is a let, so that the site reads its own past through what the scan defines. */
const throughLet = `${model}
guide {
  ${params}
  scan t in T carry h = 0.0, z = 0.0 {
    let h[t] = 0.5 * h[t - 1] + z[t - 1]
    sample z[t] ~ Normal(m[t] + a[t] * (h[t] - 0.5 * h[t - 1]), s[t])
  }
}`;
const meanField = `${model}
guide { plate t in T { param m[t] = 0  param s[t]: real > 0 = 1  sample z[t] ~ Normal(m[t], s[t]) } }`;

/** Log evidence, and smoothed means (Rauch, Tung, Striebel). */
function kalman(): { readonly evidence: number; readonly means: readonly number[] } {
  let [mean, variance, evidence] = [0, 0, 0];
  const steps = y.map((value) => {
    const [priorMean, prior] = [PHI * mean, PHI ** 2 * variance + Q ** 2];
    const total = prior + R ** 2;
    evidence += (-0.5 * (value - priorMean) ** 2) / total - 0.5 * Math.log(2 * Math.PI * total);
    [mean, variance] = [priorMean + (prior / total) * (value - priorMean), prior - prior ** 2 / total];
    return { mean, variance };
  });
  const means = [steps.at(-1)!.mean];
  for (let t = steps.length - 2; t >= 0; t--) {
    const { mean: filtered, variance: own } = steps[t]!;
    means.unshift(filtered + ((own * PHI) / (PHI ** 2 * own + Q ** 2)) * (means[0]! - PHI * filtered));
  }
  return { evidence, means };
}

const fitOf = (text: string, options: InferOptions = {}): Promise<Fit> =>
  infer({ path: "m.ppl", text }, { y }, options);

describe("a scan of the guide that carries the site", () => {
  test.each([
    ["forward", forward],
    ["backward", backward],
    ["through a let", throughLet],
  ])("%s: holds the posterior exactly", async (_, text) => {
    const { evidence, means } = kalman();
    const fit = await fitOf(text);
    expect(fit.converged).toBe(true);
    expect(fit.khat).toBeLessThan(0.7);
    expect(Math.abs(fit.elbo.mean - evidence)).toBeLessThan(0.02 + 4 * fit.elbo.se);
    flat(fit.sites["z"]!.mean).forEach((mean, t) => expect(Math.abs(mean - means[t]!)).toBeLessThan(0.08));
  });

  test("a plate over the steps is mean-field in time and cannot hold it", async () => {
    const fit = await fitOf(meanField);
    expect(fit.elbo.mean).toBeLessThan(kalman().evidence - 0.15);
  });

  test("stochastic steps reach the same", async () => {
    const fit = await fitOf(forward, { method: "adam", steps: 6000 });
    expect(Math.abs(fit.elbo.mean - kalman().evidence)).toBeLessThan(0.05 + 4 * fit.elbo.se);
  });
});

// ---------------------------------------------------------------------------------------- a discrete chain

const STAY = 0.8;
const hidden = `
data { dim T; y: real[T] }
model {
  scan t in T carry z: bool {
    sample z[t] ~ Bernoulli(if t == 0 then 0.5 else if z[t - 1] then ${STAY} else ${1 - STAY})
    observe y[t] ~ Normal(if z[t] then 1.0 else -1.0, 1)
  }
}`;

/** Log evidence: the sum over all sequences of states. */
function bruteForce(values: readonly number[]): number {
  const weights = Array.from({ length: 2 ** values.length }, (_, code) =>
    values.reduce((sum, value, t) => {
      const [state, before] = [(code >> t) & 1, (code >> (t - 1)) & 1];
      const prior = t === 0 ? 0.5 : state === before ? STAY : 1 - STAY;
      return sum + Math.log(prior) - 0.5 * (value - (state === 1 ? 1 : -1)) ** 2 - 0.5 * Math.log(2 * Math.PI);
    }, 0),
  );
  return Math.log(weights.reduce((sum, w) => sum + Math.exp(w), 0));
}

test("a Bernoulli state with logits that depend on the step before: all later terms are credited to it", async () => {
  const values = y.slice(0, 4);
  const text = `${hidden}
guide {
  plate t in T { param up[t] = 0  param down[t] = 0 }
  scan t in T carry z: bool { sample z[t] ~ Bernoulli(logit = if t == 0 then up[t] else if z[t - 1] then up[t] else down[t]) }
}`;
  const fit = await infer({ path: "m.ppl", text }, { y: values }, { steps: 8000 });
  expect(fit.estimators[0]!.estimator).toBe("loo");
  expect(Math.abs(fit.elbo.mean - bruteForce(values))).toBeLessThan(0.02 + 4 * fit.elbo.se);
});

const refusalsOf = (text: string): readonly string[] => {
  try {
    compile({ path: "m.ppl", text }, { y });
    return [];
  } catch (error) {
    if (!(error instanceof VariateError)) throw error;
    return error.diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code);
  }
};

describe("what such a scan cannot be", () => {
  test("steps drawn by a sampler with a stream of its own", () => {
    const text = `
data { dim T; y: real[T] }
model { scan t in T carry g = 1.0 { sample g[t] ~ Gamma(2, 2)  observe y[t] ~ Normal(g[t], 1) } }
guide { scan t in T carry g = 1.0 { sample g[t] ~ Gamma(2, 1 + g[t - 1]) } }`;
    expect(refusalsOf(text)).toEqual(["PPL901"]);
    expect(refusalsOf(text.replaceAll("Gamma(2, 1 + g[t - 1])", "LogNormal(0.1 * g[t - 1], 1)"))).toEqual([]);
  });

  test("wider than the model's support, or of another one", () => {
    const text = `
data { dim T; y: real[T] }
model { scan t in T carry g = 1.0 { sample g[t] ~ Gamma(2, 2)  observe y[t] ~ Normal(g[t], 1) } }
guide { scan t in T carry g = 1.0 { sample g[t] ~ Normal(g[t - 1], 1) } }`;
    expect(refusalsOf(text)).toEqual(["PPL503"]);
  });
});
