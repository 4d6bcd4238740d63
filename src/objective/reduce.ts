// Terms to numbers: averages over enumerated values, then sums over plates. The only place that sums a plate or scales
// for a minibatch.

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

/** E over the enumerated sites but those whose axis is in `keep`: last first, since the probabilities of a later site
 *  may depend on an earlier  one. `reader`: the node whose way of reading members `node` shares, where that is not
 *  plain from `node` itself. */
export function average(node: Node, r: Reduction, keep: readonly Axis[] = [], reader: Node = node): Node {
  return r.sites.reduceRight(
    ({ reduced, reads }, { site, placed, value }) => {
      const weight = placed.weight;
      if (weight === undefined || !reduced.axes.includes(weight.axis) || keep.includes(weight.axis))
        return { reduced, reads };
      const prob = site.plates.reduce((p, plate) => alignTo(p, reads, value, plate, r), weight.prob);
      const over = (x: Node): Node => sumAxis(mul(x, prob), weight.axis);
      return { reduced: over(reduced), reads: over(reads) };
    },
    { reduced: node, reads: reader },
  ).reduced;
}

/** The axes of enumerated sites on which a draw depends: its own, and those on which the probabilities of these depend.
 *  */
export function statesBehind(value: Node, r: Reduction): readonly Axis[] {
  return r.sites.reduceRight<readonly Axis[]>(
    (axes, { placed: { weight } }) =>
      weight !== undefined && axes.includes(weight.axis) ? [...axes, ...weight.prob.axes] : axes,
    value.axes,
  );
}

/** The probabilities of the members that `node` reads: themselves, or through the one index by which it reads them. */
function alignTo(prob: Node, node: Node, value: Node, plate: Axis, r: Reduction): Node {
  const [route, ...others] = routes(node, value, plate);
  if (route === undefined || (route.kind === "same" && others.length === 0)) return prob;
  if (route.kind !== "index" || others.length > 0) return ice(`members of plate ${plate} meet under enumeration`);
  return gather(toEvent(prob, plate, 0, r.size(plate)), 0, route.index);
}

/** Sums the plates that are not kept, each times members / batch members. */
export function sumPlates(
  node: Node,
  plates: readonly Axis[],
  keep: readonly Axis[],
  r: Pick<Reduction, "scale">,
): Node {
  return plates
    .filter((plate) => !keep.includes(plate))
    .reduce((sum, plate) => mul(scalar(r.scale(plate)), sumAxis(sum, plate)), node);
}
