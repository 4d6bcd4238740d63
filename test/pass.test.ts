// Passes: gradients against differences on random graphs, substitution, erasing, and every law of `simplify` by name.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Node } from "../src/ir/node.ts";
import { printGraph } from "../src/ir/print.ts";
import { verify } from "../src/ir/verify.ts";
import { topological } from "../src/ir/walk.ts";
import * as op from "../src/op/index.ts";
import { erase } from "../src/pass/erase.ts";
import { grad } from "../src/pass/grad.ts";
import { laws, simplify } from "../src/pass/simplify.ts";
import { substitute } from "../src/pass/substitute.ts";
import { gradientError } from "./support/finite-difference.ts";
import { recipes, rootOf, SIZES, VALUES } from "./support/graph-arbitrary.ts";
import { paramsBelow, valueOf, valuesOf } from "./support/run-graph.ts";

const {
  add,
  constant,
  data,
  div,
  exp,
  expand,
  fill,
  log,
  lse,
  lseAxis,
  mark,
  mul,
  neg,
  param,
  scalar,
  sigmoid,
  square,
  stop,
  sub,
  sum,
  sumAxis,
  through,
} = op;

const a = param("a", [], []);
const b = param("b", ["J"], []);
const c = param("c", ["K"], []);
const e = param("e", [], [3]);
const f = param("f", ["J"], [3]);
const y = data("y", ["K"], []);
const z = param("z", ["Z"], []);
const states = op.toAxis(constant([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]), 0, "Z");

const show = (node: Node): string => printGraph({ outputs: { node } });
/** All values below the root are moderate: differences mean something there. */
const tame = (root: Node): boolean =>
  valuesOf(topological([root]), VALUES, SIZES).every((t) => t.values.every((v) => Math.abs(v) < 100));

describe("grad", () => {
  test("agrees with differences on random graphs", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const root = rootOf(recipe);
        fc.pre(tame(root));
        const error = gradientError(root, paramsBelow([root]), VALUES, SIZES);
        if (error > 1e-5) throw new Error(`error ${error} in\n${show(root)}`);
      }),
      { seed: 3, numRuns: 400 },
    );
  });

  test("second derivatives are symmetric on random graphs", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const root = rootOf(recipe);
        fc.pre(tame(root));
        const [leaf] = paramsBelow([root]);
        fc.pre(leaf !== undefined);
        const slope = op.addAll(grad(root, paramsBelow([root])).map((g) => g.axes.reduce(sumAxis, sum(g))));
        const error = gradientError(slope, paramsBelow([root]), VALUES, SIZES);
        if (error > 1e-4) throw new Error(`error ${error} in\n${show(root)}`);
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  test("has the layout of its node, also where it is constant or zero", () => {
    expect(grad(a, [f])).toEqual([fill(0, ["J"], [3])]);
    const [ofB, ofE] = grad(add(b, sum(e)), [b, e]);
    expect([ofB!.axes, ofE!.shape]).toEqual([["J"], [3]]);
    expect([...valueOf(ofE!, VALUES, SIZES).values]).toEqual([3, 3, 3]); // summed over the axis J of the root
  });

  test("a term that does not mention an axis counts its members", () => {
    const [g] = grad(sumAxis(sumAxis(a, "J"), "K"), [a]);
    expect(valueOf(g!, VALUES, SIZES).values[0]).toBe(6);
  });

  test("by inner nodes, also one above the other", () => {
    const inner = mark(square(a), "z");
    const [ofInner, ofA] = grad(mul(inner, a), [inner, a]);
    expect(valueOf(ofInner!, VALUES, SIZES).values[0]).toBeCloseTo(VALUES["a"]![0]!, 14);
    expect(valueOf(ofA!, VALUES, SIZES).values[0]).toBeCloseTo(3 * VALUES["a"]![0]! ** 2, 14);
  });

  test("goes to the carrier alone, summed over the axes that it lacks", () => {
    const [ofB, ofA] = grad(through(square(b), exp(a)), [b, a]);
    expect(ofB).toEqual(fill(0, ["J"], []));
    expect(valueOf(ofA!, VALUES, SIZES).values[0]).toBeCloseTo(3 * Math.exp(VALUES["a"]![0]!), 13);
    expect(grad(stop(b), [b])).toEqual([fill(0, ["J"], [])]);
  });

  test("select gives the branch not taken exactly nothing", () => {
    const root = op.select(op.less(a, scalar(0)), log(sub(a, a)), a); // the other branch is log 0
    expect(valueOf(grad(root, [a])[0]!, VALUES, SIZES).values[0]).toBe(1);
  });

  test("log-sum-exp of nothing but -inf has weight 0, not NaN", () => {
    const never = add(e, constant([-Infinity, -Infinity, -Infinity], [3]));
    expect([...valueOf(grad(lse(never), [e])[0]!, VALUES, SIZES).values]).toEqual([0, 0, 0]);
  });

  test("derivatives of log gamma go on for ever", () => {
    expect(() => grad(op.polygamma(op.scalar(2), a), [a])).not.toThrow();
  });
});

