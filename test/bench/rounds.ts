// Systems take turns on one workload: every round asks each of them for some steps, in the same order.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { start, type Child } from "./child.ts";
import type { Section, Steps } from "./results.ts";
import type { System } from "./systems.ts";
import type { Workload } from "./workloads.ts";

export type Rounds = {
  readonly rounds: number;
  /** That a system computes per round. */
  readonly seconds: number;
  /** What counts: time on the wall, or processor time, on a machine that is busy with other things. */
  readonly clock: "wall" | "cpu";
  /** Holds the data while they run. */
  readonly folder: string;
};

const ELBO_DRAWS = 100;

type Running = { readonly system: System; readonly child: Child; readonly microseconds: number[] };

export async function measureSteps(
  workload: Workload,
  systems: readonly System[],
  { rounds, seconds, clock, folder }: Rounds,
): Promise<Section<Steps>> {
  const data = join(folder, `${workload.name}.json`);
  writeFileSync(data, JSON.stringify(workload.data()));
  const found: Record<string, Steps> = {};
  const running: Running[] = [];
  const attempt = async (system: System, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      found[system.name] = { unable: (error as Error).message };
    }
  };
  for (const system of systems) {
    const command = system.command(workload, data);
    const missing = system.missing();
    if (command === null) continue;
    if (missing !== null) found[system.name] = { unable: missing };
    else
      await attempt(system, async () => {
        const child = await start(command);
        running.push({ system, child, microseconds: [] });
        await child.ask({ ask: "time", seconds });
      });
  }
  for (let round = 0; round < rounds; round++)
    for (const { system, child, microseconds } of running.filter(({ system: { name } }) => found[name] === undefined))
      await attempt(system, async () => {
        const { steps, seconds: wall, cpu } = await child.ask({ ask: "time", seconds });
        microseconds.push((1e6 * (clock === "cpu" ? cpu! : wall!)) / steps!);
      });
  for (const { system, child, microseconds } of running) {
    await attempt(system, async () => {
      if (found[system.name] !== undefined) return;
      const told = await child.ask({ ask: "elbo", draws: ELBO_DRAWS });
      // JSON has neither NaN nor infinity: they arrive as null.
      const elbo = "elbo" in told ? (told.elbo ?? "not finite") : null;
      const { megabytes = null } = told;
      const { load, compile } = child.ready as { load: number; compile: number };
      found[system.name] = { microseconds, load, compile, elbo, megabytes };
    });
    child.end();
  }
  return found;
}
