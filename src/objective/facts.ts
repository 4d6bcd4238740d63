// What estimators ask before they admit a site, read off the base graph: where members meet, what lies below, which terms have no derivative.

import type { Below, Facts } from "../estimator/estimator.ts";
import type { Axis, Node } from "../ir/node.ts";
import { dependsOn, topological } from "../ir/walk.ts";
import { throughOp } from "../op/control.ts";
import { isPlate, numberOf, select } from "../op/index.ts";
import { grad } from "../pass/grad.ts";
import { routes } from "./routes.ts";
import type { PlacedSite, Term } from "./term.ts";

/** `chosen`: estimators of the sites defined after this one, which are chosen first. */
export type Known = {
  readonly objective: string;
  readonly linear: boolean;
  readonly particles: number;
  readonly chosen: ReadonlyMap<string, string>;
};

export function factsOf(target: PlacedSite, sites: readonly PlacedSite[], terms: readonly Term[], known: Known): Facts {
  const { site, value } = target;
  const { chosen, ...run } = known;
  const dependent = terms.filter((term) => dependsOn(term.node, value));
  const others = sites.filter((other) => other !== target);
  return {
    ...run,
    terms: dependent.map((term) => term.name),
    below: others
      .filter((other) => dependsOn(other.value, value))
      .map(({ site: { name, path } }): Below => ({ name, discrete: path === null, estimator: chosen.get(name) ?? "score" })),
    meeting: meetingTerms(dependent, value, site.plates),
    rough: dependent.filter((term) => isRough(term.node, value, new Set(others.map((o) => o.value)))).map((term) => term.name),
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

/** Does `value` reach `node` through an input to which reverse mode passes nothing? Paths through the values of other sites do not count:
 *  those are the business of the other sites' estimators. */
function isRough(node: Node, value: Node, others: ReadonlySet<Node>): boolean {
  const reached = new Set<Node>([value]);
  const rough = new Set<Node>();
  for (const n of topological([node])) {
    if (n === value || others.has(n)) continue;
    const counted = n.inputs.flatMap((input, i) => (reached.has(input) && !isSupportTest(n, i) ? [i] : []));
    if (n.inputs.some((input) => reached.has(input))) reached.add(n);
    if (counted.some((i) => rough.has(n.inputs[i] as Node)) || losesGradient(n, counted)) rough.add(n);
  }
  return rough.has(node);
}

/** Inputs by which the node depends on the value, none of which reverse mode reaches. */
function losesGradient(node: Node, inputs: readonly number[]): boolean {
  const { op } = node;
  if (inputs.length === 0) return false;
  if (op.grad === null) return true;
  if (op === throughOp && node.inputs.length === 2) return !inputs.includes(1);
  const parts = op.grad(node, node, grad);
  return inputs.some((i) => parts[i] == null);
}

/** The condition of `select(inside, log density, -inf)`: within the support the density does not depend on it. */
const isSupportTest = ({ op, inputs }: Node, input: number): boolean =>
  op === select.op && input === 0 && inputs.slice(1).some((branch) => numberOf(branch) === -Infinity);
