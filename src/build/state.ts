// What the parts of building a program share: the plan, what has been built so far, leaves and placed sites.

import type { Report } from "../base/diagnostic.ts";
import type { Placed, Site } from "../estimator/estimator.ts";
import type { Axis, Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Bound } from "../model/bound.ts";
import type { ObserveStmt, ParamStmt, PlateAxis, SampleStmt, Symbol } from "../model/model.ts";
import type { Marginal } from "../objective/marginal.ts";
import type { PlacedSite, Term } from "../objective/term.ts";
import { add, constant, fill, mark, param, reshape, scalar, select } from "../op/index.ts";
import type { BuiltDist } from "./distribution.ts";
import type { Context } from "./expr.ts";
import { type GaussianRequest, type Layout, flatSize, onPlates } from "./gaussian.ts";
import { latentMembers } from "./missing-states.ts";
import { type Guarded, type Scope, valuesOf } from "./scope.ts";
import type { SiteRequest } from "./site.ts";
import type { Slope } from "./slope.ts";
import type { ArrayValue } from "./value.ts";

/** The leaf that holds all coordinates of the Gaussian guide when they are an input of the run: axes [particle], event
 *  [size]. */
export const COORDINATES = "%coordinates";

export type Plan = {
  /** "coordinates": the Gaussian sites' unconstrained values are an input; "leaves": they are drawn from parameters. */
  readonly gaussian: "coordinates" | "leaves";
  /** Null on the dry pass that finds the layout: each Gaussian site alone. */
  readonly layout: Layout | null;
  readonly place: (site: Site) => Placed;
  /** log q enters with live parameters where an estimator does not say otherwise. */
  readonly keepsScore: boolean;
  /** The family of a site that is guided alone (a point, or its own distribution); null: it has coordinates. */
  readonly alone: (site: string) => "delta" | "same" | null;
  readonly batched: ReadonlySet<Axis>;
};

/** A parameter of guide or model: flat, unconstrained. */
export type Leaf = {
  readonly name: string;
  readonly node: Node;
  readonly size: number;
  /** Data-only graph of the start values, flat. */
  readonly start: Node;
  /** The log-sd leaf in whose units a location moves. */
  readonly scaledBy: string | null;
  /** Some directions change nothing (the length of a vector of amplitudes). */
  readonly gauge: boolean;
  /** What an estimator learns: no part of the guide. */
  readonly learned: boolean;
  /** Set for a `param` of the model or of a guide that the user wrote: what it is on its own scale. */
  readonly param: {
    readonly symbol: ParamStmt["symbol"];
    readonly value: Node;
    readonly plates: readonly PlateAxis[];
  } | null;
};

/** How a latent site came to its value: for the layout, for outputs, for `explain`. */
export type Latent = {
  readonly stmt: SampleStmt;
  readonly value: ArrayValue;
  readonly model: BuiltDist;
  readonly guide: "gaussian" | "joint" | "point" | "free" | "written" | "summed";
  /** Name of the guide's distribution, for people. */
  readonly guideName: string;
  readonly request: GaussianRequest | null;
  readonly jacobian: Node | null;
  /** 1 for members (of an array with missing entries: for entries) that the site has; null where it has all. */
  readonly present: Node | null;
};

/** An array of the data, with the statements that observe it. */
export type Missing = { readonly symbol: Symbol; readonly observers: readonly Guarded<ObserveStmt>[] };

export type State = {
  readonly bound: Bound;
  readonly plan: Plan;
  readonly scope: Scope;
  readonly statements: readonly Guarded[];
  readonly written: ReadonlyMap<string, Guarded<SampleStmt>>;
  readonly latents: Map<string, Latent>;
  /** Arrays with missing entries that are latent. */
  readonly missing: ReadonlyMap<string, Missing>;
  readonly placed: PlacedSite[];
  readonly leaves: Leaf[];
  readonly blocks: Map<string, Node>;
  readonly marginals: Marginal[];
  /** Null on the pass that finds it. */
  readonly slope: Slope | null;
  readonly momenta: Term[];
  /** Sites whose distribution may read values that are placed after them: steps of a scan, and sites that the guide
   *  draws in an order of its own. It is built once all values are there. */
  readonly drafts: Latent[];
  /** Unconstrained values of those whose support moves from step to step. */
  readonly stepwise: Map<string, Node>;
  readonly report: Report;
};

