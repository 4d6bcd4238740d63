// A model run forwards. Its sites are given, as draws of a posterior, or drawn from their priors; what it observes is
// drawn anew, and its `predict` blocks are run. No guide, no density, no estimator: only values.

import { ice } from "../base/ice.ts";
import { diagnose, type Diagnostic, type Report } from "../base/diagnostic.ts";
import type { Axis, Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Bound } from "../model/bound.ts";
import type { ObserveStmt, ParamStmt, PlateAxis, ReportStmt, SampleStmt, Symbol } from "../model/model.ts";
import { rowOf } from "../model/dist-row.ts";
import { isImputed } from "../model/imputed.ts";
import { observedRead } from "../model/observed.ts";
import { PARTICLE } from "../objective/term.ts";
import {
  add,
  and,
  constant,
  fill,
  gather,
  param,
  repeatTo,
  reshape,
  scalar,
  select,
  sub,
  toAxis,
} from "../op/index.ts";
import { builtDist, draw } from "./distribution.ts";
import { evaluateArray, type Context } from "./expr.ts";
import { positionsOf, slotsOf, wholeOf } from "./positions.ts";
import { recursionsOf, type Recursions } from "./recursion.ts";
import {
  createScope,
  dataGuard,
  flatten,
  dataNode,
  guardNode,
  maskNode,
  valuesOf,
  type Guard,
  type Guarded,
  type Scope,
} from "./scope.ts";
import { siteValue } from "./site.ts";
import { arrayValue, type ArrayValue, type Value } from "./value.ts";

/** The shape of one draw of every site, by its name in the output, and of every param. */
export type GivenShapes = {
  readonly sites: Readonly<Record<string, readonly number[]>>;
  readonly params: Readonly<Record<string, readonly number[]>>;
};

/** A value of every draw, on the particle axis alone; its event is the shape of one draw. */
export type Output = { readonly name: string; readonly node: Node };
/** New data for an `observe`: entry i belongs at flat position `at[i]` of the array that is observed; -1 where the
 *  statement does not exist. */
export type Replicate = Output & {
  readonly of: string;
  readonly shape: readonly number[];
  readonly at: Int32Array;
  /** What is observed; members counted from 0. */
  readonly observed: Float64Array;
};

export type Forward = {
  /** Drawn sites of the model, and its reports; empty where sites are given. */
  readonly sites: readonly Output[];
  readonly reports: readonly Output[];
  readonly replicates: readonly Replicate[];
  /** Draws and reports of the `predict` blocks. */
  readonly predictions: readonly Output[];
  /** Sites that a scan carries and that are drawn, and arrays whose missing entries are: each is an input too
   *  (`carriedLeaf`), to be run until input and output agree. */
  readonly carried: readonly Output[];
};

/** Leaves that a run supplies: given sites (n draws), given params (one value), and the carried sites of the run
 *  before. */
export const siteLeaf = (outputName: string): string => `given site ${outputName}`;
export const paramLeaf = (name: string): string => `given param ${name}`;
export const carriedLeaf = (name: string): string => `carried ${name}`;

type State = {
  readonly bound: Bound;
  readonly given: GivenShapes | null;
  readonly scope: Scope;
  readonly model: readonly Guarded[];
  readonly predict: readonly Guarded[];
  readonly sites: ReadonlyMap<string, Guarded<SampleStmt>>;
  readonly inScans: ReadonlySet<Symbol>;
  readonly drawn: Map<string, ArrayValue>;
};

/** `given` null: everything is drawn from its prior, params are at their start, and sites that cannot be drawn are
 *  reported (PPL710). */
