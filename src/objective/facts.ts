// What estimators ask before they admit a site, read off the base graph: where members meet, what lies below, which
// terms have no derivative.

import type { Below, Facts } from "../estimator/estimator.ts";
import type { Axis, Node } from "../ir/node.ts";
import { topological } from "../ir/walk.ts";
import { throughOp } from "../op/control.ts";
import { isPlate, mod, numberOf, select } from "../op/index.ts";
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

/** Facts of one site after the other, over a graph that is walked once. */
export function factsIn(
  sites: readonly PlacedSite[],
  terms: readonly Term[],
): (target: PlacedSite, known: Known) => Facts {
  const values = new Set(sites.map(({ value }) => value));
  const orders = new Map(terms.map((term) => [term, topological([term.node])]));
  const readersOf = readers(orders, values);
  const belowOf = readers(new Map(sites.map((site) => [site, topological([site.value])])), values);
  const deaf = deafInputs();
  return (target, { chosen, ...run }) => {
    const { site, value } = target;
    const dependent = readersOf.get(value) ?? [];
    return {
      ...run,
      below: (belowOf.get(value) ?? [])
        .filter((other) => other !== target)
        .map(({ site: { name, path } }): Below => ({
          name,
          discrete: path === null,
          estimator: chosen.get(name) ?? "score",
        })),
      meeting: meetingTerms(dependent, value, site.plates),
      rough: dependent.filter((term) => isRough(orders.get(term) ?? [], value, values, deaf)).map((term) => term.name),
    };
  };
}

/** Of each value what depends on it, from the nodes below each. */
function readers<T>(
  orders: ReadonlyMap<T, readonly Node[]>,
  values: ReadonlySet<Node>,
): ReadonlyMap<Node, readonly T[]> {
  const found = new Map<Node, T[]>([...values].map((value) => [value, []]));
  for (const [reader, order] of orders) for (const node of order) found.get(node)?.push(reader);
  return found;
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

/** Does `value` reach the last node of `order` through an input to which reverse mode passes nothing? Paths through the
 *  values of other sites do not count: those are the business of the other sites' estimators. */
function isRough(
  order: readonly Node[],
  value: Node,
  values: ReadonlySet<Node>,
  deaf: (node: Node) => readonly boolean[],
): boolean {
  const reached = new Set<Node>([value]);
  const rough = new Set<Node>();
  for (const n of order) {
    if (values.has(n)) continue;
    const from = n.inputs.flatMap((input, i) => (reached.has(input) ? [i] : []));
    if (from.length === 0) continue;
    reached.add(n);
    const counted = from.filter((i) => !isSupportTest(n, i));
    if (counted.some((i) => rough.has(n.inputs[i] as Node)) || losesGradient(n, counted, deaf)) rough.add(n);
  }
  return rough.has(order[order.length - 1] as Node);
}

/** Inputs by which the node depends on the value, none of which reverse mode reaches. */
function losesGradient(node: Node, inputs: readonly number[], deaf: (node: Node) => readonly boolean[]): boolean {
  if (node.op === throughOp && node.inputs.length === 2) return inputs.length > 0 && !inputs.includes(1);
  return inputs.some((i) => deaf(node)[i]);
}

/** Which inputs of a node get nothing from reverse mode, remembered. A remainder has a slope, which misses its
 *  jumps. */
function deafInputs(): (node: Node) => readonly boolean[] {
  const known = new Map<Node, readonly boolean[]>();
  return (node) => {
    const before = known.get(node);
    if (before !== undefined) return before;
    const { op, inputs } = node;
    const parts = op.grad === null || op === mod.op ? [] : op.grad(node, node, grad);
    const deaf = inputs.map((_, i) => parts[i] == null);
    known.set(node, deaf);
    return deaf;
  };
}

/** The condition of `select(inside, log density, -inf)`: within the support the density does not depend on it. */
const isSupportTest = ({ op, inputs }: Node, input: number): boolean =>
  op === select.op && input === 0 && inputs.slice(1).some((branch) => numberOf(branch) === -Infinity);
