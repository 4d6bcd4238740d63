// What an objective makes of terms and placed sites: a number to climb, whose gradient is the estimate.

import type { Node } from "../ir/node.ts";
import type { Learning } from "./learning.ts";
import type { Reduction } from "./reduce.ts";
import type { Term } from "./term.ts";

export type ObjectiveName = "elbo" | "iwae" | "renyi" | "vargrad";

/** As the user asks for it. `alpha`: the order of the Rényi bound. */
export type ObjectiveWish = { readonly name: ObjectiveName; readonly alpha: number };

export type Objective = {
  /** log p - log q of each particle: axes [particle], scalar event. */
  readonly perDraw: Node;
  /** The estimate of the bound from all particles of a step. */
  readonly bound: Node;
  /** Has the value of `bound`; its gradient is what the placed sites say. */
  readonly root: Node;
  readonly learning: readonly Learning[];
};

/** One row per objective. */
export type ObjectiveRow = {
  readonly name: ObjectiveName;
  readonly doc: string;
  readonly source: string;
  /** An average of terms over draws: noise may be held fixed, the score of log q left out, states averaged. */
  readonly linear: (particles: number) => boolean;
  /** log q enters with live parameters where an estimator does not say otherwise: its score may not be dropped. */
  readonly keepsScore: (particles: number) => boolean;
  /** The fewest particles with which it makes sense. */
  readonly least: number;
  readonly build: (terms: readonly Term[], leaves: readonly Node[], r: Reduction, alpha: number) => Objective;
};
