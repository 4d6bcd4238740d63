// Loops that run one turn after the other in the wasm engine: recursions, running sums, factorisations, sorting; and that no op is left to the reference kernels.

import { describe, expect, test } from "vitest";
import { wasm } from "../src/exec/wasm.ts";
import { lower } from "../src/exec/wasm/lower.ts";
import { printProgram } from "../src/exec/wasm/program/print.ts";
import { simplest } from "../src/exec/wasm/simple/simplest.ts";
import { make } from "../src/ir/make.ts";
import type { Node } from "../src/ir/node.ts";
import {
  add,
  cholesky,
  concat,
  cumsum,
  data,
  drawBinomial,
  drawGamma,
  drawPoisson,
  drawVonMises,
  einsum,
  equal,
  exp,
  gather,
  identityLike,
  iota,
  logDet,
  lseAxis,
  mul,
  ops as everyOp,
  order,
  param,
  reshape,
  rename,
  scalar,
  scan,
  select,
  sigmoid,
  slice,
  solve,
  solveLower,
  solveUpper,
  sorted,
  sum,
  sumAxis,
  tanh,
  toAxis,
  toEvent,
  xlogy,
} from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { engineGap, someParams } from "./support/engines.ts";
import { withWeights } from "./support/finite-difference.ts";
import { axisOpCases } from "./support/op-cases-axes.ts";
import { eventCases } from "./support/op-cases-events.ts";
import { matrixCases } from "./support/op-cases-matrix.ts";
import { restCases } from "./support/op-cases-rest.ts";
import { paramsBelow, type Sizes, type Values } from "./support/run-graph.ts";

const CLOSE = 1e-10;
const OP_SIZES: Sizes = { J: 3, K: 2, T: 4, Z: 3 };

/** A node and its gradients agree with the reference engine's. */
function expectAgreement(root: Node, sizes: Sizes, values: Values = someParams([root], sizes)): void {
  const { weighted, all } = withWeights(root, values, sizes);
  const gradients = grad(weighted, paramsBelow([root]));
  const outputs = { root, ...Object.fromEntries(gradients.map((node, i) => [`gradient ${i}`, node])) };
  const gap = engineGap({ outputs }, all, { params: values, sizes, seed: 7, step: 0 });
  expect(gap.error, JSON.stringify(gap)).toBeLessThan(CLOSE);
  expect(gap.finite).toBe(1);
}

const T = 6;
const along = (name: string, ...axes: string[]): Node => toAxis(param(name, axes, [T]), 0, "T");

/** One step each, of a carry of some event shape. */
const steps: Readonly<Record<string, readonly [shape: readonly number[], step: (carry: Node) => Node]>> = {
  "a number": [[], (c) => add(tanh(mul(param("phi", [], []), c)), along("u"))],
  "a number of each of several chains": [[], (c) => add(tanh(mul(param("phi", ["J"], []), c)), along("u", "K"))],
  "an index that the carry reads": [
    [],
    (c) => add(mul(scalar(0.5), c), gather(param("table", [], [3]), 0, along("u").axes.length > 0 ? scalar(1) : c)),
  ],
  "the last three values": [
    [3],
    (c) => {
      const next = add(sum(mul(param("phi", ["J"], [3]), c)), along("u"));
      return concat([reshape(next, [1]), slice(c, 0, 0, 2)], 0);
    },
  ],
  "a matrix times a vector": [[3], (c) => tanh(einsum("ij,j->i", param("A", ["K"], [3, 3]), c))],
  "a factorisation in each step": [
    [2, 2],
    (c) =>
      cholesky(add(identityLike([2, 2]), mul(scalar(0.1), einsum("ij,kj->ik", c, mul(param("A", ["J"], [2, 2]), c))))),
  ],
  "a running sum in each step": [[4], (c) => tanh(cumsum(mul(c, param("w", [], [4])), 0))],
  "a recursion in each step": [
    [],
    (c) => {
      const inner = scan("S", 4, c, (d) =>
        tanh(add(mul(param("b", ["J"], []), d), mul(c, toAxis(param("v", [], [4]), 0, "S")))),
      );
      return add(sumAxis(mul(inner, scalar(0.3)), "S"), along("u"));
    },
  ],
};

