// Random small models, as text and by hand: one to three sites, categories and normals, each alone or per member of a plate, each possibly below an
// earlier one in model and guide; members are observed themselves or through an index.

import fc from "fast-check";
import type { Part } from "./exact-bound.ts";
import { logNormal, softmax, type Variable } from "./exact-elbo.ts";
import { members, sum, type TestModel } from "./exact-model.ts";
import { testNumbers } from "./run-graph.ts";

type SiteRecipe = {
  readonly kind: "category" | "normal";
  readonly states: number;
  readonly plated: boolean;
  readonly parent: number;
};
export type Recipe = {
  readonly sites: readonly SiteRecipe[];
  readonly size: number;
  readonly gathered: boolean;
  readonly seed: number;
};

/** Joint outcomes that the oracle lists for every difference, and quadrature nodes per continuous value among them. */
const BRUTE_FORCE = 300;
export const KNOTS = 10;

const outcomesOf = ({ sites, size }: Recipe): number =>
  sites.reduce((n, s) => n * (s.kind === "normal" ? KNOTS : s.states) ** (s.plated ? size : 1), 1);

const recipesOf = (kind: fc.Arbitrary<SiteRecipe["kind"]>): fc.Arbitrary<Recipe> =>
  fc
    .record({
      sites: fc.array(
        fc.record({
          kind,
          states: fc.integer({ min: 2, max: 5 }),
          plated: fc.boolean(),
          parent: fc.integer({ min: -1, max: 1 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      size: fc.integer({ min: 2, max: 3 }),
      gathered: fc.boolean(),
      seed: fc.integer({ min: 1, max: 10_000 }),
    })
    .filter((recipe) => outcomesOf(recipe) <= BRUTE_FORCE);

/** Categories alone, and both kinds above each other. */
export const recipes = recipesOf(fc.constant("category"));
export const mixedRecipes = recipesOf(fc.constantFrom("category", "category", "normal"));

/** A site with its numbers. `above`: the earlier site that it reads, whose members it must not mix; null: none. */
type Drawn = {
  readonly name: string;
  readonly kind: SiteRecipe["kind"];
  readonly states: number;
  readonly count: number;
  readonly above: Drawn | null;
  /** Its first variable. */
  readonly start: number;
  /** Of the prior, a row per state of the site above: probabilities, or the one mean. */
  readonly table: readonly (readonly number[])[];
  /** What each state adds to the observations' mean. */
  readonly loc: readonly number[];
  /** How the logits follow a continuous site above, in the model and in the guide. */
  readonly tilt: readonly number[];
};

/** `reads`: the member that each observation reads; null: there is no plate, and one observation. */
type World = {
  readonly sites: readonly Drawn[];
  readonly size: number;
  readonly reads: readonly number[] | null;
  readonly gathered: boolean;
  readonly y: readonly number[];
};

type Numbers = (n: number) => number[];

function worldOf({ sites: wanted, size, gathered, seed }: Recipe, numbers: Numbers): World {
  const sites = wanted.reduce<readonly Drawn[]>((before, { kind, states, plated, parent }, i) => {
    const found = before[parent];
    const above = found !== undefined && (plated || found.count === 1) ? found : null;
    const rows = Array.from({ length: rowsBelow(above) }, () =>
      kind === "normal" ? numbers(1) : softmax(numbers(states)),
    );
    const start = sum(before.length, (j) => before[j]!.count);
    const site = {
      name: `z${i}`,
      kind,
      states,
      count: plated ? size : 1,
      above,
      start,
      table: rows,
      loc: numbers(states),
      tilt: numbers(states),
    };
    return [...before, site];
  }, []);
  if (!sites.some(isPlated)) return { sites, size, reads: null, gathered: false, y: numbers(1) };
  const next = testNumbers(seed + 1);
  const reads = Array.from({ length: gathered ? size + 1 : size }, (_, t) =>
    gathered ? Math.floor(next() * size) : t,
  );
  return { sites, size, reads, gathered, y: numbers(reads.length) };
}

const isPlated = (site: Drawn): boolean => site.count > 1;
/** Rows of a table: one per state of the site above. */
const rowsBelow = (above: Drawn | null): number => (above?.kind === "category" ? above.states : 1);
/** Numbers of one row of the guide's table. */
const widthOf = ({ kind, states }: Drawn): number => (kind === "normal" ? 1 : states);

/** A random model with what the tests must know of it. */
export type RandomModel = TestModel & {
  /** Parts whose weights have logarithms of their own under a bound of several draws. */
  readonly parts: readonly Part[];
  /** The axis of the observations with its size, and whether it is a plate of all latents. */
  readonly plate: { readonly axis: string; readonly size: number; readonly local: boolean } | null;
};

export function modelOf(recipe: Recipe): RandomModel {
  const next = testNumbers(recipe.seed);
  const numbers: Numbers = (n) => Array.from({ length: n }, () => 2 * next() - 1);
  const world = worldOf(recipe, numbers);
  const { sites, reads, gathered, size } = world;
  const local = reads !== null && !gathered && sites.every(isPlated);
  const variablesOf = (s: Drawn): Variable[] => members(s.count, s.name, s.kind, (member) => lawOf(s, member));
  const whole: Part = { variables: sites.flatMap(variablesOf), logJoint: (v) => logJoint(world, v) };
  return {
    text: textOf(world),
    data: dataOf(world),
    theta: Object.fromEntries(
      sites.flatMap((s) => [
        [`t_${s.name}`, numbers(s.count * rowsBelow(s.above) * widthOf(s))] as const,
        ...(s.kind === "normal" ? [[`ls_${s.name}`, numbers(s.count).map((x) => 0.3 * x - 0.7)] as const] : []),
      ]),
    ),
    knots: sites.some(({ kind }) => kind === "normal") ? KNOTS : 1,
    ...whole,
    parts: local ? Array.from({ length: size }, (_, member) => ofMember(world, member)) : [whole],
    plate: reads === null ? null : { axis: gathered ? "T" : "P", size: reads.length, local },
  };
}

/** One member of a model that falls apart into members. */
function ofMember(world: World, member: number): Part {
  const alone: World = { ...world, sites: [], reads: [0], y: [world.y[member]!] };
  const sites = world.sites.reduce<readonly Drawn[]>(
    (before, s) => [
      ...before,
      {
        ...s,
        count: 1,
        start: before.length,
        above: s.above === null ? null : before.find((b) => b.name === s.above!.name)!,
      },
    ],
    [],
  );
  return {
    variables: sites.map((s) => ({ site: s.name, kind: s.kind, law: lawOf(s, member, 0) })),
    logJoint: (v) => logJoint({ ...alone, sites }, v),
  };
}

// ---------------------------------------------------------------------------------------- by hand

const valueOf = (v: readonly number[], s: Drawn, member: number): number => v[s.start + (isPlated(s) ? member : 0)]!;
const rowOf = (v: readonly number[], { above }: Drawn, member: number): number =>
  above?.kind === "category" ? valueOf(v, above, member) : 0;
/** The continuous value above, 0 where there is none. */
const above = (v: readonly number[], s: Drawn, member: number): number =>
  s.above?.kind === "normal" ? valueOf(v, s.above, member) : 0;
const tilted = (logits: readonly number[], tilt: readonly number[], x: number, by: number): number[] =>
  softmax(logits.map((l, k) => l + by * x * tilt[k]!));

/** The guide's law of the member whose parameters are `member`, in outcomes that hold it as number `at`. */
function lawOf(s: Drawn, member: number, at = member): Variable["law"] {
  return (theta, v) => {
    const width = widthOf(s);
    const from = (member * s.table.length + rowOf(v, s, at)) * width;
    const row = theta[`t_${s.name}`]!.slice(from, from + width);
    const x = above(v, s, at);
    if (s.kind === "category") return { prob: tilted(row, s.tilt, x, 0.5) };
    return { mean: (row[0] ?? NaN) + 0.5 * x, sd: Math.exp(theta[`ls_${s.name}`]![member]!) };
  };
}

function logJoint({ sites, reads, y }: World, v: readonly number[]): number {
  const prior = (s: Drawn, member: number): number => {
    const [value, row, x] = [valueOf(v, s, member), s.table[rowOf(v, s, member)]!, above(v, s, member)];
    if (s.kind === "normal") return logNormal(value, row[0]! + 0.6 * x, 1.1);
    return Math.log(s.above?.kind === "normal" ? tilted(row.map(Math.log), s.tilt, x, -0.4)[value]! : row[value]!);
  };
  const loc = (s: Drawn, member: number): number =>
    s.kind === "normal" ? 0.7 * valueOf(v, s, member) : s.loc[valueOf(v, s, member)]!;
  const mean = (member: number): number =>
    sum(sites.length, (i) => loc(sites[i]!, member)) * (1 + 0.3 * loc(sites[0]!, member));
  return (
    sum(sites.length, (i) => sum(sites[i]!.count, (member) => prior(sites[i]!, member))) +
    sum(y.length, (t) => logNormal(y[t]!, mean(reads?.[t] ?? 0), 0.7))
  );
}

// ---------------------------------------------------------------------------------------- as text and data

function dataOf({ sites, reads, gathered, y }: World): TestModel["data"] {
  const ofSite = ({ name, kind, above: parent, table, loc, tilt }: Drawn): [string, TestModel["data"][string]][] => {
    const rows = kind === "normal" ? table.map((row) => row[0]!) : table;
    const first = parent?.kind === "category" ? rows : rows[0]!;
    return [
      [`loc_${name}`, loc],
      [`tilt_${name}`, tilt],
      [`p_${name}`, first as TestModel["data"][string]],
    ];
  };
  return {
    y: reads === null ? y[0]! : y,
    ...(gathered ? { member: reads! } : {}),
    ...Object.fromEntries(sites.flatMap(ofSite)),
  };
}

function textOf({ sites, size, reads, gathered }: World): string {
  const own = gathered ? "T" : "P";
  const dims = [`P = ${size}`, ...(gathered ? ["T"] : []), ...sites.map((s) => `K_${s.name} = ${s.states}`)];
  const lines = (f: (s: Drawn) => string): string => sites.map((s) => `  ${f(s)}`).join("\n");
  const loc = (s: Drawn): string => {
    const value = read(s, gathered ? "member[t]" : "i");
    return s.kind === "normal" ? `0.7 * ${value}` : `loc_${s.name}[${value}]`;
  };
  const observe = (of: string): string => `observe ${of} ~ Normal(${mean}, 0.7)`;
  const mean = `(${sites.map(loc).join(" + ")}) * (1 + 0.3 * ${loc(sites[0]!)})`;
  const observed =
    reads === null
      ? observe("y")
      : `plate ${gathered ? "t in T" : "i in P"} { ${observe(gathered ? "y[t]" : "y[i]")} }`;
  return `
data {
  dim ${dims.join(", ")}
${lines((s) => `loc_${s.name}: real[K_${s.name}]; tilt_${s.name}: real[K_${s.name}]; p_${s.name}: real${dimsOf(s)}`)}
  ${gathered ? "member: index(P)[T]" : ""}
  y: real${reads === null ? "" : `[${own}]`}
}
model {
${lines((s) => inPlate(s, `sample ${read(s, "i")} ~ ${priorText(s)}`))}
  ${observed}
}
guide {
${lines((s) => inPlate(s, guideText(s)))}
}`;
}

function priorText(s: Drawn): string {
  const row = `p_${s.name}${subscripts([rowText(s)])}`;
  const x = s.above?.kind === "normal" ? read(s.above, "i") : null;
  if (s.kind === "normal") return `Normal(${row}${x === null ? "" : ` + 0.6 * ${x}`}, 1.1)`;
  return x === null ? `Categorical(${row})` : `Categorical(logit = log(${row}) - 0.4 * ${x} * tilt_${s.name})`;
}

function guideText(s: Drawn): string {
  const table = `t_${s.name}`;
  const member = isPlated(s) ? "i" : null;
  const row = `${table}${subscripts([member, rowText(s)])}`;
  const x = s.above?.kind === "normal" ? ` + 0.5 * ${read(s.above, "i")}` : "";
  const declared = `param ${table}${subscripts([member])}${dimsOf(s) === "" ? "" : `: real${dimsOf(s)}`} = 0`;
  if (s.kind === "category")
    return `${declared} sample ${read(s, "i")} ~ Categorical(logit = ${row}${x === "" ? "" : `${x} * tilt_${s.name}`})`;
  const scale = `ls_${s.name}${subscripts([member])}`;
  return `${declared} param ${scale} = 0 sample ${read(s, "i")} ~ Normal(${row}${x}, exp(${scale}))`;
}

const read = (s: Drawn, member: string): string => (isPlated(s) ? `${s.name}[${member}]` : s.name);
const rowText = ({ above: parent }: Drawn): string | null => (parent?.kind === "category" ? read(parent, "i") : null);
const inPlate = (s: Drawn, text: string): string => (isPlated(s) ? `plate i in P { ${text} }` : text);

/** The dims of a table: states of the site above, own states. */
function dimsOf({ name, kind, above: parent }: Drawn): string {
  return subscripts([
    parent?.kind === "category" ? `K_${parent.name}` : null,
    kind === "category" ? `K_${name}` : null,
  ]);
}

function subscripts(parts: readonly (string | null)[]): string {
  const present = parts.filter((part) => part !== null);
  return present.length === 0 ? "" : `[${present.join(", ")}]`;
}
