// Every row of the op table: value against a plain formula, gradient and second derivative against central differences,
// with axes and event dims that an input lacks.

import { describe, expect, test } from "vitest";
import type { Axis, Node } from "../src/ir/node.ts";
import { make } from "../src/ir/make.ts";
import type { MapOp, OpDef } from "../src/ir/op.ts";
import { addAll, cholesky, inverse, logDet, mul, ops, order, param, sum, sumAxis } from "../src/op/index.ts";
import { grad } from "../src/pass/grad.ts";
import { gradientError, withWeights } from "./support/finite-difference.ts";
import {
  leafName,
  lengthOf,
  paramsBelow,
  pointIn,
  testNumbers,
  valueOf,
  type Range,
  type Sizes,
  type Values,
} from "./support/run-graph.ts";
import { axisOpCases } from "./support/op-cases-axes.ts";
import { eventCases } from "./support/op-cases-events.ts";
import { matrixCases } from "./support/op-cases-matrix.ts";
import { restCases } from "./support/op-cases-rest.ts";
import { domains, FEWER_DERIVATIVES, layouts, WHOLE } from "./support/op-domains.ts";

const SIZES: Sizes = { J: 3, K: 2, T: 4, Z: 3 };
const TOLERANCE = 2e-7;

const maps = ops.filter((op): op is MapOp => op.kind === "map");

function pointFor(leaves: readonly Node[], ranges: readonly Range[], seed: number): Values {
  const next = testNumbers(seed);
  return Object.fromEntries(
    leaves.map((leaf, i) => [leafName(leaf), pointIn(lengthOf(leaf, SIZES), ranges[i]!, next)]),
  );
}

/** ∂/∂x of Σ w · gradient, i.e. second derivatives, against differences of the gradient. */
function secondDerivativeError(root: Node, leaves: readonly Node[], values: Values): number {
  const { weighted, all } = withWeights(root, values, SIZES);
  const first = addAll(
    grad(weighted, leaves).map((g, i) => total(mul(g, param(`v${i}`, leaves[i]!.axes, leaves[i]!.shape)))),
  );
  const directions = leaves.map((leaf, i) => [
    `v${i}`,
    pointIn(lengthOf(leaf, SIZES), [0.5, 1.5], testNumbers(50 + i)),
  ]);
  return gradientError(first, leaves, { ...all, ...Object.fromEntries(directions) }, SIZES);
}

const total = (x: Node): Node => x.axes.reduce(sumAxis, sum(x));

describe("pointwise ops", () => {
  test("each has a domain to be tested on", () => {
    expect(maps.map((op) => op.name).sort()).toEqual(Object.keys(domains).sort());
  });

  describe.each(maps.map((op) => [op.name, op] as const))("%s", (name, op) => {
    const ranges = domains[name]!;
    test.each(layouts.map((layout, i) => [i, layout] as const))("layout %i", (i, layout) => {
      const leaves = ranges.map((_, a) => param(`x${a}`, ...layout[a % layout.length]!));
      const node = make(op, leaves);
      const values = pointFor(leaves, ranges, 11 * i + 1);
      const result = valueOf(node, values, SIZES);
      expect({ axes: result.axes, shape: result.shape }).toEqual({ axes: node.axes, shape: node.shape });
      const expected = pointwise(op, node, leaves, values);
      result.values.forEach((v, k) => expect(v).toBeCloseTo(expected[k]!, 12));
      const derivatives = FEWER_DERIVATIVES[name]?.derivatives ?? 2;
      const wrt = leaves.filter((_, a) => WHOLE[name]?.includes(a) !== true);
      if (derivatives > 0) expect(gradientError(node, wrt, values, SIZES)).toBeLessThan(TOLERANCE);
      if (derivatives > 1) expect(secondDerivativeError(node, wrt, values)).toBeLessThan(10 * TOLERANCE);
    });
  });
});

/** The scalar function at every place, arguments found by axis name and event position. */
function pointwise(op: MapOp, out: Node, leaves: readonly Node[], values: Values): number[] {
  return places(out).map((place) => op.scalar(...leaves.map((leaf) => read(leaf, values, place))));
}

type Place = { readonly axes: Readonly<Record<Axis, number>>; readonly event: readonly number[] };

function places(node: Node): Place[] {
  const dims = [...node.axes.map((a) => SIZES[a]!), ...node.shape];
  return Array.from({ length: lengthOf(node, SIZES) }, (_, k) => {
    const index = dims.map((size, d) => Math.floor(k / dims.slice(d + 1).reduce((p, n) => p * n, 1)) % size);
    return {
      axes: Object.fromEntries(node.axes.map((a, d) => [a, index[d]!])),
      event: index.slice(node.axes.length),
    };
  });
}