describe("recursions", () => {
  test.each(
    Object.entries(steps).flatMap(([title, [shape, step]]) =>
      (["forward", "backward"] as const).map((direction) => [direction, title, shape, step] as const),
    ),
  )("%s: %s", (direction, _, shape, step) => {
    for (const sizes of [
      { J: 3, K: 2 },
      { J: 1, K: 9 },
      { J: 8, K: 1 },
    ]) {
      const c = scan("T", T, param("first", [], shape), step, direction);
      expectAgreement(c, { ...sizes, T, S: 4 });
    }
  });

  test.each([1, 2, 5, 33])("states summed out, %i chains", (J) => {
    const K = 4;
    const transitions = param("logits", ["J"], [K, K]);
    const scores = toAxis(toAxis(param("scores", ["J"], [T, K]), 0, "T"), 0, "to");
    const from = toAxis(toAxis(transitions, 0, "from"), 0, "to");
    const c = scan("T", T, toAxis(param("start", [], [K]), 0, "to"), (alpha) =>
      add(lseAxis(add(rename(alpha, "to", "from"), from), "from"), scores),
    );
    expectAgreement(c, { J, T, to: K, from: K });
  });

  test.each([0, 1])("%i steps", (size) => {
    const u = toAxis(param("u", [], [size]), 0, "T");
    const c = scan("T", size, param("first", ["J"], []), (carry) => add(mul(scalar(0.5), carry), u));
    const root = add(sumAxis(c, "T"), param("first", ["J"], []));
    expectAgreement(root, { J: 3, T: size });
  });

  test("a run does not see the last one", () => {
    const c = scan("T", T, param("first", [], []), (carry) => mul(scalar(2), carry));
    const loaded = wasm.load({ outputs: { c } }, {});
    const run = (first: number) =>
      loaded.run({ params: { first: Float64Array.of(first) }, sizes: { T }, seed: 0, step: 0 })["c"]!.values;
    expect([...run(1)]).toEqual([2, 4, 8, 16, 32, 64]);
    run(-3);
    expect([...run(1)]).toEqual([2, 4, 8, 16, 32, 64]);
  });
});

