// The models of test/models/bugs, translated from the classic BUGS examples: fitted with default options, each finds what made its data or
// an answer known by separate code.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { infer } from "../src/infer.ts";
import type { Fit, Nested, Summary } from "../src/result.ts";
import { bugsCases } from "./support/bugs.ts";

const FOLDER = "test/models/bugs";
const KHAT = 0.7;
/** Posterior sds between a posterior mean and the truth. */
const FAR = 3.5;

const flat = (nested: Nested): readonly number[] => (typeof nested === "number" ? [nested] : nested.flatMap(flat));

function summaryOf(fit: Fit, name: string): Summary {
  const found = fit.sites[name] ?? fit.reports[name];
  if (found === undefined) throw new Error(`no ${name} in the fit`);
  return found;
}

test("every model has data and every data a model", () => {
  expect(readdirSync(FOLDER).sort()).toEqual(
    Object.keys(bugsCases)
      .map((name) => `${name}.ppl`)
      .sort(),
  );
});

describe.each(Object.entries(bugsCases))("%s", (name, make) => {
  const { data, made = {}, exact = {}, beyondGaussian = false } = make();
  const fitted = (): Promise<Fit> =>
    infer({ path: `${name}.ppl`, text: readFileSync(`${FOLDER}/${name}.ppl`, "utf8") }, data);

  test("finds what made the data, or the exact answer", async () => {
    const fit = await fitted();
    expect(fit.converged, fit.verdict).toBe(true);
    if (beyondGaussian) expect(fit.khat).toBeGreaterThan(KHAT);
    for (const [symbol, [truth, largestSd]] of Object.entries(made)) {
      const { mean, sd } = summaryOf(fit, symbol);
      const [means, sds] = [flat(mean), flat(sd)];
      flat(truth).forEach((value, i) => {
        if (sds[i] === 0 || Number.isNaN(sds[i])) return;
        expect(sds[i], `sd of ${symbol}, entry ${i}`).toBeLessThan(largestSd);
        expect(
          Math.abs(means[i]! - value) / sds[i]!,
          `${symbol}, entry ${i}: ${means[i]} against ${value}`,
        ).toBeLessThan(FAR);
      });
    }
    for (const [symbol, [mean, tolerance]] of Object.entries(exact)) {
      flat(mean).forEach((value, i) => {
        expect(Math.abs(flat(summaryOf(fit, symbol).mean)[i]! - value), `${symbol}, entry ${i}`).toBeLessThan(
          tolerance,
        );
      });
    }
  }, 120_000);
});
