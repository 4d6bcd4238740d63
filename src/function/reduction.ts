// Reductions: over everything, or over one named dim. `min` and `max` of two arguments are elementwise.

import type { Node } from "../ir/node.ts";
import { array, bool, elemFits, index, int, real } from "../model/types.ts";
import type { ArrayType, Elem } from "../model/types.ts";
import * as op from "../op/index.ts";
import { arithmetic, firstMisfit, pointwiseType, spread } from "./elementwise.ts";
import type { BuiltRow } from "./row.ts";
import { all, any } from "./truth.ts";

type Fold = (x: Node, dims?: readonly number[]) => Node;
type Spec = { readonly doc: string; readonly takes?: Elem; readonly gives: (elem: Elem) => Elem; readonly fold: Fold };

const common = { kind: "reduction", operator: null, namesDim: true, sizeArguments: "none", indices: "number" } as const;

const reduced = (x: ArrayType, over: number | null, elem: Elem): ArrayType =>
  array(elem, over === null ? [] : x.shape.filter((_, i) => i !== over));

const dimsOf = (over: number | null): readonly number[] | undefined => (over === null ? undefined : [over]);

function reduction(name: string, spec: Spec): BuiltRow {
  return {
    ...common,
    name,
    doc: spec.doc,
    signature: `${name}(x) or ${name}(x, DIM)`,
    arity: { min: 1, max: 1 },
    type: ([x], { over }) => firstMisfit([x!], spec.takes ?? real) ?? reduced(x!, over, spec.gives(x!.elem)),
    build: ([x], { over }) => spec.fold(x!.node, dimsOf(over)),
  };
}

/** `max(x)`, `max(x, N)`, `max(a, b)`. */
function extreme(name: string, doc: string, fold: Fold, pair: (a: Node, b: Node) => Node): BuiltRow {
  return {
    ...common,
    name,
    doc,
    signature: `${name}(x), ${name}(x, DIM) or ${name}(a, b)`,
    arity: { min: 1, max: 2 },
    type: (args, call) =>
      args.length === 2
        ? pointwiseType(args, call, { gives: arithmetic })
        : (firstMisfit(args, real) ?? reduced(args[0]!, call.over, args[0]!.elem)),
    build: (args, { over }) => {
      if (args.length === 1) return fold(args[0]!.node, dimsOf(over));
      const [a, b] = spread(args);
      return pair(a!, b!);
    },
  };
}

/** The member at which x is largest or smallest. */
function position(name: string, doc: string, at: Fold): BuiltRow {
  return {
    ...common,
    name,
    doc,
    signature: `${name}(x) or ${name}(x, DIM)`,
    arity: { min: 1, max: 1 },
    type: ([x], { over }) => {
      if (over === null && x!.shape.length !== 1)
        return { problem: "rank", argument: 0, wants: "one dim, or the name of a dim after it" };
      return elemFits(x!.elem, real)
        ? reduced(x!, over ?? 0, index(x!.shape[over ?? 0] ?? null))
        : { problem: "element", argument: 0, wants: "real" };
    },
    build: ([x], { over }) => at(x!.node, [over ?? 0]),
  };
}

// ---------------------------------------------------------------------------------------- quantiles

/** Entries beside which none is reduced, in increasing order along the last dim. */
const inOrder = (x: Node, over: number | null): Node =>
  op.sorted(over === null ? op.reshape(x, [countOf(x)]) : op.moveDim(x, over, x.shape.length - 1));

/** Between the two entries at (n - 1) p, counted from 0, by linear interpolation (Hyndman, Fan 1996, type 7). */
function quantile(ordered: Node, p: Node): Node {
  const last = ordered.shape.length - 1;
  const size = ordered.shape[last]!;
  const at = op.mul(p, op.scalar(size - 1));
  const below = op.floor(at);
  const above = op.minimum(op.add(below, op.scalar(1)), op.scalar(size - 1));
  const low = op.gather(ordered, last, below);
  return op.add(low, op.mul(op.sub(at, below), op.sub(op.gather(ordered, last, above), low)));
}

const quantiles: readonly BuiltRow[] = [
  {
    ...common,
    name: "median",
    doc: "the middle one; of an even number the mean of the two in the middle",
    signature: "median(x) or median(x, DIM)",
    arity: { min: 1, max: 1 },
    type: ([x], { over }) => firstMisfit([x!], real) ?? reduced(x!, over, real),
    build: ([x], { over }) => quantile(inOrder(x!.node, over), op.scalar(0.5)),
  },
  {
    ...common,
    name: "quantile",
    doc: "the value below which a part p of the entries lies, between two of them by interpolation",
    signature: "quantile(x, p) or quantile(x, p, DIM)",
    arity: { min: 2, max: 2 },
    type: ([x, p], { over }) => {
      if (over !== null && p!.shape.length > 0)
        return { problem: "rank", argument: 1, wants: "a scalar beside the name of a dim" };
      return firstMisfit([x!, p!], real) ?? array(real, over === null ? p!.shape : reduced(x!, over, real).shape);
    },
    build: ([x, p], { over }) => quantile(inOrder(x!.node, over), p!.node),
  },
];

// ---------------------------------------------------------------------------------------- moments

/** Number of entries that are reduced to one. */
const countOf = (x: Node, dims?: readonly number[]): number =>
  (dims ?? x.shape.map((_, i) => i)).reduce((n, d) => n * x.shape[d]!, 1);

const mean: Fold = (x, dims) => op.div(op.sum(x, dims), op.scalar(countOf(x, dims)));

/** Σ (x - mean)² / (n - 1). */
const variance: Fold = (x, dims) => {
  const centre = dims === undefined ? mean(x) : repeat(mean(x, dims), x, dims);
  return op.div(op.sum(op.square(op.sub(x, centre)), dims), op.scalar(countOf(x, dims) - 1));
};

/** What folding `like` over `dims` gave, repeated to the shape of `like`. */
export const repeat = (folded: Node, like: Node, dims: readonly number[]): Node =>
  op.expand(
    folded,
    like.shape,
    like.shape.map((_, i) => i).filter((i) => !dims.includes(i)),
  );

const asReal = (): Elem => real;
const asBool = (): Elem => bool;

export const reductions: readonly BuiltRow[] = [
  reduction("sum", { doc: "sum", gives: (elem) => arithmetic([elem]), fold: op.sum }),
  reduction("prod", { doc: "product", gives: (elem) => arithmetic([elem]), fold: op.prod }),
  reduction("mean", { doc: "mean", gives: asReal, fold: mean }),
  reduction("variance", { doc: "variance, divided by n - 1", gives: asReal, fold: variance }),
  reduction("sd", {
    doc: "standard deviation, divided by n - 1",
    gives: asReal,
    fold: (x, dims) => op.sqrt(variance(x, dims)),
  }),
  reduction("log_sum_exp", { doc: "log Σ eˣ", gives: asReal, fold: op.lse }),
  reduction("any", { doc: "at least one holds", takes: bool, gives: asBool, fold: any }),
  reduction("all", { doc: "all hold", takes: bool, gives: asBool, fold: all }),
  reduction("count", { doc: "how many hold", takes: bool, gives: () => int, fold: op.sum }),
  extreme("min", "smallest", op.min, op.minimum),
  extreme("max", "largest", op.max, op.maximum),
  ...quantiles,
  position("argmax", "the member with the largest entry", op.argmax),
  position("argmin", "the member with the smallest entry", (x, dims) => op.argmax(op.neg(x), dims)),
];
