// A `report` whose name other statements read is a definition too: it becomes a `let`, and a report of that.

import type { Checker } from "./check-scope.ts";
import { wholeOf } from "./check-subscript.ts";
import type { Expr, ReportStmt, Stmt, Symbol } from "./model.ts";

export function definedReports(body: readonly Stmt[], checker: Checker): readonly Stmt[] {
  const defined = new Set<Symbol>();
  const visit = (stmts: readonly Stmt[]): readonly Stmt[] =>
    stmts.flatMap((stmt): readonly Stmt[] => {
      switch (stmt.kind) {
        case "plate":
        case "scan":
          return [{ ...stmt, body: visit(stmt.body) }];
        case "if":
          return [{ ...stmt, then: visit(stmt.then), otherwise: visit(stmt.otherwise) }];
        case "let":
          defined.add(stmt.symbol);
          return [stmt];
        case "report": {
          const { symbol } = stmt;
          if (symbol.kind !== "let" || defined.has(symbol) || !checker.reads.has(symbol)) return [stmt];
          defined.add(symbol);
          return [
            { kind: "let", symbol, plates: stmt.plates, value: stmt.value, span: stmt.span },
            { ...stmt, value: memberOf(stmt, checker) },
          ];
        }
        default:
          return [stmt];
      }
    });
  return visit(body);
}

/** The symbol's own member: subscripted by the indices of its plates. */
function memberOf({ symbol, span }: ReportStmt, checker: Checker): Expr {
  const base = wholeOf(symbol, span);
  const owners = checker.facts.get(symbol)?.owners ?? [];
  if (owners.length === 0) return base;
  const subs = owners.map((owner) => ({ kind: "index" as const, value: wholeOf(owner, span) }));
  return { kind: "subscript", base, subs, type: symbol.type, stage: symbol.stage, span };
}
