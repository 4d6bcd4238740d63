// What the densities of a model read: the expressions that stand in them, and the definitions behind the names in
// these.

import { eachStmt, eachSymbol, exprsOf } from "./check-walk.ts";
import type { Expr, Stmt, Symbol } from "./model.ts";

export type DensityReads = {
  /** Expressions of `sample`, `observe`, `factor` and conditions, then the values of `let`s that they read. */
  readonly exprs: readonly Expr[];
  readonly symbols: ReadonlySet<Symbol>;
};

/** `stmts`: every statement that counts; `all`: those in which definitions are looked up. */
export function readsOf(stmts: readonly Stmt[], all: readonly Stmt[] = stmts): DensityReads {
  const values = definitions(all);
  const symbols = new Set<Symbol>();
  const exprs = stmts.filter(hasDensity).flatMap(exprsOf);
  const visit = (symbol: Symbol): void => {
    if (symbols.has(symbol)) return;
    symbols.add(symbol);
    const value = values.get(symbol);
    if (value === undefined) return;
    exprs.push(value);
    eachSymbol(value, visit);
  };
  for (const expr of [...exprs]) eachSymbol(expr, visit);
  return { exprs, symbols };
}

export function allOf(body: readonly Stmt[]): readonly Stmt[] {
  const found: Stmt[] = [];
  eachStmt(body, (stmt) => found.push(stmt));
  return found;
}

const hasDensity = ({ kind }: Stmt): boolean => kind !== "let" && kind !== "report" && kind !== "param";

/** What each `let` stands for; the value some steps before in a scan has the definition of the step itself. */
function definitions(stmts: readonly Stmt[]): ReadonlyMap<Symbol, Expr> {
  const values = new Map<Symbol, Expr>();
  for (const stmt of stmts) if (stmt.kind === "let") values.set(stmt.symbol, stmt.value);
  for (const stmt of stmts) {
    if (stmt.kind !== "scan") continue;
    for (const { symbol, earlier } of stmt.carried) {
      const value = values.get(symbol);
      if (value !== undefined) for (const one of earlier) values.set(one.symbol, value);
    }
  }
  return values;
}
