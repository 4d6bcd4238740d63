// Draws of the fitted guide pushed through the model: values of all sites and reports, with log p and log q of each
// draw.

import type { Diagnostic, Report } from "../base/diagnostic.ts";
import { buildProgram, type Program } from "../build/program.ts";
import { COORDINATES, type Leaf } from "../build/state.ts";
import { drawingPlan } from "../build/prepare.ts";
import type { Prepared } from "../build/prepared.ts";
import { drawnStates } from "./conditional-draws.ts";
import { substitute } from "../pass/substitute.ts";
import type { Engine, Tensor } from "../exec/engine.ts";
import { logDeterminant, spread, type Guide } from "../fit/guide.ts";
import { normals } from "../fit/random.ts";
import type { Axis, Node } from "../ir/node.ts";
import type { PlateAxis } from "../model/model.ts";
import type { Type } from "../model/types.ts";
import { sumPlates, type Reduction } from "../objective/reduce.ts";
import { PARTICLE, type Term } from "../objective/term.ts";
import { add, addAll, fill, neg, scalar, select, toEvent } from "../op/index.ts";
import { failedFactor } from "./failed-factors.ts";
import { ODE_DRAWS, solutionGraph, tooCoarse } from "./ode-accuracy.ts";
import {
  axesOf,
  axisSizeOf,
  blockRuns,
  cutter,
  finish,
  joined,
  load,
  reductionOf,
  sizesByParticles,
  sizesOf,
  splitLeaves,
} from "./graphs.ts";
import * as math from "../op/special/elementary.ts";

/** What is drawn: per name the shape of one draw and n values of it, row-major. */
export type Drawn = {
  readonly values: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float64Array }>>;
  readonly logp: Float64Array;
  readonly logq: Float64Array;
};

export type Posterior = {
  readonly sites: readonly string[];
  readonly reports: readonly string[];
  readonly params: readonly string[];
  readonly leaves: readonly Leaf[];
  /** `n` draws; `key` separates independent sets of draws. `only`: the densities alone. */
  readonly draw: (guide: Guide, n: number, key: number, only?: "densities") => Drawn;
  /** PPL707 for differential equations whose steps are too coarse on draws of the guide. */
  readonly coarse: (guide: Guide) => readonly Diagnostic[];
  /** Terms whose value is not finite at these draws: the statements to name when a fit cannot start. */
  readonly badTerms: (x: Float64Array, points: Float64Array, n: number) => readonly Term[];
  /** Terms below which a finite matrix has no Cholesky factor at these draws. */
  readonly badMatrices: (x: Float64Array, points: Float64Array, n: number) => readonly Term[];
};

export function posterior(prepared: Prepared, engine: Engine, seed: number, report: Report): Posterior {
  const program = buildProgram(prepared.bound, drawingPlan(prepared), report);
  const reports = program.reports();
  const r = reductionOf(program, prepared, {});
  const outputs = outputsOf(program, reports, prepared, r);
  const graph = finish(outputs.nodes);
  const executable = load(engine, graph, prepared);
  const sizes = sizesByParticles(prepared, axesOf(graph));
  const run = (
    x: Float64Array,
    points: Float64Array,
    n: number,
    key: number,
    names: readonly string[],
  ): Record<string, Tensor> =>
    executable.run(
      {
        params: { ...splitLeaves(program.leaves, points), [COORDINATES]: x },
        sizes: sizes(n),
        seed,
        step: key,
      },
      names,
    );
  const d = prepared.layout.size;
  const cut = cutter(graph, sizes(1));
  return {
    sites: program.latents.map((l) => l.stmt.outputName),
    reports: reports.map((x) => x.stmt.outputName),
    params: program.leaves.flatMap((leaf) => (leaf.param === null ? [] : [leaf.param.symbol.name])),
    leaves: program.leaves,
    draw: (guide, n, key, only) => {
      const { x, logq } = gaussianDraws(prepared, guide, n, seed, key);
      const names = Object.keys(outputs.nodes).filter(
        (name) => !name.startsWith("term ") && (only === undefined || name.startsWith("log")),
      );
      const parts = cut(n).map(([from, to]) =>
        run(x.subarray(from * d, to * d), guide.points, to - from, key * MOST_CUTS + from, names),
      );
      return collect(parts, outputs.shapes, logq);
    },
    coarse: (guide) => {
      if (program.solutions.length === 0) return [];
      const solved = solutionGraph(program.solutions, prepared);
      const params = {
        ...splitLeaves(program.leaves, guide.points),
        [COORDINATES]: gaussianDraws(prepared, guide, ODE_DRAWS, seed, 0).x,
      };
      const out = load(engine, solved, prepared).run({
        params,
        sizes: sizesOf(prepared, axesOf(solved), ODE_DRAWS),
        seed,
        step: 0,
      });
      return tooCoarse(program.solutions, out, ODE_DRAWS);
    },
    badTerms: (x, points, n) => {
      const names = program.terms.map((_, i) => `term ${i}`);
      const out = run(x, points, n, 0, names);
      return program.terms.filter((_, i) => !(out[`term ${i}`] as Tensor).values.every(Number.isFinite));
    },
    badMatrices: (x, points, n) => {
      const suspects = program.terms.flatMap((term) => {
        const failed = failedFactor(term.node);
        return failed === null ? [] : [{ term, failed }];
      });
      const factors = finish(Object.fromEntries(suspects.map(({ failed }, i) => [String(i), failed])));
      const params = { ...splitLeaves(program.leaves, points), [COORDINATES]: x };
      const out = load(engine, factors, prepared).run({
        params,
        sizes: sizesOf(prepared, axesOf(factors), n),
        seed,
        step: 0,
      });
      return suspects.flatMap(({ term }, i) => ((out[String(i)] as Tensor).values[0] === 1 ? [term] : []));
    },
  };
}

