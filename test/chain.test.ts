// Hidden Markov models: the summed density against brute force over all paths, drawn states against forward-backward by separate plain code.

import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../src/compile.ts";
import { reference } from "../src/exec/reference.ts";
import { infer } from "../src/infer.ts";
import { fixedTarget } from "../src/run/fixed-target.ts";
import { posterior } from "../src/run/posterior.ts";

const MODEL = `data { dim T, K = 3; y: real[T]; start: real[K]; A: real[K, K]; mu: real[K] }
model {
  sample shift ~ Normal(0, 1)
  scan t in T carry z: index(K) {
    @marginal sample z[t] ~ Categorical(if t == 0 then start else A[z[t - 1]])
    observe y[t] ~ Normal(shift + mu[z[t]], 0.8)
  }
  report last = z[last(T)]
}`;

type Chain = {
  readonly y: readonly number[];
  readonly start: readonly number[];
  readonly A: readonly (readonly number[])[];
  readonly mu: readonly number[];
};

const normal = (x: number, m: number, s: number): number =>
  -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
const emission = ({ y, mu }: Chain, shift: number, t: number, c: number): number =>
  Math.exp(normal(y[t] as number, shift + (mu[c] as number), 0.8));

/** The joint density summed over every path, one after the other. */
function brute(chain: Chain, shift: number): number {
  const K = chain.mu.length;
  let total = 0;
  for (let code = 0; code < K ** chain.y.length; code++) {
    let p = 1;
    let rest = code;
    let before = -1;
    for (let t = 0; t < chain.y.length; t++) {
      const c = rest % K;
      rest = Math.floor(rest / K);
      p *=
        (before < 0 ? (chain.start[c] as number) : ((chain.A[before] as readonly number[])[c] as number)) *
        emission(chain, shift, t, c);
      before = c;
    }
    total += p;
  }
  return normal(shift, 0, 1) + Math.log(total);
}

const prepared = (chain: Chain) => compile({ path: "m.ppl", text: MODEL }, chain as never).prepared;

const simplex = fc
  .array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
  .map((w) => w.map((v) => v / w.reduce((a, b) => a + b, 0)));
const chains: fc.Arbitrary<Chain> = fc.record({
  y: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 6 }),
  start: simplex,
  A: fc.array(simplex, { minLength: 3, maxLength: 3 }),
  mu: fc.constant([-1.5, 0.2, 1.7]),
});

test("the summed density is that of all paths", () => {
  fc.assert(
    fc.property(chains, fc.double({ min: -1, max: 1, noNaN: true }), (chain, shift) => {
      const { target } = fixedTarget(prepared(chain), reference, []);
      const found = target.values(Float64Array.of(shift), new Float64Array(0), new Float64Array(0), 1)[0] as number;
      expect(found).toBeCloseTo(brute(chain, shift), 8);
    }),
    { seed: 7, numRuns: 25 },
  );
});

/** P(z_t = c | y) by forward and backward recursions on probabilities. */
function smoothed(chain: Chain, shift: number): readonly (readonly number[])[] {
  const { y, start, A, mu } = chain;
  const states = mu.map((_, c) => c);
  const scaled = (v: readonly number[]): number[] => v.map((x) => x / v.reduce((a, b) => a + b, 0));
  const forward: number[][] = [];
  y.forEach((_, t) =>
    forward.push(
      scaled(
        states.map(
          (c) =>
            emission(chain, shift, t, c) *
            (t === 0
              ? (start[c] as number)
              : states.reduce((s, b) => s + (forward[t - 1]?.[b] as number) * (A[b]?.[c] as number), 0)),
        ),
      ),
    ),
  );
  let beta = states.map(() => 1);
  const result: number[][] = [];
  for (let t = y.length - 1; t >= 0; t--) {
    result[t] = scaled(states.map((c) => (forward[t]?.[c] as number) * (beta[c] as number)));
    const ahead = beta;
    beta = scaled(
      states.map((b) =>
        states.reduce((s, c) => s + (A[b]?.[c] as number) * emission(chain, shift, t, c) * (ahead[c] as number), 0),
      ),
    );
  }
  return result;
}

test("drawn states have the probabilities of forward-backward", () => {
  const chain: Chain = {
    y: [-1.2, 0.4, 1.9, 1.2, -0.3, 0.1, -2.2],
    start: [0.5, 0.3, 0.2],
    mu: [-1.5, 0.2, 1.7],
    A: [
      [0.7, 0.2, 0.1],
      [0.25, 0.5, 0.25],
      [0.05, 0.35, 0.6],
    ],
  };
  const n = 20_000;
  const draws = posterior(prepared(chain), reference, 5, []).draw(
    { mean: Float64Array.of(0), scales: [Float64Array.of(1e-9)], points: new Float64Array(0) },
    n,
    0,
  );
  const z = draws.values["site z"]?.values as Float64Array;
  const wanted = smoothed(chain, 0);
  wanted.forEach((row, t) =>
    row.forEach((p, c) => {
      let count = 0;
      for (let k = 0; k < n; k++) if (z[k * wanted.length + t] === c) count++;
      expect(Math.abs(count / n - p)).toBeLessThan(4.8 * Math.sqrt((p * (1 - p)) / n) + 1e-9);
    }),
  );
  const last = draws.values["report last"]?.values as Float64Array;
  last.forEach((v, k) => expect(v).toBe(z[k * wanted.length + wanted.length - 1]));
});

test("five hundred steps fit", async () => {
  const y = Array.from({ length: 500 }, (_, t) => (Math.floor(t / 25) % 2 === 0 ? -1 : 2) + Math.sin(7.3 * t * t));
  const text = `data { dim T, K = 2; y: real[T] }
    model {
      plate k in K { sample A[k] ~ Dirichlet([2, 2]) }
      sample low ~ Normal(0, 3)
      sample gap ~ HalfNormal(3)
      scan t in T carry z: index(K) {
        @marginal sample z[t] ~ Categorical(if t == 0 then [0.5, 0.5] else A[z[t - 1]])
        observe y[t] ~ Normal(low + gap * (z[t] == 1), 0.7)
      }
    }`;
  const fit = await infer({ path: "m.ppl", text }, { y });
  expect(fit.converged).toBe(true);
  expect(Math.abs((fit.sites["low"]?.mean as number) + 1)).toBeLessThan(0.15);
  expect(Math.abs((fit.sites["gap"]?.mean as number) - 3)).toBeLessThan(0.2);
}, 120_000);
