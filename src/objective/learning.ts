// Numbers that estimators learn as averages: a root whose gradient in such a number is its mean distance from what it
// follows.

import { axisSize, div, mul, stop, sub } from "../op/index.ts";
import type { Node } from "../ir/node.ts";
import type { Cost } from "../estimator/estimator.ts";
import type { PlacedSite } from "./term.ts";

/** `root`: its gradient in `leaf` is how far `leaf` lies below what it follows; `rate`: the share of that per step. */
export type Learning = { readonly leaf: Node; readonly root: Node; readonly rate: number };

export const averagesOf = ({ placed: { tune = [] } }: PlacedSite, cost: Cost): readonly Learning[] =>
  tune.flatMap((tuned) => {
    if (tuned.rule !== "average") return [];
    const { leaf, rate } = tuned;
    const distance = stop(sub(tuned.toward(cost), leaf));
    const others = distance.axes.filter((axis) => !leaf.axes.includes(axis));
    return [{ leaf, rate, root: others.reduce((mean, axis) => div(mean, axisSize(axis)), mul(distance, leaf)) }];
  });
