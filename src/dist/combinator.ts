// Distributions made of distributions. A combinator turns rows into a row: its parameters are its own and, under names
// of their own, those of the distributions inside, so that whoever has a row need not know how it came about.

import type { Node } from "../ir/node.ts";
import { data, log, log1p, neg, less, scalar, select } from "../op/index.ts";
import type { Dist, Form, Param, Params, Support } from "./dist.ts";
import { instance, type Instance } from "./instance.ts";

/** A distribution inside another: its row, and the form in which its arguments are written. */
export type Component = { readonly dist: Dist; readonly form: number };

/** How it was written: its own form, and whether the one component stands for a list (`[k in K: D]`). */
export type Use = { readonly form: number; readonly each: boolean };

export type Combinator = {
  /** As in a `.ppl` file: `Truncated`. */
  readonly name: string;
  readonly doc: string;
  readonly source: string;
  /** The parameters as written; one of them is `distributions`. */
  readonly forms: readonly [Form, ...Form[]];
  readonly distributions: { readonly name: string; readonly several: boolean };
  /** Its values are vectors, whatever the distribution inside. */
  readonly joint?: true;
  /** The row; where there is none, what is wrong with the components (after the name, "needs …"). A parameter of a
   *  component whose rank is higher there has one more dim in front of its own: an entry for each component or each
   *  entry of the value. */
  readonly row: (components: readonly Component[], use: Use) => Dist | { readonly problem: string };
};

/** The argument that holds distributions, among the parameters of a combinator's form. */
export const distributionParam = (name: string, doc: string): Param => ({ name, rank: 0, support: "any", doc });

/** The name of a component's parameter in the combined row. */
export const nameIn = (component: number, param: string): string => `${component}.${param}`;

/** The components' parameters in the combined row; `rise`: how many dims they gain. */
export const paramsIn = (components: readonly Component[], rise: 0 | 1 = 0): readonly Param[] =>
  components.flatMap(({ dist, form }, i) =>
    (dist.forms[form]?.params ?? []).map((param) => ({
      ...param,
      name: nameIn(i, param.name),
      rank: param.rank + rise,
    })),
  );

/** A component at the parameters of the combined row. */
export function componentAt({ dist, form }: Component, i: number, p: Params): Instance {
  const names = (dist.forms[form]?.params ?? []).map((param) => param.name);
  return instance(dist, form, Object.fromEntries(names.map((name) => [name, p[nameIn(i, name)] as Node])));
}

/** Leaves in the place of parameters, to ask a row for what does not depend on their values. */
export const standIns = (params: readonly Param[]): Params =>
  Object.fromEntries(
    params.map(({ name, rank, size }) => [
      name,
      size === true ? scalar(2) : data(name, [], Array<number>(rank).fill(2)),
    ]),
  );

/** The kind of a support before its parameters are known. */
export const kindOf = (support: (p: Params) => Support, params: readonly Param[]): Support["kind"] =>
  support(standIns(params)).kind;

/** log p and log(1 - p); where they are -inf no gradient comes back, which would be NaN. */
export const logOrNone = (p: Node): Node => {
  const some = less(scalar(0), p);
  return select(some, log(select(some, p, scalar(1))), scalar(-Infinity));
};
export const logRest = (p: Node): Node => {
  const some = less(p, scalar(1));
  return select(some, log1p(neg(select(some, p, scalar(0)))), scalar(-Infinity));
};
