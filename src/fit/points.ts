// Targets without any draw: a deterministic function of the points, one L-BFGS run to a tight tolerance.

import type { CountedTarget } from "./count.ts";
import { minimise, type State } from "./lbfgs.ts";
import { norm } from "./linear-algebra.ts";
import { placeObjective } from "./locate.ts";
import { findStart } from "./start.ts";
import type { FitFailure, FixedResult } from "./target.ts";

const NOTHING = new Float64Array(0);
const ITERATIONS = 2000;
/** Predicted and last fall of the objective at which the run ends, in nats; and below which it counts as converged. */
const TIGHT = 1e-7;
const GOOD = 1e-3;
/** A point out here has run away, even if overflow stopped it. */
const BEYOND = 1e100;

/** Maximises F over the points. The verdict follows from the decrement at the end. */
export function fitPoints(
  target: CountedTarget,
  seed: number,
  budget: number,
  onIterate: (gradients: number, value: number) => void,
): FixedResult | FitFailure {
  const start = findStart(target, NOTHING, 1, seed, 0);
  if ("failure" in start) return start;
  const trace: [number, number][] = [];
  const evaluate = placeObjective(target, NOTHING, 1);
  const end = minimise(evaluate, evaluate(Float64Array.from(start.points)), [], {
    memory: 20,
    iterations: ITERATIONS,
    expand: 4,
    metric: (g) => g,
    firstScale: (g) => 1 / Math.max(norm(g), 1),
    limit: () => Infinity,
    rounding: target.rounding,
    stop: (state) => {
      trace.push([target.spent().gradients, -state.point.f]);
      onIterate(target.spent().gradients, -state.point.f);
      return isTight(state) || target.spent().gradients >= budget;
    },
  });
  const lost = end.point.v.findIndex((p) => Math.abs(p) > BEYOND);
  const converged = lost === -1 && (isTight(end) || (end.reason === "search" && end.decrement < GOOD));
  const remarks = lost === -1 ? [] : [{ kind: "improper" as const, coordinates: [lost] }];
  const verdict = { converged, moved: end.decrement, draws: 1, ...target.spent(), rounds: 1, remarks };
  return { mean: NOTHING, scales: [], points: end.point.v, verdict, trace };
}

const isTight = ({ decrement, history }: State): boolean =>
  decrement < TIGHT && (decrement === 0 || (history.length > 1 && history.at(-2)! - history.at(-1)! < TIGHT));
