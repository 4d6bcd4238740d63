// Score function with a control variate at a relaxed draw, whose own mean is taken back along its path: the mathematics
// of REBAR and RELAX, unbiased for every value of the numbers that they learn (discrete_estimators, section 10).

import type { Node } from "../ir/node.ts";
import { add, div, mul, stop, sub } from "../op/index.ts";
import type { Cost, EstimatorOptions, Placed, Site } from "./estimator.ts";
import { conditionalGumbels, listedOf, logExponential, softmax, winner } from "./race.ts";

/** Control variate at a relaxed one-hot vector. */
export type Control = {
  /** Per member; and of all members together, null where their sum is that. */
  readonly at: (cost: Cost, relaxed: Node) => Node;
  readonly whole: ((cost: Cost, relaxed: Node) => Node) | null;
  readonly eta: Node;
  readonly temperature: Node;
  readonly learned: readonly Node[];
};

/** (f(D) - eta c(s1)) grad log q + eta grad (c(s0) - c(s1)): s0 relaxes the draw's own noise, s1 noise drawn given the
 *  value, live in the logits with the value held. Numbers that are learned stay live everywhere: leaves are stopped,
 *  never results. */
export function placeControlled(site: Site, control: Control): Placed {
  const { states, logits, held } = listedOf(site);
  const { count, fromHot } = states;
  const race = logExponential(site, "race", count);
  const again = logExponential(site, "conditional", count);
  const hot = winner(logits, race);
  const value = fromHot(hot);
  const { eta, temperature } = control;
  const relax = (x: Node): Node => softmax(div(x, temperature));
  const given = (theta: Node): Node => relax(conditionalGumbels(theta, hot, again));
  const moved = (c: Control["at"], cost: Cost): Node =>
    mul(eta, sub(c(cost, relax(sub(logits, race))), c(cost, given(logits))));
  return {
    value,
    surrogate: (cost) => {
      const scored = mul(sub(stop(cost.here), mul(eta, control.at(cost, given(held)))), site.guide.logProb(value));
      return control.whole === null ? add(scored, moved(control.at, cost)) : scored;
    },
    ...(control.whole === null ? {} : { path: (cost) => moved(control.whole ?? control.at, cost) }),
    tune: control.learned.map((leaf) => ({ leaf, rule: "variance" })),
  };
}

/** Where a number that is learned starts. */
export const startOf = (options: EstimatorOptions, name: string, otherwise: number): number =>
  typeof options[name] === "number" ? options[name] : otherwise;
