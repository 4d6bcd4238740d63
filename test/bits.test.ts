// The same seed, the same bits on every platform: hashes of fits and of the elementary functions against stored ones. The bits change where a change
// of the compiler or an engine moves a rounding: `npm run golden` stores the new ones. Between platforms they never differ.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as math from "../src/op/special/elementary.ts";
import { uniforms } from "../src/fit/random.ts";
import { bitsCases, fingerprint, fitOf, hash } from "./support/bits.ts";

type Function = (...args: readonly number[]) => number;
const functions = Object.entries(math) as unknown as readonly (readonly [string, Function])[];

/** Numbers of every size and sign, and those next to 0 and 1. */
function inputs(): readonly number[] {
  const next = uniforms(1, "fit:bits");
  const of = (n: number, one: () => number): number[] => Array.from({ length: n }, one);
  return [
    ...of(4000, () => 20 * (next() - 0.5)),
    ...of(2000, () => 1 + (next() - 0.5) / 2 ** Math.floor(50 * next())),
    ...of(4000, () => (next() - 0.5) * 2 ** Math.floor(2000 * (next() - 0.5))),
  ];
}

/** A line per name: the hash, then what is hashed in a few digits. */
const page = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([name, line]) => `${name.padEnd(34)}${line}\n`).join("");

test("elementary functions have the stored bits", async () => {
  const xs = inputs();
  const seconds = [...xs.slice(1), 0.5];
  const rows = functions.map(([name, f]) => [name, hash(JSON.stringify(xs.map((x, i) => f(x, seconds[i]!))))] as const);
  await expect(page(rows)).toMatchFileSnapshot("golden/bits-functions.txt");
});

test("fits have the stored bits", async () => {
  const rows: (readonly [string, string])[] = [];
  for (const one of bitsCases) {
    const fit = await fitOf(one);
    rows.push([one.name, `${fingerprint(fit)}  ELBO ${fit.elbo.mean.toFixed(3)}, k-hat ${fit.khat.toFixed(3)}`]);
  }
  await expect(page(rows)).toMatchFileSnapshot("golden/bits-fits.txt");
});

test("a fingerprint sees one last bit", async () => {
  const fit = await fitOf(bitsCases[0]!);
  const changed = { ...fit, elbo: { ...fit.elbo, mean: fit.elbo.mean * (1 + Number.EPSILON) } };
  expect(fingerprint(fit)).toBe(fingerprint(await fitOf(bitsCases[0]!)));
  expect(fingerprint(changed)).not.toBe(fingerprint(fit));
});

describe("nothing that makes numbers asks the platform for them", () => {
  /** What the language leaves to the platform, and differs between versions of V8; powers but squares and those of 2 too. */
  const PLATFORM =
    /\bMath\.(exp|expm1|log|log1p|log2|log10|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|asinh|acosh|atanh|cbrt|pow|random)\b/;
  const POWER = /(?<!\b2) \*\* (?!2\b)/;
  /** What only reads and prints. */
  const PRINTING = /^src\/(base|cli|output|syntax)\/|^src\/fit\/verdict\.ts$/;

  const faults = (text: string): readonly string[] =>
    text.split("\n").filter((line) => !/^\s*(\/\/|\/?\*)/.test(line) && (PLATFORM.test(line) || POWER.test(line)));
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
    .map((file) => join("src", file))
    .filter((file) => file.endsWith(".ts") && !PRINTING.test(file));

  test("in no file", () => {
    expect(sources.flatMap((file) => faults(readFileSync(file, "utf8")).map((line) => `${file}: ${line}`))).toEqual([]);
  });

  test.each(["x = Math.exp(y);", "[1].map(Math.log)", "b ** step", "2 ** n * 0.9 ** n"])(
    "and `%s` is found",
    (line) => {
      expect(faults(line)).toEqual([line]);
    },
  );

  test.each(["// Math.exp(x)", "/** Math.sin */", "x ** 2", "2 ** -k", "Math.sqrt(x)"])("but `%s` is not", (line) => {
    expect(faults(line)).toEqual([]);
  });
});
