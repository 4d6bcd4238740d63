// Counts what a fit spends: one gradient is the gradient of log p at one draw, one value is log p at one draw without
// gradient.

import type { FixedTarget } from "./target.ts";

export type Spent = { readonly gradients: number; readonly values: number };
export type CountedTarget = FixedTarget & { readonly spent: () => Spent };

export function counted(target: FixedTarget): CountedTarget {
  let gradients = 0;
  let values = 0;
  return {
    ...target,
    evaluate: (x, points, eps, n) => {
      gradients += n;
      return target.evaluate(x, points, eps, n);
    },
    values: (x, points, eps, n) => {
      values += n;
      return target.values(x, points, eps, n);
    },
    spent: () => ({ gradients, values }),
  };
}
