// The results as Markdown: a table per section, and a page with the tables between its markers.

import { ratioOf, spreadOf, type Spread } from "./ratios.ts";
import type { Cold, Fitted, Results, Run, Section, Steps } from "./results.ts";

const OURS = "Variate f64";

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** Two or three digits, in the unit that suits. */
export function time(microseconds: number): string {
  const [value, unit] =
    microseconds < 1000
      ? [microseconds, "µs"]
      : microseconds < 1e6
        ? [microseconds / 1e3, "ms"]
        : [microseconds / 1e6, "s"];
  return `${short(value)} ${unit}`;
}

const short = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toPrecision(x < 1 ? 2 : 3));
const spread = ({ median, low, high }: Spread): string => `${short(median)} (${short(low)}–${short(high)})`;
const NONE = "–";

const namesIn = (rows: readonly object[]): string[] => [...new Set(rows.flatMap((row) => Object.keys(row)))];

type Measured = Exclude<Steps, { readonly unable: string }>;
const measured = (steps: Steps | undefined): Measured | null =>
  steps === undefined || "unable" in steps ? null : steps;

/** What a system could not do, once each. */
export function unableText(sections: readonly Section<Section<Steps | Cold>>[]): string {
  const said = new Map<string, string[]>();
  for (const [workload, systems] of sections.flatMap((section) => Object.entries(section)))
    for (const [system, row] of Object.entries(systems))
      if ("unable" in row) {
        const key = `${system}: ${row.unable}`;
        said.set(key, [...(said.get(key) ?? []), workload]);
      }
  return [...said].map(([what, where]) => `- Missing: ${what} (${where.join(", ")})`).join("\n");
}

/** When and how the rows of these names were measured: rows of one day and manner together, with their names where not all are alike. */
export function runsText(names: readonly string[], runs: Section<Run>): string {
  const alike = new Map<string, (readonly [name: string, run: Run])[]>();
  for (const name of new Set(names)) {
    const run = runs[name];
    if (run === undefined) continue;
    const key = `on ${run.date}: ${run.settings}`;
    alike.set(key, [...(alike.get(key) ?? []), [name, run]]);
  }
  const sentences = [...alike].map(([how, rows]) => {
    const busy = rows.map(([, run]) => run.busy);
    const loads = [...new Set([Math.min(...busy), Math.max(...busy)].map((load) => load.toFixed(1)))].join(" to ");
    const own = alike.size === 1 ? "" : `${rows.map(([name]) => name).join(", ")} `;
    return `${own}${own === "" ? "Measured" : "measured"} ${how}; load average ${loads}.`;
  });
  return sentences.join(" ");
}

// ---------------------------------------------------------------------------------------- steps

export function stepsTable(
  titles: readonly (readonly [name: string, title: string])[],
  steps: Results["steps"],
): string {
  const rows = titles.filter(([name]) => steps[name] !== undefined);
  const systems = namesIn(rows.map(([name]) => steps[name]!));
  return markdownTable(
    ["one step", ...systems],
    rows.map(([name, title]) => [
      `${name} ${title}`,
      ...systems.map((system) => {
        const row = measured(steps[name]![system]);
        return row === null ? NONE : time(spreadOf(row.microseconds).median);
      }),
    ]),
  );
}

/** Medians of the ratios within rounds, with the smallest and the largest. */
export function ratiosTable(titles: readonly (readonly [string, string])[], steps: Results["steps"]): string {
  const rows = titles.filter(([name]) => steps[name] !== undefined);
  const systems = namesIn(rows.map(([name]) => steps[name]!)).filter((name) => name !== OURS);
  const pairs = [
    ...systems.map((system) => [system, OURS] as const),
    ...["NumPyro"].filter((name) => systems.includes(name)).map((name) => [name, "Variate f32"] as const),
  ];
  return markdownTable(
    ["how many times longer", ...pairs.map(([theirs, ours]) => `${theirs} ÷ ${ours}`)],
    rows.map(([name, title]) => [
      `${name} ${title}`,
      ...pairs.map(([theirs, ours]) => {
        const [a, b] = [measured(steps[name]![theirs]), measured(steps[name]![ours])];
        return a === null || b === null ? NONE : spread(ratioOf(a.microseconds, b.microseconds));
      }),
    ]),
  );
}

