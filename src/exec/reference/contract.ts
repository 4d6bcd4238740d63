// Contractions: a product summed over the dims that the result lacks.

import { textAttr } from "../../ir/attrs.ts";
import { parseSpec } from "../../op/contract.ts";
import { axisStrides, eventStrides, type Cell, type Kernel } from "./cell.ts";
import { largestInside, walker, type Inner, type Nest } from "./nest.ts";

type Values = Float64Array;

/** y += a b; with `q` = 0 a scalar product. */
const product =
  (y: Values, a: Values, b: Values): Inner =>
  (n, at, step) => {
    let o = at[0]!,
      i = at[1]!,
      j = at[2]!;
    const q = step[0]!,
      p = step[1]!,
      r = step[2]!;
    if (q !== 0) {
      for (; n > 0; n--, o += q, i += p, j += r) y[o]! += a[i]! * b[j]!;
      return;
    }
    let total = 0;
    for (; n > 0; n--, i += p, j += r) total += a[i]! * b[j]!;
    y[o]! += total;
  };

/** Loops: the axes of the result, then all letters. */
export const einsumKernel: Kernel = (out, [a, b]) => {
  const spec = parseSpec(textAttr(out.node.attrs, "spec"));
  const letters = [...new Set([...spec.out, ...spec.a, ...spec.b])];
  const sizes = letters.map((letter) => {
    const from = spec.a.includes(letter) ? { cell: a!, at: spec.a } : { cell: b!, at: spec.b };
    return from.cell.node.shape[from.at.indexOf(letter)]!;
  });
  const along = (cell: Cell, own: readonly string[]): number[] =>
    letters.map((letter) => (own.includes(letter) ? eventStrides(cell)[own.indexOf(letter)]! : 0));
  const { axes } = out.node;
  const nest: Nest = {
    sizes: [...out.sizes.slice(0, axes.length), ...sizes],
    strides: [
      [...axisStrides(out, axes), ...along(out, spec.out)],
      [...axisStrides(a!, axes), ...along(a!, spec.a)],
      [...axisStrides(b!, axes), ...along(b!, spec.b)],
    ],
  };
  const walk = walker(largestInside(nest), product(out.values, a!.values, b!.values));
  return () => {
    out.values.fill(0);
    walk();
  };
};

/** Loops: the dims of the result, then the last dim of the arguments. */
export const pickKernel: Kernel = (out, [hot, x]) => {
  const { axes } = out.node;
  const count = x!.node.shape.at(-1)!;
  const along = (cell: Cell): number[] => [...axisStrides(cell, axes), ...eventStrides(cell)];
  const nest: Nest = { sizes: [...out.sizes, count], strides: [[...out.strides, 0], along(hot!), along(x!)] };
  const walk = walker(nest, (n, at, step) => {
    const q = step[0]!,
      p = step[1]!,
      r = step[2]!;
    let o = at[0]!,
      i = at[1]!,
      j = at[2]!;
    for (; n > 0; n--, o += q, i += p, j += r) {
      const weight = hot!.values[i]!;
      if (weight !== 0) out.values[o]! += weight * x!.values[j]!;
    }
  });
  return () => {
    out.values.fill(0);
    walk();
  };
};
