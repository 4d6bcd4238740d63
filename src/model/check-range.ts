// Where a value can lie, as far as the program alone tells: literals, declared bounds, supports. Used to refuse what
// cannot be right (PPL310).

import type { SupportKind } from "../dist/dist.ts";
import { supportBounds } from "../dist/bounds.ts";
import { anywhere, between, hull, positive } from "./check-interval.ts";
import type { Range } from "./check-interval.ts";
import { factsOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { argumentsOf, rowOf } from "./dist-row.ts";
import type { Bound, DistExpr, Expr, Symbol } from "./model.ts";

/** Entries of `expr` lie here. */
export function rangeOf(expr: Expr, env: Env): Range {
  switch (expr.kind) {
    case "number":
      return between(expr.value, expr.value);
    case "name":
      return rangeOfSymbol(expr.symbol, env);
    case "subscript":
      return rangeOf(expr.base, env);
    case "based":
    case "body":
    case "where":
      return rangeOf(expr.value, env);
    case "if":
      return hull([rangeOf(expr.then, env), rangeOf(expr.otherwise, env)]);
    case "array":
      return hull(expr.items.map((item) => rangeOf(item, env)));
    case "comprehension":
      return rangeOf(expr.body, env);
    case "call":
      return rangeOfCall(expr, env);
    default:
      return anywhere;
  }
}

function rangeOfSymbol(symbol: Symbol, env: Env): Range {
  if (symbol.kind === "dim") return between(0, Infinity);
  if (symbol.type.kind === "array" && symbol.type.elem.kind === "bool") return between(0, 1);
  return factsOf(env, symbol).range;
}

function rangeOfCall(expr: Extract<Expr, { kind: "call" }>, env: Env): Range {
  const [x = anywhere] = expr.args.map((arg) => rangeOf(arg, env));
  switch (expr.fn) {
    case "neg":
      return { lower: -x.upper, upper: -x.lower, lowerOpen: x.upperOpen, upperOpen: x.lowerOpen };
    case "zeros":
      return between(0, 0);
    case "ones":
      return between(1, 1);
    case "exp":
      return positive;
    case "abs":
    case "square":
    case "sqrt":
      return between(0, Infinity);
    default:
      return anywhere;
  }
}

/** Where declared bounds leave a value; bounds that are no literals tell nothing. */
export function rangeOfBounds(bounds: readonly Bound[], env: Env): Range {
  return bounds.reduce<Range>((range, { kind, value }) => {
    const { lower, upper } = rangeOf(value, env);
    const isLower = kind === ">" || kind === ">=";
    const limit = isLower ? lower : upper;
    if (isLower && limit >= range.lower) return { ...range, lower: limit, lowerOpen: kind === ">" };
    return !isLower && limit <= range.upper ? { ...range, upper: limit, upperOpen: kind === "<" } : range;
  }, anywhere);
}

// ---------------------------------------------------------------------------------------- distributions

/** Ends of a distribution's values. Null: not known before the data is read. */
export type Reach = { readonly kind: SupportKind; readonly lower: number | null; readonly upper: number | null };

export function reachOf(dist: DistExpr, env: Env): Reach {
  const row = rowOf(dist);
  const known = Object.entries(argumentsOf(dist)).flatMap(([name, arg]) => {
    const { lower, upper } = rangeOf(arg, env);
    return lower === upper ? [[name, lower] as const] : [];
  });
  return supportBounds(row.dist, row.form, Object.fromEntries(known));
}

/** The range of a distribution's values; open ends count as closed, being of probability zero or undecided. */
export function rangeOfReach({ kind, lower, upper }: Reach): Range {
  const range = between(lower ?? -Infinity, upper ?? Infinity);
  return kind === "positive" ? positive : range;
}
