// Words as arguments: of attributes and options, where names of estimators stand. The grammar reads `reinmax-rao` as a
// subtraction of names.

import type { Expr } from "./ast.ts";

/** `loo`, `reinmax-rao`, `"arsm+"`; null for anything else. */
export function wordOf(expr: Expr): string | null {
  if (expr.kind === "string") return expr.value;
  return hyphenated(expr);
}

/** Names joined by hyphens, as one word. */
export function hyphenated(expr: Expr): string | null {
  if (expr.kind === "name") return expr.name.text;
  if (expr.kind !== "binary" || expr.op !== "-" || expr.right.kind !== "name") return null;
  const first = hyphenated(expr.left);
  return first === null ? null : `${first}-${expr.right.name.text}`;
}