type Outputs = { readonly nodes: Record<string, Node>; readonly shapes: Record<string, readonly number[]> };

function outputsOf(
  program: Program,
  reports: ReturnType<Program["reports"]>,
  prepared: Prepared,
  r: Reduction,
): Outputs {
  const total = (terms: readonly Term[]): Node =>
    addAll([scalar(0), ...terms.map((t) => sumPlates(t.node, t.plates, [], r))]);
  const onParticles = (node: Node): Node => (node.axes.includes(PARTICLE) ? node : add(node, fill(0, [PARTICLE], [])));
  const size = (axis: Axis): number => axisSizeOf(prepared, axis);
  const nodes: Record<string, Node> = {
    "log p": onParticles(total(program.terms.filter((t) => t.kind !== "guide"))),
    "log q": onParticles(neg(total(program.terms.filter((t) => t.kind === "guide")))),
  };
  const shapes: Record<string, readonly number[]> = {};
  const drawn = drawnStates(program);
  const whole = (name: string, value: Node, plates: readonly PlateAxis[]): void => {
    const node = substitute(value, drawn);
    const full = plates.reduceRight((n, { axis }) => toEvent(n, axis, 0, size(axis)), node);
    nodes[name] = onParticles(full);
    shapes[name] = full.shape;
  };
  const inBase = (node: Node, type: Type): Node =>
    type.kind === "array" && type.elem.kind === "index" ? add(node, scalar(prepared.bound.model.base)) : node;
  for (const { stmt, value, present } of program.latents) {
    const node = inBase(value.node, stmt.symbol.type);
    whole(`site ${stmt.outputName}`, present === null ? node : select(present, node, scalar(NaN)), stmt.symbol.axes);
  }
  for (const { stmt, value } of reports)
    whole(
      `report ${stmt.outputName}`,
      inBase(value, stmt.symbol.type),
      stmt.plates.length === 0 ? [] : stmt.symbol.axes,
    );
  for (const { param } of program.leaves)
    if (param !== null) whole(`param ${param.symbol.name}`, param.value, param.plates);
  program.terms.forEach((term, i) => (nodes[`term ${i}`] = term.node));
  return { nodes, shapes };
}

/** Sets of draws and their cuts have keys of their own, so that none shares its noise with another. */
const MOST_CUTS = 2 ** 15;

function collect(
  parts: readonly Readonly<Record<string, Tensor>>[],
  shapes: Outputs["shapes"],
  gaussian: Float64Array,
): Drawn {
  const all = (name: string): Float64Array => joined(parts.map((out) => (out[name] as Tensor).values));
  const own = all("log q");
  const named = Object.keys(shapes).filter((name) => parts[0]?.[name] !== undefined);
  return {
    logp: all("log p"),
    logq: gaussian.map((q, k) => q + (own[k] as number)),
    values: Object.fromEntries(
      named.map((name) => [name, { shape: shapes[name] as readonly number[], values: all(name) }]),
    ),
  };
}

/** x = m + L z, and log q(x) = -|z|^2 / 2 - log |L| - d/2 log 2 pi. */
function gaussianDraws(
  prepared: Prepared,
  guide: Guide,
  n: number,
  seed: number,
  key: number,
): { readonly x: Float64Array; readonly logq: Float64Array } {
  const d = prepared.layout.size;
  const blocks = blockRuns(prepared);
  const z = normals(n * d, seed, "fit:posterior", key);
  const constant = -logDeterminant(guide, blocks) - (d / 2) * math.log(2 * Math.PI);
  const logq = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let square = 0;
    for (let j = k * d; j < (k + 1) * d; j++) square += z[j]! * z[j]!;
    logq[k] = constant - square / 2;
  }
  return { x: spread(guide, blocks, z), logq };
}
