// The reference engine: loops against the scalar functions of the rows, memory, caching, and what it refuses.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reference } from "../src/exec/reference.ts";
import { kernelOf } from "../src/exec/reference/kernels.ts";
import { loopedOps } from "../src/exec/reference/map.ts";
import { make } from "../src/ir/make.ts";
import type { MapOp } from "../src/ir/op.ts";
import { topological } from "../src/ir/walk.ts";
import {
  add,
  axisSize,
  data,
  drawPoisson,
  exp,
  fill,
  gather,
  iota,
  lse,
  lseAxis,
  maxAxis,
  mul,
  noise,
  ops,
  param,
  scalar,
  scatter,
  sum,
  sumAxis,
  toAxis,
  toEvent,
} from "../src/op/index.ts";
import { nodesOf, recipes, SIZES, VALUES } from "./support/graph-arbitrary.ts";
import { valueOf } from "./support/run-graph.ts";

const SPECIAL = [0, -0, 1, -1.5, 2.5, 1e-320, 1e308, -1e308, Infinity, -Infinity, NaN];

describe("pointwise loops", () => {
  test.each(
    loopedOps.map((name) => [name, ops.find((op): op is MapOp => op.kind === "map" && op.name === name)!] as const),
  )("%s is its scalar function", (_, op) => {
    const arity = op.scalar.length === 0 ? 2 : op.scalar.length;
    const columns = Array.from({ length: arity }, (_, i) =>
      SPECIAL.flatMap((_, a) => SPECIAL.map((_, b) => SPECIAL[(a * (i + 1) + b * i * i) % SPECIAL.length]!)),
    );
    const leaves = columns.map((column, i) => param(`x${i}`, ["J"], []));
    const values = Object.fromEntries(columns.map((column, i) => [`x${i}`, Float64Array.from(column)]));
    const found = valueOf(make(op, leaves), values, { J: columns[0]!.length }).values;
    found.forEach((v, k) => expect(v).toBe(op.scalar(...columns.map((column) => column[k]!))));
  });
});

test("every op has a kernel, but data and slots, whose arrays are their values", () => {
  for (const op of ops.filter((row) => row.name !== "data" && row.name !== "slot"))
    expect(kernelOf(op)).toBeTypeOf("function");
});

describe("memory", () => {
  test("values do not depend on what else is asked for", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const nodes = nodesOf(recipe);
        const outputs = Object.fromEntries(nodes.map((node, i) => [String(i), node]));
        const together = reference.load({ outputs }, VALUES).run({ params: VALUES, sizes: SIZES, seed: 0, step: 0 });
        expect(together[String(nodes.length - 1)]!.values).toEqual(valueOf(nodes.at(-1)!, VALUES, SIZES).values);
      }),
      { seed: 8, numRuns: 200 },
    );
  });

  test("results are the caller's to keep", () => {
    const x = param("x", ["J"], []);
    const engine = reference.load({ outputs: { x, double: add(x, x) } }, {});
    const run = (v: number) => engine.run({ params: { x: Float64Array.of(v, v) }, sizes: { J: 2 }, seed: 0, step: 0 });
    const first = run(1);
    const second = run(5);
    expect([...first["double"]!.values, ...second["double"]!.values]).toEqual([2, 2, 10, 10]);
    first["x"]!.values.fill(9);
    expect([...run(1)["double"]!.values]).toEqual([2, 2]);
  });

  test("what depends on data alone is computed once, for each size", () => {
    const column = Float64Array.of(1, 2, 3);
    const total = sumAxis(exp(data("column", ["J"], [])), "J");
    const engine = reference.load({ outputs: { y: mul(total, param("a", ["K"], [])) } }, { column });
    const run = (K: number) =>
      engine.run({ params: { a: new Float64Array(K).fill(1) }, sizes: { J: 3, K }, seed: 0, step: 0 })["y"]!.values[0];
    const before = run(1);
    column.fill(0); // would show if it were computed again
    expect([run(1), run(2)]).toEqual([before, before]);
  });

  test("only what the wanted outputs need is computed", () => {
    const outputs = { a: param("a", [], []), b: param("missing", [], []) };
    const engine = reference.load({ outputs }, {});
    const inputs = { params: { a: Float64Array.of(3) }, sizes: {}, seed: 0, step: 0 };
    expect(engine.run(inputs, ["a"])["a"]!.values[0]).toBe(3);
    expect(() => engine.run(inputs)).toThrow(/no parameter missing/);
  });
});

