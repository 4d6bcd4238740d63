// Carried names as graph: their trajectories by the op `scan`, and their values at earlier steps. Definitions are those
// of the language, evaluated once more inside the step, where a name "c steps before" is a slice of the carry.

import { ice } from "../base/ice.ts";
import { oneHot } from "../dist/draw.ts";
import type { Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import { dependsOn as dependsOnNode } from "../ir/walk.ts";
import { exprsOf } from "../model/check-walk.ts";
import type { PlateAxis, SampleStmt, Symbol } from "../model/model.ts";
import type { Shape, Type } from "../model/types.ts";
import {
  concat,
  fill,
  gather,
  iota,
  less,
  mark,
  maximum,
  previous,
  repeatTo,
  reshape,
  scalar,
  scan,
  select,
  slice,
  toAxis,
  toEvent,
} from "../op/index.ts";
import { evaluate } from "./expr.ts";
import { component, dependsOn, symbolsIn, type Recursion } from "./recursion.ts";
import { dataGuard, guardNode, type Scope } from "./scope.ts";
import { arrayValue, mapNodes, zipNodes, type Value } from "./value.ts";

/** Stands for "at no step yet" among the numbers of steps. */
const NEVER = -1;

/** The trajectories of a carried `let` (or of a site that is drawn here) and of those that are defined together with it.
 * Null where its definition is no recursion. */
export function trajectories(symbol: Symbol, scope: Scope): ReadonlyMap<Symbol, Value> | null {
  const members = component(symbol, scope.program);
  const [leader] = members;
  if (leader === undefined) return null;
  const { axis, size, direction } = runOf(leader, scope);
  const slots = members.map((member): Slot => {
    const lags = member.carried.earlier.map(({ lag }) => lag);
    return { member, start: startOf(member, scope), lags: Math.max(1, ...lags) };
  });
  const step = (carry: Node): Node => {
    const before = unpack(carry, slots, scope);
    const inside = stepScope(slots, before, scope);
    return pack(
      slots,
      slots.map(({ member, lags }, i) =>
        [inside.valueOf(member.carried.symbol), ...(before[i] as readonly Value[])].slice(0, lags),
      ),
    );
  };
  const first = pack(
    slots,
    slots.map(({ lags, start }) => Array.from({ length: lags }, () => start)),
  );
  const after = unpack(scan(axis, size, first, step, direction), slots, scope);
  return new Map(slots.map(({ member }, i) => [member.carried.symbol, (after[i] as readonly Value[])[0] as Value]));
}

/** The value of a carried name `lag` steps before, on the scan's axis. */
export function earlierValue(
  { recursion, lag }: { readonly recursion: Recursion; readonly lag: number },
  scope: Scope,
): Value {
  const { carried } = recursion;
  const { axis, size, direction } = runOf(recursion, scope);
  const value = scope.valueOf(carried.symbol);
  const held = carried.symbol.kind === "site" ? lastDefined(recursion, scope) : null;
  const shifted = (x: Node, first: Node | null): Node => {
    if (held === null) return previous(x, first, axis, size, direction, lag);
    const at = previous(held, scalar(NEVER), axis, size, direction, lag);
    const there = gather(toEvent(x, axis, 0, size), 0, maximum(at, scalar(0)));
    return first === null ? there : select(less(at, scalar(0)), first, there);
  };
  if (carried.start === null) return mapNodes(value, (x) => shifted(x, null));
  return zipNodes(value, withStates(startOf(recursion, scope), value), shifted);
}

function runOf({ scan: { binders, direction } }: Recursion, scope: Scope) {
  const { axis, dim } = binders[0].plate;
  return { axis, size: scope.sizeOf(dim), direction };
}

/** For a site that a data condition skips at some steps: the last step up to each at which it is sampled. Null where
 * none is skipped. */
function lastDefined(recursion: Recursion, scope: Scope): Node | null {
  const guard = guardNode(recursion.guards, scope);
  const { axis, size, direction } = runOf(recursion, scope);
  return guard === null ? null : scan(axis, size, scalar(NEVER), (last) => select(guard, iota(axis), last), direction);
}

// ---------------------------------------------------------------------------------------- start values

/** Where nothing is read, something finite stands: 1 has a logarithm, a root and an inverse. */
function startOf({ carried: { start, startAxes, symbol } }: Recursion, scope: Scope): Value {
  if (start === null) return standIn(symbol.type, scope);
  const members = mapNodes(evaluate(start, { scope, locals: scope.call.locals, guard: null }), (x) =>
    startAxes.reduce((node, { axis }) => toAxis(node, 0, axis), x),
  );
  const { type } = symbol;
  return type.kind === "array" && members.kind === "array" && members.node.shape.length === 0
    ? arrayValue(repeatTo(members.node, shapeOf(type.shape, scope)), members.hot)
    : members;
}

function standIn(type: Type, scope: Scope): Value {
  if (type.kind === "record")
    return {
      kind: "record",
      fields: Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [name, standIn(field, scope)])),
    };
  return arrayValue(fill(type.elem.kind === "index" ? 0 : 1, [], shapeOf(type.shape, scope)));
}

