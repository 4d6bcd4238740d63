// Everything that is decided before numbers run: the Gaussian guide's blocks, the estimator of each site, the method; each with its reason.

import { diagnose, type Report } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import { nearest } from "../base/suggest.ts";
import {
  ASKED_FOR,
  chooseEstimator,
  type Chosen,
  type Measured,
  type Policy,
  type Refused,
  type Wish,
} from "../estimator/choose.ts";
import type { Placed, Site } from "../estimator/estimator.ts";
import type { Bound } from "../model/bound.ts";
import { showFamily } from "../model/families.ts";
import type { Family, SampleStmt } from "../model/model.ts";
import { factsIn } from "../objective/facts.ts";
import { localPlates } from "../objective/bound.ts";
import { elboRow } from "../objective/elbo.ts";
import { objectives } from "../objective/index.ts";
import type { ObjectiveRow, ObjectiveWish } from "../objective/objective.ts";
import { dependsOn } from "../ir/walk.ts";
import { followsSlope, jointFamilies } from "./family/index.ts";
import { flatSize, jointBlock, layOut, type GaussianBlock, type JointBlock, type Layout } from "./gaussian.ts";
import { scansIn } from "./recursion.ts";
import { flatten } from "./scope.ts";
import { buildProgram, type Program } from "./program.ts";
import type { Plan } from "./state.ts";

export type Wishes = {
  readonly particles: number;
  readonly objective: ObjectiveWish;
  readonly policy: Policy;
  /** Null: automatic. */
  readonly guide: Pick<Family, "name" | "options"> | null;
  readonly method: "auto" | "fixed" | "adam";
  readonly batch: Readonly<Record<string, number>>;
  readonly estimators: ReadonlyMap<string, Wish>;
  /** What a measurement found best, by site. */
  readonly measured: ReadonlyMap<string, Measured>;
};

export type Prepared = {
  readonly bound: Bound;
  readonly batched: ReadonlySet<string>;
  readonly objective: {
    readonly row: ObjectiveRow;
    readonly alpha: number;
    readonly linear: boolean;
    readonly keepsScore: boolean;
  };
  /** Estimator of each placed site; sites of a joint block share the block's. */
  readonly chosen: ReadonlyMap<string, Chosen>;
  readonly layout: Layout;
  readonly alone: Plan["alone"];
  /** `retry`: full rank is tried after this one where its k-hat is bad. */
  readonly family: { readonly name: string; readonly reason: string; readonly retry: boolean };
  readonly method: { readonly name: "fixed" | "adam"; readonly reason: string };
  /** The base graph: every site drawn plainly. */
  readonly base: Program;
};

/** The largest number of coordinates for which the automatic guide is full rank (optimisation, sections 1 and 7). */
const FULL_RANK_LIMIT = 64;
/** The largest number for which it is tried after a mean-field guide whose k-hat is bad. Measured: at 65 and 89 coordinates it costs 2 to 4 times
 *  the gradients and takes k-hat from 0.80 to 0.46 and from 1.04 to 0.63; at 144 it costs 15 times as many and does not converge. */
const RETRY_LIMIT = 100;

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

/** PPL507: the steps of a scan depend on each other, so that none can be left out. */
function refusesBatch({ model }: Bound, batched: ReadonlySet<string>, report: Report): boolean {
  const scans = scansIn([...model.body, ...model.guide]).filter(({ binders: [{ plate }] }) => batched.has(plate.axis));
  for (const {
    binders: [{ symbol, plate, span }],
  } of scans)
    report.push(diagnose("PPL507", span, { plate: plate.axis, scan: `scan ${symbol.name} in ${plate.dim}` }));
  return scans.length > 0;
}

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

// ---------------------------------------------------------------------------------------- objective

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

