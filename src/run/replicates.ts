// Many independent gradient estimates of one choice of estimators in one run. Enters: a plan and the guide's
// parameters; leaves: one row per estimate, each with noise of its own. The axis of the replicates is also that by
// which memory is cut.

import type { Leaf, Plan } from "../build/state.ts";
import type { Prepared } from "../build/prepared.ts";
import type { Engine, Executable, Inputs, Tensor } from "../exec/engine.ts";
import { firstWeight } from "../fit/score-weight.ts";
import type { Axis, Graph, Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import { topological } from "../ir/walk.ts";
import { REPLICATE, type Replicator } from "../pass/replicate.ts";
import { startOf } from "./fixed-target.ts";
import {
  axesOf,
  buildObjective,
  cutter,
  finish,
  gradients,
  guideLeaves,
  learningOf,
  load,
  sizesOf,
  splitLeaves,
  totalSize,
  type Built,
} from "./graphs.ts";
import { fedByHand, plainMoves } from "./hand-fed.ts";
import { membersOf, scoreRoot, type StochasticSetup } from "./stochastic-target.ts";

/** Flat values of the guide's parameters, by leaf. */
export type Params = Readonly<Record<string, Float64Array>>;

/** One row per estimate, over the entries of the leaves asked for; `batch`: how many estimates in a row saw the same
 *  members of batched plates (1 where none is batched). */
export type Estimates = { readonly rows: readonly Float64Array[]; readonly batch: number };

export type Replicated = {
  /** Numbers that one estimate takes to compute. */
  readonly work: number;
  /** `n` estimates of the gradient. Numbers that estimators learn are learned before. */
  readonly estimate: (n: number) => Estimates;
  /** The gradient of one step, and what is learned in it, to be timed. */
  readonly step: () => void;
};

/** Rounds in which learned numbers find their values, and estimates per round. */
const ROUNDS = 8;
const PER_ROUND = 8;
/** Estimates that the weight of an adaptive path derivative is learned from. */
const ADAPTED = 32;
/** Of Adam on the learned numbers that follow no average. */
const RATE = 0.1;
/** Batches that a set of estimates sees at least: their spread is a part of the variance. */
const LEAST_BATCHES = 32;
/** Keys of the noise of learning and of measuring, apart from each other and from those of a fit. */
const KEYS = { learning: 2 ** 28, measuring: 2 ** 29 };

/** `own`: the leaves in which the gradient is wanted; `many`: gives every estimate parameters of its own. */
export function replicated(
  prepared: Prepared,
  engine: Engine,
  plan: Plan,
  setup: StochasticSetup,
  own: readonly string[],
  params: Params,
  many: Replicator,
): Replicated {
  const built = buildObjective(prepared, plan, setup.batch, []);
  const { built: apart, score } = onReplicates(built, scoreRoot(built, prepared, setup.batch), many);
  const { root } = apart.objective;
  const learning = learningOf(apart, root);
  const leaves = guideLeaves(apart).filter(({ name }) => own.includes(name));
  const graph = finish({
    ...gradients(root, leaves),
    ...learning.outputs,
    ...(score === null ? {} : scored(gradients(score, leaves))),
  });
  const run: Run = { prepared, graph, setup, executable: load(engine, graph, prepared), axes: without(axesOf(graph)) };
  const learned = apart.program.leaves.filter((leaf) => leaf.learned);
  const known = afterLearning(run, learned, learning.rates, params);
  const lambda = score === null ? 0 : weightOf(run, leaves, known);
  const one = inputsOf(run, known, 1, KEYS.measuring);
  return {
    work: workOf(run),
    estimate: (n) => estimates(run, leaves, known, lambda, n),
    step: () => void run.executable.run(one),
  };
}

type Run = {
  readonly prepared: Prepared;
  readonly graph: Graph;
  readonly setup: StochasticSetup;
  readonly executable: Executable;
  /** Axes of the graph but that of the replicates. */
  readonly axes: ReadonlySet<Axis>;
};

const without = (axes: ReadonlySet<Axis>): ReadonlySet<Axis> => new Set([...axes].filter((axis) => axis !== REPLICATE));

const scored = (entries: Record<string, Node>): Record<string, Node> =>
  Object.fromEntries(Object.entries(entries).map(([name, node]) => [`score ${name}`, node]));

/** The same objective for many runs at once, each with its own parameters, so that their gradients come apart. */
function onReplicates(
  { program, objective }: Built,
  score: Node | null,
  many: Replicator,
): { readonly built: Built; readonly score: Node | null } {
  const { leaves } = program;
  const { root, learning } = objective;
  const [newRoot, ...rest] = many([
    root,
    ...leaves.map(({ node }) => node),
    ...learning.flatMap(({ leaf, root: distance }) => [leaf, distance]),
    ...(score === null ? [] : [score]),
  ]) as [Node, ...Node[]];
  const own = leaves.map((leaf, i): Leaf => ({ ...leaf, node: rest[i] as Node }));
  const after = rest.slice(leaves.length);
  return {
    built: {
      program: { ...program, leaves: own },
      objective: {
        ...objective,
        root: newRoot,
        learning: learning.map((rule, i) => ({ ...rule, leaf: after[2 * i] as Node, root: after[2 * i + 1] as Node })),
      },
    },
    score: score === null ? null : (after.at(-1) as Node),
  };
}

function inputsOf({ prepared, setup, axes }: Run, params: Params, n: number, step: number): Inputs {
  const { batch, particles, seed } = setup;
  const tiled = ([name, values]: readonly [string, Float64Array]): readonly [string, Float64Array] => {
    const all = new Float64Array(n * values.length);
    for (let r = 0; r < n; r++) all.set(values, r * values.length);
    return [name, all];
  };
  return {
    params: Object.fromEntries(Object.entries(params).map(tiled)),
    seed,
    step,
    sizes: { ...sizesOf(prepared, axes, particles, batch), [REPLICATE]: n },
    fullSizes: sizesOf(prepared, axes, particles),
    members: membersOf(prepared, setup)(step),
  };
}

/** Numbers in all values of the graph, for one replicate. */
function workOf({ prepared, graph, setup: { particles, batch }, axes }: Run): number {
  const sizes: Readonly<Record<Axis, number>> = { ...sizesOf(prepared, axes, particles, batch), [REPLICATE]: 1 };
  return topological(Object.values(graph.outputs)).reduce(
    (sum, node) => sum + sizeOf([...node.axes.map((axis) => sizes[axis] as number), ...node.shape]),
    0,
  );
}

// ---------------------------------------------------------------------------------------- what is learned

/** The parameters, with the learned numbers where a fit that stays here would take them: averages at what they follow,
 *  the others after some steps towards less variance. */
function afterLearning(run: Run, learned: readonly Leaf[], rates: ReadonlyMap<string, number>, params: Params): Params {
  if (learned.length === 0) return params;
  const followed = Float64Array.from(
    learned.flatMap((leaf) => Array<number>(leaf.size).fill(rates.has(leaf.name) ? 1 : 0)),
  );
  const direction = (params: Params, round: number): Float64Array => {
    const inputs = inputsOf(run, params, PER_ROUND, KEYS.learning + round);
    const names = learned.map(({ name }) => `grad ${name}`);
    const mean = meanOf(rowsOf(learned, run.executable.run(inputs, names), PER_ROUND, "grad"));
    // Averages come to the mean of what they have seen.
    return mean.map((g, i) => (followed[i] === 1 ? g / Math.sqrt(round + 1) : g));
  };
  const withLearned = (values: Float64Array): Params => ({ ...params, ...splitLeaves(learned, values) });
  const { begin, advance, reached } = fedByHand(
    { ...plainMoves(totalSize(learned)), averaged: followed },
    false,
    (values, round) => ({ value: 0, gradient: direction(withLearned(values), round), score: null }),
  );
  const start = startOf(learned, run.prepared);
  // A leg without end: the step size stays.
  const leg = { params: start, from: 0, length: Infinity, rate: RATE, weight: firstWeight("total") };
  return withLearned(reached(advance(begin(leg), ROUNDS).to).params);
}

/** The weight of the score term that an adaptive path derivative comes to. */
function weightOf(run: Run, leaves: readonly Leaf[], params: Params): number {
  const out = run.executable.run(inputsOf(run, params, ADAPTED, KEYS.learning));
  const [totals, scores] = [rowsOf(leaves, out, ADAPTED, "grad"), rowsOf(leaves, out, ADAPTED, "score grad")];
  const size = totalSize(leaves);
  const { begin, advance, reached } = fedByHand(plainMoves(size), true, (_, r) => ({
    value: 0,
    gradient: totals[r] as Float64Array,
    score: scores[r] as Float64Array,
  }));
  const leg = { params: new Float64Array(size), from: 0, length: ADAPTED, rate: 0, weight: firstWeight("adaptive") };
  return reached(advance(begin(leg), ADAPTED).to).weight.now;
}

// ---------------------------------------------------------------------------------------- estimates

function estimates(run: Run, own: readonly Leaf[], params: Params, lambda: number, n: number): Estimates {
  const isBatched = run.prepared.batched.size > 0;
  const sizes = { ...sizesOf(run.prepared, run.axes, run.setup.particles, run.setup.batch), [REPLICATE]: 1 };
  const batch = isBatched ? Math.max(1, Math.floor(n / LEAST_BATCHES)) : 1;
  const parts = isBatched
    ? Array.from({ length: Math.ceil(n / batch) }, (_, i) => [i * batch, (i + 1) * batch] as const)
    : cutter(run.graph, sizes, REPLICATE)(n);
  const names = own.flatMap(({ name }) => [`grad ${name}`, ...(lambda === 0 ? [] : [`score grad ${name}`])]);
  const rows = parts.flatMap(([from, to]) => {
    const out = run.executable.run(inputsOf(run, params, to - from, KEYS.measuring + from), names);
    const total = rowsOf(own, out, to - from, "grad");
    if (lambda === 0) return total;
    const scores = rowsOf(own, out, to - from, "score grad");
    return total.map((row, r) => row.map((g, i) => g + lambda * ((scores[r] as Float64Array)[i] as number)));
  });
  return { rows, batch };
}

/** The entries of all leaves, one row per replicate. */
function rowsOf(
  leaves: readonly Leaf[],
  out: Readonly<Record<string, Tensor>>,
  n: number,
  prefix: string,
): readonly Float64Array[] {
  const size = totalSize(leaves);
  const rows = Array.from({ length: n }, () => new Float64Array(size));
  let at = 0;
  for (const leaf of leaves) {
    const { values } = out[`${prefix} ${leaf.name}`] as Tensor;
    // What no replicate's noise reaches is the same for all.
    const stride = values.length === leaf.size ? 0 : leaf.size;
    rows.forEach((row, r) => row.set(values.subarray(r * stride, r * stride + leaf.size), at));
    at += leaf.size;
  }
  return rows;
}

export function meanOf(rows: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) row.forEach((value, i) => (mean[i] = (mean[i] as number) + value / rows.length));
  return mean;
}

