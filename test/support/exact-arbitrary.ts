// Random small discrete models, as text and by hand: one to three categories, each alone or per member of a plate, each possibly below an
// earlier one in model and guide; members are observed themselves or through an index.

import fc from "fast-check";
import { logNormal, softmax, type Law, type Variable } from "./exact-elbo.ts";
import { sum, type TestModel } from "./exact-model.ts";
import { testNumbers } from "./run-graph.ts";

type SiteRecipe = { readonly states: number; readonly plated: boolean; readonly parent: number };
export type Recipe = { readonly sites: readonly SiteRecipe[]; readonly size: number; readonly gathered: boolean; readonly seed: number };

/** Joint states that the oracle lists for every difference. */
const BRUTE_FORCE = 150;

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  sites: fc.array(fc.record({ states: fc.integer({ min: 2, max: 4 }), plated: fc.boolean(), parent: fc.integer({ min: -1, max: 1 }) }), { minLength: 1, maxLength: 3 }),
  size: fc.integer({ min: 2, max: 3 }),
  gathered: fc.boolean(),
  seed: fc.integer({ min: 1, max: 10_000 }),
}).filter(({ sites, size }) => sites.reduce((states, s) => states * s.states ** (s.plated ? size : 1), 1) <= BRUTE_FORCE);

/** `parent`: the earlier site that it reads, whose members it must not mix; null: none. */
type Drawn = SiteRecipe & { readonly name: string; readonly above: number | null };

const drawn = (sites: readonly SiteRecipe[]): readonly Drawn[] =>
  sites.map((site, i) => {
    const above = site.parent >= 0 && site.parent < i && (site.plated || !sites[site.parent]!.plated) ? site.parent : null;
    return { ...site, name: `z${i}`, above };
  });

export function modelOf({ sites, size, gathered, seed }: Recipe): TestModel {
  const all = drawn(sites);
  const next = testNumbers(seed);
  const numbers = (n: number): number[] => Array.from({ length: n }, () => 2 * next() - 1);
  const rowsOf = (s: Drawn): number => (s.above === null ? 1 : all[s.above]!.states);
  const tables = all.map((s) => Array.from({ length: rowsOf(s) }, () => softmax(numbers(s.states))));
  const locs = all.map((s) => numbers(s.states));
  const theta = Object.fromEntries(all.map((s, i) => [`t${i}`, numbers((s.plated ? size : 1) * rowsOf(s) * s.states)]));
  const anyPlated = all.some((s) => s.plated);
  const index = gathered ? Array.from({ length: size + 1 }, () => Math.floor(next() * size)) : Array.from({ length: size }, (_, i) => i);
  const y = numbers(anyPlated ? index.length : 1);
  // members of a site follow each other
  const starts = all.map((_, i) => sum(i, (j) => (all[j]!.plated ? size : 1)));
  const stateOf = (v: readonly number[], i: number, member: number): number => v[starts[i]! + (all[i]!.plated ? member : 0)]!;
  const rowOf = (v: readonly number[], i: number, member: number): number => (all[i]!.above === null ? 0 : stateOf(v, all[i]!.above!, member));
  const lawOf = (i: number, member: number): Variable["law"] => (at, v): Law => {
    const from = (member * rowsOf(all[i]!) + rowOf(v, i, member)) * all[i]!.states;
    return { prob: softmax(at[`t${i}`]!.slice(from, from + all[i]!.states)) };
  };
  const meanAt = (v: readonly number[], member: number): number =>
    sum(all.length, (i) => locs[i]![stateOf(v, i, member)]!) * (1 + 0.3 * locs[0]![stateOf(v, 0, member)]!);
  return {
    text: textOf(all, { size, gathered, anyPlated }),
    data: {
      y: anyPlated ? y : y[0]!, ...(gathered && anyPlated ? { member: index } : {}),
      ...Object.fromEntries(all.flatMap((s, i) => [[`loc${i}`, locs[i]!], [`p${i}`, s.above === null ? tables[i]![0]! : tables[i]!]])),
    },
    theta, knots: 1,
    variables: all.flatMap((s, i) => Array.from({ length: s.plated ? size : 1 }, (_, member): Variable => ({ site: s.name, kind: "category", law: lawOf(i, member) }))),
    logJoint: (v) =>
      sum(all.length, (i) => sum(all[i]!.plated ? size : 1, (member) => Math.log(tables[i]![rowOf(v, i, member)]![stateOf(v, i, member)]!))) +
      sum(y.length, (t) => logNormal(y[t]!, meanAt(v, index[t] ?? 0), 0.7)),
  };
}

type Layout = { readonly size: number; readonly gathered: boolean; readonly anyPlated: boolean };

function textOf(all: readonly Drawn[], { size, gathered, anyPlated }: Layout): string {
  const inPlate = (s: Drawn, text: string): string => (s.plated ? `plate i in P { ${text} }` : text);
  const named = (s: Drawn, read: string): string => (s.plated ? `${s.name}[${read}]` : s.name);
  const subscript = (s: Drawn): string => (s.above === null ? "" : `[${named(all[s.above]!, "i")}]`);
  const shape = (s: Drawn, i: number): string => (s.above === null ? `K${i}` : `K${s.above}, K${i}`);
  const read = gathered ? "member[t]" : "i";
  const loc = (s: Drawn, i: number): string => `loc${i}[${named(s, read)}]`;
  const observe = (of: string): string => `observe ${of} ~ Normal((${all.map(loc).join(" + ")}) * (1 + 0.3 * ${loc(all[0]!, 0)}), 0.7)`;
  const lines = [
    "data {",
    `  dim ${["P = " + size, ...all.map((s, i) => `K${i} = ${s.states}`), ...(gathered && anyPlated ? ["T"] : [])].join(", ")}`,
    ...(gathered && anyPlated ? ["  member: index(P)[T]"] : []),
    ...all.map((s, i) => `  loc${i}: real[K${i}]; p${i}: real[${shape(s, i)}]`),
    `  y: ${anyPlated ? (gathered ? "real[T]" : "real[P]") : "real"}`,
    "}", "model {",
    ...all.map((s, i) => `  ${inPlate(s, `sample ${named(s, "i")} ~ Categorical(p${i}${subscript(s)})`)}`),
    `  ${!anyPlated ? observe("y") : gathered ? `plate t in T { ${observe("y[t]")} }` : `plate i in P { ${observe("y[i]")} }`}`,
    "}", "guide {",
    ...all.map((s, i) => {
      const param = `t${i}${s.plated ? "[i]" : ""}`;
      return `  ${inPlate(s, `param ${param}: real[${shape(s, i)}] = 0 sample ${named(s, "i")} ~ Categorical(logit = t${i}${reading(s, subscript(s))})`)}`;
    }),
    "}",
  ];
  return lines.join("\n");
}

/** `t[i][z]` is written `t[i, z]`. */
const reading = (s: Drawn, subscript: string): string => (s.plated ? (subscript === "" ? "[i]" : `[i, ${subscript.slice(1)}`) : subscript);
