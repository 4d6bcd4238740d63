// Path derivative: z = T(eps; phi) live, the guide's parameters stopped inside log q. One formula with the weight
// lambda of the score term: lambda log q(z; stop phi) + (1 - lambda) log q(z; phi), unbiased for every constant lambda
// because the score has mean zero.

import type { Node } from "../ir/node.ts";
import { add, mul, scalar } from "../op/index.ts";
import type { EstimatorOptions, Facts, Placed, Refusal, Site } from "./estimator.ts";
import { unlessNumber } from "./refusals.ts";

export const weightOf = (options: EstimatorOptions): number =>
  typeof options["weight"] === "number" ? options["weight"] : 1;

function blend(site: Site, weight: number, value: Node): Node {
  if (weight === 1) return site.frozen.logProb(value);
  if (weight === 0) return site.guide.logProb(value);
  return add(mul(scalar(weight), site.frozen.logProb(value)), mul(scalar(1 - weight), site.guide.logProb(value)));
}

/** A draw with its path, the score of log q weighted by `weight`. */
export function alongPath(site: Site, weight: number): Placed {
  return { value: site.draw(), logq: (value) => blend(site, weight, value) };
}

/** A score term may be left out only where its mean is zero, and where nothing multiplies it. */
export function refuseWithoutScore(site: Site, { linear, objective }: Facts): Refusal | null {
  if (site.supportMoves) {
    return {
      reason: "the guide's support moves with its parameters, so the score of log q does not have mean zero",
      hint: "use total, or a guide whose support is fixed",
    };
  }
  return linear
    ? null
    : {
        reason: `under ${objective} the score of log q is multiplied by the draws' weights and does not have mean zero`,
        hint: "use dreg (unbiased), total, or stl-iwae by name",
      };
}

export const WEIGHT = { weight: "weight of the removed score, 0 (total derivative) to 1 (default)" };
export const unlessWeight = unlessNumber("weight", (w) => w >= 0 && w <= 1, "a number between 0 and 1");

/** Where the score stays in, every path of the draw counts with the draw's weight, also one through a site below: that
 *  must not weight it again. */
export function unlessWeightedBelow(_site: Site, { below }: Facts): Refusal | null {
  const weighted = below.filter(({ estimator }) => estimator === "dreg").map(({ name }) => name);
  return weighted.length === 0
    ? null
    : {
        reason: `the guide of ${weighted.join(", ")} reads it, and dreg there squares the weights of paths that count once here`,
        hint: "use dreg for both, or for neither",
      };
}

/** With a weight of 0 the score stays in. */
export const refuseByWeight = (site: Site, facts: Facts, options: EstimatorOptions): Refusal | null =>
  weightOf(options) === 0 ? unlessWeightedBelow(site, facts) : refuseWithoutScore(site, facts);