function read(leaf: Node, values: Values, { axes, event }: Place): number {
  const index = [...leaf.axes.map((a) => axes[a]!), ...(leaf.shape.length === 0 ? [] : event)];
  const dims = [...leaf.axes.map((a) => SIZES[a]!), ...leaf.shape];
  return values[leafName(leaf)]![index.reduce((k, i, d) => k * dims[d]! + i, 0)]!;
}

const shapedCases = [...eventCases, ...axisOpCases, ...matrixCases, ...restCases];

describe("ops with a shape of their own", () => {
  test("each has a case", () => {
    const covered = new Set(shapedCases.flatMap((c) => c.ops));
    const recursion = ["scan", "slot", "before"]; // in scan.test.ts
    const wanted = ops.filter((op) => op.kind !== "map" && !recursion.includes(op.name)).map((op) => op.name);
    expect(wanted.filter((name) => !covered.has(name))).toEqual([]);
  });

  test.each(shapedCases.map((c) => [c.title, c] as const))("%s", (_, { leaves, build, value, gradient }) => {
    const names = Object.keys(leaves);
    const nodes = Object.fromEntries(names.map((name) => [name, param(name, leaves[name]!.axes, leaves[name]!.shape)]));
    const points = Object.fromEntries(
      names.map((name, i) => [
        name,
        leaves[name]!.values ?? pointFor([nodes[name]!], [leaves[name]!.range ?? [-2, 2]], i + 3)[name]!,
      ]),
    );
    const root = build(nodes);
    const result = valueOf(root, points, SIZES);
    expect(result.values.length).toBe(lengthOf(root, SIZES));
    const get = (name: string, axes: Place["axes"], ...event: number[]): number =>
      read(nodes[name]!, points, { axes, event });
    places(root).forEach((place, k) =>
      expect(result.values[k]).toBeCloseTo(value(get, place.axes, place.event, SIZES), 11),
    );
    if (gradient === "none") return;
    const wrt = paramsBelow([root]).filter((leaf) => leaves[leafName(leaf)]!.fixed !== true);
    expect(gradientError(root, wrt, points, SIZES)).toBeLessThan(TOLERANCE);
    if (gradient === "smooth") expect(secondDerivativeError(root, wrt, points)).toBeLessThan(10 * TOLERANCE);
  });
});

describe("matrices that have no answer", () => {
  const A = param("A", ["J"], [2, 2]);
  const at = (node: Node): number[] => [
    ...valueOf(node, { A: Float64Array.of(2, 1, 1, 2, 1, 2, 2, 1, 1, 1, 1, 1) }, { J: 3 }).values,
  ];
  const isNaNIn = (values: number[], members: number[]): boolean[] =>
    members.map((j) => values.slice(4 * j, 4 * j + 4).every(Number.isNaN));

  test("give NaN in their member, and nowhere else", () => {
    const L = at(cholesky(A));
    expect(isNaNIn(L, [0, 1, 2])).toEqual([false, true, true]);
    expect(L.slice(0, 4).every(Number.isFinite)).toBe(true);
    expect(isNaNIn(at(inverse(A)), [0, 1, 2])).toEqual([false, false, true]);
    expect(at(logDet(A))).toEqual([Math.log(3), Math.log(3), -Infinity].map((v) => expect.closeTo(v, 12)));
  });

  test("order puts NaN last and keeps equals", () => {
    const x = param("x", [], [5]);
    const { values } = valueOf(order(x), { x: Float64Array.of(NaN, 2, -1, 2, -Infinity) }, {});
    expect([...values]).toEqual([4, 2, 1, 3, 0]);
  });
});

describe("a wrong gradient rule is found", () => {
  const broken = (op: OpDef, change: (ct: Node, out: Node) => Node[]): OpDef => ({ ...op, grad: change, build: null });
  const [exp, square, sumOp] = ["exp", "square", "sum"].map((name) => ops.find((op) => op.name === name)!);
  const x = param("x", ["J"], [2]);
  const values = { x: pointIn(6, [0.5, 1.5], testNumbers(5)) };

  test.each([
    [
      "a factor off",
      make(
        broken(exp!, (ct, out) => [mul(ct, mul(out, out.inputs[0]!))]),
        [x],
      ),
    ],
    [
      "the argument missing",
      make(
        broken(square!, (ct) => [ct]),
        [x],
      ),
    ],
    [
      "a fold that forgets to repeat",
      make(
        broken(sumOp!, (ct, out) => [mul(ct, sum(out.inputs[0]!, [0]))]),
        [x],
        { dims: [0] },
      ),
    ],
  ])("%s", (_, root) => {
    expect(gradientError(root, [x], values, SIZES)).toBeGreaterThan(0.01);
  });
});
