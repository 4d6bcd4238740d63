// Many independent gradient estimates in one run. Every parameter and every noise gets one more axis, so that the
// gradient of each replicate falls out of the graph; with chosen noise instead of random noise the same run gives the
// exact expectation of an estimator.

import { VariateError, type Report } from "../../src/base/diagnostic.ts";
import { compile } from "../../src/compile.ts";
import { buildProgram, type Program } from "../../src/build/program.ts";
import type { Plan } from "../../src/build/state.ts";
import { planOf } from "../../src/build/prepare.ts";
import type { Prepared } from "../../src/build/prepared.ts";
import type { Placed, Site } from "../../src/estimator/estimator.ts";
import { reference } from "../../src/exec/reference.ts";
import type { Executable, Inputs, Tensor } from "../../src/exec/engine.ts";
import type { Node } from "../../src/ir/node.ts";
import type { Objective } from "../../src/objective/objective.ts";
import type { Reduction } from "../../src/objective/reduce.ts";
import { PARTICLE } from "../../src/objective/term.ts";
import { slice } from "../../src/op/index.ts";
import { grad } from "../../src/pass/grad.ts";
import { replicate, REPLICATE } from "../../src/pass/replicate.ts";
import { startOf } from "../../src/run/fixed-target.ts";
import { axesOf, buildObjective, finish, load, reductionOf, sizesOf, type Built } from "../../src/run/graphs.ts";
import { asDrawn, outcomes, type Listing, type Rules, type Theta } from "./exact-elbo.ts";
import type { TestModel } from "./exact-model.ts";

export type Setup = {
  readonly estimators: Readonly<Record<string, string>>;
  readonly particles?: number;
  readonly batch?: Readonly<Record<string, number>>;
  /** As on the command line: `iwae`, `renyi(alpha=0.5)`. */
  readonly objective?: string;
  /** In place of the start of a number that an estimator learns, by its name. */
  readonly learned?: Readonly<Record<string, readonly number[]>>;
};

/** Another estimator than the chosen one at some sites (null: as chosen), or another objective: for what must not be
 *  right. */
export type Other = {
  readonly place?: (site: Site) => Placed | null;
  readonly objective?: (program: Program, reduction: Reduction) => Objective;
  /** Second derivatives are wanted, too. */
  readonly second?: true;
};

/** `gradient[r][i]` of replicate r in element i of the parameters, in the order of theta; `hessian[r]` in rows one
 *  after the other (empty  unless wanted); perDraw on [replicate, particle]. */
export type Estimates = {
  readonly gradient: readonly Float64Array[];
  readonly hessian: readonly Float64Array[];
  readonly root: Float64Array;
  readonly perDraw: Float64Array;
};

export type Replicates = {
  readonly prepared: Prepared;
  readonly run: (reps: number, how?: Partial<Pick<Inputs, "seed" | "step" | "noise" | "members">>) => Estimates;
};

/** `a+b` stands for the sites of a joint block. */
export function compiled(
  { text, data, guide = "meanfield" }: TestModel,
  { estimators, particles = 1, batch = {}, objective = "elbo" }: Setup,
): Prepared {
  const ofSites = Object.fromEntries(
    Object.entries(estimators).flatMap(([names, e]) => names.split("+").map((name) => [name, e])),
  );
  return compile({ path: "test.ppl", text }, data, {
    method: "adam",
    guide,
    particles,
    batch,
    objective,
    estimators: ofSites,
  }).prepared;
}

