// Draws after the fit, by running the model forwards on an engine: new data for every `observe`, the `predict` blocks,
// and simulation from the prior. Enters: a bound model and draws of its sites (or none); leaves: arrays of draws.

import { VariateError, type Report } from "../base/diagnostic.ts";
import {
  buildForward,
  carriedLeaf,
  paramLeaf,
  siteLeaf,
  type Forward,
  type Output,
  type Replicate,
} from "../build/forward.ts";
import type { Engine, Executable } from "../exec/engine.ts";
import type { Axis, Graph } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Bound } from "../model/bound.ts";
import { PARTICLE } from "../objective/term.ts";
import type { Draws } from "../result.ts";
import { axesOf, cutter, finish, joined, sizeByName } from "./graphs.ts";

/** n draws of the posterior: sites by their names in the output, params (one value each) by theirs. */
export type Given = {
  readonly n: number;
  readonly sites: Readonly<Record<string, Draws>>;
  readonly params: Readonly<Record<string, Draws>>;
};

export type DrawsByName = Readonly<Record<string, Draws>>;

/** Numbers of predictive draws that are kept per array: beyond that fewer draws are. */
const MOST_NUMBERS = 2 ** 24;

/** `y_rep` for every observed y (unless `wanted` is "predict"), what the `predict` blocks draw and report, and the
 *  values observed. */
export function predictive(
  bound: Bound,
  engine: Engine,
  seed: number,
  given: Given,
  wanted: "all" | "predict",
  report: Report,
): { readonly replicates: DrawsByName; readonly predictions: DrawsByName; readonly observed: DrawsByName } {
  const shapes = (draws: DrawsByName): Record<string, readonly number[]> =>
    Object.fromEntries(Object.entries(draws).map(([name, { shape }]) => [name, shape]));
  const forward = buildForward(bound, { sites: shapes(given.sites), params: shapes(given.params) }, report);
  const run = runner(forward, bound, engine, seed, given);
  return {
    predictions: run(forward.predictions, given.n),
    replicates: wanted === "all" ? replicatesOf(forward.replicates, given.n, run) : {},
    observed: Object.fromEntries(
      forward.replicates.map(({ of, shape, observed }) => [of, { shape, values: observed }]),
    ),
  };
}

export type Simulation = {
  readonly sites: DrawsByName;
  readonly reports: DrawsByName;
  readonly replicates: DrawsByName;
};

/** n draws of everything from the prior. Throws the diagnostics of sites that cannot be drawn. */
export function simulation(bound: Bound, engine: Engine, seed: number, n: number, report: Report): Simulation {
  const refused: Report = [];
  const forward = buildForward({ ...bound, model: { ...bound.model, predict: [] } }, null, refused);
  if (refused.length > 0) throw new VariateError([...report, ...refused]);
  const run = runner(forward, bound, engine, seed, { n, sites: {}, params: {} });
  return {
    sites: run(forward.sites, n),
    reports: run(forward.reports, n),
    replicates: replicatesOf(forward.replicates, n, run),
  };
}

// ---------------------------------------------------------------------------------------- running

/** Runs outputs for the first n draws. */
type Run = (outputs: readonly Output[], n: number) => DrawsByName;

