// What an expression of data needs: the arrays and the sizes that it reads.

import { eachStmt, exprsOf } from "./check-walk.ts";
import { readBy } from "./dist-row.ts";
import type { Expr, Stmt, Subscript } from "./model.ts";

export type Mention = { readonly kind: "data" | "dim"; readonly name: string };

/** Every data array and every dim that `expr` names, in the order of the text, repetitions included. */
export function mentions(expr: Expr): Mention[] {
  switch (expr.kind) {
    case "number":
      return [];
    case "name":
      return ofSymbol(expr.symbol.kind, expr.symbol.name);
    case "subscript":
      return [...mentions(expr.base), ...expr.subs.flatMap(inSubscript)];
    case "call":
      return expr.args.flatMap(mentions);
    case "if":
      return [expr.condition, expr.then, expr.otherwise].flatMap(mentions);
    case "array":
      return expr.items.flatMap(mentions);
    case "comprehension":
      return [...expr.binders.flatMap((b) => ofSize(b.plate.dim)), ...mentions(expr.body)];
    case "record":
      return Object.values(expr.fields).flatMap(mentions);
    case "field":
      return mentions(expr.base);
    case "based":
      return mentions(expr.value);
    case "body":
      return [...expr.statements.flatMap(inStatement), ...mentions(expr.value)];
    case "where":
      return [...expr.bindings.flatMap((b) => mentions(b.value)), ...mentions(expr.value)];
    case "ode":
      return [expr.y0, expr.t0, expr.ts, ...expr.args.map((arg) => arg.value), expr.rate].flatMap(mentions);
    case "density":
      return [...readBy(expr.dist).flatMap(mentions), ...mentions(expr.at)];
  }
}

function inStatement(stmt: Stmt): Mention[] {
  const found: Mention[] = [];
  eachStmt([stmt], (inner) => {
    if (inner.kind === "plate" || inner.kind === "scan")
      found.push(...inner.binders.flatMap((b) => ofSize(b.plate.dim)));
    found.push(...exprsOf(inner).flatMap(mentions));
  });
  return found;
}

const ofSymbol = (kind: string, name: string): Mention[] => (kind === "data" || kind === "dim" ? [{ kind, name }] : []);
const ofSize = (size: string | number): Mention[] => (typeof size === "string" ? [{ kind: "dim", name: size }] : []);

function inSubscript(sub: Subscript): Mention[] {
  if (sub.kind === "index") return mentions(sub.value);
  return [sub.from, sub.to].flatMap((end) => (end === null ? [] : mentions(end)));
}
