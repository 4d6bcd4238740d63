// The cases of test/support/ref as graph: each point of a setting is a member of the axis P, and so is each parameter.

import type { Dist, Params } from "../../src/dist/dist.ts";
import { dists } from "../../src/dist/index.ts";
import { boundsOf, instance, supportOf, type Instance } from "../../src/dist/instance.ts";
import type { Node } from "../../src/ir/node.ts";
import { param } from "../../src/op/index.ts";
import { readCases, type Case } from "./reference.ts";
import { valueOf, type Values } from "./run-graph.ts";

export { expectClose } from "./close.ts";

export const POINTS = "P";

/** `half-student-t` for HalfStudentT. */
const fileOf = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();

export type Setting = { readonly title: string; readonly dist: Dist; readonly form: number; readonly reference: Case };

/** Distributions with reference values here: of numbers, all but improper ones and points (below), and those with a
 *  matrix (matrix-dist.test.ts). */
export const tabled: readonly Dist[] = dists.filter(
  (d) =>
    d.improper !== true &&
    d.supportKind !== "point" &&
    d.rank === 0 &&
    !d.forms.some((form) => form.params.some((p) => p.rank === 2)),
);

/** One entry per setting of each form of each of them. */
export const settings: readonly Setting[] = tabled.flatMap((dist) =>
  readCases(fileOf(dist.name)).map((reference) => settingOf(dist, reference)),
);

function settingOf(dist: Dist, reference: Case): Setting {
  const names = Object.keys(reference.params);
  const isForm = (params: readonly { readonly name: string }[]): boolean =>
    params.length === names.length && params.every((p) => names.includes(p.name));
  const written = names.map((name) => `${name} = ${JSON.stringify(reference.params[name])}`).join(", ");
  return { title: `${dist.name}(${written})`, dist, form: dist.forms.findIndex((f) => isForm(f.params)), reference };
}

export const settingTitled = (title: string): Setting => {
  const found = settings.find((s) => s.title === title);
  if (found === undefined) throw new Error(`no setting ${title}`);
  return found;
};

export const titled = (list: readonly Setting[]): [string, Setting][] => list.map((s) => [s.title, s]);
export const continuous = settings.filter((s) => !s.dist.discrete);
export const counts = settings.filter((s) => s.dist.supportKind === "count");
export const finite = settings.filter((s) => s.dist.draw.kind === "finite");

export const pointsOf = (s: Setting): readonly number[] => s.reference.points.map(([x]) => x);

export const asArray = (v: number | readonly number[]): readonly number[] => (typeof v === "number" ? [v] : v);

/** Leaves for a form's parameters, on the axis of points. */
function leavesOf({ dist, form, reference }: Setting): Params {
  return Object.fromEntries(
    dist.forms[form]!.params.map(({ name, rank }) => [
      name,
      param(name, [POINTS], rank === 0 ? [] : [asArray(reference.params[name]!).length]),
    ]),
  );
}

export const instanceOf = (s: Setting): Instance => instance(s.dist, s.form, leavesOf(s));

/** The value's leaf: a number, or a one-hot vector. */
export const valueLeaf = (d: Instance): Node => {
  const support = supportOf(d);
  return param("x", [POINTS], support.kind === "category" ? [support.count] : []);
};

function categoriesOf(s: Setting): number {
  const support = supportOf(instanceOf(s));
  return support.kind === "category" ? support.count : 1;
}

/** Numbers for the leaves: the setting's parameters, repeated for each point. */
export function leafValues(s: Setting, xs: readonly number[]): Values {
  const { reference, dist } = s;
  const repeated = Object.entries(reference.params).map(
    ([name, v]) => [name, Float64Array.from(xs.flatMap(() => asArray(v)))] as const,
  );
  const oneHot = (k: number): number[] => Array.from({ length: categoriesOf(s) }, (_, i) => (i === k ? 1 : 0));
  const x = dist.supportKind === "category" ? xs.flatMap(oneHot) : xs;
  return { x: Float64Array.from(x), ...Object.fromEntries(repeated) };
}

/** Values of a graph over the value leaf and the parameter leaves, at points. */
export const atPoints = (s: Setting, graph: Node, xs: readonly number[]): Float64Array => {
  const { values } = valueOf(graph, leafValues(s, xs), { [POINTS]: xs.length });
  const isConstant = values.length < xs.length;
  return isConstant ? new Float64Array(xs.length).fill(values[0]!) : values;
};

/** The ends of a scalar support, as numbers. */
export function endsOf(s: Setting): readonly [lower: number, upper: number] {
  const [lower, upper] = boundsOf(supportOf(instanceOf(s)));
  const numberAt = (bound: Node | null, none: number): number => (bound === null ? none : atPoints(s, bound, [0])[0]!);
  return [numberAt(lower, -Infinity), numberAt(upper, Infinity)];
}
