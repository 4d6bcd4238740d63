// How the entries of a result are called: by the names that the data gave, else by number in the file's base.

import type { Labels } from "../result.ts";
import type { Bound } from "./bound.ts";
import type { Stmt, Symbol } from "./model.ts";
import { observedRead } from "./observed.ts";
import type { Size } from "./types.ts";

/** Labels of every site, report, param and predictive array, under the names that the output uses. */
export function labelsOf(bound: Bound): Record<string, Labels> {
  const { body, guide, predict, sites } = bound.model;
  const own = sites.map((stmt) => [stmt.outputName, labelsOfSymbol(stmt.symbol, bound)] as const);
  return Object.fromEntries([
    ...own,
    ...[...body, ...guide, ...predict.flatMap((block) => block.body)].flatMap((stmt) => inStatement(stmt, bound)),
  ]);
}

function inStatement(stmt: Stmt, bound: Bound): [string, Labels][] {
  switch (stmt.kind) {
    case "plate":
    case "scan":
      return stmt.body.flatMap((inner) => inStatement(inner, bound));
    case "if":
      return [...stmt.then, ...stmt.otherwise].flatMap((inner) => inStatement(inner, bound));
    case "sample":
    case "report":
      return [[stmt.outputName, labelsOfSymbol(stmt.symbol, bound)]];
    case "param":
      return [[stmt.symbol.name, labelsOfSymbol(stmt.symbol, bound)]];
    case "observe":
      return [[`${stmt.name}_rep`, labelsOfSymbol(observedRead(stmt.value).symbol, bound)]];
    case "let":
    case "factor":
      return [];
  }
}

/** The plates of a value come before its own dims. */
export function labelsOfSymbol(symbol: Symbol, { model, levels }: Bound): Labels {
  const own: readonly Size[] = symbol.type.kind === "array" ? symbol.type.shape : [];
  const sizes: readonly Size[] = [...symbol.axes.map(({ dim }) => dim), ...own];
  return {
    base: model.base,
    names: sizes.map((size) => (typeof size === "string" ? (levels[size] ?? null) : null)),
    dims: sizes.map((size) => (typeof size === "string" ? size : null)),
  };
}
