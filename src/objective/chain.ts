// The forward algorithm on numbers of extended range (op/scaled.ts): the messages alpha_t(c) = log sum_b exp(alpha_{t-1}(b) + before_t(b, c)) + rest_t(c) as
// mantissas and exponents, so that no step has an exponential or a logarithm. Each state has an exponent of its own: none is lost beside another.

import type { Axis, Node } from "../ir/node.ts";
import { rewrite, topological } from "../ir/walk.ts";
import {
  add,
  carryBefore,
  concat,
  equal,
  expExponent,
  expMantissa,
  farExponent,
  followed,
  gather,
  grown,
  isFirst,
  log,
  lseAxis,
  max,
  maxAxis,
  mul,
  nearOne,
  not,
  numberOf,
  repeatTo,
  reshape,
  scalar,
  scan,
  select,
  slice,
  stop,
  sub,
  sum,
  sumAxis,
  timesPowerOf2,
  toAxis,
  toEvent,
} from "../op/index.ts";

/** A site of a scan that reads its own state one step before, `before`, which runs over `axis`. `first`: log weights of the state before the
 *  first step; any one state where that is not read. */
export type Chain = {
  readonly axis: Axis;
  readonly along: Axis;
  readonly size: number;
  readonly direction: "forward" | "backward";
  readonly before: Node;
  readonly first: Node;
};

/** Log densities of a step: what reads the state before, and the rest. `here`: the axis of the state. */
export type Step = { readonly before: Node; readonly rest: Node; readonly here: Axis; readonly count: number };

/** exp(alpha) = mantissa 2^exponent: a vector over the states for each step. The exponents are constants to a gradient. */
export type Messages = { readonly mantissa: Node; readonly exponent: Node };

/** x = log(mantissa) + exponent log 2, without a gradient. */
const parted = (x: Node): Messages => ({ mantissa: expMantissa(stop(x)), exponent: expExponent(stop(x)) });

/** A step in logarithms: `begin` is all but `rest` of the first step; null where that is as the others are. */
type Parts = { readonly begin: Node | null; readonly before: Node; readonly rest: Node };

export function forwardMessages({ before, rest, here, count }: Step, chain: Chain): Messages {
  const { always, atFirst } = partsOfFirst(before, chain);
  const parts: Parts = { begin: atFirst && firstMessage(atFirst, chain), before: always, rest };
  const onStates = (x: Node): Node => toEvent(x, here, 0, count);
  const known = messageValues(parts, chain, onStates);
  return { mantissa: mantissaOf(known, parts, { ...chain, here }, onStates), exponent: known.exponent };
}

/** The messages without their gradient. The largest term of each state has its exponent; those of the sums are taken out where they are far from 1. */
function messageValues(
  { begin, before, rest }: Parts,
  { axis, along, size, direction, first }: Chain,
  onStates: (x: Node) => Node,
): Messages {
  const [begun, moved, others, start] = [begin ?? before, before, rest, first].map(parted) as [
    Messages,
    Messages,
    Messages,
    Messages,
  ];
  const unlessFirst = (x: Node, own: Node): Node =>
    begin === null ? own : select(isFirst(along, size, direction), x, own);
  const both = scan(
    along,
    size,
    rows(start),
    (carry) => {
      const exponents = add(toAxis(row(carry, 1), 0, axis), moved.exponent);
      const largest = maxAxis(exponents, axis);
      const terms = timesPowerOf2(mul(toAxis(row(carry, 0), 0, axis), moved.mantissa), sub(exponents, largest));
      const met = mul(unlessFirst(begun.mantissa, sumAxis(terms, axis)), others.mantissa);
      const exponent = add(add(unlessFirst(begun.exponent, largest), others.exponent), farExponent(met));
      return rows({ mantissa: onStates(nearOne(met)), exponent: onStates(exponent) });
    },
    direction,
  );
  return { mantissa: stop(row(both, 0)), exponent: stop(row(both, 1)) };
}

/** The mantissas as what they are to a gradient, m_t(c) = sum_b m_{t-1}(b) w_t(b, c) with weights that are known from the messages: reverse mode has a product of
 *  a matrix and a vector for each step. */
