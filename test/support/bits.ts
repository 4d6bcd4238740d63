// Fits whose every bit is compared between platforms, and the short text that stands for the bits of one.

import { createHash } from "node:crypto";
import { infer } from "../../src/infer.ts";
import type { Fit, InferOptions, RawData } from "../../src/result.ts";
import { readData, readModel } from "./examples.ts";

export type BitsCase = {
  readonly name: string;
  readonly text: string;
  readonly data: RawData;
  readonly options: InferOptions;
};

/** What is compared of a fit: `Fit` as it is, or as JSON brings it from another platform. */
export type Numbers = {
  readonly elbo: Fit["elbo"];
  readonly khat: number;
  readonly logp: ArrayLike<number>;
  readonly logq: ArrayLike<number>;
  readonly draws: Readonly<Record<string, { readonly values: ArrayLike<number> }>>;
  readonly predictive: Readonly<Record<string, { readonly values: ArrayLike<number> }>>;
};

const COUNTS = `// Counts and shares, guided by families that are drawn by rejection.
data { dim N = 6; dim K = 3; y: int[N]; z: index(K)[N]; t: real[N] > 0 }
model {
  sample rate ~ Gamma(2, 0.5)
  sample share ~ Dirichlet(0.7 * ones(K))
  plate i in N {
    observe y[i] ~ Poisson(rate * t[i])
    observe z[i] ~ Categorical(share)
  }
}
guide {
  param a: real > 0 = 2
  param b: real > 0 = 1
  param c: real[K] > 0 = 1
  sample rate ~ Gamma(a, b)
  sample share ~ Dirichlet(c)
}
`;

const CURVES = `// Functions that platforms round differently: a phase, a power, a curve that saturates, tails.
data { dim N = 8; x: real[N]; y: real[N]; angle: real[N] }
model {
  sample phase ~ VonMises(0, 0.5)
  sample height ~ LogNormal(0, 1)
  sample power ~ Uniform(0.2, 3)
  sample df ~ Exponential(0.1)
  plate i in N {
    let curve = height * tanh(x[i] ^ power) + sin(3 * x[i] + phase) * cos(phase) + erf(x[i] * phase)
    observe y[i] ~ StudentT(df + 1, curve, 0.4)
    observe angle[i] ~ VonMises(phase, 2)
  }
}
`;

const example = (name: string, options: InferOptions): BitsCase => ({
  name,
  text: readModel(`examples/${name}/model.ppl`).text,
  data: readData(`examples/${name}/data.json`),
  options,
});

const x = [0.1, 0.4, 0.7, 1.1, 1.3, 1.8, 2.2, 2.9];
const y = [0.5, 1.4, 1.3, 0.6, 0.4, 0.2, 1.5, 1.9];

export const bitsCases: readonly BitsCase[] = [
  example("eight-schools", { seed: 1 }),
  example("kidiq", { seed: 2 }),
  example("lda", { seed: 3, steps: 300 }),
  example("mixture", { seed: 4, steps: 300 }),
  {
    name: "counts",
    text: COUNTS,
    data: { y: [3, 0, 7, 2, 1, 4], z: [0, 1, 1, 2, 1, 0], t: [1, 0.5, 2, 0.3, 1.1, 0.9] },
    options: { seed: 6, steps: 300 },
  },
  {
    name: "curves",
    text: CURVES,
    data: { x, y, angle: [0.2, -0.5, 0.9, 2.8, 0.1, -0.3, 0.6, -3] },
    options: { seed: 7 },
  },
  {
    name: "curves, by the reference engine",
    text: CURVES,
    data: { x, y, angle: [0.2, -0.5, 0.9, 2.8, 0.1, -0.3, 0.6, -3] },
    options: { seed: 8, method: "adam", steps: 200, engine: "reference" },
  },
];

export const fitOf = ({ name, text, data, options }: BitsCase): Promise<Fit> =>
  infer({ path: `${name}.ppl`, text }, data, { draws: 200, ...options });

/** A hash of all numbers, NaN as null and -0 as 0, as JSON writes them: shortest decimals, which stand for one float64 each. */
export function fingerprint({ elbo, khat, logp, logq, draws, predictive }: Numbers): string {
  const arrays = [draws, predictive].flatMap((group) =>
    Object.keys(group)
      .toSorted()
      .map((name) => [name, Array.from(group[name]!.values)]),
  );
  return hash(JSON.stringify([elbo.mean, elbo.se, khat, Array.from(logp), Array.from(logq), arrays]));
}

export const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
