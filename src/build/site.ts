// Latent sites as estimators see them: the guide's distribution live and frozen, a draw, and the states of a discrete
// value.

import type { Span } from "../base/span.ts";
import { canonical, supportOf, logitsOf, withParams, type Instance } from "../dist/instance.ts";
import { divergence } from "../dist/divergence.ts";
import type { GuideDist, Site } from "../estimator/estimator.ts";
import type { Axis, Node } from "../ir/node.ts";
import { dependsOn } from "../ir/walk.ts";
import { PARTICLE } from "../objective/term.ts";
import { argmax, expand, gather, noise, scalar, stop, sum, sumAxis, toAxis } from "../op/index.ts";
import { substitute } from "../pass/substitute.ts";
import { categories, draw, logProb, type BuiltDist } from "./distribution.ts";
import type { JointGuide } from "./family/family.ts";
import { fullRank, fullRankLeaves } from "./gaussian.ts";
import { arrayValue, type ArrayValue } from "./value.ts";

export type SiteRequest = {
  readonly name: string;
  readonly span: Span;
  readonly plates: readonly Axis[];
  /** The guide's parameters, and values that it reads: frozen densities stop the first and keep the second. */
  readonly leaves: readonly Node[];
  readonly values: readonly Node[];
  /** The model's distribution of the same value, where that is on the guide's scale; known once all that it reads is
   *  placed. */
  readonly prior: (() => Instance | null) | null;
  readonly learned: Site["learned"];
};

/** What every site gives its estimator beside the guide. */
export const forEstimator = (
  name: string,
  axes: readonly Axis[],
  learned: Site["learned"],
): Pick<Site, "noise" | "learned" | "sequential" | "kl" | "components"> => ({
  noise: (kind, tag, event, extra = []) => noise(kind, `${name}%${tag}`, [...axes, ...extra], event),
  learned,
  sequential: false,
  kl: () => null,
  components: null,
});

/** A value as the estimator carries it, as the language reads it: a categorical one is a one-hot vector there. */
export function siteValue(d: BuiltDist, node: Node): ArrayValue {
  return d.instance.dist.value === "index"
    ? arrayValue(stop(argmax(node, [node.shape.length - 1])), node)
    : arrayValue(node);
}

export function siteOf(request: SiteRequest, d: BuiltDist): Site {
  const axes = [...request.plates, PARTICLE];
  const { dist } = d.instance;
  const guideDist = (instance: Instance): GuideDist => ({
    logProb: (value) => logProb({ ...d, instance }, siteValue(d, value)),
    logits: dist.draw.kind === "finite" ? () => logitsOf(instance) : null,
  });
  const finite = dist.draw.kind === "finite" && d.shape.length === dist.rank;
  return {
    name: request.name,
    span: request.span,
    plates: request.plates,
    axes,
    guide: guideDist(d.instance),
    frozen: guideDist(freeze(d.instance, request)),
    draw: () => draw(d, request.name, axes),
    path: pathOf(dist),
    ...forEstimator(request.name, axes, request.learned),
    kl: klOf(d, request.prior),
    components: componentsOf(d, request.name, axes),
    states: finite
      ? { count: categories(d), fromHot: dist.value === "bool" ? (hot) => gather(hot, 0, scalar(1)) : (hot) => hot }
      : null,
    supportMoves: movesWith(d, request.leaves),
  };
}

const pathOf = ({ draw: { kind } }: Instance["dist"]): Site["path"] =>
  kind === "pathwise" ? "explicit" : kind === "implicit" ? "implicit" : null;

/** A mixture that is drawn as a whole: where each entry of a value has a component of its own, their combinations are
 *  too many to list. */
function componentsOf({ instance, shape }: BuiltDist, name: string, axes: readonly Axis[]): Site["components"] {
  const { components, rank } = instance.dist;
  if (components === undefined || shape.length > rank) return null;
  const params = canonical(instance);
  const prob = components.prob(params);
  const axis = `%${name}#${prob.shape[0] as number}`;
  return {
    axis,
    draw: () => toAxis(components.draw({ site: name, axes, shape }, params), shape.length, axis),
    prob: toAxis(prob, 0, axis),
  };
}

const klOf =
  ({ instance, shape }: BuiltDist, prior: SiteRequest["prior"]): Site["kl"] =>
  () => {
    const other = prior?.() ?? null;
    const each = other === null ? null : divergence(instance, other);
    if (each === null) return null;
    return sum(each.shape.length === 0 ? expand(each, shape.slice(0, shape.length - instance.dist.rank), []) : each);
  };

