// The table of variances: models in which estimators of one site stand in a known order, what they measure, and the order. The tests hold the orders;
// `test/bench/variances.ts` writes table and picture of the documentation.

import { estimators } from "../../src/estimator/index.ts";
import { logNormal, softmax } from "./exact-elbo.ts";
import { members, sum, type TestModel } from "./exact-model.ts";
import { truthOf } from "./exact-checks.ts";
import { moments, replicates } from "./exact-replicates.ts";

/** An estimator at a number of draws per step, and how often it evaluates the cost for them. */
export type Contender = { readonly estimator: string; readonly draws: number; readonly evaluations: number };

export type Contest = {
  readonly name: string;
  readonly title: string;
  readonly model: TestModel;
  readonly site: string;
  readonly objective?: string;
  readonly contenders: readonly Contender[];
  /** Pairs of names: the variance of the first is below that of the second by at least this factor. */
  readonly orders: readonly (readonly [quieter: string, noisier: string, factor: number])[];
};

/** Relative to the squared length of the exact gradient: the squared bias, and the sum of the variances of one step's gradient. */
export type Row = Contender & {
  readonly label: string;
  readonly unbiased: boolean;
  readonly bias: number;
  readonly variance: number;
};

export const labelOf = ({ estimator, draws }: Contender): string =>
  draws === 1 ? estimator : `${estimator}, ${draws} draws`;

export function measure({ model, site, objective = "elbo", contenders }: Contest, reps: number): readonly Row[] {
  const exact = truthOf(model).gradient;
  const size = sum(exact.length, (i) => exact[i]! ** 2);
  return contenders.map((contender) => {
    const { estimator, draws } = contender;
    const { mean, variance, se } = moments(
      replicates(model, { estimators: { [site]: estimator }, particles: draws, objective }).run(reps).gradient,
    );
    // The mean's own noise is taken off, so that an unbiased estimator has no bias on average.
    const bias = sum(mean.length, (i) => (mean[i]! - exact[i]!) ** 2 - se[i]! ** 2);
    const unbiased = estimators.find(({ name }) => name === estimator)!.bias === "none";
    return {
      ...contender,
      label: labelOf(contender),
      unbiased,
      bias: Math.max(0, bias) / size,
      variance: sum(variance.length, (i) => variance[i]!) / size,
    };
  });
}

// ---------------------------------------------------------------------------------------- a smooth draw

const line = { y: 1.5 };

/** Posterior N(0.75, 1/2); the guide N(m, e^2l). */
const smooth = (m: number, sd: number): TestModel => ({
  text: `
data { y: real }
model { sample z ~ Normal(0, 1)  observe y ~ Normal(z, 1) }
guide { param m = 0  param l = 0  sample z ~ Normal(m, exp(l)) }`,
  data: line,
  knots: 12,
  theta: { m: [m], l: [Math.log(sd)] },
  variables: [{ site: "z", kind: "normal", law: ({ m, l }) => ({ mean: m![0]!, sd: Math.exp(l![0]!) }) }],
  logJoint: ([z]) => logNormal(z!, 0, 1) + logNormal(line.y, z!, 1),
});

const one = (estimator: string, evaluations = 1): Contender => ({ estimator, draws: 1, evaluations });
const several = (estimator: string, draws: number, evaluations = draws): Contender => ({
  estimator,
  draws,
  evaluations,
});

const SMOOTH: readonly Contender[] = [one("path"), one("total"), one("analytic-kl"), one("score"), several("loo", 2)];

// ---------------------------------------------------------------------------------------- states

const STATES = 4;
const effect = [
  [0.9, -0.4, 0.2, -1.1],
  [-0.6, 0.8, -1.2, 0.3],
  [0.5, -0.9, 1.3, -0.2],
];
const theta = { t: [0.4, -0.3, 0.1, -0.2, -0.5, 0.6, 0.2, -0.1, 0.3, 0.1, -0.4, 0.5] };
const states = members(3, "z", "category", (i) => ({ t }) => ({
  prob: softmax(t!.slice(STATES * i, STATES * i + STATES)),
}));

