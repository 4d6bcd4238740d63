// The WebAssembly engine against the reference: every op, random graphs, sizes that are odd, 1 and 0, batches, and what a run may be given.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reference } from "../src/exec/reference.ts";
import { wasm, wasmWith } from "../src/exec/wasm.ts";
import { functions } from "../src/exec/wasm/code/functions.ts";
import { make } from "../src/ir/make.ts";
import type { Node } from "../src/ir/node.ts";
import type { MapOp } from "../src/ir/op.ts";
import {
  add,
  addAll,
  data,
  exp,
  fill,
  gather,
  iota,
  lseAxis,
  maxAxis,
  mul,
  noise,
  ops,
  param,
  previous,
  scalar,
  scan,
  scatter,
  sin,
  square,
  sum,
  sumAxis,
  tanh,
  toAxis,
} from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { simplify } from "../src/pass/simplify.ts";
import { difference, engineGap, someNoise, someParams } from "./support/engines.ts";
import { withWeights } from "./support/finite-difference.ts";
import { nodesOf, recipes, SIZES, VALUES } from "./support/graph-arbitrary.ts";
import type { ShapedCase } from "./support/op-case.ts";
import { axisOpCases } from "./support/op-cases-axes.ts";
import { eventCases } from "./support/op-cases-events.ts";
import { matrixCases } from "./support/op-cases-matrix.ts";
import { restCases } from "./support/op-cases-rest.ts";
import { domains, FEWER_DERIVATIVES, layouts, WHOLE } from "./support/op-domains.ts";
import { leafName, lengthOf, pointIn, testNumbers, type Range, type Sizes, type Values } from "./support/run-graph.ts";

const CLOSE = 1e-10;
/** In float32. */
const NEAR = 1e-4;
const single = wasmWith({ precision: "f32" });
const OP_SIZES: Sizes = { J: 3, K: 2, T: 4, Z: 3 };

/** A node and its gradients. */
function withGradients(
  root: Node,
  wrt: readonly Node[],
  values: Values,
  sizes: Sizes,
): { outputs: Record<string, Node>; all: Values } {
  const { weighted, all } = withWeights(root, values, sizes);
  const found = wrt.length === 0 ? [] : grad(weighted, wrt);
  return { outputs: { root, ...Object.fromEntries(found.map((node, i) => [`grad ${leafName(wrt[i]!)}`, node])) }, all };
}

function expectAgreement(outputs: Record<string, Node>, values: Values, sizes: Sizes): void {
  const inputs = { params: values, sizes, seed: 7, step: 0 };
  const gap = engineGap({ outputs }, values, inputs);
  expect(gap.error, JSON.stringify(gap)).toBeLessThan(CLOSE);
  const less = engineGap({ outputs }, values, inputs, undefined, single);
  expect(less.error, `float32: ${JSON.stringify(less)}`).toBeLessThan(NEAR);
}

const pointsOf = (leaves: readonly Node[], ranges: readonly Range[], sizes: Sizes): Values => {
  const next = testNumbers(23);
  return Object.fromEntries(
    leaves.map((leaf, i) => [leafName(leaf), pointIn(lengthOf(leaf, sizes), ranges[i]!, next)]),
  );
};