export function buildForward(bound: Bound, given: GivenShapes | null, report: Report): Forward {
  const { model } = bound;
  const blocks = model.predict.flatMap((block) => block.body);
  const [own, predict] = [flatten(model.body), flatten(blocks)];
  const supply = {
    site: (name: string): Value => siteOf(name, state),
    param: (stmt: ParamStmt): Value => paramOf(stmt, state),
  };
  const state: State = {
    bound,
    given,
    model: own,
    predict,
    scope: createScope(bound, model.base, [...model.body, ...blocks], new Set(), report, supply),
    sites: new Map(
      [...own, ...predict].flatMap(({ stmt, guards }) =>
        stmt.kind === "sample" ? [[stmt.symbol.name, { stmt, guards }] as const] : [],
      ),
    ),
    inScans: sitesOfRecursions(recursionsOf([...model.body, ...blocks])),
    drawn: new Map(),
  };
  const refused = (given === null ? own : []).flatMap(({ stmt }) =>
    stmt.kind === "sample" && rowOf(stmt.dist).dist.draw.kind === "none" ? [stmt] : [],
  );
  for (const stmt of refused) report.push(cannotDraw(stmt));
  if (refused.length > 0) return { sites: [], reports: [], replicates: [], predictions: [], carried: [] };
  const outputs: Omit<Forward, "carried"> = {
    sites: given === null ? own.flatMap((guarded) => sampled(guarded, state)) : [],
    reports: given === null ? own.flatMap((guarded) => reported(guarded, state)) : [],
    replicates: own.flatMap(({ stmt, guards }, i) =>
      stmt.kind === "observe" ? replicate(stmt, guards, i, state) : [],
    ),
    predictions: predict.flatMap((guarded) => [...sampled(guarded, state), ...reported(guarded, state)]),
  };
  return { ...outputs, carried: [...carriedOutputs(state), ...(given === null ? imputedOutputs(state) : [])] };
}

/** What a scan draws from earlier draws: the sites that it carries and, where it carries a `let`, which may read them,
 *  all its others. */
function sitesOfRecursions({ carried, around }: Recursions): ReadonlySet<Symbol> {
  const others = [...around].filter(([, scan]) => scan.carried.some(({ symbol }) => symbol.kind !== "site"));
  return new Set([...carried.keys(), ...others.map(([{ symbol }]) => symbol)]);
}

const cannotDraw = (stmt: SampleStmt): Diagnostic =>
  diagnose(
    "PPL710",
    stmt.dist.span,
    { site: stmt.symbol.name, dist: stmt.dist.name },
    {
      hint: "give it a proper distribution",
    },
  );

const contextOf = (state: State, guards: readonly Guard[]): Context => ({
  scope: state.scope,
  locals: new Map(),
  guard: dataGuard(guards, state.scope),
});

const axesOf = (plates: readonly PlateAxis[]): readonly Axis[] => plates.map((plate) => plate.axis);

// ---------------------------------------------------------------------------------------- sites and params

function siteOf(name: string, state: State): ArrayValue {
  const array = state.sites.has(name) ? undefined : imputedArrays(state).find((symbol) => symbol.name === name);
  if (array !== undefined) return imputedOf(array, state);
  const { stmt } = state.sites.get(name) ?? ice(`no site ${name}`);
  const given = state.given?.sites[stmt.outputName];
  if (given !== undefined && state.bound.model.sites.includes(stmt))
    return leafValue(siteLeaf(stmt.outputName), [PARTICLE], given, stmt.symbol, state);
  if (state.inScans.has(stmt.symbol))
    return leafValue(carriedLeaf(name), [PARTICLE], shapeOf(stmt.symbol, state), stmt.symbol, state);
  return drawnSite(name, state);
}

/** Arrays with missing entries that are latent. */
const imputedArrays = ({ bound: { model, arrays } }: State): readonly Symbol[] =>
  model.data.map(({ symbol }) => symbol).filter((symbol) => isImputed(symbol, arrays));

/** An array with its latent entries given, or as they were drawn in the run before. */
function imputedOf(symbol: Symbol, state: State): ArrayValue {
  const { name } = symbol;
  const there = dataNode(name, state.bound);
  const latent = maskNode(state.scope.latentEntries(symbol), there.shape);
  const entries = param(state.given === null ? carriedLeaf(name) : siteLeaf(name), [PARTICLE], there.shape);
  return arrayValue(latent === null ? there : select(latent, sub(entries, scalar(baseOf(symbol, state))), there));
}

