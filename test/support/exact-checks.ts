// What the estimator tests share: exact values of a model, the choices of estimators that its sites admit, expectations
// over minibatches.

import { VariateError } from "../../src/base/diagnostic.ts";
import { exactElbo, exactGradient, rulesOf, type Rules } from "./exact-elbo.ts";
import { models, type ModelName } from "./exact-models.ts";
import type { TestModel } from "./exact-model.ts";
import {
  BOUND,
  compiled,
  draws,
  expectation,
  moments,
  replicates,
  worstZ,
  type Other,
  type Setup,
  type Streams,
} from "./exact-replicates.ts";
import { streamOf } from "./exact-streams.ts";

export type Choice = Readonly<Record<string, string>>;

/** Differences of a fourth order rule lie below it, relative to 1 + |exact|. */
export const CLOSE = 1e-8;

// ---------------------------------------------------------------------------------------- exact values, once per model

export type Truth = { readonly rules: Rules; readonly elbo: number; readonly gradient: readonly number[] };

const truths = new Map<TestModel, Truth>();

export function truthOf(model: TestModel): Truth {
  const known = truths.get(model);
  if (known !== undefined) return known;
  const rules = rulesOf(model.knots);
  const truth = {
    rules,
    elbo: exactElbo(model, model.theta, rules),
    gradient: exactGradient(model, model.theta, rules),
  };
  truths.set(model, truth);
  return truth;
}

/** Largest difference, relative to 1 + |exact|. */
export const distance = (found: readonly number[], exact: readonly number[]): number =>
  Math.max(...exact.map((e, i) => Math.abs(found[i]! - e) / (1 + Math.abs(e))));

// ---------------------------------------------------------------------------------------- all choices

export const names = Object.keys(models) as ModelName[];
/** States that would have to be summed jointly: members meet in the likelihood, or one draw has many elements. */
export const JOINT: readonly ModelName[] = ["twoIndices", "wholeIndex", "openedTwice", "vector"];

/** What each kind of site admits, without a baseline or with one. */
export function admitted(name: ModelName, site: string, credited: "score" | "loo"): readonly string[] {
  switch (models[name].variables.find((v) => v.site === site)!.kind) {
    case "normal":
      return ["path", "total", "path(weight=0.3)", credited];
    case "uniform":
      return ["total"];
    case "count":
      return [credited];
    default:
      return JOINT.includes(name) ? [credited] : ["enumerate", credited];
  }
}

export const sitesOf = (name: ModelName): readonly string[] => [...new Set(models[name].variables.map((v) => v.site))];

export function choices(name: ModelName, options: (site: string) => readonly string[]): readonly Choice[] {
  return sitesOf(name).reduce<readonly Choice[]>(
    (all, site) => all.flatMap((c) => options(site).map((e) => ({ ...c, [site]: e }))),
    [{}],
  );
}

export const written = (choice: Choice): string =>
  Object.entries(choice)
    .map(([site, e]) => `${site}=${e}`)
    .join(" ");
export const noisyIn = (choice: Choice): ReadonlySet<string> =>
  new Set(Object.keys(choice).filter((site) => choice[site] !== "enumerate"));

// ---------------------------------------------------------------------------------------- by listing, or by chance

/** The diagnostics of a choice that is refused; none where it is admitted. */
export function refusalsOf(model: TestModel, setup: Setup): VariateError["diagnostics"] {
  try {
    compiled(model, setup);
    return [];
  } catch (e) {
    if (e instanceof VariateError) return e.diagnostics;
    throw e;
  }
}

/** The rows that each site admits beside the others' choice. */
export function admittedBeside(model: TestModel, setup: Setup): (site: string) => readonly string[] {
  const { chosen } = compiled(model, setup);
  return (site) => {
    const { estimator, rejected } = chosen.get(site.split("+")[0]!)!;
    return [estimator.name, ...rejected.filter((r) => !r.reason.startsWith("not possible")).map((r) => r.estimator)];
  };
}

/** Rows that evaluate the cost at other values, under which the sites below are drawn again. */
const COMPARING: readonly string[] = ["arm", "disarm", "arsm", "arsm+"];

/** Does a drawn state of another site depend on what `site` is, itself or through a draw between? Its listed noise would give the same state at every
 *  value then. */
function drawnBelow({ variables, theta }: TestModel, site: string, noisy: ReadonlySet<string>): boolean {
  const moved = new Set([site]);
  let below = false;
  variables.forEach(({ site: name, law }, i) => {
    const at = (value: number): string =>
      JSON.stringify(
        law(
          theta,
          variables.slice(0, i).map((v) => (moved.has(v.site) ? value : 0)),
        ),
      );
    if (name === site || !noisy.has(name) || at(0) === at(1)) return;
    moved.add(name);
    below ||= at(0).includes("prob");
  });
  return below;
}

