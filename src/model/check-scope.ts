// Names and scopes (language.md section 8): who sees which name, and what is known of it beside its type.

import type { Report } from "../base/diagnostic.ts";
import { diagnose } from "../base/diagnostic.ts";
import type { Code, CodeArguments } from "../base/codes/index.ts";
import type { Extra } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import { didYouMean } from "../base/suggest.ts";
import type * as Ast from "../syntax/ast.ts";
import { anywhere } from "./check-interval.ts";
import type { Range } from "./check-interval.ts";
import type { Binder, Expr, PlateAxis, Symbol } from "./model.ts";
import type { Size, Type } from "./types.ts";

/** Known of a symbol, but of no use after the check. */
export type Facts = {
  /** The index of the plate that each of the symbol's axes belongs to. */
  readonly owners: readonly Symbol[];
  /** Names of the sites and params on which the value depends. */
  readonly latents: readonly string[];
  /** Indices of plates along which the value varies without carrying them. */
  readonly varies: readonly Symbol[];
  /** Defined under a data condition that differs between members: some may not exist. */
  readonly partial: boolean;
  /** Where entries lie, as far as the program tells. */
  readonly range: Range;
};
export const noFacts: Facts = { owners: [], latents: [], varies: [], partial: false, range: anywhere };

/** `symbol` is null where the definition was wrong and has been reported: reads of it are passed over. */
export type Entry = { readonly name: string; readonly symbol: Symbol | null; readonly span: Span };

export type Scope = {
  /** A plate's lets with indices, and all sites, are defined outside it; a branch keeps its lets. */
  readonly kind: "root" | "plate" | "branch";
  readonly parent: Scope | null;
  readonly entries: Map<string, Entry>;
};

export const newScope = (kind: Scope["kind"], parent: Scope | null): Scope => ({ kind, parent, entries: new Map() });

/** A user's function: `broken` once its definition has been reported, so that calls of it are passed over. `home`: of
 *  the file that defines it. */
export type Fun = { readonly decl: Ast.Fun; readonly home: Called; state: "new" | "checking" | "sound" | "broken" };

/** What holds in one file: what its indices count from, and what it may call. */
export type Called = {
  readonly base: 0 | 1;
  readonly funs: ReadonlyMap<string, Fun>;
  readonly nets: ReadonlySet<string>;
};

/** What is collected while a file is checked. */
export type Checker = Called & {
  readonly report: Report;
  readonly facts: Map<Symbol, Facts>;
  /** Data whose missing entries are latent. */
  readonly imputed: ReadonlySet<string>;
  /** Names of predictive draws: `y_rep` to `y`. */
  readonly taken: ReadonlyMap<string, string>;
  /** Symbols and dims that something reads. */
  readonly reads: Set<Symbol>;
  readonly dimReads: Set<string>;
  /** Names that end with a plate or a branch which has been left. */
  readonly left: Set<string>;
};

/** A dim or size variable: its size, and the expression that a use as a number means. */
export type SizeEntry = { readonly size: Size; readonly value: Expr | null };

/** Where a statement or expression stands. */
export type Env = {
  readonly checker: Checker;
  readonly scope: Scope;
  readonly block: "data" | "model" | "guide" | "predict" | "fun";
  readonly sizes: ReadonlyMap<string, SizeEntry>;
  /** Plates around it, outermost first. */
  readonly plates: readonly Binder[];
  /** The same with the binders of comprehensions (and, inside a `fun`, those around the call). */
  readonly indices: readonly Binder[];
  /** Names that this block defines somewhere. */
  readonly later: ReadonlyMap<string, Span>;
  /** Inside a data condition that differs between members. */
  readonly partial: boolean;
  /** The scan around it. */
  readonly scan: ScanView | null;
  /** State of the guide block: which sites it samples, and has sampled. Null elsewhere. */
  readonly guide: GuideView | null;
};
/** What statements of a scan's body know of it. */
export type ScanView = {
  readonly index: Symbol;
  readonly direction: "forward" | "backward";
  readonly carried: ReadonlyMap<string, CarriedView>;
  /** Where the trajectories are entered. */
  readonly outside: Scope;
  /** Names that the body defines somewhere. */
  readonly defines: ReadonlySet<string>;
  /** Steps, from 0 at the first, at which what is checked here is not used. */
  readonly excluded: readonly ((step: number) => boolean)[];
  /** Conditions inside it under which what is checked here happens. */
  readonly conditions: readonly Expr[];
};

