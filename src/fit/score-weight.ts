// The weight of the mean-zero score term: g_total + lambda c has the same mean for every lambda, so lambda may follow
// the gradients seen.

import { dot } from "./linear-algebra.ts";

/** "total" drops the score term (0), "path" takes all of it (1), "adaptive" follows the least variance, a number stays.
 *  */
export type Lambda = "total" | "path" | "adaptive" | number;

/** Moving averages of g_total . c and c . c over the steps so far. */
export type WeightState = { readonly cross: number; readonly square: number; readonly steps: number };

export const noWeightYet: WeightState = { cross: 0, square: 0, steps: 0 };

const DECAY = 0.99;
const WARM_UP = 10;
const LARGEST = 4;

/** Lambda for the next step. Adaptive: -E[g.c] / E[c.c], the minimiser of E|g + lambda c|^2 (c has mean zero, so
 *  nothing is centred), from earlier steps only, which keeps the estimate unbiased. */
export function weightNow(lambda: Lambda, { cross, square, steps }: WeightState): number {
  if (typeof lambda === "number") return lambda;
  if (lambda !== "adaptive") return lambda === "path" ? 1 : 0;
  if (steps < WARM_UP || !(square > 0)) return 0;
  return Math.min(Math.max(-cross / square, 0), LARGEST);
}

/** Both averages start at zero, and their ratio needs no correction for it. */
export const learn = (
  { cross, square, steps }: WeightState,
  total: Float64Array,
  score: Float64Array,
): WeightState => ({
  cross: DECAY * cross + (1 - DECAY) * dot(total, score),
  square: DECAY * square + (1 - DECAY) * dot(score, score),
  steps: steps + 1,
});
