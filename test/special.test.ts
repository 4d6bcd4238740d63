// Special functions against mpmath (test/support/ref/make_reference.py), to the accuracy that src/op/special states.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as special from "../src/op/special/index.ts";
import { parseNumber, type RefNumber } from "./support/reference.ts";

/** All but the derivative by differences, which takes a function. */
type Name = Exclude<keyof typeof special, "differenceAt">;
const names = Object.keys(special).filter((name) => name !== "differenceAt") as Name[];
/** Arguments, then the value. */
type Row = readonly [...args: number[], y: RefNumber];
const reference = JSON.parse(readFileSync(new URL("./support/ref/special.json", import.meta.url), "utf8")) as Record<
  Name,
  Row[]
>;
const call = (name: Name, args: readonly number[]): number => (special[name] as (...x: number[]) => number)(...args);

/** Largest error relative to max(|reference|, floor): a floor of 0 is relative error, also in the tails. */
const claims: Record<Name, { error: number; floor: number }> = {
  lgamma: { error: 6.2e-15, floor: 1 },
  digamma: { error: 1.3e-15, floor: 1 },
  trigamma: { error: 6.3e-16, floor: 0 },
  erf: { error: 1e-15, floor: 0 },
  erfc: { error: 1e-15, floor: 0 },
  normalCdf: { error: 1e-15, floor: 0 },
  logNormalCdf: { error: 2e-15, floor: 0 },
  normalQuantile: { error: 1e-14, floor: 0 },
  log1mExp: { error: 1e-15, floor: 0 },
  log1pExp: { error: 1e-15, floor: 0 },
  polygamma: { error: 2e-15, floor: 0 },
  logGammaP: { error: 4e-14, floor: 0 },
  logGammaQ: { error: 4e-14, floor: 0 },
  gammaSlope: { error: 3.2e-15, floor: 0 },
  logBetaCdf: { error: 1.2e-14, floor: 0 },
  betaSlope: { error: 1.2e-14, floor: 0 },
  logStudentCdf: { error: 1.2e-14, floor: 0 },
  logBetaBinomialCdf: { error: 1e-13, floor: 0 },
  betaBinomialByA: { error: 1e-12, floor: 0 },
  betaBinomialByB: { error: 1e-12, floor: 0 },
  besselI: { error: 4e-14, floor: 0 },
  logBesselI0e: { error: 2e-15, floor: 0 },
  besselGap: { error: 8e-15, floor: 0 },
  logVonMisesArc: { error: 1e-14, floor: 0 },
  vonMisesSlope: { error: 3e-15, floor: 0 },
};

function errorAt(name: Name, row: Row): { at: readonly number[]; error: number } {
  const at = row.slice(0, -1) as number[];
  const y = parseNumber(row[row.length - 1]!);
  const found = call(name, at);
  const error = found === y ? 0 : Math.abs(found - y) / Math.max(Math.abs(y), claims[name].floor);
  return { at, error };
}

function worst(name: Name): { at: readonly number[]; error: number } {
  const errors = reference[name].map((row) => errorAt(name, row));
  return errors.reduce((a, b) => (b.error > a.error || Number.isNaN(b.error) ? b : a));
}

describe("special functions", () => {
  it("have reference values, all of them", () => {
    expect(Object.keys(reference).sort()).toEqual([...names].sort());
  });

  it.each(names)("%s is as exact as stated", (name) => {
    const { at, error } = worst(name);
    if (process.env["VARIATE_MEASURE"] !== undefined) console.log(name, error, "at", at);
    expect(error, `at ${at.join(", ")}`).toBeLessThanOrEqual(claims[name].error);
  });

  it("lgamma keeps relative accuracy at its zeros", () => {
    expect(special.lgamma(1)).toBe(0);
    expect(special.lgamma(2)).toBe(0);
    // lgamma(1 + z) = -0.5772156649015329 z + 0.8224670334241132 z^2 (DLMF 5.7.3); 1 + 2^-30 is exact.
    const z = 2 ** -30;
    expect(special.lgamma(1 + z) / (-0.5772156649015329 * z + 0.8224670334241132 * z * z)).toBeCloseTo(1, 14);
  });

  it.each([
    ["lgamma", 0, Infinity],
    ["lgamma", -3, Infinity],
    ["lgamma", Infinity, Infinity],
    ["lgamma", NaN, NaN],
    ["digamma", 0, NaN],
    ["digamma", -2, NaN],
    ["digamma", Infinity, Infinity],
    ["digamma", NaN, NaN],
    ["trigamma", -2, Infinity],
    ["trigamma", Infinity, 0],
    ["trigamma", NaN, NaN],
    ["erf", Infinity, 1],
    ["erf", -Infinity, -1],
    ["erf", NaN, NaN],
    ["erf", 0, 0],
    ["erfc", Infinity, 0],
    ["erfc", -Infinity, 2],
    ["erfc", 30, 0],
    ["erfc", NaN, NaN],
    ["normalCdf", -Infinity, 0],
    ["normalCdf", Infinity, 1],
    ["normalCdf", 0, 0.5],
    ["normalCdf", NaN, NaN],
    ["logNormalCdf", -Infinity, -Infinity],
    ["logNormalCdf", Infinity, 0],
    ["logNormalCdf", NaN, NaN],
    ["normalQuantile", 0, -Infinity],
    ["normalQuantile", 1, Infinity],
    ["normalQuantile", 0.5, 0],
    ["normalQuantile", -0.1, NaN],
    ["normalQuantile", 1.1, NaN],
    ["normalQuantile", NaN, NaN],
    ["log1mExp", 0, -Infinity],
    ["log1mExp", -Infinity, 0],
    ["log1mExp", 1, NaN],
    ["log1pExp", -Infinity, 0],
    ["log1pExp", Infinity, Infinity],
    ["log1pExp", 1000, 1000],
  ] as [Name, number, number][])("%s(%d) is %d", (name, x, y) => expect(call(name, [x]) + 0).toBe(y));

  it("the quantile inverts the distribution function", () => {
    for (const p of [1e-200, 1e-9, 0.07, 0.3, 0.5, 0.93]) {
      expect(special.normalCdf(special.normalQuantile(p)) / p).toBeCloseTo(1, 11);
    }
  });
});
