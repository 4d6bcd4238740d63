// The graphs of a prepared model, ready for an engine: objective and gradients, with the leaves in a fixed order.

import type { Report } from "../base/diagnostic.ts";
import { buildProgram, type Program } from "../build/program.ts";
import { COORDINATES, type Leaf, type Plan } from "../build/state.ts";
import { planOf } from "../build/prepare.ts";
import type { Prepared } from "../build/prepared.ts";
import type { Engine, Executable } from "../exec/engine.ts";
import { ice } from "../base/ice.ts";
import type { Axis, Graph, Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import { allAxes, dependsOn, topological } from "../ir/walk.ts";
import type { FixedTarget } from "../fit/target.ts";
import type { Objective } from "../objective/objective.ts";
import type { Reduction } from "../objective/reduce.ts";
import { OTHER_PARTICLE, PARTICLE } from "../objective/term.ts";
import { addAll, neg, param, scalar, square, sum, sumAxis } from "../op/index.ts";
import { erase } from "../pass/erase.ts";
import { grad } from "../pass/grad.ts";
import { simplify } from "../pass/simplify.ts";
import { reciprocalExponentials } from "../pass/reciprocals.ts";
import { shareExponentials } from "../pass/softmax.ts";

/** Data by name, as engines take it. */
export const dataOf = (prepared: Prepared): Readonly<Record<string, Float64Array>> =>
  Object.fromEntries(Object.entries(prepared.bound.arrays).map(([name, array]) => [name, array.values]));

/** The size of an axis by its name: of a plate that of its dim (`J'` is a second opening of J) or the number that it is
 *  over; `%what#20` says its own. */
export function sizeByName(axis: Axis, sizes: Readonly<Record<string, number>>): number {
  const dim = axis.replace(/^%.*#|'+$/g, "");
  return sizes[dim] ?? Number(dim);
}

/** Full size of an axis; `%site` has the states of an enumerated site. */
export function axisSizeOf(prepared: Prepared, axis: Axis): number {
  if (axis.startsWith("%") && !axis.includes("#")) {
    const name = axis.slice(1).replace(/\.before$/, "");
    const placed = prepared.base.placed.find(({ site }) => site.name === name);
    const summed = prepared.base.conditionals.find(({ marginal }) => marginal.name === name);
    return placed?.site.states?.count ?? summed?.marginal.count ?? ice(`no states on axis ${axis}`);
  }
  return sizeByName(axis, prepared.bound.sizes);
}

/** Axes whose size a run of the graph must know: those of its nodes, and those that only their size is read of. */
export const axesOf = (graph: Graph): ReadonlySet<Axis> => allAxes(Object.values(graph.outputs));

/** Sizes of the axes of a graph in a run: `particles` draws, batched plates with their batch size. */
export const sizesOf = (
  prepared: Prepared,
  axes: ReadonlySet<Axis>,
  particles: number,
  batch: Readonly<Record<string, number>> = {},
): Record<Axis, number> =>
  Object.fromEntries(
    [...axes].map((axis) => [
      axis,
      axis === PARTICLE || axis === OTHER_PARTICLE ? particles : (batch[axis] ?? axisSizeOf(prepared, axis)),
    ]),
  );

/** `sizesOf` of runs that differ in their particles alone. */
export function sizesByParticles(
  prepared: Prepared,
  axes: ReadonlySet<Axis>,
): (particles: number) => Readonly<Record<Axis, number>> {
  const one = sizesOf(prepared, axes, 1);
  const drawn = [PARTICLE, OTHER_PARTICLE].filter((axis) => axes.has(axis));
  return (particles) => ({ ...one, ...Object.fromEntries(drawn.map((axis) => [axis, particles])) });
}

export function reductionOf(program: Program, prepared: Prepared, batch: Readonly<Record<string, number>>): Reduction {
  return {
    sites: program.placed,
    size: (plate) => axisSizeOf(prepared, plate),
    // A plate may have no members: their ratio would be 0/0.
    scale: (plate) => (batch[plate] === undefined ? 1 : axisSizeOf(prepared, plate) / batch[plate]),
  };
}

export type Built = { readonly program: Program; readonly objective: Objective };

export function buildObjective(
  prepared: Prepared,
  plan: Plan,
  batch: Readonly<Record<string, number>>,
  report: Report,
): Built {
  const program = buildProgram(prepared.bound, plan, report);
  const { row, alpha } = prepared.objective;
  const leaves = guideLeaves({ program }).map((leaf) => leaf.node);
  return { program, objective: row.build(program.terms, leaves, reductionOf(program, prepared, batch), alpha) };
}

/** After the last gradient: control ops erased, the rest simplified, exponentials shared. */
export function finish(outputs: Readonly<Record<string, Node>>): Graph {
  const names = Object.keys(outputs);
  const simple = simplify(erase(names.map((name) => outputs[name] as Node)));
  const nodes = reciprocalExponentials(shareExponentials(simple));
  return { outputs: Object.fromEntries(names.map((name, i) => [name, nodes[i] as Node])) };
}

/** Gradient outputs `grad <leaf>` of a root that is summed over particles. */
export function gradients(root: Node, leaves: readonly Leaf[]): Record<string, Node> {
  const found = grad(
    root,
    leaves.map((l) => l.node),
  );
  return Object.fromEntries(leaves.map((leaf, i) => [`grad ${leaf.name}`, found[i] as Node]));
}

/** Parameters of guide and model, without what estimators learn. */
export const guideLeaves = ({ program }: Pick<Built, "program">): readonly Leaf[] =>
  program.leaves.filter((leaf) => !leaf.learned);

/** Gradient outputs of what estimators learn: the direction in which a number moves. Averages follow their root; the
 *  others lower the squares of the gradient in the guide's parameters. */
export function learningOf(
  { program, objective }: Built,
  root: Node,
): { readonly outputs: Record<string, Node>; readonly rates: ReadonlyMap<string, number> } {
  const leaves = program.leaves.filter((leaf) => leaf.learned);
  const averages = new Map(
    objective.learning.flatMap(({ leaf, root: distance, rate }) =>
      leaves.filter(({ node }) => dependsOn(leaf, node)).map((own) => [own, { distance, rate }] as const),
    ),
  );
  const others = leaves.filter((leaf) => !averages.has(leaf));
  const guide = guideLeaves({ program }).map((leaf) => leaf.node);
  const squares = others.length === 0 ? scalar(0) : neg(addAll(grad(root, guide).map((g) => sum(square(g)))));
  const direction = (leaf: Leaf): Node => grad(averages.get(leaf)?.distance ?? squares, [leaf.node])[0] as Node;
  return {
    outputs: Object.fromEntries(leaves.map((leaf) => [`grad ${leaf.name}`, direction(leaf)])),
    rates: new Map([...averages].map(([leaf, { rate }]) => [leaf.name, rate])),
  };
}

/** The fixed protocol's graph: F of each draw, its gradient in each draw's coordinates, and the summed gradient in the
 *  points. */
export function fixedGraph({ program, objective }: Built, size: number): Graph {
  const coordinates = param(COORDINATES, [PARTICLE], [size]);
  const total = sumAxis(objective.perDraw, PARTICLE);
  const wrt = [coordinates, ...program.leaves.map((l) => l.node)];
  const found = grad(total, wrt);
  return finish({
    value: objective.perDraw,
    ...(size > 0 ? { gradX: found[0] as Node } : {}),
    ...Object.fromEntries(program.leaves.map((leaf, i) => [`grad ${leaf.name}`, found[i + 1] as Node])),
  });
}

/** The objective of the chosen method, and the graph that one evaluation of its gradient runs. */
export function evaluation(
  prepared: Prepared,
  batch: Readonly<Record<string, number>>,
): { readonly built: Built; readonly graph: Graph } {
  if (prepared.method.name === "fixed") {
    const built = buildObjective(prepared, planOf(prepared, "coordinates"), {}, []);
    return { built, graph: fixedGraph(built, prepared.layout.size) };
  }
  const built = buildObjective(prepared, planOf(prepared, "leaves"), batch, []);
  const { root } = built.objective;
  return { built, graph: finish({ root, ...gradients(root, guideLeaves(built)), ...learningOf(built, root).outputs }) };
}

export const load = (engine: Engine, graph: Graph, prepared: Prepared): Executable =>
  engine.load(graph, dataOf(prepared));

/** Leaves laid one after the other in one vector. */
export function splitLeaves(leaves: readonly Leaf[], flat: Float64Array): Record<string, Float64Array> {
  let at = 0;
  return Object.fromEntries(leaves.map((leaf) => [leaf.name, flat.subarray(at, (at += leaf.size))]));
}

export const totalSize = (leaves: readonly Leaf[]): number => leaves.reduce((sum, leaf) => sum + leaf.size, 0);

/** The runs of coordinates that share a scale matrix, as the fixed protocol counts them. */
export const blockRuns = (prepared: Prepared): FixedTarget["blocks"] =>
  prepared.layout.blocks.flatMap((b) =>
    b.family === "fullrank"
      ? [{ start: b.offset, size: b.size }]
      : Array.from({ length: b.size }, (_, i) => ({ start: b.offset + i, size: 1 })),
  );

/** Numbers that one value of a run should hold: larger ones leave the cache. */
const LARGEST_VALUE = 2 ** 15;

/** Draws of one run. Few numbers, since an engine prepares the graph for every one of them. */
const WIDTHS = [256, 16, 1];

/** Cuts n draws into runs `[from, to)` along an axis such that no value of the graph outgrows the limit. More draws
 *  than the widest run are cut evenly where that makes one width of nearly the same size. */
export function cutter(
  graph: Graph,
  sizes: Readonly<Record<Axis, number>>,
  along: Axis = PARTICLE,
): (n: number) => readonly (readonly [number, number])[] {
  const perDraw = ({ axes, shape }: Node): number =>
    axes.reduce((size, axis) => (axis === along ? size : size * sizes[axis]!), sizeOf(shape));
  const drawn = topological(Object.values(graph.outputs)).filter(({ axes }) => axes.includes(along));
  const most = LARGEST_VALUE / drawn.reduce((size, node) => Math.max(size, perDraw(node)), 1);
  const allowed = WIDTHS.filter((width) => width === 1 || width <= most);
  return (n) => {
    const even = evenWidth(n, allowed[0]!);
    const widths = even === null ? allowed : [even];
    const cuts: (readonly [number, number])[] = [];
    for (const width of widths)
      for (let from = cuts.at(-1)?.[1] ?? 0; from + width <= n; from += width) cuts.push([from, from + width]);
    return cuts;
  };
}

/** The largest part of n in (widest / 2, widest] that divides it. */
function evenWidth(n: number, widest: number): number | null {
  if (n <= widest) return null;
  for (let width = widest; 2 * width > widest; width--) if (n % width === 0) return width;
  return null;
}

/** Arrays of consecutive draws as one. */
export function joined(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0] as Float64Array;
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