describe("edges", () => {
  test("log-sum-exp and maximum with infinities", () => {
    const x = param("x", ["J"], [2]);
    const values = { x: Float64Array.of(-Infinity, -Infinity, 3, -Infinity, Infinity, 1) };
    expect([...valueOf(lse(x), values, { J: 3 }).values]).toEqual([-Infinity, 3, Infinity]);
    expect([...valueOf(lseAxis(x, "J"), values, { J: 3 }).values]).toEqual([Infinity, 1]);
    expect([...valueOf(maxAxis(x, "J"), values, { J: 3 }).values]).toEqual([Infinity, 1]);
    expect(valueOf(lse(param("big", [], [2])), { big: Float64Array.of(1000, 1000) }, {}).values[0]).toBeCloseTo(
      1000 + Math.log(2),
      10,
    );
  });

  test("empty axes and dims", () => {
    const x = param("x", ["J"], []);
    expect(valueOf(sumAxis(x, "J"), { x: new Float64Array(0) }, { J: 0 }).values[0]).toBe(0);
    expect(valueOf(lseAxis(x, "J"), { x: new Float64Array(0) }, { J: 0 }).values[0]).toBe(-Infinity);
    expect(valueOf(sum(param("y", [], [0])), { y: new Float64Array(0) }, {}).values[0]).toBe(0);
    expect(valueOf(exp(x), { x: new Float64Array(0) }, { J: 0 }).values.length).toBe(0);
  });

  test("an index out of range reads NaN and is not summed", () => {
    const x = param("x", [], [2]);
    const index = param("index", [], [3]);
    const values = { x: Float64Array.of(5, 6), index: Float64Array.of(1, 2, -1), half: Float64Array.of(0.5) };
    expect([...valueOf(gather(x, 0, index), values, {}).values]).toEqual([6, NaN, NaN]);
    expect(valueOf(gather(x, 0, param("half", [], [])), values, {}).values[0]).toBeNaN();
    expect([...valueOf(scatter(fill(1, [], [3]), index, 2, []), values, {}).values]).toEqual([0, 1]);
  });

  test("a batch reads the rows of its members", () => {
    const row = gather(data("table", [], [4]), 0, iota("N"));
    const run = { members: { N: Int32Array.of(3, 1) }, fullSizes: { N: 4 } };
    expect([...valueOf(row, { table: Float64Array.of(10, 11, 12, 13) }, { N: 2 }, run).values]).toEqual([13, 11]);
    expect(valueOf(axisSize("N"), {}, { N: 2 }, run).values[0]).toBe(2);
    expect(() => valueOf(row, { table: new Float64Array(4) }, { N: 3 }, run)).toThrow(/has 3 members/);
  });

  test("draws of the key are shared along other axes and differ along its own", () => {
    const rate = mul(fill(1, ["%swap"], []), scalar(50));
    const x = valueOf(drawPoisson({ site: "z", axes: ["N"], shape: [8] }, rate), {}, { N: 4, "%swap": 2 });
    expect(x.axes).toEqual(["%swap", "N"]);
    expect(x.values.slice(0, 32)).toEqual(x.values.slice(32));
    expect(new Set(x.values).size).toBeGreaterThan(8);
  });
});

describe("refuses", () => {
  const x = param("x", ["J"], []);
  const run = (params: Record<string, Float64Array>, sizes: Record<string, number>, node = x) =>
    reference.load({ outputs: { y: node } }, {}).run({ params, sizes, seed: 0, step: 0 });
  test.each([
    ["a missing parameter", () => run({}, { J: 2 }), /no parameter x/],
    [
      "a parameter of another length",
      () => run({ x: new Float64Array(3) }, { J: 2 }),
      /wants 2 numbers, the run gives 3/,
    ],
    ["a missing size", () => run({ x: new Float64Array(2) }, {}), /no size of axis J/],
    ["missing data", () => run({}, { J: 2 }, data("d", ["J"], [])), /no data d/],
    [
      "an axis of another size than its event dim",
      () => run({ x: new Float64Array(2) }, { J: 2 }, toEvent(x, "J", 0, 3)),
      /size 2 in the run and 3/,
    ],
    [
      "an event dim of another size than its axis",
      () => run({ y: new Float64Array(3) }, { J: 2 }, toAxis(param("y", [], [3]), 0, "J")),
      /size 2 in the run and 3/,
    ],
    [
      "an unknown output",
      () => reference.load({ outputs: { x } }, {}).run({ params: {}, sizes: {}, seed: 0, step: 0 }, ["z"]),
      /no output z/,
    ],
  ] as const)("%s", (_, act, message) => expect(act).toThrow(message));
});

test("equal seeds repeat, noise enters by seed and step only", () => {
  const node = noise("normal", "z", ["J"], []);
  const at = (seed: number, step: number) => valueOf(node, {}, { J: 4 }, { seed, step }).values;
  expect(at(1, 0)).toEqual(at(1, 0));
  expect(at(1, 0)).not.toEqual(at(1, 1));
  expect(topological([node])).toHaveLength(1);
});
