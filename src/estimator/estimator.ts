// What the file of one gradient estimator holds: place a value, then credit it. Design: a value is placed before the rest of the
// graph exists; after the base pass the objective hands the site its cost, and the estimator may return a surrogate of value zero.

import type { Axis, Node } from "../ir/node.ts";
import type { Span } from "../base/span.ts";

/** A distribution in the guide, at given parameters. */
export type GuideDist = {
  /** log density (or log probability) of a value, summed over its event: on the site's axes. */
  readonly logProb: (value: Node) => Node;
  /** For listed values: normalised log probabilities, one trailing event dim. */
  readonly logits: (() => Node) | null;
};

/** One latent site, or a block of sites with a joint guide, as an estimator sees it. */
export type Site = {
  readonly name: string;
  readonly span: Span;
  /** Plates of the value, and these with the particle axis. */
  readonly plates: readonly Axis[];
  readonly axes: readonly Axis[];
  /** Live parameters, live upstream values. */
  readonly guide: GuideDist;
  /** The guide's own parameters stopped, upstream VALUES live: freezing more than the leaves cuts the path of lower layers
   *  (continuous_estimators, section 3). */
  readonly frozen: GuideDist;
  /** A draw from the live guide; its path is live where `reparameterisable`. */
  readonly draw: () => Node;
  readonly reparameterisable: boolean;
  /** Listed values of a discrete site: how many, and the value number `hot` (a one-hot vector) as the rest of the graph uses it. */
  readonly states: { readonly count: number; readonly fromHot: (hot: Node) => Node } | null;
  /** Set for a mixture: a draw of every component on an axis, and their probabilities there. */
  readonly components?: { readonly axis: Axis; readonly draw: () => Node; readonly prob: Node };
  /** Does the set of possible values move with the guide's parameters? */
  readonly supportMoves: boolean;
};

/** What the objective hands to a surrogate. Credit: only terms downstream of the site, on the site's own plates. */
export type Cost = {
  /** At the drawn value, on the site's axes and those of enumerated sites whose states the draw differs between. */
  readonly here: Node;
  /** At another value, by substitution with the same noise below; new axes stay; constant in all but `value`. */
  readonly at: (value: Node) => Node;
  /** Free of this particle's own draw: the mean of the other particles' costs. */
  readonly baseline: () => Node;
};

/** What an estimator puts into the graph. */
export type Placed = {
  /** The value that the rest of the graph uses. */
  readonly value: Node;
  /** log q of a value; default: frozen parameters (the objective is linear in its terms). */
  readonly logq?: (value: Node) => Node;
  /** The value gained `axis`: every term is averaged over it with the live probabilities `prob`. */
  readonly weight?: { readonly axis: Axis; readonly prob: Node };
  /** Called after the base pass; only its gradient counts. */
  readonly surrogate?: (cost: Cost) => Node;
  /** Adaptive path derivative: the fit also wants the score of log q. */
  readonly adaptive?: true;
};

/** Read off the base graph before estimators are chosen. */
export type Facts = {
  readonly particles: number;
  /** Terms in which members of one plate of the site meet (or are read through two indices): their descriptions. */
  readonly meeting: readonly string[];
  /** Sites whose density or draw depends on this one. */
  readonly below: readonly string[];
  /** Terms that depend on the value, for the refusals' wording. */
  readonly terms: readonly string[];
};

export type Refusal = { readonly reason: string; readonly hint: string };

/** Options as written: `@estimator(path, weight = "total")`, `--estimator 'mu=path(weight=0.5)'`. */
export type EstimatorOptions = Readonly<Record<string, number | string | boolean>>;

export type Estimator = {
  readonly name: string;
  readonly doc: string;
  /** Paper and equation. */
  readonly source: string;
  readonly bias: "none" | { readonly why: string };
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
