// Exact evidence lower bounds in plain code, without graphs: discrete values are summed, continuous ones integrated by
// Gauss quadrature, derivatives are five-point differences. Nothing of `src` enters, so that it can be the judge of all
// of it.

export type Theta = Readonly<Record<string, readonly number[]>>;

/** The guide's law of one scalar latent, given the ones drawn before it. */
export type Law =
  | { readonly mean: number; readonly sd: number }
  | { readonly lower: number; readonly upper: number }
  | { readonly prob: readonly number[] };

/** One scalar latent. Members of a plate follow each other; all lie in the order in which the guide draws them. */
export type Variable = {
  readonly site: string;
  /** What its base noise is: a standard normal, a uniform under the probability, or a Gumbel race. */
  readonly kind: "normal" | "uniform" | "bool" | "category" | "count";
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
export const logBernoulli = (value: number, logit: number): number =>
  -Math.log1p(Math.exp(value === 1 ? -logit : logit));

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

/** Nodes and weights for the standard normal: zeros of the Hermite polynomial He_n by Newton's method from the
 *  outermost inwards, the zeros  found before divided out; weights n! / (n He_{n-1})^2 (Abramowitz and Stegun 25.4.46).
 *  He is kept normalised by sqrt(n!). */
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

/** The rule for the uniform distribution on (0, 1): zeros of the Legendre polynomial, weights 1 / ((1 - x^2) P_n'(x)^2)
 *  (25.4.30). */
export function gaussLegendre(n: number): readonly Knot[] {
  const polynomial = (x: number): readonly [number, number] => {
    let [before, now] = [0, 1];
    for (let k = 1; k <= n; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
    return [now, (n * (before - x * now)) / (1 - x * x)];
  };
  return Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    for (let step = 0; step < 20; step++) {
      const [value, slope] = polynomial(x);
      x -= value / slope;
    }
    return { at: (1 + x) / 2, weight: 1 / ((1 - x * x) * polynomial(x)[1] ** 2) };
  });
}

export type Rules = { readonly normal: readonly Knot[]; readonly uniform: readonly Knot[] };

export const rulesOf = (knots: number): Rules => ({ normal: gaussHermite(knots), uniform: gaussLegendre(knots) });

/** A joint outcome of the listed variables. `base`: the noise behind each value, as the estimator's draw reads it. */
export type Outcome = {
  readonly v: readonly number[];
  readonly base: readonly (readonly number[])[];
  readonly weight: number;
  readonly logq: number;
};

/** One value of a variable with its probability, or a quadrature node that stands for several. */
export type Weighted = {
  readonly at: number;
  readonly base: readonly number[];
  readonly weight: number;
  readonly logq: number;
};

/** All values of a variable, with noise that gives them. */
export type Listing = (variable: Variable, law: Law, rules: Rules) => readonly Weighted[];

/** All outcomes of the variables at `sites` (default: all), with probability `weight`; the others have the value NaN,
 *  so that a law that  reads them gives NaN. */
export function outcomes(
  variables: readonly Variable[],
  theta: Theta,
  rules: Rules,
  each: (outcome: Outcome) => void,
  sites?: ReadonlySet<string>,
  listing: Listing = asDrawn,
): void {
  const v: number[] = [];
  const base: (readonly number[])[] = [];
  const visit = (weight: number, logq: number): void => {
    const variable = variables[v.length];
    if (variable === undefined) return each({ v, base, weight, logq });
    const known = sites === undefined || sites.has(variable.site);
    for (const value of known ? listing(variable, variable.law(theta, v), rules) : [NOTHING]) {
      v.push(value.at);
      base.push(value.base);
      visit(weight * value.weight, logq + value.logq);
      v.pop();
      base.pop();
    }
  };
  visit(1, 0);
}

const NOTHING: Weighted = { at: NaN, base: [NaN], weight: 1, logq: 0 };

/** A race that one of the states wins by 23. */
export const wonBy = (winner: number, states: number): readonly number[] =>
  Array.from({ length: states }, (_, state) => (state === winner ? 1 - 1e-9 : 1e-9));

/** The values as the guide draws them: a Boolean from a uniform far below or above every probability, a category from a
 *  race. */
export const asDrawn: Listing = ({ kind }, law, { normal, uniform }) => {
  if ("prob" in law) {
    const base = (state: number): readonly number[] =>
      kind === "bool" ? [state === 1 ? 1e-12 : 1 - 1e-12] : wonBy(state, kind === "count" ? 0 : law.prob.length);
    return law.prob.map((p, state) => ({ at: state, base: base(state), weight: p, logq: Math.log(p) }));
  }
  if ("lower" in law) {
    const width = law.upper - law.lower;
    return uniform.map(({ at, weight }) => ({
      at: law.lower + width * at,
      base: [at],
      weight,
      logq: -Math.log(width),
    }));
  }
  const { mean, sd } = law;
  return normal.map(({ at, weight }) => ({
    at: mean + sd * at,
    base: [at],
    weight,
    logq: logNormal(mean + sd * at, mean, sd),
  }));
};

/** E_q [ log p - log q ]. */
export function exactElbo({ variables, logJoint }: Exact, theta: Theta, rules: Rules): number {
  let total = 0;
  outcomes(variables, theta, rules, ({ v, weight, logq }) => {
    if (weight > 0) total += weight * (logJoint(v, theta) - logq);
  });
  return total;
}

const STEP = 2e-3;

/** (f(x - 2h) - 8 f(x - h) + 8 f(x + h) - f(x + 2h)) / 12h, elementwise, in every element of theta, parameters one
 *  after the other. */
export function differences(theta: Theta, f: (theta: Theta) => readonly number[]): number[][] {
  return Object.entries(theta).flatMap(([name, values]) =>
    values.map((_, i) => {
      const at = (shift: number): readonly number[] =>
        f({ ...theta, [name]: values.map((x, j) => (j === i ? x + shift : x)) });
      const [a, b, c, d] = [at(-2 * STEP), at(-STEP), at(STEP), at(2 * STEP)];
      return a.map((_, k) => (a[k]! - 8 * b[k]! + 8 * c[k]! - d[k]!) / (12 * STEP));
    }),
  );
}

export const exactGradient = (exact: Exact, theta: Theta, rules: Rules): number[] =>
  differences(theta, (at) => [exactElbo(exact, at, rules)]).flat();

/** Row i: derivatives of the gradient by element i. */
export const exactHessian = (exact: Exact, theta: Theta, rules: Rules): number[][] =>
  differences(theta, (at) => exactGradient(exact, at, rules));
