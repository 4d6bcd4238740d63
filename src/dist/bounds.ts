// The support of a distribution of which only some arguments are known, as numbers: what a checker can say before data
// is read.

import { ice } from "../base/ice.ts";
import { data, numberOf, scalar } from "../op/index.ts";
import type { Dist, SupportKind } from "./dist.ts";
import { boundsOf, instance, supportOf } from "./instance.ts";

/** Ends of a scalar support: infinite where there is none, null where it depends on arguments that are not known. */
export type SupportBounds = {
  readonly kind: SupportKind;
  readonly lower: number | null;
  readonly upper: number | null;
};

/** `known`: values of scalar arguments by name; the others may be anything. */
export function supportBounds(dist: Dist, form: number, known: Readonly<Record<string, number>>): SupportBounds {
  const params = dist.forms[form]!.params.map(({ name, rank, size }) => {
    const value = known[name] ?? (size === true ? 2 : undefined);
    const isKnown = value !== undefined && rank === 0;
    return [name, isKnown ? scalar(value) : data(name, [], Array<number>(rank).fill(1))] as const;
  });
  const support = supportOf(instance(dist, form, Object.fromEntries(params)));
  const [lower, upper] = boundsOf(support);
  return {
    kind: support.kind,
    lower: lower === null ? -Infinity : numberOf(lower),
    upper: upper === null ? Infinity : numberOf(upper),
  };
}

/** How many values a distribution of indices has when its vectors have `size` entries. */
export function categoryCount(dist: Dist, size: number): number {
  const params = dist.forms[0].params.map(({ name, rank }) => [name, data(name, [], Array<number>(rank).fill(size))]);
  const support = supportOf(instance(dist, 0, Object.fromEntries(params)));
  return support.kind === "category" ? support.count : ice(`the values of ${dist.name} are no categories`);
}
