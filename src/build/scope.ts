// Names to graph. A program is single-assignment, so a name's value is built on demand from its definition, once:
// statements run in the order in which their values are needed, and a `let` that nobody reads costs nothing.

import { ice } from "../base/ice.ts";
import { diagnose, VariateError, type Report } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import type { Axis, Node } from "../ir/node.ts";
import { allAxes } from "../ir/walk.ts";
import { constant, data, scalar, select } from "../op/index.ts";
import type { Tensor } from "../exec/engine.ts";
import { reference } from "../exec/reference.ts";
import type { Known } from "../model/bound.ts";
import { isImputed } from "../model/imputed.ts";
import type { Binder, Expr, LetStmt, ObserveStmt, ParamStmt, PlateAxis, Stmt, Symbol } from "../model/model.ts";
import { observedRead } from "../model/observed.ts";
import { evaluate } from "./expr.ts";
import { coveredEntries } from "./positions.ts";
import { recursionsOf, type Definitions } from "./recursion.ts";
import type { ArgumentCheck, SupportCheck } from "./support-check.ts";
import { earlierValue, trajectories } from "./trajectory.ts";
import type { Value } from "./value.ts";

/** What must hold of data wherever `guard` holds; evaluated once when the graph is built. */
export type ReadCheck = RangeCheck | PresenceCheck | SupportCheck | ArgumentCheck;
/** A data-only subscript lies in its dim. */
export type RangeCheck = {
  readonly kind: "range";
  readonly index: Node;
  readonly guard: Node | null;
  readonly size: number;
  readonly base: 0 | 1;
  readonly of: string;
  readonly dim: string;
  readonly span: Span;
};

/** No entry that is read is one that is not there: `absent` is 1 for such. `why` it would not be there. */
export type PresenceCheck = {
  readonly kind: "presence";
  readonly why: "missing" | "no member";
  readonly absent: Node;
  readonly guard: Node | null;
  readonly of: string;
  readonly span: Span;
};

/** A differential equation as it was solved, and as twice the steps solve it. */
export type Solution = {
  readonly span: Span;
  readonly steps: number;
  readonly value: Node;
  readonly finer: () => Node;
};

/** Sites and params come from the guide; everything else from statements and data. */
export type Supply = {
  readonly site: (name: string) => Value;
  readonly param: (stmt: ParamStmt) => Value;
  /** A carried site `lag` steps before, where that is not a shift of its value: the states of a summed-out one. */
  readonly before?: (site: Symbol, lag: number) => Value | null;
};

/** What the statements of a `fun` know of its call: its parameters, indices around it, and the data condition under
 *  which it happens. */
export type Call = { readonly locals: ReadonlyMap<Symbol, Value | PlateAxis>; readonly guard: Node | null };

export type Scope = {
  /** Empty for the statements of a model. */
  readonly call: Call;
  readonly known: Known;
  readonly base: 0 | 1;
  /** Plates of which a run sees a random subset. */
  readonly batched: ReadonlySet<Axis>;
  readonly report: Report;
  readonly checks: ReadCheck[];
  readonly solutions: Solution[];
  /** Definitions and recursions of the program. */
  readonly program: Definitions;
  readonly sizeOf: (dim: string | number) => number;
  readonly axisOf: (index: Symbol) => PlateAxis;
  /** The number behind a scalar of data. */
  readonly numberOf: (node: Node) => number;
  /** 1 for the missing entries of an array that are latent: an `observe` covers them. Null where none of the array
   *  is. */
  readonly latentEntries: (symbol: Symbol) => Uint8Array | null;
  /** 1 for the members of a site that exist, on the axes of their data conditions; null where all do. */
  readonly presenceOf: (site: Symbol) => Node | null;
  /** Value of one member, on the axes of the symbol. */
  readonly valueOf: (symbol: Symbol) => Value;
};

/** A statement with the conditions under which it exists (on data) or counts (on latents). */
export type Guarded<S extends Stmt = Stmt> = { readonly stmt: S; readonly guards: readonly Guard[] };
export type Guard = { readonly condition: Expr; readonly holds: boolean };

/** All statements inside plates and conditions, outermost first. */
export function flatten(body: readonly Stmt[], guards: readonly Guard[] = []): readonly Guarded[] {
  return body.flatMap((stmt): readonly Guarded[] => {
    if (stmt.kind === "plate" || stmt.kind === "scan") return flatten(stmt.body, guards);
    if (stmt.kind !== "if") return [{ stmt, guards }];
    return [
      ...flatten(stmt.then, [...guards, { condition: stmt.condition, holds: true }]),
      ...flatten(stmt.otherwise, [...guards, { condition: stmt.condition, holds: false }]),
    ];
  });
}

