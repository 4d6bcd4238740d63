// Exact bounds of several draws in plain code: sums over all tuples of outcomes, discrete values listed, continuous ones by quadrature.

import { differences, outcomes, type Exact, type Rules, type Theta } from "./exact-elbo.ts";

/** A part of a model whose weights have a logarithm of their own: all of it, or one member of plates that all latents share. */
export type Part = Exact;

type Drawn = { readonly weight: number; readonly logw: number };

/** E log( mean_k w_k^(1 - alpha) ) / (1 - alpha) of one part, over `particles` independent draws; alpha 0: the importance weighted bound. */
function partBound(
  { variables, logJoint }: Part,
  theta: Theta,
  rules: Rules,
  particles: number,
  alpha: number,
): number {
  const drawn: Drawn[] = [];
  outcomes(variables, theta, rules, ({ v, weight, logq }) => {
    if (weight > 0) drawn.push({ weight, logw: logJoint(v, theta) - logq });
  });
  const top = Math.max(...drawn.map((d) => d.logw));
  const scaled = drawn.map(({ weight, logw }) => ({ weight, power: Math.exp((1 - alpha) * (logw - top)) }));
  const over = (left: number, weight: number, power: number): number =>
    left === 0
      ? weight * Math.log(power / particles)
      : scaled.reduce((total, d) => total + over(left - 1, weight * d.weight, power + d.power), 0);
  return top + over(particles, 1, 0) / (1 - alpha);
}

export const exactBound = (parts: readonly Part[], theta: Theta, rules: Rules, particles: number, alpha = 0): number =>
  parts.reduce((total, part) => total + partBound(part, theta, rules, particles, alpha), 0);

export const exactBoundGradient = (
  parts: readonly Part[],
  theta: Theta,
  rules: Rules,
  particles: number,
  alpha = 0,
): number[] => differences(theta, (at) => [exactBound(parts, at, rules, particles, alpha)]).flat();
