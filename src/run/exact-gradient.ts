// The gradient in a site's parameters without noise, where it can be had: every discrete site enumerated, and the few
// normal numbers that are left integrated on a grid. It shares no estimator with what is compared to it but enumeration
// and the score function.

import { planOf } from "../build/prepare.ts";
import type { Prepared } from "../build/prepared.ts";
import type { Plan } from "../build/state.ts";
import { enumerate } from "../estimator/enumerate.ts";
import type { Estimator, Facts, Site } from "../estimator/estimator.ts";
import { score } from "../estimator/score.ts";
import type { Engine } from "../exec/engine.ts";
import type { Axis, Node } from "../ir/node.ts";
import { topological } from "../ir/walk.ts";
import { REPLICATE, type Replicator } from "../pass/replicate.ts";
import { gradientsAt, type Params } from "./replicates.ts";
import * as math from "../op/special/elementary.ts";

export type Exact = {
  readonly gradient: Float64Array;
  /** How it was found, for people. */
  readonly how: string;
};

/** Steps of the grid, by the number of normal numbers: a coarse one and a fine one, which must agree. */
const GRIDS: readonly (readonly [coarse: number, fine: number])[] = [
  [1, 1],
  [0.3, 0.2],
  [0.6, 0.45],
  [0.95, 0.8],
];
/** The grid ends where the normal density is 1e-12. */
const REACH = 7;
/** Relative to the gradient's length. */
const AGREE = 1e-6;
/** Numbers that a grid may take to compute. */
const MOST_WORK = 2 ** 23;

/** A site with what is known of it. */
export type Known = { readonly site: Site; readonly facts: Facts };

/** The gradient in the leaves that are named; null where noise cannot be summed or integrated, or the two grids
 *  differ. */
export type ExactGradient = (own: readonly string[], params: Params) => Exact | null;

/** `sites`: all of the model. */
export function exactGradients(
  prepared: Prepared,
  engine: Engine,
  sites: readonly Known[],
  many: Replicator,
): ExactGradient {
  const plan = noiselessPlan(prepared, sites);
  if (plan === null) return () => null;
  const gradientIn = gradientsAt(prepared, engine, plan, many);
  return (own, params) => integrated(gradientIn(own), params);
}

function integrated({ graph, sizes, rows }: ReturnType<ReturnType<typeof gradientsAt>>, params: Params): Exact | null {
  const nodes = topological(Object.values(graph.outputs));
  const streams = nodes.filter(({ op }) => op.name === "noise" || op.kind === "random");
  if (streams.some(({ op, attrs }) => op.kind === "random" || attrs["kind"] !== "normal")) return null;
  const one = sizes(1);
  const counts = streams.map((node) => numbersIn(node, one));
  const steps = GRIDS[counts.reduce((a, b) => a + b, 0)];
  if (steps === undefined) return null;
  const work = nodes.reduce((sum, node) => sum + numbersIn(node, one), 0);
  const expected = steps.map((step) => {
    const points = gridOf(
      counts.reduce((a, b) => a + b, 0),
      step,
    );
    if (points.length * work > MOST_WORK) return null;
    const noise = Object.fromEntries(
      streams.map((node, s) => {
        const from = counts.slice(0, s).reduce((a, b) => a + b, 0);
        return [
          node.attrs["site"] as string,
          Float64Array.from(points.flatMap(({ at }) => at.slice(from, from + (counts[s] as number)))),
        ];
      }),
    );
    return weighted(rows(params, points.length, noise), points);
  });
  const [coarse, fine] = expected;
  if (coarse == null || fine == null || !agree(coarse, fine)) return null;
  return {
    gradient: fine,
    how: streams.length === 0 ? "all states summed" : "states summed and normal draws integrated on a grid",
  };
}

/** Every site enumerated, or else credited by its log density: no path is followed, so that a jump cannot be missed. */
function noiselessPlan(prepared: Prepared, sites: readonly Known[]): Plan | null {
  if (!prepared.objective.linear) return null;
  const rows = new Map(
    sites.map(({ site, facts }): readonly [string, Estimator | undefined] => [
      site.name,
      [enumerate, score].find((row) => row.refuses(site, facts, {}) === null),
    ]),
  );
  if ([...rows.values()].includes(undefined)) return null;
  return { ...planOf(prepared, "leaves"), place: (site) => (rows.get(site.name) as Estimator).place(site, {}) };
}

const numbersIn = (node: Node, sizes: Readonly<Record<Axis, number>>): number =>
  [...node.axes.filter((axis) => axis !== REPLICATE).map((axis) => sizes[axis] as number), ...node.shape].reduce(
    (a, b) => a * b,
    1,
  );

type Point = { readonly at: readonly number[]; readonly weight: number };

/** The trapezoidal rule for the standard normal, whose error falls faster than every power of the step where the
 *  integrand is smooth. */
function gridOf(dims: number, step: number): readonly Point[] {
  const half = Math.ceil(REACH / step);
  const line = Array.from({ length: 2 * half + 1 }, (_, i) => (i - half) * step);
  const total = line.reduce((sum, x) => sum + math.exp((-x * x) / 2), 0);
  let points: readonly Point[] = [{ at: [], weight: 1 }];
  for (let d = 0; d < dims; d++) {
    points = points.flatMap(({ at, weight }) =>
      line.map((x) => ({ at: [...at, x], weight: (weight * math.exp((-x * x) / 2)) / total })),
    );
  }
  return points;
}

function weighted(rows: readonly Float64Array[], points: readonly Point[]): Float64Array {
  const sum = new Float64Array(rows[0]?.length ?? 0);
  rows.forEach((row, r) => row.forEach((g, i) => (sum[i] = (sum[i] as number) + (points[r] as Point).weight * g)));
  return sum;
}

function agree(a: Float64Array, b: Float64Array): boolean {
  const length = Math.sqrt(b.reduce((sum, x) => sum + x * x, 0));
  return a.every((x, i) => Math.abs(x - (b[i] as number)) <= AGREE * (1 + length));
}
