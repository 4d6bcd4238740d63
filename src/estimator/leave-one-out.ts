// A baseline that does not see this particle's draw: the mean cost of the other particles, or, under a bound of several
// draws, the bound with the mean of the other log weights in place of this one. The objective says which.

import { mul, stop, sub } from "../op/index.ts";
import type { Placed, Site } from "./estimator.ts";

/** The score of the draw times its cost above the baseline. */
export function aboveBaseline(site: Site): Placed {
  const value = stop(site.draw());
  return { value, surrogate: (cost) => mul(stop(sub(cost.here, cost.baseline())), site.guide.logProb(value)) };
}
