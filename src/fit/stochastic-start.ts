// Where the stochastic protocol begins: the same ten starts as the fixed one, ranked by the objective of the guide that
// sits there.

import { uniforms } from "./random.ts";
import { CANDIDATES, RADII } from "./start.ts";
import { meanAndSd } from "./summary.ts";
import type { FitFailure, StochasticTarget } from "./target.ts";

/** Draws on which a start is judged. */
const JUDGED = 32;

/** Parameters with a finite objective, the best first: the target's own start, and starts whose located parameters are
 *  uniform around it. The wider boxes come first; narrower ones are tried where none of their starts is finite. */
export function rankedStarts(target: StochasticTarget, seed: number): readonly Float64Array[] | FitFailure {
  let tried = 0;
  for (const [number, radius] of RADII.entries()) {
    const candidates = around(target, radius, seed, number);
    tried += candidates.length;
    const scored = candidates
      .map((params) => ({ params, ...scoreAt(target, params) }))
      .filter(({ finite }) => finite > 0);
    if (scored.length > 0)
      return scored.sort((a, b) => b.finite - a.finite || b.mean - a.mean).map(({ params }) => params);
  }
  return { failure: "no-finite-start", tried };
}

function around({ start, located }: StochasticTarget, radius: number, seed: number, number: number): Float64Array[] {
  const next = uniforms(seed, "fit:start", number);
  const moved = (): Float64Array => start.map((p, i) => (located[i]! ? p + radius * (2 * next() - 1) : p));
  // Where nothing can be moved, more candidates would be the same one.
  const others = located.some((can) => can) ? CANDIDATES - 1 : 0;
  return [...(number === 0 ? [start] : []), ...Array.from({ length: others }, moved)];
}

/** How many of the draws are finite, and their mean. */
function scoreAt(target: StochasticTarget, params: Float64Array): { readonly finite: number; readonly mean: number } {
  const values = target.values(params, JUDGED, 0).filter(Number.isFinite);
  return { finite: values.length, mean: values.length > 0 ? meanAndSd(values).mean : -Infinity };
}
