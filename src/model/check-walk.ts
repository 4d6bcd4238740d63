// Walks over checked expressions: their parts, and what a value depends on.

import type { Span } from "../base/span.ts";
import { factsOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { readBy } from "./dist-row.ts";
import type { Expr, Stmt, Symbol } from "./model.ts";

/** The parts of an expression, in order. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "number":
    case "name":
      return [];
    case "subscript":
      return [
        expr.base,
        ...expr.subs.flatMap((s) => (s.kind === "index" ? [s.value] : [s.from, s.to].filter((e) => e !== null))),
      ];
    case "call":
      return expr.args;
    case "if":
      return [expr.condition, expr.then, expr.otherwise];
    case "array":
      return expr.items;
    case "comprehension":
      return [expr.body];
    case "record":
      return Object.values(expr.fields);
    case "field":
      return [expr.base];
    case "based":
      return [expr.value];
    case "body":
      return [...expr.statements.flatMap(exprsInside), expr.value];
    case "where":
      return [...expr.bindings.map((b) => b.value), expr.value];
    case "ode":
      return [expr.y0, expr.t0, expr.ts, ...expr.args.map((arg) => arg.value), expr.rate];
    case "density":
      return [...readBy(expr.dist), expr.at];
  }
}

/** Calls `visit` on every symbol that the expression reads. */
export function eachSymbol(expr: Expr, visit: (symbol: Symbol, span: Span) => void): void {
  if (expr.kind === "name") visit(expr.symbol, expr.span);
  for (const part of partsOf(expr)) eachSymbol(part, visit);
}

/** The expressions that stand in a statement itself (not in the statements inside it). */
export function exprsOf(stmt: Stmt): readonly Expr[] {
  switch (stmt.kind) {
    case "sample":
      return readBy(stmt.dist);
    case "observe":
      return [stmt.value, ...readBy(stmt.dist)];
    case "let":
    case "factor":
    case "report":
      return [stmt.value];
    case "param":
      return [stmt.value, ...stmt.bounds.map((b) => b.value)];
    case "if":
      return [stmt.condition];
    case "plate":
      return [];
    case "scan":
      return stmt.carried.flatMap(({ start }) => (start === null ? [] : [start]));
  }
}

/** The expressions in a statement and in those inside it. */
function exprsInside(stmt: Stmt): readonly Expr[] {
  const found: Expr[] = [];
  eachStmt([stmt], (inner) => void found.push(...exprsOf(inner)));
  return found;
}

/** Every statement, with those inside plates and branches, in order. */
export function eachStmt(body: readonly Stmt[], visit: (stmt: Stmt) => void): void {
  for (const stmt of body) {
    visit(stmt);
    if (stmt.kind === "plate" || stmt.kind === "scan") eachStmt(stmt.body, visit);
    if (stmt.kind === "if") {
      eachStmt(stmt.then, visit);
      eachStmt(stmt.otherwise, visit);
    }
  }
}

/** The indices that an expression brings itself. */
function indicesOf(expr: Expr): readonly Symbol[] {
  if (expr.kind === "comprehension") return expr.binders.map(({ symbol }) => symbol);
  const found: Symbol[] = [];
  if (expr.kind === "body") {
    eachStmt(
      expr.statements,
      (stmt) =>
        void (
          (stmt.kind === "plate" || stmt.kind === "scan") &&
          found.push(...stmt.binders.map(({ symbol }) => symbol))
        ),
    );
  }
  return found;
}

export type Dependencies = { readonly latents: readonly string[]; readonly varies: readonly Symbol[] };

/** The sites and params on which a value depends, and the indices along which it varies (names bound inside it left
 *  out). */
export function dependencies(env: Env, exprs: readonly Expr[]): Dependencies {
  const latents = new Set<string>();
  const varies = new Set<Symbol>();
  const bound = new Set<Symbol>();
  const visit = (expr: Expr): void => {
    for (const symbol of indicesOf(expr)) bound.add(symbol);
    if (expr.kind === "name") {
      const facts = factsOf(env, expr.symbol);
      for (const name of facts.latents) latents.add(name);
      for (const index of facts.varies) varies.add(index);
      if (expr.symbol.kind === "plate-index") varies.add(expr.symbol);
    }
    for (const part of partsOf(expr)) visit(part);
  };
  exprs.forEach(visit);
  return { latents: [...latents], varies: [...varies].filter((index) => !bound.has(index)) };
}
