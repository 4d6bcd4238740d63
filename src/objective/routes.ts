// How the members of a site's value reach a node: as themselves, through an index, or all together. Credit and enumeration depend on it
// (estimator_interface, section 4, rule 5).

import type { Axis, Node } from "../ir/node.ts";

export type Route =
  | { readonly kind: "same" }
  /** Through `gather` by this index, whose axes replace the plate. */
  | { readonly kind: "index"; readonly index: Node }
  /** Members meet: a sum, a fold or a shift over the plate. */
  | { readonly kind: "all" };

/** A plate that was turned into event dim `dim` and not yet subscripted. */
type Pending = { readonly kind: "pending"; readonly dim: number };
type State = Route | Pending;

const SAME: Route = { kind: "same" };
const ALL: Route = { kind: "all" };

/** The distinct ways in which members of `value` along `plate` reach `node`; empty when `node` does not depend on it. */
export function routes(node: Node, value: Node, plate: Axis): readonly Route[] {
  const memo = new Map<Node, readonly State[]>([[value, [SAME]]]);
  const states = (n: Node): readonly State[] => {
    const known = memo.get(n);
    if (known !== undefined) return known;
    const found = n.id < value.id ? [] : distinct(n.inputs.flatMap((input, i) => states(input).map((s) => advance(s, n, i, plate))));
    memo.set(n, found);
    return found;
  };
  return states(node).map((s) => (s.kind === "pending" ? ALL : s));
}

const key = (s: State): string =>
  s.kind === "index" ? `index ${s.index.id}` : s.kind === "pending" ? `pending ${s.dim}` : s.kind;

function distinct(states: readonly State[]): readonly State[] {
  return [...new Map(states.map((s) => [key(s), s])).values()];
}

/** The state after `n` read it through its input number `i`. */
function advance(state: State, n: Node, i: number, plate: Axis): State {
  switch (state.kind) {
    case "all": return state;
    case "same": return removes(n, plate) ? (n.op.name === "toEvent" ? { kind: "pending", dim: n.attrs["dim"] as number } : ALL) : state;
    case "index": return state.index.axes.some((axis) => removes(n, axis)) ? ALL : state;
    case "pending": return advancePending(state, n, i);
  }
}

/** Does `n` end an axis (other than by the objective's own sums, which are not in the term)? */
function removes(n: Node, axis: Axis): boolean {
  return n.inputs.some((input) => input.axes.includes(axis)) && !n.axes.includes(axis);
}

function advancePending(state: Pending, n: Node, i: number): State {
  const dim = n.attrs["dim"] as number;
  if (n.op.name === "mark" || n.op.name === "through") return state;
  if (n.op.name === "toEvent") return { kind: "pending", dim: state.dim + (dim <= state.dim ? 1 : 0) };
  if (n.op.name === "transpose") return { kind: "pending", dim: (n.attrs["perm"] as readonly number[]).indexOf(state.dim) };
  if (n.op.name === "gather" && i === 0) {
    const index = n.inputs[1] as Node;
    if (dim === state.dim) return { kind: "index", index };
    return { kind: "pending", dim: index.shape.length + state.dim - (dim < state.dim ? 1 : 0) };
  }
  return ALL;
}
