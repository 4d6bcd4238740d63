// The whole table: every unbiased row at every site of every model that admits it, against the exact gradient of the bound. Where all draws can be listed
// the expectation must agree to rounding, else the mean of random estimates within standard errors.

import { describe, expect, test } from "vitest";
import { estimators } from "../src/estimator/index.ts";
import {
  admittedBeside,
  judged,
  names,
  refusalsOf,
  sitesOf,
  truthOf,
  written,
  type Choice,
  type Judged,
} from "./support/exact-checks.ts";
import { exactBoundGradient } from "./support/exact-bound.ts";
import { rulesOf } from "./support/exact-elbo.ts";
import { models, type ModelName } from "./support/exact-models.ts";

const REPS = 1500;

const kindOf = (name: ModelName, site: string) => models[name].variables.find((v) => v.site === site)!.kind;
const isListed = (name: ModelName, site: string): boolean => ["bool", "category"].includes(kindOf(name, site));

/** Plain estimators of all sites but one: paths where there are some, enumeration where members do not meet. */
function plainly(name: ModelName, objective: string): Choice {
  const first = (site: string): string => (isListed(name, site) || kindOf(name, site) === "count" ? "score" : "total");
  const scored = Object.fromEntries(sitesOf(name).map((site) => [site, first(site)]));
  const rejected = chosen(name, scored, objective);
  return Object.fromEntries(
    sitesOf(name).map((site) => [
      site,
      isListed(name, site) && rejected(site).includes("enumerate") ? "enumerate" : first(site),
    ]),
  );
}

const chosen = (name: ModelName, choice: Choice, objective: string): ((site: string) => readonly string[]) =>
  admittedBeside(models[name], { estimators: choice, particles: 2, objective });

type Case = { readonly name: ModelName; readonly choice: Choice; readonly particles: number; readonly as: string };

/** Rows that compare particles; the others are tested with one. */
const SEVERAL: readonly string[] = ["loo", "vargrad", "vimco"];
const unbiased = estimators.filter((e) => e.bias === "none").map((e) => e.name);

function casesOf(name: ModelName, objective: string): readonly Case[] {
  const plain = plainly(name, objective);
  const rows = (site: string): readonly string[] =>
    chosen(
      name,
      { ...plain, [site]: isListed(name, site) ? "score" : plain[site]! },
      objective,
    )(site).filter((row) => unbiased.includes(row));
  const alone = sitesOf(name)
    .flatMap((site) => rows(site).map((row) => ({ ...plain, [site]: row })))
    .filter((choice) => refusalsOf(models[name], { estimators: choice, particles: 2, objective }).length === 0);
  const discrete = sitesOf(name).filter((site) => isListed(name, site));
  const together =
    discrete.length < 2
      ? []
      : unbiased
          .filter((row) => row !== "rebar" && discrete.every((site) => rows(site).includes(row)))
          .map((row) => ({ ...plain, ...Object.fromEntries(discrete.map((site) => [site, row])) }));
  const all = new Map([...alone, ...together].map((choice) => [written(choice), choice]));
  return [...all].map(([as, choice]) => ({
    name,
    choice,
    as,
    particles: objective !== "elbo" || Object.values(choice).some((e) => SEVERAL.includes(e)) ? 2 : 1,
  }));
}

const tally = new Map<string, { listed: number; drawn: number }>();
function count(choice: Choice, { how }: Judged): void {
  for (const row of new Set(Object.values(choice))) {
    const found = tally.get(row) ?? { listed: 0, drawn: 0 };
    tally.set(row, { ...found, [how]: found[how] + 1 });
  }
}

describe("the mean of every unbiased row is the gradient of the ELBO", () => {
  test.each(names.flatMap((name) => casesOf(name, "elbo")))(
    "$name, $particles particles: $as",
    ({ name, choice, particles }) => {
      const { rules, gradient } = truthOf(models[name]);
      const result = judged(models[name], { estimators: choice, particles }, gradient, { rules, reps: REPS });
      count(choice, result);
      expect(result.gap).toBeLessThan(1);
    },
  );
});

/** Models whose pairs of draws are few, and quadrature nodes that are enough inside a logarithm. */
const PAIRS: Readonly<Partial<Record<ModelName, number>>> = {
  chain: 1,
  opaque: 1,
  twoIndices: 1,
  wholeIndex: 1,
  openedTwice: 1,
  ownPlate: 1,
  vector: 1,
  grid: 1,
  discreteAbove: 24,
  discreteBelow: 48,
  conjugate: 24,
};

describe("the mean of every unbiased row is the gradient of the importance weighted bound", () => {
  const exact = new Map(
    Object.entries(PAIRS).map(([name, knots]) => {
      const model = models[name as ModelName];
      return [name, exactBoundGradient([model], model.theta, rulesOf(knots), 2)];
    }),
  );
  const cases = (Object.keys(PAIRS) as ModelName[]).flatMap((name) => casesOf(name, "iwae"));
  test.each(cases)("$name, $particles particles: $as", ({ name, choice, particles }) => {
    const rules = rulesOf(PAIRS[name]!);
    const result = judged(models[name], { estimators: choice, particles, objective: "iwae" }, exact.get(name)!, {
      rules,
      reps: REPS,
    });
    count(choice, result);
    expect(result.gap).toBeLessThan(1);
  });
});

test("every unbiased row was tested, those whose noise can be listed exactly", () => {
  const continuous = ["implicit", "stratified", "analytic-kl"];
  for (const row of unbiased.filter((name) => !continuous.includes(name))) expect(tally.get(row), row).toBeDefined();
  for (const row of ["enumerate", "score", "ema", "loo", "vargrad", "vimco", "arm", "disarm", "ar", "arsm", "arsm+"]) {
    expect(tally.get(row)!.listed, row).toBeGreaterThan(2);
  }
});