const threeOf = (lines: string, logLikelihood: (z: readonly number[]) => number): TestModel => ({
  text: `
data { dim N = 3, C = ${STATES}; effect: real[N, C]; y: real }
model {
  plate i in N { sample z[i] ~ Categorical(ones(C) / C) }
  ${lines}
}
guide { param t: real[N, C] = zeros(N, C)  plate i in N { sample z[i] ~ Categorical(logit = t[i]) } }`,
  data: { effect, y: 0.8 },
  knots: 1,
  theta,
  variables: states,
  logJoint: (z) => -3 * Math.log(STATES) + logLikelihood(z),
});

const effectOf = (z: readonly number[]): number => sum(3, (i) => effect[i]![z[i]!]!);

/** Members meet in a cost that is curved in each one-hot vector. */
const curved = threeOf("let s = sum([i in N: effect[i, z[i]]])\n  observe y ~ Normal(s + 0.1 * s^2, 1.2)", (z) =>
  logNormal(0.8, effectOf(z) + 0.1 * effectOf(z) ** 2, 1.2),
);

/** Members meet in a whole number. */
const whole = threeOf("let s = sum([i in N: z[i]])\n  observe y ~ Normal(floor(s / 2) - 1, 1)", (z) =>
  logNormal(0.8, Math.floor(sum(3, (i) => z[i]!) / 2) - 1, 1),
);

const PAIRS = (STATES * (STATES - 1)) / 2 + 1;

// ---------------------------------------------------------------------------------------- the table

export const contests: readonly Contest[] = [
  {
    name: "near",
    title: "a Gaussian draw, its guide close to the posterior",
    model: smooth(0.8, 0.66),
    site: "z",
    contenders: SMOOTH,
    orders: [
      ["path", "analytic-kl", 1.5],
      ["analytic-kl", "total", 1.5],
      ["total", "score", 1.5],
      ["loo, 2 draws", "score", 1.1],
    ],
  },
  {
    name: "narrow",
    title: "a Gaussian draw, its guide far too narrow",
    model: smooth(0.2, 0.25),
    site: "z",
    contenders: SMOOTH,
    orders: [
      ["total", "path", 1.5],
      ["analytic-kl", "total", 1.5],
    ],
  },
  {
    name: "curved",
    title: "three sites of four states in a smooth cost",
    model: curved,
    site: "z",
    contenders: [
      one("st"),
      one("st-gumbel"),
      one("gumbel-rao"),
      one("reinmax"),
      one("reinmax-rao"),
      one("rebar", 3),
      several("loo", 4),
      one("arsm", PAIRS),
    ],
    orders: [
      ["gumbel-rao", "st-gumbel", 1.05],
      ["reinmax-rao", "reinmax", 1.2],
    ],
  },
  {
    name: "whole",
    title: "three sites of four states in a cost of whole numbers",
    model: whole,
    site: "z",
    contenders: [
      one("score"),
      one("ar"),
      one("ars", STATES),
      one("ars+", STATES),
      one("arsm", PAIRS),
      one("arsm+", PAIRS),
      one("disarm", 2),
      several("loo", 2),
      several("loo", STATES),
      several("loo", PAIRS),
    ],
    orders: [
      ["ars", "ar", 1.2],
      ["arsm", "ars", 1.2],
      ["ars+", "ars", 1.02],
      ["arsm+", "arsm", 1.0],
      ["score", "ar", 1.2],
      ["loo, 2 draws", "score", 1.1],
      ["loo, 7 draws", "arsm", 1.1],
    ],
  },
];

// ---------------------------------------------------------------------------------------- several draws

const bounded: TestModel = {
  text: `
data { x: real }
model { sample z ~ Normal(0, 1)  observe x ~ Normal(z, 1) }
guide { param m = 0  param l = 0  sample z ~ Normal(m, exp(l)) }`,
  data: { x: 1 },
  knots: 1,
  theta: { m: [0], l: [0] },
  variables: [],
  logJoint: () => NaN,
};

/** Mean over standard deviation of one gradient in the guide's location, under the importance weighted bound. */
export function signalToNoise(estimator: "total" | "dreg" | "vimco", draws: number, reps: number): number {
  const { mean, variance } = moments(
    replicates(bounded, { estimators: { z: estimator }, particles: draws, objective: "iwae" }).run(reps).gradient,
  );
  return Math.abs(mean[0]!) / Math.sqrt(variance[0]!);
}

export const DRAWS: readonly number[] = [2, 5, 20, 80];
