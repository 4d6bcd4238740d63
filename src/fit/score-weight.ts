// The weight of the mean-zero score term: g_total + lambda c has the same mean for every lambda, so lambda may follow
// the gradients seen.

/** "total" drops the score term (0), "path" takes all of it (1), "adaptive" follows the least variance, a number
 *  stays. */
export type Lambda = "total" | "path" | "adaptive" | number;

/** Lambda for the next step, and what an adaptive one follows: moving averages of g_total . c and c . c over the steps
 *  so far. */
export type ScoreWeight = {
  readonly adaptive: boolean;
  readonly now: number;
  readonly cross: number;
  readonly square: number;
  readonly steps: number;
};

/** Before anything is seen. */
export function firstWeight(lambda: Lambda): ScoreWeight {
  const now = typeof lambda === "number" ? lambda : lambda === "path" ? 1 : 0;
  return { adaptive: lambda === "adaptive", now, cross: 0, square: 0, steps: 0 };
}
