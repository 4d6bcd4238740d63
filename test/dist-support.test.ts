// Maps from the unconstrained line to supports: round trip, Jacobian against reverse mode, tails; membership.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Support } from "../src/dist/dist.ts";
import { bijection, contains, inside, type Bounds } from "../src/dist/support.ts";
import type { Node } from "../src/ir/node.ts";
import { constant, mul, numberOf, param, reshape, scalar, slice } from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { valueOf } from "./support/run-graph.ts";

const scalarSupports: Record<string, Support & { kind: string }> = {
  "the line": { kind: "real" },
  "positive numbers": { kind: "positive" },
  "nonnegative numbers": { kind: "nonnegative" },
  "an interval": { kind: "interval", lower: scalar(-1), upper: scalar(3) },
  "what lies above a bound": { kind: "lower", lower: scalar(2) },
  "what lies below a bound": { kind: "upper", upper: scalar(-2) },
};
const bounds: Record<string, Bounds> = {
  interval: { lower: -1, upper: 3 },
  lower: { lower: 2 },
  upper: { upper: -2 },
  point: { lower: -1 },
  counts: { upper: 3 },
};
const vectorSupports: Support[] = [{ kind: "simplex" }, { kind: "ordered" }];

const at = (graph: Node, u: readonly number[]): number[] => [...valueOf(graph, { u: Float64Array.from(u) }, {}).values];
const leaf = (shape: readonly number[]): Node => param("u", [], shape);
const check = (property: fc.IProperty<[number[]]>): void => fc.assert(property, { seed: 20240917, numRuns: 40 });
const numbers = (size: number, reach: number): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: -reach, max: reach, noNaN: true }), { minLength: size, maxLength: size });

/** log |det| by elimination with the largest pivot. */
function logAbsDeterminant(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row]);
  let total = 0;
  for (let k = 0; k < rows.length; k++) {
    const size = (i: number): number => Math.abs(rows[i]![k]!);
    const pivot = rows.reduce((best, _, i) => (i > k && size(i) > size(best) ? i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    total += Math.log(Math.abs(rows[k]![k]!));
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i]![k]! / rows[k]![k]!;
      rows[i] = rows[i]!.map((v, j) => v - factor * rows[k]![j]!);
    }
  }
  return total;
}

describe.each(Object.entries(scalarSupports))("map to %s", (_, support) => {
  const map = bijection(support);
  const u = leaf([3]);

  it("comes back, and stays inside", () =>
    check(
      fc.property(numbers(3, 12), (point) => {
        const x = at(map.fromUnconstrained(u), point);
        expect(x.every((v) => contains(support.kind, [v], bounds[support.kind]))).toBe(true);
        at(map.toUnconstrained(map.fromUnconstrained(u)), point).forEach((v, i) => expect(v).toBeCloseTo(point[i]!, 8));
        const isInside = inside(support, map.fromUnconstrained(u));
        if (isInside !== null) expect(at(isInside, point)).toEqual([1, 1, 1]);
      }),
    ));

  it("has the Jacobian that reverse mode gives", () =>
    check(
      fc.property(numbers(3, 15), (point) => {
        const slopes = at(grad(map.fromUnconstrained(u), [u])[0]!, point);
        const logs = at(map.logJacobian(u), point);
        slopes.forEach((slope, i) => expect(logs[i] ?? logs[0]!).toBeCloseTo(Math.log(Math.abs(slope)), 9));
      }),
    ));

  it("has a finite Jacobian far out", () => {
    const logs = at(map.logJacobian(u), [-700, 700, 1e5]);
    const interval = [-700, -700, -1e5].map((v) => Math.log(4) + v);
    expect(logs).toEqual(support.kind === "real" ? [0] : support.kind === "interval" ? interval : [-700, 700, 1e5]);
  });

  it("keeps the shape", () => expect(map.unconstrainedShape([2, 5])).toEqual([2, 5]));
});

describe.each<[string, Support, number]>([
  ["around 0", { kind: "interval", lower: scalar(-1000), upper: scalar(3000) }, 0],
  ["above 0", { kind: "interval", lower: scalar(0), upper: scalar(1000) }, 1],
  ["above another site", { kind: "interval", lower: mul(scalar(3), param("u", [], [])), upper: scalar(1000) }, 0.999],
  ["below another site", { kind: "interval", lower: scalar(-1000), upper: mul(scalar(3), param("u", [], [])) }, -0.999],
])("a wide interval %s", (_, support, start) => {
  const map = bijection(support);
  const u = leaf([]);

  it("begins near 0 or the other site, in units of the values", () => {
    expect(at(map.fromUnconstrained(u), [0])[0]).toBeCloseTo(start, 3);
    expect(Math.abs(at(map.logJacobian(u), [0])[0]!)).toBeLessThan(0.01);
  });

  const isFixed = support.kind === "interval" && numberOf(support.lower) !== null && numberOf(support.upper) !== null;
  it.runIf(isFixed)("comes back, with the Jacobian that reverse mode gives", () => {
    for (const v of [-8, -1, 0, 2.5, 9]) {
      expect(at(map.toUnconstrained(map.fromUnconstrained(u)), [v])[0]).toBeCloseTo(v, 8);
      expect(at(map.logJacobian(u), [v])[0]).toBeCloseTo(
        Math.log(at(grad(map.fromUnconstrained(u), [u])[0]!, [v])[0]!),
        9,
      );
    }
  });
});

