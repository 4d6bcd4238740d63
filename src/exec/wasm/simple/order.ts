// Sorting without branches: an entry's place is the number of entries before it. They are counted in short lines, which takes the square of the length in
// comparisons; long lines are merged from sorted runs, where a binary search in the neighbouring run counts.

import type { Node } from "../../../ir/node.ts";
import {
  add,
  and,
  constant,
  div,
  equal,
  expand,
  floor,
  gather,
  less,
  maximum,
  minimum,
  mul,
  not,
  or,
  reshape,
  scalar,
  scatter,
  select,
  sub,
  sum,
} from "../../../op/index.ts";

const COUNTED_AT_MOST = 128;

const isNan = (x: Node): Node => not(equal(x, x));

/** Where a comes before b, if they are not equal. */
const isBefore = (a: Node, b: Node): Node => or(less(a, b), and(isNan(b), not(isNan(a))));

/** `order` of a line: positions in increasing order, NaN last and equal entries in their order. */
export function positionsInOrder(node: Node): Node {
  const [x] = node.inputs as [Node];
  const n = x.shape.at(-1)!;
  return n > COUNTED_AT_MOST ? merged(x, n) : counted(x, n);
}

function counted(x: Node, n: number): Node {
  const rank = x.shape.length;
  const pairs = [...x.shape, n];
  const lead = x.shape.slice(0, -1).map((_, d) => d);
  const byRow = (y: Node): Node => expand(y, pairs, [...lead, rank - 1]);
  const byColumn = (y: Node): Node => expand(y, pairs, [...lead, rank]);
  const numbers = Array.from({ length: n }, (_, i) => i);
  const isEarlier = numbers.flatMap((i) => numbers.map((j) => (j < i ? 1 : 0)));
  const [row, column] = [rank - 1, rank].map((d) => expand(constant(numbers, [n]), pairs, [d])) as [Node, Node];
  const [own, other] = [byRow(x), byColumn(x)];
  const isTie = or(equal(own, other), and(isNan(own), isNan(other)));
  const wins = or(isBefore(other, own), and(isTie, expand(constant(isEarlier, [n, n]), pairs, [rank - 1, rank])));
  const places = sum(wins, [rank]);
  return sum(select(equal(byColumn(places), row), column, scalar(0)), [rank]);
}

/** The slots of one line after the other, and where each line begins. */
type Slots = { readonly all: Node; readonly lines: Node; readonly n: number; readonly total: number };

/** Bottom-up: runs of 1, 2, 4, … become sorted pairs. */
function merged(x: Node, n: number): Node {
  const total = x.shape.reduce((product, size) => product * size, 1);
  const numbers = Array.from({ length: total }, (_, i) => i);
  const [all, lines] = [numbers, numbers.map((i) => i - (i % n))].map((own) => constant(own, [total])) as [Node, Node];
  const values = reshape(x, [total]);
  let positions = all;
  for (let width = 1; width < n; width *= 2)
    positions = scatter(
      positions,
      placesMerged(gather(values, 0, positions), width, { all, lines, n, total }),
      total,
      [],
    );
  return reshape(sub(positions, lines), x.shape);
}

/** Where the entries go if runs of a width become sorted pairs: beyond those before it in its own run and in the other. Equal entries of the left run are
 *  first. */
function placesMerged(y: Node, width: number, { all, lines, n }: Slots): Node {
  const [one, wide] = [scalar(1), scalar(width)];
  const slot = sub(all, lines);
  const run = floor(div(slot, wide));
  const pair = floor(mul(scalar(0.5), run));
  const isLeft = equal(run, mul(scalar(2), pair));
  const other = add(lines, mul(wide, select(isLeft, add(run, one), sub(run, one))));
  let low = other;
  let high = maximum(other, minimum(add(other, wide), add(lines, scalar(n))));
  for (let left = width; left >= 1; left /= 2) {
    const middle = floor(mul(scalar(0.5), add(low, high)));
    const there = gather(y, 0, middle);
    const isFirst = select(isLeft, isBefore(there, y), not(isBefore(y, there)));
    const isOpen = less(low, high);
    low = select(and(isOpen, isFirst), add(middle, one), low);
    high = select(isFirst, high, middle);
  }
  const own = sub(slot, mul(wide, run));
  return add(add(lines, mul(scalar(2 * width), pair)), add(own, sub(low, other)));
}
