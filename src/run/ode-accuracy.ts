// Are the steps of a differential equation fine enough? Its solution on posterior draws against the one at twice the
// steps (PPL707).

import { diagnose, type Diagnostic } from "../base/diagnostic.ts";
import type { Prepared } from "../build/prepared.ts";
import type { Solution } from "../build/scope.ts";
import type { Tensor } from "../exec/engine.ts";
import type { Graph, Node } from "../ir/node.ts";
import { PARTICLE } from "../objective/term.ts";
import { add, fill, toEvent } from "../op/index.ts";
import { axisSizeOf, finish } from "./graphs.ts";
import * as math from "../op/special/elementary.ts";

/** Draws on which solutions are compared. */
export const ODE_DRAWS = 100;
/** Difference, in posterior standard deviations, that is still fine (language.md section 6). */
const FINE = 1e-3;

/** Each distinct solution and the same at twice the steps, with the draws first: outputs `i` and `i finer`. */
export function solutionGraph(solutions: readonly Solution[], prepared: Prepared): Graph {
  const perDraw = (node: Node): Node => {
    const whole = node.axes
      .filter((axis) => axis !== PARTICLE)
      .reduce((x, axis) => toEvent(x, axis, 0, axisSizeOf(prepared, axis)), node);
    return whole.axes.includes(PARTICLE) ? whole : add(whole, fill(0, [PARTICLE], []));
  };
  return finish(
    Object.fromEntries(
      distinct(solutions).flatMap(({ value, finer }, i) => [
        [String(i), perDraw(value)] as const,
        [`${i} finer`, perDraw(finer())] as const,
      ]),
    ),
  );
}

const distinct = (solutions: readonly Solution[]): readonly Solution[] => [
  ...new Map(solutions.map((s) => [s.value, s])).values(),
];

/** PPL707 for each solution that moves by more than is fine; `out`: values of its graph at `n` draws. */
export const tooCoarse = (
  solutions: readonly Solution[],
  out: Readonly<Record<string, Tensor>>,
  n: number,
): readonly Diagnostic[] =>
  distinct(solutions).flatMap(({ span, steps }, i) => {
    const gap = largestGap((out[String(i)] as Tensor).values, (out[`${i} finer`] as Tensor).values, n);
    return gap <= FINE ? [] : [diagnose("PPL707", span, { gap, steps }, { hint: hintFor(gap, steps) })];
  });

/** The error of the method falls with the fourth power of the number of steps. */
const hintFor = (gap: number, steps: number): string =>
  Number.isFinite(gap)
    ? `write steps = ${Math.ceil(steps * math.pow(gap / FINE, 0.25))}`
    : "the equation may be stiff, or grow without bound";

/** The largest root mean square difference in standard deviations, over the numbers of a solution that differ between
 * draws. */
function largestGap(values: Float64Array, finer: Float64Array, n: number): number {
  const width = values.length / n;
  const gaps = Array.from({ length: width }, (_, at) => {
    const drawn = Array.from({ length: n }, (_, k) => values[k * width + at] as number);
    const mean = drawn.reduce((a, b) => a + b, 0) / n;
    const variance = drawn.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    const moved = drawn.reduce((sum, v, k) => sum + (v - (finer[k * width + at] as number)) ** 2, 0);
    return variance === 0 ? 0 : Math.sqrt(moved / variance);
  });
  return gaps.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a), 0);
}
