// What type rules are made of: sets of axes and event shapes.

import { ice } from "../base/ice.ts";
import type { Axis, Node } from "./node.ts";

/** False for the axes that are not data: particles and whatever an estimator or a pass adds (`%…`). Noise depends on
 *  the datum, so it must know them apart. */
export const isPlate = (axis: Axis): boolean => axis !== "particle" && !axis.startsWith("%");

/** Sorted, without repetition: the order of axes everywhere. */
export const sortedAxes = (axes: Iterable<Axis>): readonly Axis[] => [...new Set(axes)].sort();

/** All axes of some nodes: what broadcasting by name gives. */
export function unionAxes(nodes: readonly Node[]): readonly Axis[] {
  const first = nodes[0];
  if (first === undefined) return [];
  return nodes.every((n) => sameList(n.axes, first.axes)) ? first.axes : sortedAxes(nodes.flatMap((n) => n.axes));
}

export const without = (axes: readonly Axis[], removed: readonly Axis[]): readonly Axis[] =>
  axes.filter((a) => !removed.includes(a));

export const sameList = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((v, i) => v === b[i]);

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Event shape of a pointwise op: equal shapes, where a scalar is repeated. */
export function commonShape(nodes: readonly Node[], what: string): readonly number[] {
  const shape = nodes.find((n) => n.shape.length > 0)?.shape ?? [];
  for (const n of nodes) {
    if (n.shape.length > 0 && !sameList(n.shape, shape)) {
      ice(`${what} wants equal event shapes, it has ${nodes.map((m) => `[${m.shape.join(", ")}]`).join(" and ")}`);
    }
  }
  return shape;
}