describe("substitute", () => {
  test("all keys at once", () => {
    expect(
      substitute(
        sub(a, exp(c)),
        new Map([
          [a, c],
          [c, a],
        ]),
      ),
    ).toBe(sub(c, exp(a)));
  });
  test("a key mapped to itself cuts the walk", () => {
    const inner = exp(a);
    expect(
      substitute(
        [mul(inner, a)],
        new Map([
          [inner, inner],
          [a, c],
        ]),
      ),
    ).toEqual([mul(inner, c)]);
  });
  test("what depends on the value gains its axes, the rest is kept", () => {
    const rest = exp(b);
    const result = substitute(sumAxis(mul(square(a), rest), "J"), new Map<Node, Node>([[a, c]]));
    expect(result.axes).toEqual(["K"]);
    expect(topological([result])).toContain(rest);
  });
  test("a value that loses an axis is counted by its size", () => {
    const result = substitute(sumAxis(b, "J"), new Map<Node, Node>([[b, a]]));
    expect(valueOf(result, VALUES, SIZES).values[0]).toBeCloseTo(3 * VALUES["a"]![0]!, 14);
  });
  test("on random graphs: the same as giving the leaf another value", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const root = rootOf(recipe);
        const other = substitute(root, new Map<Node, Node>([[b, add(b, scalar(0.25))]]));
        const moved = { ...VALUES, b: VALUES["b"]!.map((v) => v + 0.25) };
        expect(verify({ outputs: { other } })).toEqual([]);
        expect(valueOf(other, VALUES, SIZES).values).toEqual(valueOf(root, moved, SIZES).values);
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});

describe("erase", () => {
  test("leaves the values and merges", () => {
    const root = add(mark(exp(a), "z"), through(mark(exp(a), "y"), b));
    const [plain] = erase([root]);
    expect(plain).toBe(add(exp(a), exp(a)));
    expect(verify({ outputs: { plain: plain! } }, { erased: true })).toEqual([]);
  });
  test("keeps the event shape of a carrier", () => {
    const [plain] = erase([through(a, e)]);
    expect(plain).toBe(expand(a, [3], []));
  });
  test("sums over an axis that only the carrier had count its size", () => {
    const root = sumAxis(through(a, b), "J");
    const [plain] = erase([root]);
    expect(valueOf(plain!, VALUES, SIZES).values[0]).toBeCloseTo(valueOf(root, VALUES, SIZES).values[0]!, 14);
  });
});

/** One case per law: what stands before and after. */
const cases: readonly (readonly [law: string, before: Node, after: Node])[] = [
  ["log-of-function", log(exp(b)), b],
  ["log-of-function", log(sigmoid(b)), op.logSigmoid(b)],
  ["log-of-function", log(op.sqrt(b)), mul(scalar(0.5), log(b))],
  ["log-of-power", log(op.pow(op.softplus(a), b)), mul(b, log(op.softplus(a)))],
  ["log-of-product", log(mul(b, exp(a))), add(log(b), a)],
  ["log-of-quotient", log(div(exp(f), sum(exp(f)))), sub(f, lse(f))],
  ["log-of-reciprocal", log(div(scalar(1), b)), neg(log(b))],
  ["log-sum-exp", log(sum(exp(f))), lse(f)],
  ["log-sum-exp", log(sumAxis(exp(b), "J")), lseAxis(b, "J")],
  ["softplus", log(add(scalar(1), exp(b))), op.softplus(b)],
  ["softplus", op.log1p(exp(b)), op.softplus(b)],
  ["log-of-complement", log(sub(scalar(1), sigmoid(b))), op.logSigmoid(neg(b))],
  ["log-of-complement", op.log1p(neg(sigmoid(b))), op.logSigmoid(neg(b))],
  ["log-of-complement", log(sub(scalar(1), op.normalCdf(b))), op.logNormalCdf(neg(b))],
  ["log-of-complement", log(sub(scalar(1), exp(b))), op.log1mExp(b)],
  ["complement", sub(scalar(1), sigmoid(b)), sigmoid(neg(b))],
  ["exp-of-logarithm", exp(log(square(b))), square(b)],
  ["exp-of-logarithm", exp(mul(scalar(3), log(exp(a)))), exp(mul(scalar(3), a))],
  ["exp-of-logarithm", exp(mul(scalar(3), log(op.softplus(b)))), op.pow(op.softplus(b), scalar(3))],
  ["exp-of-logarithm", exp(op.logSigmoid(b)), sigmoid(b)],
  ["quotient-by-exp", div(b, exp(b)), mul(b, exp(neg(b)))],
  ["root-of-square", op.sqrt(square(b)), op.abs(b)],
  ["root-of-square", square(op.sqrt(exp(b))), exp(b)],
  ["root-of-square", square(op.abs(b)), square(b)],
  ["reciprocal-of-quotient", div(c, div(scalar(1), b)), mul(c, b)],
  ["sign-of-product", mul(neg(b), c), neg(mul(b, c))],
  ["sign-of-sum", sumAxis(neg(b), "J"), neg(sumAxis(b, "J"))],
  ["sign-of-difference", neg(sub(a, b)), sub(b, a)],
  ["sign-of-difference", neg(mul(scalar(2), b)), mul(scalar(-2), b)],
  ["hoisted-division", div(b, a), mul(b, div(scalar(1), a))],
  ["hoisted-division", div(c, y), mul(c, div(scalar(1), y))],
  ["factor-of-axis-sum", sumAxis(mul(b, c), "J"), mul(c, sumAxis(b, "J"))],
  ["constant-of-axis-sum", sumAxis(sub(b, scalar(2)), "J"), sub(sumAxis(b, "J"), mul(scalar(2), op.axisSize("J")))],
  ["constant-of-axis-sum", sumAxis(add(log(y), c), "K"), add(sumAxis(log(y), "K"), sumAxis(c, "K"))],
  ["constant-of-difference", sub(b, sub(c, scalar(2))), add(sub(b, c), scalar(2))],
  ["constants-together", mul(op.axisSize("J"), mul(c, scalar(3))), mul(mul(op.axisSize("J"), scalar(3)), c)],
  ["standardised-draw", mul(exp(neg(a)), sub(add(a, mul(param("x", [], []), exp(a))), a)), param("x", [], [])],
  ["factor-of-sum", sum(mul(f, b)), mul(b, sum(f))],
  [
    "factor-of-sum",
    sum(mul(param("g", [], [2, 3]), expand(e, [2, 3], [1])), [0]),
    mul(e, sum(param("g", [], [2, 3]), [0])),
  ],
  ["sum-of-repetition", sum(expand(e, [2, 3], [1]), [0]), mul(e, scalar(2))],
  ["inner-sums-first", sum(sumAxis(square(f), "J")), sumAxis(sum(square(f)), "J")],
  ["fold-of-moved-axis", sum(op.toEvent(f, "J", 1, 3), [1]), sumAxis(f, "J")],
  ["fold-of-moved-axis", lseAxis(op.toAxis(e, 0, "J"), "J"), lse(e)],
  ["term-of-log-sum-exp", lseAxis(add(b, c), "J"), add(lseAxis(b, "J"), c)],
  ["term-of-log-sum-exp", lse(sub(f, b)), sub(lse(f), b)],
  ["repeated-number", mul(f, fill(2, ["J"], [3])), mul(f, scalar(2))],
  ["repeated-number", sub(fill(1, ["J"], [3]), fill(3, ["J"], [3])), sub(scalar(1), fill(3, ["J"], [3]))],
  ["identity-matrix", op.einsum("ij,j->i", constant([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]), e), e],
  ["read-by-state", op.pick(states, f), op.toAxis(f, 0, "Z")],
  ["credit-by-state", sumAxis(mul(z, states), "Z"), op.toEvent(z, "Z", 0, 3)],
];

/** Where a law must not apply. */
const nearMisses: readonly (readonly [reason: string, node: Node])[] = [
  ["e^(log b) is NaN for b < 0", exp(log(b))],
  ["(√b)² is NaN for b < 0", square(op.sqrt(b))],
  ["b² may lose its sign", log(op.pow(b, a))],
  ["both factors vary along J", sumAxis(mul(b, exp(b)), "J")],
  ["nothing is saved by a reciprocal of the same size", div(b, param("b2", ["J"], []))],
  ["c is not constant along J", lseAxis(add(b, exp(b)), "J")],
  ["a state is read of values that depend on it", op.pick(states, mul(z, e))],
  ["a sum that is rounded and taken back is not what it was", sub(add(a, b), a)],
  ["it is standardised by another scale", mul(exp(neg(b)), sub(add(a, mul(c, exp(a))), a))],
  ["data would be taken from a parameter as sums", sumAxis(sub(y, c), "K")],
  ["2 is not 1", log(add(scalar(2), exp(b)))],
];

describe("simplify", () => {
  test("every law has a case", () => {
    expect(new Set(cases.map(([law]) => law))).toEqual(new Set(laws.map((law) => law.name)));
  });
  test.each(cases.map(([law, before, after], i) => [`${law} ${i}`, before, after] as const))(
    "%s",
    (_, before, after) => {
      expect(before).not.toBe(after);
      expect(show(simplify([before])[0]!)).toBe(show(after));
    },
  );
  test.each(nearMisses)("not where %s", (_, node) => {
    expect(simplify([node])[0]).toBe(node);
  });
  test("a + b and b + a become one", () => {
    expect(topological(simplify([mul(add(a, b), exp(add(b, a)))])).filter((n) => n.op.name === "add").length).toBe(1);
  });

  test("keeps the values of random graphs", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const root = rootOf(recipe);
        fc.pre(tame(root));
        expectSameValues(root, simplify([root])[0]!);
      }),
      { seed: 6, numRuns: 500 },
    );
  });
  test("keeps the values of their gradients", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const root = rootOf(recipe);
        fc.pre(tame(root));
        const gradients = grad(root, paramsBelow([root]));
        simplify(gradients).forEach((g, i) => expectSameValues(gradients[i]!, g));
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});

/** Equal to rounding: 1e-12 relative, or what a relative change of 1e-13 of the leaves does (a graph may cancel). */
function expectSameValues(before: Node, after: Node): void {
  const nudged = Object.fromEntries(
    Object.entries(VALUES).map(([name, v]) => [
      name,
      name === "index" ? v : v.map((x, i) => x * (1 + (i % 2 ? 1e-13 : -1e-13))),
    ]),
  );
  const [at, found, moved] = [
    valueOf(before, VALUES, SIZES).values,
    valueOf(after, VALUES, SIZES).values,
    valueOf(before, nudged, SIZES).values,
  ];
  expect(verify({ outputs: { after } })).toEqual([]);
  expect(after.shape).toEqual(before.shape);
  const scale = Math.max(1, ...at.map(Math.abs));
  at.forEach((v, k) => {
    const tolerance = 1e-12 * scale + 10 * Math.abs(moved[k]! - v);
    if (!(Math.abs(found[k % found.length]! - v) <= tolerance))
      throw new Error(`${v} became ${found[k]} in\n${show(before)}\n${show(after)}`);
  });
}
