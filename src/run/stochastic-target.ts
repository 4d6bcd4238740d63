// The stochastic protocol's target of a prepared model: one graph of a whole gradient step, on the current members of batched plates.

import type { Report } from "../base/diagnostic.ts";
import { locName } from "../build/gaussian.ts";
import { planOf, type Prepared } from "../build/prepare.ts";
import type { Leaf } from "../build/state.ts";
import type { Engine, Inputs, Tensor } from "../exec/engine.ts";
import { noiseSource } from "../exec/random.ts";
import { CHECK_DRAWS } from "../fit/stochastic.ts";
import type { StochasticTarget } from "../fit/target.ts";
import type { Node } from "../ir/node.ts";
import { average, sumPlates } from "../objective/reduce.ts";
import { PARTICLE } from "../objective/term.ts";
import { addAll, axisSize, div, stop, sumAxis } from "../op/index.ts";
import { replicate, REPLICATE } from "../pass/replicate.ts";
import { substitute } from "../pass/substitute.ts";
import {
  axesOf,
  axisSizeOf,
  buildObjective,
  cuts,
  finish,
  gradients,
  guideLeaves,
  joined,
  learningOf,
  load,
  reductionOf,
  sizesOf,
  splitLeaves,
  totalSize,
  type Built,
} from "./graphs.ts";
import { joinGradients, perDraw, startOf } from "./fixed-target.ts";

export type StochasticSetup = {
  readonly particles: number;
  readonly seed: number;
  readonly batch: Readonly<Record<string, number>>;
};

export function stochasticTarget(
  prepared: Prepared,
  engine: Engine,
  setup: StochasticSetup,
  report: Report,
): { readonly target: StochasticTarget; readonly leaves: readonly Leaf[]; readonly checkDraws: number } {
  const built = buildObjective(prepared, planOf(prepared, "leaves"), setup.batch, report);
  const { leaves } = built.program;
  const learning = learningOf(built, built.objective.root);
  const score = scoreRoot(built, prepared, setup.batch);
  const prefixed = (entries: Record<string, Node>): Record<string, Node> =>
    Object.fromEntries(Object.entries(entries).map(([k, v]) => [`score ${k}`, v]));
  const graph = finish({
    root: built.objective.root,
    ...gradients(built.objective.root, guideLeaves(built)),
    ...learning.outputs,
    ...(score === null ? {} : prefixed(gradients(score, leaves))),
  });
  const executable = load(engine, graph, prepared);
  const axes = axesOf(graph);
  const inputs = (params: Float64Array, n: number, step: number): Inputs => ({
    params: splitLeaves(leaves, params),
    sizes: sizesOf(prepared, axes, n, setup.batch),
    seed: setup.seed,
    step,
    members: membersOf(prepared, setup, step),
    fullSizes: sizesOf(prepared, axes, n),
  });
  const names = Object.keys(graph.outputs);
  return {
    leaves,
    checkDraws: checkDraws(prepared, setup),
    target: {
      size: totalSize(leaves),
      start: startOf(leaves, prepared),
      scaledBy: scaledBy(leaves),
      averaged: ratesOf(leaves, learning.rates),
      located: located(leaves, prepared),
      drawsPerStep: setup.particles,
      gradient: (params, step) => {
        const out = executable.run(inputs(params, setup.particles, step));
        const scores =
          score === null
            ? null
            : Object.fromEntries(
                names.filter((n) => n.startsWith("score ")).map((n) => [n.slice(6), out[n] as Tensor]),
              );
        return {
          value: (out["root"] as Tensor).values[0] as number,
          gradient: joinGradients(leaves, out),
          score: scores === null ? null : joinGradients(leaves, scores),
        };
      },
      values: valuesOnAllData(prepared, engine, built, setup),
    },
  };
}