export const axesOf = (plates: readonly PlateAxis[]): readonly Axis[] => plates.map((p) => p.axis);

export const contextOf = (state: State, guard: Node | null): Context => ({
  scope: state.scope,
  locals: new Map(),
  guard,
});

/** Terms of members for which a condition does not hold are left out by selection, never by a factor: 0 * NaN is
 *  NaN. */
export const where = (guard: Node | null, node: Node, otherwise = 0): Node =>
  guard === null ? node : select(guard, node, scalar(otherwise));

/** 1 for the members that a site has; null where it has all. */
export function presenceOf({ symbol }: SampleStmt, { missing, scope }: State): Node | null {
  const array = missing.get(symbol.name);
  return array === undefined ? scope.presenceOf(symbol) : latentMembers(array.symbol, scope);
}

/** 1 for each member of a site that exists, plates in this order; null where all do. */
export function presentMembers(stmt: SampleStmt, plates: readonly PlateAxis[], state: State): Float64Array | null {
  const present = presenceOf(stmt, state);
  return present === null ? null : valuesOf(add(present, fill(0, axesOf(plates), [])), state.scope.known);
}

type LeafOptions = {
  readonly start?: Node;
  readonly scaledBy?: string;
  readonly gauge?: boolean;
  readonly learned?: true;
};

export function newLeaf(state: State, name: string, size: number, options: LeafOptions = {}): Node {
  const node = param(name, [], [size]);
  const { start = scalar(0), scaledBy = null, gauge = false, learned = false } = options;
  state.leaves.push({ name, node, size, start, scaledBy, gauge, learned, param: null });
  return node;
}

/** Parameters that the estimator of a site learns, one set for all members or one for each. */
export const learnedBy =
  (name: string, plates: readonly PlateAxis[], state: State): Site["learned"] =>
  (tag, start, shape, per) => {
    const leaf = (size: number): Node =>
      newLeaf(state, `${name}.${tag}`, size, {
        start: start.length === 1 ? scalar(start[0] as number) : constant(start, [start.length]),
        learned: true,
      });
    if (per === "site") return reshape(leaf(sizeOf(shape)), shape);
    const layout = { plates: bySize(plates), sizes: [...platesSizes(bySize(plates), state), ...shape], present: null };
    return onPlates(leaf(flatSize(layout)), layout, state.plan.batched);
  };

export const bySize = (plates: readonly PlateAxis[]): readonly PlateAxis[] =>
  [...plates].sort((a, b) => (a.axis < b.axis ? -1 : 1));

export const platesSizes = (plates: readonly PlateAxis[], state: State): readonly number[] =>
  plates.map((p) => state.scope.sizeOf(p.dim));

/** Places a site by the plan's estimator; its value is marked, on all its plates. */
export function place(site: Site, state: State): Node {
  const placed = state.plan.place(site);
  const value = mark(placed.value, site.name, site.plates);
  state.placed.push({ site, placed, value });
  return value;
}

export const marked = (state: State): readonly Node[] => state.placed.map((p) => p.value);

export const leafNodes = (state: State): readonly Node[] => state.leaves.map((leaf) => leaf.node);

/** What `siteOf` wants to know of a site whose guide reads no other. */
export const requestOf = (stmt: SampleStmt, state: State): Omit<SiteRequest, "prior"> => ({
  name: stmt.symbol.name,
  span: stmt.span,
  plates: axesOf(stmt.plates),
  leaves: leafNodes(state),
  values: [],
  learned: learnedBy(stmt.symbol.name, stmt.plates, state),
});
