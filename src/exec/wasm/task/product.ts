// Sums of products of two values as a product of matrices, or of a matrix and a vector, where there are enough of them and enough is summed (codegen, section
// 7): blocks of the result are in registers while the summed loop runs. Enters: what a fold would sum; leaves: the sums in memory, or null where the fold
// serves.

import { mul } from "../../../op/index.ts";
import { placeOf } from "../program/loops.ts";
import { apply, read, totals, turns, write, type Place, type Writer } from "./nest.ts";
import type { At, Id, Label, Stmt } from "../program/program.ts";
import type { Dim, Loop, Read, Task, Value, View } from "./task.ts";
import { allocate, fresh, inMemory, inOrder, type State, task } from "./values.ts";

/** Rows of a block, and columns of a block whose summed loop is lanes. */
const ROWS = 4;
const COLUMNS = 2;
/** Two vectors of either precision begin at such columns. */
const WHOLE = 4;

/** Where a product of matrices is faster than loops that fuse with what is around them (measured: from 8³ on; a short sum costs less than the memory that
 *  its result takes). */
const LEAST_SUMMED = 8;
const LEAST_FREE = 4;
const LEAST_PRODUCTS = 512;
/** The same where a loop around is larger than the columns: it is what lies innermost in memory, so that a factor is copied first. */
const LEAST_APART = 50_000;
/** From here on the sums over lanes cost less than what they meet. */
const LONG = 32;
/** From here on sums are faster by themselves than beside what computes a factor, of three rows on and with a single column (measured on regressions: 1.1
 *  to 1.7 times): so many running sums do not stay in registers. */
const ALONE = 100;
const FEWEST_ALONE = 3;
/** The columns of a factor that has none. */
const ONE: Loop = { label: "", size: 1 };

type Product = {
  readonly around: readonly Loop[];
  /** Loops of the one factor alone, of the other alone, and of both that are summed. */
  readonly rows: Loop;
  readonly columns: Loop;
  readonly summed: readonly Loop[];
};

/** The sum of `value` over the loops `reduced`, as a result with these dims. */
export function productOf(
  value: Value,
  space: readonly Loop[],
  reduced: readonly Label[],
  dims: readonly Dim[],
  state: State,
): View | null {
  const found = value.kind === "inline" ? factorsOf(value.task, new Set(reduced)) : null;
  const labels = dims.flatMap(({ label }) => label ?? []);
  if (found === null || new Set(labels).size < labels.length) return null;
  const [a, b] = found.factors;
  const all = distinct([...space, ...found.space]);
  const product = shapeOf(all, found.reduced, labelsOf(a), labelsOf(b), labels);
  if (product === null) return null;
  const left = !labelsOf(a).has(product.rows.label);
  if (isNarrow(product) && !(isInOrder(a, product) && isInOrder(b, product) && (left ? b : a).value.kind === "view"))
    return null;
  const [x, y] = [left ? b : a, left ? a : b].map((factor) => factorIn(factor, state)) as [View, View];
  return written(product, x, y, dims, state);
}

const distinct = (loops: readonly Loop[]): readonly Loop[] => [
  ...new Map(loops.map((loop) => [loop.label, loop])).values(),
];

const labelsOf = ({ labels }: Read): ReadonlySet<Label> => new Set(labels.filter((label) => label !== null));

type Factors = {
  readonly factors: readonly [Read, Read];
  readonly space: readonly Loop[];
  readonly reduced: ReadonlySet<Label>;
};

/** The factors that a task multiplies, and all that is summed where it is a sum itself. */
function factorsOf(own: Task, reduced: ReadonlySet<Label>): Factors | null {
  if (own.target !== null) return null;
  if (own.kind === "map" && own.op === mul.op) return { factors: own.reads as [Read, Read], space: own.space, reduced };
  const inner = own.reads[0]?.value;
  if (own.kind !== "fold" || own.meet !== "sum" || inner?.kind !== "inline") return null;
  return factorsOf(inner.task, new Set([...reduced, ...own.reduced]));
}

const isNarrow = ({ rows, columns }: Product): boolean => columns === ONE || rows.size < LEAST_FREE;

