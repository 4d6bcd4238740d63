// Counts what a fit spends: one gradient is the gradient of log p at one draw, one value is log p at one draw without
// gradient.

import type { Evaluator, FixedTarget } from "./target.ts";

export type Spent = { readonly gradients: number; readonly values: number };
export type CountedTarget = FixedTarget & { readonly spent: () => Spent };

export function counted(target: FixedTarget): CountedTarget {
  let gradients = 0;
  let values = 0;
  const counting = ({ rounding, ...own }: Evaluator): Evaluator => ({
    rounding,
    evaluate: (x, points, eps, n) => {
      gradients += n;
      return own.evaluate(x, points, eps, n);
    },
    values: (x, points, eps, n) => {
      values += n;
      return own.values(x, points, eps, n);
    },
  });
  return {
    ...target,
    ...counting(target),
    ...(target.sharp === undefined ? {} : { sharp: counting(target.sharp) }),
    spent: () => ({ gradients, values }),
  };
}
