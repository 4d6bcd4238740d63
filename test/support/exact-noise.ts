// Expectations of gradient estimates over chosen noise: a rule for one standard normal number, sets of several draws, and the moments
// of the estimates that they give.

import type { RawData } from "../../src/result.ts";
import type { Knot, Theta } from "./exact-elbo.ts";
import type { TestModel } from "./exact-model.ts";
import type { Replicates } from "./exact-replicates.ts";

/** A model whose exact values stand in its test. */
export const plain = (text: string, data: RawData, theta: Theta): TestModel => ({
  text,
  data,
  theta,
  knots: 1,
  variables: [],
  logJoint: () => NaN,
});

/** The trapezoidal rule for the standard normal: for analytic functions its error falls exponentially with 1 / step. */
export function normalKnots(step: number, reach: number): readonly Knot[] {
  const n = Math.round(reach / step);
  return Array.from({ length: 2 * n + 1 }, (_, i) => {
    const at = (i - n) * step;
    return { at, weight: (step * Math.exp(-0.5 * at * at)) / Math.sqrt(2 * Math.PI) };
  });
}

export type Sets = readonly { readonly at: readonly number[]; readonly weight: number }[];

/** Sets of k exchangeable draws, each set once, with the weight of all its orders. */
export function setsOf(knots: readonly Knot[], k: number): Sets {
  const sets: { at: readonly number[]; weight: number }[] = [];
  const visit = (from: number, at: readonly number[], weight: number, run: number): void => {
    if (at.length === k) return void sets.push({ at, weight });
    for (let i = from; i < knots.length; i++) {
      const same = i === from && at.length > 0 ? run + 1 : 1;
      visit(i, [...at, knots[i]!.at], (weight * knots[i]!.weight * (at.length + 1)) / same, same);
    }
  };
  visit(0, [], 1, 0);
  return sets;
}

export type Expected = {
  readonly gradient: readonly number[];
  readonly variance: readonly number[];
  readonly value: number;
};

/** Mean and variance of an estimate whose noise `site` has k numbers per replicate. `more`: other streams that take the same numbers. */
export function expectedOver({ run }: Replicates, sets: Sets, site: string, more: readonly string[] = []): Expected {
  const flat = Float64Array.from(sets.flatMap(({ at }) => at));
  const { gradient, root } = run(sets.length, {
    noise: Object.fromEntries([site, ...more].map((name) => [name, flat])),
  });
  const total = sets.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (of: (r: number) => number): number =>
    sets.reduce((sum, { weight }, r) => sum + weight * of(r), 0) / total;
  const means = Array.from(gradient[0]!, (_, i) => mean((r) => gradient[r]![i]!));
  return {
    gradient: means,
    variance: means.map((m, i) => mean((r) => (gradient[r]![i]! - m) ** 2)),
    value: mean((r) => root[r]!),
  };
}
