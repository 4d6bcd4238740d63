// Distributions with matrices: density against SciPy, gradients, leading dims, integral one, draws, moments.

import { describe, expect, it } from "vitest";
import { distOf } from "../src/dist/index.ts";
import { instance, logProb, logProbInside, meanOf, supportOf, varianceOf } from "../src/dist/instance.ts";
import { bijection } from "../src/dist/support.ts";
import type { Node } from "../src/ir/node.ts";
import { add, diagonalOf, exp, inverse, param, solveLower, square, sub, sum } from "../src/op/index.ts";
import { expectClose } from "./support/close.ts";
import { gradientError } from "./support/finite-difference.ts";
import { kolmogorovSmirnov, KS_LIMIT, momentErrors } from "./support/goodness-of-fit.ts";
import {
  drawOn,
  flat,
  instanceOn,
  leafNumbers,
  matrixCases,
  titledCases,
  valueOn,
  type MatrixCase,
} from "./support/matrix-cases.ts";
import { valueOf } from "./support/run-graph.ts";

const POINTS = "P";

describe("the cases", () => {
  it("cover every form of every distribution with a matrix", () => {
    const rows = ["MultivariateNormal", "MultivariateStudentT", "LKJCholesky", "Wishart", "InverseWishart"].map(
      (name) => distOf(name)!,
    );
    for (const dist of rows) {
      const forms = new Set(matrixCases.filter((c) => c.dist === dist).map((c) => c.form));
      expect([...forms].sort(), dist.name).toEqual(dist.forms.map((_, i) => i));
    }
  });
});

describe("density", () => {
  it.each(titledCases(matrixCases))("%s is SciPy's", (_, c) => {
    const x = c.points.flatMap(([at]) => flat(at));
    const n = c.points.length;
    const found = valueOf(logProb(instanceOn(c, [POINTS]), valueOn(c, [POINTS])), leafNumbers(c, n, x), {
      [POINTS]: n,
    }).values;
    c.points.forEach(([, wanted], i) => expectClose(found[i]!, wanted, 1e-9, `point ${i}`));
  });

  it.each(titledCases(matrixCases))("%s is independent over leading dims", (_, c) => {
    const x = c.points.flatMap(([at]) => flat(at));
    const lead = [c.points.length];
    const density = logProb(instanceOn(c, [], lead), valueOn(c, [], lead));
    expect(density.shape).toEqual(lead);
    const found = valueOf(density, leafNumbers(c, c.points.length, x), {}).values;
    c.points.forEach(([, wanted], i) => expectClose(found[i]!, wanted, 1e-9, `point ${i}`));
  });

  it.each(titledCases(matrixCases.filter((c) => c.size > 1 || c.dist.rank === 1)))(
    "%s has the gradient of differences",
    (_, c) => {
      const d = instanceOn(c);
      const x = valueOn(c);
      // near the middle, where differences have digits
      const values = leafNumbers(c, 1, flat(c.points[0]![0]));
      const leaves = [
        x,
        ...Object.entries(d.params)
          .filter(([name]) => name !== "K")
          .map(([, leaf]) => leaf),
      ];
      expect(gradientError(logProbInside(d, x), leaves, values, {})).toBeLessThan(2e-5);
    },
  );

  it.each([
    ["LKJCholesky", { eta: 2 }, [1, 0, 0.6, 0.7]],
    ["LKJCholesky", { eta: 2 }, [1, 0.1, 0.6, 0.8]],
    ["LKJCholesky", { eta: 2 }, [1, 0, 0.6, -0.8]],
    ["Wishart", { df: 4, scale: [1, 0, 0, 1] }, [1, 2, 2, 1]],
    ["InverseWishart", { df: 4, scale: [1, 0, 0, 1] }, [-1, 0, 0, -1]],
  ] as const)("%s(%j) is zero outside its support: %j", (name, params, x) => {
    const leaves = Object.fromEntries(
      Object.entries(params).map(([p, v]) => [p, param(p, [], typeof v === "number" ? [] : [2, 2])]),
    );
    const d = instance(distOf(name)!, 0, name === "LKJCholesky" ? { ...leaves, K: param("K", [], []) } : leaves);
    const numbers = Object.fromEntries(
      Object.entries({ ...params, K: 2, x }).map(([p, v]) => [p, Float64Array.from([v].flat())]),
    );
    expect(valueOf(logProb(d, param("x", [], [2, 2])), numbers, {}).values[0]).toBe(-Infinity);
  });

  it("does not exist for too few degrees of freedom", () => {
    const wishart = matrixCases.find((c) => c.dist.name === "Wishart" && c.size === 3)!;
    const values = { ...leafNumbers(wishart, 1, flat(wishart.points[0]![0])), df: Float64Array.of(2) };
    expect(valueOf(logProb(instanceOn(wishart), valueOn(wishart)), values, {}).values[0]).toBeNaN();
  });
});