/** A carried name while the body is checked: what is assumed of it before its definition, and what its definition
 *  was. */
export type CarriedView = {
  readonly name: Ast.Name;
  readonly type: Type;
  readonly stage: "data" | "latent";
  readonly latents: readonly string[];
  readonly start: Expr | null;
  /** Its plates inside the scan that the start value has in front; none where one start serves all members. */
  readonly startAxes: readonly PlateAxis[];
  /** Position of the scan's index among its subscripts. */
  readonly position: number;
  /** Its axes without the scan's, and the indices around the scan that own them (null for those inside). */
  readonly axes: readonly PlateAxis[];
  readonly owners: readonly (Symbol | null)[];
  /** Filled by what reads it, lag by lag. */
  readonly earlier: Map<number, Symbol>;
  /** `value`: the type of the definition before it was fitted. */
  defined: { readonly symbol: Symbol; readonly value: Type; readonly latents: readonly string[] } | null;
};

export type GuideView = {
  readonly written: ReadonlySet<string>;
  readonly sampled: Set<string>;
  /** Lets of the model that depend on latents. */
  readonly hidden: ReadonlySet<string>;
};

export function fault<C extends Code>(env: Env, code: C, span: Span, args: CodeArguments<C>, extra: Extra = {}): null {
  env.checker.report.push(diagnose(code, span, args, extra));
  return null;
}

/** "not built yet" */
export const unbuilt = (env: Env, span: Span, what: string, hint?: string): null =>
  fault(env, "PPL901", span, { what }, { hint });

export const factsOf = (env: Env, symbol: Symbol): Facts => env.checker.facts.get(symbol) ?? noFacts;

/** The text at a place, in one line and not too long, for messages. */
export function textOf(span: Span): string {
  const text = span.source.text.slice(span.start, span.end).replace(/\s+/g, " ");
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}

// ---------------------------------------------------------------------------------------- looking up

export function find(scope: Scope | null, name: string): Entry | null {
  for (let s = scope; s !== null; s = s.parent) {
    const entry = s.entries.get(name);
    if (entry !== undefined) return entry;
  }
  return null;
}

export function visibleNames(scope: Scope | null): string[] {
  return scope === null ? [] : [...scope.entries.keys(), ...visibleNames(scope.parent)];
}

/** Reports a name that nothing visible has: PPL201, or PPL206 where it is defined further down. */
export function unknownName(env: Env, { text, span }: Ast.Name): null {
  const later = env.later.get(text);
  if (env.guide?.hidden.has(text)) {
    return fault(
      env,
      "PPL201",
      span,
      { name: text, why: "latent" },
      {
        hint: "a guide reads data, lets of data only, params, and the sites it has sampled",
      },
    );
  }
  if (env.checker.left.has(text)) {
    return fault(
      env,
      "PPL201",
      span,
      { name: text, why: "local" },
      { hint: `with an index (let ${text}[i] = …) it is an array after the plate` },
    );
  }
  if (later !== undefined)
    return fault(
      env,
      "PPL206",
      span,
      { name: text },
      { labels: [{ span: later, text: "defined here" }], hint: recursionHint(env, text, later, span) },
    );
  return fault(env, "PPL201", span, { name: text }, { hint: nameHint(env, text) });
}

/** `let x[t] = x[t - 1] …` in a plate. */
function recursionHint(env: Env, name: string, target: Span, read: Span): string | undefined {
  const index = env.plates.at(-1);
  if (index === undefined || env.scan !== null || target.start > read.start) return undefined;
  return `members of a plate have no order: scan ${index.symbol.name} in ${String(index.plate.dim)} carry ${name}: real { … }`;
}

