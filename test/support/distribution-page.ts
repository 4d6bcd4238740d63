// docs/distributions.md, written from the table.

import type { Dist, Param, SupportKind } from "../../src/dist/dist.ts";
import type { Combinator } from "../../src/dist/combinator.ts";
import { combinators, dists } from "../../src/dist/index.ts";
import { signatures } from "../../src/model/check-dist.ts";

const supports: Record<SupportKind, string> = {
  real: "all numbers",
  positive: "numbers above 0",
  nonnegative: "numbers from 0 on",
  interval: "numbers between two bounds",
  lower: "numbers from a bound on",
  upper: "numbers up to a bound",
  point: "one number",
  circle: "angles from -π to π",
  simplex: "vectors of nonnegative numbers that sum to one",
  ordered: "increasing vectors",
  "cholesky-correlation": "Cholesky factors of correlation matrices",
  covariance: "covariance matrices",
  boolean: "true and false",
  category: "the members of a dim",
  "one-hot": "vectors with a single one among zeros",
  count: "0, 1, 2, …",
  counts: "vectors of counts with a given sum",
};

const draws: Record<Dist["draw"]["kind"], string> = {
  pathwise: "a smooth map of noise: reparameterisable",
  implicit: "by a sampler, smooth in the parameters",
  finite: "from a list of values: can be enumerated",
  opaque: "by a sampler",
  none: "impossible: improper",
};

const HEAD = `# Distributions

Written from the table in \`src/dist\` by \`test/dist-page.test.ts\`; refresh it with
\`npx vitest run --config test/vitest.config.ts test/dist-page.test.ts --update\`.

Parameters broadcast: \`Normal(zeros(20), 1)\` is a vector of 20 independent normals. Arguments are given in order or by name;
a form that is written with \`name = …\` wants the name.`;

/** Parameters of all forms, each once. */
function paramsOf({ forms }: Pick<Dist, "forms">): readonly Param[] {
  const all = forms.flatMap((form) => form.params);
  return all.filter((p, i) => all.findIndex((q) => q.name === p.name) === i);
}

function section(dist: Dist): string {
  const kinds = [...new Set(dist.forms.map((form) => form.supportKind ?? dist.supportKind))];
  const lines = [
    `## ${dist.name}`,
    "",
    dist.doc,
    "",
    `- **Written** \`${signatures(dist)}\``,
    ...paramsOf(dist).map((p) => `- \`${p.name}\`: ${p.doc} (${p.support.replace("-", " ")})`),
    `- **Values**: ${kinds.map((kind) => supports[kind]).join("; ")}`,
    `- **Draws**: ${draws[dist.draw.kind]}`,
    ...(dist.logCdf === undefined ? [] : ["- **Tail probabilities**: `log_cdf`, `log_ccdf`, `cdf`"]),
    `- **Source**: ${dist.source}`,
  ];
  return lines.join("\n");
}

const OF_DISTRIBUTIONS = `# Distributions of distributions

Their arguments are distributions, of any kind that is said here and combined at will. Support, draws and tail probabilities follow from
those inside. Distributions of one number with parameters of some shape stay independent over it.`;

const combinatorSection = (c: Combinator): string =>
  [
    `## ${c.name}`,
    "",
    c.doc,
    "",
    `- **Written** \`${signatures(c)}\``,
    ...paramsOf(c).map((p) => `- \`${p.name}\`: ${p.doc}`),
    `- **Source**: ${c.source}`,
  ].join("\n");

export const distributionPage = (): string =>
  `${[HEAD, ...dists.map(section), OF_DISTRIBUTIONS, ...combinators.map(combinatorSection)].join("\n\n")}\n`;
