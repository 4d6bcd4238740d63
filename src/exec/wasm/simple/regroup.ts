// Sums and products in another order, so that what varies least is computed apart: of a sum of many terms, those that lack an axis, and of a product that is
// summed over an axis, the factors that lack it.

import { textAttr } from "../../../ir/attrs.ts";
import type { Axis, Node } from "../../../ir/node.ts";
import type { OpDef } from "../../../ir/op.ts";
import { rewrite, topological } from "../../../ir/walk.ts";
import { add, div, mul, neg, square, sub, sumAxis } from "../../../op/index.ts";

type State = {
  /** What reads each node. */
  readonly users: ReadonlyMap<Node, readonly Node[]>;
  readonly roots: ReadonlySet<Node>;
  /** What has become of each node. */
  readonly done: Map<Node, Node>;
};

/** The roots, equal up to rounding. */
export function regrouped(roots: readonly Node[]): Node[] {
  const users = new Map<Node, Node[]>();
  for (const node of topological(roots))
    for (const input of node.inputs) users.set(input, [...(users.get(input) ?? []), node]);
  const state: State = { users, roots: new Set(roots), done: new Map() };
  return rewrite(roots, (rebuilt, original) => {
    const node = ofSum(original, state) ?? ofTotal(original, state) ?? rebuilt;
    state.done.set(original, node);
    return node;
  });
}

// ---------------------------------------------------------------------------------------- sums

const PRODUCTS: ReadonlySet<OpDef> = new Set([mul.op, square.op, div.op]);

type Term = { readonly x: Node; readonly sign: 1 | -1 };

const isSum = ({ op }: Node): boolean => op === add.op || op === sub.op;

/** The terms of a sum; those of a sum inside it that nothing else reads, and that has all its axes, are its own. */
function termsOf(node: Node, sign: 1 | -1, whole: Node, state: State): readonly Term[] {
  const isInside = node === whole || (state.users.get(node)!.length === 1 && !state.roots.has(node));
  if (!isSum(node) || !isInside || node.axes.length < whole.axes.length) return [{ x: node, sign }];
  const [a, b] = node.inputs as [Node, Node];
  const other = (node.op === sub.op ? -sign : sign) as 1 | -1;
  return [...termsOf(a, sign, whole, state), ...termsOf(b, other, whole, state)];
}

/** Null where nothing is won, or where what is taken from data would be taken from a sum first, which loses digits. */
function ofSum(node: Node, state: State): Node | null {
  if (!isSum(node) || node.axes.length === 0 || node.shape.length > 0) return null;
  const terms = termsOf(node, 1, node, state);
  const wide = terms.filter(({ x }) => x.axes.length === node.axes.length);
  const groups = groupsOf(terms.filter((term) => !wide.includes(term)));
  const isLess = wide.length - 1 + groups.length < terms.length - 1;
  if (!isLess || wide.length === 0 || !wide.every(({ x }) => PRODUCTS.has(x.op))) return null;
  return [wide, ...groups].map((part) => sumOf(part, state)).reduce((total, part) => add(total, part));
}

/** Terms on the same axes, or fewer. */
function groupsOf(terms: readonly Term[]): readonly (readonly Term[])[] {
  const groups: { readonly axes: readonly Axis[]; readonly terms: Term[] }[] = [];
  for (const term of [...terms].sort((a, b) => b.x.axes.length - a.x.axes.length)) {
    const { axes } = term.x;
    const home = groups.find((group) => axes.every((axis) => group.axes.includes(axis)));
    if (home === undefined) groups.push({ axes, terms: [term] });
    else home.terms.push(term);
  }
  return groups.map((group) => group.terms);
}

function sumOf(terms: readonly Term[], { done }: State): Node {
  const first = Math.max(
    0,
    terms.findIndex(({ sign }) => sign === 1),
  );
  const begin = done.get(terms[first]!.x)!;
  return terms
    .filter((_, i) => i !== first)
    .reduce(
      (total, { x, sign }) => (sign === 1 ? add : sub)(total, done.get(x)!),
      terms[first]!.sign === 1 ? begin : neg(begin),
    );
}

// ---------------------------------------------------------------------------------------- products

/** A product: the factors that lack an axis, and the product of the others; null: there are none. */
type Split = { readonly apart: readonly Node[]; readonly product: Node | null };

/** Σₐ c x = c Σₐ x where c lacks a, however deep c stands in the product. */
function ofTotal(node: Node, state: State): Node | null {
  if (node.op !== sumAxis.op) return null;
  const axis: Axis = textAttr(node.attrs, "axis");
  const { apart, product } = split(node.inputs[0]!, axis, state);
  if (apart.length === 0 || product === null) return null;
  return mul(
    apart.reduce((a, b) => mul(a, b)),
    sumAxis(product, axis),
  );
}

function split(x: Node, axis: Axis, state: State): Split {
  const here = state.done.get(x)!;
  if (!x.axes.includes(axis)) return { apart: [here], product: null };
  if (!isSummedOnly(x, axis, state)) return { apart: [], product: here };
  const [a, b] = x.inputs.map((input) => split(input, axis, state)) as [Split, Split];
  const apart = [...a.apart, ...b.apart];
  if (apart.length === 0) return { apart, product: here };
  const product = a.product === null ? b.product : b.product === null ? a.product : mul(a.product, b.product);
  return { apart, product };
}

/** Whether a node is a product that only such sums read, or products in them. */
const isSummedOnly = (x: Node, axis: Axis, state: State): boolean =>
  x.op === mul.op &&
  x.shape.length === 0 &&
  !state.roots.has(x) &&
  state.users
    .get(x)!
    .every(
      (user) => (user.op === sumAxis.op && textAttr(user.attrs, "axis") === axis) || isSummedOnly(user, axis, state),
    );
