// Batches and guides that do not go together with a model or an objective.

import { diagnose, type Report } from "../base/diagnostic.ts";
import { dependsOn } from "../ir/walk.ts";
import type { Bound } from "../model/bound.ts";
import { localPlates } from "../objective/bound.ts";
import { followsSlope } from "./family/index.ts";
import type { JointBlock } from "./gaussian.ts";
import type { Prepared } from "./prepared.ts";
import type { Program } from "./program.ts";
import { scansIn } from "./recursion.ts";

/** PPL507: the steps of a scan depend on each other, so that none can be left out. */
export function refusesBatch({ model }: Bound, batched: ReadonlySet<string>, report: Report): boolean {
  const scans = scansIn([...model.body, ...model.guide]).filter(({ binders: [{ plate }] }) => batched.has(plate.axis));
  for (const {
    binders: [{ symbol, plate, span }],
  } of scans)
    report.push(diagnose("PPL507", span, { plate: plate.axis, scan: `scan ${symbol.name} in ${plate.dim}` }));
  return scans.length > 0;
}

/** PPL507: the mean of a batch inside a logarithm is not the logarithm of the mean. */
export function refusesBatchInside(
  base: Program,
  { linear, row }: Prepared["objective"],
  batched: ReadonlySet<string>,
  report: Report,
): boolean {
  if (linear) return false;
  const local = localPlates(base.terms, base.placed);
  const inside = base.terms
    .flatMap((term) => term.plates)
    .find((plate) => batched.has(plate) && !local.includes(plate));
  if (inside !== undefined) report.push(diagnose("PPL507", { kind: "run" }, { plate: inside, objective: row.name }));
  return inside !== undefined;
}

/** PPL507: a joint guide draws all its coordinates in every step; one that follows the slope of the log density reads
 *  all data too. */
export function refusesJointBatch(joint: readonly JointBlock[], batched: ReadonlySet<string>, report: Report): boolean {
  const moving = joint.find(({ family }) => followsSlope(family.name));
  if (moving !== undefined && batched.size > 0) {
    for (const plate of batched)
      report.push(
        diagnose(
          "PPL507",
          { kind: "run", site: moving.name },
          { plate, name: moving.name },
          {
            hint: `${moving.family.name} moves along the slope of the log density of all data; take another family`,
          },
        ),
      );
    return true;
  }
  const inside = joint.flatMap(({ sites }) =>
    sites.flatMap(({ name, plates }) =>
      plates.filter(({ axis }) => batched.has(axis)).map(({ axis }) => ({ name, plate: axis })),
    ),
  );
  for (const { name, plate } of inside) report.push(diagnose("PPL507", { kind: "run", site: name }, { plate, name }));
  return inside.length > 0;
}

/** PPL511: a block that follows the slope of the log density reads the other sites, so that these are drawn before it
 *  and smoothly. */
export function refusesSlope(joint: readonly JointBlock[], base: Program, report: Report): boolean {
  const [moving, second] = joint.filter(({ family }) => followsSlope(family.name));
  if (moving === undefined) return false;
  const own = base.placed.find(({ site }) => site.name === moving.name);
  const reasons = base.placed
    .filter((other) => other !== own)
    .flatMap(({ site, value }) => {
      if (site.name === second?.name)
        return [{ site, reason: `\`${site.name}\` has one too, and neither can move first` }];
      if (own !== undefined && dependsOn(value, own.value))
        return [{ site, reason: `the guide of \`${site.name}\` reads it, and it would have to be drawn after` }];
      return site.path !== null
        ? []
        : [
            {
              site,
              reason: `it moves along the slope of the whole log density, and \`${site.name}\` has no smooth draw`,
            },
          ];
    });
  for (const { site, reason } of reasons) {
    report.push(
      diagnose(
        "PPL511",
        site.span,
        { option: `${moving.family.name} for \`${moving.name}\``, reason },
        {
          hint: "sum a discrete site out with `@marginal`, or take `flow`",
        },
      ),
    );
  }
  return reasons.length > 0;
}
