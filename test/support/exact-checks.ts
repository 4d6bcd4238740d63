// What the estimator tests share: exact values of a model, the choices of estimators that its sites admit, expectations
// over minibatches.

import { exactElbo, exactGradient, rulesOf, type Rules } from "./exact-elbo.ts";
import { models, type ModelName } from "./exact-models.ts";
import type { TestModel } from "./exact-model.ts";
import { expectation, replicates, type Other } from "./exact-replicates.ts";

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

function subsets(n: number, size: number): readonly (readonly number[])[] {
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
