// Path derivative: z = T(eps; phi) live, the guide's parameters stopped inside log q. Three rows of one formula with the weight
// lambda of the score term: lambda log q(z; stop phi) + (1 - lambda) log q(z; phi), unbiased for every constant lambda because the score
// has mean zero.

import type { Node } from "../ir/node.ts";
import { add, mul, scalar } from "../op/index.ts";
import type { Estimator, EstimatorOptions, Facts, Placed, Refusal, Site } from "./estimator.ts";
import { firstOf, unlessContinuousPath, unlessNumber } from "./refusals.ts";

export const weightOf = (options: EstimatorOptions): number => (typeof options["weight"] === "number" ? options["weight"] : 1);

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

const unlessExplicit = (site: Site): Refusal | null =>
  site.path === "implicit"
    ? { reason: "its draw comes from a sampler, not from a smooth map of noise", hint: "use implicit: the same path, through the derivative of the sampler" }
    : null;

export const WEIGHT = { weight: "weight of the removed score, 0 (total derivative) to 1 (default)" };
export const unlessWeight = unlessNumber("weight", (w) => w >= 0 && w <= 1, "a number between 0 and 1");

export const path: Estimator = {
  name: "path",
  doc: "Moves the draw with the guide's parameters and differentiates along that path. The score of log q has mean zero and is left out, " +
    "so that the gradient vanishes for every draw where the guide is the posterior.",
  formula: "log p(z) - log q(z; stop φ), z = T(ε; φ)",
  source: "Roeder, Wu, Duvenaud 2017, Sticking the Landing, eq. 5-10 and Algorithm 2",
  bias: "none",
  cost: "one draw, one evaluation",
  notFirst: "admitted: the default for a draw that is a smooth map of noise",
  options: WEIGHT,
  fixable: true,
  refuses: firstOf(unlessContinuousPath, unlessExplicit, unlessWeight, (site, facts, options) =>
    weightOf(options) === 0 ? null : refuseWithoutScore(site, facts)),
  place: (site, options) => alongPath(site, weightOf(options)),
};

export const total: Estimator = {
  name: "total",
  doc: "The total derivative: the path of the draw and the score of log q. Right for every guide whose draw moves smoothly, also where its " +
    "support moves with its parameters.",
  formula: "log p(z) - log q(z; φ), z = T(ε; φ)",
  source: "Kingma, Welling 2014; Rezende, Mohamed, Wierstra 2014; Roeder et al. 2017, Algorithm 1",
  bias: "none",
  cost: "one draw, one evaluation",
  notFirst: "admitted, but noisier near the optimum: it keeps the score of log q, whose mean is zero",
  options: {},
  fixable: true,
  refuses: unlessContinuousPath,
  place: (site) => alongPath(site, 0),
};

export const adaptive: Estimator = {
  name: "adaptive",
  doc: "Path derivative whose score term is weighted by its correlation with the rest, from moving averages over the steps, clipped to [0, 1].",
  formula: "g_total + λ s, λ = -Cov(g_total, s) / Var(s)",
  source: "Geffner, Domke 2018, Using Large Ensembles of Control Variates; Roeder et al. 2017, section 4.2",
  bias: { why: "λ is estimated from earlier steps of the same run; for every λ that does not depend on the step's noise it is unbiased" },
  cost: "one draw, one evaluation, and the score of log q",
  notFirst: "admitted: at most a few per cent better than the better of path and total, at the price of a second gradient",
  options: {},
  fixable: true,
  refuses: firstOf(unlessContinuousPath, refuseWithoutScore),
  place: (site) => ({ value: site.draw(), logq: site.guide.logProb, adaptive: true }),
};

export const implicit: Estimator = {
  name: "implicit",
  doc: "Path derivative of a draw that comes from a sampler: dz/dφ = -∂F/∂φ / q(z) with the distribution function F (per draw, not through " +
    "the sampler's accept and reject steps), and the path derivative of log q on top.",
  formula: "log p(z) - log q(z; stop φ), dz/dφ = -F_φ(z) / q(z)",
  source: "Figurnov, Mohamed, Mnih 2018, Implicit Reparameterization Gradients; Jankowiak, Obermeyer 2018",
  bias: "none",
  cost: "one draw, one evaluation, one derivative of the sampler",
  notFirst: "admitted: the default for a draw from a sampler that has a derivative",
  options: WEIGHT,
  fixable: false,
  refuses: firstOf(
    (site) => (site.path === "explicit" ? { reason: "its draw is a smooth map of noise already", hint: "use path" } : null),
    unlessContinuousPath,
    unlessWeight,
    (site, facts, options) => (weightOf(options) === 0 ? null : refuseWithoutScore(site, facts)),
  ),
  place: (site, options) => alongPath(site, weightOf(options)),
};
