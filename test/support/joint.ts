// A model at given numbers: its log density, its sites and its reports, draw by draw, for comparison with plain code.

import { compile } from "../../src/compile.ts";
import { reference } from "../../src/exec/reference.ts";
import { blockRuns } from "../../src/run/graphs.ts";
import { posterior } from "../../src/run/posterior.ts";
import { diagonalScales } from "../../src/fit/guide.ts";
import type { RawData } from "../../src/result.ts";

/** One draw: log p (with the Jacobians of constrained sites), and the values of all sites and reports, row-major. */
export type Draw = { readonly logp: number; readonly at: (name: string) => readonly number[] };

/** Draws of a guide with all unconstrained means 0 and standard deviations `sd`. Throws `VariateError`. */
export function drawsOf(text: string, data: RawData, n = 3, sd = 0.5): readonly Draw[] {
  const { prepared } = compile({ path: "m.ppl", text }, data);
  const draws = posterior(prepared, reference, 1, []);
  const blocks = blockRuns(prepared);
  const mean = new Float64Array(prepared.layout.size);
  const points = new Float64Array(draws.leaves.reduce((sum, leaf) => sum + leaf.size, 0)).fill(1);
  const drawn = draws.draw(
    {
      mean,
      scales: diagonalScales(
        blocks,
        mean.map(() => sd),
      ),
      points,
    },
    n,
    0,
  );
  return Array.from({ length: n }, (_, i) => ({
    logp: drawn.logp[i]!,
    at: (name) => {
      const { values } = drawn.values[name] ?? drawn.values[`site ${name}`] ?? drawn.values[`report ${name}`]!;
      const size = values.length / n;
      return [...values.subarray(i * size, (i + 1) * size)];
    },
  }));
}