/** PPL507: the mean of a batch inside a logarithm is not the logarithm of the mean. */
function refusesBatchInside(
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

// ---------------------------------------------------------------------------------------- estimators

function chooseAll(
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

/** What is asked for the first of some sites that are drawn together. The objective of the log-variance is its own estimator for every site. */
function wishFor(
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

/** Sites that one guide draws together have one estimator: what is asked for one of them holds for all. PPL508: different ones are asked for two of
 *  them, or one that works site by site. */
function sharedInBlocks(
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

// ---------------------------------------------------------------------------------------- method

function chooseMethod(
  chosen: ReadonlyMap<string, Chosen>,
  joint: readonly JointBlock[],
  wishes: Wishes,
  report: Report,
): Prepared["method"] | null {
  const obstacle = whyNotFixed(chosen, joint, wishes);
  if (wishes.method === "adam") return { name: "adam", reason: "asked for by the user" };
  if (obstacle === null) {
    return {
      name: "fixed",
      reason:
        wishes.method === "fixed"
          ? "asked for by the user"
          : "all noise can be held fixed: full data, smooth draws or sums over states",
    };
  }
  if (wishes.method === "fixed") {
    report.push(
      diagnose(
        "PPL511",
        { kind: "run" },
        { option: "--method fixed", reason: obstacle },
        { hint: "leave the method out, or use --method adam" },
      ),
    );
    return null;
  }
  return { name: "adam", reason: obstacle };
}

/** Path gradients that differ in the score term alone, which matched draws of a Gaussian cancel. */
const WEIGHTED = ["path", "total", "adaptive", "analytic-kl"];

function whyNotFixed(chosen: ReadonlyMap<string, Chosen>, joint: readonly JointBlock[], wishes: Wishes): string | null {
  const plates = Object.keys(wishes.batch);
  if (wishes.objective.name !== "elbo") return `the objective ${wishes.objective.name} is climbed by stochastic steps`;
  if (plates.length > 0) return `plate ${plates.join(", ")} is batched, so each step sees other data`;
  const noisy = [...chosen]
    .filter(([, { estimator }]) => !estimator.fixable)
    .map(([name, { estimator }]) => `${name} (${estimator.name})`);
  if (noisy.length > 0) return `the draws of ${noisy.join(", ")} cannot be held fixed`;
  const bending = joint.find(({ family }) =>
    jointFamilies.some(({ name, fixable }) => name === family.name && !fixable),
  );
  if (bending !== undefined)
    return `the ${bending.family.name} over ${bending.sites.map(({ name }) => name).join(", ")} would bend to whatever draws are held fixed`;
  const weighted = [...chosen].find(
    ([, { estimator, reason }]) => WEIGHTED.includes(estimator.name) && reason === ASKED_FOR,
  );
  return weighted === undefined
    ? null
    : `the score term of ${weighted[0]} (${weighted[1].estimator.name}) matters only where noise is not held fixed`;
}

// ---------------------------------------------------------------------------------------- guide

/** Full rank over everything continuous where that is affordable, mean-field elsewhere; named blocks as the user wrote them. */
function chooseGuide(
  base: Program,
  bound: Bound,
  wishes: Wishes,
  method: "fixed" | "adam",
  joint: readonly JointBlock[],
): Pick<Prepared, "layout" | "family"> {
  const requests = base.latents.flatMap((latent) => (latent.request === null ? [] : [latent.request]));
  const dims = requests.reduce((sum, r) => sum + flatSize(r), 0);
  const { families } = bound.model;
  const named = [
    ...families.blocks.flatMap((block) => block.sites),
    ...joint.flatMap((block) => block.sites.map((site) => site.name)),
  ];
  const rest = requests.filter((r) => !named.includes(r.name));
  const family = defaultFamily(families.default, wishes, dims, method);
  const local = (plates: readonly { readonly axis: string }[]): boolean =>
    plates.some(({ axis }) => axis in wishes.batch);
  const blocks: { name: string; family: GaussianBlock["family"]; sites: typeof requests }[] = [];
  const alone = (sites: typeof requests): void => {
    for (const site of sites) blocks.push({ name: site.name, family: "meanfield", sites: [site] });
  };
  for (const block of families.blocks) {
    const sites = requests.filter((r) => block.sites.includes(r.name));
    if (jointFamilies.some((f) => f.name === block.family.name)) continue;
    if (block.family.name === "fullrank") blocks.push({ name: block.sites.join("+"), family: "fullrank", sites });
    else alone(sites);
  }
  if (family.name === "fullrank") {
    const joint = rest.filter((r) => !local(r.plates));
    if (joint.length > 0) blocks.push({ name: joint.map((r) => r.name).join("+"), family: "fullrank", sites: joint });
    alone(rest.filter((r) => local(r.plates)));
  } else alone(rest);
  return { layout: layOut(blocks, joint), family };
}

/** The family of sites that no block names. */
const restFamily = ({ model }: Bound, wishes: Wishes): Pick<Family, "name" | "options"> | null =>
  wishes.guide ?? model.families.default;

/** `delta` and `same`: of the block that names a site, or of the rest. */
function aloneIn(bound: Bound, wishes: Wishes): Plan["alone"] {
  const { blocks } = bound.model.families;
  return (site) => {
    const { name } = blocks.find(({ sites }) => sites.includes(site))?.family ??
      restFamily(bound, wishes) ?? { name: null };
    return name === "delta" || name === "same" ? name : null;
  };
}

/** Blocks of the families whose coordinates are drawn inside the graph: as the user wrote them, and one over the rest. */
function jointBlocks(dry: Program, bound: Bound, wishes: Wishes): readonly JointBlock[] {
  const { blocks } = bound.model.families;
  const requests = dry.latents.flatMap((latent) => (latent.request === null ? [] : [latent.request]));
  const isJoint = ({ name }: Pick<Family, "name">): boolean => jointFamilies.some((family) => family.name === name);
  const rest = restFamily(bound, wishes);
  const unnamed = requests.filter(({ name }) => !blocks.some(({ sites }) => sites.includes(name)));
  return [
    ...blocks
      .filter(({ family }) => isJoint(family))
      .map(({ family, sites }) =>
        jointBlock(
          family,
          requests.filter(({ name }) => sites.includes(name)),
        ),
      ),
    ...(rest !== null && isJoint(rest) && unnamed.length > 0 ? [jointBlock(rest, unnamed)] : []),
  ];
}

/** PPL507: a joint guide draws all its coordinates in every step; one that follows the slope of the log density reads all data too. */
function refusesJointBatch(joint: readonly JointBlock[], batched: ReadonlySet<string>, report: Report): boolean {
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

/** PPL511: a block that follows the slope of the log density reads the other sites, so that these are drawn before it and smoothly. */
function refusesSlope(joint: readonly JointBlock[], base: Program, report: Report): boolean {
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

function defaultFamily(
  written: Family | null,
  wishes: Wishes,
  dims: number,
  method: "fixed" | "adam",
): Prepared["family"] {
  const once = { retry: false };
  if (wishes.guide !== null) return { name: showFamily(wishes.guide), reason: ASKED_FOR, ...once };
  if (written !== null) return { name: showFamily(written), reason: "the guide block says so", ...once };
  const coordinates = `${dims} continuous coordinate${dims === 1 ? "" : "s"}`;
  if (method === "adam")
    return { name: "meanfield", reason: "full rank is automatic only where noise can be held fixed", ...once };
  if (dims <= FULL_RANK_LIMIT) {
    return {
      name: "fullrank",
      reason: `${coordinates}, at most ${FULL_RANK_LIMIT}: right standard deviations and correlations for about the same price`,
      ...once,
    };
  }
  const many = `${coordinates}, more than ${FULL_RANK_LIMIT}`;
  return dims <= RETRY_LIMIT
    ? {
        name: "meanfield",
        reason: `${many}: a full covariance costs several times the draws, and is tried only if this guide's k-hat is bad`,
        retry: true,
      }
    : { name: "meanfield", reason: `${many}: a full covariance would cost too many draws`, ...once };
}