function nameHint(env: Env, text: string): string | undefined {
  const near = didYouMean(text, [...visibleNames(env.scope), ...env.sizes.keys(), "pi", "inf"]);
  if (env.block === "data" && (text === "lower" || text === "upper"))
    return "bounds follow the type: y: real[N] >= 0, y: real[N] in [0, 1]";
  return (
    near ??
    (/^[i-nst]$/.test(text)
      ? `an index is introduced by a plate or a comprehension: plate ${text} in N { … }, [${text} in N: …]`
      : undefined)
  );
}

/** What a size in a type, binder or subscript means; null after an error. */
export function sizeOf(env: Env, node: Ast.SizeNode): SizeEntry | null {
  if (node.kind === "number") return { size: node.value, value: null };
  const found = dimEntry(env, node.name.text);
  return (
    found ??
    fault(
      env,
      "PPL201",
      node.span,
      { name: node.name.text, why: "dim" },
      { hint: didYouMean(node.name.text, env.sizes.keys()) ?? dimHint(env, node.name.text) },
    )
  );
}

/** A name that is no dim may be data, or not be declared at all. */
const dimHint = (env: Env, name: string): string =>
  find(env.scope, name)?.symbol?.stage === "latent"
    ? "the number of members is fixed before the run: it cannot be a latent value"
    : find(env.scope, name) !== null || env.later.has(name)
      ? `\`${name}\` is a value; a size is declared by dim ${name} in place of ${name}: int`
      : `a size is declared in the data block: dim ${name}`;

/** A dim (in a `fun`: a size variable) by name, noted as used. */
export function dimEntry(env: Env, name: string): SizeEntry | null {
  const found = env.sizes.get(name) ?? null;
  if (found !== null && typeof found.size === "string") env.checker.dimReads.add(found.size);
  return found;
}

// ---------------------------------------------------------------------------------------- defining

/** Enters a name; false (and PPL203) where it is visible already. `symbol` null: the definition itself was wrong. */
export function define(env: Env, scope: Scope, name: Ast.Name, symbol: Symbol | null, facts: Facts = noFacts): boolean {
  const draws = env.checker.taken.get(name.text);
  const before = find(env.scope, name.text) ?? scope.entries.get(name.text) ?? null;
  if (draws !== undefined || before !== null) {
    const labels = before === null ? [] : [{ span: before.span, text: "defined here" }];
    const observed = before?.symbol?.kind === "data" && symbol?.kind === "site";
    const hint = observed ? `data are observed: observe ${name.text} ~ …` : undefined;
    fault(env, "PPL203", name.span, draws === undefined ? { name: name.text } : { name: name.text, draws }, {
      labels,
      hint,
    });
    return false;
  }
  scope.entries.set(name.text, { name: name.text, symbol, span: name.span });
  if (symbol !== null) env.checker.facts.set(symbol, facts);
  return true;
}

/** The scope in which a definition that carries all its plates is entered. */
export function outsidePlates(scope: Scope): Scope {
  return scope.kind === "plate" && scope.parent !== null ? outsidePlates(scope.parent) : scope;
}

export function rootOf(scope: Scope): Scope {
  return scope.kind === "root" || scope.parent === null ? scope : rootOf(scope.parent);
}

/** An environment in which everything can be checked without a trace. */
export function rehearsal(env: Env): Env {
  const { checker, guide } = env;
  return {
    ...env,
    scope: copyOf(env.scope),
    guide: guide && { ...guide, sampled: new Set(guide.sampled) },
    checker: {
      ...checker,
      report: [],
      facts: new Map(checker.facts),
      reads: new Set(checker.reads),
      dimReads: new Set(checker.dimReads),
      left: new Set(checker.left),
    },
  };
}

const copyOf = (scope: Scope): Scope => ({
  ...scope,
  parent: scope.parent && copyOf(scope.parent),
  entries: new Map(scope.entries),
});

/** Notes that the names of a scope have gone out of reach. */
export function leave(env: Env, scope: Scope): void {
  for (const [name, { symbol }] of scope.entries) if (symbol?.kind !== "plate-index") env.checker.left.add(name);
}

/** Enters a name whose definition was wrong. */
export function spoil(name: Ast.Name, env: Env): null {
  define(env, rootOf(env.scope), name, null);
  return null;
}

export const platesOf = (env: Env): readonly PlateAxis[] => env.plates.map(({ plate }) => plate);
