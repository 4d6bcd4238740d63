// `npm run bench`: measures what is asked for, prints the tables, and keeps the numbers. See docs/performance.md.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { countFrom } from "../../src/cli/options.ts";
import { measureCold } from "./cold.ts";
import { fittedRows } from "./fitted.ts";
import { describeMachine, versions } from "./machine.ts";
import { load, save, type Measured, type Results } from "./results.ts";
import { measureSteps } from "./rounds.ts";
import { systems, type System } from "./systems.ts";
import {
  between,
  coldTable,
  compileTable,
  fittedTable,
  growthTable,
  ratiosTable,
  runsText,
  stepsTable,
  unableText,
} from "./tables.ts";
import { everyWorkload, growth, isGrown, workloads, type Workload } from "./workloads.ts";

type Flags = {
  readonly only?: string;
  readonly systems?: string;
  readonly rounds?: number;
  readonly seeds?: number;
  readonly quick?: true;
  readonly clock: "wall" | "cpu";
  readonly resume?: true;
  readonly json?: string;
  readonly write?: string;
};

const FULL = { rounds: 9, seconds: 0.5, seeds: 5 };
const QUICK = { rounds: 3, seconds: 0.2, seeds: 1 };
/** Workloads whose model and data are fitted from the shell, each system in its own way. */
const COLD = new Map([
  ["W1-1", "eight schools"],
  ["W2-mf-1", "wells"],
]);
/** Who takes part where a workload is grown, and where time is short. */
const GROWN: readonly string[] = ["Variate f64", "Variate f32", "NumPyro"];
const NOT_QUICK: readonly string[] = ["NumPyro x64"];

const flags = new Command("npm run bench --")
  .description("measures Variate beside its peers (npm run bench:peers installs them)")
  .option("--only <words>", "sections or workloads, separated by commas: steps, growth, cold, oracles, W1, W2-mf-1, …")
  .option("--systems <names>", "who takes part, separated by commas: Variate, NumPyro, …; the start of a name will do")
  .option("--rounds <n>", "turns that the systems take", countFrom(1))
  .option("--seeds <n>", "fits of every oracle", countFrom(1))
  .option("--quick", "few short rounds, one seed")
  .addOption(
    new Option("--clock <kind>", "of steps: cpu counts processor time, where a machine has other work")
      .choices(["wall", "cpu"])
      .default("wall"),
  )
  .option("--json <file>", "where the numbers are kept; those of other sections stay")
  .option("--resume", "what that file has is not measured again")
  .option("--write <page>", "the page whose tables are written anew from all numbers kept")
  .parse()
  .opts<Flags>();

const wanted = flags.only?.split(",");
/** `W1` stands for all of its workloads. */
const asked = (...names: readonly string[]): boolean =>
  wanted === undefined || wanted.some((word) => names.some((name) => name === word || name.startsWith(`${word}-`)));
const settings = { ...(flags.quick ? QUICK : FULL), ...(flags.rounds === undefined ? {} : { rounds: flags.rounds }) };
const seeds = flags.seeds ?? settings.seeds;

function begin(): Results {
  const found = flags.json === undefined ? null : load(flags.json);
  const machine = describeMachine();
  // Numbers of two machines do not stand in one table.
  const kept = found?.machine === machine ? found : null;
  return {
    machine,
    versions: versions(),
    runs: kept?.runs ?? { steps: {}, cold: {}, fitted: {} },
    steps: kept?.steps ?? {},
    cold: kept?.cold ?? {},
    fitted: kept?.fitted ?? {},
  };
}

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
const rounds = many(settings.rounds, "round");
const clock = flags.clock === "cpu" ? " (processor time of all threads)" : "";
/** How the rows of a section are measured now. */
const HOW: Readonly<Record<Measured, string>> = {
  steps: `${rounds} of ${settings.seconds} s${clock}`,
  cold: rounds,
  fitted: many(seeds, "seed"),
};

