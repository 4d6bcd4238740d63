// A distribution of counts moved up: the free guide of counts that do not start at 0. Not a name of the language.

import type { Node } from "../../ir/node.ts";
import { add, sub } from "../../op/index.ts";
import { componentAt, nameIn, paramsIn, type Component } from "../combinator.ts";
import type { Dist, Params } from "../dist.ts";
import { changed } from "../draw.ts";
import { boundsOf, instance, logProb, supportOf, type Instance } from "../instance.ts";
import { realParam } from "../parameter.ts";

/** The distribution of a value plus `by`. */
export function shifted(d: Instance, by: Node): Instance {
  const moved = nameIn(1, "by");
  const component: Component = { dist: d.dist, form: d.dist.forms.indexOf(d.form) };
  const inner = (p: Params): Instance => componentAt(component, 0, p);
  const row: Dist = {
    name: d.dist.name,
    doc: d.dist.doc,
    source: d.dist.source,
    forms: [{ params: [...paramsIn([component]), realParam(moved, "distance")] }],
    value: d.dist.value,
    rank: 0,
    support: (p) => {
      const upper = boundsOf(supportOf(inner(p)))[1];
      return { kind: "count", lower: p[moved], upper: upper === null ? null : add(upper, p[moved]) };
    },
    supportKind: "count",
    discrete: true,
    logProb: (x, p) => logProb(inner(p), sub(x, p[moved])),
    draw: changed(d.dist.draw, inner, (x, p) => add(x, p[moved])),
  };
  return instance(row, 0, {
    ...Object.fromEntries(Object.entries(d.params).map(([name, node]) => [nameIn(0, name), node])),
    [moved]: by,
  });
}
