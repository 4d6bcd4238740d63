// Time to a fitted posterior: from the shell until the ELBO is within 0.05 nats of the best that the guide can have, and whether it gets there.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasData, optima, posteriors } from "../support/posteriordb.ts";
import { CLI, timed } from "./cold.ts";
import type { Fitted } from "./results.ts";
import { PYTHON, systems } from "./systems.ts";

export const NEAR = 0.05;

type Guide = "meanfield" | "fullrank";
export type FittedRow = {
  readonly name: string;
  readonly measure: (seeds: number, folder: string) => Fitted;
};

type One = { readonly seconds: number | null; readonly gap: number | null };
type Case = {
  readonly name: string;
  readonly guide: Guide;
  readonly optimum: number;
  readonly model: string;
  readonly data: string;
};

/** Every row of the oracle file with both guides; none where the file does not lie beside the checkout. */
export function fittedRows(): readonly FittedRow[] {
  if (!hasData) return [];
  const all = posteriors();
  return Object.entries(optima()).flatMap(([name, { mf, fr }]) => {
    const posterior = all.find((p) => p.name === name);
    if (posterior === undefined) return [];
    return [["meanfield", mf.elbo] as const, ["fullrank", fr.elbo] as const].map(([guide, optimum]) => ({
      name: `${name}, ${guide}`,
      measure: (seeds: number, folder: string) => {
        const data = join(folder, "oracle.json");
        writeFileSync(data, JSON.stringify(posterior.data));
        const model = `test/models/posteriordb/${name}.ppl`;
        return measureFitted({ name, guide, optimum, model, data }, seeds);
      },
    }));
  });
}

function measureFitted(row: Case, seeds: number): Fitted {
  const numpyro = systems.find(({ name }) => name === "NumPyro")?.missing() === null;
  const runs = { Variate: ours, ...(numpyro ? { NumPyro: theirs } : {}) };
  const found = Object.keys(runs).map((name) => ({ name, seconds: [] as One["seconds"][], gaps: [] as One["gap"][] }));
  for (let seed = 0; seed < seeds; seed++)
    Object.values(runs).forEach((run, i) => {
      const { seconds, gap } = run(row, seed);
      found[i]!.seconds.push(seconds);
      found[i]!.gaps.push(gap);
    });
  return {
    optimum: row.optimum,
    systems: Object.fromEntries(found.map(({ name, ...rest }) => [name, rest])),
  };
}

/** The whole command; the ELBO is that which it reports, from fresh draws. */
function ours({ model, data, guide, optimum }: Case, seed: number): One {
  const flags = ["--guide", guide, "--seed", String(seed), "--json", "--quiet"];
  const run = timed([process.execPath, CLI, "infer", model, "--data", data, ...flags]);
  if ("failure" in run) return { seconds: null, gap: null };
  const { elbo } = JSON.parse(run.stdout) as { elbo: { mean: number } };
  const gap = optimum - elbo.mean;
  return { seconds: gap <= NEAR ? run.seconds : null, gap };
}

function theirs({ name, guide, data, optimum }: Case, seed: number): One {
  const args = [name, guide, data, String(optimum), String(seed), String(Date.now())];
  const run = timed([PYTHON, "test/bench/peers/numpyro_oracle.py", ...args]);
  return "failure" in run ? { seconds: null, gap: null } : (JSON.parse(run.stdout) as One);
}
