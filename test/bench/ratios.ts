// Numbers of several rounds as one: the median and the ends; ratios are taken within rounds, so that a slow moment of the machine cancels.

export type Spread = { readonly median: number; readonly low: number; readonly high: number };

/** Throws a `RangeError` where there is no number. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("no rounds");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    low: sorted[0]!,
    high: sorted.at(-1)!,
  };
}

/** How many times `theirs` takes what `ours` takes, round by round. */
export const ratioOf = (theirs: readonly number[], ours: readonly number[]): Spread =>
  spreadOf(theirs.slice(0, ours.length).map((time, round) => time / ours[round]!));
