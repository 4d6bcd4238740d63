// 4xx: what a model means.

import type { CodeRow } from "./row.ts";

const list = (names: readonly string[]): string => names.join(", ");

/** A name that no `carry` mentions (`lag`: one that it does, read at a step that is not written out), or one that the
 *  body does not define. */
type NotCarried =
  | { readonly name: string; readonly read: string; readonly lag: boolean }
  | { readonly name: string; readonly problem: string };

export const modelCodes = {
  PPL401: {
    severity: "error",
    title: "observed name is not data",
    say: (a: { name: string; is: string }) => `\`observe\` needs data, and \`${a.name}\` is ${a.is}`,
  },
  PPL402: {
    severity: "error",
    title: "distribution expected",
    say: (a: { found: string; of?: string }) =>
      `${a.of === undefined ? "after `~` stands" : `\`${a.of}\` needs`} a distribution, and \`${a.found}\` is none`,
  },
  PPL403: {
    severity: "error",
    title: "`observe` of a latent expression",
    say: (a: { value: string; names: readonly string[] }) =>
      `\`observe\` needs data, and \`${a.value}\` depends on ${list(a.names)}`,
  },
  PPL404: {
    severity: "warning",
    title: "missing data without a distribution",
    say: (a: { name: string }) =>
      `\`${a.name}\` may have missing entries, and no \`observe\` gives them a distribution`,
  },
  PPL405: {
    severity: "error",
    title: "`sample` under a latent condition",
    say: (a: { site: string; names: readonly string[] }) =>
      `whether \`${a.site}\` is sampled depends on ${list(a.names)}: the sites of a model must be known before it runs`,
  },
  PPL406: {
    severity: "error",
    title: "read ahead in a scan",
    say: (a: { name: string; read: string; direction: string }) =>
      `\`${a.read}\` reads a step that is still to come: this scan runs ${a.direction}`,
  },
  PPL407: {
    severity: "error",
    title: "not carried",
    say: (a: NotCarried) => {
      if ("problem" in a) return `\`${a.name}\` is carried by this scan, which ${a.problem}`;
      return a.lag
        ? `\`${a.read}\` reads \`${a.name}\` a number of steps before that is not written out`
        : `\`${a.read}\` reads an earlier step, and the scan does not carry \`${a.name}\``;
    },
  },
  PPL408: {
    severity: "error",
    title: "first step unguarded",
    say: (a: { read: string; name: string; lag: number }) =>
      `\`${a.read}\` is read at the first ${a.lag === 1 ? "step" : `${a.lag} steps`} too, ` +
      `before which \`${a.name}\` has no value`,
  },
  PPL409: {
    severity: "error",
    title: "scan inside a scan",
    say: (a: { what: string }) => `${a.what} stands inside a scan, and recursions do not nest`,
  },
  PPL410: {
    severity: "error",
    title: "slice or size depends on a plate index",
    say: (a: { value: string; index: string }) =>
      `\`${a.value}\` depends on ${a.index}, so its size would differ between members`,
  },
  PPL411: {
    severity: "warning",
    title: "site not used",
    say: (a: { site: string; readers: readonly string[] }) =>
      a.readers.length === 0
        ? `no density reads \`${a.site}\`, so its posterior is its prior`
        : `only the prior of ${list(a.readers.map((name) => `\`${name}\``))} reads \`${a.site}\`, and nothing observed depends on it: its posterior is its prior`,
  },
  PPL412: {
    severity: "error",
    title: "`@marginal` not admissible",
    say: (a: { site: string; reason: string }) => `${a.site} cannot be summed out of the density: ${a.reason}`,
  },
  PPL420: {
    severity: "warning",
    title: "improper prior",
    say: (a: { site: string; dist: string }) =>
      `${a.dist} is improper: the data alone must determine \`${a.site}\`, ` +
      "and the evidence is not comparable between models",
  },
  PPL421: {
    severity: "warning",
    title: "unnormalised `Ordered`",
    say: (a: { dist: string; names: readonly string[] }) =>
      `\`${a.dist}\` is restricted to increasing order but not renormalised, and it depends on ${list(a.names)}`,
  },
  PPL422: {
    severity: "warning",
    title: "centred hierarchy with few data",
    say: (a: { site: string; scale: string }) =>
      `each member of \`${a.site}\` has one observation and a prior whose scale depends on ${a.scale}: ` +
      "centred like this, the posterior is a funnel",
  },
  PPL423: {
    severity: "warning",
    title: "density jumps in a continuous site",
    say: (a: { value: string; names: readonly string[] }) =>
      `\`${a.value}\` jumps as ${list(a.names)} changes, and a density depends on it: no gradient tells of a jump`,
  },
  PPL424: {
    severity: "warning",
    title: "observed twice",
    say: (a: { value: string; plate?: string }) =>
      a.plate === undefined
        ? `\`${a.value}\` is observed twice, so it counts twice`
        : `\`${a.value}\` is observed once for each member of plate ${a.plate}, so it counts more than once`,
  },
  PPL425: {
    severity: "warning",
    title: "unused data",
    say: (a: { what: string; name: string }) => `${a.what} \`${a.name}\` is declared but never used`,
  },
  PPL426: {
    severity: "warning",
    title: "symmetric labels",
    say: (a: { sites: readonly string[]; of: string }) =>
      `${a.of} could change places without any change of the density (${list(a.sites)}): the posterior has a mode for every order of them, ` +
      "and a guide finds one",
  },
  PPL427: {
    severity: "error",
    title: "nothing to infer",
    say: (a: { missing: "model" | "sites" }) =>
      a.missing === "model"
        ? "this file has no `model` block"
        : "a model without `sample` or `param` has nothing to infer",
  },
  PPL428: {
    severity: "error",
    title: "value that can only be observed",
    say: (a: { dist: string; reason: string }) =>
      `\`${a.dist}\` cannot be the distribution of a latent value: ${a.reason}`,
  },
  PPL429: {
    severity: "warning",
    title: "ratio of ints",
    say: (a: { ratio: string }) => `\`${a.ratio}\` divides two ints, and \`/\` gives a real with its fraction`,
  },
  PPL430: {
    severity: "warning",
    title: "prior reaches beyond what a parameter may be",
    say: (a: { site: string; dist: string; param: string; prior: string; range: string; allowed: string }) =>
      `\`${a.site}\` is ${a.range} by its prior ${a.prior}, but ${a.param} of ${a.dist} must be ${a.allowed}: beyond that there is no density`,
  },
} as const satisfies Record<string, CodeRow>;