/** Whether a factor lies, or would lie, in order along what is summed. */
function isInOrder({ value, labels }: Read, { summed: [first, ...more] }: Product): boolean {
  const at = labels.indexOf(first!.label);
  if (more.length > 0 || at < 0 || value.kind === "number") return false;
  return value.kind === "view"
    ? value.dims[at]!.stride === 1
    : value.dims.every(({ size }, i) => i === at || size < first!.size);
}

/** The largest loops of each factor alone; among equals the later one in the result is columns, as it is in memory. */
function shapeOf(
  space: readonly Loop[],
  reduced: ReadonlySet<Label>,
  a: ReadonlySet<Label>,
  b: ReadonlySet<Label>,
  order: readonly Label[],
): Product | null {
  const isSummed = ({ label }: Loop): boolean => reduced.has(label);
  if (space.some((own) => isSummed(own) && !(a.has(own.label) && b.has(own.label)))) return null;
  const bySize = (p: Loop, q: Loop): number => q.size - p.size || order.indexOf(q.label) - order.indexOf(p.label);
  const free = (own: ReadonlySet<Label>, other: ReadonlySet<Label>): Loop[] =>
    space
      .filter(({ label }) => own.has(label) && !other.has(label))
      .sort(bySize)
      .slice(0, 1);
  const summed = space.filter(isSummed);
  const length = summed.reduce((count, { size }) => count * size, 1);
  const isAlone = length >= ALONE;
  const [largest, other] = [...free(a, b), ...free(b, a)].sort(bySize);
  const [columns, rows] = other === undefined && isAlone ? [ONE, largest] : [largest, other];
  if (rows === undefined || columns === undefined || rows.size < (isAlone ? FEWEST_ALONE : LEAST_FREE)) return null;
  const around = space.filter((own) => !isSummed(own) && own !== rows && own !== columns);
  const least = around.some(({ size }) => size > columns.size) ? LEAST_APART : LEAST_PRODUCTS;
  if (length < LEAST_SUMMED || length * rows.size * columns.size < least) return null;
  return { around, rows, columns, summed };
}

/** A factor in memory, its dims under the loops of the sum. */
function factorIn({ value, labels }: Read, state: State): View {
  const view = inMemory(value, state);
  const dims = view.dims.flatMap((dim, i) => (labels[i] == null ? [] : [{ ...dim, label: labels[i] }]));
  return { ...view, dims };
}

const strideAlong = (view: View, { label }: Loop): number =>
  view.dims.reduce((stride, dim) => stride + (dim.label === label ? dim.stride : 0), 0);

function written(product: Product, x: View, y: View, dims: readonly Dim[], state: State): View {
  const out = allocate("product", dims, "largest inside", state.buffers);
  const along = product.summed.find((own) => own.size >= LONG && [x, y].every((f) => strideAlong(f, own) === 1));
  const isDot = along !== undefined && strideAlong(y, product.columns) !== 1;
  const right = isDot || strideAlong(y, product.columns) === 1 ? y : packed(y, product, state);
  const kernel = isDot ? dots : outerProducts;
  const summed = isDot ? [...product.summed.filter((own) => own !== along), along] : product.summed;
  const made = task(state, {
    kind: "nest",
    reads: [x, right].map((value) => ({ value, labels: [] })),
    space: [{ label: fresh(state), size: 1 }],
    write: (nextId) => {
      const body: Stmt[] = [];
      const w: Writer = { body, nextId, nextLabel: () => fresh(state) };
      nested(w, product.around, new Map(), (w, walks) => kernel(w, { ...product, summed }, [x, right, out], walks));
      return body;
    },
  });
  return { ...out, after: [made] };
}

/** A copy in which the columns lie one after the other. */
function packed(view: View, { columns }: Product, state: State): View {
  const last = view.dims.filter(({ label }) => label === columns.label);
  const ordered = { ...view, dims: [...view.dims.filter((dim) => !last.includes(dim)), ...last] };
  const copy = inOrder(ordered, state);
  return { ...copy, dims: copy.dims.map((dim, i) => ({ ...dim, label: ordered.dims[i]!.label })) };
}

// ---------------------------------------------------------------------------------------- loops

/** A position along a loop of the sum: `first`, and `step` for every turn of a loop that is written. */
type Walk = { readonly first: number; readonly step: number; readonly turn: Place };
type Walks = ReadonlyMap<Label, Walk>;

