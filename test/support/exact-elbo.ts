// Exact evidence lower bounds in plain code, without graphs: discrete values are summed, normal ones integrated by Gauss-Hermite
// quadrature, derivatives are five-point differences. Nothing of `src` enters, so that it can be the judge of all of it.

export type Theta = Readonly<Record<string, readonly number[]>>;

/** The guide's law of one scalar latent, given the ones drawn before it. */
export type Law = { readonly mean: number; readonly sd: number } | { readonly prob: readonly number[] };

/** One scalar latent. Members of a plate follow each other; all lie in the order in which the guide draws them. */
export type Variable = {
  readonly site: string;
  /** What its base noise is: a standard normal, a uniform under the probability, or a Gumbel race. */
  readonly kind: "normal" | "bool" | "category" | "count";
  readonly law: (theta: Theta, v: readonly number[]) => Law;
};

export type Exact = {
  readonly variables: readonly Variable[];
  /** log p of the data and the latents `v`. */
  readonly logJoint: (v: readonly number[], theta: Theta) => number;
};

export const logNormal = (x: number, mean: number, sd: number): number =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** log of sigmoid(logit) for true, of 1 - sigmoid(logit) for false. */
export const logBernoulli = (value: number, logit: number): number => -Math.log1p(Math.exp(value === 1 ? -logit : logit));

export function softmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const weights = logits.map((l) => Math.exp(l - top));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
}

/** Probabilities of 0 … 79: what lies beyond is below 1e-40 for the rates of the tests. */
export function poissonProbabilities(rate: number): number[] {
  const prob = [Math.exp(-rate)];
  for (let n = 1; n < 80; n++) prob.push((prob[n - 1]! * rate) / n);
  return prob;
}

/** A node of a quadrature rule. */
export type Knot = { readonly at: number; readonly weight: number };

/** Nodes and weights for the standard normal: zeros of the Hermite polynomial He_n by Newton's method from the outermost inwards, the zeros
 *  found before divided out; weights n! / (n He_{n-1})^2 (Abramowitz and Stegun 25.4.46). He is kept normalised by sqrt(n!). */
export function gaussHermite(n: number): readonly Knot[] {
  const normalised = (x: number): readonly [number, number] => {
    let [before, now] = [0, 1];
    for (let k = 1; k <= n; k++) [before, now] = [now, (x * now - Math.sqrt(k - 1) * before) / Math.sqrt(k)];
    return [now, before];
  };
  const zeros: number[] = [];
  for (let i = 0; i < n; i++) {
    let x = i === 0 ? 2 * Math.sqrt(n) + 1 : zeros[i - 1]!;
    x -= i === 0 ? 0 : 1e-3;
    for (let step = 0; step < 500; step++) {
      const [value, before] = normalised(x);
      const ratio = (Math.sqrt(n) * before) / value - zeros.reduce((sum, z) => sum + 1 / (x - z), 0);
      const change = 1 / ratio;
      x -= change;
      if (Math.abs(change) < 1e-15 * Math.max(1, Math.abs(x))) break;
    }
    zeros.push(x);
  }
  return zeros.map((at) => ({ at, weight: 1 / (n * normalised(at)[1] ** 2) }));
}

/** A joint outcome of the listed variables. `index`: number of the quadrature node or of the state. */
export type Outcome = { readonly v: readonly number[]; readonly base: readonly number[]; readonly weight: number; readonly logq: number };

/** All outcomes of the variables at `sites` (default: all), with probability `weight`; the others have the value NaN, so that a law that
 *  reads them gives NaN. `base`: the standard normal behind a normal value, the state itself else. */
export function outcomes(
  variables: readonly Variable[], theta: Theta, nodes: readonly Knot[], each: (outcome: Outcome) => void, sites?: ReadonlySet<string>,
): void {
  const v: number[] = [];
  const base: number[] = [];
  const visit = (weight: number, logq: number): void => {
    const variable = variables[v.length];
    if (variable === undefined) return each({ v, base, weight, logq });
    const step = (value: number, from: number, w: number, l: number): void => {
      v.push(value);
      base.push(from);
      visit(weight * w, logq + l);
      v.pop();
      base.pop();
    };
    if (sites !== undefined && !sites.has(variable.site)) return step(NaN, NaN, 1, 0);
    const law = variable.law(theta, v);
    if ("prob" in law) law.prob.forEach((p, state) => step(state, state, p, Math.log(p)));
    else for (const { at, weight: w } of nodes) normalStep(law, at, w, step);
  };
  visit(1, 0);
}

function normalStep(
  { mean, sd }: { readonly mean: number; readonly sd: number }, at: number, weight: number, step: (value: number, base: number, w: number, l: number) => void,
): void {
  const value = mean + sd * at;
  step(value, at, weight, logNormal(value, mean, sd));
}

/** E_q [ log p - log q ]. */
export function exactElbo({ variables, logJoint }: Exact, theta: Theta, nodes: readonly Knot[]): number {
  let total = 0;
  outcomes(variables, theta, nodes, ({ v, weight, logq }) => {
    if (weight > 0) total += weight * (logJoint(v, theta) - logq);
  });
  return total;
}

const STEP = 2e-3;

/** (f(x - 2h) - 8 f(x - h) + 8 f(x + h) - f(x + 2h)) / 12h in every element of theta, parameters one after the other. */
export function differences<T>(theta: Theta, f: (theta: Theta) => T, combine: (points: readonly [T, T, T, T], h: number) => T): T[] {
  return Object.entries(theta).flatMap(([name, values]) =>
    values.map((_, i) => {
      const at = (shift: number): T => f({ ...theta, [name]: values.map((x, j) => (j === i ? x + shift : x)) });
      return combine([at(-2 * STEP), at(-STEP), at(STEP), at(2 * STEP)], STEP);
    }));
}

const fivePoint = ([a, b, c, d]: readonly [number, number, number, number], h: number): number => (a - 8 * b + 8 * c - d) / (12 * h);

export const exactGradient = (exact: Exact, theta: Theta, nodes: readonly Knot[]): number[] =>
  differences(theta, (at) => exactElbo(exact, at, nodes), fivePoint);

/** Row i: derivatives of the gradient by element i. */
export const exactHessian = (exact: Exact, theta: Theta, nodes: readonly Knot[]): number[][] =>
  differences(theta, (at) => exactGradient(exact, at, nodes), (points, h) => points[0].map((_, k) => fivePoint([points[0][k]!, points[1][k]!, points[2][k]!, points[3][k]!], h)));