/** The streams of a choice whose draws can all be listed; null where they cannot, or are too many. */
export function streamsOf(
  model: TestModel,
  choice: Choice,
  rules: Rules,
  particles: number,
  most: number,
): Streams | null {
  if (Object.entries(choice).some(([site, e]) => COMPARING.includes(e) && drawnBelow(model, site, noisyIn(choice))))
    return null;
  const found = Object.entries(choice)
    .filter(([, e]) => e !== "enumerate")
    .map(([site, e]) => {
      const variable = model.variables.find((v) => v.site === site)!;
      const law = variable.law(
        model.theta,
        model.variables.map(() => 0),
      );
      return [site, streamOf(e, "prob" in law ? law.prob.length : null)] as const;
    });
  if (
    found.some(([, stream]) => stream === null) ||
    model.variables.some((v) => v.kind === "count" && noisyIn(choice).has(v.site))
  )
    return null;
  const streams = Object.fromEntries(found.flatMap(([site, stream]) => (stream == null ? [] : [[site, stream]])));
  const rows = draws(model, rules, noisyIn(choice), streams);
  return rows !== null && rows.length ** particles <= most ? streams : null;
}

export type Judged = { readonly how: "listed" | "drawn"; readonly gap: number };

/** The estimate's mean against the exact gradient: by listing all draws where that is possible, the distance in units of `close`; else over `reps`
 *  random draws, in units of the bound on standard errors. Right estimators lie below 1. */
export function judged(
  model: TestModel,
  setup: Setup & { readonly estimators: Choice },
  exact: readonly number[],
  {
    rules,
    reps,
    most = 3000,
    close = CLOSE,
    other = {},
  }: {
    readonly rules: Rules;
    readonly reps: number;
    readonly most?: number;
    readonly close?: number;
    readonly other?: Other;
  },
): Judged {
  const { estimators, particles = 1 } = setup;
  const streams = streamsOf(model, estimators, rules, particles, most);
  const built = replicates(model, setup, other);
  if (streams === null) return { how: "drawn", gap: worstZ(moments(built.run(reps).gradient), exact) / BOUND };
  const found = expectation(model, built, rules, { noisy: noisyIn(estimators), particles, streams });
  return { how: "listed", gap: distance(found.gradient, exact) / close };
}

// ---------------------------------------------------------------------------------------- minibatches

export type Batched = {
  readonly name: ModelName;
  readonly axis: string;
  readonly full: number;
  readonly size: number;
  readonly choice: Choice;
  /** The member of the batched plate to which a site's variable belongs; null: to none. */
  readonly owner: (site: string, member: number) => number | null;
};

export function subsets(n: number, size: number): readonly (readonly number[])[] {
  if (size === 0) return [[]];
  return Array.from({ length: n }, (_, first) => first).flatMap((first) =>
    subsets(n, size - 1)
      .filter((rest) => rest.every((i) => i > first))
      .map((rest) => [first, ...rest]),
  );
}

/** The mean of the expectations over all minibatches. */
export function batchExpectation(
  { name, axis, full, size, choice, owner }: Batched,
  other: Other = {},
): { gradient: number[]; value: number } {
  const model = models[name];
  const rep = replicates(model, { estimators: choice, batch: { [axis]: size } }, other);
  const found = subsets(full, size).map((members) =>
    expectation(model, rep, truthOf(model).rules, {
      noisy: noisyIn(choice),
      batch: {
        members: { [axis]: Int32Array.from(members) },
        present: (site, m) => members.includes(owner(site, m) ?? members[0]!),
      },
    }),
  );
  const mean = (of: (f: (typeof found)[number]) => number): number =>
    found.reduce((s, f) => s + of(f), 0) / found.length;
  return { gradient: truthOf(model).gradient.map((_, i) => mean((f) => f.gradient[i]!)), value: mean((f) => f.value) };
}

export const plateBatch = (choice: Choice, size = 2): Batched => ({
  name: "plate",
  axis: "N",
  full: 4,
  size,
  choice,
  owner: (site, m) => (site === "z" ? m : null),
});
export const nestedBatch = (choice: Choice, axis: "I" | "J"): Batched => ({
  name: "nested",
  axis,
  full: 2,
  size: 1,
  choice,
  owner: (site, m) => (site === "z" ? (axis === "I" ? m >> 1 : m & 1) : axis === "I" ? m : null),
});
export const gatherBatch = (choice: Choice): Batched => ({
  name: "gather",
  axis: "T",
  full: 5,
  size: 2,
  choice,
  owner: () => null,
});
