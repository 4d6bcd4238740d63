// An explanation as a person reads it: a table of choices, then for each the reason and what was rejected.

import type { Choice, Explanation } from "../result.ts";
import { formatCount } from "../output/number.ts";
import type { Column } from "./table.ts";
import { paragraph, shorten, table } from "./table.ts";
import type { Colors } from "./view.ts";

export type ExplainView = {
  readonly width: number;
  readonly colors: Colors;
  /** False: sizes stand in for data that was not given. */
  readonly withData: boolean;
};

export function printExplanation(explanation: Explanation, view: ExplainView): string {
  const { choices } = explanation;
  const limits = limitsOf(choices, view);
  const blocks = [
    heading(explanation, view),
    choiceTable(choices, limits, view),
    overall(explanation, view),
    ...alike(choices).map((group) => detail(group, limits, view)),
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

function heading(explanation: Explanation, { width, colors }: ExplainView): string {
  const count = (n: number, noun: string): string => `${formatCount(n)} ${noun}${n === 1 ? "" : "s"}`;
  const facts = [
    count(explanation.choices.length, "latent site"),
    count(explanation.coordinates, "unconstrained coordinate"),
    count(explanation.nodes, "graph node"),
  ];
  return paragraph("", `${colors.bold(explanation.model)}: ${facts.join(", ")}`, width);
}

// ---------------------------------------------------------------------------------------- table

const COLUMNS: readonly Column[] = ["site", "kind", "guide", "estimator", "bias", "cost"].map((title) => ({
  title,
  align: "left",
}));

/** The width of the last column, the cost, below which others are cut too. */
const NARROWEST = 18;

function choiceTable(choices: readonly Choice[], limits: readonly number[], view: ExplainView): string {
  if (choices.length === 0) return "";
  return table(COLUMNS, choices.map((choice) => row(choice, limits, view)), view.colors.dim);
}

const cellsOf = (choice: Choice): readonly string[] =>
  [choice.site, choice.kind, familyOf(choice), choice.estimator, biasOf(choice), choice.cost];

/** The family; the sites that share it are in the paragraph below. */
const familyOf = ({ guide }: Choice): string => guide.split(" with ")[0]!;

/** Column widths that fit the page: the last column is cut first, then the widest. The paragraphs below say in full what was cut. */
function limitsOf(choices: readonly Choice[], { width: page }: ExplainView): readonly number[] {
  const cells = choices.map(cellsOf);
  const widths = COLUMNS.map(({ title }, c) => Math.max(title.length, ...cells.map((row) => row[c]!.length)));
  const last = widths.length - 1;
  for (let over = widths.reduce((a, b) => a + b, 2 * last) - page; over > 0; over--) {
    const at = widths[last]! > NARROWEST ? last : widths.indexOf(Math.max(...widths));
    widths[at] = widths[at]! - 1;
  }
  return widths;
}

function row(choice: Choice, limits: readonly number[], { colors }: ExplainView): string[] {
  const cells = cellsOf(choice).map((cell, c) => shorten(cell, limits[c]!));
  const paintBias = choice.unbiased ? (text: string): string => text : colors.yellow;
  return cells.map((cell, c) => (c === 3 ? colors.cyan(cell) : c === 4 ? paintBias(cell) : cell));
}

const biasOf = (choice: Choice): string => (choice.unbiased ? "none" : choice.bias);

// ---------------------------------------------------------------------------------------- reasons

const NO_DATA = "none given: sizes stand in, and choices that depend on them may change";

function overall({ guide, method, engine, dims }: Explanation, { width, colors, withData }: ExplainView): string {
  const sizes = Object.entries(dims)
    .map(([dim, size]) => `${dim} = ${formatCount(size)}`)
    .join(", ");
  const choice = (what: string, name: string, reason: string): string =>
    paragraph(what.padEnd(8), `${colors.cyan(name)}: ${reason}`, width);
  return [
    ...(withData ? [] : [colors.yellow(paragraph("data    ", NO_DATA, width))]),
    ...(sizes === "" ? [] : [paragraph("sizes   ", sizes, width)]),
    choice("guide", guide.family, guide.reason),
    choice("method", method.name, method.reason),
    choice("engine", engine.name, engine.reason),
  ].join("\n");
}

/** Sites about which the same is said are said it once. */
function alike(choices: readonly Choice[]): Choice[][] {
  const groups = new Map<string, Choice[]>();
  for (const choice of choices) {
    const key = JSON.stringify([
      choice.estimator,
      choice.bias,
      choice.cost,
      choice.reason,
      choice.rejected,
      choice.advice,
    ]);
    groups.set(key, [...(groups.get(key) ?? []), choice]);
  }
  return [...groups.values()];
}

function detail(group: readonly Choice[], limits: readonly number[], { width, colors }: ExplainView): string {
  const [choice] = group as readonly [Choice, ...Choice[]];
  const sites = colors.bold(group.map(({ site }) => site).join(", "));
  const line = (name: string, text: string): string => paragraph(`  ${name.padEnd(10)}`, text, width);
  return [
    paragraph("", `${sites}: ${colors.cyan(choice.estimator)}`, width),
    line("why", choice.reason),
    ...blocksOf(group).map((block) => line("jointly", block)),
    ...COLUMNS.flatMap(({ title }, c) => wholeCells(group, c, limits[c]!).map((cell) => line(title, cell))),
    ...rejections(choice, width),
    ...(choice.advice === null ? [] : [colors.yellow(line("advice", choice.advice))]),
  ].join("\n");
}

/** What the table shows of a column for these sites, where it was cut. */
const wholeCells = (group: readonly Choice[], column: number, limit: number): readonly string[] =>
  [...new Set(group.map((choice) => cellsOf(choice)[column]!).filter((cell) => cell.length > limit))];

/** The sites that have one Gaussian together, where it is not the one of the whole group. */
function blocksOf(group: readonly Choice[]): readonly string[] {
  const own = group.map(({ site }) => site).sort().join(", ");
  const blocks = group.flatMap(({ site, guide }) => {
    const others = guide.split(" with ")[1];
    return others === undefined ? [] : [[site, ...others.split(", ")].sort().join(", ")];
  });
  return [...new Set(blocks)].filter((block) => block !== own);
}

function rejections({ rejected }: Choice, width: number): string[] {
  const widest = Math.max(0, ...rejected.map(({ estimator }) => estimator.length));
  return rejected.map(({ estimator, reason }, i) =>
    paragraph(`  ${(i === 0 ? "not" : "").padEnd(10)}${estimator.padEnd(widest)}  `, reason, width),
  );
}
