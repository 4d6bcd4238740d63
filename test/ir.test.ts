// The graph itself: hash-consing, walks, text form and its invariants.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Source } from "../src/base/span.ts";
import { make } from "../src/ir/make.ts";
import type { Node } from "../src/ir/node.ts";
import { parseGraph } from "../src/ir/parse.ts";
import { printGraph } from "../src/ir/print.ts";
import { verify } from "../src/ir/verify.ts";
import { dependsOn, originsWith, rewrite, topological } from "../src/ir/walk.ts";
import {
  add,
  addAll,
  constant,
  data,
  div,
  exp,
  fill,
  log,
  mark,
  mul,
  neg,
  noise,
  ops,
  param,
  scalar,
  select,
  square,
  stop,
  sub,
  sum,
  sumAxis,
  through,
} from "../src/op/index.ts";
import { recipes, rootOf } from "./support/graph-arbitrary.ts";

const mu = param("mu", [], []);
const theta = param("theta", ["J"], []);

test("equal nodes are one, marks of two sites are two", () => {
  expect(add(mu, theta)).toBe(add(mu, theta));
  expect(scalar(0)).not.toBe(scalar(-0));
  expect(scalar(NaN)).toBe(scalar(NaN));
  expect(mark(mu, "a")).toBe(mark(mu, "a"));
  expect(mark(mu, "a")).not.toBe(mark(mu, "b"));
});

test("builders apply local laws", () => {
  expect(add(theta, scalar(0))).toBe(theta);
  expect(mul(scalar(1), theta)).toBe(theta);
  expect(neg(neg(theta))).toBe(theta);
  expect(mul(scalar(2), mul(theta, scalar(3)))).toBe(mul(scalar(6), theta));
  expect(exp(scalar(0))).toBe(scalar(1));
  expect(div(constant([2, 4], [2]), scalar(2))).toBe(constant([1, 2], [2]));
  expect(stop(stop(theta))).toBe(stop(theta));
  expect(select(scalar(1), theta, mu)).toBe(theta);
  expect(mul(theta, scalar(0)).op.name).toBe("mul"); // 0 x is not 0 where x is infinite
});

test("builders refuse shapes that do not fit", () => {
  expect(() => add(constant([1, 2], [2]), constant([1, 2, 3], [3]))).toThrow(/equal event shapes/);
  expect(() => constant([1, 2], [3])).toThrow(/constant of shape/);
  expect(() => sum(theta, [0])).toThrow(/sum over dims/);
  expect(() => data("x", ["K", "J"], [])).toThrow(/not sorted/);
});

const school = (): Node => {
  const z = noise("normal", "theta", ["J", "particle"], []);
  return sumAxis(
    square(div(sub(data("y", ["J"], []), add(mu, mul(exp(param("log_tau", [], [])), z))), data("sigma", ["J"], []))),
    "J",
  );
};

test("printed form", () => {
  const source: Source = { path: "school.ppl", text: "model {\n  sample theta\n}\n" };
  const root = school();
  const origins = originsWith(new Map(), root.inputs[0]!.inputs[0]!.inputs[0]!.inputs[1]!, {
    source,
    start: 10,
    end: 22,
  });
  expect(printGraph({ outputs: { "sum of squares": root, mu }, origins })).toMatchInlineSnapshot(`
    "%1: [J] = data {axes=["J"], name="y", shape=[]}
    %2: [] = param {axes=[], name="mu", shape=[]}  ; school.ppl:2
    %3: [] = param {axes=[], name="log_tau", shape=[]}  ; school.ppl:2
    %4: [] = exp %3  ; school.ppl:2
    %5: [J, particle] = noise {axes=["J", "particle"], kind="normal", shape=[], site="theta"}  ; school.ppl:2
    %6: [J, particle] = mul %4 %5  ; school.ppl:2
    %7: [J, particle] = add %2 %6  ; school.ppl:2
    %8: [J, particle] = sub %1 %7
    %9: [J] = data {axes=["J"], name="sigma", shape=[]}
    %10: [J, particle] = div %8 %9
    %11: [J, particle] = square %10
    %12: [particle] = sumAxis %11 {axis="J"}
    return "sum of squares" = %12
    return mu = %2
    "
  `);
});

test("text is read back to the same graph", () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      const graph = { outputs: { root: rootOf(recipe), "other name": theta } };
      expect(parseGraph(printGraph(graph), ops).outputs).toEqual(graph.outputs);
      expect(parseGraph(printGraph(graph), ops).outputs["root"]).toBe(graph.outputs.root);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("odd attribute values survive the text", () => {
  const odd = addAll([
    fill(-0, ["J"], []),
    fill(NaN, ["J"], []),
    fill(-Infinity, ["J"], []),
    fill(1e-300, ["J"], []),
    param('a "b"  ; c\\', ["J"], []),
  ]);
  expect(parseGraph(printGraph({ outputs: { odd } }), ops).outputs["odd"]).toBe(odd);
});

test("a wrong text is refused", () => {
  const text = printGraph({ outputs: { root: school() } });
  expect(() => parseGraph(text.replace("[J] = data", "[K] = data"), ops)).toThrow(/has type/);
  expect(() => parseGraph(text.replace("square", "cube"), ops)).toThrow(/no op cube/);
  expect(() => parseGraph(text.replace("= exp %", "= exp "), ops)).toThrow(/not understood/);
});

test("verify accepts random graphs and finds planted faults", () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      expect(verify({ outputs: { root: rootOf(recipe) } })).toEqual([]);
    }),
    { seed: 2, numRuns: 200 },
  );
  const good = add(theta, mu);
  const broken = (change: Partial<Node>): string[] => verify({ outputs: { root: { ...good, ...change } } });
  expect(broken({ axes: [] })).toEqual(["add: type [], the rule gives [J]"]);
  expect(broken({ shape: [2] })).toHaveLength(1);
  expect(broken({ id: -1 })).toEqual(["add: an input is younger than the node"]);
  expect(verify({ outputs: { root: through(theta, mu) } })).toEqual([]);
  expect(verify({ outputs: { root: through(theta, mu) } }, { erased: true })).toEqual(["through was not erased"]);
});

test("walks", () => {
  const root = add(log(mu), mul(log(mu), theta));
  const order = topological([root]);
  expect(order.length).toBe(5);
  expect(order.every((node, i) => node.inputs.every((input) => order.indexOf(input) < i))).toBe(true);
  expect(dependsOn(root, mu)).toBe(true);
  expect(dependsOn(log(mu), theta)).toBe(false);
  expect(rewrite([root], (node) => node)).toEqual([root]);
  let deep: Node = mu;
  for (let i = 0; i < 20_000; i++) deep = make(exp.op, [deep]);
  expect(topological([deep]).length).toBe(20_001);
});