/** One draw of a site from its distribution. The name of its noise is not that of the guide's draw: the two are
 *  independent. */
function drawnSite(name: string, state: State): ArrayValue {
  const before = state.drawn.get(name);
  if (before !== undefined) return before;
  const { stmt, guards } = state.sites.get(name) ?? ice(`no site ${name}`);
  const d = builtDist(stmt.dist, contextOf(state, guards));
  const value = siteValue(d, draw(d, `forward:${name}`, [...axesOf(stmt.plates), PARTICLE]));
  state.drawn.set(name, value);
  return value;
}

/** A leaf in the shape of the output, as the value of one member on the axes of its symbol. */
function leafValue(
  leaf: string,
  axes: readonly Axis[],
  shape: readonly number[],
  symbol: Symbol,
  { bound }: State,
): ArrayValue {
  const members = symbol.axes.reduce((x, { axis }) => toAxis(x, 0, axis), param(leaf, axes, shape));
  return arrayValue(isIndex(symbol) ? sub(members, scalar(bound.model.base)) : members);
}

const isIndex = ({ type }: Symbol): boolean => type.kind === "array" && type.elem.kind === "index";

function shapeOf({ axes, type, name }: Symbol, { scope }: State): readonly number[] {
  const own = type.kind === "array" ? type.shape : ice(`the site ${name} is a record`);
  return [
    ...axes.map(({ dim }) => scope.sizeOf(dim)),
    ...own.map((size) => (size === null ? ice(`the shape of ${name} is not known`) : scope.sizeOf(size))),
  ];
}

function paramOf({ symbol, value }: ParamStmt, state: State): Value {
  const shape = state.given?.params[symbol.name];
  return shape === undefined
    ? evaluateArray(value, contextOf(state, []))
    : leafValue(paramLeaf(symbol.name), [], shape, symbol, state);
}

// ---------------------------------------------------------------------------------------- outputs

/** A member's value as the whole of one draw: plates in front, in the order written; members that do not exist are
 *  NaN. */
function output(
  name: string,
  member: Node,
  plates: readonly PlateAxis[],
  guards: readonly Guard[],
  shift: number,
  state: State,
): Output {
  const guard = guardNode(guards, state.scope);
  const there = guard === null ? member : select(guard, member, scalar(NaN));
  return { name, node: onParticles(wholeOf(shift === 0 ? there : add(there, scalar(shift)), plates, state.scope)) };
}

const onParticles = (node: Node): Node => (node.axes.includes(PARTICLE) ? node : add(node, fill(0, [PARTICLE], [])));

const baseOf = (symbol: Symbol, { bound }: State): number => (isIndex(symbol) ? bound.model.base : 0);

function sampled({ stmt, guards }: Guarded, state: State): Output[] {
  if (stmt.kind !== "sample") return [];
  const { symbol, outputName } = stmt;
  return [output(outputName, siteOf(symbol.name, state).node, symbol.axes, guards, baseOf(symbol, state), state)];
}

function reported({ stmt, guards }: Guarded, state: State): Output[] {
  if (stmt.kind !== "report") return [];
  const { node } = evaluateArray(stmt.value, contextOf(state, guards));
  return [output(stmt.outputName, node, reportAxes(stmt), guards, baseOf(stmt.symbol, state), state)];
}

/** A report outside all plates shows a name whole. */
const reportAxes = ({ plates, symbol }: ReportStmt): readonly PlateAxis[] => (plates.length === 0 ? [] : symbol.axes);