export function replicates(model: TestModel, setup: Setup, other: Other = {}): Replicates {
  const { particles = 1, batch = {}, learned: given = {} } = setup;
  const prepared = compiled(model, setup);
  const plan = planOf(prepared, "leaves");
  const place: Plan["place"] = (site) => other.place?.(site) ?? plan.place(site);
  const report: Report = [];
  const { program, objective } =
    other.objective === undefined
      ? buildObjective(prepared, { ...plan, place }, batch, report)
      : withObjective(buildProgram(prepared.bound, { ...plan, place }, report), (program) =>
          other.objective!(program, reductionOf(program, prepared, batch)),
        );
  if (report.length > 0) throw new VariateError(report);
  const { root, perDraw } = objective;
  const names = Object.keys(model.theta);
  const leaves = names.map((name) => program.leaves.find((l) => l.name === name)?.node ?? missing(name));
  const [roots, draws, ...params] = replicate([root, perDraw, ...leaves], "parameters") as [Node, Node, ...Node[]];
  const found = grad(roots, params);
  const rows =
    other.second === undefined
      ? []
      : found.flatMap((g) => Array.from({ length: g.shape[0]! }, (_, i) => grad(slice(g, 0, i, 1), params)));
  const named = (prefix: string, nodes: readonly Node[]): Record<string, Node> =>
    Object.fromEntries(names.map((name, i) => [`${prefix} ${name}`, nodes[i]!]));
  const graph = finish({
    root: roots,
    perDraw: draws,
    ...named("grad", found),
    ...Object.assign({}, ...rows.map((row, i) => named(`row ${i}`, row))),
  });
  const learned = program.leaves.filter((leaf) => leaf.learned);
  const executable = load(reference, graph, prepared);
  const axes = new Set([...axesOf(graph)].filter((axis) => axis !== REPLICATE));
  const run: Replicates["run"] = (reps, how = {}) =>
    collect(
      executable,
      {
        params: Object.fromEntries([
          ...names.map((name) => [name, tiled(model.theta[name]!, reps)]),
          ...learned.map((leaf) => [leaf.name, tiled(given[leaf.name] ?? [...startOf([leaf], prepared)], reps)]),
        ]),
        sizes: { ...sizesOf(prepared, axes, particles, batch), [REPLICATE]: reps },
        fullSizes: sizesOf(prepared, axes, particles),
        seed: SEED,
        step: 0,
        ...how,
      },
      model.theta,
      reps,
      particles,
    );
  return { prepared, run };
}

const SEED = 20240731;

const withObjective = (program: Program, objective: (program: Program) => Objective): Built => ({
  program,
  objective: objective(program),
});

const missing = (name: string): never => {
  throw new Error(`there is no parameter ${name}`);
};

const tiled = (values: readonly number[], reps: number): Float64Array =>
  Float64Array.from({ length: values.length * reps }, (_, i) => values[i % values.length]!);

function collect(executable: Executable, inputs: Inputs, theta: Theta, reps: number, particles: number): Estimates {
  const out = executable.run(inputs);
  const repeated = (name: string, length: number): Float64Array => {
    const { values } = out[name]!;
    return values.length === length ? values : Float64Array.from({ length }, (_, i) => values[i % values.length]!);
  };
  const joined = (prefix: string): Float64Array[] => {
    const parts = Object.entries(theta).map(([name, { length }]) => ({
      values: repeated(`${prefix} ${name}`, reps * length),
      length,
    }));
    return Array.from({ length: reps }, (_, r) =>
      Float64Array.from(parts.flatMap(({ values, length }) => [...values.subarray(r * length, (r + 1) * length)])),
    );
  };
  const gradient = joined("grad");
  const rows = Array.from(gradient[0]!, (_, i) => i)
    .filter((i) => Object.keys(out).some((name) => name.startsWith(`row ${i} `)))
    .map((i) => joined(`row ${i}`));
  const hessian = gradient.map((_, r) => Float64Array.from(rows.flatMap((row) => [...row[r]!])));
  return { gradient, hessian, root: repeated("root", reps), perDraw: onEveryDraw(out["perDraw"]!, reps, particles) };
}

