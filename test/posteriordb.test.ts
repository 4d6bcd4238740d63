// Every model of test/models/posteriordb, fitted with default options: full rank up to 64 coordinates, mean-field above.
// Slow ones are only compiled; the nightly run, with NIGHTLY=1 in the environment, fits them too.

import { expect, test } from "vitest";
import { compile } from "../src/compile.ts";
import { infer } from "../src/infer.ts";
import { hasData, optima, posteriors, worstMean, type Posterior } from "./support/posteriordb.ts";

/** Posteriors that a Gaussian guide does not cover, with the reason; k-hat must say so. */
const BEYOND_GAUSSIAN: Readonly<Record<string, string>> = {
  "eight_schools-eight_schools_centered": "a funnel: the mean of tau is at the edge of a quarter sd",
};

/** Posteriors on which the fit does not settle, with the reason; the verdict must say so. */
const UNSETTLED: Readonly<Record<string, string>> = {
  "mcycle_gp-accel_gp": "two funnels, of sd and length scale with 40 and 20 weights, under a mean-field guide",
};

/** Posteriors whose fit takes more than five seconds. */
const SLOW: ReadonlySet<string> = new Set([
  "mcycle_splines-accel_splines",
  "bball_drive_event_0-hmm_drive_0",
  "bball_drive_event_1-hmm_drive_1",
  "butterfly-multi_occupancy",
  "dogs-dogs_nonhierarchical",
  "election88-election88_full",
  "fims_Aus_Jpn_irt-2pl_latent_reg_irt",
  "hmm_gaussian_simulated-hmm_gaussian",
  "iohmm_reg_simulated-iohmm_reg",
  "lsat_data-lsat_model",
  "mcycle_gp-accel_gp",
  "mnist_100-nn_rbm1bJ10",
  "normal_5-normal_mixture_k",
  "ovarian-logistic_regression_rhs",
  "prideprejudice_chapter-ldaK5",
  "prideprejudice_paragraph-ldaK5",
  "radon_all-radon_county_intercept",
  "radon_all-radon_hierarchical_intercept_centered",
  "radon_all-radon_hierarchical_intercept_noncentered",
  "radon_all-radon_partially_pooled_centered",
  "radon_all-radon_partially_pooled_noncentered",
  "radon_all-radon_pooled",
  "radon_all-radon_variable_intercept_centered",
  "radon_all-radon_variable_intercept_noncentered",
  "radon_all-radon_variable_intercept_slope_centered",
  "radon_all-radon_variable_intercept_slope_noncentered",
  "radon_all-radon_variable_slope_centered",
  "radon_all-radon_variable_slope_noncentered",
  "radon_mod-radon_county",
  "rstan_downloads-prophet",
  "sat-hier_2pl",
  "science_irt-grsm_latent_reg_irt",
  "soil_carbon-soil_incubation",
  "state_wide_presidential_votes-hierarchical_gp",
  "three_men1-ldaK2",
  "three_men2-ldaK2",
  "three_men3-ldaK2",
  "timssAusTwn_irt-gpcm_latent_reg_irt",
  "traffic_accident_nyc-bym2_offset_only",
  "uk_drivers-state_space_stochastic_level_stochastic_seasonal",
  "Mth_data-Mth_model",
]);

const isSlow = ({ name }: Posterior): boolean => process.env["NIGHTLY"] !== "1" && SLOW.has(name);
const all = hasData ? posteriors() : [];
const rows = (list: readonly Posterior[]): (readonly [string, Posterior])[] => list.map((p) => [p.name, p]);

const CLOSE = 0.25;
const NATS = 0.05;

test.skipIf(!hasData)("there are at least forty", () => {
  expect(all.length).toBeGreaterThanOrEqual(40);
  expect([...SLOW].filter((name) => !all.some((p) => p.name === name))).toEqual([]);
});

test.skipIf(hasData)("the data folder is absent: nothing was fitted", () => {
  expect(hasData).toBe(false);
});

test.each(rows(all.filter(isSlow)))("%s compiles", (name, { text, data }) => {
  expect(() => compile({ path: `${name}.ppl`, text }, data)).not.toThrow();
});

test.each(rows(all.filter((p) => !isSlow(p))))(
  "%s",
  async (name, { text, data, reference }) => {
    const fit = await infer({ path: `${name}.ppl`, text }, data);
    const optimum = optima()[name];
    expect(fit.converged, fit.verdict).toBe(!(name in UNSETTLED));
    if (optimum !== undefined) expect(Math.abs(fit.elbo.mean - optimum.fr.elbo)).toBeLessThan(NATS + 3 * fit.elbo.se);
    if (reference === null) return;
    const { name: worst, error, compared } = worstMean(fit, reference);
    expect(compared).toBeGreaterThan(0);
    if (name in BEYOND_GAUSSIAN) expect(fit.khat).toBeGreaterThan(0.7);
    else expect(error, `${worst} is ${error.toFixed(3)} sd off`).toBeLessThan(CLOSE);
  },
  600_000,
);