const shapeOf = (shape: Shape, scope: Scope): readonly number[] =>
  shape.map((size) => (size === null ? ice("a carried value of unknown size") : scope.sizeOf(size)));

/** A start value with the states of the site that it starts. */
function withStates(start: Value, site: Value): Value {
  if (start.kind === "record" || site.kind === "record" || site.hot === null) return start;
  return arrayValue(start.node, start.hot ?? oneHot(start.node, site.hot.shape.at(-1) as number));
}

// ---------------------------------------------------------------------------------------- the carry

/** A name in the carry, which keeps the values of its last `lags` steps, the latest first; its fields are laid out as
 * those of `start`. */
type Slot = { readonly member: Recursion; readonly start: Value; readonly lags: number };

/** The carry as one event: as it is if it is one array, else flat and one after the other. */
function pack(slots: readonly Slot[], values: readonly (readonly Value[])[]): Node {
  const nodes = slots.flatMap(({ start }, i) =>
    (values[i] as readonly Value[]).flatMap((value) => arraysOf(value, start)),
  );
  return nodes.length === 1
    ? (nodes[0] as Node)
    : concat(
        nodes.map((node) => reshape(node, [sizeOf(node.shape)])),
        0,
      );
}

function unpack(carry: Node, slots: readonly Slot[], scope: Scope): readonly (readonly Value[])[] {
  const arrays = slots.reduce((sum, { start, lags }) => sum + lags * arraysOf(start, start).length, 0);
  let at = 0;
  const next = (like: Node): Node => {
    if (arrays === 1) return carry;
    const part = slice(carry, 0, at, sizeOf(like.shape));
    at += sizeOf(like.shape);
    return reshape(part, like.shape);
  };
  return slots.map(({ member, start, lags }) => {
    const foreign = platesOf(slots).filter(({ axis }) => member.carried.symbol.axes.every((own) => own.axis !== axis));
    return Array.from({ length: lags }, () =>
      mapNodes(withoutStates(start), (like) => foreign.reduce((x, plate) => firstMember(x, plate, scope), next(like))),
    );
  });
}

/** Plates of any name in the carry. In the one event all names have them all, those that lack one as equal copies. */
const platesOf = (slots: readonly Slot[]): readonly PlateAxis[] =>
  slots.flatMap(({ member }) => member.carried.symbol.axes);

const firstMember = (x: Node, { axis, dim }: PlateAxis, scope: Scope): Node =>
  x.axes.includes(axis) ? gather(toEvent(x, axis, 0, scope.sizeOf(dim)), 0, scalar(0)) : x;

const withoutStates = (value: Value): Value => (value.kind === "array" ? arrayValue(value.node) : value);

/** The arrays of a value on the event shapes of `like`, in the order of its fields. */
function arraysOf(value: Value, like: Value): readonly Node[] {
  if (value.kind === "array" && like.kind === "array") return [repeatTo(value.node, like.node.shape)];
  if (value.kind === "array" || like.kind === "array") return ice("a carried value of two kinds");
  return Object.entries(like.fields).flatMap(([name, field]) => arraysOf(value.fields[name] as Value, field));
}

// ---------------------------------------------------------------------------------------- other scopes