function runner({ carried }: Forward, bound: Bound, engine: Engine, seed: number, given: Given): Run {
  const data = Object.fromEntries(Object.entries(bound.arrays).map(([name, array]) => [name, array.values]));
  const params = Object.fromEntries(
    Object.entries(given.params).map(([name, { values }]) => [paramLeaf(name), values]),
  );
  return (outputs, n) => {
    if (outputs.length === 0) return {};
    const named = (all: readonly Output[], prefix: string) =>
      Object.fromEntries(all.map(({ name, node }) => [prefix + name, node]));
    const graph = finish({ ...named(outputs, ""), ...named(carried, CARRIED) });
    const executable = engine.load(graph, data);
    const parts = cutter(
      graph,
      sizesOf(graph, bound, 1),
    )(n).map(([from, to]) => {
      const sites = Object.entries(given.sites).map(([name, { shape, values }]) => {
        const size = sizeOf(shape);
        return [siteLeaf(name), values.subarray(from * size, to * size)] as const;
      });
      const inputs = {
        params: { ...params, ...Object.fromEntries(sites) },
        sizes: sizesOf(graph, bound, to - from),
        seed,
        step: from,
      };
      return settled(
        executable,
        inputs,
        carried,
        outputs.map(({ name }) => name),
        to - from,
      );
    });
    return Object.fromEntries(
      outputs.map(({ name, node }) => [
        name,
        { shape: node.shape, values: joined(parts.map((part) => part[name] as Float64Array)) },
      ]),
    );
  };
}

const CARRIED = "carried ";

type RunInputs = Parameters<Executable["run"]>[0];

/** A carried site is drawn at each step from its value a step before: the run is repeated on the same noise, each
 *  time with the draws of the  time before, until they stay the same. After k times the first k steps are final. */
function settled(
  executable: Executable,
  inputs: RunInputs,
  carried: readonly Output[],
  names: readonly string[],
  n: number,
): Record<string, Float64Array> {
  let before: Record<string, Float64Array> = Object.fromEntries(
    carried.map(({ name, node }) => [carriedLeaf(name), new Float64Array(n * sizeOf(node.shape))]),
  );
  const most = carried.reduce((sum, { node }) => sum + sizeOf(node.shape), 1);
  for (let time = 0; time < most && carried.length > 0; time++) {
    const out = executable.run(
      { ...inputs, params: { ...inputs.params, ...before } },
      carried.map(({ name }) => CARRIED + name),
    );
    const after = Object.fromEntries(carried.map(({ name }) => [carriedLeaf(name), out[CARRIED + name]!.values]));
    const same = Object.entries(after).every(([leaf, values]) =>
      values.every((value, i) => Object.is(value, before[leaf]![i])),
    );
    before = after;
    if (same) break;
  }
  const out = executable.run({ ...inputs, params: { ...inputs.params, ...before } }, names);
  return Object.fromEntries(names.map((name) => [name, out[name]!.values]));
}

const sizesOf = (graph: Graph, bound: Bound, particles: number): Record<Axis, number> =>
  Object.fromEntries(
    [...axesOf(graph)].map((axis) => [axis, axis === PARTICLE ? particles : sizeByName(axis, bound.sizes)]),
  );

// ---------------------------------------------------------------------------------------- new data

/** The statements that observe one array give one array of new data; entries that nothing observes are NaN. Of very
 *  large arrays only the first  draws are made, or none. */
function replicatesOf(all: readonly Replicate[], n: number, run: Run): DrawsByName {
  const names = [...new Set(all.map(({ of }) => of))];
  return Object.fromEntries(
    names.flatMap((name) => {
      const own = all.filter(({ of }) => of === name);
      const { shape } = own[0]!;
      const size = sizeOf(shape);
      const kept = Math.min(n, Math.floor(MOST_NUMBERS / Math.max(size, 1)));
      return kept === 0 ? [] : [[`${name}_rep`, { shape, values: placed(own, run(own, kept), size, kept) }] as const];
    }),
  );
}

function placed(parts: readonly Replicate[], drawn: DrawsByName, size: number, n: number): Float64Array {
  const values = new Float64Array(n * size).fill(NaN);
  for (const { name, at } of parts) {
    const part = drawn[name]!.values;
    for (let k = 0; k < n; k++) {
      for (let i = 0; i < at.length; i++) {
        const value = part[k * at.length + i]!;
        // NaN: a latent condition leaves the entry out of this draw, and another statement may observe it.
        if (at[i]! >= 0 && !Number.isNaN(value)) values[k * size + at[i]!] = value;
      }
    }
  }
  return values;
}
