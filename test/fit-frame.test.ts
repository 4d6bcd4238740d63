// Coordinates of a round: gradients and Hessians against finite differences, moves between frames.

import { describe, expect, test } from "vitest";
import { sharpHessian } from "../src/fit/curvature.ts";
import { frameObjective, guideAt, hessianInFrame, intoFrame, layoutOf, outOfFrame } from "../src/fit/frame.ts";
import { guideDraws, logDeterminant, marginalSds, plainDraws, spread, type Guide } from "../src/fit/guide.ts";
import { placeObjective } from "../src/fit/locate.ts";
import { dot } from "../src/fit/linear-algebra.ts";
import { normals } from "../src/fit/random.ts";
import type { FixedTarget } from "../src/fit/target.ts";
import {
  densityTarget,
  empiricalBayes,
  fullRank,
  gaussian,
  meanField,
  writtenGuide,
  eightSchoolsCentred,
} from "./support/targets.ts";

const mixed = [
  { start: 0, size: 3 },
  { start: 3, size: 1 },
  { start: 4, size: 2 },
];
const y = [1, 4, -2, 0.5, 3, 7];

/** A guide with correlated scales. */
function someGuide({ blocks, dim, points }: FixedTarget): Guide {
  const scales = blocks.map(({ start, size }) =>
    normals(size * size, start, "fit:test", 5).map((z, index) => {
      const [r, c] = [Math.floor(index / size), index % size];
      return r === c ? Math.exp(z / 3) : c < r ? z / 3 : 0;
    }),
  );
  return { mean: normals(dim, 1, "fit:test", 6), scales, points: normals(points, 1, "fit:test", 7) };
}

const targets: Record<string, FixedTarget> = {
  "blocks and points": empiricalBayes(y, mixed),
  "mean-field and points": empiricalBayes(y, meanField(6)),
  "full rank": densityTarget(10, eightSchoolsCentred, fullRank(10)),
  "noise, points and x": writtenGuide(3, gaussian([0.5, 1, 2], 0.5), 2),
};

describe.each(Object.entries(targets))("%s", (_name, target) => {
  const layout = layoutOf(target);
  const frame = someGuide(target);
  const draws = plainDraws(target, 7, 3, "fit:test");
  const objective = frameObjective(target, frame, layout, draws);
  const v = normals(layout.length, 2, "fit:test").map((z) => z / 4);

  test("the gradient is that of the objective", () => {
    const { g } = objective(v);
    for (let i = 0; i < v.length; i++) {
      const at = (h: number): number => objective(v.map((vi, j) => (i === j ? vi + h : vi))).f;
      const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
      expect(Math.abs(slope - g[i]!)).toBeLessThan(1e-6 * (1 + Math.abs(slope) + Math.abs(at(0))));
    }
  });

  test("the objective is minus the mean of F minus log |det L|", () => {
    const guide = guideAt(frame, target.blocks, layout, v);
    const values = target.values(spread(guide, target.blocks, draws.z), guide.points, draws.eps, 7);
    expect(objective(v).f).toBeCloseTo(
      -values.reduce((sum, f) => sum + f / 7, 0) - logDeterminant(guide, target.blocks),
      9,
    );
  });

  test("pairs keep s'y through a frame and come back", () => {
    const size = target.dim + target.points;
    const pair = { s: normals(size, 8, "fit:test"), y: normals(size, 9, "fit:test"), own: true };
    const inside = intoFrame(pair, frame, target.blocks, layout);
    expect(dot(inside.s, inside.y)).toBeCloseTo(dot(pair.s, pair.y), 9);
    const back = outOfFrame(inside, frame, target.blocks);
    for (let i = 0; i < size; i++) expect(back.s[i]).toBeCloseTo(pair.s[i]!, 9);
  });

  test("the Hessian by differences is symmetric and matches those of the gradient; in the frame it gives the same curvature", () => {
    const size = target.dim + target.points;
    const place = placeObjective(target, draws.eps, 7);
    const theta = Float64Array.of(...frame.mean, ...frame.points);
    const hessian = sharpHessian(target, place(theta), new Float64Array(size).fill(1), draws.eps, 7);
    const d = normals(size, 4, "fit:test");
    const step = (h: number): number => dot(place(theta.map((t, i) => t + h * d[i]!)).g, d);
    const curvature = (a: Float64Array, u: Float64Array): number =>
      u.reduce((sum, ui, i) => sum + ui * dot(a.slice(i * size, (i + 1) * size), u), 0);
    const direct = (step(1e-4) - step(-1e-4)) / 2e-4;
    expect(Math.abs(curvature(hessian, d) / direct - 1)).toBeLessThan(2e-3);
    const inside = intoFrame({ s: d, y: d, own: true }, frame, target.blocks, layout).s.slice(0, size);
    expect(curvature(hessianInFrame(hessian, frame, target.blocks), inside) / curvature(hessian, d)).toBeCloseTo(1, 9);
  });
});

test("draws of a guide have its mean, sds and log density", () => {
  const target = densityTarget(2, gaussian([1, 1], 0), fullRank(2));
  const guide = { mean: Float64Array.of(1, -2), scales: [Float64Array.of(2, 0, 3, 0.5)], points: new Float64Array(0) };
  const n = 20_000;
  const { x, logq } = guideDraws(target, guide, n, 1);
  expect([...marginalSds(guide, target.blocks)]).toEqual([2, expect.closeTo(Math.hypot(3, 0.5), 12)]);
  const mean = x.filter((_, i) => i % 2 === 1).reduce((sum, xi) => sum + xi / n, 0);
  expect(Math.abs(mean + 2)).toBeLessThan((5 * Math.hypot(3, 0.5)) / Math.sqrt(n));
  const [u, w] = [(x[0]! - 1) / 2, (x[1]! + 2 - (3 * (x[0]! - 1)) / 2) / 0.5];
  expect(logq[0]).toBeCloseTo(-Math.log(2 * Math.PI) - Math.log(2 * 0.5) - (u * u + w * w) / 2, 9);
});
