// The stochastic protocol's target of a prepared model: one graph of a whole gradient step, on the current members of batched plates.

import type { Report } from "../base/diagnostic.ts";
import { locName } from "../build/gaussian.ts";
import { planOf } from "../build/prepare.ts";
import type { Prepared } from "../build/prepared.ts";
import type { Leaf } from "../build/state.ts";
import type { Engine, Iteration } from "../exec/engine.ts";
import { subsets } from "../exec/random.ts";
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
  cutter,
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
import { ascentGraph, beginning, PARAMETERS, reached, type Averaged } from "./ascent-graph.ts";
import { asVector } from "./parameter-vector.ts";
import { perDraw, startOf } from "./fixed-target.ts";

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
): {
  readonly target: StochasticTarget;
  readonly leaves: readonly Leaf[];
  readonly averaged: Averaged;
  readonly checkDraws: number;
} {
  const built = buildObjective(prepared, planOf(prepared, "leaves"), setup.batch, report);
  const { leaves } = built.program;
  const { graph, iteration, averaged, scored } = stepGraph(built, prepared, setup.batch);
  const executable = load(engine, graph, prepared);
  const axes = axesOf(graph);
  const inputs = {
    sizes: sizesOf(prepared, axes, setup.particles, setup.batch),
    seed: setup.seed,
    fullSizes: sizesOf(prepared, axes, setup.particles),
  };
  const members = membersOf(prepared, setup);
  const batches = batchesOf(setup);
  const seen = ["root", "direction", ...(scored ? ["score"] : [])];
  return {
    leaves,
    averaged,
    checkDraws: checkDraws(prepared, setup),
    target: {
      size: totalSize(leaves),
      start: startOf(leaves, prepared),
      located: located(leaves, prepared),
      drawsPerStep: setup.particles,
      begin: (leg) => ({ step: leg.from, leaves: beginning(leg) }),
      advance: ({ step, leaves: before }, steps) => {
        const { params, records } = executable.iterate(
          { ...inputs, params: before, step },
          { ...iteration, ...batches },
          steps,
        );
        return { to: { step: step + steps, leaves: { ...before, ...params } }, values: records["value"]! };
      },
      reached: (at) => reached(at.leaves),
      gradient: (params, step) => {
        const out = executable.run({ ...inputs, params: { [PARAMETERS]: params }, step, members: members(step) }, seen);
        return {
          value: out["root"]!.values[0]!,
          gradient: out["direction"]!.values,
          score: out["score"]?.values ?? null,
        };
      },
      values: valuesOnAllData(prepared, engine, built, setup),
    },
  };
}

/** The graph of a whole step, with value, gradient and score term by themselves beside it. */
function stepGraph(built: Built, prepared: Prepared, batch: StochasticSetup["batch"]) {
  const { leaves } = built.program;
  const { root } = built.objective;
  const { outputs: learned, rates } = learningOf(built, root);
  const gradient = { ...gradients(root, guideLeaves(built)), ...learned };
  const direction = asVector(leaves, root, gradient, scoreOf(built, prepared, batch));
  const averaged = ratesOf(leaves, rates);
  const { graph, iteration } = ascentGraph(direction, averaged);
  const { score } = direction;
  const alone = { root: direction.value, direction: direction.gradient, ...(score === null ? {} : { score }) };
  return { graph: finish({ ...graph.outputs, ...alone }), iteration, averaged, scored: score !== null };
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
      cutter(
        graph,
        sizesFor(1),
        along,
      )(n).map((cut) => {
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

function scoreOf(built: Built, prepared: Prepared, batch: StochasticSetup["batch"]): Record<string, Node> | null {
  const score = scoreRoot(built, prepared, batch);
  return score === null ? null : gradients(score, built.program.leaves);
}

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

/** The locations of the automatic Gaussian guides. */
function located(leaves: readonly Leaf[], { layout }: Prepared): readonly boolean[] {
  const names = new Set(
    layout.blocks
      .flatMap((block) => (block.family === "fullrank" ? [block.name] : block.sites.map((s) => s.name)))
      .map(locName),
  );
  return leaves.flatMap((leaf) => Array.from({ length: leaf.size }, () => names.has(leaf.name)));
}

/** A random subset of each batched plate at a step, without repetition: the first `batch` entries of a shuffle keyed by seed, plate and step. */
export function membersOf(
  prepared: Prepared,
  { batch, seed }: StochasticSetup,
): (step: number) => Record<string, Int32Array> {
  const plates = Object.entries(batch).map(
    ([plate, size]) => [plate, subsets(axisSizeOf(prepared, plate), size, { seed, site: keyOfBatch(plate) })] as const,
  );
  return (step) => Object.fromEntries(plates.map(([plate, subset]) => [plate, subset(step)]));
}

/** The same for an engine that draws them itself. */
const batchesOf = ({ batch }: StochasticSetup): Pick<Iteration, "batches"> => {
  const plates = Object.keys(batch);
  return plates.length === 0 ? {} : { batches: Object.fromEntries(plates.map((plate) => [plate, keyOfBatch(plate)])) };
};

/** What the shuffle of a plate is keyed by. */
const keyOfBatch = (plate: string): string => `batch of ${plate}`;