describe("programs", () => {
  const programOf = (node: Node, sizes: Sizes): string =>
    printProgram(lower(simplest([node]), { sizes, fullSizes: sizes, batched: [], supplied: [] })).replace(
      /^[^]*\n\n/,
      "",
    );

  test("a recursion reads the member before, and its chains are lanes", () => {
    const c = scan("T", 20, param("first", [], []), (c) =>
      add(mul(param("phi", ["J"], []), c), toAxis(param("u", [], [20]), 0, "T")),
    );
    expect(programOf(c, { T: 20, J: 6 })).toMatchInlineSnapshot(`
      "v0 = m0
      for #2 in 6 {
        m3[21 #2] = v0
      }
      for #1 in 20 forward {
        v4 = m2[#1]
        for J in 6 {
          v1 = m1[J]
          v2 = m3[21 J + #1]
          v3 = mul(v1, v2)
          v5 = add(v3, v4)
          m3[1 + 21 J + #1] = v5
        }
      }
      "
    `);
  });

  test("a factorisation runs over the entries before", () => {
    expect(programOf(cholesky(param("A", ["J"], [9, 9])), { J: 30 })).toMatchInlineSnapshot(`
      "parts J part in 2 {
        for J in 30 from 16 J part, 16 of them {
          for #7 in 9 forward {
            for #8 in 9 before #7 forward {
              v1 = m0[J + 270 #7 + 30 #8]
              v2 = m0[J + 270 #8 + 30 #7]
              v3 = add(v1, v2)
              v4 = mul(0.5, v3)
              for #9 in 9 before #8 {
                v5 = m1[J + 270 #7 + 30 #9]
                v6 = m1[J + 270 #8 + 30 #9]
                v7 = mul(v5, v6)
              } v8 = sum v7;
              v9 = sub(v4, v8)
              v10 = m1[J + 300 #8]
              v11 = div(v9, v10)
              m1[J + 270 #7 + 30 #8] = v11
            }
            v12 = m0[J + 300 #7]
            for #10 in 9 before #7 {
              v13 = m1[J + 270 #7 + 30 #10]
              v14 = m1[J + 270 #7 + 30 #10]
              v15 = mul(v13, v14)
            } v16 = sum v15;
            v17 = sub(v12, v16)
            v18 = sqrt(v17)
            m1[J + 300 #7] = v18
            v20 = less(0, v17)
            v21 = isFinite(v17)
            v22 = and(v20, v21)
          } v23 = min v22;
          v30 = select(v23, 0, NaN)
          for #11 in 9 forward {
            for #12 in 9 before #11 {
              v26 = m1[J + 270 #11 + 30 #12]
              v27 = select(v23, v26, NaN)
              m1[J + 270 #11 + 30 #12] = v27
            }
            v28 = m1[J + 300 #11]
            v29 = select(v23, v28, NaN)
            m1[J + 300 #11] = v29
            for #13 in 9 after #11 {
              m1[J + 270 #11 + 30 #13] = v30
            }
          }
        }
      }
      "
    `);
  });

  test("a logarithm is taken once for all counts that it meets", () => {
    const program = programOf(xlogy(data("n", ["N"], []), exp(param("p", ["J"], []))), { N: 50, J: 7 });
    expect(program.match(/log\(/g)).toHaveLength(1);
    expect(program.indexOf("log(")).toBeLessThan(program.indexOf("in 50"));
  });

  test("a function of a choice is taken of both sides, where they vary less", () => {
    const isFirst = equal(iota("N"), scalar(0));
    const program = programOf(exp(select(isFirst, param("a", ["J"], []), param("b", [], []))), { N: 50, J: 7 });
    expect(program.match(/exp\(/g)).toHaveLength(2);
    expect(program.lastIndexOf("exp(")).toBeLessThan(program.indexOf("in 50"));
  });
});

describe("running sums", () => {
  test.each([
    [1, 1],
    [2, 3],
    [7, 1],
    [9, 20],
  ])("%i numbers, %i lines", (n, J) => {
    const x = param("x", ["J"], [2, n]);
    for (const reverse of [false, true]) expectAgreement(cumsum(exp(x), 1, reverse), { J });
    expectAgreement(cumsum(toEvent(x, "J", 0, J), 0), { J });
  });
});

describe("matrices", () => {
  const definite = (n: number): Node => {
    const A = param("A", ["J"], [n, n]);
    return add(einsum("ik,jk->ij", A, A), mul(scalar(0.5), identityLike([n, n])));
  };
  const regular = (n: number): Node => add(param("A", ["J"], [n, n]), mul(scalar(-0.3), identityLike([n, n])));
  const triangle = (n: number): Node => add(mul(scalar(0.3), param("A", ["J"], [n, n])), identityLike([n, n]));
  const b = (n: number): Node => param("b", ["K"], [n]);
  const B = (n: number): Node => param("B", [], [n, 3]);
  const CASES: Readonly<Record<string, (n: number) => Node>> = {
    cholesky: (n) => cholesky(definite(n)),
    solveLower: (n) => solveLower(triangle(n), b(n)),
    "solveLower of columns": (n) => solveLower(triangle(n), B(n)),
    solveUpper: (n) => solveUpper(triangle(n), b(n)),
    "solveUpper of columns": (n) => solveUpper(triangle(n), B(n)),
    solve: (n) => solve(regular(n), b(n)),
    "solve of columns": (n) => solve(regular(n), B(n)),
    logDet: (n) => logDet(regular(n)),
  };
  const SIZES = [1, 2, 3, 5, 8, 11].flatMap((n) => [1, 3, 17].map((J) => [n, J] as const));

  test.each(Object.entries(CASES))("%s", (_, build) => {
    for (const [n, J] of SIZES) expectAgreement(build(n), { J, K: 2 });
  });

  test("matrices before the last two dims", () => {
    const A = add(mul(scalar(0.3), param("A", ["J"], [2, 6, 6])), identityLike([2, 6, 6]));
    for (const J of [1, 4, 9]) expectAgreement(solveLower(A, param("b", ["K"], [2, 6])), { J, K: 3 });
  });

  test.each([3, 7])("what has no factor is NaN, its neighbours are not (%i rows)", (n) => {
    const indefinite = add(identityLike([n, n]), mul(param("x", ["J"], []), identityLike([n, n])));
    const singular = mul(param("x", ["J"], []), identityLike([n, n]));
    const values = { x: Float64Array.of(0.5, -2, 0, 1, NaN, -0.5, 3, 0.25) };
    const sizes = { J: values.x.length };
    const outputs = {
      L: cholesky(indefinite),
      inverse: solve(singular, identityLike([n, n])),
      logDet: logDet(singular),
    };
    const gap = engineGap({ outputs }, {}, { params: values, sizes, seed: 0, step: 0 });
    expect(gap.error, JSON.stringify(gap)).toBeLessThan(CLOSE);
    expect(gap.finite).toBeGreaterThan(0.5);
    expect(gap.finite).toBeLessThan(1);
  });
});

describe("sorting", () => {
  test.each([
    [1, 2],
    [2, 5],
    [9, 1],
    [40, 3],
    [129, 1],
    [300, 2],
  ])("%i numbers, %i lines", (n, J) => expectAgreement(sorted(param("x", ["J"], [n])), { J }));

  test.each([7, 128, 129, 200, 513])("%i numbers: equal ones keep their order, NaN is last", (n) => {
    const x = param("x", ["J"], [2, n]);
    const kinds = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 2.5, 1e300];
    const values = { x: Float64Array.from({ length: 6 * n }, (_, i) => kinds[(i * i + 3 * i) % 11] ?? (i % 17) - 8) };
    const gap = engineGap({ outputs: { places: order(x) } }, {}, { params: values, sizes: { J: 3 }, seed: 0, step: 0 });
    expect(gap).toMatchObject({ error: 0, finite: 1 });
  });

  test("inside a recursion, once a step", () => {
    const line = param("line", [], [129]);
    expectAgreement(
      scan("J", 3, line, (c) => mul(sorted(mul(c, scalar(-0.5))), line)),
      OP_SIZES,
    );
  });
});

describe("every op of the table has code", () => {
  const frame = { sizes: OP_SIZES, fullSizes: OP_SIZES, batched: [], supplied: [] };
  const key = { site: "z", axes: ["J"], shape: [] };
  const x = exp(param("x", ["J"], []));
  const others: Readonly<Record<string, Node>> = {
    drawGamma: drawGamma(key, x),
    drawVonMises: drawVonMises(key, x),
    drawPoisson: drawPoisson(key, x),
    drawBinomial: drawBinomial(key, scalar(7), sigmoid(x)),
    order: order(param("line", ["J"], [129])),
  };
  const cases = [...eventCases, ...axisOpCases, ...matrixCases, ...restCases];

  test.each(cases.map((c) => [c.title, c] as const))("%s", (_, { leaves, build }) => {
    const nodes = Object.entries(leaves).map(([name, { axes, shape }]) => [name, param(name, axes, shape)] as const);
    expect(() => lower(simplest([build(Object.fromEntries(nodes))]), frame)).not.toThrow();
  });

  test.each(Object.entries(others))("%s", (_, root) => expectAgreement(root, OP_SIZES));

  test("none is missing from the cases", () => {
    const seen = new Set([...cases.flatMap(({ ops }) => ops), ...Object.keys(others)]);
    const inRecursions = ["slot", "scan", "before"];
    const wanted = everyOp.filter(({ kind, name }) => kind !== "map" && !inRecursions.includes(name));
    const missing = wanted.map(({ name }) => name).filter((name) => !seen.has(name));
    expect(missing).toEqual([]);
  });

  test("one without is refused by its name", () => {
    const strange = make({ ...order(param("line", [], [3])).op, name: "strange" }, [param("line", [], [3])]);
    expect(() => lower([strange], frame)).toThrow(/no code for the op strange/);
  });
});
