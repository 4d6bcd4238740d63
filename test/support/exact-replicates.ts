// Many independent gradient estimates in one run. Every parameter and every noise gets one more axis, so that the gradient of each replicate
// falls out of the graph; with chosen noise instead of random noise the same run gives the exact expectation of an estimator.

import { compile, type CompileOptions } from "../../src/compile.ts";
import type { Report } from "../../src/base/diagnostic.ts";
import type { Plan, Program } from "../../src/build/program.ts";
import { planOf, type Prepared } from "../../src/build/prepare.ts";
import { reference } from "../../src/exec/reference.ts";
import type { Executable, Inputs } from "../../src/exec/engine.ts";
import { make } from "../../src/ir/make.ts";
import type { Node } from "../../src/ir/node.ts";
import { sortedAxes } from "../../src/ir/shape.ts";
import { rewrite } from "../../src/ir/walk.ts";
import type { Objective } from "../../src/objective/elbo.ts";
import { PARTICLE } from "../../src/objective/term.ts";
import { grad } from "../../src/pass/grad.ts";
import { axesOf, buildObjective, finish, load, sizesOf } from "../../src/run/graphs.ts";
import { outcomes, type Law, type Rules, type Theta, type Variable } from "./exact-elbo.ts";
import type { TestModel } from "./exact-model.ts";

export type Setup = {
  readonly estimators: Readonly<Record<string, string>>;
  readonly particles?: number;
  readonly batch?: Readonly<Record<string, number>>;
  readonly options?: CompileOptions;
};

/** Places some sites in another way than the chosen estimators. Null: as chosen. The objective may be built in another way, too. */
export type Other = {
  readonly place?: (site: Parameters<Plan["place"]>[0], program: () => Program) => ReturnType<Plan["place"]> | null;
  readonly objective?: (program: Program, prepared: Prepared) => Objective;
};

/** Estimates: `gradient[r][i]` of replicate r in element i of the parameters, in the order of theta. */
export type Estimates = { readonly gradient: Float64Array[]; readonly root: Float64Array; readonly perDraw: Float64Array };

export type Replicates = {
  readonly prepared: Prepared;
  readonly program: Program;
  readonly run: (reps: number, how?: Partial<Pick<Inputs, "seed" | "step" | "noise" | "members">>) => Estimates;
};

/** Sorts before all plates: the slowest axis of every array. */
const REPLICATE = "%%replicate";

export function compiled(model: TestModel, { estimators, particles = 1, batch = {}, options = {} }: Setup): Prepared {
  const source = { path: "test.ppl", text: model.text };
  return compile(source, model.data, { method: "adam", particles, batch, estimators, ...options }).prepared;
}

export function replicates(model: TestModel, setup: Setup, other: Other = {}): Replicates {
  const prepared = compiled(model, setup);
  const report: Report = [];
  const held: { program?: Program } = {};
  const plan = planOf(prepared, "leaves");
  const place: Plan["place"] = (site) => other.place?.(site, () => held.program!) ?? plan.place(site);
  // The program is the same for all plans but for the placing, so a surrogate may look into the one that is being built.
  const built = buildObjective(prepared, { ...plan, place }, setup.batch ?? {}, report);
  held.program = built.program;
  if (report.length > 0) throw new Error(report.map((d) => d.message).join("\n"));
  const objective = other.objective?.(built.program, prepared) ?? built.objective;
  const names = Object.keys(model.theta);
  const leaves = names.map((name) => built.program.leaves.find((l) => l.name === name)?.node ?? missing(name));
  const [root, perDraw, ...params] = onReplicates([objective.root, objective.perDraw, ...leaves]) as [Node, Node, ...Node[]];
  const found = grad(root, params);
  const graph = finish({ root, perDraw, ...Object.fromEntries(names.map((name, i) => [`grad ${name}`, found[i]!])) });
  const executable = load(reference, graph, prepared);
  const axes = new Set([...axesOf(graph)].filter((axis) => axis !== REPLICATE));
  return {
    prepared, program: built.program,
    run: (reps, how = {}) => {
      const inputs: Inputs = {
        params: Object.fromEntries(names.map((name) => [name, tiled(model.theta[name]!, reps)])),
        sizes: { ...sizesOf(prepared, axes, setup.particles ?? 1, setup.batch), [REPLICATE]: reps }, fullSizes: sizesOf(prepared, axes, setup.particles ?? 1),
        seed: 20240731, step: 0, ...how,
      };
      return collect(executable, inputs, model.theta, reps);
    },
  };
}

const missing = (name: string): never => {
  throw new Error(`the guide has no parameter ${name}`);
};

function onReplicates(roots: readonly Node[]): readonly Node[] {
  const withAxis = (node: Node): Node =>
    make(node.op, node.inputs, { ...node.attrs, axes: sortedAxes([...(node.attrs["axes"] as readonly string[]), REPLICATE]) });
  return rewrite(roots, (node) => (node.op.name === "param" || node.op.name === "noise" || node.op.kind === "random" ? withAxis(node) : node));
}

const tiled = (values: readonly number[], reps: number): Float64Array => Float64Array.from({ length: values.length * reps }, (_, i) => values[i % values.length]!);

