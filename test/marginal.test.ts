// Sites summed out of the density, against brute force over all joint states in plain code.

import { expect, test } from "vitest";
import { check } from "../src/model/check.ts";
import { compile } from "../src/compile.ts";
import { reference } from "../src/exec/reference.ts";
import { printStage } from "../src/print-stage.ts";
import { posterior } from "../src/run/posterior.ts";
import { fixedTarget } from "../src/run/fixed-target.ts";
import { VariateError } from "../src/base/diagnostic.ts";
import type { RawData } from "../src/result.ts";

const prepare = (text: string, data: RawData) => compile({ path: "m.ppl", text }, data).prepared;

/** log p at one value of all coordinates. */
function logp(text: string, data: RawData, x: readonly number[]): number {
  const { target } = fixedTarget(prepare(text, data), reference, []);
  expect(target.points).toBe(0);
  return target.values(Float64Array.from(x), new Float64Array(0), new Float64Array(0), 1)[0]!;
}

const normal = (x: number, m: number, s: number): number =>
  -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
const lse = (xs: readonly number[]): number => {
  const top = Math.max(...xs);
  return top + Math.log(xs.reduce((sum, x) => sum + Math.exp(x - top), 0));
};

test("one site per member", () => {
  const text = `data { dim N, K = 3; y: real[N] }
    model {
      sample m ~ Normal(0, 2)
      plate i in N {
        @marginal sample z[i] ~ Categorical([0.2, 0.5, 0.3])
        observe y[i] ~ Normal(if z[i] == 0 then m else if z[i] == 1 then 1 else -2, 0.7)
      }
    }`;
  const y = [0.3, -1.7, 2.2, 0.9];
  const m = 0.4;
  const wanted =
    normal(m, 0, 2) +
    y.reduce(
      (sum, v) =>
        sum +
        lse([Math.log(0.2) + normal(v, m, 0.7), Math.log(0.5) + normal(v, 1, 0.7), Math.log(0.3) + normal(v, -2, 0.7)]),
      0,
    );
  expect(logp(text, { y }, [m])).toBeCloseTo(wanted, 10);
});

test("a state that only reads: the right sum, and no work over pairs of states or over words that are not there", () => {
  const text = `data { dim K = 2, V = 3, N; w: index(V)[N]; a: real[K, V] }
    model {
      sample q ~ Normal(0, 1)
      let phi = softmax(a)
      plate n in N {
        @marginal sample z[n] ~ Categorical([0.5 + 0.4 * tanh(q), 0.5 - 0.4 * tanh(q)])
        observe w[n] ~ Categorical(phi[z[n]])
      }
    }`;
  const a = [
    [0.1, -0.5, 0.9],
    [1.2, 0.3, -2],
  ];
  const data = { w: [0, 2, 2, 1, 0], a };
  const q = 0.7;
  const share = [0.5 + 0.4 * Math.tanh(q), 0.5 - 0.4 * Math.tanh(q)];
  const likelihood = data.w.reduce(
    (sum, v) => sum + Math.log(share.reduce((s, p, k) => s + p * Math.exp(a[k]![v]! - lse(a[k]!)), 0)),
    0,
  );
  expect(logp(text, data, [q])).toBeCloseTo(normal(q, 0, 1) + likelihood, 10);
  const graph = printStage({ path: "m.ppl", text }, data, "grad").text;
  expect(graph).toContain("lseAxis");
  expect(graph).not.toContain(" pick ");
});

test("sites that meet: one inside the other, and a state of probability zero", () => {
  const text = `data { dim N; y: real[N] }
    model {
      sample m ~ Normal(0, 2)
      plate i in N {
        @marginal sample a[i] ~ Bernoulli(0.4)
        @marginal sample b[i] ~ Bernoulli(if a[i] then 0.9 else 0)
        observe y[i] ~ Normal(m + 2 * a[i] - 3 * b[i], 1)
      }
    }`;
  const y = [0.5, -2.2, 1.9];
  const m = -0.3;
  const wanted =
    normal(m, 0, 2) +
    y.reduce((sum, v) => {
      const at = (a: number, b: number): number => {
        const pb = a === 1 ? 0.9 : 0;
        return Math.log(a === 1 ? 0.4 : 0.6) + Math.log(b === 1 ? pb : 1 - pb) + normal(v, m + 2 * a - 3 * b, 1);
      };
      return sum + lse([at(0, 0), at(0, 1), at(1, 0), at(1, 1)]);
    }, 0);
  expect(logp(text, { y }, [m])).toBeCloseTo(wanted, 10);
});

