// From the place that the point search found to the guide of the first round.

import { diagonalScales, finiteMean, logDeterminant, spread, type Blocks, type Draws, type Guide } from "./guide.ts";
import { inverseHessianTimes } from "./lbfgs.ts";
import { cholesky, diagonalBlock, inverse } from "./linear-algebra.ts";
import type { Place } from "./locate.ts";
import { repeated } from "./start.ts";
import type { FixedTarget } from "./target.ts";

/** Nats by which the quadratic model may miss the mean of log p under its own Gaussian. */
const QUADRATIC = 2;

/** Mean-field guide at a place. */
export const diagonalGuide = ({ dim, blocks }: FixedTarget, { theta, sds }: Place): Guide => ({
  mean: theta.slice(0, dim),
  scales: diagonalScales(blocks, sds),
  points: theta.slice(dim),
});

/** The guide from the Hessian held, or null where there is none or log p is not near enough to a quadratic under that
 *  guide. */
export function curvatureGuide(target: FixedTarget, place: Place, draws: Draws): Guide | null {
  const { dim, points, blocks } = target;
  const scales = place.hessian === null ? null : scalesFromHessian(place.hessian, dim + points, blocks);
  if (scales === null) return null;
  const guide = { mean: place.theta.slice(0, dim), scales, points: place.theta.slice(dim) };
  const atMode = finiteMean(target.values(repeated(guide.mean, draws.n), guide.points, draws.eps, draws.n));
  return Math.abs(meanUnder(target, guide, draws) + dim / 2 - atMode) < QUADRATIC ? guide : null;
}

/** Mean of F under a guide. */
const meanUnder = (target: FixedTarget, guide: Guide, draws: Draws): number =>
  finiteMean(target.values(spread(guide, target.blocks, draws.z), guide.points, draws.eps, draws.n));

/** The better of the guide from the point search's own inverse Hessian and the mean-field one. For few dimensions. */
export function pairsGuide(target: FixedTarget, place: Place, draws: Draws): Guide {
  const plain = diagonalGuide(target, place);
  const scales = scalesFromPairs(place, target.blocks);
  if (scales === null) return plain;
  const correlated = { ...plain, scales };
  const elbo = (guide: Guide): number => meanUnder(target, guide, draws) + logDeterminant(guide, target.blocks);
  return elbo(correlated) > elbo(plain) ? correlated : plain;
}

/** (H_bb)^-1 per block: the covariances of the best block-diagonal Gaussian for a quadratic with Hessian H. */
function scalesFromHessian(hessian: Float64Array, size: number, blocks: Blocks): Float64Array[] | null {
  return allOrNull(
    blocks.map((block) => {
      const covariance = inverse(diagonalBlock(hessian, size, block.start, block.size), block.size);
      return covariance === null ? null : cholesky(covariance, block.size);
    }),
  );
}

function scalesFromPairs({ theta, pairs, scale }: Place, blocks: Blocks): Float64Array[] | null {
  return allOrNull(
    blocks.map(({ start, size }) => {
      const covariance = new Float64Array(size * size);
      for (let r = 0; r < size; r++) {
        const unit = new Float64Array(theta.length);
        unit[start + r] = 1;
        covariance.set(inverseHessianTimes(unit, pairs, (g) => g, scale).subarray(start, start + size), r * size);
      }
      return cholesky(covariance, size);
    }),
  );
}

const allOrNull = <T>(items: readonly (T | null)[]): T[] | null =>
  items.every((item): item is T => item !== null) ? [...items] : null;