function plateBinders(body: readonly Stmt[]): readonly Binder[] {
  return body.flatMap((stmt) => {
    if (stmt.kind === "plate" || stmt.kind === "scan") return [...stmt.binders, ...plateBinders(stmt.body)];
    return stmt.kind === "if" ? [...plateBinders(stmt.then), ...plateBinders(stmt.otherwise)] : [];
  });
}

/** The scope of the statements of a `fun` that is called in `outer`. */
export const bodyScope = (statements: readonly Stmt[], outer: Scope, call: Call): Scope =>
  createScope(outer.known, outer.base, statements, outer.batched, outer.report, IN_A_FUN, { ...call, outer });

const IN_A_FUN: Supply = { site: () => ice("a site in a fun"), param: () => ice("a param in a fun") };

/** The scope of the given statements; `supply` is asked for sites and params when they are first read. */
export function createScope(
  known: Known,
  base: 0 | 1,
  statements: readonly Stmt[],
  batched: ReadonlySet<Axis>,
  report: Report,
  supply: Supply,
  call: Call & { readonly outer: Scope | null } = { locals: new Map(), guard: null, outer: null },
): Scope {
  const axes = new Map(plateBinders(statements).map((b) => [b.symbol, b.plate]));
  const definitions = new Map<Symbol, Guarded<LetStmt | ParamStmt>>();
  const lets = new Map<Symbol, Guarded<LetStmt>>();
  const flat = flatten(statements);
  for (const { stmt, guards } of flat) {
    if (stmt.kind === "let") lets.set(stmt.symbol, { stmt, guards });
    if (stmt.kind === "let" || stmt.kind === "param") definitions.set(stmt.symbol, { stmt, guards });
  }
  const program: Definitions = { recursions: recursionsOf(statements), lets, drawn: new Map() };
  const memo = new Map<Symbol, Value>();
  /** What is being defined, outermost first. */
  const pending = new Set<Symbol>();
  const define = (symbol: Symbol): Value => {
    if (symbol.kind === "site" || symbol.kind === "data") return supply.site(symbol.name); // data: with missing entries that are latent
    const earlier = program.recursions.earlier.get(symbol);
    if (earlier !== undefined) {
      const { carried } = earlier.recursion;
      return (
        (carried.symbol.kind === "site" ? supply.before?.(carried.symbol, earlier.lag) : null) ??
        earlierValue(earlier, scope)
      );
    }
    const together = program.recursions.carried.has(symbol) ? trajectories(symbol, scope) : null;
    if (together !== null) {
      for (const [name, value] of together) memo.set(name, value);
      for (const name of together.keys()) evaluated(name); // notes its reads of data, for all steps at once
      return together.get(symbol) as Value;
    }
    return evaluated(symbol);
  };
  const evaluated = (symbol: Symbol): Value => {
    const definition = definitions.get(symbol);
    if (definition === undefined) return ice(`no definition of ${symbol.name}`);
    if (definition.stmt.kind === "param") return supply.param(definition.stmt);
    return evaluate(definition.stmt.value, {
      scope,
      locals: call.locals,
      guard: guardNode(dataOf(definition.guards), scope, call.guard),
    });
  };
  // Of a site that the guide samples too, the model's statement says which members there are: it comes first.
  const sampled = new Map(
    flat.flatMap(({ stmt, guards }) => (stmt.kind === "sample" ? [[stmt.symbol, guards] as const] : [])).reverse(),
  );
  const entries = new Map<string, Uint8Array>();
  const observersOf = (name: string): Guarded<ObserveStmt>[] =>
    flat.flatMap(({ stmt, guards }) =>
      stmt.kind === "observe" && observedRead(stmt.value).symbol.name === name ? [{ stmt, guards }] : [],
    );
  const scope: Scope = {
    presenceOf: (site) => call.outer?.presenceOf(site) ?? dataGuard(sampled.get(site) ?? [], scope),
    latentEntries: (symbol) => {
      if (call.outer !== null) return call.outer.latentEntries(symbol);
      const missing = isImputed(symbol, known.arrays) ? (known.arrays[symbol.name]?.missing ?? null) : null;
      const found =
        missing === null
          ? null
          : (entries.get(symbol.name) ?? coveredEntries(missing, observersOf(symbol.name), scope));
      if (found !== null) entries.set(symbol.name, found);
      return found;
    },
    known,
    base,
    batched,
    report,
    call,
    program,
    checks: call.outer?.checks ?? [],
    solutions: call.outer?.solutions ?? [],
    sizeOf: (dim) => (typeof dim === "number" ? dim : (known.sizes[dim] ?? ice(`size of ${dim} is not known`))),
    numberOf: (node) => numberOf(node, known),
    axisOf: (index) => axes.get(index) ?? call.outer?.axisOf(index) ?? ice(`no plate of ${index.name}`),
    valueOf: (symbol) => {
      const known = memo.get(symbol);
      if (known !== undefined) return known;
      refuseCircle(symbol, pending);
      pending.add(symbol);
      const found = define(symbol);
      pending.delete(symbol);
      memo.set(symbol, found);
      return found;
    },
  };
  return scope;
}

