// Reads the reference values that test/support/ref/make_reference.py wrote.

import { readFileSync } from "node:fs";

/** JSON has no infinities: they are strings. */
export type RefNumber = number | "inf" | "-inf" | "nan";

export const parseNumber = (v: RefNumber): number =>
  v === "inf" ? Infinity : v === "-inf" ? -Infinity : v === "nan" ? NaN : v;

/** One setting of one form: log densities and log tail probabilities (null where the reference has none), at points of
 *  the support. Continuous distributions have quantiles first, then points beyond them. `outside`: density zero. */
export type Case = {
  readonly params: Readonly<Record<string, number | readonly number[]>>;
  readonly mean: RefNumber | null;
  readonly variance: RefNumber | null;
  readonly outside: readonly number[];
  readonly points: readonly Point[];
};
type Point = readonly [x: number, logp: RefNumber, logCdf: RefNumber | null, logCcdf: RefNumber | null];

/** Positions among the points of a continuous distribution. */
export const QUANTILES = { p05: 3, p30: 4, p50: 5, p80: 6, p98: 7 } as const;

export function readCases(name: string): readonly Case[] {
  const text = readFileSync(new URL(`./ref/${name}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { cases: Case[] }).cases;
}
