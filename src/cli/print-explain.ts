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
  const blocks = [
    heading(explanation, view),
    choiceTable(choices, view),
    overall(explanation, view),
    ...alike(choices).map((group) => detail(group, view)),
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

/** Long cells are cut; the paragraphs below say them in full. */
const WIDEST = 26;

function choiceTable(choices: readonly Choice[], view: ExplainView): string {
  if (choices.length === 0) return "";
  const rows = choices.map((choice) => row(choice, view));
  return table(COLUMNS, rows, view.colors.dim);
}

function row(choice: Choice, { colors }: ExplainView): string[] {
  const cells = [choice.site, choice.kind, choice.guide, choice.estimator, biasOf(choice), choice.cost].map((cell) =>
    shorten(cell, WIDEST),
  );
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

function detail(group: readonly Choice[], { width, colors }: ExplainView): string {
  const [choice] = group as readonly [Choice, ...Choice[]];
  const sites = colors.bold(group.map(({ site }) => site).join(", "));
  const line = (name: string, text: string): string => paragraph(`  ${name.padEnd(10)}`, text, width);
  return [
    paragraph("", `${sites}: ${colors.cyan(choice.estimator)}`, width),
    line("why", choice.reason),
    ...(biasOf(choice).length > WIDEST ? [line("bias", choice.bias)] : []),
    ...(choice.cost.length > WIDEST ? [line("cost", choice.cost)] : []),
    ...rejections(choice, width),
    ...(choice.advice === null ? [] : [colors.yellow(line("advice", choice.advice))]),
  ].join("\n");
}

function rejections({ rejected }: Choice, width: number): string[] {
  const widest = Math.max(0, ...rejected.map(({ estimator }) => estimator.length));
  return rejected.map(({ estimator, reason }, i) =>
    paragraph(`  ${(i === 0 ? "not" : "").padEnd(10)}${estimator.padEnd(widest)}  `, reason, width),
  );
}
