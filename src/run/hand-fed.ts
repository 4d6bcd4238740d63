// The optimiser on gradients that a function gives, one step at a time: for directions that come from elsewhere than
// one graph.

import type { Engine } from "../exec/engine.ts";
import { reference } from "../exec/reference.ts";
import type { Gradient, StochasticTarget } from "../fit/target.ts";
import type { Node } from "../ir/node.ts";
import { concat, exp, fill, param, slice } from "../op/index.ts";
import { allParameters, ascentGraph, beginning, entries, PARAMETERS, reached, type Averaged } from "./ascent-graph.ts";

export type HandFed = Pick<StochasticTarget, "begin" | "advance" | "reached">;

/** How the entries of a vector move. */
export type Moves = {
  /** For a Gaussian location: the entry of its log sd, so that steps are in guide sds; -1 elsewhere. */
  readonly scaledBy: Int32Array;
  readonly averaged: Averaged;
};

/** `scored`: the gradients have a score term. */
export function fedByHand(
  moves: Moves,
  scored: boolean,
  gradient: (params: Float64Array, step: number) => Gradient,
  engine: Engine = reference,
): HandFed {
  const size = moves.averaged.length;
  const [value, direction, score] = [
    param("%value", [], []),
    param("%gradient", [], [size]),
    param("%score", [], [size]),
  ];
  const { graph, iteration } = ascentGraph(
    { value, gradient: direction, score: scored ? score : null, units: unitsOf(moves) },
    moves.averaged,
  );
  const optimiser = engine.load(graph, {});
  return {
    begin: (leg) => ({ step: leg.from, leaves: beginning(leg) }),
    advance: (from, steps) => {
      const values = new Float64Array(steps);
      let { leaves } = from;
      for (let i = 0; i < steps; i++) {
        const step = from.step + i;
        const at = gradient(leaves[PARAMETERS]!, step);
        const given = { "%value": Float64Array.of(at.value), "%gradient": at.gradient };
        const scoreGiven = at.score === null ? {} : { "%score": at.score };
        const inputs = {
          params: { ...leaves, ...given, ...scoreGiven },
          sizes: { [entries(size)]: size },
          seed: 0,
          step,
        };
        const { params, records } = optimiser.iterate(inputs, iteration, 1);
        leaves = { ...leaves, ...params };
        values[i] = records["value"]![0]!;
      }
      return { to: { step: from.step + steps, leaves }, values };
    },
    reached: (at) => reached(at.leaves),
  };
}

/** Entries that Adam moves, in units of their own. */
export const plainMoves = (size: number): Moves => ({
  scaledBy: new Int32Array(size).fill(-1),
  averaged: new Float64Array(size),
});

function unitsOf({ scaledBy }: Moves): Node {
  const [all, one] = [allParameters(scaledBy.length), fill(1, [], [1])];
  const parts = [...scaledBy].map((at) => (at < 0 ? one : exp(slice(all, 0, at, 1))));
  return parts.length === 0 ? fill(1, [], [0]) : concat(parts, 0);
}
