// The exponential race that all estimators of listed values share: E_c ~ Exp(1), the winner argmin_c E_c exp(-theta_c)
// is Categorical(softmax theta); with G = -log E this is Gumbel-max (discrete_estimators, fact 0.3.4). Logits are log
// probabilities.

import { ice } from "../base/ice.ts";
import { largest } from "../dist/draw.ts";
import type { Axis, Node } from "../ir/node.ts";
import {
  constant,
  exp,
  log,
  logAddExp,
  logSoftmax,
  neg,
  pick,
  scalar,
  select,
  stop,
  sub,
  toAxis,
} from "../op/index.ts";
import type { Site, States } from "./estimator.ts";

/** A site whose values are listed, and its log probabilities, live and held: event [count]. */
export type Listed = { readonly states: States; readonly logits: Node; readonly held: Node };

export function listedOf(site: Site): Listed {
  if (site.states === null || site.guide.logits === null) return ice(`${site.name} has no list of values`);
  const logits = site.guide.logits();
  return { states: site.states, logits, held: stop(logits) };
}

/** log E of one exponential per state: event [count]. */
export const logExponential = (site: Site, tag: string, count: number, extra: readonly Axis[] = []): Node =>
  log(neg(log(site.noise("uniform", tag, [count], extra))));

/** The one-hot winner of the race: no gradient. */
export const winner = (logits: Node, logE: Node): Node => stop(largest(sub(stop(logits), logE)));

export const softmax = (x: Node): Node => exp(logSoftmax(x));

/** Gumbels around the log probabilities t, given that `hot` won: x_d = -log E_d, x_i = -log(E_i / e^t_i + E_d)
 *  (discrete_estimators, fact 0.3.5, with the t normalised). Live in t. */
export function conditionalGumbels(t: Node, hot: Node, logE: Node): Node {
  const first = pick(hot, logE);
  return select(hot, neg(first), neg(logAddExp(sub(logE, t), first)));
}

/** The mean over draws on an axis that says its own size. */
export const axisOf = (what: string, site: Site, size: number): Axis => `%${what} of ${site.name}#${size}`;

/** 1 / count. */
export const share = (count: number): Node => scalar(1 / count);

const identity = (n: number): readonly number[] => Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

/** All one-hot vectors of `count` states, along `axis`. */
export const everyState = (count: number, axis: Axis): Node =>
  toAxis(constant(identity(count), [count, count]), 0, axis);
