// Random small discrete models, as text and by hand: one to three categories, each alone or per member of a plate, each
// possibly below an earlier one in model and guide; members are observed themselves or through an index.

import fc from "fast-check";
import { logNormal, softmax, type Variable } from "./exact-elbo.ts";
import { members, sum, type TestModel } from "./exact-model.ts";
import { testNumbers } from "./run-graph.ts";

type SiteRecipe = { readonly states: number; readonly plated: boolean; readonly parent: number };
export type Recipe = {
  readonly sites: readonly SiteRecipe[];
  readonly size: number;
  readonly gathered: boolean;
  readonly seed: number;
};

/** Joint states that the oracle lists for every difference. */
const BRUTE_FORCE = 150;

export const recipes: fc.Arbitrary<Recipe> = fc
  .record({
    sites: fc.array(
      fc.record({
        states: fc.integer({ min: 2, max: 4 }),
        plated: fc.boolean(),
        parent: fc.integer({ min: -1, max: 1 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    size: fc.integer({ min: 2, max: 3 }),
    gathered: fc.boolean(),
    seed: fc.integer({ min: 1, max: 10_000 }),
  })
  .filter(
    ({ sites, size }) => sites.reduce((states, s) => states * s.states ** (s.plated ? size : 1), 1) <= BRUTE_FORCE,
  );

/** A site with its numbers. `above`: the earlier site that it reads, whose members it must not mix; null: none. */
type Drawn = {
  readonly name: string;
  readonly states: number;
  readonly count: number;
  readonly above: Drawn | null;
  /** Its first variable. */
  readonly start: number;
  /** The model's probabilities, a row per state of the site above. */
  readonly table: readonly (readonly number[])[];
  readonly loc: readonly number[];
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
  const sites = wanted.reduce<readonly Drawn[]>((before, { states, plated, parent }, i) => {
    const found = before[parent];
    const above = found !== undefined && (plated || found.count === 1) ? found : null;
    const rows = Array.from({ length: above?.states ?? 1 }, () => softmax(numbers(states)));
    const start = sum(before.length, (j) => before[j]!.count);
    const site = { name: `z${i}`, states, count: plated ? size : 1, above, start, table: rows, loc: numbers(states) };
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

export function modelOf(recipe: Recipe): TestModel {
  const next = testNumbers(recipe.seed);
  const numbers: Numbers = (n) => Array.from({ length: n }, () => 2 * next() - 1);
  const world = worldOf(recipe, numbers);
  const { sites } = world;
  return {
    text: textOf(world),
    data: dataOf(world),
    theta: Object.fromEntries(sites.map((s) => [`t_${s.name}`, numbers(s.count * s.table.length * s.states)])),
    knots: 1,
    variables: sites.flatMap((s) => members(s.count, s.name, "category", (member) => lawOf(s, member))),
    logJoint: (v) => logJoint(world, v),
  };
}

// ---------------------------------------------------------------------------------------- by hand

const stateOf = (v: readonly number[], s: Drawn, member: number): number => v[s.start + (isPlated(s) ? member : 0)]!;
const rowOf = (v: readonly number[], { above }: Drawn, member: number): number =>
  above === null ? 0 : stateOf(v, above, member);

function lawOf(s: Drawn, member: number): Variable["law"] {
  return (theta, v) => {
    const from = (member * s.table.length + rowOf(v, s, member)) * s.states;
    return { prob: softmax(theta[`t_${s.name}`]!.slice(from, from + s.states)) };
  };
}

function logJoint({ sites, reads, y }: World, v: readonly number[]): number {
  const prior = (s: Drawn, member: number): number => Math.log(s.table[rowOf(v, s, member)]![stateOf(v, s, member)]!);
  const loc = (s: Drawn, member: number): number => s.loc[stateOf(v, s, member)]!;
  const mean = (member: number): number =>
    sum(sites.length, (i) => loc(sites[i]!, member)) * (1 + 0.3 * loc(sites[0]!, member));
  return (
    sum(sites.length, (i) => sum(sites[i]!.count, (member) => prior(sites[i]!, member))) +
    sum(y.length, (t) => logNormal(y[t]!, mean(reads?.[t] ?? 0), 0.7))
  );
}

// ---------------------------------------------------------------------------------------- as text and data

function dataOf({ sites, reads, gathered, y }: World): TestModel["data"] {
  const ofSite = ({ name, above, table, loc }: Drawn): [string, TestModel["data"][string]][] => [
    [`loc_${name}`, loc],
    [`p_${name}`, above === null ? table[0]! : table],
  ];
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
  const loc = (s: Drawn): string => `loc_${s.name}[${read(s, gathered ? "member[t]" : "i")}]`;
  const observe = (of: string): string => `observe ${of} ~ Normal(${mean}, 0.7)`;
  const mean = `(${sites.map(loc).join(" + ")}) * (1 + 0.3 * ${loc(sites[0]!)})`;
  const observed =
    reads === null
      ? observe("y")
      : `plate ${gathered ? "t in T" : "i in P"} { ${observe(gathered ? "y[t]" : "y[i]")} }`;
  return `
data {
  dim ${dims.join(", ")}
${lines((s) => `loc_${s.name}: real[K_${s.name}]; p_${s.name}: real[${shapeOf(s)}]`)}
  ${gathered ? "member: index(P)[T]" : ""}
  y: real${reads === null ? "" : `[${own}]`}
}
model {
${lines((s) => inPlate(s, `sample ${read(s, "i")} ~ Categorical(p_${s.name}${subscripts([rowText(s)])})`))}
  ${observed}
}
guide {
${lines((s) => inPlate(s, guideText(s)))}
}`;
}

function guideText(s: Drawn): string {
  const table = `t_${s.name}`;
  const member = isPlated(s) ? "i" : null;
  const draw = `sample ${read(s, "i")} ~ Categorical(logit = ${table}${subscripts([member, rowText(s)])})`;
  return `param ${table}${subscripts([member])}: real[${shapeOf(s)}] = 0 ${draw}`;
}

const read = (s: Drawn, member: string): string => (isPlated(s) ? `${s.name}[${member}]` : s.name);
const rowText = ({ above }: Drawn): string | null => (above === null ? null : read(above, "i"));
const shapeOf = ({ name, above }: Drawn): string => (above === null ? `K_${name}` : `K_${above.name}, K_${name}`);
const inPlate = (s: Drawn, text: string): string => (isPlated(s) ? `plate i in P { ${text} }` : text);

function subscripts(parts: readonly (string | null)[]): string {
  const present = parts.filter((part) => part !== null);
  return present.length === 0 ? "" : `[${present.join(", ")}]`;
}
