// The cost that a site's draw is credited with: the terms downstream of it, kept apart by the site's own members.

import { add, addAll, axisSize, div, mul, scalar, scatter, stop, sub, sumAxis, toAxis } from "../op/index.ts";
import type { Axis, Node } from "../ir/node.ts";
import { dependsOn } from "../ir/walk.ts";
import { substitute } from "../pass/substitute.ts";
import type { Cost } from "../estimator/estimator.ts";
import { average, statesBehind, sumPlates, type Reduction } from "./reduce.ts";
import { routes } from "./routes.ts";
import { PARTICLE, type PlacedSite, type Term } from "./term.ts";

/** f of one site: averaged first, then tested for dependence, since two enumerated sites may leave no trace of each
 *  other. A draw that  differs between the states of a site above keeps that site's axis: each state has its own draw
 *  to credit. */
function here(target: PlacedSite, terms: readonly Term[], r: Reduction): Node {
  const kept = statesBehind(target.value, r);
  const credits = terms
    .map((term) => ({ term, node: average(term.node, r, kept) }))
    .filter(({ node }) => dependsOn(node, target.value))
    .map(({ term, node }) => onMembers(node, term.plates, { plates: target.site.plates, value: target.value }, r));
  return credits.length === 0 ? scalar(0) : addAll(credits);
}

/** One term on the site's plates: as it is where members stay themselves, a segment sum where one index leads to them,
 *  else its total. */
export function onMembers(
  node: Node,
  plates: readonly Axis[],
  site: { readonly plates: readonly Axis[]; readonly value: Node },
  r: Pick<Reduction, "size" | "scale">,
): Node {
  let credit = node;
  let open = plates;
  for (const plate of site.plates) {
    const [route, ...others] = routes(credit, site.value, plate);
    if (route?.kind === "same" && others.length === 0 && open.includes(plate)) continue;
    if (route?.kind === "index" && others.length === 0) {
      const axes = route.index.axes.filter(
        (axis) => open.includes(axis) && (axis === plate || !site.plates.includes(axis)),
      );
      const scale = axes.reduce((s, axis) => s * r.scale(axis), 1) / r.scale(plate);
      credit = mul(scalar(scale), toAxis(scatter(credit, route.index, r.size(plate), axes), 0, plate));
      open = [...open.filter((axis) => !axes.includes(axis)), plate];
      continue;
    }
    credit = sumPlates(
      credit,
      open.filter((axis) => axis === plate),
      [],
      r,
    );
    open = open.filter((axis) => axis !== plate);
  }
  return sumPlates(credit, open, site.plates, r);
}

/** The same terms, averaged over all states and summed over all plates: members of an enumerated site above are
 *  averaged each with their own probabilities, which is no longer possible once the plates are summed. */
function wholeOf(target: PlacedSite, terms: readonly Term[], r: Reduction): Node {
  const averaged = terms
    .map(({ node, plates }) => ({ node: average(node, r), plates }))
    .filter(({ node }) => dependsOn(node, target.value));
  return addAll(averaged.map(({ node, plates }) => sumPlates(node, plates, [], r)));
}

/** Another value for a site's draw: parameters and what does not depend on the draw are stopped. */
export function replacing(
  target: PlacedSite,
  value: Node,
  leaves: readonly Node[],
  sites: readonly PlacedSite[],
): ReadonlyMap<Node, Node> {
  const upstream = sites.filter((s) => !dependsOn(s.value, target.value)).map((s) => s.value);
  return new Map([...[...leaves, ...upstream].map((n) => [n, stop(n)] as const), [target.value, value] as const]);
}

/** What the ELBO hands to a surrogate: see `Cost`. `leaves`: every parameter, stopped in `at`. */
export function costOf(target: PlacedSite, terms: readonly Term[], leaves: readonly Node[], r: Reduction): Cost {
  const base = here(target, terms, r);
  const at = (node: Node, value: Node): Node => substitute(node, replacing(target, value, leaves, r.sites));
  return {
    here: base,
    at: (value) => at(base, value),
    whole: (value) => at(wholeOf(target, terms, r), value),
    baseline: () => div(sub(sumAxis(base, PARTICLE), base), add(axisSize(PARTICLE), scalar(-1))),
  };
}
