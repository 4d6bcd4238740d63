// Straight-through: the drawn one-hot value D has the gradient of a carrier. Its rows differ in the carrier alone. The
// noise is held in all of them, and the cost must have a derivative in the one-hot value (discrete_estimators, sections
// 2-5 and 0.6).

import type { Node } from "../ir/node.ts";
import { div, logSoftmax, mul, scalar, select, softplus, stop, sub, sumAxis, through } from "../op/index.ts";
import type { Estimator, EstimatorOptions, Site } from "./estimator.ts";
import { axisOf, conditionalGumbels, listedOf, logExponential, share, softmax, winner, type Listed } from "./race.ts";
import { firstOf, unlessListed, unlessNumber, unlessSmooth, unlessTemperature } from "./refusals.ts";

/** A site with the draw that was made: the exponentials of the race, and its one-hot winner. */
export type Drawn = Listed & {
  readonly site: Site;
  readonly options: EstimatorOptions;
  readonly logE: Node;
  readonly hot: Node;
};

export type Carrier = (drawn: Drawn) => Node;

/** The draw, with the gradient of its carrier. */
export const placeThrough =
  (carrier: Carrier): Estimator["place"] =>
  (site, options) => {
    const listed = listedOf(site);
    const logE = logExponential(site, "race", listed.states.count);
    const hot = winner(listed.logits, logE);
    return { value: listed.states.fromHot(through(hot, carrier({ ...listed, site, options, logE, hot }))) };
  };

// ---------------------------------------------------------------------------------------- options

export const TEMPERATURE = { temperature: "of the softmax, above 0 (default 1)" };
export const DRAWS = { draws: "conditional Gumbel draws that are averaged (default 10)" };

export const numberOr = (options: EstimatorOptions, name: string, otherwise: number): Node =>
  scalar(typeof options[name] === "number" ? options[name] : otherwise);

export const temperatureOf = (options: EstimatorOptions): Node => numberOr(options, "temperature", 1);

const drawsOf = ({ draws }: EstimatorOptions): number => (typeof draws === "number" ? draws : 10);

export const unlessSmoothListed = firstOf(
  unlessListed,
  unlessSmooth,
  unlessTemperature,
  unlessNumber("draws", (m) => Number.isInteger(m) && m > 0, "a whole number above 0"),
);

// ---------------------------------------------------------------------------------------- parts of carriers

/** The value `at`, moved by the logits alone: its derivative in them is the identity. */
export const movedBy = ({ logits }: Listed, at: Node): Node => through(at, logits);

export const probabilities = ({ logits }: Listed): Node => softmax(logits);

/** log p_D: of the mean of softmax(logits / tau) and the drawn vertex, log((1 + p) / 2) at the drawn state and log(p /
 *  2) elsewhere, no probability formed (discrete_estimators, fact 0.3). */
export function towardsDrawn({ held, hot }: Drawn, tau: Node): Node {
  const log = logSoftmax(div(held, tau));
  return sub(select(hot, softplus(log), log), scalar(Math.LN2));
}

/** The mean of softmax(x / tau) over conditional Gumbels x around log probabilities t, given the drawn state. */
export function averagedOver(drawn: Drawn, t: Node): Node {
  const { site, options, hot, states } = drawn;
  const axis = axisOf("draws", site, drawsOf(options));
  const x = conditionalGumbels(stop(t), hot, logExponential(site, "conditional", states.count, [axis]));
  return mul(share(drawsOf(options)), sumAxis(softmax(div(movedBy(drawn, x), temperatureOf(options))), axis));
}

/** Twice a second-order part, less half the straight-through part: the trapezoid rule along the edges of the
 *  simplex. */
export const trapezoid = (second: Node, drawn: Drawn): Node =>
  sub(mul(scalar(2), second), mul(scalar(0.5), probabilities(drawn)));

/** 2 softmax(log p_D) - pi / 2. */
export const reinmaxCarrier = (drawn: Drawn, tau: Node): Node =>
  trapezoid(softmax(movedBy(drawn, towardsDrawn(drawn, tau))), drawn);
