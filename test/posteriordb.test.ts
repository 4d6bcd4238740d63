// Every model of test/models/posteriordb, fitted with default options: full rank up to 64 coordinates, mean-field above.

import { expect, test } from "vitest";
import { infer } from "../src/infer.ts";
import { hasData, optima, posteriors, worstMean } from "./support/posteriordb.ts";

/** Posteriors that a Gaussian guide does not cover, with the reason; k-hat must say so. */
const BEYOND_GAUSSIAN: Readonly<Record<string, string>> = {
  "eight_schools-eight_schools_centered": "a funnel: the mean of tau is at the edge of a quarter sd",
};

const CLOSE = 0.25;
const NATS = 0.05;

test.skipIf(!hasData)("there are at least forty", () => {
  expect(posteriors().length).toBeGreaterThanOrEqual(40);
});

test.skipIf(hasData)("the data folder is absent: nothing was fitted", () => {
  expect(hasData).toBe(false);
});

test.each(hasData ? posteriors().map((p) => [p.name, p] as const) : [])("%s", async (name, { text, data, reference }) => {
  const fit = await infer({ path: `${name}.ppl`, text }, data);
  const optimum = optima()[name];
  expect(fit.converged, fit.verdict).toBe(true);
  if (optimum !== undefined) expect(Math.abs(fit.elbo.mean - optimum.fr.elbo)).toBeLessThan(NATS + 3 * fit.elbo.se);
  if (reference === null) return;
  const { name: worst, error, compared } = worstMean(fit, reference);
  expect(compared).toBeGreaterThan(0);
  if (name in BEYOND_GAUSSIAN) expect(fit.khat).toBeGreaterThan(0.7);
  else expect(error, `${worst} is ${error.toFixed(3)} sd off`).toBeLessThan(CLOSE);
}, 120_000);
