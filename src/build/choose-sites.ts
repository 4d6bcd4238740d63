// The estimator of each site: as asked for, or the first that admits it; one for sites that a guide draws together.

import { diagnose, type Report } from "../base/diagnostic.ts";
import { nearest } from "../base/suggest.ts";
import { chooseEstimator, type Chosen, type Refused, type Wish } from "../estimator/choose.ts";
import type { Bound } from "../model/bound.ts";
import type { Family, SampleStmt } from "../model/model.ts";
import { factsIn } from "../objective/facts.ts";
import type { JointBlock, Layout } from "./gaussian.ts";
import type { Prepared, Wishes } from "./prepared.ts";
import type { Program } from "./program.ts";
import { flatten } from "./scope.ts";

export function chooseAll(
  base: Program,
  joint: readonly JointBlock[],
  objective: Prepared["objective"],
  wishes: Wishes,
  bound: Bound,
  report: Report,
): ReadonlyMap<string, Chosen> | null {
  const names = bound.model.sites.map((s) => s.symbol.name);
  const unknown = [...wishes.estimators.keys()].filter((name) => !names.includes(name));
  for (const name of unknown) {
    const near = nearest(name, names);
    const hint = near === null ? `its sites are ${names.join(", ")}` : `did you mean \`${near}\`?`;
    report.push(
      diagnose(
        "PPL511",
        { kind: "run" },
        { option: `an estimator for \`${name}\``, reason: `the model has no such site` },
        { hint },
      ),
    );
  }
  const entries = chosenLastFirst(base, joint, objective, wishes, bound);
  for (const [name, choice] of entries) if ("refusal" in choice) report.push(refused(name, choice, bound));
  if (unknown.length > 0 || entries.some(([, choice]) => "refusal" in choice)) return null;
  return new Map(entries as readonly (readonly [string, Chosen])[]);
}

/** A site may be refused an estimator for that of a site below, which is chosen before. */
function chosenLastFirst(
  base: Program,
  joint: readonly JointBlock[],
  objective: Prepared["objective"],
  wishes: Wishes,
  bound: Bound,
): readonly (readonly [string, Chosen | Refused])[] {
  const { particles } = wishes;
  const chosen = new Map<string, string>();
  const known = { objective: objective.row.name, linear: objective.linear, particles, chosen };
  const factsOf = factsIn(base.placed, base.terms);
  return [...base.placed]
    .reverse()
    .map((placed) => {
      const { name } = placed.site;
      const choice = chooseEstimator(
        placed.site,
        factsOf(placed, known),
        wishFor(
          joint.find((block) => block.name === name)?.sites.map((s) => s.name) ?? [name],
          objective,
          wishes,
          bound,
        ),
        wishes.policy,
        wishes.measured.get(name) ?? null,
      );
      if (!("refusal" in choice)) chosen.set(name, choice.estimator.name);
      return [name, choice] as const;
    })
    .reverse();
}

/** What is asked for the first of some sites that are drawn together. The objective of the log-variance is its own
 *  estimator for every site. */
export function wishFor(
  names: readonly string[],
  { row }: Prepared["objective"],
  wishes: Wishes,
  { model }: Bound,
): Wish | null {
  if (row.name === "vargrad") return { name: "vargrad", options: {} };
  const wishesOf = names.map((name) => wishes.estimators.get(name) ?? optional(writtenWish(name, model), wishOf));
  return wishesOf.find((wish) => wish !== null) ?? null;
}

/** As a statement says it: the guide's, where that samples the site. */
function writtenWish(name: string, { sites, guide }: Bound["model"]): SampleStmt["estimator"] {
  const own = flatten(guide).find(({ stmt }) => stmt.kind === "sample" && stmt.symbol.name === name)?.stmt as
    SampleStmt | undefined;
  return own?.estimator ?? sites.find(({ symbol }) => symbol.name === name)?.estimator ?? null;
}

const optional = <A, B>(x: A | null | undefined, f: (x: A) => B): B | null => (x == null ? null : f(x));

/** Sites that one guide draws together have one estimator: what is asked for one of them holds for all. PPL508:
 *  different ones are asked for two of them, or one that works site by site. */
export function sharedInBlocks(
  chosen: Prepared["chosen"],
  { blocks, joint }: Layout,
  wished: (name: string) => Wish | null,
  bound: Bound,
  report: Report,
): Prepared["chosen"] | null {
  const shared = new Map(chosen);
  const before = report.length;
  for (const { sites, family } of [
    ...blocks.filter((b) => b.family === "fullrank"),
    ...joint.map((b) => ({ ...b, family: b.family.name })),
  ]) {
    const names = sites.map(({ name }) => name);
    const asked = names.flatMap((name) => optional(wished(name), (wish) => [{ name, wish }]) ?? []);
    const [first] = asked;
    if (first === undefined) continue;
    const other = asked.find(({ wish }) => JSON.stringify(wish) !== JSON.stringify(first.wish));
    const reason =
      other !== undefined
        ? `one ${family} guide draws ${names.join(", ")} together, and \`${first.wish.name}\` is asked for \`${first.name}\``
        : first.wish.name === "analytic-kl"
          ? `one ${family} guide draws ${names.join(", ")} together, whose divergence has no closed form`
          : null;
    if (reason !== null)
      report.push(
        refused((other ?? first).name, { wish: (other ?? first).wish, refusal: { reason, hint: TOGETHER } }, bound),
      );
    const choice = shared.get(first.name);
    const silent = names.filter((name) => asked.every((a) => a.name !== name));
    if (choice !== undefined)
      for (const name of silent)
        shared.set(name, { ...choice, reason: `drawn together with ${first.name}, for which it was asked` });
  }
  return report.length > before ? null : shared;
}

const TOGETHER = "ask for one that holds for all of them, or use --guide meanfield";

export const wishOf = (written: { readonly name: string; readonly options: Family["options"] }): Wish => ({
  name: written.name,
  options: Object.fromEntries(written.options.map(({ name, value }) => [name, value])),
});

function refused(name: string, { wish, refusal }: Refused, bound: Bound) {
  const stmt = bound.model.sites.find((s) => s.symbol.name === name);
  const at = writtenWish(name, bound.model)?.span ?? stmt?.span;
  return diagnose(
    "PPL508",
    at ?? { kind: "run", site: name },
    { estimator: wish.name, site: name, reason: refusal.reason },
    { hint: refusal.hint },
  );
}
