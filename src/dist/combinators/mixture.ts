// Mixture(weights, [D1, D2]), Mixture(weights, [k in K: D]): one of several distributions, which one being unknown. A
// list of different rows is a list of instances; a comprehension is one instance whose parameters have an entry for
// each component.

import type { Node } from "../../ir/node.ts";
import {
  add,
  concat,
  equal,
  expand,
  lse,
  moveDim,
  or,
  pick,
  repeatTo,
  reshape,
  scalar,
  select,
  sub,
  type Key,
} from "../../op/index.ts";
import {
  componentAt,
  distributionParam,
  kindOf,
  logOrNone,
  paramsIn,
  type Combinator,
  type Component,
} from "../combinator.ts";
import type { Dist, Draw, Param, Params, Support } from "../dist.ts";
import { drawOf, drawState } from "../draw.ts";
import {
  boundsOf,
  instance,
  interior,
  logCcdf,
  logCdf,
  logitsOf,
  logProb,
  supportOf,
  type Instance,
} from "../instance.ts";
import { implicit } from "../quantile.ts";
import { hull, isLine } from "../sets.ts";
import { stacked } from "./sums.ts";

const weights: Param = {
  name: "weights",
  rank: 1,
  support: "probability-vector",
  doc: "probability of each component; they sum to one, and may be zero",
};

export const mixture: Combinator = {
  name: "Mixture",
  doc:
    "Each value comes from one of the `components`, from component k with probability weights[k]: " +
    "p(x) = Σ weights[k] p_k(x). Of distributions of one number with parameters of some shape every entry comes from " +
    "a component of its own.",
  source: "McLachlan, Peel 2000, Finite Mixture Models, section 1.2",
  forms: [{ params: [weights, distributionParam("components", "a list, [D1, D2] or [k in K: D]")] }],
  distributions: { name: "components", several: true },
  row: (components, { each }) => {
    const problem = apart(components.map(({ dist }) => dist));
    return problem === null ? rowOf(components, each) : { problem };
  },
};

const isPoint = ({ supportKind }: Dist): boolean => supportKind === "point";

/** Why rows do not mix. */
function apart(rows: readonly Dist[]): string | null {
  const [first, ...others] = rows.filter((row) => !isPoint(row));
  if (first === undefined) return "needs a component with more than one value";
  if (rows.some(({ rank }) => rank !== first.rank) || others.some(({ value }) => value !== first.value)) {
    return "needs components whose values have one type";
  }
  if (rows.some(({ atoms }) => atoms === true)) return "needs components without point masses, except for Delta";
  const line = [first, ...others].every(({ supportKind }) => isLine(supportKind));
  const sameKind = rows.every(({ supportKind }) => supportKind === first.supportKind);
  return line || sameKind ? null : "needs components with one support";
}

function rowOf(components: readonly Component[], each: boolean): Dist {
  const rows = components.map(({ dist }) => dist);
  const first = rows.find((row) => !isPoint(row))!;
  const pointed = rows.some(isPoint) && !first.discrete;
  const params = [weights, ...paramsIn(components, each ? 1 : 0)];
  const at = (p: Params): readonly Instance[] => components.map((component, i) => componentAt(component, i, p));
  const support = (p: Params): Support =>
    hull(
      at(p).map((d) => spanOf(supportOf(d), first.discrete)),
      each,
    );
  const mixed = (p: Params, one: (d: Instance) => Node): Node => mix(p.weights, at(p).map(one), each);
  const spread = (x: Node, p: Params): Node => (each ? forEach(x, p.weights, first.rank) : x);
  const isFinite = rows.every(({ draw }) => draw.kind === "finite") && first.value !== "real" && first.value !== "int";
  const tailed = first.rank === 0 && rows.every((row) => row.logCdf !== undefined && row.logCcdf !== undefined);
  const smooth = tailed && !first.discrete && !pointed;
  const logits = (p: Params): Node => mixLogits(p.weights, at(p).map(logitsOf), each);
  const row: Dist = {
    name: "Mixture",
    doc: mixture.doc,
    source: mixture.source,
    forms: [{ params }],
    value: first.value,
    rank: first.rank,
    support,
    supportKind: kindOf(support, params),
    discrete: first.discrete,
    ...(pointed ? { atoms: true } : {}),
    ...(rows.some(({ improper }) => improper === true) ? { improper: true } : {}),
    logProb: (x, p) => {
      if (isFinite) return pick(first.value === "bool" ? stacked([sub(scalar(1), x), x]) : x, logits(p));
      return mixed(p, (d) => (pointed ? besidePoints(d, x, at(p)) : logProb(d, spread(x, p))));
    },
    draw: isFinite ? { kind: "finite", logits } : drawMixed(rows, at, each, smooth ? (p) => instance(row, 0, p) : null),
    ...(rows.every(({ draw }) => draw.kind === "pathwise")
      ? {
          components: {
            draw: (key: Key, p: Params) => drawEach(at(p), key, each ? p.weights : null),
            prob: (p: Params) => p.weights,
          },
        }
      : {}),
    ...(tailed
      ? {
          logCdf: (x: Node, p: Params) => mixed(p, (d) => logCdf(d, spread(x, p)) as Node),
          logCcdf: (x: Node, p: Params) => mixed(p, (d) => logCcdf(d, spread(x, p)) as Node),
        }
      : {}),
  };
  return row;
}