/** Names inside a step: earlier values from the carry. */
function stepScope(slots: readonly Slot[], before: readonly (readonly Value[])[], outer: Scope): Scope {
  const last = new Map(
    slots.map(({ member }, i) => [member.carried.symbol, (before[i] as readonly Value[])[0] as Value]),
  );
  const earlier = new Map(
    slots.flatMap(({ member }, i) =>
      member.carried.earlier.map(
        ({ lag, symbol }) => [symbol, (before[i] as readonly Value[])[lag - 1] as Value] as const,
      ),
    ),
  );
  return scopeWith(
    {
      names: new Set([...earlier.keys(), ...last.keys()]),
      value: (symbol) => earlier.get(symbol),
      skipped: (symbol) => last.get(symbol),
    },
    outer,
  );
}

/** Names for a first look at the distribution of a site in a scan, before the sites whose earlier values it reads have
 * a value: start values stand for all earlier ones. Null where the distribution reads none. `standsIn`: does a node
 * depend on such a value? */
export function draftScope(
  stmt: SampleStmt,
  outer: Scope,
): { readonly scope: Scope; readonly standsIn: (node: Node) => boolean } | null {
  const { program } = outer;
  const around = program.recursions.around.get(stmt);
  const names = new Set(around?.carried.flatMap(({ earlier }) => earlier.map((e) => e.symbol)));
  const isRead = exprsOf(stmt).some((expr) => symbolsIn(expr).some((read) => dependsOn(read, names, program)));
  if (around === undefined || !isRead) return null;
  const anchors: Node[] = [];
  const startAt = (recursion: Recursion): Value =>
    mapNodes(startOf(recursion, outer), (node) => {
      anchors.push(mark(node, `${recursion.carried.symbol.name} before`, []));
      return anchors.at(-1) as Node;
    });
  const given = (name: Symbol): Value | undefined => {
    const earlier = program.recursions.earlier.get(name);
    return earlier && startAt(earlier.recursion);
  };
  const skipped = (name: Symbol): Value | undefined => {
    const recursion = program.recursions.carried.get(name);
    return recursion && startAt(recursion);
  };
  return {
    scope: scopeWith({ names, value: given, skipped }, outer),
    standsIn: (node) => anchors.some((anchor) => dependsOnNode(node, anchor)),
  };
}

/** Names where the array `symbol` has another value. */
export const withStandIn = (symbol: Symbol, value: Value, outer: Scope): Scope =>
  scopeWith(
    { names: new Set([symbol]), value: (name) => (name === symbol ? value : undefined), skipped: () => undefined },
    outer,
  );

/** Other values for some names. `skipped`: what a carried name has at a step that its data condition leaves out. */
type Others = {
  readonly names: ReadonlySet<Symbol>;
  readonly value: (name: Symbol) => Value | undefined;
  readonly skipped: (name: Symbol) => Value | undefined;
};

/** The scope in which some names have other values, and what depends on them is evaluated anew; everything else is that
 * of `outer`. Remarks and load checks are dropped: those of the definitions on the whole axis stand for them. */
function scopeWith({ names, value: given, skipped }: Others, outer: Scope): Scope {
  const memo = new Map<Symbol, Value>();
  const define = (symbol: Symbol): Value => {
    const site = outer.program.drawn.get(symbol);
    if (site !== undefined) return site.draw(scope);
    const { stmt, guards } = outer.program.lets.get(symbol) ?? ice(`no definition of ${symbol.name}`);
    const value = evaluate(stmt.value, { scope, locals: scope.call.locals, guard: dataGuard(guards, scope) });
    const guard = guardNode(outer.program.recursions.carried.get(symbol)?.guards ?? [], scope);
    const before = guard === null ? undefined : skipped(symbol);
    return guard === null || before === undefined
      ? value
      : zipNodes(value, before, (here, there) => select(guard, here, there));
  };
  const scope: Scope = {
    ...outer,
    report: [],
    checks: [],
    solutions: [],
    valueOf: (symbol) => {
      const known = memo.get(symbol) ?? given(symbol);
      if (known === undefined && !dependsOn(symbol, names, outer.program)) return outer.valueOf(symbol);
      const value = known ?? define(symbol);
      memo.set(symbol, value);
      return value;
    },
  };
  return scope;
}