/** The objective of single draws, no plate batched. The leaves are the same, in the same order. */
function valuesOnAllData(
  prepared: Prepared,
  engine: Engine,
  built: Built,
  { seed, particles }: StochasticSetup,
): StochasticTarget["values"] {
  const whole: Prepared = { ...prepared, batched: new Set() };
  const { objective, program } =
    prepared.batched.size === 0 ? built : buildObjective(whole, planOf(whole, "leaves"), {}, []);
  const { linear } = prepared.objective;
  // A bound of several draws has one value per set of them: sets are replicates.
  const along = linear ? PARTICLE : REPLICATE;
  const graph = finish({ value: linear ? objective.perDraw : (replicate([objective.bound], "noise")[0] as Node) });
  const executable = load(engine, graph, whole);
  const axes = new Set([...axesOf(graph)].filter((axis) => axis !== REPLICATE));
  const sizesFor = (n: number) =>
    linear ? sizesOf(whole, axes, n) : { ...sizesOf(whole, axes, particles), [REPLICATE]: n };
  return (params, n, key) =>
    joined(
      cuts(graph, sizesFor(1), n, along).map((cut) => {
        const sizes = sizesFor(cut[1] - cut[0]);
        const out = executable.run({
          params: splitLeaves(program.leaves, params),
          sizes,
          seed,
          step: KEYS_OF_CHECKS + key + cut[0],
        });
        return perDraw(out["value"], cut);
      }),
    );
}

/** A check with all data may cost what the usual number of draws would with one batch. */
const checkDraws = (prepared: Prepared, { batch }: StochasticSetup): number =>
  Math.max(
    FEWEST_CHECK_DRAWS,
    Math.ceil(
      Object.entries(batch).reduce((draws, [plate, size]) => (draws * size) / axisSizeOf(prepared, plate), CHECK_DRAWS),
    ),
  );

const FEWEST_CHECK_DRAWS = 256;

/** Draws of checks never repeat those of training steps. */
const KEYS_OF_CHECKS = 2 ** 30;

/** The mean score of log q at values held fixed, of the sites whose path weight is adaptive: g_total + lambda times its gradient. */
export function scoreRoot(
  { program }: Built,
  prepared: Prepared,
  batch: Readonly<Record<string, number>>,
): Node | null {
  const r = reductionOf(program, prepared, batch);
  const held = new Map<Node, Node>(program.placed.map(({ value }) => [value, stop(value)]));
  const scores = program.placed
    .filter(({ placed }) => placed.adaptive === true)
    .map(({ site, value }) => {
      const node = substitute(site.guide.logProb(value), held);
      return div(sumAxis(sumPlates(average(node, r), site.plates, [], r), PARTICLE), axisSize(PARTICLE));
    });
  return scores.length === 0 ? null : addAll(scores);
}

/** The share of its direction by which a running average moves per step; 0 for what Adam moves. */
const ratesOf = (leaves: readonly Leaf[], rates: ReadonlyMap<string, number>): Float64Array =>
  Float64Array.from(leaves.flatMap((leaf) => Array<number>(leaf.size).fill(rates.get(leaf.name) ?? 0)));

/** Index of the log sd in whose units each location moves. */
function scaledBy(leaves: readonly Leaf[]): Int32Array {
  const result = new Int32Array(totalSize(leaves)).fill(-1);
  const offsets = new Map<string, number>();
  let at = 0;
  for (const leaf of leaves) {
    offsets.set(leaf.name, at);
    at += leaf.size;
  }
  for (const leaf of leaves) {
    const scale = leaf.scaledBy === null ? undefined : offsets.get(leaf.scaledBy);
    const own = offsets.get(leaf.name) as number;
    if (scale !== undefined) for (let i = 0; i < leaf.size; i++) result[own + i] = scale + i;
  }
  return result;
}

/** The locations of the automatic Gaussian guides. */
function located(leaves: readonly Leaf[], { layout }: Prepared): readonly boolean[] {
  const names = new Set(
    layout.blocks
      .flatMap((block) => (block.family === "fullrank" ? [block.name] : block.sites.map((s) => s.name)))
      .map(locName),
  );
  return leaves.flatMap((leaf) => Array.from({ length: leaf.size }, () => names.has(leaf.name)));
}

/** A random subset of each batched plate, without repetition: the first `batch` entries of a shuffle keyed by seed, plate and step. */
export function membersOf(
  prepared: Prepared,
  { batch, seed }: StochasticSetup,
  step: number,
): Record<string, Int32Array> {
  return Object.fromEntries(
    Object.entries(batch).map(([plate, size]) => {
      const uniform = noiseSource("uniform", { seed, step, site: `batch of ${plate}` });
      const members = Int32Array.from({ length: axisSizeOf(prepared, plate) }, (_, i) => i);
      for (let i = 0; i < size; i++) {
        const j = i + Math.floor(uniform(i) * (members.length - i));
        [members[i], members[j]] = [members[j] as number, members[i] as number];
      }
      return [plate, members.slice(0, size)];
    }),
  );
}