describe("pointwise ops", () => {
  const maps = ops.filter((op): op is MapOp => op.kind === "map");
  test.each(maps.map((op) => [op.name, op] as const))("%s, in every layout, with its gradient", (name, op) => {
    const ranges = domains[name]!;
    for (const layout of layouts) {
      const leaves = ranges.map((_, a) => param(`x${a}`, ...layout[a % layout.length]!));
      const wrt =
        FEWER_DERIVATIVES[name]?.derivatives === 0 ? [] : leaves.filter((_, a) => WHOLE[name]?.includes(a) !== true);
      for (const sizes of [OP_SIZES, { J: 1, K: 5 }]) {
        const { outputs, all } = withGradients(make(op, leaves), wrt, pointsOf(leaves, ranges, sizes), sizes);
        expectAgreement(outputs, all, sizes);
      }
    }
  });

  const SPECIAL = [0, -0, 1, -1.5, 2.5, 710, -745, 1e308, -1e308, 1e-300, Infinity, -Infinity, NaN];
  test.each(maps.filter((op) => op.name in functions).map((op) => [op.name, op] as const))(
    "%s, which has code of its own, at edges",
    (name, op) => {
      const columns = domains[name]!.map((_, i) =>
        SPECIAL.flatMap((_, a) => SPECIAL.map((_, b) => SPECIAL[(a * (i + 1) + b * i * i) % SPECIAL.length]!)),
      );
      const leaves = columns.map((_, i) => param(`x${i}`, ["J"], []));
      const values = Object.fromEntries(columns.map((column, i) => [`x${i}`, Float64Array.from(column)]));
      const inputs = { params: values, sizes: { J: columns[0]!.length }, seed: 0, step: 0 };
      const [slow, fast] = [reference, wasm].map(
        (engine) => engine.load({ outputs: { y: make(op, leaves) } }, {}).run(inputs)["y"]!.values,
      );
      slow!.forEach((v, i) =>
        expect(fast![i], `at ${columns.map((column) => column[i])}`).toSatisfy(
          (w: number) =>
            Math.abs(v - w) <= 1e-14 * Math.abs(v) + 1e-307 || v === w || (Number.isNaN(v) && Number.isNaN(w)),
        ),
      );
    },
  );
});

describe("ops with a shape of their own", () => {
  const cases: readonly ShapedCase[] = [...eventCases, ...axisOpCases, ...matrixCases, ...restCases];
  test.each(cases.map((c) => [c.title, c] as const))("%s", (_, { leaves, build, gradient }) => {
    const nodes = Object.fromEntries(
      Object.entries(leaves).map(([name, { axes, shape }]) => [name, param(name, axes, shape)]),
    );
    const entries = Object.entries(leaves).map(
      ([name, { values, range }]) =>
        [name, values ?? pointsOf([nodes[name]!], [range ?? [-2, 2]], OP_SIZES)[name]!] as const,
    );
    const root = build(nodes);
    const wrt =
      gradient === "none"
        ? []
        : Object.keys(leaves)
            .filter((name) => leaves[name]!.fixed !== true)
            .map((name) => nodes[name]!);
    const { outputs, all } = withGradients(root, wrt, Object.fromEntries(entries), OP_SIZES);
    expectAgreement(outputs, all, OP_SIZES);
  });

  test.each(["forward", "backward"] as const)("a %s scan and its gradient", (direction) => {
    const sizes = { T: 7, particle: 3 };
    const [u, phi, first] = [param("u", [], [7]), param("phi", ["particle"], []), param("first", [], [])];
    const along = toAxis(u, 0, "T");
    const c = scan("T", 7, first, (carry) => add(tanh(mul(phi, carry)), mul(along, sin(carry))), direction);
    const root = mul(c, previous(c, first, "T", 7, direction));
    const { outputs, all } = withGradients(root, [u, phi, first], someParams([root], sizes), sizes);
    expectAgreement(outputs, all, sizes);
  });
});

