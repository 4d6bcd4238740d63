// What the build stage hands to an objective: log density terms with their plates, and the placed sites.

import type { Axis, Node } from "../ir/node.ts";
import type { Placed, Site } from "../estimator/estimator.ts";
import type { Span } from "../base/span.ts";

export { PARTICLE } from "../estimator/estimator.ts";
/** The particles once more, where each is compared with the others. */
export const OTHER_PARTICLE: Axis = "%other#particle";

/** One additive piece of log p - log q; `node` has a scalar event and possibly lacks axes along which it is
 *  constant. */
export type Term = {
  /** For people: "the likelihood of y". */
  readonly name: string;
  /** The latent site whose prior, Jacobian or guide it is. */
  readonly site?: string;
  readonly kind: "prior" | "likelihood" | "factor" | "guide" | "jacobian";
  readonly node: Node;
  /** The plates over which the term is summed. */
  readonly plates: readonly Axis[];
  readonly span: Span;
};

/** A latent site after its estimator placed it. `value` is marked: the anchor by which dependence is traced. */
export type PlacedSite = { readonly site: Site; readonly placed: Placed; readonly value: Node };

/** members / batch members of a plate: 1 without a batch. */
export type Scale = (plate: Axis) => number;
