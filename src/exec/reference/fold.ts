// Folds over event dims and over named axes, running sums, and the position of the largest.

import { ice } from "../../base/ice.ts";
import { flagAttr, numberAttr, numbersAttr, textAttr } from "../../ir/attrs.ts";
import type { Cell, Kernel } from "./cell.ts";
import { walker, type Inner, type Nest } from "./nest.ts";
import * as math from "../../op/special/elementary.ts";

type Values = Float64Array;
/** n elements of x, from i on in steps of p, go into y from o on in steps of q (0: all into one). */
type Into = (n: number, y: Values, o: number, q: number, x: Values, i: number, p: number) => void;

const sumInto: Into = (n, y, o, q, x, i, p) => {
  if (q !== 0) {
    for (; n > 0; n--, o += q, i += p) y[o]! += x[i]!;
    return;
  }
  let total = 0;
  for (; n > 0; n--, i += p) total += x[i]!;
  y[o]! += total;
};

const combining =
  (f: (accumulated: number, x: number) => number): Into =>
  (n, y, o, q, x, i, p) => {
    for (; n > 0; n--, o += q, i += p) y[o] = f(y[o]!, x[i]!);
  };

type Fold = { readonly first: number; readonly into: Into };
const sumFold: Fold = { first: 0, into: sumInto };
const maxFold: Fold = {
  first: -Infinity,
  into: (n, y, o, q, x, i, p) => {
    for (; n > 0; n--, o += q, i += p) y[o] = Math.max(y[o]!, x[i]!);
  },
};

const folds: Readonly<Record<string, Fold>> = {
  sum: sumFold,
  sumAxis: sumFold,
  max: maxFold,
  maxAxis: maxFold,
  min: { first: Infinity, into: combining(Math.min) },
  prod: { first: 1, into: combining((a, x) => a * x) },
  all: { first: 1, into: combining((a, x) => (x === 0 ? 0 : a)) },
  any: { first: 0, into: combining((a, x) => (x === 0 ? a : 1)) },
};

/** Positions, among the dims of x, that the fold removes. */
function removed(out: Cell, x: Cell): readonly number[] {
  const { op, attrs } = out.node;
  if (op.kind === "axis") return [x.node.axes.indexOf(textAttr(attrs, "axis"))];
  return numbersAttr(attrs, "dims").map((d) => x.node.axes.length + d);
}

/** x in its own order; the result stands still along the removed dims. */
function foldNest(out: Cell, x: Cell): Nest {
  const gone = removed(out, x);
  let kept = 0;
  const strides = x.sizes.map((_, d) => (gone.includes(d) ? 0 : out.strides[kept++]!));
  return { sizes: x.sizes, strides: [strides, x.strides] };
}

function folder(fold: Fold, y: Values, x: Cell, nest: Nest): () => void {
  const walk = walker(nest, (n, at, step) => fold.into(n, y, at[0]!, step[0]!, x.values, at[1]!, step[1]!));
  return () => {
    y.fill(fold.first);
    walk();
  };
}

export const foldKernel: Kernel = (out, [x]) =>
  folder(folds[out.node.op.name] ?? ice(`no fold ${out.node.op.name}`), out.values, x!, foldNest(out, x!));

/** m + log Σ e^(x - m), m the largest; an infinite m is the result. */
export const lseKernel: Kernel = (out, [x]) => {
  const nest = foldNest(out, x!);
  const largest = folder(maxFold, out.values, x!, nest);
  const sums = new Float64Array(out.values.length);
  const add = walker(nest, (n, at, step) => {
    const q = step[0]!,
      p = step[1]!;
    let o = at[0]!,
      i = at[1]!;
    for (; n > 0; n--, o += q, i += p) sums[o]! += math.exp(x!.values[i]! - out.values[o]!);
  });
  return () => {
    largest();
    sums.fill(0);
    add();
    const y = out.values;
    for (let o = 0; o < y.length; o++) if (Number.isFinite(y[o]!)) y[o]! += math.log(sums[o]!);
  };
};

/** A walk over all dims but `dim`, calling `line` with the first offsets of result and argument. */
function lines(nest: Nest, dim: number, line: (o: number, i: number) => void): () => void {
  const drop = <T>(list: readonly T[]): T[] => list.filter((_, d) => d !== dim);
  const inner: Inner = (n, at, step) => {
    for (let k = 0; k < n; k++) line(at[0]! + k * step[0]!, at[1]! + k * step[1]!);
  };
  return walker({ sizes: drop(nest.sizes), strides: nest.strides.map(drop) }, inner);
}

export const argmaxKernel: Kernel = (out, [x]) => {
  const dim = removed(out, x!)[0]!;
  const n = x!.sizes[dim]!,
    p = x!.strides[dim]!,
    { values } = x!;
  return lines(foldNest(out, x!), dim, (o, i) => {
    let best = 0;
    for (let k = 1; k < n; k++) if (values[i + k * p]! > values[i + best * p]!) best = k;
    out.values[o] = best;
  });
};

export const cumsumKernel: Kernel = (out, [x]) => {
  const dim = x!.node.axes.length + numberAttr(out.node.attrs, "dim");
  const n = x!.sizes[dim]!,
    p = x!.strides[dim]!;
  const reverse = flagAttr(out.node.attrs, "reverse");
  return lines({ sizes: x!.sizes, strides: [out.strides, x!.strides] }, dim, (o, i) => {
    let total = 0;
    for (let k = 0; k < n; k++) {
      const shift = (reverse ? n - 1 - k : k) * p;
      total += x!.values[i + shift]!;
      out.values[o + shift] = total;
    }
  });
};
