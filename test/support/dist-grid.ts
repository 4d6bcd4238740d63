// Densities of settings on a grid of the unconstrained line, and probabilities of counts from 0 on.

import { logProb, supportOf } from "../../src/dist/instance.ts";
import { bijection } from "../../src/dist/support.ts";
import { add, exp } from "../../src/op/index.ts";
import { atPoints, endsOf, instanceOf, pointsOf, valueLeaf, type Setting } from "./dist-cases.ts";
import { circleGrid, grid, type Grid } from "./integrate.ts";
import { parseNumber, QUANTILES } from "./reference.ts";

/** Unconstrained values of values of a continuous setting; directions stay what they are. */
export function unconstrained(s: Setting, xs: readonly number[]): Float64Array {
  if (s.dist.supportKind === "circle") return Float64Array.from(xs);
  const d = instanceOf(s);
  return atPoints(s, bijection(supportOf(d)).toUnconstrained(valueLeaf(d)), xs);
}

/** Points around the median, from the reference's quantiles. */
export function gridOf(s: Setting): Grid {
  if (s.dist.supportKind === "circle") return circleGrid();
  const u = unconstrained(s, pointsOf(s));
  const limit = s.dist.supportKind === "real" ? Infinity : 700; // e^-700 is still a number
  return grid(u[QUANTILES.p50]!, (u[QUANTILES.p80]! - u[QUANTILES.p30]!) / 4, limit);
}

/** Density of the unconstrained value at the grid's points. */
export function densityOn(s: Setting, { u }: Grid): Float64Array {
  const d = instanceOf(s);
  const leaf = valueLeaf(d);
  if (s.dist.supportKind === "circle") return atPoints(s, exp(logProb(d, leaf)), [...u]);
  const map = bijection(supportOf(d));
  const density = exp(add(logProb(d, map.fromUnconstrained(leaf)), map.logJacobian(leaf)));
  return atPoints(s, density, [...u]).map((p) => (Number.isNaN(p) ? 0 : p)); // -inf + inf where the value is infinite
}

const MOST_COUNTS = 20_000;

/** Probabilities of 0, 1, 2, … to where nothing is left; `null` where that is too far. */
export function countProbabilities(s: Setting): Float64Array | null {
  const mean = parseNumber(s.reference.mean!);
  const variance = parseNumber(s.reference.variance!);
  const last = Math.ceil(Math.min(endsOf(s)[1], mean + 40 * Math.sqrt(variance) + 40));
  if (last > MOST_COUNTS) return null;
  const d = instanceOf(s);
  return atPoints(
    s,
    exp(logProb(d, valueLeaf(d))),
    Array.from({ length: last + 1 }, (_, x) => x),
  );
}
