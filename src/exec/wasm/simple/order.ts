// Sorting without branches: an entry's place is the number of entries before it. It takes the square of the length in comparisons, so that long lines are
// left to a sort of the host.

import type { Node } from "../../../ir/node.ts";
import { and, constant, equal, expand, less, not, or, scalar, select, sum } from "../../../op/index.ts";

const COUNTED_AT_MOST = 128;

const isNan = (x: Node): Node => not(equal(x, x));

/** `order` of a line: positions in increasing order, NaN last and equal entries in their order. */
export function positionsInOrder(node: Node): Node {
  const [x] = node.inputs as [Node];
  const rank = x.shape.length;
  const n = x.shape.at(-1)!;
  if (n > COUNTED_AT_MOST) return node;
  const pairs = [...x.shape, n];
  const lead = x.shape.slice(0, -1).map((_, d) => d);
  const byRow = (y: Node): Node => expand(y, pairs, [...lead, rank - 1]);
  const byColumn = (y: Node): Node => expand(y, pairs, [...lead, rank]);
  const numbers = Array.from({ length: n }, (_, i) => i);
  const isEarlier = numbers.flatMap((i) => numbers.map((j) => (j < i ? 1 : 0)));
  const [row, column] = [rank - 1, rank].map((d) => expand(constant(numbers, [n]), pairs, [d])) as [Node, Node];
  const [own, other] = [byRow(x), byColumn(x)];
  const isTie = or(equal(own, other), and(isNan(own), isNan(other)));
  const isSmaller = or(less(other, own), and(isNan(own), not(isNan(other))));
  const wins = or(isSmaller, and(isTie, expand(constant(isEarlier, [n, n]), pairs, [rank - 1, rank])));
  const places = sum(wins, [rank]);
  return sum(select(equal(byColumn(places), row), column, scalar(0)), [rank]);
}
