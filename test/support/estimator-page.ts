// docs/estimators.md, written from the table.

import { estimators } from "../../src/estimator/index.ts";
import type { Estimator } from "../../src/estimator/estimator.ts";

const HEAD = `# Estimators

Written from the table in \`src/estimator\` by \`test/docs.test.ts\`; refresh it with
\`npx vitest run --config test/vitest.config.ts test/docs.test.ts --update\`.

An estimator says how the gradient of the objective reaches the guide of a site. \`@estimator(name, option = …)\` on a site, or
\`--estimator SITE=name\` on the command line, asks for one; \`variate explain\` says which one a site gets otherwise, and why.`;

function section({ name, doc, source, bias, cost, options }: Estimator): string {
  const lines = [
    `## ${name}`, "", doc, "",
    `- **Bias**: ${bias === "none" ? "none" : bias.why}`,
    `- **Cost**: ${cost}`,
    ...Object.entries(options).map(([option, meaning]) => `- **Option** \`${option}\`: ${meaning}`),
    `- **Source**: ${source}`,
  ];
  return lines.join("\n");
}

export const estimatorPage = (): string => `${[HEAD, ...estimators.map(section)].join("\n\n")}\n`;