test("through an index: the members of one document share its state", () => {
  const text = `data { dim D, T; doc: index(D)[T]; y: real[T] }
    model {
      sample m ~ Normal(0, 2)
      plate d in D { @marginal sample z[d] ~ Bernoulli(0.3) }
      plate t in T { observe y[t] ~ Normal(m * z[doc[t]], 1) }
    }`;
  const y = [0.5, -2.2, 1.9, 0.1, 3.3];
  const doc = [1, 0, 1, 1, 2];
  const m = 1.4;
  const wanted =
    normal(m, 0, 2) +
    [0, 1, 2].reduce((sum, d) => {
      const own = y.filter((_, t) => doc[t] === d);
      const at = (z: number): number =>
        Math.log(z === 1 ? 0.3 : 0.7) + own.reduce((s, v) => s + normal(v, m * z, 1), 0);
      return sum + lse([at(0), at(1)]);
    }, 0);
  expect(logp(text, { D: 3, doc, y }, [m])).toBeCloseTo(wanted, 10);
});

test("draws of the exact conditional have its probabilities", () => {
  const text = `data { y: real }
    model {
      @marginal sample a ~ Bernoulli(0.4)
      @marginal sample b ~ Categorical(if a then [0.7, 0.2, 0.1] else [0.1, 0.3, 0.6])
      sample m ~ Normal(0, 0.001)
      observe y ~ Normal(m + a + 0.5 * int(b), 1)
      report both = a && b == 2
    }`;
  const prepared = prepare(text, { y: 1.3 });
  const draws = posterior(prepared, reference, 3, []);
  const n = 20_000;
  const at = draws.draw(
    { mean: Float64Array.of(0), scales: [Float64Array.of(1e-6)], points: new Float64Array(0) },
    n,
    0,
  ).values;
  const prior = [[0.1, 0.3, 0.6].map((p) => 0.6 * p), [0.7, 0.2, 0.1].map((p) => 0.4 * p)];
  const joint = prior.map((row, a) => row.map((p, b) => p * Math.exp(normal(1.3, a + 0.5 * b, 1))));
  const total = joint.flat().reduce((s, p) => s + p, 0);
  const share = (name: string): number => at[name]!.values.reduce((s, v) => s + v, 0) / n;
  const close = (found: number, p: number): void =>
    expect(Math.abs(found - p)).toBeLessThan(4.5 * Math.sqrt((p * (1 - p)) / n));
  close(share("site a"), joint[1]!.reduce((s, p) => s + p, 0) / total);
  close(share("report both"), joint[1]![2]! / total);
});

test.each([
  [
    "members meet",
    "data { dim N; y: real[N] } model { sample m ~ Normal(0, 1) plate i in N { @marginal sample z[i] ~ Bernoulli(0.5) } factor m * mean(z) plate i in N { observe y[i] ~ Normal(m, 1) } }",
  ],
])("refused: %s", (_, text) => {
  try {
    prepare(text, { y: [1, 2, 3] });
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(VariateError);
    expect((error as VariateError).diagnostics.map((d) => d.code)).toContain("PPL412");
  }
});

test("only what can be listed, without an estimator, and without a guide", () => {
  const codes = (text: string): readonly string[] => check({ path: "m.ppl", text }).report.map((d) => d.code);
  expect(codes("data { y: real } model { @marginal sample x ~ Normal(0, 1) observe y ~ Normal(x, 1) }")).toContain(
    "PPL412",
  );
  expect(
    codes("data { y: real } model { @marginal @estimator(loo) sample x ~ Bernoulli(0.5) observe y ~ Normal(x, 1) }"),
  ).toContain("PPL412");
  expect(
    codes(
      "data { y: real } model { sample m ~ Normal(0, 1) @marginal sample x ~ Bernoulli(0.5) observe y ~ Normal(m + x, 1) } guide { sample x ~ Bernoulli(0.5) }",
    ),
  ).toContain("PPL506");
});
