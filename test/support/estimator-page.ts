// docs/estimators.md, written from the table.

import { estimators } from "../../src/estimator/index.ts";
import { objectives } from "../../src/objective/index.ts";
import type { ObjectiveRow } from "../../src/objective/objective.ts";
import type { Estimator } from "../../src/estimator/estimator.ts";

const HEAD = `# Estimators

Written from the tables in \`src/estimator\` and \`src/objective\` by \`test/docs.test.ts\`; refresh it with
\`npx vitest run --config test/vitest.config.ts test/docs.test.ts --update\`.

An estimator says how the gradient of the objective reaches the guide of a site. \`@estimator(name, option = …)\` on a site, or
\`--estimator SITE=name\` on the command line, asks for one; \`variate explain\` says which one a site gets otherwise, and why. [Choosing an estimator](choosing-an-estimator.md) says which to use when.

In the formulas z is the draw, φ are the guide's parameters, f is the cost (what depends on the draw), θ the logits of a listed site and π their
probabilities, D the drawn one-hot vector, g the gradient of the cost in it, G the gradient in θ, J the Jacobian of softmax, K the number of draws, C that of states.`;

function section({ name, doc, formula, source, bias, cost, options }: Estimator): string {
  const lines = [
    `## ${name}`,
    "",
    doc,
    "",
    `- **Formula**: ${formula}`,
    `- **Bias**: ${bias === "none" ? "none" : bias.why}`,
    `- **Cost**: ${cost}`,
    ...Object.entries(options).map(([option, meaning]) => `- **Option** \`${option}\`: ${meaning}`),
    `- **Source**: ${source}`,
  ];
  return lines.join("\n");
}

const OBJECTIVES = `# Objectives

\`--objective NAME\` says what is climbed; the value that is printed at the end never depends on the estimators.`;

function objectiveSection({ name, doc, source, least }: ObjectiveRow): string {
  const written = name === "renyi" ? "renyi(alpha = α)" : name;
  return [
    `## ${written}`,
    "",
    doc,
    "",
    ...(least === 1 ? [] : [`- **Draws**: ${least} or more`]),
    `- **Source**: ${source}`,
  ].join("\n");
}

export const estimatorPage = (): string =>
  `${[HEAD, ...estimators.map(section), OBJECTIVES, ...objectives.map(objectiveSection)].join("\n\n")}\n`;
