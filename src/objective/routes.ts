// How the members of a site's value reach a node: as themselves, through an index, or all together. Credit and
// enumeration depend on it (estimator_interface, section 4, rule 5).

import type { Axis, Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import { add, div, floor, gather, mod, mul, numberOf, scalar, toEvent } from "../op/index.ts";

export type Route =
  | { readonly kind: "same" }
  /** Through `gather` by this index, whose axes replace the plate; gathers in a row are one by the composed index. */
  | { readonly kind: "index"; readonly index: Node }
  /** Members meet: a sum, a fold or a shift over the plate, or several of them side by side in one event. */
  | { readonly kind: "all" };

/** An axis that was turned into event dim `dim` and not yet subscripted: the plate, or one on which the plate was read
 *  by `read`. */
type Pending = {
  readonly kind: "pending";
  readonly dim: number;
  readonly read: { readonly index: Node; readonly axis: Axis } | null;
  /** Where the dim was merged with its neighbours: the plate's member is the digit of this stride and size. */
  readonly digit: Digit | null;
};
type Digit = { readonly stride: number; readonly size: number };
type State = Route | Pending;

const SAME: Route = { kind: "same" };
const ALL: Route = { kind: "all" };

/** The distinct ways in which members of `value` along `plate` reach `node`; empty when `node` does not depend on it.
 *  */
export function routes(node: Node, value: Node, plate: Axis): readonly Route[] {
  const memo = new Map<Node, readonly State[]>([[value, [SAME]]]);
  const states = (n: Node): readonly State[] => {
    const known = memo.get(n);
    if (known !== undefined) return known;
    const found =
      n.id < value.id
        ? []
        : distinct(n.inputs.flatMap((input, i) => states(input).map((s) => advance(s, n, i, plate))));
    memo.set(n, found);
    return found;
  };
  return states(node).map((s) => (s.kind === "pending" ? ALL : s));
}

function key(s: State): string {
  switch (s.kind) {
    case "index":
      return `index ${s.index.id}`;
    case "pending":
      return `pending ${s.dim} ${s.read === null ? "" : `${s.read.index.id} ${s.read.axis}`} ${s.digit === null ? "" : `${s.digit.stride} ${s.digit.size}`}`;
    default:
      return s.kind;
  }
}

function distinct(states: readonly State[]): readonly State[] {
  return [...new Map(states.map((s) => [key(s), s])).values()];
}

/** The state after `n` read it through its input number `i`. */
function advance(state: State, n: Node, i: number, plate: Axis): State {
  switch (state.kind) {
    case "all":
      return state;
    case "same":
      if (runsOver(n, plate)) return ALL;
      return removes(n, plate) ? opened(n, null) : state;
    case "index": {
      const { index } = state;
      if (index.axes.some((a) => runsOver(n, a))) return ALL;
      const axis = index.axes.find((a) => removes(n, a));
      return axis === undefined ? state : opened(n, { index, axis });
    }
    case "pending":
      return advancePending(state, n, i);
  }
}

/** After the op that ends an axis: as an event dim it can still be subscripted, folded it is gone. */
const opened = (n: Node, read: Pending["read"]): State =>
  n.op.name === "toEvent" ? { kind: "pending", dim: n.attrs["dim"] as number, read, digit: null } : ALL;

/** Each member of the axis of a recursion reaches all later ones. */
const runsOver = (n: Node, axis: Axis): boolean => n.op.kind === "scan" && n.attrs["axis"] === axis;

/** Does `n` end an axis (other than by the objective's own sums, which are not in the term)? */
function removes(n: Node, axis: Axis): boolean {
  return n.inputs.some((input) => input.axes.includes(axis)) && !n.axes.includes(axis);
}

function advancePending(state: Pending, n: Node, i: number): State {
  const dim = n.attrs["dim"] as number;
  if (n.op.kind === "map" || n.op.kind === "control") return state;
  if (n.op.name === "toEvent") return { ...state, dim: state.dim + (dim <= state.dim ? 1 : 0) };
  if (n.op.name === "transpose") return { ...state, dim: (n.attrs["perm"] as readonly number[]).indexOf(state.dim) };
  if (n.op.name === "reshape") return merged(state, (n.inputs[0] as Node).shape, n.shape);
  if (n.op.name === "gather" && i === 0) {
    const index = n.inputs[1] as Node;
    if (dim !== state.dim) return { ...state, dim: index.shape.length + state.dim - (dim < state.dim ? 1 : 0) };
    const member = state.digit === null ? index : digitOf(index, state.digit);
    return index.shape.length > 0
      ? ALL
      : {
          kind: "index",
          index: compose(state, state.digit?.size ?? ((n.inputs[0] as Node).shape[dim] as number), member),
        };
  }
  return ALL;
}

/** The dim after a reshape that puts it, with its neighbours, into one dim. */
function merged(state: Pending, from: readonly number[], to: readonly number[]): State {
  if (state.digit !== null) return ALL;
  for (let dim = 0; dim < to.length; dim++) {
    for (let first = 0; first <= state.dim; first++) {
      for (let last = state.dim; last < from.length; last++) {
        const fits =
          sizeOf(from.slice(0, first)) === sizeOf(to.slice(0, dim)) && sizeOf(from.slice(first, last + 1)) === to[dim];
        if (!fits) continue;
        if (first === last) return { ...state, dim };
        return {
          ...state,
          dim,
          digit: { stride: sizeOf(from.slice(state.dim + 1, last + 1)), size: from[state.dim] as number },
        };
      }
    }
  }
  return ALL;
}

/** The digit of a number that was made of several, a B + b: one of these where that can be seen, so that two reads by
 *  it are one route. */
function digitOf(index: Node, { stride, size }: Digit): Node {
  const [left, right] = index.op === add.op ? (index.inputs as [Node, Node]) : [null, null];
  const base = left?.op === mul.op ? numberOf(left.inputs[1] as Node) : null;
  if (right !== null && base !== null && stride === 1 && base === size) return right;
  if (left !== null && base !== null && stride % base === 0)
    return digitOf(left.inputs[0] as Node, { stride: stride / base, size });
  return stride === 1 && index.op !== add.op ? index : mod(floor(div(index, scalar(stride))), scalar(size));
}

/** Members read by `read.index` on `read.axis`, of which `next` takes some. */
const compose = ({ read }: Pending, size: number, next: Node): Node =>
  read === null ? next : gather(toEvent(read.index, read.axis, 0, size), 0, next);
