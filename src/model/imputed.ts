// Arrays of the data whose missing entries are latent: in a bound model each is a site of the array's name and shape.

import { ice } from "../base/ice.ts";
import type { DataArray } from "./bound.ts";
import { eachStmt } from "./check-walk.ts";
import type { DataDecl, Expr, Model, ObserveStmt, PlateAxis, SampleStmt, Stmt, Symbol } from "./model.ts";
import { observedRead } from "./observed.ts";

/** The symbol that an expression reads, whole or by subscripts. */
export function readSymbol(expr: Expr): Symbol | null {
  const base = expr.kind === "subscript" ? expr.base : expr;
  return base.kind === "name" ? base.symbol : null;
}

/** The statements that observe an array. */
export function observersOf(body: readonly Stmt[], name: string): readonly ObserveStmt[] {
  const found: ObserveStmt[] = [];
  eachStmt(
    body,
    (stmt) => void (stmt.kind === "observe" && observedRead(stmt.value).symbol.name === name && found.push(stmt)),
  );
  return found;
}

/** Does the array have missing entries that are latent? */
export const isImputed = ({ kind, stage, name }: Symbol, arrays: Readonly<Record<string, DataArray>>): boolean =>
  kind === "data" && stage === "latent" && arrays[name]?.missing?.includes(1) === true;

/** The model with a site for every array whose missing entries are latent: of the name and shape of the array. */
export function withImputed(model: Model, arrays: Readonly<Record<string, DataArray>>): Model {
  const sites = model.data.filter(({ symbol }) => isImputed(symbol, arrays)).map((decl) => siteOf(decl, model));
  return sites.length === 0 ? model : { ...model, sites: [...model.sites, ...sites] };
}

function siteOf({ symbol }: DataDecl, { body }: Model): SampleStmt {
  const observers = observersOf(body, symbol.name);
  const { dist, span } = observers[0] ?? ice(`nothing observes ${symbol.name}`);
  return {
    kind: "sample",
    symbol: { ...symbol, kind: "site" },
    plates: [],
    dist,
    estimator: null,
    outputName: symbol.name,
    marginal: observers.some(({ marginal }) => marginal),
    span,
  };
}

/** The dims of an array as plates, as statements open them: where one is there twice, the second opening is `J'`. */
export function entryPlates({ type, name }: Symbol): readonly PlateAxis[] {
  const shape = type.kind === "array" ? type.shape : ice(`${name} is a record`);
  return shape.map((size, d) => {
    const dim = size ?? ice(`a size of ${name} is not known`);
    return { axis: `${dim}${"'".repeat(shape.slice(0, d).filter((before) => before === size).length)}`, dim };
  });
}

/** One entry of an array as a member on its dims: what a site of its missing entries looks like from inside a plate. */
export function entrySymbol(symbol: Symbol): Symbol {
  const elem = symbol.type.kind === "array" ? symbol.type.elem : ice(`${symbol.name} is a record`);
  return { ...symbol, kind: "site", axes: entryPlates(symbol), type: { kind: "array", elem, shape: [] } };
}
