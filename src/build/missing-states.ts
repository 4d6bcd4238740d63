// Missing entries of a discrete array that are latent: members of a site on the dims of the array, sampled from a free
// guide or summed out. Entries that are there are the same in every state.

import { diagnose } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import { oneHot } from "../dist/draw.ts";
import { distOf } from "../dist/index.ts";
import { instance, withParams } from "../dist/instance.ts";
import type { Node } from "../ir/node.ts";
import { dependsOn } from "../ir/walk.ts";
import { rowOf } from "../model/dist-row.ts";
import { entryPlates } from "../model/imputed.ts";
import type { DistExpr, ObserveStmt, PlateAxis, Symbol } from "../model/model.ts";
import { observedRead } from "../model/observed.ts";
import { add, constant, mark, scalar, select, sub, toAxis } from "../op/index.ts";
import { builtDist, categories, logProb, type BuiltDist } from "./distribution.ts";
import { mayBeMissing, type Context } from "./expr.ts";
import type { ObservedDensity } from "./missing.ts";
import { wholeOf } from "./positions.ts";
import { dataGuard, dataNode, maskNode, type Guarded, type Scope } from "./scope.ts";
import { limitsOf } from "./site.ts";
import { withStandIn } from "./trajectory.ts";
import { arrayValue, mapNodes, type ArrayValue, type Value } from "./value.ts";

/** Is the array discrete? */
export const hasStates = ({ type }: Symbol): boolean => type.kind === "array" && type.elem.kind !== "real";

const onPlates = (node: Node, plates: readonly PlateAxis[]): Node =>
  plates.reduce((x, { axis }) => toAxis(x, 0, axis), node);

/** 1 for the entries that are latent, on the dims of the array. */
export function latentMembers(symbol: Symbol, scope: Scope): Node {
  const { shape } = scope.known.arrays[symbol.name] ?? ice(`no data for ${symbol.name}`);
  return onPlates(maskNode(scope.latentEntries(symbol), shape) ?? scalar(0), entryPlates(symbol));
}

/** A distribution with the values that a missing entry can have. Its probabilities matter to nobody: the statements
 *  that observe the array give them. */
export function statesOf(symbol: Symbol, observers: readonly Guarded<ObserveStmt>[], scope: Scope): BuiltDist {
  const found = commonStates(symbol, observers, scope);
  if (found !== null) return found;
  scope.report.push(
    diagnose("PPL901", observers[0]?.stmt.dist.span ?? symbol.span, {
      what: `such a distribution for missing entries of \`${symbol.name}\` that are needed elsewhere`,
    }),
  );
  return twoStates;
}

function commonStates(symbol: Symbol, observers: readonly Guarded<ObserveStmt>[], scope: Scope): BuiltDist | null {
  const kinds = new Set(observers.map(({ stmt: { dist } }) => rowOf(dist).dist.supportKind));
  const [first] = observers;
  if (kinds.size > 1 || first === undefined) return null;
  const {
    stmt: { dist },
    guards,
  } = first;
  const anchor = mark(dataNode(symbol.name, scope.known), `${symbol.name} before`, []);
  const draft = withStandIn(symbol, arrayValue(anchor), scope);
  const build = (): BuiltDist => builtDist(dist, { scope: draft, locals: new Map(), guard: dataGuard(guards, scope) });
  switch (rowOf(dist).dist.supportKind) {
    case "boolean":
      return twoStates;
    case "category": {
      const count = categoriesOf(dist, scope) ?? categories(build());
      return at("Categorical", constant(Array<number>(count).fill(0), [count]));
    }
    case "count": {
      const own = rowOf(dist).dist.rank === 0 ? ownPlates(first.stmt, symbol) : null;
      const d = own === null || observers.length > 1 ? null : build();
      return d === null || own === null || limitsOf(d).some((limit) => dependsOn(limit, anchor))
        ? null
        : onEntries(d, own);
    }
    default:
      return null;
  }
}

function at(name: string, logit: Node): BuiltDist {
  const row = distOf(name) ?? ice(`no ${name}`);
  return {
    instance: instance(
      row,
      row.forms.findIndex(({ params }) => params.some((p) => p.name === "logit")),
      { logit },
    ),
    shape: [],
  };
}

const twoStates = at("Bernoulli", scalar(0));

/** How many values there are, where the type says so. */
function categoriesOf({ type: { elem } }: DistExpr, scope: Scope): number | null {
  return elem.kind !== "index" || elem.dim === null ? null : scope.sizeOf(elem.dim);
}

/** Plates that are the dims of the array which the statement observes beside its own; null where it reads entries in
 *  another order. */
function ownPlates(stmt: ObserveStmt, symbol: Symbol): readonly PlateAxis[] | null {
  const { read } = observedRead(stmt.value);
  const subs = read.kind === "subscript" ? read.subs : [];
  const own = entryPlates(symbol).slice(subs.length);
  const isOpen = ({ axis }: PlateAxis): boolean => stmt.plates.some((plate) => plate.axis === axis);
  return subs.some((sub) => sub.kind === "slice") || own.some(isOpen) ? null : own;
}

/** A distribution of independent entries as that of one entry on these plates, which its leading dims become. */
function onEntries({ instance: d, shape }: BuiltDist, plates: readonly PlateAxis[]): BuiltDist {
  const laid = d.form.params.map(({ name, rank }) => {
    const node = d.params[name] ?? ice(`${d.dist.name} lacks ${name}`);
    return [name, node.shape.length - rank === plates.length ? onPlates(node, plates) : node] as const;
  });
  return { instance: withParams(d, Object.fromEntries(laid)), shape: shape.slice(plates.length) };
}

/** The density of an array with latent entries: entry by entry, so that each is credited with its own. */
export function entriesDensity(stmt: ObserveStmt, d: BuiltDist, ctx: Context): ObservedDensity {
  const { read, symbol } = observedRead(stmt.value);
  const value = mayBeMissing(read, ctx);
  const own = d.instance.dist.rank === 0 ? ownPlates(stmt, symbol) : null;
  if (own === null || own.length !== d.shape.length) return { node: logProb(d, value), plates: stmt.plates };
  const entry = mapNodes(value, (node) => onPlates(node, own)) as ArrayValue;
  return { node: logProb(onEntries(d, own), entry), plates: [...stmt.plates, ...own] };
}

/** The array with its latent entries in: `states` is the value of one of them on the dims of the array. */
export function withStates(symbol: Symbol, states: ArrayValue, isCategory: boolean, scope: Scope): Value {
  const plates = entryPlates(symbol);
  const latent = latentMembers(symbol, scope);
  const there = onPlates(dataNode(symbol.name, scope.known), plates);
  // An `int` under a Categorical counts from the file's base.
  const base = scalar(isCategory && symbol.type.kind === "array" && symbol.type.elem.kind === "int" ? scope.base : 0);
  const { node, hot } = states;
  const value = arrayValue(
    select(latent, add(node, base), there),
    hot === null ? null : select(latent, hot, oneHot(sub(there, base), hot.shape[0] ?? ice("a state without values"))),
  );
  return mapNodes(value, (one) => wholeOf(one, plates, scope));
}

/** PPL507: the array is read whole, so that all its members must be there. */
export function refuseBatch(symbol: Symbol, scope: Scope): void {
  const batched = entryPlates(symbol).find(({ axis }) => scope.batched.has(axis));
  if (batched !== undefined)
    scope.report.push(diagnose("PPL507", symbol.span, { plate: batched.axis, name: symbol.name }));
}