/** Leaf stop: the parameters stopped, upstream values live. */
function freeze(instance: Instance, { leaves, values }: SiteRequest): Instance {
  const map = new Map<Node, Node>([
    ...leaves.map((leaf) => [leaf, stop(leaf)] as const),
    ...values.map((v) => [v, v] as const),
  ]);
  const names = Object.keys(instance.params);
  const frozen = substitute(
    names.map((name) => instance.params[name] as Node),
    map,
  );
  return withParams(instance, Object.fromEntries(names.map((name, i) => [name, frozen[i] as Node])));
}

/** The steps of a site whose guide goes from step to step, seen as one value: a draw changes all that come after it, so
 *  that no step is credited alone. */
export type Sequence = {
  readonly along: Axis;
  readonly draw: () => Node;
  /** log q of the steps at the placed value, known once that is placed; leaves and values as they are then. */
  readonly placed: () => {
    readonly logq: Node;
    readonly own: Node;
    readonly leaves: readonly Node[];
    readonly values: readonly Node[];
  };
  readonly supportMoves: boolean;
};

export function sequenceSite(
  { name, span, plates, learned }: Omit<SiteRequest, "leaves" | "values" | "prior">,
  d: BuiltDist,
  sequence: Sequence,
): Site {
  const others = plates.filter((plate) => plate !== sequence.along);
  const logProb = (value: Node, frozen: boolean): Node => {
    const { logq, own, leaves, values } = sequence.placed();
    const held = frozen
      ? [...leaves.map((leaf) => [leaf, stop(leaf)] as const), ...values.map((v) => [v, v] as const)]
      : [];
    return substitute(sumAxis(logq, sequence.along), new Map([...held, [own, value]]));
  };
  return {
    name,
    span,
    plates: others,
    axes: [...others, PARTICLE],
    guide: { logProb: (value) => logProb(value, false), logits: null },
    frozen: { logProb: (value) => logProb(value, true), logits: null },
    draw: sequence.draw,
    path: pathOf(d.instance.dist),
    states: null,
    supportMoves: sequence.supportMoves,
    ...forEstimator(name, [...others, PARTICLE], learned),
    sequential: true,
  };
}

export const movesWith = (d: BuiltDist, leaves: readonly Node[]): boolean =>
  limitsOf(d).some((limit) => leaves.some((leaf) => dependsOn(limit, leaf)));

/** The ends of the support that are graph. */
export function limitsOf(d: BuiltDist): readonly Node[] {
  const support = supportOf(d.instance);
  return [...("lower" in support ? [support.lower] : []), ...("upper" in support ? [support.upper] : [])].filter(
    (limit) => limit !== null,
  );
}

/** Several sites under one guide, drawn as one vector. `at`: the guide at given leaves. */
export function jointSite(
  { name, span, leaves, learned }: Omit<SiteRequest, "plates" | "values" | "prior">,
  at: (leaves: readonly Node[]) => JointGuide,
): Site {
  const live = at(leaves);
  const { components } = live;
  return {
    name,
    span,
    plates: [],
    axes: [PARTICLE],
    guide: { logProb: live.logProb, logits: null },
    frozen: { logProb: at(leaves.map(stop)).logProb, logits: null },
    draw: live.draw,
    path: components === null ? "explicit" : null,
    states: null,
    supportMoves: false,
    ...forEstimator(name, [PARTICLE], learned),
    components,
  };
}

/** A joint Gaussian over several sites, drawn as one vector. */
export function fullRankSite(
  name: string,
  span: Span,
  size: number,
  learned: Site["learned"],
): { readonly site: Site; readonly leaves: readonly Node[] } {
  const { loc, scale } = fullRankLeaves(name, size);
  const live = fullRank(name, size, loc, scale);
  const site: Site = {
    name,
    span,
    plates: [],
    axes: [PARTICLE],
    guide: { logProb: live.logProb, logits: null },
    frozen: { logProb: fullRank(name, size, stop(loc), stop(scale)).logProb, logits: null },
    draw: live.draw,
    path: "explicit",
    states: null,
    supportMoves: false,
    ...forEstimator(name, [PARTICLE], learned),
  };
  return { site, leaves: [loc, scale] };
}
