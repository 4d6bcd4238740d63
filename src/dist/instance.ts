// A distribution at arguments: the row, the form in which they were written, and what the row says about them.

import { ice } from "../base/ice.ts";
import type { Node } from "../ir/node.ts";
import {
  add,
  and,
  cumsum,
  equal,
  gather,
  less,
  lessEqual,
  log1mExp,
  lse,
  maximum,
  minimum,
  mul,
  not,
  or,
  scalar,
  select,
  sub,
} from "../op/index.ts";
import type { Dist, Form, Params, Support } from "./dist.ts";
import { inside } from "./support.ts";

/** Parameters are as written, in the names of the form. */
export type Instance = { readonly dist: Dist; readonly form: Form; readonly params: Params };

/** `form`: position in the row's forms; `params` must hold exactly the form's names. */
export function instance(dist: Dist, form: number, params: Params): Instance {
  const chosen = dist.forms[form] ?? ice(`${dist.name} has no form ${form}`);
  const missing = chosen.params.find((p) => !(p.name in params));
  return missing === undefined ? { dist, form: chosen, params } : ice(`${dist.name} lacks ${missing.name}`);
}

/** The same form at other parameters. */
export const withParams = (d: Instance, params: Params): Instance => ({ ...d, params });

/** Parameters of the first form. */
export const canonical = (d: Instance): Params => d.form.canonical?.(d.params) ?? d.params;

export const supportOf = (d: Instance): Support => d.dist.support(canonical(d));

/** log density, -inf outside the support: elementwise for scalar distributions, a vector one consumes its last dim.
 *  The result lacks the event dims along which it is constant. A value of a Categorical is one-hot. */
export function logProb(d: Instance, x: Node): Node {
  const isInside = inside(supportOf(d), x);
  const density = logProbInside(d, x);
  const possible = d.dist.discrete ? isPossible(density) : null;
  const holds = isInside === null || possible === null ? (isInside ?? possible) : and(isInside, possible);
  return holds === null ? density : select(holds, density, scalar(-Infinity));
}

/** log probability of the value number `index` (counted from 0, scalar event) of a finite distribution: one entry is
 *  read, where a one-hot vector would touch all of them. */
export function logProbOfMember(d: Instance, index: Node): Node {
  const all = logitsOf(d);
  const count = all.shape[0]!;
  const density = gather(all, 0, minimum(maximum(index, scalar(0)), scalar(count - 1)));
  return select(and(isMember(index, count), isPossible(density)), density, scalar(-Infinity));
}

/** Is a number that of one of so many members, counted from 0? */
export const isMember = (index: Node, count: number): Node =>
  and(lessEqual(scalar(0), index), less(index, scalar(count)));

/** Where a probability is 0 the slope of its logarithm is infinite: chosen away, it cannot spoil a sum over states (0 ·
 *  inf). */
const isPossible = (density: Node): Node => not(equal(density, scalar(-Infinity)));

/** log density at a value that lies in the support by construction. */
export const logProbInside = (d: Instance, x: Node): Node =>
  d.form.logProb === undefined ? d.dist.logProb(x, canonical(d)) : d.form.logProb(x, d.params);

/** Normalised log probabilities of the values of a finite distribution, on a trailing event dim. */
export function logitsOf(d: Instance): Node {
  const { draw } = d.dist;
  if (draw.kind !== "finite") return ice(`the values of ${d.dist.name} cannot be listed`);
  return d.form.logits === undefined ? draw.logits(canonical(d)) : d.form.logits(d.params);
}

/** Mean and variance of a draw, where the row states them; NaN where they do not exist. */
export const meanOf = (d: Instance): Node | null => d.dist.mean?.(canonical(d)) ?? null;
export const varianceOf = (d: Instance): Node | null => d.dist.variance?.(canonical(d)) ?? null;

/** Does the row state tail probabilities, or list its values in an order? */
export const hasTails = ({ logCdf, logCcdf, ...row }: Dist): boolean =>
  (logCdf !== undefined && logCcdf !== undefined) || isListed(row);
const isListed = ({ supportKind, draw }: Pick<Dist, "supportKind" | "draw">): boolean =>
  supportKind === "category" && draw.kind === "finite";

/** log P(X <= x), also outside the support; `null` where the row has none. A value of a Categorical is one-hot. */
export function logCdf(d: Instance, x: Node): Node | null {
  if (isListed(d.dist)) return listedTail(d, upTo(x));
  return d.dist.logCdf === undefined ? null : clamped(d, x, d.dist.logCdf, { before: -Infinity, after: 0 });
}

/** log P(X > x), also outside the support; `null` where the row has none. */
export function logCcdf(d: Instance, x: Node): Node | null {
  if (isListed(d.dist)) return listedTail(d, not(upTo(x)));
  return d.dist.logCcdf === undefined ? null : clamped(d, x, d.dist.logCcdf, { before: 0, after: -Infinity });
}

/** 1 for a one-hot vector's member and all before it. */
const upTo = (hot: Node): Node => cumsum(hot, hot.shape.length - 1, true);

/** log of the sum of the probabilities that are counted, or of what the others leave of one where they sum to less. */
function listedTail(d: Instance, counted: Node): Node {
  const none = scalar(-Infinity);
  const logits = logitsOf(d);
  const total = (which: Node): Node => lse(select(which, logits, none), [which.shape.length - 1]);
  const [own, others] = [total(counted), total(not(counted))];
  const isMost = less(others, own);
  return select(isMost, log1mExp(select(isMost, minimum(others, scalar(0)), scalar(-1))), own);
}

type Ends = { readonly before: number; readonly after: number };

/** A log tail probability, constant before and after the support and at infinity: there the row is asked at a point
 *  inside, so that no NaN reaches the gradient. */
function clamped(d: Instance, x: Node, rule: (x: Node, p: Params) => Node, ends: Ends): Node {
  const support = supportOf(d);
  const [lower, upper] = boundsOf(support);
  const hasMass = d.dist.discrete || d.dist.atoms === true || support.kind === "point"; // the lower end itself
  const isBefore = (hasMass ? less : lessEqual)(x, lower ?? scalar(-Infinity));
  const isAfter = lessEqual(upper ?? scalar(Infinity), x);
  const tail = rule(select(or(isBefore, isAfter), interior(support), x), canonical(d));
  return select(isBefore, scalar(ends.before), select(isAfter, scalar(ends.after), tail));
}

/** A number inside a scalar support. */
export function interior(support: Support): Node {
  const [lower, upper] = boundsOf(support);
  if (support.kind === "count" || support.kind === "boolean") return lower ?? scalar(0);
  if (lower !== null && upper !== null) return mul(scalar(0.5), add(lower, upper));
  if (lower !== null) return add(lower, scalar(1));
  return upper === null ? scalar(0) : sub(upper, scalar(1));
}

/** Ends of a scalar support; `null`: none. */
export function boundsOf(support: Support): readonly [lower: Node | null, upper: Node | null] {
  switch (support.kind) {
    case "positive":
    case "nonnegative":
      return [scalar(0), null];
    case "interval":
      return [support.lower, support.upper];
    case "circle":
      return [scalar(-Math.PI), scalar(Math.PI)];
    case "lower":
      return [support.lower, null];
    case "upper":
      return [null, support.upper];
    case "point":
      return [support.at, support.at];
    case "boolean":
      return [scalar(0), scalar(1)];
    case "count":
      return [support.lower ?? scalar(0), support.upper];
    default:
      return [null, null];
  }
}
