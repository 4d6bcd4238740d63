// `npm run bench`: measures what is asked for, prints the tables, and keeps the numbers. See docs/performance.md.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { countFrom } from "../../src/cli/options.ts";
import { measureCold } from "./cold.ts";
import { fittedRows } from "./fitted.ts";
import { describeMachine, versions } from "./machine.ts";
import { load, save, type Results } from "./results.ts";
import { measureSteps } from "./rounds.ts";
import { systems, type System } from "./systems.ts";
import {
  between,
  coldTable,
  compileTable,
  fittedTable,
  growthTable,
  ratiosTable,
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
    date: new Date().toISOString().slice(0, 10),
    settings: `${settings.rounds} rounds of ${settings.seconds} s${flags.clock === "cpu" ? " (processor time of all threads)" : ""}, ${seeds} ${seeds === 1 ? "seed" : "seeds"}`,
    versions: versions(),
    busy: kept?.busy ?? 0,
    steps: kept?.steps ?? {},
    cold: kept?.cold ?? {},
    fitted: kept?.fitted ?? {},
  };
}

let results = begin();
const keep = (change: Partial<Results>): void => {
  results = { ...results, ...change };
  if (flags.json !== undefined) save(flags.json, results);
};
const known = (section: "steps" | "cold" | "fitted", name: string): boolean =>
  flags.resume === true && results[section][name] !== undefined;
const announce = (what: string): void => {
  process.stderr.write(`${what}\n`);
  keep({ busy: Math.max(results.busy, loadavg()[0]!) });
};

const partIn = (workload: Workload): readonly System[] =>
  systems.filter(
    ({ name }) =>
      (isGrown(workload) ? GROWN.includes(name) : !(flags.quick && NOT_QUICK.includes(name))) &&
      (flags.systems === undefined || flags.systems.split(",").some((word) => name.startsWith(word))),
  );

async function measureAll(folder: string): Promise<void> {
  for (const workload of everyWorkload) {
    if (!asked(isGrown(workload) ? "growth" : "steps", workload.name) || known("steps", workload.name)) continue;
    announce(`${workload.name}: ${workload.title}`);
    const { rounds, seconds } = settings;
    const row = await measureSteps(workload, partIn(workload), { rounds, seconds, clock: flags.clock, folder });
    keep({ steps: { ...results.steps, [workload.name]: row } });
  }
  for (const workload of workloads.filter(({ name }) => COLD.has(name))) {
    if (!asked("cold") || known("cold", workload.name)) continue;
    announce(`shell to posterior: ${COLD.get(workload.name)}`);
    keep({ cold: { ...results.cold, [workload.name]: await measureCold(workload, settings.rounds, folder) } });
  }
  for (const { name, measure } of fittedRows()) {
    if (!asked("oracles", name) || known("fitted", name)) continue;
    announce(`time to a fitted posterior: ${name}`);
    keep({ fitted: { ...results.fitted, [name]: measure(seeds, folder) } });
  }
}

/** By the name of their place on the page. */
function tables({
  machine,
  date,
  settings: how,
  busy,
  versions: found,
  steps,
  cold,
  fitted,
}: Results): Record<string, string> {
  const titles = (list: readonly Workload[]) => list.map(({ name, title }) => [name, title] as const);
  const [main, all] = [titles(workloads), titles(everyWorkload)];
  const list = Object.entries(found).map(([name, version]) => `${name} ${version}`);
  return {
    machine: `Measured on ${date}: ${machine}. Versions: ${list.join(", ")}. Settings: ${how}. Load average of the machine: up to ${busy.toFixed(1)}.\n\n${unableText([steps, cold])}`,
    steps: stepsTable(main, steps),
    ratios: ratiosTable(main, steps),
    growth: growthTable(growth, steps),
    compile: compileTable(all, steps),
    cold: coldTable([...COLD], cold),
    oracles: fittedTable(fitted),
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
