// Random graphs for properties of passes and engines: a recipe is a list of numbers, and each step makes a node from
// earlier ones.

import fc from "fast-check";
import type { Node } from "../../src/ir/node.ts";
import {
  add,
  concat,
  cumsum,
  data,
  div,
  einsum,
  exp,
  expand,
  gather,
  less,
  log,
  log1p,
  logSigmoid,
  lse,
  lseAxis,
  max,
  maximum,
  mul,
  neg,
  param,
  reshape,
  scalar,
  scatter,
  select,
  sigmoid,
  slice,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  sumAxis,
  tanh,
  toAxis,
  toEvent,
  transpose,
} from "../../src/op/index.ts";
import { pointIn, testNumbers, type Sizes, type Values } from "./run-graph.ts";

export const SIZES: Sizes = { J: 3, K: 2 };

const leaves = (): Node[] => [
  param("a", [], []),
  param("b", ["J"], []),
  param("c", ["K"], []),
  param("d", ["J", "K"], []),
  param("e", [], [3]),
  param("f", ["J"], [3]),
  param("g", [], [2, 3]),
  scalar(1),
  scalar(-0.7),
  data("x", ["J"], [3]),
  data("y", ["K"], []),
];

/** Positive values, so that logarithms and roots are defined near the leaves; `index` is an index into three
 *  members. */
export const VALUES: Values = (() => {
  const next = testNumbers(17);
  const sizes = { a: 1, b: 3, c: 2, d: 6, e: 3, f: 9, g: 6, x: 9, y: 2 };
  const points = Object.entries(sizes).map(([name, n]) => [name, pointIn(n, [0.3, 1.7], next)]);
  return { ...Object.fromEntries(points), index: Float64Array.of(2, 0, 2) } as Values;
})();

/** One way to make a node of two others, or `null` where the shapes do not fit. */
type Move = (a: Node, b: Node) => Node | null;

const ranked =
  (rank: number, make: (a: Node) => Node): Move =>
  (a) =>
    a.shape.length === rank ? make(a) : null;
const alike =
  (make: (a: Node, b: Node) => Node): Move =>
  (a, b) =>
    a.shape.length * b.shape.length === 0 || String(a.shape) === String(b.shape) ? make(a, b) : null;
const index = (): Node => data("index", ["J"], []);

const moves: readonly Move[] = [
  alike(add),
  alike(sub),
  alike(mul),
  alike((a, b) => div(a, add(scalar(0.5), square(b)))),
  alike(maximum),
  alike((a, b) => select(less(a, b), a, scalar(0.3))),
  alike((a, b) => div(a, exp(b))),
  (a) => neg(a),
  (a) => exp(neg(square(a))),
  (a) => log(exp(a)),
  (a) => log(add(scalar(1), exp(a))),
  (a) => log(sigmoid(a)),
  (a) => log(sub(scalar(1), sigmoid(a))),
  (a) => log1p(square(a)),
  (a) => logSigmoid(a),
  (a) => softplus(a),
  (a) => tanh(a),
  (a) => square(a),
  (a) => sqrt(add(scalar(1), square(a))),
  (a) => mul(scalar(3), a),
  (a) => log(sqrt(exp(a))),
  (a) => sumAxis(a, "J"),
  (a) => sumAxis(a, "K"),
  (a) => lseAxis(a, "J"),
  (a) => (a.shape.length > 0 ? sum(a, [0]) : null),
  (a) => (a.shape.length > 0 ? lse(a) : null),
  (a) => (a.shape.length > 0 ? max(a) : null),
  (a) => (a.shape.length > 0 ? cumsum(a, 0) : null),
  ranked(0, (a) => expand(a, [3], [])),
  ranked(1, (a) => expand(a, [2, a.shape[0]!], [1])),
  ranked(2, (a) => transpose(a, [1, 0])),
  ranked(2, (a) => reshape(a, [a.shape[0]! * a.shape[1]!])),
  ranked(1, (a) => slice(a, 0, 0, 1)),
  (a, b) => (a.shape.length === 1 && b.shape.length === 1 ? concat([a, b], 0) : null),
  (a, b) => (a.shape.length === 1 && String(a.shape) === String(b.shape) ? einsum("i,i->", a, b) : null),
  (a, b) => (a.shape.length === 1 && b.shape.length === 1 ? einsum("i,j->ji", a, b) : null),
  (a) => (a.axes.includes("J") ? toEvent(a, "J", 0, 3) : null),
  (a) => (a.shape[0] === 3 && !a.axes.includes("J") ? toAxis(a, 0, "J") : null),
  (a) => (a.shape[0] === 3 ? gather(a, 0, index()) : null),
  (a) => scatter(a, index(), 3, ["J"]),
];

export type Recipe = readonly (readonly [move: number, a: number, b: number])[];

export const recipes: fc.Arbitrary<Recipe> = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000)), {
  minLength: 1,
  maxLength: 16,
});

/** The last node that the recipe makes, and all on the way. Later nodes are taken more often, so that graphs get
 *  deep. */
export function nodesOf(recipe: Recipe): Node[] {
  const nodes = leaves();
  for (const [move, a, b] of recipe) {
    const pick = (k: number): Node => nodes[Math.max(nodes.length - 1 - (k % (nodes.length + 4)), k % nodes.length)]!;
    const node = moves[move % moves.length]!(pick(a), pick(b));
    if (node !== null) nodes.push(node);
  }
  return nodes;
}

export const rootOf = (recipe: Recipe): Node => nodesOf(recipe).at(-1)!;
