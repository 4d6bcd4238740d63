// Posterior draws as CSV in the layout of CmdStan: comment lines with `key = value`, a column per entry (`theta.1.2`,
// subscripts from 1, the first one running fastest), log q and log p in front as its Pathfinder has them. And back.

import type { Draws, Fit } from "../result.ts";
import { subscriptsOf } from "./nested.ts";

/** Names of the columns of log q and log p in CmdStan's output of Pathfinder. */
const DENSITIES = ["lp_approx__", "lp__"] as const;

/** `facts`: further comment lines. The method is called pathfinder because readers of CmdStan's files know the
 *  layout by that name. */
export function drawsCsv(fit: Fit, facts: Readonly<Record<string, string | number>>): string {
  const n = fit.logp.length;
  const comments = {
    ...facts,
    model: modelName(fit.model),
    method: "pathfinder",
    num_draws: n,
    num_paths: 1,
    seed: fit.seed,
    guide: fit.guide,
    estimated_elbo: fit.elbo.mean,
    khat: fit.khat,
  };
  const columns = columnsOf(fit.draws);
  const lines = Array.from({ length: n }, (_, k) =>
    [fit.logq[k]!, fit.logp[k]!, ...columns.map(({ values, size, at }) => values[k * size + at]!)].map(cell).join(","),
  );
  return `${[...commentLines(comments), headerOf(columns), ...lines].join("\n")}\n`;
}

/** Arrays of draws alone, without densities. */
export function arraysCsv(arrays: Readonly<Record<string, Draws>>, n: number): string {
  const columns = columnsOf(arrays);
  const lines = Array.from({ length: n }, (_, k) =>
    columns.map(({ values, size, at }) => cell(values[k * size + at]!)).join(","),
  );
  return `${[columns.map(({ title }) => quoted(title)).join(","), ...lines].join("\n")}\n`;
}

/** The draws of sites of these shapes from a file that `drawsCsv` wrote; null if it has other columns. */
export function readDraws(
  text: string,
  shapes: Readonly<Record<string, readonly number[]>>,
): { readonly n: number; readonly draws: Record<string, Draws> } | null {
  const [header, ...rows] = text.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  const n = rows.length;
  const draws = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, values: new Float64Array(n * product(shape)) }]),
  );
  const columns = columnsOf(draws);
  if (header === undefined || !(headerOf(columns) === header || header.startsWith(`${headerOf(columns)},`)))
    return null;
  rows.forEach((row, k) => {
    const cells = row.split(",");
    columns.forEach(({ values, size, at }, c) => (values[k * size + at] = numberOf(cells[DENSITIES.length + c] ?? "")));
  });
  return { n, draws };
}

/** A column: entry `at` of `size` in every draw. */
type Column = { readonly title: string; readonly values: Float64Array; readonly size: number; readonly at: number };

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function columnsOf(arrays: Readonly<Record<string, Draws>>): readonly Column[] {
  return Object.entries(arrays).flatMap(([name, { shape, values }]) => {
    const strides = shape.map((_, d) => product(shape.slice(d + 1)));
    return subscriptsOf(shape.toReversed()).map((reversed) => {
      const index = reversed.toReversed();
      const at = index.reduce((sum, i, d) => sum + i * strides[d]!, 0);
      return { title: [name, ...index.map((i) => i + 1)].join("."), values, size: product(shape), at };
    });
  });
}

const headerOf = (columns: readonly Column[]): string =>
  [...DENSITIES, ...columns.map(({ title }) => quoted(title))].join(",");

const commentLines = (facts: Readonly<Record<string, string | number>>): readonly string[] =>
  Object.entries(facts).map(([key, value]) => `# ${key} = ${String(value).replace(/\s+/g, " ")}`);

/** `examples/eight-schools/model.ppl` → `model`: readers make a name of it. */
const modelName = (path: string): string => (path.split(/[/\\]/).at(-1) ?? path).replace(/\.ppl$/, "");

/** Infinite and missing numbers as R, pandas and NumPy read them. */
const cell = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "NaN" : value > 0 ? "Inf" : "-Inf";

const numberOf = (text: string): number =>
  text === "Inf" ? Infinity : text === "-Inf" ? -Infinity : text === "" ? NaN : Number(text);

/** RFC 4180. */
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