function entry(view: View, walks: Walks): At {
  const walked = view.dims.map(({ label }) => (label === null ? undefined : walks.get(label)));
  const dims = view.dims.map((dim, i) => ({ ...dim, stride: dim.stride * (walked[i]?.step ?? 0) }));
  const offset = view.dims.reduce((at, { stride }, i) => at + stride * (walked[i]?.first ?? 0), view.offset);
  return placeOf(
    { ...view, dims, offset },
    walked.map((walk) => walk?.turn ?? null),
    {},
    null,
  );
}

/** Loops one inside the other. */
function nested(
  w: Writer,
  [first, ...rest]: readonly Loop[],
  walks: Walks,
  body: (w: Writer, walks: Walks) => void,
): void {
  if (first === undefined) return body(w, walks);
  turns(w, { count: first.size, order: "each" }, (turn, w) =>
    nested(w, rest, new Map([...walks, [first.label, { first: 0, step: 1, turn }]]), body),
  );
}

/** The positions of a loop in blocks of so many, then what is left. */
function blocks(
  w: Writer,
  { label, size }: Loop,
  width: number,
  walks: Walks,
  body: (w: Writer, at: (place: number) => Walks, places: readonly number[]) => void,
): void {
  const whole = Math.floor(size / width);
  const run = (w: Writer, begin: number, wide: number, turn: Place): void =>
    body(w, (place) => new Map([...walks, [label, { first: begin + place, step: wide, turn }]]), [
      ...Array(wide).keys(),
    ]);
  if (whole === 1) run(w, 0, width, 0);
  else if (whole > 1) turns(w, { count: whole, order: "each" }, (turn, w) => run(w, 0, width, turn));
  if (size % width > 0) run(w, whole * width, size % width, 0);
}

type Views = readonly [x: View, y: View, out: View];

/** Sums over all summed loops of values that one position gives. */
function sums(
  w: Writer,
  [first, ...rest]: readonly Loop[],
  order: "any" | "forward",
  walks: Walks,
  body: (w: Writer, walks: Walks) => readonly Id[],
): readonly Id[] {
  if (first === undefined) return body(w, walks);
  const own = rest.length === 0 ? order : "forward";
  return totals(w, { count: first.size, order: own }, "sum", (turn, w) =>
    sums(w, rest, order, new Map([...walks, [first.label, { first: 0, step: 1, turn }]]), body),
  );
}

/** Every row with every column: the positions of a block, and what they add to those of the loops around. */
function block(
  w: Writer,
  summed: readonly Loop[],
  order: "any" | "forward",
  [x, y, out]: Views,
  walks: Walks,
  rows: readonly Walks[],
  columns: readonly Walks[],
): void {
  const found = sums(w, summed, order, walks, (w, inside) => {
    const own = (view: View, at: Walks): Id => read(w, entry(view, new Map([...inside, ...at])));
    const ys = columns.map((at) => own(y, at));
    return rows.flatMap((at) => {
      const factor = own(x, at);
      return ys.map((other) => apply(w, mul, factor, other));
    });
  });
  rows.forEach((row, i) =>
    columns.forEach((column, j) => write(w, entry(out, new Map([...row, ...column])), found[i * columns.length + j]!)),
  );
}

/** Columns are lanes, in two halves that run side by side: one vector of each meets every row of a block. */
function outerProducts(w: Writer, { rows, columns, summed }: Product, views: Views, walks: Walks): void {
  const half = WHOLE * Math.floor(columns.size / (2 * WHOLE));
  const side = (count: number, begins: readonly number[]): void => {
    if (count === 0) return;
    turns(w, { count }, (turn, w) => {
      const all = begins.map((first): Walks => new Map([...walks, [columns.label, { first, step: 1, turn }]]));
      blocks(w, rows, ROWS, walks, (w, at, places) => block(w, summed, "forward", views, walks, places.map(at), all));
    });
  };
  side(half, [0, half]);
  side(columns.size - 2 * half, [2 * half]);
}

/** The last summed loop is lanes. */
function dots(w: Writer, { rows, columns, summed }: Product, views: Views, walks: Walks): void {
  const height = columns === ONE ? ROWS * COLUMNS : ROWS;
  blocks(w, columns, COLUMNS, walks, (w, column, right) =>
    blocks(w, rows, height, walks, (w, row, left) =>
      block(w, summed, "any", views, walks, left.map(row), right.map(column)),
    ),
  );
}
