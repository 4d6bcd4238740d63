// The fixed protocol's target of a prepared model.

import type { Report } from "../base/diagnostic.ts";
import { COORDINATES } from "../build/program.ts";
import { planOf, type Prepared } from "../build/prepare.ts";
import { valuesOf } from "../build/scope.ts";
import type { Engine, Inputs, Tensor } from "../exec/engine.ts";
import type { FixedTarget } from "../fit/target.ts";
import { axesOf, blockRuns, buildObjective, fixedGraph, load, sizesOf, splitLeaves, totalSize } from "./graphs.ts";
import { noiseLayout } from "./noise.ts";
import type { Leaf } from "../build/program.ts";

export function fixedTarget(prepared: Prepared, engine: Engine, report: Report): { readonly target: FixedTarget; readonly leaves: readonly Leaf[] } {
  const built = buildObjective(prepared, planOf(prepared, "coordinates"), {}, report);
  const { leaves } = built.program;
  const dim = prepared.layout.size;
  const graph = fixedGraph(built, dim);
  const executable = load(engine, graph, prepared);
  const axes = axesOf(graph);
  const noise = noiseLayout(graph, sizesOf(prepared, axes, 1));
  const inputs = (x: Float64Array, points: Float64Array, eps: Float64Array, n: number): Inputs => ({
    params: { ...splitLeaves(leaves, points), [COORDINATES]: x }, sizes: sizesOf(prepared, axes, n), seed: 0, step: 0, noise: noise.spread(eps, n),
  });
  const perDraw = (t: Tensor | undefined, n: number): Float64Array => repeat((t as Tensor).values, n);
  const all = Object.keys(graph.outputs);
  return {
    leaves,
    target: {
      dim, points: totalSize(leaves), gauge: leaves.some((leaf) => leaf.gauge), noise: noise.size,
      blocks: blockRuns(prepared),
      start: { x: null, points: startOf(leaves, prepared) },
      evaluate: (x, points, eps, n) => {
        const out = executable.run(inputs(x, points, eps, n), all);
        return {
          value: perDraw(out["value"], n),
          gradX: dim > 0 ? (out["gradX"] as Tensor).values : new Float64Array(0),
          gradPoints: joinGradients(leaves, out),
        };
      },
      values: (x, points, eps, n) => perDraw(executable.run(inputs(x, points, eps, n), ["value"])["value"], n),
    },
  };
}

/** A value that does not depend on the draw is the same for all of them. */
const repeat = (values: Float64Array, n: number): Float64Array => (values.length === n ? values : new Float64Array(n).fill(values[0] as number));

export function joinGradients(leaves: readonly Leaf[], out: Readonly<Record<string, Tensor>>): Float64Array {
  const joined = new Float64Array(totalSize(leaves));
  let at = 0;
  for (const leaf of leaves) {
    joined.set((out[`grad ${leaf.name}`] as Tensor).values, at);
    at += leaf.size;
  }
  return joined;
}

/** Start values of all leaves; a scalar start fills its leaf. */
export function startOf(leaves: readonly Leaf[], prepared: Prepared): Float64Array {
  const joined = new Float64Array(totalSize(leaves));
  let at = 0;
  for (const leaf of leaves) {
    const values = valuesOf(leaf.start, prepared.bound, sizesOf(prepared, new Set(leaf.start.axes), 1));
    if (values.length === 1) joined.fill(values[0] as number, at, at + leaf.size);
    else joined.set(values, at);
    at += leaf.size;
  }
  return joined;
}
