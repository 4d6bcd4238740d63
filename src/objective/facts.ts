// What estimators ask before they admit a site, read off the base graph: where members meet, what lies below.

import type { Facts } from "../estimator/estimator.ts";
import type { Axis, Node } from "../ir/node.ts";
import { dependsOn } from "../ir/walk.ts";
import { isPlate } from "../op/index.ts";
import { routes } from "./routes.ts";
import type { PlacedSite, Term } from "./term.ts";

export function factsOf({ site, value }: PlacedSite, terms: readonly Term[], particles: number): Facts {
  const dependent = terms.filter((term) => dependsOn(term.node, value));
  return {
    particles,
    terms: dependent.map((term) => term.name),
    below: [
      ...new Set(
        dependent
          .filter((t) => t.kind === "prior" || t.kind === "guide")
          .map((t) => t.name.replace(/^the (prior|guide) of /, "")),
      ),
    ].filter((name) => name !== site.name),
    meeting: meetingTerms(dependent, value, site.plates),
  };
}

/** Names of the terms in which members of one of the plates meet. */
export const meetingTerms = (terms: readonly Term[], value: Node, plates: readonly Axis[]): readonly string[] =>
  terms.filter((term) => plates.some((plate) => membersMeet(term.node, value, plate))).map((term) => term.name);

/** Members meet where they are not read one by one: summed, shifted, through two indices, or through one that is itself
 *  drawn. */
function membersMeet(node: Node, value: Node, plate: string): boolean {
  const found = routes(node, value, plate);
  return (
    found.length > 1 ||
    found.some((route) => route.kind === "all" || (route.kind === "index" && !route.index.axes.every(isPlate)))
  );
}
