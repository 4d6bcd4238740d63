// Observed data against new data from the fitted model: does the model produce data like those that it was given?

import { quantile } from "../fit/summary.ts";
import type { DataResult, Draws, Fit } from "../result.ts";
import { fewValues, kernelDensity, shareOf } from "./density.ts";
import { code, element, paragraph } from "./html.ts";
import { entryLabel, subscriptsOf } from "./nested.ts";
import { formatCount } from "./number.ts";
import { axisBelow, axisLeft, bar, dot, extent, label, line, linear, segment, svg, type Point } from "./plot.ts";

/** New data sets whose densities are drawn over each other; entries that are drawn one by one. */
const [OVERLAID, SINGLE] = [40, 40];

export function predictiveSection({ predictive, data, logp }: Fit): string {
  const checks = Object.entries(predictive).flatMap(([name, draws]) => {
    const observed = data[name.replace(/_rep$/, "")];
    return observed === undefined ? [] : [check(name.replace(/_rep$/, ""), observed, draws, logp.length)];
  });
  return checks.length === 0
    ? ""
    : [
        paragraph(
          "The bold line, the dots and the grey bars are the data; blue is data that the fitted model draws.",
          "caption",
        ),
        ...checks,
      ].join("\n");
}

/** Entries that are both observed and drawn. */
type Pairs = { readonly at: readonly number[]; readonly size: number; readonly n: number };

function check(name: string, observed: DataResult, draws: Draws, all: number): string {
  const size = observed.values.length;
  const n = size === 0 ? 0 : draws.values.length / size;
  const at = [...observed.values.keys()].filter(
    (i) => !Number.isNaN(observed.values[i]!) && !Number.isNaN(draws.values[i]!),
  );
  if (at.length === 0 || n < 2) return "";
  const pairs = { at, size, n };
  const few = fewValues(observed.values);
  const picture =
    few !== null && few.length <= 25 && observed.elem !== "real"
      ? shares(name, observed, draws, pairs)
      : at.length <= SINGLE
        ? entries(name, observed, draws, pairs)
        : densities(name, observed, draws, pairs);
  const part = n < all ? ` (the first ${formatCount(n)} draws)` : "";
  const inside = observed.elem === "index" || observed.elem === "bool" ? "" : coverage(observed, draws, pairs);
  const text = paragraph(`${formatCount(at.length)} observed entries${part}.${inside}`);
  return [element("h3", {}, code(name)), text, picture].join("\n");
}

const drawsOf = ({ values }: Draws, i: number, { size, n }: Pairs): Float64Array =>
  Float64Array.from({ length: n }, (_, k) => values[k * size + i]!).sort();

/** How many entries lie inside their predictive intervals. */
function coverage({ values }: DataResult, draws: Draws, pairs: Pairs): string {
  const inside = [0.25, 0.05].map((tail) => {
    const count = pairs.at.filter((i) => {
      const sorted = drawsOf(draws, i, pairs);
      return values[i]! >= quantile(sorted, tail) && values[i]! <= quantile(sorted, 1 - tail);
    }).length;
    const share = Math.round((100 * count) / pairs.at.length);
    return `${share}% of them lie inside their ${100 * (1 - 2 * tail)}% predictive interval`;
  });
  return ` ${inside.join(", ")}.`;
}

// ---------------------------------------------------------------------------------------- pictures

const [WIDTH, HEIGHT, LEFT, BELOW] = [680, 230, 56, 30];

function densities(name: string, { values }: DataResult, draws: Draws, { at, size, n }: Pairs): string {
  const own = Float64Array.from(at, (i) => values[i]!);
  const sets = Array.from({ length: Math.min(OVERLAID, n) }, (_, k) =>
    Float64Array.from(at, (i) => draws.values[k * size + i]!),
  );
  const tails = [own, ...sets].flatMap((set) => {
    const sorted = set.toSorted();
    return [quantile(sorted, 0.01), quantile(sorted, 0.99)];
  });
  const domain = extent(tails, 0.05);
  const curves = [...sets, own].map((set) => kernelDensity(set, domain));
  const x = linear(domain, [LEFT, WIDTH - 10]);
  const y = linear([0, Math.max(...curves.flatMap((curve) => curve.y))], [HEIGHT - BELOW, 8]);
  const lines = curves.map((curve, i) =>
    line(
      curve.x.map((v, p): Point => [x(v), y(curve.y[p]!)]),
      i < sets.length ? "faint" : "observed",
    ),
  );
  return svg(
    WIDTH,
    HEIGHT,
    `density of ${name} and of new data`,
    lines.join("") + axisBelow(domain, x, HEIGHT - BELOW, 7),
  );
}

/** Few entries: each with its predictive interval. */
function entries(name: string, { values, shape, labels }: DataResult, draws: Draws, pairs: Pairs): string {
  const names = subscriptsOf(shape).map((index) => entryLabel(name, index, labels));
  const rows = pairs.at.map((i) => ({ i, sorted: drawsOf(draws, i, pairs) }));
  const domain = extent(
    rows.flatMap(({ i, sorted }) => [values[i]!, quantile(sorted, 0.05), quantile(sorted, 0.95)]),
    0.04,
  );
  const [left, step] = [150, 17];
  const x = linear(domain, [left, WIDTH - 14]);
  const height = rows.length * step + 34;
  const marks = rows.map(({ i, sorted }, row) => {
    const y = 10 + row * step;
    const at = (share: number): number => x(quantile(sorted, share));
    return (
      label([left - 8, y + 4], names[i]!, "end") +
      segment([at(0.05), y], [at(0.95), y], "thin") +
      segment([at(0.25), y], [at(0.75), y], "interval") +
      dot([x(values[i]!), y], 4, "observed-dot")
    );
  });
  return svg(
    WIDTH,
    height,
    `${name} with its predictive intervals`,
    marks.join("") + axisBelow(domain, x, height - 24, 7),
  );
}

/** Few different values: how often each occurs. */
function shares(name: string, { values, members, labels }: DataResult, draws: Draws, { at, size, n }: Pairs): string {
  const own = Float64Array.from(at, (i) => values[i]!);
  const sets = Array.from({ length: Math.min(200, n) }, (_, k) =>
    Float64Array.from(at, (i) => draws.values[k * size + i]!),
  );
  const found = [...new Set([own, ...sets].flatMap((set) => [...set]))].sort((a, b) => a - b).slice(0, 40);
  const rows = found.map((value) => ({
    value,
    share: shareOf(own, value),
    drawn: Float64Array.from(sets, (set) => shareOf(set, value)).sort(),
  }));
  const top = Math.max(...rows.flatMap(({ share, drawn }) => [share, quantile(drawn, 0.95)]));
  const y = linear([0, top], [HEIGHT - BELOW, 8]);
  const width = Math.min(60, (WIDTH - LEFT - 10) / rows.length);
  const marks = rows.map(({ value, share, drawn }, i) => {
    const left = LEFT + 6 + i * width;
    const middle = left + width / 2;
    return (
      bar(left + width * 0.15, y(share), width * 0.7, HEIGHT - BELOW - y(share), "observed-bar") +
      segment([middle, y(quantile(drawn, 0.05))], [middle, y(quantile(drawn, 0.95))], "interval") +
      dot([middle, y(quantile(drawn, 0.5))], 3.5, "point") +
      label([middle, HEIGHT - BELOW + 16], members?.[value - labels.base] ?? String(value))
    );
  });
  return svg(
    WIDTH,
    HEIGHT,
    `shares of the values of ${name}, with predictive intervals`,
    axisLeft([0, top], y, [LEFT, WIDTH - 10], 4) + marks.join(""),
  );
}
