// Terms to numbers: averages over enumerated values, then sums over plates. The only place that sums a plate or scales for a minibatch.

import { gather, mul, scalar, sumAxis, toEvent } from "../op/index.ts";
import type { Axis, Node } from "../ir/node.ts";
import { ice } from "../base/ice.ts";
import { routes } from "./routes.ts";
import type { PlacedSite, Scale } from "./term.ts";

export type Reduction = {
  readonly sites: readonly PlacedSite[];
  readonly scale: Scale;
  /** Full size of a plate. */
  readonly size: (plate: Axis) => number;
};

/** E over the enumerated sites: last first, since the probabilities of a later site may depend on an earlier one. */
export function average(node: Node, r: Reduction): Node {
  return r.sites.reduceRight((reduced, { site, placed, value }) => {
    const weight = placed.weight;
    if (weight === undefined || !reduced.axes.includes(weight.axis)) return reduced;
    const prob = site.plates.reduce((p, plate) => alignTo(p, reduced, value, plate, r), weight.prob);
    return sumAxis(mul(reduced, prob), weight.axis);
  }, node);
}

/** The probabilities of the members that `node` reads: themselves, or through the one index by which it reads them. */
function alignTo(prob: Node, node: Node, value: Node, plate: Axis, r: Reduction): Node {
  const [route, ...others] = routes(node, value, plate);
  if (route === undefined || (route.kind === "same" && others.length === 0)) return prob;
  if (route.kind !== "index" || others.length > 0) return ice(`members of plate ${plate} meet under enumeration`);
  return gather(toEvent(prob, plate, 0, r.size(plate)), 0, route.index);
}

/** Sums the plates that are not kept, each times members / batch members. */
export function sumPlates(node: Node, plates: readonly Axis[], keep: readonly Axis[], r: Reduction): Node {
  return plates
    .filter((plate) => !keep.includes(plate))
    .reduce((sum, plate) => mul(scalar(r.scale(plate)), sumAxis(sum, plate)), node);
}
