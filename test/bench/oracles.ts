// `npm run oracles`: every posterior of the oracle file with both guides, default options, five seeds; prints the table. `-- NAME` picks some.

import { infer } from "../../src/infer.ts";
import type { Fit } from "../../src/result.ts";
import { meanAndSd } from "../../src/fit/summary.ts";
import { exactMoments, hasData, optima, posteriors, worstMean, type Posterior } from "../support/posteriordb.ts";

const SEEDS = [0, 1, 2, 3, 4];

async function row(posterior: Posterior, guide: "meanfield" | "fullrank", optimum: number): Promise<string> {
  const fits: Fit[] = [];
  for (const seed of SEEDS)
    fits.push(await infer({ path: `${posterior.name}.ppl`, text: posterior.text }, posterior.data, { guide, seed }));
  const most = (f: (fit: Fit) => number): number => Math.max(...fits.map(f));
  const median = (f: (fit: Fit) => number): number => fits.map(f).sort((a, b) => a - b)[2] as number;
  const gap = most((fit) => optimum - fit.elbo.mean);
  const mean =
    posterior.reference === null ? "–" : most((fit) => worstMean(fit, posterior.reference ?? {}).error).toFixed(2);
  const cells = [
    posterior.name,
    guide,
    optimum.toFixed(3),
    median((f) => f.elbo.mean).toFixed(3),
    gap.toFixed(3),
    most((f) => f.elbo.se).toFixed(3),
    most((f) => f.khat).toFixed(2),
    mean,
    String(median((f) => f.gradients)),
    median((f) => f.seconds.total).toFixed(2),
    fits.every((f) => f.converged) ? "yes" : "NO",
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Eight schools' posterior of mu and log tau by quadrature beside those of the fits: means and sds, in sds. */
async function momentsOf(posterior: Posterior, guide: "meanfield" | "fullrank"): Promise<string> {
  const exact = exactMoments();
  const cells: string[] = [];
  for (const [label, [mean, sd]] of Object.entries(exact)) {
    const errors: number[] = [];
    for (const seed of SEEDS) {
      const { draws } = await infer({ path: `${posterior.name}.ppl`, text: posterior.text }, posterior.data, {
        guide,
        seed,
        draws: 4000,
      });
      const values = draws[label.replace("log ", "")]!.values;
      const found = meanAndSd(label.startsWith("log ") ? values.map(Math.log) : values);
      errors.push(Math.max(Math.abs(found.mean - mean), Math.abs(found.sd - sd)) / sd);
    }
    cells.push(`${label} ${Math.max(...errors).toFixed(2)}`);
  }
  return `exact moments, ${posterior.name}, ${guide}: worst error of mean or sd, in posterior sds: ${cells.join(", ")}`;
}

if (!hasData) throw new Error("the data folder with oracles.json does not lie beside the checkout");
const wanted = process.argv[2] ?? "";
console.log(
  "| posterior | guide | optimum | ELBO (median) | worst gap | se | worst k-hat | worst mean error (sd) | gradients | seconds | converged |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|---|");
const known = optima();
const all = posteriors();
for (const [name, { mf, fr }] of Object.entries(known)) {
  if (!name.includes(wanted)) continue;
  const posterior = all.find((p) => p.name === name);
  if (posterior === undefined) {
    console.log(`| ${name} | no model under test/models/posteriordb |`);
    continue;
  }
  console.log(await row(posterior, "meanfield", mf.elbo));
  console.log(await row(posterior, "fullrank", fr.elbo));
}

const schools = all.filter((p) => p.name.startsWith("eight_schools-") && p.name.includes(wanted));
for (const posterior of schools) {
  for (const guide of ["meanfield", "fullrank"] as const) console.log(await momentsOf(posterior, guide));
}
