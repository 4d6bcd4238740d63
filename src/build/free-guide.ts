// Automatic guides that are no Gaussian: of discrete values, of directions, of points. Enters: a site's distribution;
// leaves: the row of the guide, its free parameters, and how its draw becomes the site's value.

import { ice } from "../base/ice.ts";
import { shifted } from "../dist/combinators/shifted.ts";
import { distOf } from "../dist/index.ts";
import { instance, supportOf, type Instance } from "../dist/instance.ts";
import type { Params, Support } from "../dist/dist.ts";
import type { Node } from "../ir/node.ts";
import { topological } from "../ir/walk.ts";
import {
  add,
  and,
  constant,
  exp,
  expand,
  lessEqual,
  log,
  maximum,
  minimum,
  reshape,
  scalar,
  select,
  slice,
  square,
  sub,
} from "../op/index.ts";
import { categories, type BuiltDist } from "./distribution.ts";
import { valuesOf, type Scope } from "./scope.ts";
import { arrayValue, type ArrayValue } from "./value.ts";

/** A free parameter per element of the value. `extra`: event dims that it has beside the value's; `gauge`: its length
 *  means nothing; `shape`: of a member, where that is not the value's. */
export type FreeLeaf = {
  readonly name: string;
  readonly start: number;
  readonly extra: readonly number[];
  readonly gauge: boolean;
  readonly shape?: readonly number[];
};

export type FreeGuide = {
  readonly leaves: readonly FreeLeaf[];
  /** The guide at its parameters, laid on plates and event in the order of `leaves`. */
  readonly at: (leaves: readonly Node[]) => Instance;
  readonly value: (drawn: ArrayValue) => ArrayValue;
};

/** Null: the value has an unconstrained scale, where its guide is a Gaussian. */
export function freeGuide(model: BuiltDist, scope: Scope): FreeGuide | null {
  const support = supportOf(model.instance);
  switch (support.kind) {
    case "boolean":
      return byAmplitude("Bernoulli", [2], (w) => ({ logit: sub(...lastTwo(logSquare(w))) }));
    case "category":
      return byAmplitude("Categorical", [categories(model)], (w) => ({ logit: logSquare(w) }));
    case "one-hot":
      return byAmplitude("OneHotCategorical", [], (w) => ({ logit: logSquare(w) }));
    case "counts":
      return byAmplitude("Multinomial", [], (w) => ({ n: support.total, logit: logSquare(w) }));
    case "count":
      return forCounts(support, model, scope);
    case "circle":
      return {
        leaves: [oneNumber("loc"), oneNumber("log_concentration")],
        at: ([loc, log]) => atParams("VonMises", { loc: loc as Node, concentration: exp(log as Node) }),
        value: (v) => v,
      };
    case "point":
      return { leaves: [], at: () => model.instance, value: (v) => v };
    default:
      return null;
  }
}

const oneNumber = (name: string): FreeLeaf => ({ name, start: 0, extra: [], gauge: false });

function atParams(name: string, params: Params): Instance {
  const row = distOf(name) ?? ice(`no distribution ${name}`);
  return instance(
    row,
    row.forms.findIndex((f) => f.params.every((p) => p.name in params)),
    params,
  );
}

/** Probabilities are squared amplitudes, p_c = w_c^2 / sum w^2: there the Fisher information is 4 everywhere, so that
 *  neither a quasi-Newton method nor Adam loses sight of a state whose probability is small (in logits its curvature
 *  vanishes with it). */
const byAmplitude = (dist: string, extra: readonly number[], params: (w: Node) => Params): FreeGuide => ({
  leaves: [{ name: "amplitude", start: 1, extra, gauge: true }],
  at: ([w]) => atParams(dist, params(w as Node)),
  value: (v) => v,
});

/** log w^2, finite at 0, where its derivative is 0. */
const logSquare = (w: Node): Node => log(add(square(w), scalar(1e-300)));

/** Entries 1 and 0 along the last dim. */
function lastTwo(x: Node): readonly [Node, Node] {
  const at = (i: number): Node => reshape(slice(x, x.shape.length - 1, i, 1), x.shape.slice(0, -1));
  return [at(1), at(0)];
}

// ---------------------------------------------------------------------------------------- counts

type Count = Extract<Support, { kind: "count" }>;

/** Whole numbers from `from` on, as many as `count`: where data say so, of all members together. */
export type Listed = { readonly from: number; readonly count: number };

/** More values than this are not listed: a binomial guide has one parameter for them. */
const MOST_LISTED = 256;

/** The values of a count between ends that data give. */
export function listed(model: BuiltDist, scope: Scope): Listed | null {
  const support = supportOf(model.instance);
  if (support.kind !== "count" || support.upper === null) return null;
  const ends = [support.lower ?? scalar(0), support.upper];
  if (!ends.every(isData)) return null;
  const [lower, upper] = ends.map((end) => valuesOf(end, scope.known)) as [Float64Array, Float64Array];
  const from = lower.reduce((a, b) => Math.min(a, b), Infinity);
  return { from, count: Math.max(1, upper.reduce((a, b) => Math.max(a, b), -Infinity) - from + 1) };
}

const isData = (node: Node): boolean =>
  topological([node]).every(({ op }) => op.kind !== "random" && !["param", "noise", "mark", "slot"].includes(op.name));

/** The states of a listed count, as the language sees them. */
export const listedValue = ({ from }: Listed, index: Node): ArrayValue =>
  arrayValue(from === 0 ? index : add(index, scalar(from)));

/** A free probability for each of the values; of too many, a binomial; of infinitely many, a Poisson from the lowest
 *  on. */
function forCounts(support: Count, model: BuiltDist, scope: Scope): FreeGuide {
  const { lower, upper } = support;
  const values = listed(model, scope);
  if (values !== null && values.count <= MOST_LISTED) {
    return {
      ...byAmplitude("Categorical", [values.count], (w) => ({ logit: possible(logSquare(w), values, support) })),
      value: ({ node }) => arrayValue(within(listedValue(values, node).node, support)),
    };
  }
  const up = (d: Instance): Instance => (lower === undefined ? d : shifted(d, lower));
  const byNumber = (leaf: string, at: (u: Node) => Instance): FreeGuide => ({
    leaves: [oneNumber(leaf)],
    at: ([u]) => up(at(u as Node)),
    value: (v) => v,
  });
  if (upper === null) return byNumber("log_rate", (u) => atParams("Poisson", { log_rate: u }));
  const n = lower === undefined ? upper : sub(upper, lower);
  return byNumber("logit", (u) => atParams("Binomial", { n, logit: u }));
}

/** A log probability whose exponential is 0, but not so that 0 times it is NaN. */
const NEVER = -1e4;

/** Values that this member cannot have are never drawn. */
function possible(logits: Node, { from, count }: Listed, { lower, upper }: Count): Node {
  const beside = (x: Node): Node =>
    expand(
      x,
      logits.shape,
      x.shape.map((_, d) => d),
    );
  const values = constant(
    Array.from({ length: count }, (_, k) => from + k),
    [count],
  );
  const numbers = expand(values, logits.shape, [logits.shape.length - 1]);
  const notBelow = lessEqual(beside(lower ?? scalar(0)), numbers);
  const inside = and(notBelow, lessEqual(numbers, beside(upper ?? scalar(Infinity))));
  return select(inside, logits, scalar(NEVER));
}

/** The nearest value that this member can have: where all values are summed, terms see no other. */
const within = (x: Node, { lower, upper }: Count): Node =>
  minimum(maximum(x, lower ?? scalar(0)), upper ?? scalar(Infinity));
