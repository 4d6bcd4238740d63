// The model of examples/mixture in plain code: its evidence by importance sampling, and the best ELBO given draws of the continuous guide.
// Coordinates u = (logit share, mu_0, mu_1, log sd_0, log sd_1). Nothing of `src` enters but random numbers.

import { normals } from "../../src/fit/random.ts";

export type MixtureData = { readonly guess: readonly number[]; readonly y: readonly number[] };

const DIM = 5;

const logNormal = (x: number, mean: number, sd: number): number =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
const logSumExp = (a: number, b: number): number => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
const logSigmoid = (x: number): number => -Math.log1p(Math.exp(-x));

/** Log prior density of u, Jacobians included. */
function logPrior(u: readonly number[], { guess }: MixtureData): number {
  const [logit, mu0, mu1, s0, s1] = u as [number, number, number, number, number];
  const share = Math.log(6) + 2 * logSigmoid(logit) + 2 * logSigmoid(-logit); // Beta(2, 2) times share (1 - share)
  const halfNormal = (s: number): number => Math.log(2) + logNormal(Math.exp(s), 0, 2) + s;
  return share + logNormal(mu0, guess[0]!, 1) + logNormal(mu1, guess[1]!, 1) + halfNormal(s0) + halfNormal(s1);
}

/** log p(z_i = k, y_i | u) of both states. */
function logStates(u: readonly number[], y: number): readonly [number, number] {
  const [logit, mu0, mu1, s0, s1] = u as [number, number, number, number, number];
  return [logSigmoid(logit) + logNormal(y, mu0, Math.exp(s0)), logSigmoid(-logit) + logNormal(y, mu1, Math.exp(s1))];
}

const logJoint = (u: readonly number[], data: MixtureData): number =>
  data.y.reduce((sum, y) => sum + logSumExp(...logStates(u, y)), logPrior(u, data));

export type Moments = { readonly mean: readonly number[]; readonly scale: readonly (readonly number[])[] };

/** Mean and Cholesky factor of the covariance of draws. */
export function momentsOf(draws: readonly (readonly number[])[]): Moments {
  const n = draws.length;
  const mean = Array.from({ length: DIM }, (_, j) => draws.reduce((sum, u) => sum + u[j]!, 0) / n);
  const scale = mean.map(() => new Array<number>(DIM).fill(0));
  for (let i = 0; i < DIM; i++) {
    for (let j = 0; j <= i; j++) {
      const covariance = draws.reduce((sum, u) => sum + (u[i]! - mean[i]!) * (u[j]! - mean[j]!), 0) / (n - 1);
      const rest = covariance - scale[i]!.slice(0, j).reduce((sum, v, k) => sum + v * scale[j]![k]!, 0);
      scale[i]![j] = i === j ? Math.sqrt(rest) : rest / scale[j]![j]!;
    }
  }
  return { mean, scale };
}

const logDeterminant = ({ scale }: Moments): number => scale.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);

const expected = (draws: readonly (readonly number[])[], f: (u: readonly number[]) => number): number =>
  draws.reduce((sum, u) => sum + f(u), 0) / draws.length;

/** E log p(z_i = k, y_i | u) of both states over the draws. */
const expectedStates = (draws: readonly (readonly number[])[], y: number): readonly [number, number] => [
  expected(draws, (u) => logStates(u, y)[0]),
  expected(draws, (u) => logStates(u, y)[1]),
];

/** The best free table, q(z_i = k) proportional to exp E[log p(z_i = k, y_i | u)]: the probability of the first state. */
export const bestFirst = (draws: readonly (readonly number[])[], { y }: MixtureData): number[] =>
  y.map((yi) => {
    const [first, second] = expectedStates(draws, yi);
    return 1 / (1 + Math.exp(second - first));
  });

/** The ELBO of the Gaussian that the draws come from with the best free table for each z_i:
 *  E[log prior] + sum_i log sum_k exp E[log p(z_i = k, y_i | u)] + entropy (coordinate ascent: Blei, Kucukelbir, McAuliffe 2017, eq. 18). */
export function bestElbo(draws: readonly (readonly number[])[], data: MixtureData): number {
  const likelihood = data.y.reduce((sum, y) => sum + logSumExp(...expectedStates(draws, y)), 0);
  return (
    expected(draws, (u) => logPrior(u, data)) +
    likelihood +
    logDeterminant(momentsOf(draws)) +
    (DIM / 2) * Math.log(2 * Math.PI * Math.E)
  );
}

export type Judged = {
  readonly logEvidence: number;
  readonly se: number;
  readonly mean: readonly number[];
  readonly inFirst: readonly number[];
};

/** Evidence, posterior means of u and P(z_i = 0 | y), by importance sampling from `moments` made wider by a half. */
export function judge(moments: Moments, data: MixtureData, n: number, seed: number): Judged {
  const noise = normals(n * DIM, seed, "fit:judge");
  const wide = 1.5;
  const proposals = Array.from({ length: n }, (_, k) => noise.subarray(k * DIM, (k + 1) * DIM)).map((z) => ({
    u: moments.mean.map((m, i) => m + wide * moments.scale[i]!.reduce((sum, l, j) => sum + l * z[j]!, 0)),
    logq:
      -z.reduce((sum, v) => sum + v * v, 0) / 2 -
      logDeterminant(moments) -
      DIM * (Math.log(wide) + 0.5 * Math.log(2 * Math.PI)),
  }));
  const logWeights = proposals.map(({ u, logq }) => logJoint(u, data) - logq);
  const top = Math.max(...logWeights);
  const weights = logWeights.map((w) => Math.exp(w - top));
  const total = weights.reduce((a, b) => a + b, 0);
  const expectation = (f: (u: readonly number[]) => number): number =>
    proposals.reduce((sum, { u }, k) => sum + weights[k]! * f(u), 0) / total;
  const spread = weights.reduce((sum, w) => sum + (w - total / n) ** 2, 0) / (n - 1);
  return {
    logEvidence: top + Math.log(total / n),
    se: Math.sqrt(spread / n) / (total / n),
    mean: moments.mean.map((_, i) => expectation((u) => u[i]!)),
    inFirst: data.y.map((y) =>
      expectation((u) => {
        const [a, b] = logStates(u, y);
        return Math.exp(a - logSumExp(a, b));
      }),
    ),
  };
}