let results = begin();
const known = (section: Measured, name: string): boolean =>
  flags.resume === true && results[section][name] !== undefined;

/** Measures a row and keeps it, with when and how. */
async function keep<Section extends Measured>(
  section: Section,
  name: string,
  what: string,
  measure: () => Results[Section][string] | Promise<Results[Section][string]>,
): Promise<void> {
  if (known(section, name)) return;
  process.stderr.write(`${what}\n`);
  const before = loadavg()[0]!;
  const row = await measure();
  const run = {
    date: new Date().toISOString().slice(0, 10),
    settings: HOW[section],
    busy: Math.max(before, loadavg()[0]!),
  };
  results = {
    ...results,
    [section]: { ...results[section], [name]: row },
    runs: { ...results.runs, [section]: { ...results.runs[section], [name]: run } },
  };
  if (flags.json !== undefined) save(flags.json, results);
}

const partIn = (workload: Workload): readonly System[] =>
  systems.filter(
    ({ name }) =>
      (isGrown(workload) ? GROWN.includes(name) : !(flags.quick && NOT_QUICK.includes(name))) &&
      (flags.systems === undefined || flags.systems.split(",").some((word) => name.startsWith(word))),
  );

async function measureAll(folder: string): Promise<void> {
  for (const workload of everyWorkload) {
    const { name, title } = workload;
    if (!asked(isGrown(workload) ? "growth" : "steps", name)) continue;
    const { rounds, seconds } = settings;
    await keep("steps", name, `${name}: ${title}`, () =>
      measureSteps(workload, partIn(workload), { rounds, seconds, clock: flags.clock, folder }),
    );
  }
  for (const workload of workloads.filter(({ name }) => COLD.has(name) && asked("cold")))
    await keep("cold", workload.name, `shell to posterior: ${COLD.get(workload.name)}`, () =>
      measureCold(workload, settings.rounds, folder),
    );
  for (const { name, measure } of fittedRows().filter(({ name }) => asked("oracles", name)))
    await keep("fitted", name, `time to a fitted posterior: ${name}`, () => measure(seeds, folder));
}

/** By the name of their place on the page; below each, when and how its rows were measured. */
function tables({ machine, versions: found, runs, steps, cold, fitted }: Results): Record<string, string> {
  const titles = (list: readonly Workload[]) => list.map(({ name, title }) => [name, title] as const);
  const [main, all] = [titles(workloads), titles(everyWorkload)];
  const list = Object.entries(found).map(([name, version]) => `${name} ${version}`);
  const below = (table: string, section: Measured, names: readonly string[]): string =>
    `${table}\n\n${runsText(names, runs[section])}`;
  const ofSteps = (table: string, names: readonly string[]): string => below(table, "steps", names);
  const series = growth.flatMap((own) => own.steps);
  const [mainNames, allNames] = [main, all].map((own) => own.map(([name]) => name)) as [string[], string[]];
  return {
    machine: `Machine: ${machine}. Versions: ${list.join(", ")}.\n\n${unableText([steps, cold])}`.trim(),
    steps: ofSteps(stepsTable(main, steps), mainNames),
    ratios: ofSteps(ratiosTable(main, steps), mainNames),
    growth: ofSteps(growthTable(growth, steps), series),
    compile: ofSteps(compileTable(all, steps), allNames),
    cold: below(coldTable([...COLD], cold), "cold", [...COLD.keys()]),
    oracles: below(fittedTable(fitted), "fitted", Object.keys(fitted)),
  };
}

const folder = mkdtempSync(join(tmpdir(), "variate-bench-"));
try {
  await measureAll(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const written = Object.entries(tables(results));
console.log(written.map(([, text]) => text).join("\n\n"));
if (flags.write !== undefined) {
  const page = readFileSync(flags.write, "utf8");
  writeFileSync(
    flags.write,
    written.reduce((text, [name, table]) => between(text, name, table), page),
  );
}