describe("total probability of the unconstrained scale", () => {
  /** Trapezoidal sums over a box: exact up to what lies outside, for smooth densities. */
  function integral(c: MatrixCase, dims: number, reach: number, steps: number, middle: readonly number[]): number {
    const axis = Array.from({ length: steps + 1 }, (_, i) => ((2 * i) / steps - 1) * reach);
    const points = middle.reduce<number[][]>((list, m) => list.flatMap((p) => axis.map((v) => [...p, v + m])), [[]]);
    const u = param("u", [POINTS], [dims]);
    const d = instanceOn(c);
    const map = bijection(supportOf(d));
    const density = add(logProbInside(d, map.fromUnconstrained(u)), map.logJacobian(u));
    const values = { ...leafNumbers(c, 1), u: Float64Array.from(points.flat()) };
    return (
      valueOf(exp(density), values, { [POINTS]: points.length }).values.reduce((a, b) => a + b, 0) *
      ((2 * reach) / steps) ** dims
    );
  }
  const find = (name: string, size: number, which = 0): MatrixCase =>
    matrixCases.filter((c) => c.dist.name === name && c.size === size)[which]!;

  /** Few degrees of freedom have tails that no box holds, and the box wants entries near 1. */
  const withDf = (c: MatrixCase): MatrixCase => {
    if (!("df" in c.params) || c.size === 1) return c;
    const scale =
      c.dist.name === "Wishart"
        ? [
            [0.12, 0.03],
            [0.03, 0.1],
          ]
        : [
            [7, 2],
            [2, 5],
          ];
    return { ...c, params: { df: 9, scale } };
  };

  it.each([
    ["LKJCholesky", 2, 0, 1, 20, 400, [0]],
    ["LKJCholesky", 2, 1, 1, 20, 400, [0]],
    ["LKJCholesky", 3, 0, 3, 12, 60, [0, 0, 0]],
    ["Wishart", 2, 0, 3, 8, 60, [0, 0, 0]],
    ["InverseWishart", 2, 0, 3, 8, 60, [0, 0, 0]],
    ["Wishart", 1, 0, 1, 20, 400, [0]],
    ["InverseWishart", 1, 0, 1, 20, 400, [0]],
  ] as const)("%s of %i rows, case %i", (name, size, which, dims, reach, steps, middle) => {
    expect(integral(withDf(find(name, size, which)), dims, reach, steps, middle)).toBeCloseTo(1, 3);
  });

  it("of a wrong Jacobian is told apart", () => {
    const c = find("LKJCholesky", 2, 1);
    expect(Math.abs(integral({ ...c, params: { ...c.params, eta: 3.4 } }, 1, 20, 400, [0]) - 1)).toBeLessThan(1e-6);
    const density = exp(
      logProbInside(
        instanceOn(c),
        bijection({ kind: "cholesky-correlation" }).fromUnconstrained(param("u", [POINTS], [1])),
      ),
    );
    const u = Float64Array.from({ length: 401 }, (_, i) => i / 10 - 20);
    const total =
      valueOf(density, { ...leafNumbers(c, 1), u }, { [POINTS]: 401 }).values.reduce((a, b) => a + b, 0) / 10;
    expect(Math.abs(total - 1)).toBeGreaterThan(0.05);
  });
});

