// Everything that is decided before numbers run: the Gaussian guide's blocks, the estimator of each site, the method;
// each with its reason.

import { diagnose, type Report } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import type { Chosen } from "../estimator/choose.ts";
import type { Placed, Site } from "../estimator/estimator.ts";
import type { Bound } from "../model/bound.ts";
import { elboRow } from "../objective/elbo.ts";
import { objectives } from "../objective/index.ts";
import { aloneIn, chooseGuide, jointBlocks } from "./choose-guide.ts";
import { chooseMethod } from "./choose-method.ts";
import { chooseAll, sharedInBlocks, wishFor } from "./choose-sites.ts";
import { layOut } from "./gaussian.ts";
import type { Prepared, Wishes } from "./prepared.ts";
import { buildProgram } from "./program.ts";
import { refusesBatch, refusesBatchInside, refusesJointBatch, refusesSlope } from "./refusals.ts";
import type { Plan } from "./state.ts";

/** Placed plainly: for facts. */
export const drawn = (site: Site): Placed => ({ value: site.draw() });

export function prepare(bound: Bound, wishes: Wishes, report: Report): Prepared | null {
  const batched = new Set(Object.keys(wishes.batch));
  if (refusesBatch(bound, batched, report)) return null;
  const objective = objectiveOf(wishes, report);
  if (objective === null) return null;
  const alone = aloneIn(bound, wishes);
  const plan = { gaussian: "leaves", place: drawn, keepsScore: objective.keepsScore, alone, batched } as const;
  const dry = buildProgram(bound, { ...plan, layout: null }, report);
  const joint = jointBlocks(dry, bound, wishes);
  if (joint.length > 0 && refusesJointBatch(joint, batched, report)) return null;
  const base = joint.length === 0 ? dry : buildProgram(bound, { ...plan, layout: layOut([], joint) }, []);
  if (refusesSlope(joint, base, report)) return null;
  const chosen = chooseAll(base, joint, objective, wishes, bound, report);
  if (chosen === null || refusesBatchInside(base, objective, batched, report)) return null;
  const method = chooseMethod(chosen, joint, wishes, report);
  if (method === null) return null;
  const { layout, family } = chooseGuide(dry, bound, wishes, method.name, joint);
  const shared = sharedInBlocks(chosen, layout, (name) => wishFor([name], objective, wishes, bound), bound, report);
  return shared === null ? null : { bound, batched, objective, chosen: shared, layout, alone, family, method, base };
}

function objectiveOf({ objective: { name, alpha }, particles }: Wishes, report: Report): Prepared["objective"] | null {
  const row = objectives.find((o) => o.name === name) ?? ice(`no objective ${name}`);
  const fault =
    particles < row.least
      ? `it compares draws, and there is ${particles}`
      : name === "renyi" && alpha === 1
        ? "at alpha = 1 it is the ELBO"
        : null;
  // A bound of one draw is the ELBO, and is built like it: states may be averaged, divergences stand for terms.
  const built = particles === 1 && row.linear(1) ? { ...row, build: elboRow.build } : row;
  if (fault === null)
    return { row: built, alpha, linear: row.linear(particles), keepsScore: row.keepsScore(particles) };
  const hint = name === "renyi" ? "use --objective elbo" : `use --particles ${row.least} or more`;
  report.push(diagnose("PPL511", { kind: "run" }, { option: `--objective ${name}`, reason: fault }, { hint }));
  return null;
}

// ---------------------------------------------------------------------------------------- plans

/** The plan in which each site is placed by its estimator. */
export const planOf = (prepared: Prepared, gaussian: Plan["gaussian"]): Plan => ({
  gaussian,
  layout: prepared.layout,
  keepsScore: prepared.objective.keepsScore,
  alone: prepared.alone,
  batched: gaussian === "coordinates" ? new Set() : prepared.batched,
  place: (site) => {
    const { estimator, options } = chosenFor(prepared, site.name);
    // On held draws the score of log q is no noise of mean zero but part of the slope of what is climbed.
    const held = gaussian === "coordinates" && "weight" in estimator.options;
    return estimator.place(site, held ? { ...options, weight: 0 } : options);
  },
});

/** The plan that draws: discrete and hand-written sites from their guides, Gaussian ones from the run's coordinates. */
export const drawingPlan = (prepared: Prepared): Plan => ({
  gaussian: "coordinates",
  layout: prepared.layout,
  keepsScore: true,
  alone: prepared.alone,
  batched: new Set(),
  place: (site) => ({ value: site.draw(), logq: site.guide.logProb }),
});

/** A joint block has the estimator of its first site. */
export function chosenFor(prepared: Prepared, name: string): Chosen {
  const block = prepared.layout.blocks.find((b) => b.name === name);
  return prepared.chosen.get(name) ?? (prepared.chosen.get(block?.sites[0]?.name ?? "") as Chosen);
}
