// The base noise that a graph consumes, as a vector per draw: how the fixed protocol's matched normal draws reach the
// graph.

import { topological } from "../ir/walk.ts";
import type { Graph } from "../ir/node.ts";
import { normalCdf } from "../op/special/index.ts";
import { PARTICLE } from "../objective/term.ts";

type Stream = {
  readonly site: string;
  readonly kind: "normal" | "uniform";
  /** Elements before and after the particle axis in the layout of the leaf. */
  readonly outer: number;
  readonly inner: number;
};

export type NoiseLayout = {
  /** Numbers per draw. */
  readonly size: number;
  /** `eps` [n, size] as the engine wants it: one array per stream, standard normals turned to uniforms where the graph
   *  asks for these. */
  readonly spread: (eps: Float64Array, n: number) => Record<string, Float64Array>;
};

export function noiseLayout(graph: Graph, sizes: Readonly<Record<string, number>>): NoiseLayout {
  const streams = topological(Object.values(graph.outputs))
    .filter((n) => n.op.name === "noise")
    .map((n): Stream => {
      const at = n.axes.indexOf(PARTICLE);
      const product = (axes: readonly string[]): number => axes.reduce((p, axis) => p * (sizes[axis] as number), 1);
      return {
        site: n.attrs["site"] as string,
        kind: n.attrs["kind"] as Stream["kind"],
        outer: product(n.axes.slice(0, at)),
        inner: product(n.axes.slice(at + 1)) * n.shape.reduce((a, b) => a * b, 1),
      };
    });
  const size = streams.reduce((sum, s) => sum + s.outer * s.inner, 0);
  return { size, spread: (eps, n) => spread(streams, eps, n, size) };
}

function spread(streams: readonly Stream[], eps: Float64Array, n: number, size: number): Record<string, Float64Array> {
  let from = 0;
  return Object.fromEntries(
    streams.map(({ site, kind, outer, inner }) => {
      const out = new Float64Array(n * outer * inner);
      for (let k = 0; k < n; k++) {
        for (let o = 0; o < outer; o++) {
          for (let i = 0; i < inner; i++) {
            const z = eps[k * size + from + o * inner + i] as number;
            out[(o * n + k) * inner + i] = kind === "normal" ? z : normalCdf(z);
          }
        }
      }
      from += outer * inner;
      return [site, out];
    }),
  );
}
