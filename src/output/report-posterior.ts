// Draws → for every array a table of its entries with their densities, or a picture of intervals where there are many.

import { meanAndSd, quantile } from "../fit/summary.ts";
import type { Draws, Fit, Labels } from "../result.ts";
import { fewValues, kernelDensity, shareOf } from "./density.ts";
import { code, element, escape, numberCell, paragraph, tableHtml, type Cell } from "./html.ts";
import { entryLabel, subscriptsOf } from "./nested.ts";
import { decimalsFor, formatCount, formatNumber } from "./number.ts";
import {
  area,
  axisBelow,
  bar,
  dot,
  extent,
  label,
  line,
  linear,
  segment,
  svg,
  type Interval,
  type Point,
} from "./plot.ts";

/** Entries of one array that get a row of the table; more become a picture of intervals, of at most so many. */
const [ROWS, INTERVALS] = [12, 80];

const NO_LABELS: Labels = { base: 0, names: [], dims: [] };

/** Empty without arrays. */
export function posteriorSection(arrays: Readonly<Record<string, Draws>>, labels: Fit["labels"]): string {
  const entries = Object.entries(arrays).map(([name, draws]) => ({
    name,
    parts: entriesOf(name, draws, labels[name] ?? NO_LABELS),
  }));
  const small = entries.filter(({ parts }) => parts.length > 0 && parts.length <= ROWS);
  const large = entries.filter(({ parts }) => parts.length > ROWS);
  return [entryTable(small), ...large.map(({ name, parts }) => intervalPlot(name, parts))].join("\n");
}

/** One entry of an array that has a value: its name and its draws, sorted. */
type Entry = { readonly name: string; readonly sorted: Float64Array };

function entriesOf(name: string, { shape, values }: Draws, labels: Labels): readonly Entry[] {
  const size = shape.reduce((a, b) => a * b, 1);
  const n = size === 0 ? 0 : values.length / size;
  return subscriptsOf(shape).flatMap((index, at) => {
    const sorted = Float64Array.from({ length: n }, (_, k) => values[k * size + at]!)
      .filter((value) => !Number.isNaN(value))
      .sort();
    return sorted.length === 0 ? [] : [{ name: entryLabel(name, index, labels), sorted }];
  });
}

// ---------------------------------------------------------------------------------------- rows

function entryTable(arrays: readonly { readonly parts: readonly Entry[] }[]): string {
  const rows = arrays.flatMap(({ parts }) => {
    const shared = extent(parts.flatMap(rangeOf), 0.02);
    const widths = parts.map((entry) => {
      const [low, high] = rangeOf(entry);
      return high - low;
    });
    const alike = Math.min(...widths) > NARROW * (shared[1] - shared[0]);
    return parts.map((entry) => entryRow(entry, alike ? shared : extent(rangeOf(entry), 0.02)));
  });
  return rows.length === 0
    ? ""
    : paragraph(
        "The band marks the 5% to 95% interval, the point the median. " +
          "Entries of one array share a scale unless their widths differ too much.",
        "caption",
      ) + tableHtml(["", "density", "mean", "sd", "5%", "50%", "95%"], rows);
}

/** Less of a shared scale than this would be a spike: such entries have scales of their own. */
const NARROW = 0.06;

/** Where nearly all draws lie. */
const rangeOf = ({ sorted }: Entry): Interval => [quantile(sorted, 0.002), quantile(sorted, 0.998)];

function entryRow({ name, sorted }: Entry, domain: Interval): Cell[] {
  const { mean, sd } = meanAndSd(sorted);
  const numbers = [mean, sd, ...[0.05, 0.5, 0.95].map((share) => quantile(sorted, share))];
  return [
    { html: code(name) },
    { html: smallDensity(name, sorted, domain) },
    ...numbers.map((value) => numberCell(formatNumber(value, decimalsFor(sd)))),
  ];
}

const [SMALL_WIDTH, SMALL_HEIGHT] = [220, 34];

function smallDensity(name: string, sorted: Float64Array, domain: Interval): string {
  const few = fewValues(sorted);
  const content = few === null ? smoothDensity(sorted, domain) : bars(sorted, few);
  return svg(SMALL_WIDTH, SMALL_HEIGHT, `density of ${name}`, content);
}

function smoothDensity(sorted: Float64Array, domain: Interval): string {
  const x = linear(domain, [4, SMALL_WIDTH - 4]);
  const curve = kernelDensity(sorted, domain);
  const y = linear([0, Math.max(...curve.y)], [SMALL_HEIGHT - 8, 2]);
  const points = curve.x.map((at, i): Point => [x(at), y(curve.y[i]!)]);
  const [low, middle, high] = [0.05, 0.5, 0.95].map((share) => x(quantile(sorted, share))) as [number, number, number];
  return (
    area(
      points.filter(([at]) => at >= low && at <= high),
      SMALL_HEIGHT - 8,
      "band",
    ) +
    line(points, "curve") +
    segment([low, SMALL_HEIGHT - 4], [high, SMALL_HEIGHT - 4], "interval") +
    dot([middle, SMALL_HEIGHT - 4], 3, "point")
  );
}

/** Whole numbers: their shares. */
function bars(sorted: Float64Array, values: readonly number[]): string {
  const width = Math.min(18, (SMALL_WIDTH - 8) / values.length - 2);
  return values
    .map((value, i) => {
      const height = shareOf(sorted, value) * (SMALL_HEIGHT - 14);
      const x = 4 + i * (width + 2);
      const shown = values.length <= 12 ? label([x + width / 2, SMALL_HEIGHT - 1], String(value)) : "";
      return bar(x, SMALL_HEIGHT - 12 - height, width, height, "bar") + shown;
    })
    .join("");
}

// ---------------------------------------------------------------------------------------- many entries

const [WIDTH, LEFT, STEP] = [680, 150, 15];

/** Evenly chosen entries, in their order. */
function chosen(parts: readonly Entry[]): readonly Entry[] {
  if (parts.length <= INTERVALS) return parts;
  return Array.from({ length: INTERVALS }, (_, i) => parts[Math.round((i * (parts.length - 1)) / (INTERVALS - 1))]!);
}

function intervalPlot(name: string, parts: readonly Entry[]): string {
  const shown = chosen(parts);
  const domain = extent(
    shown.flatMap(({ sorted }) => [quantile(sorted, 0.05), quantile(sorted, 0.95)]),
    0.04,
  );
  const x = linear(domain, [LEFT, WIDTH - 14]);
  const height = shown.length * STEP + 34;
  const rows = shown.map((entry, i) => {
    const y = 10 + i * STEP;
    const at = (share: number): number => x(quantile(entry.sorted, share));
    return (
      label([LEFT - 8, y + 4], short(entry.name), "end") +
      segment([at(0.05), y], [at(0.95), y], "thin") +
      segment([at(0.25), y], [at(0.75), y], "interval") +
      dot([at(0.5), y], 3, "point")
    );
  });
  const rest =
    shown.length < parts.length
      ? ` ${shown.length} of ${formatCount(parts.length)} entries, evenly chosen; the files hold all.`
      : "";
  const caption = `${name}: medians with the 25% to 75% and the 5% to 95% interval.${rest}`;
  const picture = svg(WIDTH, height, `intervals of ${name}`, rows.join("") + axisBelow(domain, x, height - 24, 7));
  const summary = element("summary", {}, code(name), escape(`: ${formatCount(parts.length)} entries`));
  return element("details", shown.length <= 40 ? { open: "" } : {}, summary, paragraph(caption, "caption"), picture);
}

const short = (text: string): string => (text.length <= 22 ? text : `${text.slice(0, 21)}…`);
