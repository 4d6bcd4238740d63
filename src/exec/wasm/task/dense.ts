// Factorisations and systems as loops over the entries of one matrix, with loops over axes and leading dims around. A large one of these is lanes; else the
// innermost loops are. The order of sums is the only difference from the reference kernels. Golub & Van Loan 2013, Matrix Computations, sections 3.1, 3.4, 4.2.

import type { Node } from "../../../ir/node.ts";
import { abs, add, and, div, equal, isFinite, less, log, mul, not, select, sqrt, sub } from "../../../op/index.ts";
import { dimsOf } from "../../reference/cell.ts";
import { placeOf } from "../program/loops.ts";
import { apply, loop, numberOf, read, total, write, type Place, type Writer } from "./nest.ts";
import type { At, Id, Label, Stmt } from "../program/program.ts";
import type { Dim, View } from "./task.ts";
import { allocate, fresh, inMemory, type Rule, type State, task } from "./values.ts";

/** An entry of one matrix or vector. */
type Entries = (...places: readonly Place[]) => At;

type Block = {
  /** Rows, and columns of the right-hand side (null: it is a vector). */
  readonly n: number;
  readonly m: number | null;
  readonly out: Entries;
  readonly inputs: readonly Entries[];
  /** n × n numbers to work on, where the kernel wants them. */
  readonly scratch: Entries;
};

type Kernel = (w: Writer, block: Block) => void;
type Wants = "scratch" | "no scratch";

const blocks =
  (kernel: Kernel, wants: Wants = "no scratch"): Rule =>
  (node, inputs, state) => {
    const sources = inputs.map((value) => inMemory(value, state));
    const { shape } = node.inputs[0]!;
    const lead = node.axes.length + shape.length - 2;
    const dims = labelled(node, state);
    const out = allocate(node.op.name, dims, "largest inside", state.buffers);
    const n = shape.at(-1)!;
    const entries =
      (view: View, axes: readonly string[]): Entries =>
      (...places) =>
        placeOf(view, [...labelsFor(axes, node, dims, lead), ...places], {}, null);
    const square = [n, n].map((size): Dim => ({ size, label: size === 1 ? null : fresh(state) }));
    const scratch =
      wants === "scratch"
        ? allocate("scratch", [...dims.slice(0, lead), ...square], "largest inside", state.buffers)
        : out;
    const own = node.inputs.map((from, i) => entries(sources[i]!, from.axes));
    const m = node.inputs[1]?.shape.length === shape.length ? node.inputs[1].shape.at(-1)! : null;
    const work = { n, m, out: entries(out, node.axes), inputs: own, scratch: entries(scratch, node.axes) };
    const around = dims.slice(0, lead).filter(({ label }) => label !== null);
    const made = task(state, {
      kind: "nest",
      write: (nextId) =>
        written(
          around,
          n,
          nextId,
          () => fresh(state),
          (w) => kernel(w, work),
        ),
      reads: sources.map((value) => ({ value, labels: [] })),
      space: [{ label: fresh(state), size: 1 }],
    });
    return { ...out, after: [made] };
  };

const labelled = (node: Node, state: State): Dim[] =>
  dimsOf(node, state.sizes).map((size, i) => ({ size, label: size === 1 ? null : (node.axes[i] ?? fresh(state)) }));

/** Of the dims before a matrix: axes by name, event dims by position. */
const labelsFor = (axes: readonly string[], node: Node, dims: readonly Dim[], lead: number): (Label | null)[] => [
  ...axes.map((axis) => dims[node.axes.indexOf(axis)]!.label),
  ...dims.slice(node.axes.length, lead).map(({ label }) => label),
];

