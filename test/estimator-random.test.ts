// Random small models under random choices of estimators, objectives, particles and minibatches: the mean gradient of everything that is admitted and
// declared unbiased is the exact one, by separate plain code.

import fc from "fast-check";
import { expect, test } from "vitest";
import { estimators } from "../src/estimator/index.ts";
import { admittedBeside, distance, judged, noisyIn, refusalsOf, subsets, type Choice } from "./support/exact-checks.ts";
import { mixedRecipes, modelOf, recipes, type RandomModel } from "./support/exact-arbitrary.ts";
import { exactBoundGradient } from "./support/exact-bound.ts";
import { exactElbo, exactGradient, rulesOf } from "./support/exact-elbo.ts";
import { BOUND, expectation, moments, replicates, worstZ } from "./support/exact-replicates.ts";

test("enumeration agrees with brute force", () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const model = modelOf(recipe);
      const { gradient, root } = replicates(model, {
        estimators: Object.fromEntries(model.variables.map((v) => [v.site, "enumerate"])),
      }).run(1);
      const rules = rulesOf(1);
      expect(distance([...gradient[0]!], exactGradient(model, model.theta, rules))).toBeLessThan(1e-9);
      expect(root[0]).toBeCloseTo(exactElbo(model, model.theta, rules), 10);
    }),
    { seed: 11, numRuns: 40 },
  );
});

test("score functions agree with brute force", () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const model = modelOf(recipe);
      const choice = Object.fromEntries(model.variables.map((v) => [v.site, "score"]));
      const rules = rulesOf(1);
      const found = expectation(model, replicates(model, { estimators: choice }), rules, { noisy: noisyIn(choice) });
      expect(distance(found.gradient, exactGradient(model, model.theta, rules))).toBeLessThan(1e-9);
    }),
    { seed: 12, numRuns: 40 },
  );
});

// ---------------------------------------------------------------------------------------- whatever is admitted

type Trial = {
  readonly picks: readonly number[];
  readonly objective: "elbo" | "iwae";
  readonly particles: number;
  readonly batched: boolean;
};

const trials: fc.Arbitrary<Trial> = fc.record({
  picks: fc.array(fc.nat(997), { minLength: 3, maxLength: 3 }),
  objective: fc.constantFrom("elbo", "iwae"),
  particles: fc.integer({ min: 1, max: 3 }),
  batched: fc.boolean(),
});

/** Tuples of outcomes that the oracle adds up for every difference. */
const TUPLES = 60_000;
const REPS = 1200;

const unbiased = estimators.filter((e) => e.bias === "none").map((e) => e.name);

/** One of the unbiased rows per site; where it is refused beside the others, a plain one. */
function choiceOf(
  model: RandomModel,
  { picks, ...setup }: Trial & { readonly batch: Readonly<Record<string, number>> },
): Choice {
  const sites = [...new Set(model.variables.map((v) => v.site))];
  const plain = Object.fromEntries(
    sites.map((site) => [site, model.variables.find((v) => v.site === site)!.kind === "normal" ? "total" : "score"]),
  );
  const rows = admittedBeside(model, { ...setup, estimators: plain });
  const wanted = Object.fromEntries(
    sites.map((site, i) => {
      const own = rows(site).filter((row) => unbiased.includes(row));
      return [site, own[picks[i]! % own.length]!];
    }),
  );
  const refused = refusalsOf(model, { ...setup, estimators: wanted }).map((d) => d.message);
  return Object.fromEntries(
    sites.map((site) => [site, refused.some((text) => text.includes(`\`${site}\``)) ? plain[site]! : wanted[site]!]),
  );
}

const outcomesOf = (model: RandomModel): number =>
  Math.max(
    ...model.parts.map((part) =>
      part.variables.reduce((n, v) => {
        const law = v.law(
          model.theta,
          part.variables.map(() => 0),
        );
        return n * ("prob" in law ? law.prob.length : model.knots);
      }, 1),
    ),
  );

/** The largest error of the mean over all minibatches, each with as many random estimates, in units of the bound on standard errors. */
function gapOverBatches(model: RandomModel, setup: Parameters<typeof replicates>[1], exact: readonly number[]): number {
  const { axis, size } = model.plate!;
  const built = replicates(model, setup);
  const all = subsets(size, setup.batch![axis]!);
  const found = all.map((members, step) =>
    moments(
      built.run(Math.ceil(REPS / all.length) + 100, { members: { [axis]: Int32Array.from(members) }, step }).gradient,
    ),
  );
  const mean = exact.map((_, i) => found.reduce((s, m) => s + m.mean[i]!, 0) / all.length);
  const se = exact.map((_, i) => Math.hypot(...found.map((m) => m.se[i]!)) / all.length);
  return worstZ({ mean, se, variance: [] }, exact) / BOUND;
}

test("every admitted mixture of unbiased estimators has the exact mean", () => {
  const used = new Map<string, number>();
  const seen = { iwae: 0, batched: 0, local: 0, listed: 0, mixed: 0 };
  fc.assert(
    fc.property(mixedRecipes, trials, (recipe, trial) => {
      const model = modelOf(recipe);
      const several = trial.objective === "iwae" && trial.particles > 1;
      fc.pre(!several || outcomesOf(model) ** trial.particles <= TUPLES);
      const batched = trial.batched && model.plate !== null && (!several || model.plate.local);
      const batch: Record<string, number> = batched ? { [model.plate!.axis]: model.plate!.size - 1 } : {};
      const setup = { ...trial, batch, estimators: choiceOf(model, { ...trial, batch }) };
      const rules = rulesOf(model.knots);
      const exact = several
        ? exactBoundGradient(model.parts, model.theta, rules, trial.particles)
        : exactGradient(model, model.theta, rules);
      const smooth = model.knots > 1;
      const result = batched
        ? { how: "drawn", gap: gapOverBatches(model, setup, exact) }
        : judged(model, setup, exact, {
            rules,
            reps: REPS,
            close: smooth ? 1e-5 : 1e-8,
            most: several && smooth ? 0 : 2000,
          });
      for (const row of Object.values(setup.estimators)) used.set(row, (used.get(row) ?? 0) + 1);
      seen.iwae += Number(several);
      seen.batched += Number(batched);
      seen.local += Number(several && model.parts.length > 1);
      seen.listed += Number(result.how === "listed");
      seen.mixed += Number(smooth && model.variables.some((v) => v.kind === "category"));
      expect(result.gap, `${JSON.stringify(setup)}${model.text}`).toBeLessThan(1);
    }),
    { seed: 13, numRuns: 100 },
  );
  const continuousOnly = ["implicit", "stratified"];
  for (const row of unbiased.filter((name) => !continuousOnly.includes(name) && name !== "arm"))
    expect(used.get(row) ?? 0, row).toBeGreaterThan(0);
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(4);
}, 120_000);
