// Ops in terms of simpler ones, before they are lowered: what is left is maps, four folds, moves, gathers, scatters and kernels of the host.

import { ice } from "../../base/ice.ts";
import { numbersAttr, textAttr } from "../../ir/attrs.ts";
import type { Node } from "../../ir/node.ts";
import { rewrite } from "../../ir/walk.ts";
import {
  add,
  constant,
  equal,
  exp,
  expand,
  isFinite,
  log,
  max,
  maxAxis,
  min,
  mul,
  not,
  scalar,
  select,
  sub,
  sum,
  sumAxis,
  transpose,
} from "../../op/index.ts";
import { parseSpec } from "../../op/contract.ts";

/** The roots with every node replaced by its rule, where it has one. */
export const simplest = (roots: readonly Node[]): Node[] =>
  rewrite(roots, (node) => RULES[node.op.name]?.(node) ?? node);

type Rule = (node: Node) => Node;

const isNonzero = (x: Node): Node => not(equal(x, scalar(0)));

const dimsOf = (node: Node): readonly number[] => numbersAttr(node.attrs, "dims");

/** A folded value beside the argument of its fold. */
const beside = (y: Node, x: Node, dims: readonly number[]): Node =>
  y.shape.length === 0
    ? y
    : expand(
        y,
        x.shape,
        x.shape.map((_, d) => d).filter((d) => !dims.includes(d)),
      );

/** m + log sum e^(x - m); an infinite m is the result. */
function logSumExp(x: Node, largest: Node, along: (y: Node) => Node, total: (y: Node) => Node): Node {
  const shift = select(isFinite(largest), largest, scalar(0));
  return add(shift, log(total(exp(sub(x, along(shift))))));
}

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
  lse: (node) => {
    const [x] = node.inputs as [Node];
    const dims = dimsOf(node);
    return logSumExp(
      x,
      max(x, dims),
      (y) => beside(y, x, dims),
      (y) => sum(y, dims),
    );
  },
  lseAxis: (node) => {
    const [x] = node.inputs as [Node];
    const axis = textAttr(node.attrs, "axis");
    return logSumExp(
      x,
      maxAxis(x, axis),
      (y) => y,
      (y) => sumAxis(y, axis),
    );
  },
  all: (node) => min(isNonzero(node.inputs[0] as Node), dimsOf(node)),
  any: (node) => max(isNonzero(node.inputs[0] as Node), dimsOf(node)),
  argmax: (node) => {
    const [x] = node.inputs as [Node];
    const [dim] = dimsOf(node) as [number];
    const count = x.shape[dim] as number;
    const positions = expand(constant([...Array(count).keys()], [count]), x.shape, [dim]);
    return min(select(equal(x, beside(max(x, [dim]), x, [dim])), positions, scalar(count)), [dim]);
  },
  einsum: contraction,
  pick: (node) => {
    const [hot, x] = node.inputs as [Node, Node];
    return sum(select(isNonzero(hot), mul(hot, x), scalar(0)), [x.shape.length - 1]);
  },
};
