// Matrices, one block of numbers for every combination of the axes and of the event dims before the last two.

import {
  choleskyInto,
  luLogDet,
  luOf,
  luSolveInto,
  solveLowerInPlace,
  solveUpperInPlace,
} from "../../op/special/dense.ts";
import { axisStrides, eventStrides, type Cell, type Kernel } from "./cell.ts";
import { walker } from "./nest.ts";

/** Writes the result at `o`; the arguments start at `a` (a matrix of n rows) and `b` (n rows of m numbers). */
type Block = (y: Float64Array, o: number, n: number, a: number, b: number, m: number) => void;

const blocks =
  (work: (inputs: readonly Cell[]) => Block): Kernel =>
  (out, inputs) => {
    const { shape } = inputs[0]!.node;
    const n = shape.at(-1)!;
    const m = inputs[1]?.node.shape.length === shape.length ? inputs[1].node.shape.at(-1)! : 1;
    const { axes } = out.node;
    const lead = shape.length - 2;
    const block = work(inputs);
    const strides = [out, ...inputs].map((cell) => [...axisStrides(cell, axes), ...eventStrides(cell).slice(0, lead)]);
    return walker({ sizes: out.sizes.slice(0, axes.length + lead), strides }, (count, at, step) => {
      for (let k = 0; k < count; k++) {
        const [o, a, b] = [0, 1, 2].map((i) => (at[i] ?? 0) + k * (step[i] ?? 0)) as [number, number, number];
        block(out.values, o, n, a, b, m);
      }
    });
  };

export const solveLowerKernel: Kernel = blocks(([L, B]) => (y, o, n, a, b, m) => {
  y.set(B!.values.subarray(b, b + n * m), o);
  solveLowerInPlace(n, m, L!.values, a, y, o);
});

export const solveUpperKernel: Kernel = blocks(([L, B]) => (y, o, n, a, b, m) => {
  y.set(B!.values.subarray(b, b + n * m), o);
  solveUpperInPlace(n, m, L!.values, a, y, o);
});

export const solveKernel: Kernel = blocks(
  ([A, B]) =>
    (y, o, n, a, b, m) =>
      luSolveInto(luOf(n, A!.values, a), m, B!.values, b, y, o),
);

export const choleskyKernel: Kernel = blocks(
  ([A]) =>
    (y, o, n, a) =>
      void choleskyInto(n, A!.values, a, y, o),
);

export const logDetKernel: Kernel = blocks(([A]) => (y, o, n, a) => {
  y[o] = luLogDet(luOf(n, A!.values, a));
});
