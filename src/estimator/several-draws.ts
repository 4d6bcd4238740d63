// Path gradients under a bound of several draws: the score of log q is multiplied by the draws' weights there, and does
// not have mean zero, so that each path is weighted instead.

import type { Placed, Refusal, Site } from "./estimator.ts";

/** The draw with its path, log q with held parameters. */
export const alongHeldPath = (site: Site): Placed => ({ value: site.draw(), logq: site.frozen.logProb });

export const unlessBoundaryFixed = (site: Site): Refusal | null =>
  site.supportMoves
    ? {
        reason: "the guide's support moves with its parameters, so the score of log q cannot be rewritten as a path",
        hint: "use total",
      }
    : null;
