// What a model of the estimator tests is: the text that the compiler reads, and beside it the same densities by hand.

import type { RawData } from "../../src/result.ts";
import { sigmoid, type Exact, type Law, type Theta, type Variable } from "./exact-elbo.ts";

export type TestModel = Exact & {
  readonly text: string;
  readonly data: RawData;
  /** The automatic guide of sites that the text gives none (default: mean-field). */
  readonly guide?: "meanfield" | "fullrank";
  /** Where gradients are compared: the guide's parameters (and the model's), none of which has bounds. */
  readonly theta: Theta;
  /** Quadrature nodes that make the bound exact to 1e-10. */
  readonly knots: number;
};

export type V = readonly number[];

export const bernoulli = (logit: number): Law => ({ prob: [1 - sigmoid(logit), sigmoid(logit)] });
export const sum = (n: number, f: (i: number) => number): number =>
  Array.from({ length: n }, (_, i) => f(i)).reduce((a, b) => a + b, 0);
/** Probabilities from amplitudes: w_k^2 / sum of all. */
export const squared = (w: readonly number[]): number[] => w.map((x) => x ** 2 / sum(w.length, (k) => w[k]! ** 2));
export const members = (
  n: number,
  site: string,
  kind: Variable["kind"],
  law: (i: number) => Variable["law"],
): Variable[] => Array.from({ length: n }, (_, i) => ({ site, kind, law: law(i) }));