/** PPL615: order of statements keeps definitions from circles, but what a missing entry may be can read what reads the
 *  entry. */
function refuseCircle(symbol: Symbol, pending: ReadonlySet<Symbol>): void {
  if (!pending.has(symbol)) return;
  const chain = [...pending];
  const circle = chain.slice(chain.indexOf(symbol));
  const array = circle.find(({ kind }) => kind === "data");
  if (array === undefined) return;
  const start = circle.indexOf(array);
  const others = [...circle.slice(start + 1), ...circle.slice(0, start)].map(({ name }) => name);
  throw new VariateError([
    diagnose(
      "PPL615",
      array.span,
      { name: array.name, others },
      {
        hint: "one of them must have a distribution whose values lie between ends that do not read the other",
      },
    ),
  ]);
}

/** The guard under which a statement's reads happen: that of its conditions on data. */
export const dataGuard = (guards: readonly Guard[], scope: Scope): Node | null => guardNode(dataOf(guards), scope);

const dataOf = (guards: readonly Guard[]): readonly Guard[] =>
  guards.filter(({ condition }) => condition.stage === "data");

/** 1 where all conditions hold (and `around`); null when there is none. */
export function guardNode(guards: readonly Guard[], scope: Scope, around: Node | null = null): Node | null {
  let all: Node | null = around;
  let data: Node | null = around;
  for (const { condition, holds } of guards) {
    const value = evaluate(condition, { scope, locals: scope.call.locals, guard: data });
    if (value.kind !== "array") return ice("a condition is a record");
    const here = holds ? value.node : select(value.node, scalar(0), scalar(1));
    if (condition.stage === "data") data = both(data, here);
    all = both(all, here);
  }
  return all;
}

const both = (guard: Node | null, here: Node): Node => (guard === null ? here : select(guard, here, scalar(0)));

/** The whole array of a data name: event dims only. Where entries are missing stands one that is there, or 0. */
export function dataNode(name: string, known: Known): Node {
  const found = known.arrays[name] ?? ice(`no data for ${name}`);
  const whole = data(name, [], found.shape);
  const absent = missingNode(name, known);
  return absent === null
    ? whole
    : select(absent, scalar(found.values.find((value) => !Number.isNaN(value)) ?? 0), whole);
}

/** 1 for the missing entries of an array; null where none is missing. */
export function missingNode(name: string, known: Known): Node | null {
  const found = known.arrays[name];
  return maskNode(found?.missing ?? null, found?.shape ?? []);
}

/** 1 for the entries of an array that are chosen; null where none is. */
export const maskNode = (entries: Uint8Array | null, shape: readonly number[]): Node | null =>
  entries?.includes(1) === true ? constant([...entries], shape) : null;

/** A data-only scalar is needed as a number while the graph is built (a slice's ends, a size): the reference engine
 *  computes it. */
export function numberOf(node: Node, known: Known): number {
  if (node.axes.length > 0 || node.shape.length > 0) return ice("a size that is not one number");
  return valuesOf(node, known)[0] as number;
}

/** Members of a plate: of its dim (`J'` is a second opening of J), or the number that it is over. */
function sizeOfPlate(axis: Axis, { sizes }: Known): number {
  const dim = axis.replace(/'+$/, "");
  return sizes[dim] ?? Number(dim);
}

/** The values of a data-only node; `sizes` of axes that are not whole plates. */
export function valuesOf(node: Node, known: Known, sizes: Readonly<Record<Axis, number>> = {}): Float64Array {
  const arrays = Object.fromEntries(Object.entries(known.arrays).map(([name, array]) => [name, array.values]));
  const plates = Object.fromEntries(
    [...allAxes([node])].map((axis) => [axis, sizes[axis] ?? sizeOfPlate(axis, known)]),
  );
  const result = reference
    .load({ outputs: { value: node } }, arrays)
    .run({ params: {}, sizes: plates, seed: 0, step: 0 });
  return (result["value"] as Tensor).values;
}
