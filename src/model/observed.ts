// What an `observe` observes: a read of data, or of a `let` of data.

import { ice } from "../base/ice.ts";
import type { Expr, Model, ObserveStmt, Stmt, Symbol } from "./model.ts";

/** The read without the conversion around it, and the name that it reads. */
export function observedRead(value: Expr): { readonly read: Expr; readonly symbol: Symbol } {
  const read = value.kind === "call" ? value.args[0] ?? ice("a conversion of nothing") : value;
  const base = read.kind === "subscript" ? read.base : read;
  return base.kind === "name" ? { read, symbol: base.symbol } : ice("an observed value that is no read of data");
}

/** Every name that the model observes. */
export function observedSymbols({ body }: Model): ReadonlySet<Symbol> {
  const observes = (stmts: readonly Stmt[]): readonly ObserveStmt[] => stmts.flatMap((stmt) => {
    if (stmt.kind === "plate" || stmt.kind === "scan") return observes(stmt.body);
    if (stmt.kind === "if") return [...observes(stmt.then), ...observes(stmt.otherwise)];
    return stmt.kind === "observe" ? [stmt] : [];
  });
  return new Set(observes(body).map(({ value }) => observedRead(value).symbol));
}
