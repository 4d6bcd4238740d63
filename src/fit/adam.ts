// Adam (Kingma & Ba 2015), with steps of Gaussian locations measured in the guide's standard deviations.

import type { StochasticTarget } from "./target.ts";

export type AdamState = {
  readonly params: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly steps: number;
};

const BETA1 = 0.9;
const BETA2 = 0.999;
const TINY = 1e-8;

/** Zero moments at `params`. */
export const adamAt = (params: Float64Array): AdamState => ({
  params,
  first: new Float64Array(params.length),
  second: new Float64Array(params.length),
  steps: 0,
});

/** The unit of every parameter's step: the guide's sd for a Gaussian location, else 1. */
export const unitsOf = ({ scaledBy }: StochasticTarget, params: Float64Array): Float64Array =>
  params.map((_, i) => (scaledBy[i]! >= 0 ? Math.exp(params[scaledBy[i]!]!) : 1));

/** One step upwards. `gradient` is in units: d objective / d (parameter / unit). */
export function adamStep(state: AdamState, gradient: Float64Array, units: Float64Array, rate: number): AdamState {
  const steps = state.steps + 1;
  const first = state.first.map((m, i) => BETA1 * m + (1 - BETA1) * gradient[i]!);
  const second = state.second.map((v, i) => BETA2 * v + (1 - BETA2) * gradient[i]! ** 2);
  const unbias1 = 1 - BETA1 ** steps;
  const unbias2 = 1 - BETA2 ** steps;
  const params = state.params.map(
    (p, i) => p + (units[i]! * rate * (first[i]! / unbias1)) / (Math.sqrt(second[i]! / unbias2) + TINY),
  );
  return { params, first, second, steps };
}