/** Gradients of a plan under given noise in place of random draws (one array per stream, replicates first), nothing
 *  batched: `rows` of the leaves that are named. */
export function gradientsAt(
  prepared: Prepared,
  engine: Engine,
  plan: Plan,
  many: Replicator,
): (own: readonly string[]) => {
  readonly graph: Graph;
  readonly sizes: (n: number) => Record<Axis, number>;
  readonly rows: (params: Params, n: number, noise: NonNullable<Inputs["noise"]>) => readonly Float64Array[];
} {
  const whole: Prepared = { ...prepared, batched: new Set() };
  const { built } = onReplicates(buildObjective(whole, { ...plan, batched: new Set() }, {}, []), null, many);
  const setup: StochasticSetup = { particles: 1, seed: 0, batch: {} };
  return (own) => {
    const leaves = guideLeaves(built).filter(({ name }) => own.includes(name));
    const graph = finish(gradients(built.objective.root, leaves));
    const axes = without(axesOf(graph));
    const run: Run = { prepared: whole, graph, setup, executable: load(engine, graph, whole), axes };
    return {
      graph,
      sizes: (n) => ({ ...sizesOf(whole, run.axes, 1), [REPLICATE]: n }),
      rows: (params, n, noise) =>
        rowsOf(leaves, run.executable.run({ ...inputsOf(run, params, n, 0), noise }), n, "grad"),
    };
  };
}