it("infinite ends are absent ones, in each member", () => {
  const ends = { lower: constant([-Infinity, 1, -Infinity, 1], [4]), upper: constant([Infinity, Infinity, 2, 2], [4]) };
  const map = bijection({ kind: "interval", ...ends });
  const u = leaf([4]);
  const points = [0.3, 0.3, 0.3, 0.3];
  const e = Math.exp(0.3);
  const x = at(map.fromUnconstrained(u), points);
  [0.3, 1 + e, 2 - e, 1 + e / (1 + e)].forEach((value, i) => expect(x[i]).toBeCloseTo(value, 12));
  at(map.toUnconstrained(map.fromUnconstrained(u)), points).forEach((v) => expect(v).toBeCloseTo(0.3, 12));
  const slopes = at(grad(map.fromUnconstrained(u), [u])[0]!, points);
  at(map.logJacobian(u), points).forEach((v, i) => expect(v).toBeCloseTo(Math.log(Math.abs(slopes[i]!)), 12));
  expect(bijection({ kind: "interval", lower: scalar(-Infinity), upper: scalar(Infinity) })).toBe(
    bijection({ kind: "real" }),
  );
});

it("an interval's map stays below the upper bound", () => {
  const unit = bijection({ kind: "interval", lower: scalar(0), upper: scalar(1) });
  expect(at(unit.fromUnconstrained(leaf([2])), [40, 800]).every((x) => x < 1)).toBe(true);
});

describe.each(vectorSupports.map((s) => [s.kind, s] as const))("map to a %s vector", (kind, support) => {
  const map = bijection(support);
  const shape = map.unconstrainedShape([4]);
  const size = shape[0]!;
  const u = leaf(shape);

  it("comes back, and stays inside", () =>
    check(
      fc.property(numbers(size, 8), (point) => {
        expect(contains(kind, at(map.fromUnconstrained(u), point))).toBe(true);
        at(map.toUnconstrained(map.fromUnconstrained(u)), point).forEach((v, i) => expect(v).toBeCloseTo(point[i]!, 6));
      }),
    ));

  it("has the Jacobian that reverse mode gives", () =>
    check(
      fc.property(numbers(size, 4), (point) => {
        const x = map.fromUnconstrained(u);
        // A simplex has one number too many: its volume is that of all but the last.
        const rows = point.map((_, i) => at(grad(slice(x, 0, i, 1), [u])[0]!, point));
        expect(at(map.logJacobian(u), point)[0]).toBeCloseTo(logAbsDeterminant(rows), 8);
      }),
    ));

  it("takes the dims before the last as independent", () => {
    const points = Array.from({ length: 2 * size }, (_, i) => Math.sin(i));
    const both = leaf([2, size]);
    const parts = [points.slice(0, size), points.slice(size)];
    expect(at(map.fromUnconstrained(both), points)).toEqual(parts.flatMap((p) => at(map.fromUnconstrained(u), p)));
    expect(at(map.logJacobian(both), points)).toEqual(parts.flatMap((p) => at(map.logJacobian(u), p)));
    const back = at(map.toUnconstrained(map.fromUnconstrained(both)), points);
    back.forEach((v, i) => expect(v).toBeCloseTo(points[i]!, 10));
  });

  it("has a finite Jacobian far out", () => {
    const far = Array.from({ length: size }, (_, i) => (i % 2 === 0 ? 300 : -300));
    expect(Number.isFinite(at(map.logJacobian(u), far)[0])).toBe(true);
  });
});

const matrixSupports: [Support, number][] = [
  [{ kind: "cholesky-correlation" }, 2],
  [{ kind: "cholesky-correlation" }, 4],
  [{ kind: "covariance" }, 1],
  [{ kind: "covariance" }, 3],
];

