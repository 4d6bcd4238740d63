// What the file of one joint family holds: a guide over a vector of unconstrained coordinates, as graph at its leaves.
// Parameters enter as leaves and nowhere else, so that a density with stopped leaves is the same density.

import { noiseSource } from "../../exec/random.ts";
import type { Axis, Node } from "../../ir/node.ts";
import type { Options } from "../../model/model.ts";
import type { Slope } from "../slope.ts";
import * as math from "../../op/special/elementary.ts";

/** A parameter of the guide and its start values, row-major. */
export type JointLeaf = { readonly name: string; readonly shape: readonly number[]; readonly start: readonly number[] };

export type JointRequest = {
  /** Its noise is keyed by this name. */
  readonly name: string;
  /** Coordinates. */
  readonly size: number;
  readonly option: (name: string) => string | number | boolean;
  /** Slope of the model's log density in the coordinates, for a family with a momentum; null for others. */
  readonly slope: Slope | null;
};

export type JointGuide = {
  /** A draw on the particle axis: event `[size]`, live in the leaves where `pathwise`. */
  readonly draw: () => Node;
  /** log q of a drawn vector: scalar event. */
  readonly logProb: (value: Node) => Node;
  /** Set for a mixture: a draw of every component on an axis, and the components' probabilities there. */
  readonly components: { readonly axis: Axis; readonly draw: () => Node; readonly prob: Node } | null;
};

export type JointFamily = {
  readonly name: string;
  /** Paper and equation. */
  readonly source: string;
  readonly leaves: (request: JointRequest) => readonly JointLeaf[];
  /** The guide at its leaves, in their order and shapes. */
  readonly at: (leaves: readonly Node[], request: JointRequest) => JointGuide;
  /** Held draws cannot be fitted better than the posterior itself: a flow has enough parameters to bend to them. */
  readonly fixable: boolean;
  /** For a family whose draws follow the slope of the model's log density: they have a momentum after the coordinates,
   *  and this is its log density under the model. Null for others. */
  readonly momentum: ((drawn: Node, request: JointRequest) => Node) | null;
};

export const optionsOf =
  (options: Options): JointRequest["option"] =>
  (name) =>
    options.find((option) => option.name === name)?.value ?? 0;

/** Sd of a starting guide on the unconstrained scale. */
export const INITIAL_SD = 0.1;

/** Start values that break a symmetry: normal numbers times `scale`, the same in every run. */
export function scattered(key: string, count: number, scale: number): readonly number[] {
  const next = noiseSource("normal", { seed: 0, step: 0, site: `start of ${key}` });
  return Array.from({ length: count }, (_, i) => scale * next(i));
}

export const filled = (count: number, value: number): readonly number[] => Array.from({ length: count }, () => value);

export const LOG_2_PI = math.log(2 * Math.PI);