describe("moments", () => {
  it.each(titledCases(matrixCases.filter((c) => c.mean !== null)))("%s has the mean", (_, c) => {
    const found = valueOf(meanOf(instanceOn(c))!, leafNumbers(c, 1), {}).values;
    flat(c.mean!).forEach((wanted, i) => expectClose(found[i]!, wanted, 1e-9, `entry ${i}`));
  });
  it.each(titledCases(matrixCases.filter((c) => c.variance !== null)))("%s has the variance", (_, c) => {
    const found = valueOf(varianceOf(instanceOn(c))!, leafNumbers(c, 1), {}).values;
    flat(c.variance!).forEach((wanted, i) => expectClose(found[i]!, wanted, 1e-9, `entry ${i}`));
  });
  it("that do not exist are NaN or infinite", () => {
    const [t] = matrixCases.filter((c) => c.dist.name === "MultivariateStudentT" && c.mean === null);
    const at = (node: Node): number[] => [...valueOf(node, leafNumbers(t!, 1), {}).values];
    expect(at(meanOf(instanceOn(t!))!).every(Number.isNaN)).toBe(true);
    expect(at(varianceOf(instanceOn(t!))!).every(Number.isNaN)).toBe(true);
    const [w] = matrixCases.filter((c) => c.dist.name === "InverseWishart" && c.variance === null);
    expect([...valueOf(varianceOf(instanceOn(w!))!, leafNumbers(w!, 1), {}).values].every(Number.isNaN)).toBe(true);
  });
});

// ---------------------------------------------------------------------------------------- draws

const DRAWS = 20_000;
const DRAW = "D";

/** Entry k of every draw. */
function entriesOf(c: MatrixCase, node: Node = drawOn(c, [DRAW])): Float64Array[] {
  const { values, shape } = valueOf(node, leafNumbers(c, 1), { [DRAW]: DRAWS });
  const size = shape.reduce((a, b) => a * b, 1);
  return Array.from({ length: size }, (_, k) => Float64Array.from({ length: DRAWS }, (_d, i) => values[i * size + k]!));
}

/** P(χ² <= q) for an even number of degrees of freedom: 1 - e^(-q/2) Σ (q/2)^k / k!. */
function chiSquareCdf(q: number, df: number): number {
  let [term, total] = [1, 0];
  for (let k = 0; k < df / 2; k++) {
    total += term;
    term *= q / 2 / (k + 1);
  }
  return 1 - Math.exp(-q / 2) * total;
}

/** P(R <= r) of a marginal correlation with density ∝ (1 - r²)^(a - 1): trapezoidal sums in θ, r = -cos θ. */
function correlationCdf(a: number): (r: number) => number {
  const steps = 20_000;
  const sums = [0];
  for (let i = 0; i < steps; i++) sums.push(sums[i]! + Math.sin(((i + 0.5) * Math.PI) / steps) ** (2 * a - 1));
  return (r) => {
    const at = (Math.acos(-r) / Math.PI) * steps;
    const i = Math.min(Math.floor(at), steps - 1);
    return (sums[i]! + (at - i) * (sums[i + 1]! - sums[i]!)) / sums[steps]!;
  };
}

