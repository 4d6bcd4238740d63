// Ops in terms of simpler ones, before they are lowered: what is left is maps, four folds, moves, gathers and scatters.

import { ice } from "../../../base/ice.ts";
import { numbersAttr, textAttr } from "../../../ir/attrs.ts";
import type { Node } from "../../../ir/node.ts";
import { rewrite } from "../../../ir/walk.ts";
import { constant, equal, expand, max, min, mul, not, scalar, select, sum, transpose } from "../../../op/index.ts";
import { parseSpec } from "../../../op/contract.ts";
import { besideAgain, exponentialsIn } from "../../../op/log-sum.ts";
import { narrowed } from "./narrow.ts";
import { positionsInOrder } from "./order.ts";

/** The roots with every node replaced by its rule, where it has one. */
export const simplest = (roots: readonly Node[]): Node[] =>
  rewrite(roots, (node) => RULES[node.op.name]?.(node) ?? narrowed(node));

type Rule = (node: Node) => Node;

const isNonzero = (x: Node): Node => not(equal(x, scalar(0)));

const dimsOf = (node: Node): readonly number[] => numbersAttr(node.attrs, "dims");

/** A product summed over the letters that the result lacks. */
function contraction(node: Node): Node {
  const spec = parseSpec(textAttr(node.attrs, "spec"));
  const [a, b] = node.inputs as [Node, Node];
  const letters = [...spec.out, ...new Set([...spec.a, ...spec.b].filter((l) => !spec.out.includes(l)))];
  const sizes = letters.map(
    (l) => (spec.a.includes(l) ? a.shape[spec.a.indexOf(l)] : b.shape[spec.b.indexOf(l)]) ?? ice("einsum letter"),
  );
  const wide = (x: Node, own: readonly string[]): Node => {
    const order = letters.filter((l) => own.includes(l));
    const sorted = order.every((l, i) => own[i] === l)
      ? x
      : transpose(
          x,
          order.map((l) => own.indexOf(l)),
        );
    return expand(
      sorted,
      sizes,
      order.map((l) => letters.indexOf(l)),
    );
  };
  const product = mul(wide(a, spec.a), wide(b, spec.b));
  return sum(product, letters.map((_, d) => d).slice(spec.out.length));
}

const RULES: Readonly<Record<string, Rule>> = {
  lse: (node) => exponentialsIn(node)!.value,
  lseAxis: (node) => exponentialsIn(node)!.value,
  all: (node) => min(isNonzero(node.inputs[0] as Node), dimsOf(node)),
  any: (node) => max(isNonzero(node.inputs[0] as Node), dimsOf(node)),
  argmax: (node) => {
    const [x] = node.inputs as [Node];
    const [dim] = dimsOf(node) as [number];
    const count = x.shape[dim] as number;
    const positions = expand(constant([...Array(count).keys()], [count]), x.shape, [dim]);
    return min(select(equal(x, besideAgain(max(x, [dim]), x, [dim])), positions, scalar(count)), [dim]);
  },
  einsum: contraction,
  order: positionsInOrder,
  pick: (node) => {
    const [hot, x] = node.inputs as [Node, Node];
    return sum(select(isNonzero(hot), mul(hot, x), scalar(0)), [x.shape.length - 1]);
  },
};
