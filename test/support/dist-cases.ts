// The cases of test/support/ref as graph: each point of a setting is a member of the axis P, and so is each parameter.

import type { Dist, Params, Support } from "../../src/dist/dist.ts";
import { dists } from "../../src/dist/index.ts";
import { boundsOf, instance, supportOf, type Instance } from "../../src/dist/instance.ts";
import type { Node } from "../../src/ir/node.ts";
import { param } from "../../src/op/index.ts";
import { readCases, type Case } from "./reference.ts";
import { valueOf, type Values } from "./run-graph.ts";

export const POINTS = "P";

/** `half-student-t` for HalfStudentT. */
export const fileOf = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();

export type Setting = { readonly title: string; readonly dist: Dist; readonly form: number; readonly reference: Case };

/** One entry per setting of each form of each distribution that has reference values: all but the improper ones. */
export const settings: readonly Setting[] = dists.filter((d) => d.improper !== true).flatMap((dist) =>
  readCases(fileOf(dist.name)).map((reference) => {
    const names = Object.keys(reference.params);
    const form = dist.forms.findIndex((f) => f.params.length === names.length && f.params.every((p) => names.includes(p.name)));
    const written = names.map((name) => `${name} = ${JSON.stringify(reference.params[name])}`).join(", ");
    return { title: `${dist.name}(${written})`, dist, form, reference };
  }));

const asArray = (v: number | readonly number[]): readonly number[] => (typeof v === "number" ? [v] : v);

/** Leaves for a form's parameters, on the axis of points. */
export function leavesOf({ dist, form, reference }: Setting): Params {
  return Object.fromEntries(dist.forms[form]!.params.map(({ name, rank }) =>
    [name, param(name, [POINTS], rank === 0 ? [] : [asArray(reference.params[name]!).length])]));
}

export const instanceOf = (s: Setting): Instance => instance(s.dist, s.form, leavesOf(s));

/** The value's leaf: a number, or a one-hot vector. */
export const valueLeaf = (d: Instance): Node => {
  const support = supportOf(d);
  return param("x", [POINTS], support.kind === "category" ? [support.count] : []);
};

/** Numbers for the leaves: the setting's parameters, repeated for each point. */
export function leafValues({ reference, dist }: Setting, xs: readonly number[]): Values {
  const repeated = Object.entries(reference.params).map(([name, v]) =>
    [name, Float64Array.from(xs.flatMap(() => asArray(v)))] as const);
  const oneHot = (k: number): number[] => asArray(reference.params["prob"] ?? reference.params["logit"]!).map((_, i) => (i === k ? 1 : 0));
  const x = dist.supportKind === "category" ? xs.flatMap(oneHot) : xs;
  return { x: Float64Array.from(x), ...Object.fromEntries(repeated) };
}

/** Values of a graph over the value leaf and the parameter leaves, at points. */
export const atPoints = (s: Setting, graph: Node, xs: readonly number[]): Float64Array =>
  spread(valueOf(graph, leafValues(s, xs), { [POINTS]: xs.length }).values, xs.length);

/** A result that is constant along the points is one number. */
const spread = (values: Float64Array, n: number): Float64Array => (values.length === n ? values : new Float64Array(n).fill(values[0]!));

/** The ends of a scalar support, as numbers. */
export function endsOf(s: Setting): readonly [lower: number, upper: number] {
  const support: Support = supportOf(instanceOf(s));
  const [lower, upper] = boundsOf(support);
  const numberAt = (bound: Node | null, none: number): number => (bound === null ? none : atPoints(s, bound, [0])[0]!);
  return [numberAt(lower, -Infinity), numberAt(upper, Infinity)];
}