export type Growth = readonly { readonly what: string; readonly steps: readonly string[] }[];

export function growthTable(series: Growth, steps: Results["steps"]): string {
  const systems = [OURS, "Variate f32", "NumPyro"];
  const rows = series.flatMap(({ what, steps: names }) =>
    names.flatMap((name, i) => {
      const row = steps[name];
      if (row === undefined) return [];
      const [ours, theirs] = [measured(row[OURS]), measured(row["NumPyro"])];
      const times = systems.map((system) => measured(row[system]));
      return [
        [
          `${what} × ${10 ** i}`,
          ...times.map((found) => (found === null ? NONE : time(spreadOf(found.microseconds).median))),
          ours === null || theirs === null ? NONE : spread(ratioOf(theirs.microseconds, ours.microseconds)),
        ],
      ];
    }),
  );
  return markdownTable(["what grows", ...systems, `NumPyro ÷ ${OURS}`], rows);
}

/** Seconds from the model to the end of the first step; seconds to load the system in brackets. Then the ELBO after all rounds. */
export function compileTable(titles: readonly (readonly [string, string])[], steps: Results["steps"]): string {
  const rows = titles.filter(([name]) => steps[name] !== undefined);
  const systems = namesIn(rows.map(([name]) => steps[name]!));
  return markdownTable(
    ["compile to first step (load), s; ELBO at the end", ...systems],
    rows.map(([name]) => [
      name,
      ...systems.map((system) => {
        const row = measured(steps[name]![system]);
        if (row === null) return NONE;
        const elbo = row.elbo === null ? "" : `; ${typeof row.elbo === "number" ? row.elbo.toFixed(1) : row.elbo}`;
        return `${row.compile.toFixed(2)} (${row.load.toFixed(2)})${elbo}`;
      }),
    ]),
  );
}

// ---------------------------------------------------------------------------------------- processes

export function coldTable(titles: readonly (readonly [string, string])[], cold: Results["cold"]): string {
  const rows = titles.flatMap(([name, title]) =>
    Object.entries(cold[name] ?? {}).flatMap(([system, row]) => {
      if ("unable" in row) return [];
      const ours = cold[name]!["Variate"];
      const ratio = ours === undefined || "unable" in ours ? NONE : spread(ratioOf(row.seconds, ours.seconds));
      const memory = row.megabytes === null ? NONE : `${row.megabytes.toFixed(0)} MB`;
      return [[title, system, `${spread(spreadOf(row.seconds))} s`, ratio, memory]];
    }),
  );
  return markdownTable(["shell to posterior", "system", "time", "÷ Variate", "peak memory"], rows);
}

/** How many seeds got there, the median time of those, and the largest distance at the end. */
export function fittedTable(fitted: Results["fitted"]): string {
  const systems = namesIn(Object.values(fitted).map((row) => row.systems));
  const cells = ({ seconds, gaps }: Fitted["systems"][string]): string[] => {
    const there = seconds.filter((s) => s !== null);
    const far = gaps.filter((gap) => gap !== null);
    const worst = far.length < gaps.length ? "failed" : Math.max(...far).toFixed(3);
    return [
      `${there.length} of ${seconds.length}`,
      there.length === 0 ? NONE : `${short(spreadOf(there).median)} s`,
      worst,
    ];
  };
  return markdownTable(
    ["posterior, guide", ...systems.flatMap((name) => [`${name} there`, "time", "worst gap, nats"])],
    Object.entries(fitted).map(([name, row]) => [
      name,
      ...systems.flatMap((system) => {
        const found = row.systems[system];
        return found === undefined ? [NONE, NONE, NONE] : cells(found);
      }),
    ]),
  );
}

/** `page` with `text` between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. Throws an `Error` where a marker is missing. */
export function between(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the page has no ${open} … ${close}`);
  return `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`;
}
