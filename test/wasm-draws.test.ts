// Draws by rejection in a module: the interpreter's numbers bit by bit, whatever the parameters, neighbours, layout and batch.

import { describe, expect, test } from "vitest";
import type { Inputs } from "../src/exec/engine.ts";
import { reference } from "../src/exec/reference.ts";
import { wasm, wasmWith } from "../src/exec/wasm.ts";
import { lower } from "../src/exec/wasm/lower.ts";
import { printProgram } from "../src/exec/wasm/program/print.ts";
import type { Node } from "../src/ir/node.ts";
import {
  drawBinomial,
  drawGamma,
  drawPoisson,
  drawVonMises,
  exp,
  param,
  scalar,
  sumAxis,
  type Key,
} from "../src/op/index.ts";

const N = 1501;
const KEY: Key = { site: "z", axes: ["N"], shape: [] };
const RUN = { params: {}, sizes: { N }, seed: 7 + 5 * 2 ** 32, step: 3 };
const [a, b] = [param("a", ["N"], []), param("b", ["N"], [])];

/** Numbers without order between 0 and 1. */
const spread = (i: number, by: number): number => ((i + 1) * by) % 1;
const numbers = (of: (u: number, v: number) => number): Float64Array =>
  Float64Array.from({ length: N }, (_, i) => of(spread(i, 0.6180339887498949), spread(i, 0.7548776662466927)));
const between = (least: number, most: number): Float64Array =>
  numbers((u) => Math.exp(Math.log(least) * (1 - u) + Math.log(most) * u));
const strange = (x: Float64Array): Float64Array =>
  x.map((own, i) => (i % 5 === 2 ? [NaN, -1, 0, Infinity, -Infinity, 1e-320, -0][Math.floor(i / 5) % 7]! : own));

const drawn = (node: Node, run: Partial<Inputs>, engine = wasm): Float64Array =>
  engine.load({ outputs: { node } }, {}).run({ ...RUN, ...run })["node"]!.values;

const one = (a: Float64Array) => ({ params: { a } });
const two = (a: Float64Array, b: Float64Array) => ({ params: { a, b } });
const counts = between(1, 1e9).map(Math.floor);
const few = between(1, 40).map(Math.floor);

const CASES: Readonly<Record<string, readonly [Node, Pick<Inputs, "params">]>> = {
  "Gamma of shapes from 1e-3 to 1e6": [drawGamma(KEY, a), one(between(1e-3, 1e6))],
  "Gamma of shapes from 1e-150 to 1e150": [drawGamma(KEY, a), one(between(1e-150, 1e150))],
  "Gamma of shapes that are none": [drawGamma(KEY, a), one(strange(between(0.1, 10)))],
  "von Mises of concentrations from 1e-3 to 1e6": [drawVonMises(KEY, a), one(between(1e-3, 1e6))],
  "von Mises of concentrations from 1e-300 to 1e300": [
    drawVonMises(KEY, a),
    one(between(1e-150, 1e150).map((k) => k * k)),
  ],
  "von Mises of concentrations that are none": [drawVonMises(KEY, a), one(strange(between(0.1, 10)))],
  "Poisson of rates from 1e-3 to 1e6": [drawPoisson(KEY, a), one(between(1e-3, 1e6))],
  "Poisson of rates from 1e-30 to 1e15": [drawPoisson(KEY, a), one(between(1e-30, 1e15))],
  "Poisson of rates that are none": [drawPoisson(KEY, a), one(strange(between(0.1, 40)))],
  "Binomial of up to 1e9": [
    drawBinomial(KEY, a, b),
    two(
      counts,
      numbers((_, v) => v),
    ),
  ],
  "Binomial of rare and of usual successes": [
    drawBinomial(KEY, a, b),
    two(
      counts,
      between(1e-9, 1).map((p, i) => (i % 2 === 0 ? p : 1 - p)),
    ),
  ],
  "Binomial of few": [
    drawBinomial(KEY, a, b),
    two(
      few,
      numbers((_, v) => v),
    ),
  ],
  "Binomial of counts that are none": [
    drawBinomial(KEY, a, b),
    two(
      strange(few),
      numbers((_, v) => v),
    ),
  ],
  "Binomial of probabilities that are none": [drawBinomial(KEY, a, b), two(few, strange(numbers((_, v) => v)))],
};

