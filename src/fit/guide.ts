// The Gaussian guide as numbers: mean, one lower-triangular scale per block, points. Draws of base noise become draws
// of x.

import { norm } from "./linear-algebra.ts";
import { normals, type Use } from "./random.ts";
import type { FixedTarget } from "./target.ts";
import * as math from "../op/special/elementary.ts";

export type Blocks = FixedTarget["blocks"];
export type Guide = {
  readonly mean: Float64Array;
  /** Per block, row-major size x size, lower triangular, positive diagonal. */
  readonly scales: readonly Float64Array[];
  readonly points: Float64Array;
};

/** n draws of base noise: z [n, dim] for the Gaussian guide, eps [n, noise] for hand-written sites. */
export type Draws = { readonly n: number; readonly z: Float64Array; readonly eps: Float64Array };

/** Splits draws [n, dim + noise]. */
export function splitDraws(both: Float64Array, n: number, dim: number, noise: number): Draws {
  const z = new Float64Array(n * dim);
  const eps = new Float64Array(n * noise);
  const width = dim + noise;
  for (let i = 0; i < n; i++) {
    z.set(both.subarray(i * width, i * width + dim), i * dim);
    eps.set(both.subarray(i * width + dim, (i + 1) * width), i * noise);
  }
  return { n, z, eps };
}

/** Independent draws of base noise. */
export const plainDraws = (target: FixedTarget, n: number, seed: number, use: Use): Draws =>
  splitDraws(normals(n * (target.dim + target.noise), seed, use), n, target.dim, target.noise);

/** m + L z for every row of z [n, dim]. */
export function spread(guide: Guide, blocks: Blocks, z: Float64Array): Float64Array {
  const dim = guide.mean.length;
  const x = new Float64Array(z.length);
  for (const [b, { start, size }] of blocks.entries()) {
    const l = guide.scales[b]!;
    for (let row = start; row < z.length; row += dim) {
      for (let r = 0; r < size; r++) {
        let sum = guide.mean[start + r]!;
        for (let c = 0; c <= r; c++) sum += l[r * size + c]! * z[row + c]!;
        x[row + r] = sum;
      }
    }
  }
  return x;
}

/** log |det L| over all blocks. */
export function logDeterminant(guide: Guide, blocks: Blocks): number {
  let sum = 0;
  for (const [b, { size }] of blocks.entries()) {
    for (let r = 0; r < size; r++) sum += math.log(guide.scales[b]![r * size + r]!);
  }
  return sum;
}

/** Marginal standard deviation of every coordinate. */
export function marginalSds(guide: Guide, blocks: Blocks): Float64Array {
  const sds = new Float64Array(guide.mean.length);
  for (const [b, { start, size }] of blocks.entries()) {
    for (let r = 0; r < size; r++) sds[start + r] = norm(guide.scales[b]!.subarray(r * size, r * size + r + 1));
  }
  return sds;
}

/** The guide with every scale multiplied by `factor`. */
export const scaled = (guide: Guide, factor: number): Guide => ({
  ...guide,
  scales: guide.scales.map((l) => l.map((entry) => factor * entry)),
});

/** Block scales with the standard deviations `s` on the diagonal. */
export function diagonalScales(blocks: Blocks, s: Float64Array): Float64Array[] {
  return blocks.map(({ start, size }) => {
    const l = new Float64Array(size * size);
    for (let r = 0; r < size; r++) l[r * size + r] = s[start + r]!;
    return l;
  });
}

/** Entropy of a standard normal in `dim` dimensions. */
export const standardEntropy = (dim: number): number => (dim / 2) * (1 + math.log(2 * Math.PI));

/** Mean of `values`, -Infinity where one is not finite. */
export function finiteMean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return Number.isFinite(sum) ? sum / values.length : -Infinity;
}

export type GuideDraws = {
  /** [n, dim] */
  readonly x: Float64Array;
  /** [n, noise] */
  readonly eps: Float64Array;
  /** Log density of x under the Gaussian guide, per draw. */
  readonly logq: Float64Array;
};

/** n independent draws of a fitted guide. F(x, points, eps) - logq has the ELBO as its mean. */
export function guideDraws(target: FixedTarget, guide: Guide, n: number, seed: number): GuideDraws {
  const { z, eps } = plainDraws(target, n, seed, "fit:posterior");
  const constant = -logDeterminant(guide, target.blocks) - (target.dim / 2) * math.log(2 * Math.PI);
  const logq = new Float64Array(n).map((_, i) => {
    let square = 0;
    for (let j = 0; j < target.dim; j++) square += z[i * target.dim + j]! * z[i * target.dim + j]!;
    return constant - square / 2;
  });
  return { x: spread(guide, target.blocks, z), eps, logq };
}
