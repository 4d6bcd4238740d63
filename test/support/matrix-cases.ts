// The cases of test/support/ref/matrix.json and vectors.json as graph: parameters and values on an axis of points, or
// as leading dims.

import { readFileSync } from "node:fs";
import type { Dist } from "../../src/dist/dist.ts";
import { distOf } from "../../src/dist/index.ts";
import { canonical, instance, type Instance } from "../../src/dist/instance.ts";
import type { Axis, Node } from "../../src/ir/node.ts";
import { noise, param, scalar } from "../../src/op/index.ts";
import type { Values } from "./run-graph.ts";

export type Numbers = number | readonly Numbers[];

export type MatrixCase = {
  readonly title: string;
  readonly dist: Dist;
  readonly form: number;
  readonly params: Readonly<Record<string, Numbers>>;
  readonly points: readonly (readonly [x: Numbers, logDensity: number])[];
  readonly mean: Numbers | null;
  readonly variance: Numbers | null;
  /** Entries of a row. */
  readonly size: number;
};

type Stored = Pick<MatrixCase, "params" | "points" | "mean" | "variance"> & { readonly dist: string };

export const flat = (x: Numbers): number[] => (typeof x === "number" ? [x] : x.flatMap(flat));
export const shapeOf = (x: Numbers): number[] => (typeof x === "number" ? [] : [x.length, ...shapeOf(x[0]!)]);

function read(file: string): readonly MatrixCase[] {
  const text = readFileSync(new URL(`./ref/${file}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { cases: Stored[] }).cases.map(caseOf);
}

function caseOf(c: Stored): MatrixCase {
  const dist = distOf(c.dist)!;
  const names = Object.keys(c.params);
  const form = dist.forms.findIndex(
    ({ params }) => params.length === names.length && params.every((p) => names.includes(p.name)),
  );
  const size = shapeOf(c.points[0]![0])[0]!;
  const scalars = names
    .filter((name) => typeof c.params[name] === "number")
    .map((name) => `, ${name} = ${flat(c.params[name]!)[0]}`);
  return {
    ...c,
    dist,
    form,
    size,
    title: `${c.dist}(${dist.forms[form]!.params.map((p) => p.name).join(", ")}), ${size} rows${scalars.join("")}`,
  };
}

/** Distributions with a matrix, from SciPy; those of vectors alone, from mpmath. */
export const matrixCases = read("matrix");
export const vectorCases = read("vectors");

export const titledCases = (list: readonly MatrixCase[]): [string, MatrixCase][] => list.map((c) => [c.title, c]);

/** Leaves for the parameters, with further axes or leading dims. */
export const instanceOn = (c: MatrixCase, axes: readonly Axis[] = [], lead: readonly number[] = []): Instance =>
  instance(
    c.dist,
    c.form,
    Object.fromEntries(
      c.dist.forms[c.form]!.params.map((p) => [
        p.name,
        p.size === true ? scalar(c.size) : param(p.name, axes, [...lead, ...shapeOf(c.params[p.name]!)]),
      ]),
    ),
  );

export const valueOn = (c: MatrixCase, axes: readonly Axis[] = [], lead: readonly number[] = []): Node =>
  param("x", axes, [...lead, ...Array<number>(c.dist.rank).fill(c.size)]);

/** Numbers for those leaves, the parameters `copies` times. */
export const leafNumbers = (c: MatrixCase, copies: number, x: readonly number[] = []): Values => ({
  x: Float64Array.from(x),
  ...Object.fromEntries(
    c.dist.forms[c.form]!.params.map(({ name, size }) => [
      name,
      Float64Array.from(Array.from({ length: size === true ? 1 : copies }, () => flat(c.params[name]!)).flat()),
    ]),
  ),
});

/** A draw on the axis `draws`, parameters without axes. */
export function drawOn(c: MatrixCase, axes: readonly Axis[], lead: readonly number[] = []): Node {
  const d = instanceOn(c, [], lead);
  const { draw } = c.dist;
  const shape = [...lead, ...Array<number>(c.dist.rank).fill(c.size)];
  if (draw.kind === "pathwise") return draw.from(noise(draw.noise, "site", axes, shape), canonical(d));
  if (draw.kind === "implicit") return draw.sample({ site: "site", axes, shape }, canonical(d));
  throw new Error(`${c.dist.name} has no sampler`);
}
