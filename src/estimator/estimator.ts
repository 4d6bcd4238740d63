// What the file of one gradient estimator holds: place a value, then credit it. A value is placed before the rest of
// the graph exists; after the base pass the objective hands the site its cost, and the estimator may return a surrogate
// of value zero.

import type { Axis, Node } from "../ir/node.ts";
import type { Span } from "../base/span.ts";

/** Independent draws of one step. */
export const PARTICLE: Axis = "particle";

/** A distribution in the guide, at given parameters. */
export type GuideDist = {
  /** log density (or log probability) of a value, summed over its event: on the site's axes. */
  readonly logProb: (value: Node) => Node;
  /** For listed values: normalised log probabilities, one trailing event dim. */
  readonly logits: (() => Node) | null;
};

/** Listed values of a discrete site: how many, and the value number `hot` (a one-hot vector) as the rest of the graph
 *  uses it. `fromHot` is linear, so that a gradient passes it unchanged. */
export type States = { readonly count: number; readonly fromHot: (hot: Node) => Node };

/** One latent site, or a block of sites with a joint guide, as an estimator sees it. */
export type Site = {
  readonly name: string;
  readonly span: Span;
  /** Plates of the value, and these with the particle axis. */
  readonly plates: readonly Axis[];
  readonly axes: readonly Axis[];
  /** Live parameters, live upstream values. */
  readonly guide: GuideDist;
  /** The guide's own parameters stopped, upstream VALUES live: freezing more than the leaves cuts the path of lower
   *  layers (continuous_estimators, section 3). */
  readonly frozen: GuideDist;
  /** A draw from the live guide; its path is live where there is one. */
  readonly draw: () => Node;
  /** How a draw moves with the guide's parameters: "explicit", a smooth map of noise; "implicit", through the
   *  derivative of the sampler; null, not at all. */
  readonly path: "explicit" | "implicit" | null;
  readonly states: States | null;
  /** Does the set of possible values move with the guide's parameters? */
  readonly supportMoves: boolean;
  /** Members depend on each other in the guide: it is carried from step to step. */
  readonly sequential: boolean;
  /** Base noise of the site, one stream per `tag`, on the site's axes and `extra`. */
  readonly noise: (kind: "normal" | "uniform", tag: string, event: readonly number[], extra?: readonly Axis[]) => Node;
  /** Numbers that the estimator learns, per member or one set for all: a parameter that is no part of the guide. Event
   *  shape `shape`; `start` in row-major order. */
  readonly learned: (tag: string, start: readonly number[], shape: readonly number[], per: "member" | "site") => Node;
  /** KL(guide || prior) per member in closed form, where the pair has one; `terms`: what it stands for. */
  readonly kl: () => Node | null;
  /** A guide that is a mixture: a draw of every component on an axis, and their live probabilities there. */
  readonly components: { readonly axis: Axis; readonly draw: () => Node; readonly prob: Node } | null;
};

/** What the objective hands to a surrogate. Credit: only terms downstream of the site, on the site's own plates. */
export type Cost = {
  /** At the drawn value, on the site's axes and those of enumerated sites whose states the draw differs between. */
  readonly here: Node;
  /** At another value, by substitution with the same noise below; new axes stay; constant in all but `value`. */
  readonly at: (value: Node) => Node;
  /** The same, the members' costs added up, each term once: what a path through the value differentiates. */
  readonly whole: (value: Node) => Node;
  /** Free of this particle's own draw: the mean of the other particles' costs under the ELBO; under a bound of several
   *  draws the bound with the mean of the other log weights in place of this one (VIMCO). */
  readonly baseline: () => Node;
};

/** How a learned number moves: towards an average by a share `rate` of the distance per step, or so that the variance
 *  of the gradient in the guide's parameters falls. */
export type Tuned =
  | { readonly leaf: Node; readonly rule: "average"; readonly toward: (cost: Cost) => Node; readonly rate: number }
  | { readonly leaf: Node; readonly rule: "variance" };

/** What an estimator puts into the graph. */
export type Placed = {
  /** The value that the rest of the graph uses. */
  readonly value: Node;
  /** log q of a value; default: frozen parameters where the objective is linear in its terms, else live ones. */
  readonly logq?: (value: Node) => Node;
  /** The value gained `axis`: every term is averaged over it with the live probabilities `prob`. */
  readonly weight?: { readonly axis: Axis; readonly prob: Node };
  /** Called after the base pass, per member; only its gradient counts. */
  readonly surrogate?: (cost: Cost) => Node;
  /** The same for all members together: counted once per draw. */
  readonly path?: (cost: Cost) => Node;
  /** Adaptive path derivative: the fit also wants the score of log q. */
  readonly adaptive?: true;
  /** Under a bound of several draws: the factor on cotangents that enter the value, from its normalised weight w among
   *  the draws and the order alpha of the bound (0 for IWAE). Needs a frozen log q. */
  readonly pathWeight?: (w: Node, alpha: Node) => Node;
  /** The gradient of the site's prior and guide terms together is that of minus this. */
  readonly kl?: Node;
  /** Numbers that the estimator learns during the fit. */
  readonly tune?: readonly Tuned[];
};

/** A site whose draw depends on this one's value, with the estimator that was chosen for it. */
export type Below = { readonly name: string; readonly discrete: boolean; readonly estimator: string };

/** Read off the base graph before estimators are chosen. */
export type Facts = {
  /** "elbo", or a bound of several draws. */
  readonly objective: string;
  /** The objective is linear in its terms: an average of log p - log q. */
  readonly linear: boolean;
  readonly particles: number;
  /** Terms in which members of one plate of the site meet (or are read through two indices): their descriptions. */
  readonly meeting: readonly string[];
  /** Terms that the value reaches through an op without a derivative: an index by arithmetic, a comparison, a count. */
  readonly rough: readonly string[];
  readonly below: readonly Below[];
};

export type Refusal = { readonly reason: string; readonly hint: string };

/** Options as written: `@estimator(path, weight = 0.5)`, `--estimator 'mu=path(weight=0.5)'`. */
export type EstimatorOptions = Readonly<Record<string, number | string | boolean>>;

export type Estimator = {
  readonly name: string;
  readonly doc: string;
  /** The surrogate or the gradient, as a formula. */
  readonly formula: string;
  /** Paper and equation. */
  readonly source: string;
  /** `keepsOptimum`: where the mean gradient is zero, the exact one is. */
  readonly bias: "none" | { readonly why: string; readonly keepsOptimum?: true };
  /** In words, per step: draws and evaluations. */
  readonly cost: string;
  /** Why another admitted estimator is preferred to this one, in the words of `explain`. */
  readonly notFirst: string;
  /** Allowed options and their meaning. */
  readonly options: Readonly<Record<string, string>>;
  /** Noise can be held fixed: the fixed-draw protocol applies. */
  readonly fixable: boolean;
  readonly refuses: (site: Site, facts: Facts, options: EstimatorOptions) => Refusal | null;
  readonly place: (site: Site, options: EstimatorOptions) => Placed;
};
