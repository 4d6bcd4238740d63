// Functions on lanes against values of 1,300 bits (test/support/ref/make_lane_functions.py), over the whole range of each precision, and at its edges.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { functions } from "../src/exec/wasm/code/functions.ts";
import type { Precision } from "../src/exec/wasm/code/lanes.ts";
import { LOWEST_EXPONENT } from "../src/op/index.ts";
import { mapOp, onLanes, ulp } from "./support/lane-function.ts";

/** Arguments, the value, and what it lost by rounding. */
type Row = readonly number[];
const reference = JSON.parse(
  readFileSync(new URL("./support/ref/lane-functions.json", import.meta.url), "utf8"),
) as Record<Precision, Record<string, readonly Row[]>>;

/** Largest error in units of the last place: of the value, or with `of` 1 of the larger of it and 1 (near roots). */
type Bound = { readonly f64: number; readonly f32: number; readonly of?: 1 };
const BOUNDS: Readonly<Record<string, Bound>> = {
  exp: { f64: 0.9, f32: 0.9 },
  expm1: { f64: 1.6, f32: 1.3 },
  log: { f64: 0.75, f32: 0.75 },
  log1p: { f64: 0.9, f32: 0.9 },
  log1mExp: { f64: 1.5, f32: 1.5 },
  sigmoid: { f64: 1.8, f32: 1.9 },
  softplus: { f64: 1.5, f32: 1.5 },
  logSigmoid: { f64: 1.5, f32: 1.5 },
  tanh: { f64: 1, f32: 1 },
  sin: { f64: 1, f32: 1 },
  cos: { f64: 1, f32: 1 },
  tan: { f64: 2.2, f32: 2.2 },
  atan: { f64: 2.2, f32: 2.2 },
  pow: { f64: 1.5, f32: 0.51 },
  // 5.5e-15, 1.7e-15 of max(1, |f|)
  lgamma: { f64: 25, f32: 0.51, of: 1 },
  digamma: { f64: 7.6, f32: 0.51, of: 1 },
  trigamma: { f64: 7, f32: 0.51 },
  erf: { f64: 1.5, f32: 0.51 },
  erfc: { f64: 4.5, f32: 0.51 },
  normalCdf: { f64: 4.5, f32: 0.51 },
  logNormalCdf: { f64: 5, f32: 0.51 },
  normalQuantile: { f64: 6, f32: 0.51 },
};

const rowsOf = (name: string, precision: Precision): readonly Row[] => reference[precision][name]!;

/** The largest error, and where it is. */
function worst(name: string, precision: Precision): { readonly error: number; readonly at: Row } {
  const rows = rowsOf(name, precision);
  const found = onLanes(
    name,
    precision,
    rows.map((row) => row.slice(0, -2)),
  );
  const errors = rows.map((row, i) => {
    const [value, rest] = row.slice(-2) as [number, number];
    const unit = ulp(BOUNDS[name]!.of === 1 ? Math.max(1, Math.abs(value)) : value, precision);
    return Math.abs(found[i]! - value - rest) / unit;
  });
  const error = errors.reduce((most, e) => (e > most || Number.isNaN(e) ? e : most), 0);
  return { error, at: [...rows[errors.indexOf(error)]!, found[errors.indexOf(error)]!] };
}

test("a weight is 0 where its products could be denormal", () => {
  const x = [0, -59, -61, -199, -201, -Infinity];
  const found = (precision: Precision): number[] => [
    ...onLanes(
      "expWeight",
      precision,
      x.map((own) => [own]),
    ),
  ];
  expect(found("f64").map((w) => w > 0)).toEqual([true, true, true, true, false, false]);
  expect(found("f32").map((w) => w > 0)).toEqual([true, true, false, false, false, false]);
  expect(found("f64")[3]).toBeCloseTo(Math.exp(-199), 100);
});

/** How far numbers reach belongs to a precision here. */
const OF_THEIR_OWN: Readonly<Record<string, true>> = {
  expWeight: true,
  expExponent: true,
  expMantissa: true,
  farExponent: true,
  nearOne: true,
  timesPowerOf2: true,
};

