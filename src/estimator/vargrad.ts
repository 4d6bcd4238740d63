// VarGrad: half the sample variance of the cost over particles, differentiated in log q alone: the same numbers as
// leave-one-out, without a baseline to write down.

import { add, axisSize, div, mul, neg, scalar, square, stop, sub, sumAxis } from "../op/index.ts";
import { PARTICLE, type Estimator } from "./estimator.ts";
import { firstOf, unlessLinear, unlessParticles, unlessSupportFixed } from "./refusals.ts";

export const vargrad: Estimator = {
  name: "vargrad",
  doc: "The gradient of the variance over particles of log p - log q, at held draws: equal to leave-one-out, number by number.",
  formula: "-∇ Σ_k (d_k - d̄)² / (2 (K - 1)), d = log q - stop(log q + f)",
  source:
    "Richter, Boustati, Nüsken, Ruiz, Akyildiz 2020, VarGrad: a low-variance gradient estimator for variational inference, eq. 6",
  bias: "none",
  cost: "K >= 2 draws, K evaluations",
  notFirst: "admitted: the same numbers as loo",
  options: {},
  fixable: false,
  refuses: firstOf(unlessLinear, unlessParticles, unlessSupportFixed),
  place: (site) => {
    const value = stop(site.draw());
    return {
      value,
      surrogate: (cost) => {
        const logq = site.guide.logProb(value);
        const d = sub(logq, stop(add(logq, cost.here)));
        const mean = div(sumAxis(d, PARTICLE), axisSize(PARTICLE));
        const factor = div(axisSize(PARTICLE), mul(scalar(2), add(axisSize(PARTICLE), scalar(-1))));
        return neg(mul(factor, square(sub(d, mean))));
      },
    };
  },
};
