// 7xx: the numerics of a run.

import type { CodeRow } from "./row.ts";

const KHAT_LIMIT = 0.7;

const notFinite = (terms: readonly string[]): string =>
  `${terms.join(", ")} ${terms.length === 1 ? "is" : "are"} infinite or NaN`;

/** Null: at the start. */
const again = (step: number | null): string =>
  step === null ? "at every starting point with a finite log density" : `in many of the steps up to ${step}`;

export const runCodes = {
  PPL701: {
    severity: "error",
    title: "log density not finite at the start",
    say: (a: { tried: number; terms: readonly string[] }) =>
      `the log density is not finite at ${a.tried === 1 ? "the starting point" : `any of ${a.tried} starting points`}` +
      (a.terms.length === 0 ? "" : `: ${notFinite(a.terms)}`),
  },
  PPL702: {
    severity: "error",
    title: "NaN in step",
    say: (a: { step: number | null; terms: readonly string[] }) =>
      `the value of the objective was infinite or NaN ${again(a.step)}` +
      (a.terms.length === 0 ? "" : `; at the start ${notFinite(a.terms)}`),
  },
  PPL703: {
    severity: "error",
    title: "gradient not finite",
    say: (a: { step: number | null; parameter: string; terms: readonly string[] }) =>
      `the gradient in ${a.parameter} was infinite or NaN ${again(a.step)}` +
      (a.terms.length === 0 ? "" : `; at the start ${notFinite(a.terms)}`),
  },
  PPL704: {
    severity: "error",
    title: "latent state of probability zero",
    say: (a: { state: string; term: string }) =>
      `under state ${a.state}, ${a.term} is log 0, so the ELBO is -inf for every guide`,
  },
  PPL705: {
    severity: "error",
    title: "matrix not positive definite",
    say: (a: { term: string } | { param: string; dist: string; found: string }) =>
      "term" in a
        ? `a matrix in ${a.term} is not positive definite at the start, so it has no Cholesky factor`
        : `\`${a.param}\` of ${a.dist} must be a symmetric positive definite matrix, and the data makes it ${a.found}`,
  },
  PPL707: {
    severity: "warning",
    title: "`ode` too coarse",
    say: (a: { gap: number; steps: number }) =>
      `solved again with ${2 * a.steps} steps per interval instead of ${a.steps}, the solution moves by ` +
      (Number.isFinite(a.gap) ? `${a.gap.toPrecision(2)} posterior sds` : "more than any number"),
  },
  PPL708: {
    severity: "warning",
    title: "not converged",
    say: (a: { finding: string }) => `the fit did not converge: ${a.finding}`,
  },
  PPL709: {
    severity: "warning",
    title: "k-hat too high",
    say: (a: { khat: number }) =>
      `k-hat is ${a.khat.toFixed(2)}, above ${KHAT_LIMIT}: the guide does not cover the posterior, and means and sds may be off`,
  },
  PPL710: {
    severity: "error",
    title: "no draws of an improper distribution",
    say: (a: { site: string; dist: string }) => `\`${a.site}\` cannot be drawn: \`${a.dist}\` is improper`,
  },
  PPL711: {
    severity: "warning",
    title: "factors are not simulated",
    say: () => "a simulation draws from the distributions alone, and this model also has a `factor`",
  },
  PPL712: {
    severity: "error",
    title: "memory limit",
    say: (a: { needed: string; limit: string; largest: string }) =>
      `one evaluation needs ${a.needed} of memory, more than the limit of ${a.limit}; the largest values are ${a.largest}`,
  },
} as const satisfies Record<string, CodeRow>;
