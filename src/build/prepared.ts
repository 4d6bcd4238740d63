// What is asked of a fit, and what is decided of it before numbers run.

import type { Chosen, Measured, Policy, Wish } from "../estimator/choose.ts";
import type { Bound } from "../model/bound.ts";
import type { Family } from "../model/model.ts";
import type { ObjectiveRow, ObjectiveWish } from "../objective/objective.ts";
import type { Layout } from "./gaussian.ts";
import type { Program } from "./program.ts";
import type { Plan } from "./state.ts";

export type Wishes = {
  readonly particles: number;
  readonly objective: ObjectiveWish;
  readonly policy: Policy;
  /** Null: automatic. */
  readonly guide: Pick<Family, "name" | "options"> | null;
  readonly method: "auto" | "fixed" | "adam";
  readonly batch: Readonly<Record<string, number>>;
  readonly estimators: ReadonlyMap<string, Wish>;
  /** What a measurement found best, by site. */
  readonly measured: ReadonlyMap<string, Measured>;
};

export type Prepared = {
  readonly bound: Bound;
  readonly batched: ReadonlySet<string>;
  readonly objective: {
    readonly row: ObjectiveRow;
    readonly alpha: number;
    readonly linear: boolean;
    readonly keepsScore: boolean;
  };
  /** Estimator of each placed site; sites of a joint block share the block's. */
  readonly chosen: ReadonlyMap<string, Chosen>;
  readonly layout: Layout;
  readonly alone: Plan["alone"];
  /** `retry`: full rank is tried after this one where its k-hat is bad. */
  readonly family: { readonly name: string; readonly reason: string; readonly retry: boolean };
  readonly method: { readonly name: "fixed" | "adam"; readonly reason: string };
  /** The base graph: every site drawn plainly. */
  readonly base: Program;
};
