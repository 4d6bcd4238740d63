// A run of Adam steps on noisy gradients with a cosine step size: parameters go in, the end, the mean of the last
// iterates and the values seen come out. Steps whose gradient is not finite are left out; too many of them end the run.

import { adamAt, adamStep, unitsOf } from "./adam.ts";
import { learn, weightNow, type Lambda, type WeightState } from "./score-weight.ts";
import type { FitFailure, StochasticTarget } from "./target.ts";

export type Leg = {
  readonly params: Float64Array;
  /** Number of the first step: fixes the noise. */
  readonly from: number;
  readonly length: number;
  readonly rate: number;
  readonly lambda: Lambda;
  readonly weight: WeightState;
};
export type LegEnd = {
  /** Mean of the last eighth of the iterates. */
  readonly average: Float64Array;
  readonly weight: WeightState;
  /** Objective values of the steps, NaN where one was skipped. */
  readonly values: Float64Array;
  readonly skipped: number;
};

/** So many steps of the last WINDOW may not be skipped. */
const LOST = 20;
const WINDOW = 200;

export function ascend(target: StochasticTarget, leg: Leg, onStep: (value: number) => void): LegEnd | FitFailure {
  const { from, length, rate, lambda } = leg;
  const tail = Math.max(1, Math.floor(length / 8));
  const values = new Float64Array(length);
  const sum = new Float64Array(leg.params.length);
  let state = adamAt(leg.params);
  let weight = leg.weight;
  let bad: number[] = [];
  let skipped = 0;
  for (let t = 0; t < length; t++) {
    const { value, gradient, score } = target.gradient(state.params, from + t);
    values[t] = value;
    const parameter = notFinite(value, gradient, score);
    if (parameter === null) {
      const units = unitsOf(target, state.params);
      const total = gradient.map((g, i) => g * units[i]!);
      const c = score?.map((ci, i) => ci * units[i]!) ?? null;
      const whole = c === null ? total : total.map((g, i) => g + weightNow(lambda, weight) * c[i]!);
      if (c !== null) weight = learn(weight, total, c);
      const averages = state.params.map((x, i) => x + target.averaged[i]! * gradient[i]!);
      state = adamStep(state, whole, units, (rate * (1 + Math.cos((Math.PI * t) / length))) / 2);
      target.averaged.forEach((share, i) => {
        if (share > 0) state.params[i] = averages[i]!;
      });
    } else {
      values[t] = NaN;
      skipped++;
      bad = [...bad.filter((step) => step > t - WINDOW), t];
      if (bad.length >= LOST) return { failure: "not-finite", step: from + t, parameter };
    }
    onStep(values[t]!);
    if (t >= length - tail) for (let i = 0; i < sum.length; i++) sum[i]! += state.params[i]! / tail;
  }
  return { average: sum, weight, values, skipped };
}

/** The first parameter whose gradient is not finite, -1 where only the value is not, null where all is well. */
function notFinite(value: number, gradient: Float64Array, score: Float64Array | null): number | null {
  const parameter = gradient.findIndex((g, i) => !Number.isFinite(g + (score?.[i] ?? 0)));
  return parameter >= 0 ? parameter : Number.isFinite(value) ? null : -1;
}
