// The measured audit as a person reads it: for each site a table of estimators, the one with the least error × cost
// first.

import { formatCount, formatShort } from "../output/number.ts";
import type { GradientCandidate, GradientMeasurement, GradientReport } from "../result.ts";
import { paragraph, table, type Column } from "./table.ts";
import type { Colors } from "./view.ts";

type Measured = GradientCandidate & GradientMeasurement;

export function printGradients(report: GradientReport, width: number, colors: Colors): string {
  const sites = Object.entries(report.sites);
  return [
    heading(report, width, colors),
    ...sites.map(([name, site]) => siteTable(name, site, width, colors)),
    paragraph("", LEGEND, width),
  ].join("\n\n");
}

const LEGEND =
  "* chosen. variance: of one step's gradient, summed over the site's parameters, Gaussian locations in sds of the guide. bias: length of the " +
  "difference between the means beyond what noise explains; where it is below its ±, nothing was seen. error × cost: variance, and bias squared where the " +
  "estimator is biased, times µs per step of the whole model; the least first. --json has every number per parameter.";

function heading(
  { model, objective, engine, precision, at, seed, sites }: GradientReport,
  width: number,
  colors: Colors,
): string {
  const where =
    at.from === "file"
      ? "at the given parameters"
      : at.steps === 0
        ? "at the start of the guide"
        : `after ${at.steps} steps from the start of the guide`;
  const counts = Object.values(sites).flatMap(({ candidates }) =>
    candidates.filter(isMeasured).map(({ replicates }) => replicates),
  );
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const estimates =
    counts.length === 0
      ? "no gradients"
      : `${least === most ? formatCount(most) : `${formatCount(least)} to ${formatCount(most)}`} gradients per estimator`;
  const facts = [
    where,
    estimates,
    `objective ${objective.name}, ${objective.particles} particle${objective.particles === 1 ? "" : "s"}`,
    `engine ${engine} (${precision})`,
    `seed ${seed}`,
  ];
  return paragraph("", `${colors.bold(model)}: ${facts.join(", ")}`, width);
}

const isMeasured = (candidate: GradientCandidate): candidate is Measured => candidate.mean !== undefined;

const COLUMNS: readonly Column[] = [
  { title: "", align: "left" },
  { title: "estimator", align: "left" },
  { title: "variance", align: "right" },
  { title: "±", align: "right" },
  { title: "bias", align: "right" },
  { title: "±", align: "right" },
  { title: "µs", align: "right" },
  { title: "error × cost", align: "right" },
];

function siteTable(
  name: string,
  { candidates, exact }: GradientReport["sites"][string],
  width: number,
  colors: Colors,
): string {
  const measured = candidates.filter(isMeasured).sort((a, b) => product(a) - product(b));
  const refused = candidates.filter(({ admitted }) => !admitted).length;
  const size = candidates[0]?.parameters.length ?? 0;
  const counted = `${formatCount(size)} guide parameter${size === 1 ? "" : "s"}`;
  const title = paragraph(
    "",
    `${colors.bold(name)}: ${size === 0 ? "no guide parameters" : `${counted}; ${comparison(measured, exact)}`}`,
    width,
  );
  if (measured.length === 0) return title;
  const rows = measured.map((one) => row(one, colors));
  const rest =
    refused === 0
      ? []
      : [colors.dim(`  ${refused} more ${refused === 1 ? "is" : "are"} refused here: variate explain says why`)];
  return [title, indented(table(COLUMNS, rows, colors.dim)), ...rest].join("\n");
}

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");

/** What the biases are taken against. */
function comparison(measured: readonly Measured[], exact: string | null): string {
  if (exact !== null) return `bias against the exact gradient (${exact})`;
  const against = measured.find(({ bias }) => bias !== null)?.bias?.against;
  return against === undefined
    ? "nothing to compare the mean with"
    : `bias against ${against}, the unbiased one of least variance: no exact gradient is known`;
}

const product = ({ error, microseconds }: Measured): number => error.value * microseconds;

function row(one: Measured, colors: Colors): string[] {
  const { estimator, chosen, total, bias, microseconds, unbiased } = one;
  const shownBias = bias === null ? ["", ""] : [unbiased ? "none" : small(bias.value), small(bias.se)];
  const paint = chosen ? colors.cyan : (text: string): string => text;
  return [
    chosen ? "*" : "",
    paint(estimator),
    small(total.value),
    small(total.se),
    unbiased ? shownBias[0]! : colors.yellow(shownBias[0]!),
    shownBias[1]!,
    formatCount(Math.round(microseconds)),
    small(product(one)),
  ];
}

/** Three digits; whole numbers from 1,000 on, powers of ten for what is very small or large. */
function small(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size < 1e-3 || size >= 1e7) return value.toExponential(1).replace("e+", "e");
  return size >= 1000 ? formatCount(Math.round(value)) : formatShort(value);
}
