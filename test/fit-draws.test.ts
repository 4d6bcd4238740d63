// Draws for fixed objectives: evenness of the Sobol' points, exact moments of the matched sets, independence of sets
// and seeds.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawSource } from "../src/fit/matched-draws.ts";
import { normals, uniforms } from "../src/fit/random.ts";
import { param } from "../src/op/index.ts";
import { cutter } from "../src/run/graphs.ts";
import { FOUND, sobolDirections, sobolPoints } from "../src/fit/sobol.ts";

/** Entries of Z'Z / n - I that are largest. */
function momentError(z: Float64Array, n: number, width: number): { diagonal: number; off: number; mean: number } {
  let [diagonal, off, mean] = [0, 0, 0];
  for (let a = 0; a < width; a++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += z[i * width + a]! / n;
    mean = Math.max(mean, Math.abs(sum));
    for (let b = 0; b <= a; b++) {
      let gram = 0;
      for (let i = 0; i < n; i++) gram += (z[i * width + a]! * z[i * width + b]!) / n;
      if (a === b) diagonal = Math.max(diagonal, Math.abs(gram - 1));
      else off = Math.max(off, Math.abs(gram));
    }
  }
  return { diagonal, off, mean };
}

describe("Sobol' points", () => {
  const width = 1111;
  const directions = sobolDirections(width);

  test.each([0, 1, 2, 17, 480, 1110])(
    "dimension %i puts one of 128 points in every 128th, before and after scrambling",
    (j) => {
      const points = sobolPoints(directions, 128, uniforms(1, "fit:scramble"));
      const cells = new Set(Array.from({ length: 128 }, (_, i) => Math.floor(points[i * width + j]! * 128)));
      expect(cells.size).toBe(128);
    },
  );

  test("the choices that are written down are those of the search", () => {
    const [known, searched] = [sobolDirections(FOUND.length + 1), sobolDirections(FOUND.length + 1, [])];
    expect(known).toEqual(searched);
    expect(
      sobolDirections(
        9,
        FOUND.map((choice) => choice + 1),
      ),
    ).not.toEqual(sobolDirections(9));
  });

  test("the first two dimensions are a perfect net: 64 points, one in every box of area 1/64", () => {
    const points = sobolPoints(directions.slice(0, 2), 64, uniforms(7, "fit:scramble"));
    for (let bits = 0; bits <= 6; bits++) {
      const boxes = new Set(
        Array.from(
          { length: 64 },
          (_, i) => `${Math.floor(points[2 * i]! * 2 ** bits)},${Math.floor(points[2 * i + 1]! * 2 ** (6 - bits))}`,
        ),
      );
      expect(boxes.size).toBe(64);
    }
  });

  test("dimensions differ, and so do scrambles", () => {
    const points = sobolPoints(directions, 16, uniforms(1, "fit:scramble"));
    const other = sobolPoints(directions, 16, uniforms(2, "fit:scramble"));
    const column = (p: Float64Array, j: number): string =>
      Array.from({ length: 16 }, (_, i) => p[i * width + j]).join();
    expect(new Set(Array.from({ length: width }, (_, j) => column(points, j))).size).toBe(width);
    expect(column(points, 3)).not.toBe(column(other, 3));
  });

  test("means of a smooth function are far closer than with independent points", () => {
    const f = (p: Float64Array): number => p.reduce((product, u) => product * (1 + (u - 0.5) / 2), 1);
    const error = (points: Float64Array): number => {
      let sum = 0;
      for (let i = 0; i < 1024; i++) sum += f(points.subarray(6 * i, 6 * i + 6)) / 1024;
      return Math.abs(sum - 1);
    };
    const next = uniforms(3, "fit:draws");
    const plain = error(new Float64Array(6 * 1024).map(next));
    expect(error(sobolPoints(directions.slice(0, 6), 1024, uniforms(3, "fit:scramble")))).toBeLessThan(plain / 5);
  });
});

describe("matched draws", () => {
  test("second moments are exact where there are draws enough, variances always; means are zero", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 6 }), fc.nat(1000), (width, k, seed) => {
        const n = 2 ** (k + 1);
        const { diagonal, off, mean } = momentError(drawSource(width, seed)(n, 0), n, width);
        expect(diagonal).toBeLessThan(1e-11);
        expect(mean).toBeLessThan(1e-12);
        if (n / 2 >= width) expect(off).toBeLessThan(1e-11);
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test("two hundred dimensions with barely enough draws", () => {
    const { diagonal, off } = momentError(drawSource(200, 1)(512, 0), 512, 200);
    expect(Math.max(diagonal, off)).toBeLessThan(1e-11);
  });

  test("a seed repeats; sets and seeds differ", () => {
    const one = drawSource(4, 1);
    expect(one(32, 0)).toEqual(drawSource(4, 1)(32, 0));
    expect(one(32, 0)).not.toEqual(one(32, 1));
    expect(one(32, 0)).not.toEqual(drawSource(4, 2)(32, 0));
  });

  test("dimensions beyond the Sobol' table are filled", () => {
    const z = drawSource(1200, 1)(64, 0);
    expect(z.every(Number.isFinite)).toBe(true);
    expect(momentError(z, 64, 1200).diagonal).toBeLessThan(1e-11);
  });

  test("marginals stay normal: fourth moment within 5 standard errors of 3", () => {
    const z = drawSource(5, 1)(4096, 0);
    const fourth = z.reduce((sum, zi) => sum + zi ** 4, 0) / z.length;
    expect(Math.abs(fourth - 3)).toBeLessThan(5 * Math.sqrt(96 / (z.length / 2)));
  });
});

test("normals: moments within 5 standard errors, uses and steps apart", () => {
  const z = normals(40_000, 3, "fit:draws");
  const mean = z.reduce((sum, zi) => sum + zi, 0) / z.length;
  const square = z.reduce((sum, zi) => sum + zi * zi, 0) / z.length;
  expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(z.length));
  expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(2 / z.length));
  expect(normals(4, 3, "fit:draws")).not.toEqual(normals(4, 3, "fit:judge"));
  expect(normals(4, 3, "fit:draws", 1)).not.toEqual(normals(4, 3, "fit:draws", 2));
});

describe("draws of one run", () => {
  const cuts = (perDraw: number, n: number): readonly number[] => {
    const graph = { outputs: { x: param("x", ["%particle"], [perDraw]) } };
    const parts = cutter(graph, { "%particle": 1 }, "%particle")(n);
    expect(parts.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))).toEqual([
      ...Array(n).keys(),
    ]);
    return [...new Set(parts.map(([from, to]) => to - from))];
  };

  test.each([
    ["many are cut evenly", 1, 1000, [250]],
    ["where there is such a width", 1, 997, [256, 16, 1]],
    ["few are not", 1, 60, [16, 1]],
    ["large draws are cut into narrower runs", 2000, 1000, [10]],
    ["the largest are alone", 40_000, 3, [1]],
  ])("%s", (_, perDraw, n, widths) => expect(cuts(perDraw, n)).toEqual(widths));
});
