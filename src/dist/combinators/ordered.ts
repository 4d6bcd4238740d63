// Ordered(D, K): K independent draws of D in increasing order. Ordered(D): a vector D restricted to increasing order.

import { ice } from "../../base/ice.ts";
import type { Node } from "../../ir/node.ts";
import { add, repeatTo, scalar, select, sorted, sum } from "../../op/index.ts";
import { lgamma } from "../../op/special/index.ts";
import { componentAt, distributionParam, paramsIn, type Combinator, type Component } from "../combinator.ts";
import type { Dist, Params, Support } from "../dist.ts";
import { changed } from "../draw.ts";
import { logProbInside, supportOf, type Instance } from "../instance.ts";
import { countParam } from "../parameter.ts";
import { isLine } from "../sets.ts";
import { inside } from "../support.ts";

const inner = distributionParam("distribution", "of one number, or of a vector");

export const orderedCombinator: Combinator = {
  name: "Ordered",
  doc:
    "With `size`, that many independent draws of `distribution` in increasing order: p(x) = size! Π p_D(x_k). " +
    "Without, a vector distribution restricted to increasing order and not renormalised: p(x) = p_D(x), so that " +
    "parameters of D that are latent are not weighed rightly.",
  source: "David, Nagaraja 2003, Order Statistics, section 2.2",
  forms: [
    { params: [inner, { ...countParam("size", "number of draws, a dim or known from data"), size: true }] },
    { params: [inner] },
  ],
  distributions: { name: "distribution", several: false },
  joint: true,
  row: ([component], { form }) => {
    const { dist } = component!;
    const several = form === 0;
    if (dist.discrete || dist.atoms === true)
      return { problem: "needs a continuous distribution: equal values have no order" };
    if (several && dist.rank > 0) return { problem: "with a size needs a distribution of one number" };
    if (dist.rank > 1 || !isLine(dist.supportKind)) return { problem: "needs a distribution of numbers on a line" };
    return rowOf(component!, several);
  },
};

function rowOf(component: Component, several: boolean): Dist {
  const { dist } = component;
  const params = paramsIn([component], dist.rank === 0 ? 1 : 0);
  const at = (p: Params): Instance => componentAt(component, 0, p);
  const support = (p: Params): Support => increasing(supportOf(at(p)));
  return {
    name: "Ordered",
    doc: orderedCombinator.doc,
    source: orderedCombinator.source,
    forms: [{ params }],
    value: "real",
    rank: 1,
    support,
    supportKind: "ordered",
    discrete: false,
    ...(dist.improper === true ? { improper: true } : {}),
    logProb: (x, p) => {
      const density = sumOfEntries(at(p), x);
      if (several) return add(scalar(lgamma(lengthOf(x) + 1)), density);
      return mayLeaveOrder(support(p)) ? select(inside(support(p), x) as Node, density, scalar(-Infinity)) : density;
    },
    draw: several ? changed(dist.draw, at, sorted) : { kind: "none" },
  };
}

const increasing = (entries: Support): Support =>
  entries.kind === "real" ? { kind: "ordered" } : { kind: "ordered", entries };

/** Bounds that differ between the entries: values on the way to which each is inside its own need not increase. */
const mayLeaveOrder = (support: Support): boolean => support.kind === "ordered" && support.entries !== undefined;

const lengthOf = (x: Node): number => x.shape[x.shape.length - 1] ?? ice("an ordered scalar");

function sumOfEntries(d: Instance, x: Node): Node {
  const density = logProbInside(d, x);
  return d.dist.rank > 0 ? density : sum(repeatTo(density, x.shape), [x.shape.length - 1]);
}