const kinds = matrixSupports.map(([support, n]) => [support.kind, n, support] as const);
describe.each(kinds)("map to %s matrices of %i rows", (kind, n, support) => {
  const map = bijection(support);
  const [size] = map.unconstrainedShape([n, n]) as [number];
  const u = leaf([size]);
  /** Entries that are free: below the diagonal of a factor, and on it of a covariance. */
  const free = [...Array(n * n).keys()].filter((i) => i % n < Math.floor(i / n) + (kind === "covariance" ? 1 : 0));

  it("has as many free entries", () => expect(size).toBe(free.length));

  it("comes back, and stays inside", () =>
    check(
      fc.property(numbers(size, 3), (point) => {
        const x = map.fromUnconstrained(u);
        expect(contains(kind, at(x, point))).toBe(true);
        expect(at(inside(support, x)!, point)).toEqual([1]);
        at(map.toUnconstrained(x), point).forEach((v, i) => expect(v).toBeCloseTo(point[i]!, 6));
      }),
    ));

  it("has the Jacobian that reverse mode gives", () =>
    check(
      fc.property(numbers(size, 2), (point) => {
        const x = reshape(map.fromUnconstrained(u), [n * n]);
        const rows = free.map((i) => at(grad(slice(x, 0, i, 1), [u])[0]!, point));
        expect(at(map.logJacobian(u), point)[0]).toBeCloseTo(logAbsDeterminant(rows), 8);
      }),
    ));

  it("takes the dims before the last two as independent", () => {
    const points = Array.from({ length: 2 * size }, (_, i) => Math.sin(i));
    const both = leaf([2, size]);
    const parts = [points.slice(0, size), points.slice(size)];
    const close = (found: number[], wanted: number[]): void =>
      found.forEach((v, i) => expect(v).toBeCloseTo(wanted[i]!, 12));
    expect(map.unconstrainedShape([2, n, n])).toEqual([2, size]);
    close(
      at(map.fromUnconstrained(both), points),
      parts.flatMap((p) => at(map.fromUnconstrained(u), p)),
    );
    close(
      at(map.logJacobian(both), points),
      parts.flatMap((p) => at(map.logJacobian(u), p)),
    );
    close(at(map.toUnconstrained(map.fromUnconstrained(both)), points), points);
  });

  it("has a finite Jacobian far out", () => {
    const far = Array.from({ length: size }, (_, i) => (i % 2 === 0 ? 300 : -300));
    expect(Number.isFinite(at(map.logJacobian(u), far)[0])).toBe(true);
  });
});

it("independence and the identity are at zero", () => {
  const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  expect(at(bijection({ kind: "cholesky-correlation" }).fromUnconstrained(leaf([3])), [0, 0, 0])).toEqual(identity);
  expect(at(bijection({ kind: "covariance" }).fromUnconstrained(leaf([6])), [0, 0, 0, 0, 0, 0])).toEqual(identity);
});

it("a correlation of nearly one keeps its digits", () => {
  const map = bijection({ kind: "cholesky-correlation" });
  const point = [15, -12, 0.5];
  const back = at(map.toUnconstrained(map.fromUnconstrained(leaf([3]))), point);
  back.forEach((v, i) => expect(v).toBeCloseTo(point[i]!, 4));
});

it("the simplex has its centre at zero", () => {
  const centre = at(bijection({ kind: "simplex" }).fromUnconstrained(leaf([3])), [0, 0, 0]);
  centre.forEach((v) => expect(v).toBeCloseTo(0.25, 14));
});

describe("membership of numbers", () => {
  it.each([
    ["real", [1e300], true],
    ["real", [Infinity], false],
    ["real", [NaN], false],
    ["positive", [1e-300], true],
    ["positive", [0], false],
    ["nonnegative", [0], true],
    ["nonnegative", [-1e-9], false],
    ["interval", [-1], true],
    ["interval", [3.001], false],
    ["lower", [2], true],
    ["lower", [1.99], false],
    ["upper", [-1.9], false],
    ["boolean", [1], true],
    ["boolean", [2], false],
    ["count", [7], true],
    ["count", [1.5], false],
    ["count", [-1], false],
    ["category", [2], true],
    ["category", [3], false],
    ["category", [0.5], false],
    ["one-hot", [0, 1, 0], true],
    ["one-hot", [1, 1, 0], false],
    ["one-hot", [0, 0, 0], false],
    ["simplex", [0.25, 0.75, 0], true],
    ["simplex", [0.5, 0.6, -0.1], false],
    ["simplex", [0.3, 0.3, 0.3], false],
    ["ordered", [-1, 2, 3], true],
    ["ordered", [1, 1], false],
    ["circle", [-Math.PI], true],
    ["circle", [Math.PI], false],
    ["point", [-1], true],
    ["point", [0], false],
    ["counts", [1, 0, 2], true],
    ["counts", [1, 0, 1], false],
    ["counts", [1.5, 0, 1.5], false],
    ["counts", [-1, 2, 2], false],
    ["covariance", [2, 1, 1, 2], true],
    ["covariance", [2, 1, 1.01, 2], false],
    ["covariance", [1, 2, 2, 1], false],
    ["covariance", [1, 2, 2], false],
    ["covariance", [NaN], false],
    ["cholesky-correlation", [1, 0, 0.6, 0.8], true],
    ["cholesky-correlation", [1, 0, 0.6, 0.7], false],
    ["cholesky-correlation", [1, 0.1, 0.6, 0.8], false],
    ["cholesky-correlation", [1, 0, 0.6, -0.8], false],
  ] as const)("%s %j: %s", (kind, values, wanted) =>
    expect(contains(kind, values, { count: 3, ...bounds[kind] })).toBe(wanted),
  );

  it("a count stops at its upper bound", () => {
    expect(contains("count", [5], { upper: 5 })).toBe(true);
    expect(contains("count", [6], { upper: 5 })).toBe(false);
  });
});
