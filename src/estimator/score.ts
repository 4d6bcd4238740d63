// Score function (REINFORCE): the value is held, its log probability is credited with the terms below it.

import { mul, stop, sub } from "../op/index.ts";
import type { Estimator, Facts, Refusal, Site } from "./estimator.ts";

/** Shared by the score family: any site with a density admits it. */
export function refuseMovingSupport(site: Site): Refusal | null {
  return site.supportMoves
    ? { reason: "the guide's support moves with its parameters, so the derivative of its density misses the boundary", hint: "use path(weight = \"total\")" }
    : null;
}

export const score: Estimator = {
  name: "score",
  doc: "grad E_q f = E_q [ f grad log q ]: needs a density only, works for every site, and is the noisiest choice.",
  source: "Williams 1992, REINFORCE; credit of downstream terms only: Ranganath, Gerrish, Blei 2014, section 3.1",
  bias: "none",
  cost: "one draw, one evaluation",
  notFirst: "admitted, but at the same cost its gradient is noisier: it uses no derivative of the model and no baseline",
  options: {},
  fixable: false,
  refuses: refuseMovingSupport,
  place: (site) => {
    const value = stop(site.draw());
    return { value, surrogate: (cost) => mul(stop(cost.here), site.guide.logProb(value)) };
  },
};

/** Leave-one-out: the mean cost of the other particles is a baseline that does not see this particle's draw. */
export const loo: Estimator = {
  name: "loo",
  doc: "Score function with the mean cost of the other particles as baseline: grad = mean_k (f_k - mean_{j != k} f_j) grad log q(z_k).",
  source: "Salimans, Knowles 2014; Kool, van Hoof, Welling 2019, Buy 4 REINFORCE samples",
  bias: "none",
  cost: "K >= 2 draws, K evaluations",
  notFirst: "admitted, but its gradient is noisier: it uses no derivative of the model",
  options: {},
  fixable: false,
  refuses: (site: Site, facts: Facts) =>
    facts.particles < 2
      ? { reason: "the baseline is the mean of the other particles, and there is only one particle", hint: "use --particles 2 or more, or score" }
      : refuseMovingSupport(site),
  place: (site) => {
    const value = stop(site.draw());
    return { value, surrogate: (cost) => mul(stop(sub(cost.here, cost.baseline())), site.guide.logProb(value)) };
  },
};
