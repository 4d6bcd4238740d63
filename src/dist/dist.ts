// What the file of one distribution holds. Everything else (checker, guides, estimators, predictive draws, tests, docs)
// is derived from these rows.

import type { Node } from "../ir/node.ts";
import type { Key } from "../op/index.ts";

/** The set in which a value lies. Bounds are graph: they may depend on data or on other sites. */
export type Support =
  | { readonly kind: "real" }
  | { readonly kind: "positive" } // (0, inf)
  | { readonly kind: "nonnegative" } // [0, inf): a positive with its boundary
  | { readonly kind: "interval"; readonly lower: Node; readonly upper: Node }
  | { readonly kind: "lower"; readonly lower: Node } // (lower, inf)
  | { readonly kind: "upper"; readonly upper: Node } // (-inf, upper)
  | { readonly kind: "point"; readonly at: Node } // nothing else
  | { readonly kind: "circle" } // [-pi, pi)
  | { readonly kind: "simplex" } // vector
  | { readonly kind: "ordered"; readonly entries?: Support } // vector, increasing; entries: real if absent
  | { readonly kind: "cholesky-correlation" }
  | { readonly kind: "covariance" } // matrix
  | { readonly kind: "boolean" }
  | { readonly kind: "category"; readonly count: number } // 0 … count-1 (one-hot inside the graph)
  | { readonly kind: "one-hot"; readonly count: number }
  | { readonly kind: "count"; readonly lower?: Node; readonly upper: Node | null } // from 0, or lower, (to upper)
  | { readonly kind: "counts"; readonly total: Node }; // vector of counts with this sum

export type SupportKind = Support["kind"];

/** Which arguments are valid: the checker compares bounds with it. */
export type ParamSupport =
  | "real"
  | "positive"
  | "nonnegative"
  | "unit-interval"
  | "simplex"
  | "count"
  | "int"
  | "positive-vector"
  | "cholesky"
  | "covariance"
  | "probability-vector"
  | "increasing"
  | "any";

export type Param = {
  readonly name: string;
  /** Rank of one parameter value: 0 scalar, 1 vector, 2 matrix; more where a combinator has a list of them. */
  readonly rank: number;
  readonly support: ParamSupport;
  readonly doc: string;
  /** It must be written with its name: by position it would be a trap. */
  readonly named?: true;
  /** A dim, or an int known from data: how many entries a draw has along each of its own dims. */
  readonly size?: true;
};

/** Parameters by name. `Normal(mean, sd)` gives { mean, sd }. */
export type Params = Readonly<Record<string, Node>>;

/** One way to write the arguments. The first form of a row is the canonical one, and what positional arguments mean. */
export type Form = {
  readonly params: readonly Param[];
  /** The arguments must be written with their names: their order alone would be a trap. */
  readonly named?: true;
  /** To the canonical parameters (absent: they are these). */
  readonly canonical?: (p: Params) => Params;
  /** Where this form has a better density than the one through `canonical` (logit against prob). */
  readonly logProb?: (x: Node, p: Params) => Node;
  /** The same for the log probabilities of a `finite` draw. */
  readonly logits?: (p: Params) => Node;
  /** Where this form has a support of its own. */
  readonly supportKind?: SupportKind;
};

/** How a value is drawn: all that estimators need to know. `noise` gives base noise on the site's axes. */
export type Draw =
  /** A smooth map of noise that has no parameters: reparameterisable. */
  | { readonly kind: "pathwise"; readonly noise: "normal" | "uniform"; readonly from: (eps: Node, p: Params) => Node }
  /** A sampler whose result is smooth in the parameters, with the derivative by implicit reparameterisation. */
  | { readonly kind: "implicit"; readonly sample: (key: Key, p: Params) => Node }
  /** The values can be listed. `logits(p)`: normalised log probabilities, with a trailing event dim of the values. */
  | { readonly kind: "finite"; readonly logits: (p: Params) => Node }
  /** Draws and density only. */
  | { readonly kind: "opaque"; readonly sample: (key: Key, p: Params) => Node }
  /** Improper: cannot be drawn. */
  | { readonly kind: "none" };

export type Dist = {
  /** As in a `.ppl` file: `Normal`. */
  readonly name: string;
  readonly doc: string;
  /** Where the formula stands (book, paper, equation). */
  readonly source: string;
  readonly forms: readonly [Form, ...Form[]];
  /** Element type of a value. */
  readonly value: "real" | "bool" | "index" | "int";
  /** Rank of one draw. A scalar distribution over parameters of event shape S gives independent draws of shape S. */
  readonly rank: 0 | 1 | 2;
  readonly support: (p: Params) => Support;
  /** The kind of `support`, before parameters are known (for the checker). */
  readonly supportKind: SupportKind;
  readonly discrete: boolean;
  readonly improper?: boolean;
  /** Single points of a continuous value have a probability: no density describes it, so that it is only observed. */
  readonly atoms?: true;
  /** log density at an x of the support, with canonical parameters: -inf elsewhere is added in `instance.ts`. x and
   *  result carry the event shape of a scalar distribution elementwise: the caller sums. A vector distribution consumes
   *  its trailing dim. */
  readonly logProb: (x: Node, p: Params) => Node;
  readonly draw: Draw;
  /** A mixture of continuous components, all of which have a path: a draw of every one, and their probabilities, along
   *  a last event dim. */
  readonly components?: { readonly draw: (key: Key, p: Params) => Node; readonly prob: (p: Params) => Node };
  readonly mean?: (p: Params) => Node;
  readonly variance?: (p: Params) => Node;
  /** log P(X <= x), log P(X > x) at an x of the support, where they can be written in ops. */
  readonly logCdf?: (x: Node, p: Params) => Node;
  readonly logCcdf?: (x: Node, p: Params) => Node;
};