function carriedOutputs(state: State): readonly Output[] {
  const isOpen = (stmt: SampleStmt): boolean =>
    state.inScans.has(stmt.symbol) && (state.given === null || !state.bound.model.sites.includes(stmt));
  return [...state.sites]
    .filter(([, { stmt }]) => isOpen(stmt))
    .map(([name, { stmt, guards }]) => {
      const { node } = drawnSite(name, state);
      const guard = guardNode(guards, state.scope);
      const kept = guard === null ? node : select(guard, node, scalar(0));
      return {
        name,
        node: onParticles(wholeOf(add(kept, scalar(baseOf(stmt.symbol, state))), stmt.symbol.axes, state.scope)),
      };
    });
}

/** Arrays with latent entries, each drawn by the statement that observes it. */
function imputedOutputs(state: State): readonly Output[] {
  return imputedArrays(state).map((symbol) => {
    const shape = state.bound.arrays[symbol.name]?.shape ?? ice(`no data for ${symbol.name}`);
    const node = state.model.reduce<Node>(
      (before, { stmt, guards }, number) =>
        stmt.kind === "observe" && observedRead(stmt.value).symbol === symbol
          ? drawnEntries(stmt, guards, number, before, state)
          : before,
      fill(0, [], [sizeOf(shape)]),
    );
    return { name: symbol.name, node: onParticles(reshape(node, shape)) };
  });
}

/** The entries of a flat array, with those that a statement observes drawn by it. */
function drawnEntries(stmt: ObserveStmt, guards: readonly Guard[], number: number, before: Node, state: State): Node {
  const drawn = newData(stmt, guards, number, state);
  if (drawn === null) return before;
  const { at } = positionsOf(stmt, guards, state.scope);
  const slots = [...slotsOf(at, before.shape[0]!)];
  const atEntries = (member: Node): Node => {
    const whole = wholeOf(repeatTo(member, drawn.shape), stmt.plates, state.scope);
    return gather(
      reshape(whole, [at.length]),
      0,
      constant(
        slots.map((slot) => Math.max(slot, 0)),
        [slots.length],
      ),
    );
  };
  const holds = guardNode(guards.filter(isLatent), state.scope);
  const covered = constant(
    slots.map((slot) => (slot >= 0 ? 1 : 0)),
    [slots.length],
  );
  return select(
    holds === null ? covered : and(covered, atEntries(holds)),
    add(atEntries(drawn.node), scalar(drawn.base)),
    before,
  );
}

// ---------------------------------------------------------------------------------------- new data

/** One draw of what a statement observes, per member; null where the distribution cannot be drawn. `base`: what its
 *  members count from in the file. */
function newData(
  stmt: ObserveStmt,
  guards: readonly Guard[],
  number: number,
  state: State,
): { readonly node: Node; readonly shape: readonly number[]; readonly base: number } | null {
  const d = builtDist(stmt.dist, contextOf(state, guards));
  if (d.instance.dist.draw.kind === "none") return null;
  return {
    node: siteValue(d, draw(d, `forward:${stmt.name}:${number}`, [...axesOf(stmt.plates), PARTICLE])).node,
    shape: d.shape,
    base: stmt.dist.type.elem.kind === "index" ? state.bound.model.base : 0,
  };
}

function replicate(stmt: ObserveStmt, guards: readonly Guard[], number: number, state: State): readonly Replicate[] {
  const drawn = newData(stmt, guards, number, state);
  if (drawn === null) return [];
  return [
    {
      ...output(`${stmt.name}_rep ${number}`, drawn.node, stmt.plates, guards.filter(isLatent), drawn.base, state),
      of: stmt.name,
      ...positionsOf(stmt, guards, state.scope),
      observed: observedOf(stmt, state),
    },
  ];
}

const isLatent = ({ condition }: Guard): boolean => condition.stage === "latent";

/** The values of the array of which a statement observes a part. */
function observedOf({ value }: ObserveStmt, state: State): Float64Array {
  const { read, symbol } = observedRead(value);
  const { known } = state.scope;
  return (
    known.arrays[symbol.name]?.values ??
    valuesOf(evaluateArray({ ...read, kind: "name", symbol }, contextOf(state, [])).node, known)
  );
}
