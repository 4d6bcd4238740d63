// A case of an op with a shape of its own: a graph, and a plain formula for one element of its value.

import type { Axis, Node } from "../../src/ir/node.ts";
import type { Range, Sizes } from "./run-graph.ts";

export type LeafCase = {
  readonly axes: readonly Axis[];
  readonly shape: readonly number[];
  readonly range?: Range;
  readonly values?: Float64Array;
  /** No gradient by this leaf (an index, a condition). */
  readonly fixed?: true;
};

type Get = (leaf: string, axes: Readonly<Record<Axis, number>>, ...event: number[]) => number;

export type ShapedCase = {
  readonly title: string;
  readonly ops: readonly string[];
  readonly leaves: Readonly<Record<string, LeafCase>>;
  readonly build: (leaves: Readonly<Record<string, Node>>) => Node;
  /** One element of the result. */
  readonly value: (get: Get, axes: Readonly<Record<Axis, number>>, event: readonly number[], sizes: Sizes) => number;
  /** `first`: no second derivative is compared (it is 0, or stands in another case); `none`: values only. */
  readonly gradient: "smooth" | "first" | "none";
};

export const leaf = (axes: readonly Axis[], shape: readonly number[], range?: Range): LeafCase => ({
  axes,
  shape,
  ...(range && { range }),
});
export const index = (axes: readonly Axis[], shape: readonly number[], values: readonly number[]): LeafCase => ({
  axes,
  shape,
  values: Float64Array.from(values),
  fixed: true,
});
export const total = (n: number, f: (k: number) => number): number =>
  Array.from({ length: n }, (_, k) => f(k)).reduce((a, b) => a + b, 0);
export const list = (n: number, f: (k: number) => number): number[] => Array.from({ length: n }, (_, k) => f(k));
export const logSum = (xs: readonly number[]): number => Math.log(xs.reduce((a, x) => a + Math.exp(x), 0));
export const product = (xs: readonly number[]): number => xs.reduce((a, x) => a * x, 1);