/** On [replicate, particle], whichever of the two it has. */
function onEveryDraw({ axes, values }: Tensor, reps: number, draws: number): Float64Array {
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

/** A check of the suite fails by chance with probability 2 (1 - Phi(6.2)) = 6e-10 per number: below 1e-5 for ten
 *  thousand numbers. */
export const BOUND = 6.2;

// ---------------------------------------------------------------------------------------- exact expectations

/** Draws of all particles: `base[particle][variable]`. */
type Row = { readonly weight: number; readonly base: readonly (readonly (readonly number[])[])[] };

/** How the draws of a site are listed where its estimator draws them from a stream of its own: its tag, and the values. */
export type Stream = { readonly tag: string; readonly list: Listing };
export type Streams = Readonly<Record<string, Stream>>;

export type Exactly = {
  /** Sites that are drawn; the others are enumerated. */
  readonly noisy: ReadonlySet<string>;
  readonly particles?: number;
  readonly streams?: Streams;
  /** Of a batch: the members by axis, and whether a site's variable number `member` is among them. */
  readonly batch?: {
    readonly members: NonNullable<Inputs["members"]>;
    readonly present: (site: string, member: number) => boolean;
  };
};

/** Every draw of the noisy sites of one particle with its probability; null where a probability depends on an
 *  enumerated site. */
export function draws(
  model: TestModel,
  rules: Rules,
  noisy: ReadonlySet<string>,
  streams: Streams = {},
): readonly Row[] | null {
  const rows: Row[] = [];
  const listing: Listing = (variable, law, r) => (streams[variable.site]?.list ?? asDrawn)(variable, law, r);
  outcomes(
    model.variables,
    model.theta,
    rules,
    ({ weight, base }) => rows.push({ weight, base: [[...base]] }),
    noisy,
    listing,
  );
  return rows.length > 0 && rows.every(({ weight }) => !Number.isNaN(weight)) ? rows : null;
}

/** E of an estimate over all draws: every state, every quadrature node, of each particle, with its probability. */
export function expectation(
  model: TestModel,
  { run, prepared }: Replicates,
  rules: Rules,
  { noisy, particles = 1, streams = {}, batch }: Exactly,
): {
  readonly gradient: readonly number[];
  readonly hessian: readonly number[];
  readonly value: number;
} {
  const single = draws(model, rules, noisy, streams);
  if (single === null) throw new Error("a drawn site's probabilities depend on an enumerated site");
  const rows = Array.from({ length: particles - 1 }).reduce<readonly Row[]>(
    (all) => all.flatMap((a) => single.map((b) => joined(a, b))),
    single,
  );
  const onPlates = (name: string): boolean =>
    prepared.base.placed.some(({ site }) => site.name === name && site.plates.length > 0);
  const noise = noiseOf(model, rows, noisy, { streams, onPlates, present: batch?.present ?? (() => true) });
  const { gradient, hessian, root } = run(
    rows.length,
    batch === undefined ? { noise } : { noise, members: batch.members },
  );
  const weighted = (of: (r: number) => number): number =>
    rows.reduce((sum, { weight }, r) => sum + (weight === 0 ? 0 : weight * of(r)), 0);
  const columns = (of: readonly Float64Array[]): number[] => Array.from(of[0]!, (_, i) => weighted((r) => of[r]![i]!));
  return { gradient: columns(gradient), hessian: columns(hessian), value: weighted((r) => root[r]!) };
}

const joined = (a: Row, b: Row): Row => ({ weight: a.weight * b.weight, base: [...a.base, ...b.base] });

type Layout = {
  readonly streams: Streams;
  /** Members are on plates, which come before the particles; else they are elements of the event, which come after. */
  readonly onPlates: (site: string) => boolean;
  readonly present: (site: string, member: number) => boolean;
};

/** The base noise under which each row's values are drawn: axes [replicate, members, particle], then event. */
function noiseOf(
  model: TestModel,
  rows: readonly Row[],
  noisy: ReadonlySet<string>,
  { streams, onPlates, present }: Layout,
): Record<string, Float64Array> {
  return Object.fromEntries(
    [...noisy].map((site) => {
      const all = model.variables.flatMap((variable, i) => (variable.site === site ? [i] : []));
      const places = all.filter((_, member) => present(site, member));
      const tag = streams[site]?.tag;
      const numbers = ({ base }: Row): readonly number[] =>
        onPlates(site)
          ? places.flatMap((i) => base.flatMap((draw) => draw[i]!))
          : base.flatMap((draw) => places.flatMap((i) => draw[i]!));
      return [tag === undefined ? site : `${site}%${tag}`, Float64Array.from(rows.flatMap(numbers))];
    }),
  );
}
