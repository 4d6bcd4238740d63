// Two engines on one graph: the largest relative difference of their outputs.

import type { Engine, Inputs, Tensor } from "../../src/exec/engine.ts";
import { reference } from "../../src/exec/reference.ts";
import { wasm } from "../../src/exec/wasm.ts";
import type { Graph, Node } from "../../src/ir/node.ts";
import { topological } from "../../src/ir/walk.ts";
import { leafName, lengthOf, paramsBelow, testNumbers, type Sizes, type Values } from "./run-graph.ts";

export type Difference = {
  readonly output: string;
  readonly at: number;
  readonly expected: number;
  readonly found: number;
  readonly error: number;
};

const NONE: Difference = { output: "", at: 0, expected: 0, found: 0, error: 0 };

/** Relative to the number itself, or to a thousandth of the largest of its array, so that entries that cancel are not held to more digits than
 *  they have. */
export function difference(
  expected: Readonly<Record<string, Tensor>>,
  found: Readonly<Record<string, Tensor>>,
): Difference {
  return Object.entries(expected)
    .map(([output, wanted]) => ofArrays(output, wanted, found[output]))
    .reduce(larger, NONE);
}

const larger = (a: Difference, b: Difference): Difference => (b.error > a.error ? b : a);

function ofArrays(output: string, wanted: Tensor, got: Tensor | undefined): Difference {
  const none = { ...NONE, output };
  const isLike =
    got !== undefined &&
    String([wanted.axes, wanted.shape, wanted.values.length]) === String([got.axes, got.shape, got.values.length]);
  if (!isLike) return { ...none, error: Infinity };
  const size = 1e-3 * wanted.values.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0);
  return [...wanted.values]
    .map((expected, at): Difference => {
      const value = got.values[at]!;
      return { output, at, expected, found: value, error: relative(expected, value, size) };
    })
    .reduce(larger, none);
}

/** 0 where both are the same infinity or NaN; a difference of denormals is none. */
function relative(expected: number, found: number, size: number): number {
  if (expected === found || (Number.isNaN(expected) && Number.isNaN(found))) return 0;
  const distance = Math.abs(expected - found);
  return Number.isFinite(distance)
    ? Math.max(0, distance - Number.MIN_VALUE * 2 ** 52) / Math.max(size, Math.abs(expected))
    : Infinity;
}

/** An engine (default: wasm) against reference, with the share of numbers that are finite: where there are none, agreement says nothing. */
export function engineGap(
  graph: Graph,
  data: Values,
  inputs: Inputs,
  outputs?: readonly string[],
  other: Engine = wasm,
): Difference & { readonly finite: number } {
  const on = (engine: Engine) => engine.load(graph, data).run(inputs, outputs);
  const expected = on(reference);
  const numbers = Object.values(expected).flatMap(({ values }) => [...values]);
  return { ...difference(expected, on(other)), finite: numbers.filter(Number.isFinite).length / numbers.length };
}

/** Numbers from -0.5 to 0.5 for every parameter below some nodes. */
export function someParams(roots: readonly Node[], sizes: Sizes): Values {
  const next = testNumbers(31);
  return Object.fromEntries(
    paramsBelow(roots).map((leaf) => [
      leafName(leaf),
      Float64Array.from({ length: lengthOf(leaf, sizes) }, () => next() - 0.5),
    ]),
  );
}

/** Noise leaves below some nodes, with uniform numbers in (0, 1) for every site. */
export function someNoise(roots: readonly Node[], sizes: Sizes): Values {
  const next = testNumbers(5);
  const leaves = topological(roots).filter((node) => node.op.name === "noise");
  return Object.fromEntries(
    leaves.map((leaf) => [
      leaf.attrs["site"] as string,
      Float64Array.from({ length: lengthOf(leaf, sizes) }, () => 0.01 + 0.98 * next()),
    ]),
  );
}