describe("draws", () => {
  const withMoments = matrixCases.filter(
    (c) =>
      c.variance !== null &&
      !(c.dist.name === "MultivariateStudentT" && Number(c.params["df"]) < 9) &&
      !(c.dist.name === "InverseWishart"),
  );
  it.each(titledCases(withMoments))("%s have mean and variance", (_, c) => {
    const [mean, variance] = [flat(c.mean!), flat(c.variance!)];
    entriesOf(c).forEach((draws, k) => {
      const errors = momentErrors(draws, mean[k]!, variance[k]!);
      expect(errors.mean, `mean of entry ${k}`).toBeLessThan(4.5);
      expect(errors.variance, `variance of entry ${k}`).toBeLessThan(5);
    });
  });

  const even = matrixCases.filter((c) => c.dist.rank === 1 && c.size % 2 === 0 && c.form === 0);
  it.each(titledCases(even))("%s lie as far from the centre as they should", (_, c) => {
    const d = instanceOn(c);
    const [distance] = entriesOf(
      c,
      sum(square(solveLower(d.params["chol"]!, sub(drawOn(c, [DRAW]), d.params["mean"] ?? d.params["loc"]!)))),
    );
    const df = Number(c.params["df"]);
    const cdf =
      c.dist.name === "MultivariateNormal"
        ? (q: number) => chiSquareCdf(q, c.size)
        : (q: number) => 1 - (1 + q / df) ** (-df / 2);
    expect(kolmogorovSmirnov(distance!, cdf)).toBeLessThan(KS_LIMIT);
  });

  const factors = matrixCases.filter((c) => c.dist.name === "LKJCholesky" && c.size > 1);
  it.each(titledCases(factors))("%s give every correlation its marginal", (_, c) => {
    const L = entriesOf(c);
    const row = (i: number): Float64Array[] => L.slice(i * c.size, (i + 1) * c.size);
    const cdf = correlationCdf(Number(c.params["eta"]) + (c.size - 2) / 2);
    for (const [i, j] of [
      [1, 0],
      [c.size - 1, 0],
      [c.size - 1, c.size - 2],
    ] as const) {
      const r = Float64Array.from({ length: DRAWS }, (_d, k) =>
        row(i).reduce((s, v, m) => s + v[k]! * row(j)[m]![k]!, 0),
      );
      expect(kolmogorovSmirnov(r, cdf), `${i}, ${j}`).toBeLessThan(KS_LIMIT);
    }
  });

  /** x_11 / S_11 ~ χ²(df), (S⁻¹)_nn / (X⁻¹)_nn ~ χ²(df - n + 1) for X ~ Wishart(df, S): Muirhead 1982, theorem
   *  3.2.11. */
  it.each([
    ["Wishart", 6],
    ["InverseWishart", 6],
  ] as const)("%s have χ² first and last entries", (name, df) => {
    const base = matrixCases.find((c) => c.dist.name === name && c.size === 3)!;
    const c = { ...base, params: { ...base.params, df } };
    const S = instanceOn(c).params["scale"]!;
    const X = drawOn(c, [DRAW]);
    const [W, scale] = name === "Wishart" ? [X, S] : [inverse(X), inverse(S)];
    const ratio = (top: Node, bottom: Node, k: number): Float64Array => {
      const [t, b] = [entriesOf(c, diagonalOf(top))[k]!, valueOf(diagonalOf(bottom), leafNumbers(c, 1), {}).values[k]!];
      return t.map((v) => v / b);
    };
    expect(kolmogorovSmirnov(ratio(W, scale, 0), (q) => chiSquareCdf(q, df))).toBeLessThan(KS_LIMIT);
    const last = ratio(inverse(W), inverse(scale), 2).map((v) => 1 / v);
    expect(kolmogorovSmirnov(last, (q) => chiSquareCdf(q, df - 2))).toBeLessThan(KS_LIMIT);
    expect(kolmogorovSmirnov(last, (q) => chiSquareCdf(q, df))).toBeGreaterThan(KS_LIMIT);
  });

  /** A matrix drawn with few degrees of freedom is singular to all digits. */
  const regular = matrixCases
    .filter((c) => c.dist.name !== "Wishart" || Number(c.params["df"]) > c.size)
    .filter((c) => c.dist.rank === 1 || c.size > 1);
  it.each(titledCases(regular))("%s lie in the support, and leading dims are independent draws", (_, c) => {
    const node = drawOn(c, [DRAW], [2]);
    const numbers = leafNumbers(c, 2);
    const { values } = valueOf(node, numbers, { [DRAW]: 200 });
    const size = node.shape.slice(1).reduce((a, b) => a * b, 1);
    const x = param("x", [DRAW], node.shape);
    const density = valueOf(logProb(instanceOn(c, [], [2]), x), { ...numbers, x: values }, { [DRAW]: 200 }).values;
    expect(density.every(Number.isFinite)).toBe(true);
    expect([...values.subarray(0, size)].some((v, k) => v !== values[size + k])).toBe(true);
  });

  it("of a single row are the correlation of a variable with itself", () => {
    const one = matrixCases.find((c) => c.dist.name === "LKJCholesky" && c.size === 1)!;
    expect([...valueOf(drawOn(one, [DRAW]), leafNumbers(one, 1), { [DRAW]: 3 }).values].every((v) => v === 1)).toBe(
      true,
    );
  });
});