describe.each(["f64", "f32"] as const)("numbers of extended range, %s", (precision) => {
  const of = (name: string, rows: readonly (readonly number[])[]): readonly number[] => [
    ...onLanes(name, precision, rows),
  ];
  const bits = precision === "f64" ? 53 : 24;

  test("e^x is its mantissa times a power of 2", () => {
    const x = Array.from({ length: 999 }, (_, i) => Math.fround(0.37 * (i - 499) + 1e-3 * Math.sin(i)));
    const rows = x.map((own) => [own]);
    const [mantissa, exponent] = [of("expMantissa", rows), of("expExponent", rows)];
    x.forEach((own, i) => {
      expect(Number.isInteger(exponent[i]!)).toBe(true);
      expect(mantissa[i]!).toBeGreaterThan(0.7);
      expect(mantissa[i]!).toBeLessThan(1.42);
      expect(Math.abs((mantissa[i]! * 2 ** exponent[i]!) / Math.exp(own) - 1)).toBeLessThan(3 * 2 ** -bits);
    });
  });

  test("0, what is too large to have a remainder, and what is no number", () => {
    const rows = [-Infinity, -1e30, -1e12, 1e12, NaN].map((own) => [own]);
    const [mantissa, exponent] = [of("expMantissa", rows), of("expExponent", rows)];
    expect([mantissa[0], exponent[0]]).toEqual([0, LOWEST_EXPONENT]);
    expect(exponent[1]).toBe(LOWEST_EXPONENT);
    for (const own of mantissa.slice(1, 4)) {
      expect(own).toBeGreaterThan(0.6);
      expect(own).toBeLessThan(1.65);
    }
    expect(exponent[2]! / (-1e12 / Math.LN2)).toBeCloseTo(1, 6);
    expect([mantissa[4], exponent[4]]).toEqual([NaN, NaN]);
  });

  test("an exponent is taken out of what is far from 1, and of nothing else", () => {
    const near = [0, 1, -1, 1.5, 2 ** -24, 2 ** 24 - 1, 1 - 2 ** 24, NaN];
    const far = [-(2 ** 24), 3 * 2 ** 70, 2 ** -25, -(2 ** -100), 1.999 * 2 ** 60].map(Math.fround);
    const rows = [...near, ...far].map((own) => [own]);
    expect(of("farExponent", rows)).toEqual([...near.map(() => 0), 24, 71, -25, -100, 60]);
    expect(of("nearOne", rows)).toEqual([...near, ...far.map((own, i) => own / 2 ** [24, 71, -25, -100, 60][i]!)]);
    // next to others that are near, a number is still its own
    expect(of("farExponent", [[Infinity], [2 ** 30], [3], [2 ** -30]])).toEqual([0, 30, 0, -30]);
  });

  test("a power of 2 is 0 rather than tiny, and never infinite", () => {
    const [least, largest] = precision === "f64" ? [-1022, 900] : [-96, 96];
    const n = [0, 1, -1, 60, -60, least, least - 1, -1e20, LOWEST_EXPONENT, largest, largest + 1, 1e20];
    const rows = n.map((own) => [1.5, own]);
    const power = (own: number): number => (own < least ? 0 : 2 ** Math.min(own, largest));
    expect(of("timesPowerOf2", rows)).toEqual(n.map((own) => 1.5 * power(own)));
    expect(
      of(
        "timesPowerOf2",
        n.map((own) => [0, own]),
      ).every((own) => own === 0),
    ).toBe(true);
  });

  test("as the rows of the table have it", () => {
    if (precision === "f32") return;
    const x = [0, 0.3, -0.3, 1e-310, 1e-300, 7e5, -7e5, 1e300, -745, 709, 1e18, -1e18, Infinity, -Infinity, NaN];
    for (const name of ["expExponent", "expMantissa", "farExponent", "nearOne"]) {
      const { scalar } = mapOp(name);
      of(
        name,
        x.map((own) => [own]),
      ).forEach((found, i) => {
        const wanted = scalar(x[i]!);
        const isClose = Math.abs(found - wanted) <= (Math.abs(x[i]!) < 1e15 ? 2 ** -51 : 1e-12) * Math.abs(wanted);
        expect(isClose || Object.is(found, wanted) || found === wanted, `${name} ${x[i]}: ${found} ${wanted}`).toBe(
          true,
        );
      });
    }
  });
});

describe.each(["f64", "f32"] as const)("%s", (precision) => {
  test.each(Object.entries(BOUNDS))("%s", (name, bound) => {
    const { error, at } = worst(name, precision);
    expect(error, at.join(" ")).toBeLessThan(bound[precision]);
  });
});

/** Zeros, denormals, the ends of the range and of what the functions give, infinities, NaN; both signs. */
const edgesOf = (precision: Precision): readonly number[] => {
  const [smallest, normal, largest] =
    precision === "f64"
      ? [Number.MIN_VALUE, 2 ** -1022, Number.MAX_VALUE]
      : [2 ** -149, 2 ** -126, (2 - 2 ** -23) * 2 ** 127];
  const sizes = [
    ...[0, smallest, 1000 * smallest, normal, 3 * normal, 1e-30, 0.5, 1, 1.5, 2, 8, 10, 37.5, 38.6, 88.5, 88.7],
    ...[89, 103.5, 709.5, 709.75, 709.8, 744, 746, 1e4, 99_999, 1e5, 100_001, 1e18, largest / 2, largest, Infinity],
  ];
  const rounded = precision === "f64" ? sizes : sizes.map(Math.fround);
  return [...rounded, ...rounded.map((x) => -x), NaN];
};

/** To 30 units in the last place, of the larger of the number and `unit`. A result that is no normal number may be 0. */
const sameAtEdge = (found: number, expected: number, precision: Precision, unit: number): boolean => {
  const rounded = precision === "f64" ? expected : Math.fround(expected);
  if (Object.is(found, rounded) || found === rounded) return true;
  const least = precision === "f64" ? 2.3e-308 : 1.2e-38;
  if (Math.abs(rounded) < least) return Math.abs(found - rounded) < least;
  const isOver = Math.abs(rounded) === Infinity || Math.abs(found) === Infinity;
  return !isOver && Math.abs(found - expected) <= 30 * ulp(Math.max(unit, Math.abs(expected)), precision);
};

describe.each(["f64", "f32"] as const)("at the edges, %s", (precision) => {
  const [unary, binary] = [1, 2].map((arity) =>
    Object.keys(functions).filter(
      (name) => !(name in OF_THEIR_OWN) && mapOp(name) !== undefined && mapOp(name).scalar.length === arity,
    ),
  );
  const edges = edgesOf(precision);
  const pairs = edges.flatMap((a) => edges.map((b) => [a, b]));
  test.each([...unary!.map((name) => [name, edges.map((x) => [x])]), ...binary!.map((name) => [name, pairs])] as const)(
    "%s",
    (name, rows) => {
      const found = onLanes(name as string, precision, rows as number[][]);
      const { scalar } = mapOp(name as string);
      const wrong = (rows as number[][]).flatMap((row, i) =>
        sameAtEdge(found[i]!, scalar(...row), precision, BOUNDS[name as string]?.of ?? 1e-300)
          ? []
          : [`${row.join(", ")}: ${found[i]} not ${scalar(...row)}`],
      );
      expect(wrong).toEqual([]);
    },
  );
});
