// 7xx: the numerics of a run.

import type { CodeRow } from "./row.ts";

const KHAT_LIMIT = 0.7;

export const runCodes = {
  PPL701: {
    severity: "error", title: "log density not finite at the start",
    say: (a: { tried: number; terms: readonly string[] }) =>
      `the log density is not finite at any of ${a.tried} starting points` + (a.terms.length === 0 ? "" : `: ${a.terms.join(", ")} is infinite or NaN`),
  },
  PPL702: {
    severity: "error", title: "NaN in step",
    say: (a: { step: number; terms: readonly string[] }) =>
      `step ${a.step} gave a value that is infinite or NaN` + (a.terms.length === 0 ? "" : ` in ${a.terms.join(", ")}`),
  },
  PPL703: {
    severity: "error", title: "gradient not finite",
    say: (a: { step: number; parameter: string; terms: readonly string[] }) =>
      `from step ${a.step} on, the gradient in ${a.parameter} was infinite or NaN` + (a.terms.length === 0 ? "" : `; so is ${a.terms.join(", ")}`),
  },
  PPL708: {
    severity: "warning", title: "not converged",
    say: (a: { finding: string }) => `the fit did not converge: ${a.finding}`,
  },
  PPL709: {
    severity: "warning", title: "k-hat too high",
    say: (a: { khat: number }) =>
      `k-hat is ${a.khat.toFixed(2)}, above ${KHAT_LIMIT}: the guide does not cover the posterior, and means and sds may be off`,
  },
} as const satisfies Record<string, CodeRow>;
