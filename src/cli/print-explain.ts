// An explanation as a person reads it: a table of choices, then for each the reason, what else would do and what is
// refused.

import { amount } from "../base/bytes.ts";
import type { Choice, Explanation } from "../result.ts";
import { alternatives, type Alternative, type Alternatives } from "../output/alternatives.ts";
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
    ...alike(choices).map((group, i, groups) => detail(group, groups.slice(0, i), limits, view)),
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
  return table(
    COLUMNS,
    choices.map((choice) => row(choice, limits, view)),
    view.colors.dim,
  );
}

const cellsOf = (choice: Choice): readonly string[] => [
  choice.site,
  choice.kind,
  familyOf(choice),
  choice.estimator,
  biasOf(choice),
  choice.cost,
];

/** The family; the sites that share it are in the paragraph below. */
const familyOf = ({ guide }: Choice): string => guide.split(" with ")[0]!;

/** Column widths that fit the page: the last column is cut first, then the widest. The paragraphs below say in full
 *  what was cut. */
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

const biasOf = (choice: Choice): string => (choice.unbiased ? "none" : "biased");

// ---------------------------------------------------------------------------------------- reasons

const NO_DATA = "none given: sizes stand in, and choices that depend on them may change";

function overall(
  { objective, guide, method, engine, memory, dims }: Explanation,
  { width, colors, withData }: ExplainView,
): string {
  const sizes = Object.entries(dims)
    .map(([dim, size]) => `${dim} = ${formatCount(size)}`)
    .join(", ");
  const choice = (what: string, name: string, reason: string): string =>
    paragraph(what.padEnd(8), `${colors.cyan(name)}: ${reason}`, width);
  return [
    ...(withData ? [] : [colors.yellow(paragraph("data    ", NO_DATA, width))]),
    ...(sizes === "" ? [] : [paragraph("sizes   ", sizes, width)]),
    ...(objective.name === "elbo" ? [] : [choice("climbed", objectiveWords(objective), objective.reason)]),
    choice("guide", guide.family, guide.reason),
    choice("method", method.name, method.reason),
    choice("engine", engine.name, engine.reason),
    ...(memory === null ? [] : [paragraph("memory  ", memoryWords(memory), width)]),
  ].join("\n");
}

const memoryWords = ({ total, data }: NonNullable<Explanation["memory"]>): string =>
  `${amount(total)} for one evaluation, of which data ${amount(data)}`;

const objectiveWords = ({ name, alpha, particles }: Explanation["objective"]): string =>
  `${name}${alpha === undefined ? "" : `(alpha=${alpha})`} of ${particles} draw${particles === 1 ? "" : "s"}`;

/** Sites about which the same is said are said it once. */
function alike(choices: readonly Choice[]): Group[] {
  const groups = new Map<string, Group>();
  for (const choice of choices) {
    const key = JSON.stringify([
      choice.estimator,
      choice.bias,
      choice.cost,
      choice.reason,
      choice.rejected,
      choice.advice,
    ]);
    const [first, ...others] = [...(groups.get(key) ?? []), choice];
    groups.set(key, [first ?? choice, ...others]);
  }
  return [...groups.values()];
}

type Group = readonly [Choice, ...Choice[]];

function detail(
  group: Group,
  before: readonly Group[],
  limits: readonly number[],
  { width, colors }: ExplainView,
): string {
  const [choice] = group;
  const sites = colors.bold(group.map(({ site }) => site).join(", "));
  const line = (name: string, text: string): string => paragraph(`  ${name.padEnd(10)}`, text, width);
  return [
    paragraph("", `${sites}: ${colors.cyan(choice.estimator)}`, width),
    line("why", choice.reason),
    ...(choice.unbiased ? [] : [colors.yellow(line("biased", choice.bias))]),
    ...(choice.advice === null ? [] : [colors.yellow(line("advice", choice.advice))]),
    ...blocksOf(group).map((block) => line("jointly", block)),
    ...COLUMNS.flatMap(({ title }, c) => wholeCells(group, c, limits[c]!).map((cell) => line(title, cell))),
    ...rejections(choice, before, width),
  ].join("\n");
}

/** What the table shows of a column for these sites, where it was cut. */
const wholeCells = (group: readonly Choice[], column: number, limit: number): readonly string[] => [
  ...new Set(group.map((choice) => cellsOf(choice)[column]!).filter((cell) => cell.length > limit)),
];

/** The sites that have one Gaussian together, where it is not the one of the whole group. */
function blocksOf(group: readonly Choice[]): readonly string[] {
  const own = group
    .map(({ site }) => site)
    .sort()
    .join(", ");
  const blocks = group.flatMap(({ site, guide }) => {
    const others = guide.split(" with ")[1];
    return others === undefined ? [] : [[site, ...others.split(", ")].sort().join(", ")];
  });
  return [...new Set(blocks)].filter((block) => block !== own);
}

/** What else would do, one to a line, and what is refused, reason by reason. A list that was written for a site before
 *  is not written again. */
function rejections(choice: Choice, before: readonly Group[], width: number): string[] {
  const label = (name: string, i: number): string => `  ${(i === 0 ? name : "").padEnd(10)}`;
  return (["possible", "refused"] as const).flatMap((name) => {
    const all = alternatives(choice)[name];
    const earlier = listedFor(all, name, before);
    const rest = all.filter((one) => !(earlier?.listed ?? []).some((other) => same(one, other)));
    const widest = Math.max(0, ...rest.map(({ estimators }) => estimators.join(", ").length));
    return [
      ...(earlier === null ? [] : [`the same as for ${earlier.site}${rest.length === 0 ? "" : ", and"}`]),
      ...rest,
    ].map((line, i) =>
      typeof line === "string"
        ? paragraph(label(name, i), line, width)
        : name === "possible"
          ? paragraph(`${label(name, i)}${line.estimators.join(", ").padEnd(widest)}  `, line.reason, width)
          : paragraph(label(name, i), `${line.estimators.join(", ")}: ${line.reason}`, width),
    );
  });
}

type Listed = { readonly site: string; readonly listed: readonly Alternative[] };

const same = (a: Alternative, b: Alternative): boolean =>
  a.reason === b.reason && a.estimators.join() === b.estimators.join();

/** Alternatives from which on a list is not repeated. */
const MANY = 4;

/** The longest list of an earlier site that is a part of this one; null: none. */
function listedFor(all: readonly Alternative[], name: keyof Alternatives, before: readonly Group[]): Listed | null {
  const parts = before
    .map(([choice]): Listed => ({ site: choice.site, listed: alternatives(choice)[name] }))
    .filter(({ listed }) => listed.length >= MANY && listed.every((one) => all.some((other) => same(one, other))));
  return parts.reduce<Listed | null>(
    (best, part) => (best === null || part.listed.length > best.listed.length ? part : best),
    null,
  );
}
