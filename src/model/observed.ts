// What an `observe` observes: a read of data, or of a `let` of data.

import { ice } from "../base/ice.ts";
import { eachStmt } from "./check-walk.ts";
import type { Expr, Model, Symbol } from "./model.ts";

/** The read without the conversion around it, and the name that it reads. */
export function observedRead(value: Expr): { readonly read: Expr; readonly symbol: Symbol } {
  const read = value.kind === "call" ? (value.args[0] ?? ice("a conversion of nothing")) : value;
  const base = read.kind === "subscript" ? read.base : read;
  return base.kind === "name" ? { read, symbol: base.symbol } : ice("an observed value that is no read of data");
}

/** Every name that the model observes. */
export function observedSymbols({ body }: Model): ReadonlySet<Symbol> {
  const found = new Set<Symbol>();
  eachStmt(body, (stmt) => void (stmt.kind === "observe" && found.add(observedRead(stmt.value).symbol)));
  return found;
}
