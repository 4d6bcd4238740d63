// A fit as a person reads it: verdict, table of sites, how it was computed, warnings.

import { printable } from "../base/width.ts";
import { covers } from "../fit/verdict.ts";
import type { Choice, Fit, Labels, Summary } from "../result.ts";
import { engineWords } from "../output/engine-words.ts";
import { entriesOf, entryLabel } from "../output/nested.ts";
import { decimalsFor, formatCount, formatNumber, formatSeconds, formatShort } from "../output/number.ts";
import type { Column } from "./table.ts";
import { paragraph, shorten, table } from "./table.ts";
import type { Colors } from "./view.ts";

/** Entries of one site that are printed. */
const SHOWN = 12;

export function printFit(fit: Fit, width: number, colors: Colors): string {
  const { lines, hidden } = summaryRows(fit);
  const blocks = [
    verdict(fit, width, colors),
    table(SUMMARY_COLUMNS, lines, colors.dim),
    hidden > 0 ? colors.dim(`${formatCount(hidden)} more entries: --json or --out DIR has all of them`) : "",
    footer(fit, width),
    table(ESTIMATOR_COLUMNS, estimatorRows(fit.estimators, width), colors.dim),
    warnings(fit, width, colors),
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

function verdict(fit: Fit, width: number, colors: Colors): string {
  const good = fit.converged && covers(fit);
  const text = paragraph("", `${fit.model}: ${fit.verdict}`, width);
  return good ? colors.green(text) : colors.yellow(text);
}

/** The messages stand on standard error; here is what to look up. */
function warnings({ warnings: given }: Fit, width: number, colors: Colors): string {
  if (given.length === 0) return "";
  const codes = [...new Set(given.map(({ code }) => code))];
  const count = `${given.length} warning${given.length === 1 ? "" : "s"}`;
  return colors.yellow(paragraph("", `${count}: ${codes.join(", ")} (variate explain ${codes[0]} says more)`, width));
}

// ---------------------------------------------------------------------------------------- summaries

const SUMMARY_COLUMNS: readonly Column[] = [
  { title: "", align: "left" },
  { title: "mean", align: "right" },
  { title: "sd", align: "right" },
  { title: "5%", align: "right" },
  { title: "50%", align: "right" },
  { title: "95%", align: "right" },
];

/** The table of some summaries. */
export function printSummaries(
  summaries: Readonly<Record<string, Summary>>,
  labels: Fit["labels"],
  colors: Colors,
): string {
  const parts = Object.entries(summaries).map(([name, summary]) => rowsOf(name, summary, labels[name]));
  return table(
    SUMMARY_COLUMNS,
    parts.flatMap(({ lines }) => lines),
    colors.dim,
  );
}

function summaryRows(fit: Fit): { lines: string[][]; hidden: number } {
  const parts = [...Object.entries(fit.sites), ...Object.entries(fit.reports), ...Object.entries(fit.predicted)].map(
    ([name, summary]) => rowsOf(name, summary, fit.labels[name]),
  );
  const params = Object.entries(fit.params).map(([name, value]) => {
    const rows = entriesOf(value).map((entry) => [
      `param ${label(name, entry.index, fit.labels[name])}`,
      formatShort(entry.value),
    ]);
    return { lines: rows.slice(0, SHOWN), hidden: Math.max(0, rows.length - SHOWN) };
  });
  const all = [...parts, ...params];
  return { lines: all.flatMap((part) => part.lines), hidden: all.reduce((sum, part) => sum + part.hidden, 0) };
}

function rowsOf(name: string, summary: Summary, labels: Labels | undefined): { lines: string[][]; hidden: number } {
  const all = [summary.mean, summary.sd, summary.q05, summary.q50, summary.q95].map((part) => entriesOf(part));
  // Members that a condition on the data leaves out have no value.
  const exists = (i: number): boolean =>
    !all[0]!.some(({ value }) => Number.isFinite(value)) || !Number.isNaN(all[0]![i]!.value);
  const columns = all.map((column) => column.filter((_, i) => exists(i)));
  const count = columns[0]!.length;
  const shown = count > SHOWN ? SHOWN - 1 : count;
  const lines = columns[0]!.slice(0, shown).map(({ index }, row) => {
    const numbers = columns.map((column) => column[row]!.value);
    const decimals = decimalsFor(numbers[1]!);
    return [label(name, index, labels), ...numbers.map((value) => formatNumber(value, decimals))];
  });
  return { lines: shown < count ? [...lines, [`${name}[…]`]] : lines, hidden: count - shown };
}

const label = (name: string, index: readonly number[], labels: Labels | undefined): string =>
  shorten(printable(entryLabel(name, index, labels ?? { base: 0, names: [], dims: [] })), 32);

// ---------------------------------------------------------------------------------------- how

/** What the verdict does not say: it has the ELBO, the k-hat and the number of gradients. */
function footer(fit: Fit, width: number): string {
  const facts = [
    `guide ${fit.guide}`,
    `method ${fit.method}`,
    `${formatCount(fit.steps)} steps`,
    `engine ${engineWords(fit)}`,
    `seed ${fit.seed}`,
    formatSeconds(fit.seconds.total),
  ];
  return paragraph("", facts.join(", "), width);
}

const ESTIMATOR_COLUMNS: readonly Column[] = [
  { title: "site", align: "left" },
  { title: "guide", align: "left" },
  { title: "estimator", align: "left" },
  { title: "bias", align: "left" },
];

function estimatorRows(choices: readonly Choice[], width: number): string[][] {
  return choices.map((c) => [
    c.site,
    c.guide,
    c.estimator,
    c.unbiased ? "none" : shorten(c.bias, Math.max(20, width - 50)),
  ]);
}