describe("random graphs", () => {
  const graphOf = (nodes: readonly Node[]): Record<string, Node> => {
    const root = nodes.at(-1)!;
    const total = root.axes.reduce(sumAxis, root.shape.length === 0 ? root : sum(root));
    const wrt = nodes.filter((node) => node.op.name === "param");
    return {
      ...Object.fromEntries(nodes.map((node, i) => [String(i), node])),
      ...Object.fromEntries(grad(total, wrt).map((g, i) => [`grad ${i}`, g])),
    };
  };

  test("values and gradients agree", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const outputs = graphOf(nodesOf(recipe));
        const gap = engineGap({ outputs }, VALUES, { params: VALUES, sizes: SIZES, seed: 7, step: 0 });
        expect(gap.error, JSON.stringify(gap)).toBeLessThan(CLOSE);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  test("values and gradients of simplified graphs agree in float32, relative to the largest number on the way", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const graph = graphOf(nodesOf(recipe));
        const simple = simplify(Object.values(graph));
        const outputs = Object.fromEntries(Object.keys(graph).map((name, i) => [name, simple[i]!]));
        const inputs = { params: VALUES, sizes: SIZES, seed: 7, step: 0 };
        const [wide, narrow] = [reference, single].map((engine) => engine.load({ outputs }, VALUES).run(inputs));
        const numbers = Object.values(wide!).flatMap(({ values }) => [...values]);
        fc.pre(numbers.every((v) => Number.isFinite(v) && Math.abs(v) < 1e6));
        const size = numbers.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        for (const [name, { values }] of Object.entries(wide!))
          values.forEach((v, i) => expect(Math.abs(v - narrow![name]!.values[i]!)).toBeLessThanOrEqual(NEAR * size));
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  test("a subset of the outputs has the same values", () => {
    fc.assert(
      fc.property(recipes, fc.nat(), (recipe, pick) => {
        const nodes = nodesOf(recipe);
        const outputs = Object.fromEntries(nodes.map((node, i) => [String(i), node]));
        const inputs = { params: VALUES, sizes: SIZES, seed: 0, step: 0 };
        const name = String(pick % nodes.length);
        const loaded = wasm.load({ outputs }, VALUES);
        const gap = difference(loaded.run(inputs, [name]), loaded.run(inputs));
        expect(gap.error, JSON.stringify(gap)).toBeLessThan(CLOSE);
      }),
      { seed: 12, numRuns: 100 },
    );
  });
});

describe("sizes", () => {
  const [x, y, w] = [param("x", ["J"], []), param("y", ["K"], [3]), param("w", ["J", "K"], [])];
  const big = param("big", ["J"], [2]);
  const root = mul(exp(mul(x, w)), sum(square(y)));
  const folds = {
    a: sumAxis(root, "J"),
    b: sumAxis(root, "K"),
    c: maxAxis(root, "J"),
    d: lseAxis(lseAxis(root, "K"), "J"),
    e: sum(big),
    f: sumAxis(big, "J"),
  };
  test.each([
    [0, 0],
    [0, 3],
    [1, 1],
    [1, 2],
    [2, 1],
    [3, 5],
    [7, 4],
    [16, 9],
    [33, 2],
  ])("J = %i, K = %i", (J, K) => {
    const sizes = { J, K };
    const wrt = [x, y, w];
    const gradients = grad(addAll([folds.d, sumAxis(folds.a, "K")]), wrt);
    const outputs = { root, ...folds, ...Object.fromEntries(gradients.map((g, i) => [`grad ${i}`, g])) };
    expectAgreement(outputs, someParams(Object.values(outputs), sizes), sizes);
  });
});

describe("what a run is given", () => {
  const N = 11;
  const eps = noise("normal", "z", ["N", "particle"], [2]);
  const u = noise("uniform", "u", ["N"], []);
  const rows = gather(data("table", [], [N, 2]), 0, iota("N"));
  const root = sumAxis(mul(add(sum(mul(rows, eps)), u), param("a", ["particle"], [])), "N");
  const group = gather(data("group", [], [N]), 0, iota("N"));
  const credited = scatter(add(mul(u, param("b", [], [])), fill(0, ["N"], [])), group, 3, ["N"]);
  const outputs = { root, credited, eps, rows };
  const values = {
    table: pointIn(2 * N, [-1, 1], testNumbers(3)),
    group: Float64Array.from({ length: N }, (_, i) => i % 3),
  };
  const base = {
    sizes: { N, particle: 3 },
    params: someParams(Object.values(outputs), { N, particle: 3 }),
    seed: 3,
    step: 5,
  };

  test("noise by seed and step is that of the reference, bit by bit", () => {
    const found = [reference, wasm].map((engine) => [...engine.load({ outputs }, values).run(base)["eps"]!.values]);
    expect(found[1]).toEqual(found[0]);
  });

  test("noise of the run's own", () => {
    const given = someNoise(Object.values(outputs), base.sizes);
    const gap = engineGap({ outputs }, values, { ...base, noise: given });
    expect(gap.error, JSON.stringify(gap)).toBeLessThan(CLOSE);
    const own = wasm.load({ outputs }, values).run({ ...base, noise: given });
    expect([...own["eps"]!.values]).toEqual([...given["z"]!]);
  });

  test("batches read the rows of their members, one after the other", () => {
    const [slow, fast] = [reference.load({ outputs }, values), wasm.load({ outputs }, values)];
    for (const members of [
      [3, 1, 10, 0],
      [2, 2, 5, 7],
      [9, 8, 7, 6],
    ]) {
      const inputs = {
        ...base,
        sizes: { N: 4, particle: 3 },
        fullSizes: { N, particle: 3 },
        members: { N: Int32Array.from(members) },
      };
      const gap = difference(slow.run(inputs), fast.run(inputs));
      expect(gap.error, JSON.stringify(gap)).toBeLessThan(CLOSE);
    }
  });

  test("an index out of range reads NaN and is not summed", () => {
    const index = param("index", [], [4]);
    const at = { x: Float64Array.of(5, 6), index: Float64Array.of(1, 2, -1, 0.5) };
    const run = wasm.load(
      { outputs: { read: gather(param("x", [], [2]), 0, index), put: scatter(fill(1, [], [4]), index, 2, []) } },
      {},
    );
    const found = run.run({ params: at, sizes: {}, seed: 0, step: 0 });
    expect([...found["read"]!.values]).toEqual([6, NaN, NaN, NaN]);
    expect([...found["put"]!.values]).toEqual([0, 1]);
  });

  test("a scatter into one slot, read by what follows", () => {
    const put = scatter(param("x", ["J"], [4]), fill(0, [], [4]), 1, []);
    expectAgreement({ y: exp(mul(scalar(-1), put)), put }, { x: pointIn(12, [-1, 1], testNumbers(9)) }, { J: 3 });
  });

  test("results are the caller's to keep, and a run does not see the last one", () => {
    const p = param("p", ["J"], []);
    const loaded = wasm.load({ outputs: { p, total: sumAxis(square(p), "J") } }, {});
    const run = (v: number) =>
      loaded.run({ params: { p: Float64Array.of(v, v, v) }, sizes: { J: 3 }, seed: 0, step: 0 });
    const first = run(1);
    const second = run(5);
    expect([...first["p"]!.values, ...first["total"]!.values, ...second["total"]!.values]).toEqual([1, 1, 1, 3, 75]);
    first["p"]!.values.fill(9);
    expect([...run(1)["p"]!.values]).toEqual([1, 1, 1]);
  });

  test("what is missing is refused", () => {
    const run = (node: Node, params: Values, sizes: Sizes) => () =>
      wasm.load({ outputs: { y: node } }, {}).run({ params, sizes, seed: 0, step: 0 });
    const p = param("p", ["J"], []);
    expect(run(p, {}, { J: 2 })).toThrow(/no parameter p/);
    expect(run(p, { p: new Float64Array(3) }, { J: 2 })).toThrow(/wants 2 numbers, the run gives 3/);
    expect(run(data("d", ["J"], []), {}, { J: 2 })).toThrow(/no data d/);
    expect(run(mul(p, scalar(2)), { p: new Float64Array(2) }, {})).toThrow(/no size of axis J/);
  });
});

test("a wrong engine is found", () => {
  const p = param("p", ["J"], []);
  const inputs = { params: { p: Float64Array.of(1, 2) }, sizes: { J: 2 }, seed: 0, step: 0 };
  const [right] = [reference.load({ outputs: { y: exp(p) } }, {}).run(inputs)];
  const wrong = reference.load({ outputs: { y: add(exp(p), scalar(1e-8)) } }, {}).run(inputs);
  expect(difference(right!, wrong).error).toBeGreaterThan(CLOSE);
});