/** A single value as a set of numbers like those of the other components. */
const spanOf = (support: Support, whole: boolean): Support =>
  support.kind !== "point"
    ? support
    : whole
      ? { kind: "count", lower: support.at, upper: support.at }
      : { kind: "interval", lower: support.at, upper: support.at };

/** Where Delta has its probability, the densities of the others do not count. */
function besidePoints(d: Instance, x: Node, all: readonly Instance[]): Node {
  if (isPoint(d.dist)) return logProb(d, x);
  const support = supportOf(d);
  const points = all.flatMap((other) => (isPoint(other.dist) ? [equal(x, boundsOf(supportOf(other))[0] as Node)] : []));
  const isThere = points.reduce(or);
  return select(isThere, scalar(-Infinity), logProb(d, select(isThere, interior(support), x)));
}

/** log Σ_k w_k e^(x_k): of one node that has the components along its last dim, or a node for each. */
function mix(w: Node, terms: readonly Node[], each: boolean): Node {
  const all = each ? repeatTo(terms[0] as Node, w.shape) : stacked(terms, w.shape.slice(0, -1));
  return lse(add(logOrNone(w), all), [w.shape.length - 1]);
}

/** A value beside parameters that have one more dim, before the `rank` dims of one value. */
function forEach(x: Node, w: Node, rank: number): Node {
  const lead = x.shape.length - rank;
  const count = w.shape[w.shape.length - 1] as number;
  return expand(
    x,
    x.shape.toSpliced(lead, 0, count),
    x.shape.map((_, d) => (d < lead ? d : d + 1)),
  );
}

/** Log probabilities `[…, values]` of each component, mixed along the dim before the values. */
function mixLogits(w: Node, parts: readonly Node[], each: boolean): Node {
  const shape = [...w.shape, parts[0]!.shape.at(-1) as number];
  const at = shape.length - 2;
  const all = each
    ? parts[0]!
    : concat(
        parts.map((part) => alone(part, shape, at)),
        at,
      );
  return lse(
    add(
      expand(
        logOrNone(w),
        shape,
        w.shape.map((_, d) => d),
      ),
      all,
    ),
    [at],
  );
}

/** `[…, values]`, or `[values]` where leading dims change nothing, as `[…, 1, values]`. */
function alone(part: Node, shape: readonly number[], at: number): Node {
  const full = shape.toSpliced(at, 1);
  return reshape(part.shape.length === full.length ? part : expand(part, full, [at]), shape.with(at, 1));
}

/** Every component at once, along a last dim. `listed`: the weights, where one component stands for a list. */
function drawEach(components: readonly Instance[], key: Key, listed: Node | null): Node {
  if (listed === null)
    return stacked(
      components.map((d, i) => drawOf(d, { ...key, site: `${key.site}%${i}` })),
      key.shape,
    );
  const lead = listed.shape.length - 1;
  const all = drawOf(components[0]!, { ...key, shape: key.shape.toSpliced(lead, 0, listed.shape[lead] as number) });
  return moveDim(all, lead, key.shape.length);
}

/** All components are drawn, and a one-hot draw picks one. `row`: what the derivative of the draw is taken of, where it
 *  is smooth. */
function drawMixed(
  rows: readonly Dist[],
  at: (p: Params) => readonly Instance[],
  each: boolean,
  row: ((p: Params) => Instance) | null,
): Draw {
  if (rows.some(({ draw }) => draw.kind === "none")) return { kind: "none" };
  const rank = rows[0]!.rank;
  const sample = (key: Key, p: Params): Node => {
    const hot = drawState(logOrNone(p.weights), `${key.site}%component`, key.axes);
    const values = drawEach(at(p), key, each ? p.weights : null);
    const lead = key.shape.length - rank;
    return pick(
      expand(
        hot,
        values.shape,
        hot.shape.map((_, d) => (d < lead ? d : key.shape.length)),
      ),
      values,
    );
  };
  if (row === null) return { kind: "opaque", sample };
  return { kind: "implicit", sample: (key, p) => implicit(row(p), sample(key, p)) };
}
