// From the shell to a posterior: a fresh process per round and system, timed from its start to its end, and the peak of its memory.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { lastError } from "./child.ts";
import type { Cold, Section } from "./results.ts";
import { PYTHON, stanMissing, systems } from "./systems.ts";
import { modelOf, type Kind, type Workload } from "./workloads.ts";

type Starter = {
  readonly name: string;
  readonly missing: () => string | null;
  readonly command: (model: string, kind: Kind, data: string) => readonly string[];
};

/** The command as it is built. */
export const CLI = "dist/cli.cjs";
const PEERS = "test/bench/peers";

const starters: readonly Starter[] = [
  {
    name: "Variate",
    missing: () => null,
    command: (model, _, data) => [process.execPath, CLI, "infer", model, "--data", data, "--json", "--quiet"],
  },
  {
    name: "NumPyro",
    missing: () => systems.find(({ name }) => name === "NumPyro")?.missing() ?? null,
    command: (_, kind, data) => [PYTHON, `${PEERS}/numpyro_fit.py`, kind, data],
  },
  {
    name: "Stan ADVI, compiled before",
    missing: stanMissing,
    command: (_, kind, data) => ["Rscript", `${PEERS}/stan_fit.R`, kind, data],
  },
];

export async function measureCold(workload: Workload, rounds: number, folder: string): Promise<Section<Cold>> {
  const data = join(folder, `cold-${workload.name}.json`);
  writeFileSync(data, JSON.stringify(workload.data()));
  const ready = starters.map((starter) => ({ starter, missing: starter.missing(), seconds: [] as number[] }));
  const failed = new Map<string, string>();
  const memory = new Map<string, number>();
  for (let round = 0; round <= rounds; round++)
    for (const { starter, seconds } of ready.filter((r) => r.missing === null && !failed.has(r.starter.name))) {
      const command = starter.command(modelOf(workload).path, workload.kind, data);
      // The first round warms the disk, and measures memory: to ask for it takes time.
      const run = timed(command, round === 0);
      if ("failure" in run) failed.set(starter.name, run.failure);
      else if (round > 0) seconds.push(run.seconds);
      else if (run.megabytes !== null) memory.set(starter.name, run.megabytes);
    }
  return Object.fromEntries(
    ready.map(({ starter: { name }, missing, seconds }) => {
      const unable = missing ?? failed.get(name);
      return [name, unable === undefined ? { seconds, megabytes: memory.get(name) ?? null } : { unable }];
    }),
  );
}

type Run =
  | { readonly seconds: number; readonly megabytes: number | null; readonly stdout: string }
  | { readonly failure: string };

/** A process to its end. Exit code 2 of the command line is a fit that says what is wrong with it. */
export function timed([command, ...args]: readonly string[], memory = false): Run {
  const preload = `--import=${pathToFileURL("test/bench/peak-memory.mjs").href}`;
  const env = memory ? { ...process.env, NODE_OPTIONS: preload, PEAK_MEMORY: "1" } : process.env;
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(command!, args, { encoding: "utf8", env, maxBuffer: 2 ** 28 });
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0 && status !== 2) return { failure: lastError(stderr) };
  const told = /"megabytes":\s*([\d.]+)/.exec(`${stderr}\n${stdout}`);
  return { seconds, megabytes: told === null ? null : Number(told[1]), stdout };
}