function collect(executable: Executable, inputs: Inputs, theta: Theta, reps: number): Estimates {
  const out = executable.run(inputs);
  const full = (name: string, length: number): Float64Array => {
    const { values } = out[name]!;
    return values.length === length ? values : Float64Array.from({ length }, (_, i) => values[i % values.length]!);
  };
  const parts = Object.entries(theta).map(([name, values]) => ({ values: full(`grad ${name}`, reps * values.length), size: values.length }));
  const gradient = Array.from({ length: reps }, (_, r) => Float64Array.from(parts.flatMap(({ values, size }) => [...values.subarray(r * size, (r + 1) * size)])));
  const draws = inputs.sizes[PARTICLE] ?? 1;
  return { gradient, root: full("root", reps), perDraw: onEveryDraw(out["perDraw"]!, reps, draws) };
}

/** perDraw on [replicate, particle], whichever of the two it has. */
function onEveryDraw({ axes, values }: { readonly axes: readonly string[]; readonly values: Float64Array }, reps: number, draws: number): Float64Array {
  const [byReplicate, byDraw] = [axes.includes(REPLICATE), axes.includes(PARTICLE)];
  return Float64Array.from({ length: reps * draws }, (_, i) => {
    const [r, k] = [Math.floor(i / draws), i % draws];
    return values[byReplicate ? (byDraw ? i : r) : byDraw ? k : 0]!;
  });
}

// ---------------------------------------------------------------------------------------- statistics

export type Moments = { readonly mean: number[]; readonly se: number[]; readonly variance: number[] };

export function moments(rows: readonly ArrayLike<number>[]): Moments {
  const n = rows.length;
  const mean = Array.from(rows[0]!, (_, i) => rows.reduce((s, row) => s + row[i]!, 0) / n);
  const variance = mean.map((m, i) => rows.reduce((s, row) => s + (row[i]! - m) ** 2, 0) / (n - 1));
  return { mean, variance, se: variance.map((v) => Math.sqrt(v / n)) };
}

/** Largest |mean - exact| in standard errors; what has no noise must agree to 1e-9. */
export function worstZ({ mean, se }: Moments, exact: readonly number[]): number {
  return Math.max(...exact.map((e, i) => Math.abs(mean[i]! - e) / Math.max(se[i]!, 1e-9 / BOUND)));
}

/** A check of the suite fails by chance with probability 2 (1 - Phi(6.2)) = 6e-10 per number: below 1e-5 for ten thousand numbers. */
export const BOUND = 6.2;

// ---------------------------------------------------------------------------------------- exact expectations

type Row = { readonly weight: number; readonly base: readonly (readonly number[])[] };

/** E of an estimate over all draws of the noisy sites: every state, every quadrature node, of each particle, with its probability. */
export function expectation(model: TestModel, { run }: Replicates, rules: Rules, noisy: ReadonlySet<string>, how: { readonly particles?: number; readonly members?: Inputs["members"] } = {}): {
  readonly gradient: readonly number[]; readonly value: number;
} {
  const { particles = 1, members } = how;
  const single: Row[] = [];
  outcomes(model.variables, model.theta, rules, ({ weight, base }) => single.push({ weight, base: [[...base]] }), noisy);
  const rows = Array.from({ length: particles - 1 }).reduce<Row[]>((all) => all.flatMap((a) => single.map((b) => joined(a, b))), single);
  const noise = noiseOf(model, rows, noisy);
  const { gradient, root } = run(rows.length, members === undefined ? { noise } : { noise, members });
  const weighted = (of: (r: number) => number): number => rows.reduce((sum, { weight }, r) => sum + (weight === 0 ? 0 : weight * of(r)), 0);
  return { gradient: Array.from(gradient[0]!, (_, i) => weighted((r) => gradient[r]![i]!)), value: weighted((r) => root[r]!) };
}

const joined = (a: Row, b: Row): Row => ({ weight: a.weight * b.weight, base: [...a.base, ...b.base] });

/** The base noise under which each row's values are drawn: axes [replicate, members, particle], then event. */
function noiseOf(model: TestModel, rows: readonly Row[], noisy: ReadonlySet<string>): Record<string, Float64Array> {
  return Object.fromEntries([...noisy].map((site) => {
    const places = model.variables.flatMap((variable, i) => (variable.site === site ? [i] : []));
    const { kind, law } = model.variables[places[0]!]!;
    const states = kind === "category" ? statesOf(law(model.theta, model.variables.map(() => 0))) : 1;
    return [site, Float64Array.from(rows.flatMap(({ base }) => places.flatMap((i) => base.flatMap((draw) => noiseFor(kind, draw[i]!, states)))))];
  }));
}

const statesOf = (law: Law): number => ("prob" in law ? law.prob.length : 0);

/** A uniform far below or above every probability, or a Gumbel race that one state wins by 23. */
function noiseFor(kind: Variable["kind"], base: number, states: number): readonly number[] {
  switch (kind) {
    case "normal":
    case "uniform": return [base];
    case "bool": return [base === 1 ? 1e-12 : 1 - 1e-12];
    case "category": return Array.from({ length: states }, (_, state) => (state === base ? 1 - 1e-9 : 1e-9));
    case "count": throw new Error("a count has no base noise");
  }
}