/** The loops around a block. The largest is outermost, and lanes where it has more members than a matrix has rows or where matrices are small. */
function written(
  around: readonly Dim[],
  n: number,
  nextId: () => Id,
  nextLabel: () => Label,
  kernel: (w: Writer) => void,
): readonly Stmt[] {
  const body: Stmt[] = [];
  kernel({ body, nextId, nextLabel });
  const loops = [...around].sort((a, b) => b.size - a.size);
  const order = (loops[0]?.size ?? 0) >= n ? "any" : "forward";
  return loops.reduceRight<readonly Stmt[]>(
    (inside, { label, size }) => [
      { do: "for", label: label!, count: size, order, within: null, body: inside, results: [] },
    ],
    body,
  );
}

// ---------------------------------------------------------------------------------------- parts

/** Σ a_k b_k over the places of a range. */
const dot = (w: Writer, range: Parameters<typeof total>[1], a: (k: Place) => At, b: (k: Place) => At): Id =>
  total(w, range, "sum", (k, w) => apply(w, mul, read(w, a(k)), read(w, b(k))));

/** Runs over the columns of the right-hand side. */
function columns(w: Writer, m: number | null, body: (column: readonly Place[], w: Writer) => void): void {
  if (m === null) body([], w);
  else loop(w, { count: m }, (c, w) => body([c], w));
}

const square = (w: Writer, n: number, body: (i: Place, j: Place, w: Writer) => void): void =>
  loop(w, { count: n, order: "forward" }, (i, w) => loop(w, { count: n }, (j, w) => body(i, j, w)));

// ---------------------------------------------------------------------------------------- triangles

/** Row by row; L_ij is what is left of A_ij over L_jj. NaN everywhere unless every pivot is positive and finite. */
const choleskyBlock: Kernel = (w, { n, out: L, inputs: [A] }) => {
  const isDefinite = total(w, { count: n, order: "forward" }, "min", (i, w) => {
    loop(w, { count: n, order: "forward", before: i }, (j, w) => {
      const mean = apply(w, mul, numberOf(w, 0.5), apply(w, add, read(w, A!(i, j)), read(w, A!(j, i))));
      const rest = apply(
        w,
        sub,
        mean,
        dot(
          w,
          { count: n, before: j },
          (k) => L(i, k),
          (k) => L(j, k),
        ),
      );
      write(w, L(i, j), apply(w, div, rest, read(w, L(j, j))));
    });
    const pivot = apply(
      w,
      sub,
      read(w, A!(i, i)),
      dot(
        w,
        { count: n, before: i },
        (k) => L(i, k),
        (k) => L(i, k),
      ),
    );
    write(w, L(i, i), apply(w, sqrt, pivot));
    return apply(w, and, apply(w, less, numberOf(w, 0), pivot), apply(w, isFinite, pivot));
  });
  const nan = numberOf(w, NaN);
  const zero = numberOf(w, 0);
  const keep = (w: Writer, at: At, value: Id): void => write(w, at, apply(w, select, isDefinite, value, nan));
  loop(w, { count: n, order: "forward" }, (i, w) => {
    loop(w, { count: n, before: i }, (j, w) => keep(w, L(i, j), read(w, L(i, j))));
    keep(w, L(i, i), read(w, L(i, i)));
    loop(w, { count: n, after: i }, (j, w) => keep(w, L(i, j), zero));
  });
};

/** y_i = (b_i - Σ_{j<i} L_ij y_j) / L_ii from the top, or with Lᵀ from the bottom. */
const substitution =
  (end: "top" | "bottom"): Kernel =>
  (w, { n, m, out: y, inputs: [L, b] }) =>
    loop(w, { count: n, order: end === "top" ? "forward" : "backward" }, (i, w) => {
      const pivot = read(w, L!(i, i));
      const done = end === "top" ? { count: n, before: i } : { count: n, after: i };
      columns(w, m, (c, w) => {
        const known = dot(
          w,
          done,
          (j) => (end === "top" ? L!(i, j) : L!(j, i)),
          (j) => y(j, ...c),
        );
        write(w, y(i, ...c), apply(w, div, apply(w, sub, read(w, b!(i, ...c)), known), pivot));
      });
    });

