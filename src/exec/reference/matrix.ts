// Triangular systems by substitution, one for every combination of the axes.

import { axisStrides, eventStrides, type Kernel } from "./cell.ts";
import { walker, type Inner } from "./nest.ts";

type Solve = (n: number, L: Float64Array, l: number, y: Float64Array, o: number) => void;

/** Row by row from the top: y_i = (b_i - Σ_{j<i} L_ij y_j) / L_ii. */
const solveLower: Solve = (n, L, l, y, o) => {
  for (let i = 0; i < n; i++) {
    let rest = y[o + i]!;
    for (let j = 0; j < i; j++) rest -= L[l + i * n + j]! * y[o + j]!;
    y[o + i] = rest / L[l + i * n + i]!;
  }
};

/** The same with Lᵀ, from the bottom. */
const solveUpper: Solve = (n, L, l, y, o) => {
  for (let i = n - 1; i >= 0; i--) {
    let rest = y[o + i]!;
    for (let j = i + 1; j < n; j++) rest -= L[l + j * n + i]! * y[o + j]!;
    y[o + i] = rest / L[l + i * n + i]!;
  }
};

const kernel =
  (solve: Solve): Kernel =>
  (out, [L, b]) => {
    const { axes, shape } = out.node;
    const n = shape[0]!;
    const q = eventStrides(b!)[0]!;
    const inner: Inner = (count, at, step) => {
      for (let k = 0; k < count; k++) {
        const [o, l, j] = [at[0]! + k * step[0]!, at[1]! + k * step[1]!, at[2]! + k * step[2]!];
        for (let i = 0; i < n; i++) out.values[o + i] = b!.values[j + i * q]!;
        solve(n, L!.values, l, out.values, o);
      }
    };
    const strides = [out, L!, b!].map((cell) => axisStrides(cell, axes));
    return walker({ sizes: out.sizes.slice(0, axes.length), strides }, inner);
  };

export const solveLowerKernel: Kernel = kernel(solveLower);
export const solveUpperKernel: Kernel = kernel(solveUpper);
