// The parts of an expression and of a statement, for code that visits all of them, and what such visits find: the names
// that a body defines, the functions that a `fun` calls.

import type { Span } from "../base/span.ts";
import type { Arg, Binder, Body, DataItem, Expr, Fun, Statement, Sub, Target, TypeNode } from "./ast.ts";

/** The expressions directly inside an expression, in the order of the text. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "int":
    case "real":
    case "string":
    case "bool":
    case "name":
    case "missing":
      return [];
    case "call":
      return exprsOfArgs(expr.args);
    case "unary":
      return [expr.operand];
    case "binary":
      return [expr.left, expr.right];
    case "if":
      return [expr.condition, expr.then, expr.otherwise];
    case "subscript":
      return [expr.base, ...expr.subs.flatMap(exprsOfSub)];
    case "field":
      return [expr.base];
    case "array":
      return expr.items;
    case "comprehension":
      return [expr.body];
    case "record":
      return expr.fields.map((field) => field.value);
    case "parens":
      return [expr.inner];
    default:
      return expr satisfies never;
  }
}

const levels = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">="], ["+", "-"], ["*", "/", "%"], ["^"]];
const levelOf = (op: string): number => levels.findIndex((ops) => ops.includes(op));

/** Is the left operand part of the same chain of operators, as in a + b - c? */
export const continuesChain = ({ op, left }: Extract<Expr, { kind: "binary" }>): boolean =>
  left.kind === "binary" && op !== "^" && levelOf(left.op) === levelOf(op);

const exprsOfArgs = (args: readonly Arg[]): readonly Expr[] => args.map((arg) => arg.value);

const exprsOfSub = (sub: Sub): readonly Expr[] =>
  sub.kind === "index" ? [sub.value] : [sub.from, sub.to].filter((side) => side !== null);

export function exprsOfType(type: TypeNode): readonly Expr[] {
  if (type.kind === "recordType") return type.fields.flatMap((field) => exprsOfType(field.type));
  return type.bounds.flatMap((bound) => (bound.kind === "in" ? [bound.lower, bound.upper] : [bound.value]));
}

/** The outermost expressions of a statement; those inside its bodies are not among them. */
export function exprsOfStatement(statement: Statement): readonly Expr[] {
  return [...statement.attributes.flatMap((one) => exprsOfArgs(one.args)), ...ownExprs(statement)];
}

function ownExprs(statement: Statement): readonly Expr[] {
  switch (statement.kind) {
    case "sample":
    case "observe":
      return [...exprsOfTarget(statement), statement.dist];
    case "let":
      return [...exprsOfTarget(statement), statement.value];
    case "report":
      return [...exprsOfTarget(statement), ...(statement.value ? [statement.value] : [])];
    case "param":
      return [...exprsOfTarget(statement), ...(statement.type ? exprsOfType(statement.type) : []), statement.value];
    case "factor":
    case "return":
      return [statement.value];
    case "plate":
      return [];
    case "scan":
      return statement.carried.flatMap((one) => [
        ...(one.type ? exprsOfType(one.type) : []),
        ...(one.start ? [one.start] : []),
      ]);
    case "if":
      return [statement.condition];
    case "default":
    case "block":
      return exprsOfArgs(statement.family.args);
    default:
      return statement satisfies never;
  }
}

const exprsOfTarget = ({ target }: Extract<Statement, { target: unknown }>): readonly Expr[] =>
  (target.subs ?? []).flatMap(exprsOfSub);

export function exprsOfDataItem(item: DataItem): readonly Expr[] {
  switch (item.kind) {
    case "base":
      return [];
    case "dim":
      return item.dims.flatMap((dim) => (dim.value ? [dim.value] : []));
    case "declaration":
      return [...exprsOfType(item.type), ...(item.value ? [item.value] : [])];
    default:
      return item satisfies never;
  }
}

/** The bodies of a statement, in the order of the text. */
export function bodiesOf(statement: Statement): readonly Body[] {
  switch (statement.kind) {
    case "plate":
    case "scan":
      return [statement.body];
    case "if":
      return statement.otherwise === null ? [statement.then] : [statement.then, statement.otherwise];
    default:
      return [];
  }
}

/** The statements of a body and of the bodies in it. */
export const allStatements = (body: Body): readonly Statement[] =>
  body.statements.flatMap((one) => [one, ...bodiesOf(one).flatMap(allStatements)]);

// ---------------------------------------------------------------------------------------- names

/** Names that a body defines, with those inside plates, branches and scans; plate indices are left out. */
export function targetsOf(body: Body): Map<string, Span> {
  const found = new Map<string, Span>();
  for (const statement of allStatements(body)) {
    if (!("target" in statement) || statement.kind === "observe" || isPlainReport(statement)) continue;
    const { text, span } = statement.target.name;
    if (!found.has(text)) found.set(text, span);
  }
  return found;
}

/** `report a` shows `a`; it defines nothing. */
const isPlainReport = (statement: Statement): boolean => statement.kind === "report" && statement.value === null;

/** The left side of a definition, and the plates between it and the body in which it was looked for. */
export type Definition = { readonly target: Target; readonly binders: readonly Binder[] };

/** The first `let` or `sample` of a name. */
export function definitionIn(name: string, body: Body, binders: readonly Binder[] = []): Definition | null {
  for (const statement of body.statements) {
    if ((statement.kind === "let" || statement.kind === "sample") && statement.target.name.text === name)
      return { target: statement.target, binders };
    const around = statement.kind === "plate" ? [...binders, ...statement.binders] : binders;
    for (const inner of bodiesOf(statement)) {
      const found = definitionIn(name, inner, around);
      if (found !== null) return found;
    }
  }
  return null;
}

/** Names that the body of a `fun` calls, and those that it may hand to a call, as in `ode(f, …)`. */
export function callsOf({ body }: Fun): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (expr: Expr): void => {
    if (expr.kind === "call") {
      found.add(expr.name.text);
      for (const { value } of expr.args) if (value.kind === "name") found.add(value.name.text);
    }
    childrenOf(expr).forEach(visit);
  };
  (body.kind === "expr" ? [body.value] : allStatements(body.body).flatMap(exprsOfStatement)).forEach(visit);
  return found;
}
