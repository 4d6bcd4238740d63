// Elementary functions against mpmath (test/support/ref/make_elementary.py) to the errors that src/op/special/elementary states, and at the values that
// the language fixes for every platform.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as math from "../src/op/special/elementary.ts";

type Name = keyof typeof math;
type Function = (...args: readonly number[]) => number;

/** Largest error in units of the last place, beyond that of the stored value, which is half of one. */
const ULPS: Readonly<Record<Name, number>> = {
  exp: 0.9,
  expm1: 2,
  log: 0.9,
  log1p: 2,
  sin: 0.9,
  cos: 0.9,
  tan: 2,
  asin: 2.5,
  acos: 2.5,
  atan: 2,
  atan2: 2,
  sinh: 3,
  cosh: 3,
  tanh: 3,
  asinh: 3,
  acosh: 3,
  atanh: 3,
  pow: 1.5,
};
const names = Object.keys(ULPS) as Name[];
const tableText = readFileSync(new URL("./support/ref/elementary.json", import.meta.url), "utf8");
const table = JSON.parse(tableText) as Readonly<Record<Name, readonly (readonly number[])[]>>;

/** The distance of neighbours at y. */
const ulp = (y: number): number => Math.max(2 ** (Math.floor(Math.log2(Math.abs(y))) - 52), Number.MIN_VALUE);

/** The row with the largest error. */
function worst(
  f: Function,
  rows: readonly (readonly number[])[],
): { readonly row: readonly number[]; readonly error: number } {
  const errors = rows.map((row) => {
    const y = row.at(-1)!;
    const found = f(...row.slice(0, -1));
    return { row, error: found === y ? 0 : Math.abs(found - y) / ulp(y) };
  });
  return errors.reduce((a, b) => (b.error > a.error || Number.isNaN(b.error) ? b : a));
}

test("every function has reference values", () => {
  expect(Object.keys(math).toSorted()).toEqual(names.toSorted());
  for (const name of names) expect(table[name].length).toBeGreaterThanOrEqual(50);
});

describe.each(names)("%s", (name) => {
  const f = math[name] as unknown as Function;

  test("is as exact as stated", () => {
    const { row, error } = worst(f, table[name]);
    expect(error, `at ${row.join(", ")}`).toBeLessThanOrEqual(ULPS[name] + 0.5);
  });

  test("would not pass with an error of one part in 2^50", () => {
    const { error } = worst((...args) => f(...args) * (1 + 2 ** -50), table[name]);
    expect(error).toBeGreaterThan(ULPS[name] + 0.5);
  });

  test("has the values that the language fixes", () => {
    const xs = [0, -0, 1, -1, Infinity, -Infinity, NaN, 2, -2, 0.5, -0.5, 3, 1e-310, 1e300, -1e300];
    const seconds = name === "pow" || name === "atan2" ? xs : [0];
    const platform = Math[name] as Function;
    for (const x of xs)
      for (const y of seconds) {
        const [own, other] = [f(x, y), platform(x, y)];
        const isFixed = !Number.isFinite(other) || other === 0 || Math.abs(other) === 1;
        if (isFixed) expect(own, `at ${x}, ${y}`).toBe(other);
        else expect(Math.abs(own / other - 1), `at ${x}, ${y}`).toBeLessThan(2e-15);
      }
  });
});

test("whole powers that are float64 numbers are exact", () => {
  for (let base = 2; base <= 12; base++)
    for (let n = 0, power = 1; power <= Number.MAX_SAFE_INTEGER; n++, power *= base)
      expect([base, n, math.pow(base, n), math.pow(-base, n)]).toEqual([base, n, power, n % 2 === 0 ? power : -power]);
});

test("the digits of 2/π for large angles are those of Machin's formula", () => {
  // π = 16 atan(1/5) - 4 atan(1/239), in whole numbers.
  const bits = 1400n;
  const arctan = (n: bigint): bigint => {
    let [sum, power] = [0n, (1n << bits) / n];
    for (let k = 1n; power > 0n; k += 2n, power /= n * n) sum += k % 4n === 1n ? power / k : -power / k;
    return sum;
  };
  const pi = 16n * arctan(5n) - 4n * arctan(239n);
  // sin(m 2^e) for a large power of 2: the angle modulo 2π in whole numbers.
  for (const e of [30, 100, 400, 700, 1000]) {
    const scaled = (1n << BigInt(e)) << bits;
    const angle = Number(((scaled % (2n * pi)) << 60n) >> bits) / 2 ** 60;
    // 1400 bits of π, multiplied by up to 2^1000, leave 400.
    expect(math.sin(2 ** e)).toBeCloseTo(Math.sin(angle), 14);
    expect(math.cos(2 ** e)).toBeCloseTo(Math.cos(angle), 14);
  }
});
