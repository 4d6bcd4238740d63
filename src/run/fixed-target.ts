// The fixed protocol's target of a prepared model.

import type { Report } from "../base/diagnostic.ts";
import { COORDINATES } from "../build/state.ts";
import { planOf } from "../build/prepare.ts";
import type { Prepared } from "../build/prepared.ts";
import { valuesOf } from "../build/scope.ts";
import type { Engine, Tensor } from "../exec/engine.ts";
import type { Evaluator, FixedTarget } from "../fit/target.ts";
import {
  axesOf,
  blockRuns,
  buildObjective,
  cutter,
  fixedGraph,
  joined,
  load,
  sizesByParticles,
  sizesOf,
  splitLeaves,
  totalSize,
} from "./graphs.ts";
import { noiseLayout } from "./noise.ts";
import type { Leaf } from "../build/state.ts";

/** Of one number. */
const ROUNDING = { f64: 2 ** -52, f32: 2 ** -23 } as const;

export function fixedTarget(
  prepared: Prepared,
  engine: Engine,
  report: Report,
): { readonly target: FixedTarget; readonly leaves: readonly Leaf[] } {
  const built = buildObjective(prepared, planOf(prepared, "coordinates"), {}, report);
  const { leaves } = built.program;
  const dim = prepared.layout.size;
  const graph = fixedGraph(built, dim);
  const sizes = sizesByParticles(prepared, axesOf(graph));
  const noise = noiseLayout(graph, sizes(1));
  const perRun = cutter(graph, sizes(1));
  const all = Object.keys(graph.outputs);
  const evaluatorOn = (own: Engine): Evaluator => {
    const executable = load(own, graph, prepared);
    const run = (
      names: readonly string[],
      x: Float64Array,
      points: Float64Array,
      eps: Float64Array,
      [from, to]: readonly [number, number],
    ) =>
      executable.run(
        {
          params: { ...splitLeaves(leaves, points), [COORDINATES]: x.subarray(from * dim, to * dim) },
          sizes: sizes(to - from),
          seed: 0,
          step: 0,
          noise: noise.spread(eps.subarray(from * noise.size, to * noise.size), to - from),
        },
        names,
      );
    return {
      rounding: ROUNDING[own.precision],
      evaluate: (x, points, eps, n) => {
        const parts = perRun(n).map((cut) => ({ cut, out: run(all, x, points, eps, cut) }));
        return {
          value: joined(parts.map(({ out, cut }) => perDraw(out["value"], cut))),
          gradX: dim > 0 ? joined(parts.map(({ out }) => (out["gradX"] as Tensor).values)) : new Float64Array(0),
          gradPoints: parts
            .map(({ out }) => joinGradients(leaves, out))
            .reduce((sum, part) => sum.map((v, i) => v + (part[i] as number))),
        };
      },
      values: (x, points, eps, n) =>
        joined(perRun(n).map((cut) => perDraw(run(["value"], x, points, eps, cut)["value"], cut))),
    };
  };
  const sharp = engine.inDouble();
  return {
    leaves,
    target: {
      dim,
      points: totalSize(leaves),
      gauge: leaves.some((leaf) => leaf.gauge),
      noise: noise.size,
      blocks: blockRuns(prepared),
      start: { x: null, points: startOf(leaves, prepared) },
      ...evaluatorOn(engine),
      ...(sharp === engine ? {} : { sharp: evaluatorOn(sharp) }),
    },
  };
}

/** A value that does not depend on the draw is the same for all of them. */
export function perDraw(value: Tensor | undefined, [from, to]: readonly [number, number]): Float64Array {
  const { values } = value as Tensor;
  return values.length === to - from ? values : new Float64Array(to - from).fill(values[0] as number);
}

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
