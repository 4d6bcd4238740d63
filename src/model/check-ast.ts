// Walks over the syntax tree, for what must be known before the first statement is checked.

import type { Span } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";

/** Names that a body defines, with those inside plates, branches and scans; plate indices are left out. */
export function targetsOf(body: Ast.Body): Map<string, Span> {
  const found = new Map<string, Span>();
  eachStatement(body, (statement) => {
    if ("target" in statement && statement.kind !== "observe" && !isPlainReport(statement)) {
      const { text, span } = statement.target.name;
      if (!found.has(text)) found.set(text, span);
    }
  });
  return found;
}

/** `report a` shows `a`; it defines nothing. */
const isPlainReport = (statement: Ast.Statement): boolean => statement.kind === "report" && statement.value === null;

export function eachStatement(body: Ast.Body, visit: (statement: Ast.Statement) => void): void {
  for (const statement of body.statements) {
    visit(statement);
    if (statement.kind === "plate" || statement.kind === "scan") eachStatement(statement.body, visit);
    if (statement.kind === "if") {
      eachStatement(statement.then, visit);
      if (statement.otherwise !== null) eachStatement(statement.otherwise, visit);
    }
  }
}

/** The left side of a definition, and the plates between it and the body in which it was looked for. */
export type Definition = { readonly target: Ast.Target; readonly binders: readonly Ast.Binder[] };

/** The first `let` or `sample` of a name. */
export function definitionIn(name: string, body: Ast.Body, binders: readonly Ast.Binder[] = []): Definition | null {
  for (const statement of body.statements) {
    if ((statement.kind === "let" || statement.kind === "sample") && statement.target.name.text === name) return { target: statement.target, binders };
    const found = bodiesOf(statement).map((inner) =>
      definitionIn(name, inner, statement.kind === "plate" ? [...binders, ...statement.binders] : binders));
    const first = found.find((definition) => definition !== null);
    if (first !== undefined) return first;
  }
  return null;
}

/** The bodies of a statement. */
function bodiesOf(statement: Ast.Statement): readonly Ast.Body[] {
  if (statement.kind === "plate" || statement.kind === "scan") return [statement.body];
  return statement.kind === "if" ? [statement.then, ...(statement.otherwise === null ? [] : [statement.otherwise])] : [];
}

/** Every expression that stands in a statement itself. */
export function exprsOf(statement: Ast.Statement): readonly Ast.Expr[] {
  switch (statement.kind) {
    case "sample": case "observe": return [statement.dist];
    case "report": return statement.value === null ? [] : [statement.value];
    case "let": case "param": case "factor": case "return": return [statement.value];
    case "if": return [statement.condition];
    case "scan": return statement.carried.flatMap(({ start }) => (start === null ? [] : [start]));
    case "plate": case "default": case "block": return [];
  }
}

/** The parts of an expression, in order. */
export function partsOf(expr: Ast.Expr): readonly Ast.Expr[] {
  switch (expr.kind) {
    case "int": case "real": case "string": case "bool": case "name": case "missing": return [];
    case "call": return expr.args.map((arg) => arg.value);
    case "unary": return [expr.operand];
    case "binary": return [expr.left, expr.right];
    case "if": return [expr.condition, expr.then, expr.otherwise];
    case "subscript":
      return [
        expr.base,
        ...expr.subs.flatMap((s) => (s.kind === "index" ? [s.value] : [s.from, s.to].filter((e) => e !== null))),
      ];
    case "field": return [expr.base];
    case "array": return expr.items;
    case "comprehension": return [expr.body];
    case "record": return expr.fields.map((field) => field.value);
    case "parens": return [expr.inner];
  }
}

/** Names that the body of a `fun` calls. */
export function callsOf(fun: Ast.Fun): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (expr: Ast.Expr): void => {
    if (expr.kind === "call") found.add(expr.name.text);
    if (expr.kind === "call") expr.args.forEach(({ value }) => value.kind === "name" && found.add(value.name.text)); // ode(f, …)
    partsOf(expr).forEach(visit);
  };
  if (fun.body.kind === "expr") visit(fun.body.value);
  else eachStatement(fun.body.body, (statement) => exprsOf(statement).forEach(visit));
  return found;
}
