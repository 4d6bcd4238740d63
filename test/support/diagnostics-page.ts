// docs/diagnostics.md, written from the table of codes.

import { codes } from "../../src/base/codes/index.ts";

const HEAD = `# Diagnostics

Written from the table in \`src/base/codes\` by \`test/docs.test.ts\`; refresh it with
\`npx vitest run --config test/vitest.config.ts test/docs.test.ts --update\`.

Each code has a page with a program that yields it and one that does not; \`variate explain PPL302\` prints it. Errors stop after their stage.`;

const STAGES: Readonly<Record<string, string>> = {
  1: "Text",
  2: "Names",
  3: "Types and shapes",
  4: "Statements and models",
  5: "Guides and estimators",
  6: "Data",
  7: "Runs",
  9: "Not built",
};

function section(stage: string): string {
  const rows = Object.entries(codes)
    .filter(([code]) => code[3] === stage)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = rows.map(([code, { severity, title }]) => `| [${code}](errors/${code}.md) | ${severity} | ${title} |`);
  return [`## ${STAGES[stage]}`, "", "| code | | |", "|---|---|---|", ...lines].join("\n");
}

export const diagnosticsPage = (): string => `${[HEAD, ...Object.keys(STAGES).map(section)].join("\n\n")}\n`;