describe("the bits of the interpreter's", () => {
  test.each(Object.entries(CASES))("%s", (_, [node, run]) => {
    const [found, expected] = [drawn(node, run), drawn(node, run, reference)];
    expect(found).toEqual(expected);
    expect(new Set(found).size).toBeGreaterThan(20);
  });

  test.each([1, 2, 3, 7])("%i elements: a draw does not see its neighbours", (size) => {
    const shapes = between(1e-2, 100);
    const all = drawn(drawGamma(KEY, a), one(shapes));
    expect(drawn(drawGamma(KEY, a), { ...one(shapes.slice(0, size)), sizes: { N: size } })).toEqual(all.slice(0, size));
    const others = shapes.map((own, i) => (i % 2 === 0 ? own : 1e3 / own));
    drawn(drawGamma(KEY, a), one(others)).forEach((x, i) => expect(x === all[i]).toBe(i % 2 === 0));
  });

  test("axes of the key in the order of its numbers, other axes share them", () => {
    const shape = exp(param("x", ["%swap", "K", "particle"], [2]));
    const node = drawGamma({ site: "z", axes: ["K", "particle"], shape: [2] }, shape);
    for (const sizes of [
      { "%swap": 3, K: 5, particle: 4 },
      { "%swap": 2, K: 1, particle: 7 },
      { "%swap": 1, K: 40, particle: 1 },
    ]) {
      const x = Float64Array.from({ length: 2 * sizes["%swap"] * sizes.K * sizes.particle }, (_, i) =>
        spread(i, 0.618),
      );
      const run = { params: { x }, sizes };
      expect(drawn(node, run)).toEqual(drawn(node, run, reference));
    }
  });

  test("members of a batch have their own numbers", () => {
    const members = { N: Int32Array.of(5, 0, 999_999, 4, 17) };
    const params = { rate: Float64Array.of(0.5, 40, 9, 3) };
    const rate = param("rate", ["particle"], [2]);
    const node = drawPoisson({ site: "z", axes: ["N", "particle"], shape: [2] }, rate);
    for (const fullSizes of [{ N: 1_000_000 }, { N: 2_000_000_001 }]) {
      const run = { params, sizes: { N: 5, particle: 2 }, members, fullSizes };
      expect(drawn(node, run)).toEqual(drawn(node, run, reference));
    }
  });

  test("one draw for all, and none", () => {
    const node = drawGamma({ site: "z", axes: [], shape: [] }, scalar(0.3));
    expect(drawn(node, {})).toEqual(drawn(node, {}, reference));
    expect(drawn(drawGamma(KEY, a), { params: { a: new Float64Array(0) }, sizes: { N: 0 } })).toEqual(
      new Float64Array(0),
    );
  });
});

test("another seed, step and site give other draws", () => {
  const of = (site: string, run: Partial<Inputs>): string =>
    String(drawn(drawGamma({ ...KEY, site }, a), { ...one(between(1, 2)), ...run }));
  const all = [
    of("z", {}),
    of("y", {}),
    of("z", { step: 4 }),
    of("z", { seed: 7 }),
    of("z", { seed: 8 + 5 * 2 ** 32 }),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test("float32 draws as float64 does from the same parameters", () => {
  const single = wasmWith({ precision: "f32" });
  for (const [node, of] of [
    [drawGamma(KEY, a), between(1e-2, 1e4)],
    [drawVonMises(KEY, a), between(1e-2, 1e4)],
    [drawPoisson(KEY, a), between(1e-2, 1e4)],
  ] as const) {
    const run = one(of.map(Math.fround));
    expect(drawn(node, run, single)).toEqual(drawn(node, run).map(Math.fround));
  }
});

test("a draw is computed where it is read", () => {
  const node = sumAxis(exp(drawGamma({ site: "z", axes: ["J", "N"], shape: [] }, exp(a))), "N");
  const sizes = { J: 6, N: 50 };
  expect(printProgram(lower([node], { sizes, fullSizes: sizes, batched: [], supplied: [] }))).toMatchInlineSnapshot(`
    "m0 param a [50]
    m1 value [6]

    m1[*] = 0
    for N in 50 {
      v0 = m0[N]
      v1 = exp(v0)
      for J in 6 {
        v2 = drawGamma(v1) of z[50 J + N]
        v3 = exp(v2)
        m1[J] += v3
      }
    }
    "
  `);
});