// ---------------------------------------------------------------------------------------- any matrix

/** U of P A = L U in the place of A, rows of `y` taken along. A row with a larger entry below the pivot changes places with the pivot's row, one after the
 *  other. Gives what a function of the pivots comes to. */
function eliminate(
  w: Writer,
  { n, m }: Block,
  U: Entries,
  y: Entries | null,
  of: (w: Writer, pivot: Id) => Id,
  meet: "sum" | "min",
): Id {
  return total(w, { count: n, order: "forward" }, meet, (k, w) => {
    loop(w, { count: n, order: "forward", after: k }, (r, w) => {
      const isLarger = apply(w, less, apply(w, abs, read(w, U(k, k))), apply(w, abs, read(w, U(r, k))));
      const exchange = (w: Writer, a: At, b: At): void => {
        const [x, z] = [read(w, a), read(w, b)];
        write(w, a, apply(w, select, isLarger, z, x));
        write(w, b, apply(w, select, isLarger, x, z));
      };
      loop(w, { count: n }, (j, w) => exchange(w, U(k, j), U(r, j)));
      if (y !== null) columns(w, m, (c, w) => exchange(w, y(k, ...c), y(r, ...c)));
    });
    const pivot = read(w, U(k, k));
    const isZero = apply(w, equal, pivot, numberOf(w, 0));
    loop(w, { count: n, order: "forward", after: k }, (r, w) => {
      const factor = apply(w, select, isZero, numberOf(w, 0), apply(w, div, read(w, U(r, k)), pivot));
      const subtract = (w: Writer, from: At, row: At): void =>
        write(w, from, apply(w, sub, read(w, from), apply(w, mul, factor, read(w, row))));
      loop(w, { count: n, after: k }, (j, w) => subtract(w, U(r, j), U(k, j)));
      if (y !== null) columns(w, m, (c, w) => subtract(w, y(r, ...c), y(k, ...c)));
    });
    return of(w, pivot);
  });
}

const copied = (w: Writer, { n, inputs: [A], scratch }: Block): Entries => {
  square(w, n, (i, j, w) => write(w, scratch(i, j), read(w, A!(i, j))));
  return scratch;
};

const solveBlock: Kernel = (w, block) => {
  const { n, m, out: y, inputs } = block;
  const U = copied(w, block);
  const rows = { count: n, order: "forward" } as const;
  loop(w, rows, (i, w) => columns(w, m, (c, w) => write(w, y(i, ...c), read(w, inputs[1]!(i, ...c)))));
  const isRegular = eliminate(
    w,
    block,
    U,
    y,
    (w, pivot) => apply(w, not, apply(w, equal, pivot, numberOf(w, 0))),
    "min",
  );
  loop(w, { count: n, order: "backward" }, (i, w) => {
    const pivot = read(w, U(i, i));
    columns(w, m, (c, w) => {
      const known = dot(
        w,
        { count: n, after: i },
        (j) => U(i, j),
        (j) => y(j, ...c),
      );
      const value = apply(w, div, apply(w, sub, read(w, y(i, ...c)), known), pivot);
      write(w, y(i, ...c), apply(w, select, isRegular, value, numberOf(w, NaN)));
    });
  });
};

const logDetBlock: Kernel = (w, block) => {
  const U = copied(w, block);
  write(
    w,
    block.out(),
    eliminate(w, block, U, null, (w, pivot) => apply(w, log, apply(w, abs, pivot)), "sum"),
  );
};

export const choleskyOf: Rule = blocks(choleskyBlock);
export const solveLowerOf: Rule = blocks(substitution("top"));
export const solveUpperOf: Rule = blocks(substitution("bottom"));
export const solveOf: Rule = blocks(solveBlock, "scratch");
export const logDetOf: Rule = blocks(logDetBlock, "scratch");
