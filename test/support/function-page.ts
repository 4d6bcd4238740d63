// docs/functions.md, written from the table.

import { findFunction, functionNames, type FunctionRow } from "../../src/function/index.ts";

const TITLES: Readonly<Record<FunctionRow["kind"], string>> = {
  elementwise: "Entry by entry",
  reduction: "Over everything, or over one named dim",
  along: "Along a dim",
  array: "Arrays",
  "linear algebra": "Linear algebra",
  choice: "Choice",
  density: "Of a distribution",
  ode: "Differential equations",
  missing: "Of data",
};

const HEAD = `# Functions

Written from the table in \`src/function\` by \`test/docs.test.ts\`; refresh it with
\`npx vitest run --config test/vitest.config.ts test/docs.test.ts --update\`.

Operators are \`+ - * / % ^\`, \`== != < <= > >=\`, \`&& || !\`, all of them entry by entry. Constants: \`pi\`, \`inf\`. A function that goes
over or along a dim takes its name as last argument: \`mean(x, N)\`.`;

function section(kind: FunctionRow["kind"], rows: readonly FunctionRow[]): string {
  const own = rows.filter((row) => row.kind === kind);
  const lines = own.map(({ signature, doc }) => `| \`${signature}\` | ${doc} |`);
  return own.length === 0 ? "" : [`## ${TITLES[kind]}`, "", "| | |", "|---|---|", ...lines].join("\n");
}

export function functionPage(): string {
  const rows = functionNames.flatMap((name) => findFunction(name) ?? []);
  const sections = (Object.keys(TITLES) as FunctionRow["kind"][]).map((kind) => section(kind, rows));
  return `${[HEAD, ...sections.filter((text) => text !== "")].join("\n\n")}\n`;
}
