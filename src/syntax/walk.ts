// The parts of an expression and of a statement, for code that visits all of them.

import type { Arg, Body, DataItem, Expr, Statement, Sub, TypeNode } from "./ast.ts";

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