function mantissaOf(
  { mantissa, exponent }: Messages,
  { begin, before, rest }: Parts,
  { axis, along, size, direction, first, here }: Chain & { readonly here: Axis },
  onStates: (x: Node) => Node,
): Node {
  const [moved, others, start] = [parted(before), parted(rest), parted(first)];
  const begins = isFirst(along, size, direction);
  const exponents = add(
    add(toAxis(carryBefore(exponent, start.exponent, along, size, direction), 0, axis), moved.exponent),
    sub(others.exponent, toAxis(exponent, 0, here)),
  );
  const factor = begin === null ? others.mantissa : mul(not(begins), others.mantissa);
  const weight = grown(timesPowerOf2(mul(moved.mantissa, factor), exponents), before);
  const begun = begin && grown(mul(begins, toAxis(mantissa, 0, here)), begin);
  return followed(
    mantissa,
    along,
    size,
    start.mantissa,
    (carry) => {
      const passed = sumAxis(mul(toAxis(carry, 0, axis), weight), axis);
      return grown(onStates(begun === null ? passed : add(passed, begun)), onStates(rest));
    },
    direction,
  );
}

const rows = ({ mantissa, exponent }: Messages): Node =>
  concat(
    [mantissa, exponent].map((x) => reshape(x, [1, ...x.shape])),
    0,
  );
const row = (x: Node, place: number): Node => reshape(slice(x, 0, place, 1), x.shape.slice(1));

const LN2 = scalar(Math.LN2);

/** alpha of every step, without a gradient. */
export const logMessages = ({ mantissa, exponent }: Messages): Node => stop(add(log(mantissa), mul(exponent, LN2)));

/** log Σ exp(alpha) over the states of the last step; -inf where none is possible. */
export function logTotal(messages: Messages, chain: Chain): Node {
  const [mantissa, exponent] = [atEnd(messages.mantissa, chain), atEnd(messages.exponent, chain)];
  const largest = max(exponent);
  const total = sum(timesPowerOf2(mantissa, sub(exponent, largest)));
  return select(equal(total, scalar(0)), scalar(-Infinity), add(log(total), mul(largest, LN2)));
}

const atEnd = (x: Node, { along, size, direction }: Chain): Node =>
  gather(toEvent(x, along, 0, size), 0, scalar(direction === "forward" ? size - 1 : 0));

/** log Σ_b exp(first(b) + x(b, c)). */
const firstMessage = (x: Node, { axis, first }: Chain): Node => lseAxis(add(toAxis(first, 0, axis), x), axis);

// ---------------------------------------------------------------------------------------- the first step

/** x at the first step and at the others, where it makes a choice that is `if it is the first step`: neither need then know the step. */
function partsOfFirst(x: Node, chain: Chain): { readonly always: Node; readonly atFirst: Node | null } {
  for (const choice of topological([x]).filter(({ op }) => op === select.op)) {
    const [condition, a, b] = choice.inputs as [Node, Node, Node];
    const holds = valuesAlong(condition, chain);
    if (holds === null || holds.length < 2) continue;
    const at = chain.direction === "forward" ? 0 : holds.length - 1;
    const isTrue = holds[at] !== 0;
    if (holds.some((held, t) => (held !== 0) !== ((t === at) === isTrue))) continue;
    const taken = (branch: Node): Node => replaced(x, choice, repeatTo(branch, choice.shape));
    const [first, others] = isTrue ? [a, b] : [b, a];
    return { always: taken(others), atFirst: taken(first) };
  }
  return { always: x, atFirst: null };
}

const replaced = (x: Node, old: Node, by: Node): Node =>
  rewrite(
    [x],
    (node) => node,
    (node) => (node === old ? by : undefined),
  )[0]!;

/** The number at each step of what depends on the step alone, else null. */
function valuesAlong(x: Node, { along, size }: Chain): readonly number[] | null {
  const order = topological([x]);
  const isKnown = ({ op, axes, shape }: Node): boolean =>
    shape.length === 0 &&
    axes.every((axis) => axis === along) &&
    (op.kind === "map" || op.name === "iota" || op.name === "constant");
  if (!order.every(isKnown) || !x.axes.includes(along)) return null;
  return Array.from({ length: size }, (_, t) => {
    const values = new Map<Node, number>();
    for (const node of order) values.set(node, valueAt(t, node, values));
    return values.get(x)!;
  });
}

const valueAt = (t: number, node: Node, values: ReadonlyMap<Node, number>): number =>
  node.op.kind === "map" ? node.op.scalar(...node.inputs.map((input) => values.get(input)!)) : (numberOf(node) ?? t);
