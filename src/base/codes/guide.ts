// 5xx: guides, estimators, objectives.

import type { CodeRow } from "./row.ts";

export const guideCodes = {
  PPL501: {
    severity: "error",
    title: "guide samples an unknown site",
    say: (a: { name: string }) => `the model has no site \`${a.name}\``,
  },
  PPL502: {
    severity: "error",
    title: "site not covered",
    say: (a: { site: string; model: string; guide: string }) =>
      `the guide samples \`${a.guide}\`, but the model's site is \`${a.model}\`: the guide must cover all its members`,
  },
  PPL503: {
    severity: "error",
    title: "support of guide and model",
    say: (a: { site: string; guide: string; guideValues: string; model: string; modelValues: string }) =>
      `in the guide \`${a.site}\` is ${a.guideValues} (${a.guide}), but in the model ${a.modelValues} (${a.model})`,
  },
  PPL504: {
    severity: "error",
    title: "site in two places",
    say: (a: { site: string }) => `the guide mentions \`${a.site}\` twice`,
  },
  PPL505: {
    severity: "error",
    title: "family on a discrete site",
    say: (a: { site: string; family: string; type: string }) =>
      `\`${a.family}\` is for continuous sites, and \`${a.site}\` is ${a.type}`,
  },
  PPL506: {
    severity: "error",
    title: "guide for a `@marginal` site",
    say: (a: { site: string }) => `\`${a.site}\` is summed out of the density (\`@marginal\`), so it has no guide`,
  },
  PPL507: {
    severity: "error",
    title: "plate cannot be batched",
    say: (
      a: { plate: string; name: string } | { plate: string; scan: string } | { plate: string; objective: string },
    ) =>
      "objective" in a
        ? `plate ${a.plate} cannot be batched: the objective ${a.objective} takes a logarithm over its members together, and a part of them says nothing about that`
        : "scan" in a
          ? `plate ${a.plate} cannot be batched: \`${a.scan}\` runs over it, and its steps follow one another`
          : `plate ${a.plate} cannot be batched: \`${a.name}\` is read whole, and a step sees only some of its members`,
  },
  PPL508: {
    severity: "error",
    title: "estimator refused here",
    say: (a: { estimator: string; site: string; reason: string }) =>
      `\`${a.estimator}\` cannot be used for \`${a.site}\`: ${a.reason}`,
  },
  PPL510: {
    severity: "error",
    title: "guide reads a later site",
    say: (a: { site: string }) => `the guide reads \`${a.site}\` before it samples it`,
  },
  PPL511: {
    severity: "error",
    title: "option refused here",
    say: (a: { option: string; reason: string }) => `${a.option} is not possible here: ${a.reason}`,
  },
} as const satisfies Record<string, CodeRow>;
