// What `Truncated` and `Censored` share: their arguments, and the probability between two bounds.

import type { Node } from "../../ir/node.ts";
import { add, ceil, floor, lessEqual, log1mExp, maximum, minimum, scalar, select, sub } from "../../op/index.ts";
import type { Component } from "../combinator.ts";
import { distributionParam } from "../combinator.ts";
import type { Form, Params } from "../dist.ts";
import type { Instance } from "../instance.ts";
import { realParam } from "../parameter.ts";
import { tailsAt } from "../quantile.ts";
import { isLine } from "../sets.ts";

const inner = distributionParam("distribution", "of one number");
const lower = realParam("lower", "least value");
const upper = realParam("upper", "largest value");

export const boundedForms: readonly [Form, ...Form[]] = [
  { params: [inner, { ...lower, named: true }, { ...upper, named: true }] },
  { params: [inner, { ...lower, named: true }] },
  { params: [inner, { ...upper, named: true }] },
];

/** The bounds that the form has. */
export const boundsIn = (p: Params): readonly [lower: Node | null, upper: Node | null] => [
  p["lower"] ?? null,
  p["upper"] ?? null,
];

/** Why a component has no bounds: its values are no numbers in an order, or their tail probabilities are not known. */
export function unbounded({ dist }: Component): string | null {
  if (dist.rank > 0 || !(isLine(dist.supportKind) || dist.supportKind === "circle") || dist.atoms === true)
    return "needs a distribution of one number, without point masses";
  if (dist.improper === true)
    return `needs a distribution with draws: ${dist.name}(lower = …, upper = …) has bounds of its own`;
  return dist.logCdf === undefined || dist.logCcdf === undefined
    ? `needs tail probabilities, and ${dist.name} has none`
    : null;
}

/** The point up to which probability lies before a lower bound, and that up to which it lies before an upper one,
 *  bounds included. */
export const beforeLower = ({ dist }: Instance, lower: Node): Node =>
  dist.discrete ? sub(ceil(lower), scalar(1)) : lower;
export const upToUpper = ({ dist }: Instance, upper: Node): Node => (dist.discrete ? floor(upper) : upper);

/** log P(lower <= X <= upper), bounds included; `null`: no bound. Between two bounds the difference is taken of the
 *  tail probabilities on the side on which they are smaller, so that it loses no digits in either tail. */
export function logMass(d: Instance, lower: Node | null, upper: Node | null): Node {
  const [before, upTo] = [lower && beforeLower(d, lower), upper && upToUpper(d, upper)];
  if (before === null) return upTo === null ? scalar(0) : tailsAt(d, upTo).below;
  if (upTo === null) return tailsAt(d, before).above;
  const [start, end] = [tailsAt(d, before), tailsAt(d, upTo)];
  const onLeft = lessEqual(end.below, start.above);
  const larger = select(onLeft, end.below, start.above);
  return add(larger, log1mExp(sub(select(onLeft, start.below, end.above), larger)));
}

/** x, or the bound that it lies beyond. */
export function clamp(x: Node, lower: Node | null, upper: Node | null): Node {
  const atLeast = lower === null ? x : maximum(x, lower);
  return upper === null ? atLeast : minimum(atLeast, upper);
}
