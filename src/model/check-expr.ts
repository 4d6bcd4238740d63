// Expressions: AST → typed expressions of the model. Null means that something inside was wrong and has been reported.

import { ice } from "../base/ice.ts";
import type { Span } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";
import { callRow, stageOf, toNumber } from "./check-apply.ts";
import { checkCall } from "./check-call.ts";
import { checkNameRead, checkSubscript } from "./check-subscript.ts";
import { fault, newScope, define, sizeOf, textOf, unbuilt } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { underCondition } from "./check-steps.ts";
import { dependencies } from "./check-walk.ts";
import { builtRow } from "../function/index.ts";
import type { Binder, Expr, Symbol } from "./model.ts";
import { align, array, bool, index, int, joinElems, real, showElem, showType } from "./types.ts";
import type { ArrayType, Elem, RecordType, Shape, Type } from "./types.ts";

export function checkExpr(node: Ast.Expr, env: Env): Expr | null {
  switch (node.kind) {
    case "int":
    case "real":
      return number(node.value, node.kind === "int" ? int : real, node.span);
    case "bool":
      return number(node.value ? 1 : 0, bool, node.span);
    case "string":
      return fault(env, "PPL306", node.span, {
        value: textOf(node.span),
        found: "a string",
        op: "an expression",
        wants: "a number",
      });
    case "parens":
      return checkExpr(node.inner, env);
    case "missing":
      return null;
    case "name":
      return checkNameRead(node.name, null, env);
    case "subscript":
      return checkSubscript(node, env);
    case "call":
      return checkCall(node, env);
    case "unary":
      return operate(node.op === "-" ? "neg" : "not", [node.operand], node.span, env);
    case "binary":
      return operate(BINARY[node.op], [node.left, node.right], node.span, env);
    case "if":
      return checkChoice([node.condition, node.then, node.otherwise], node.span, env);
    case "array":
      return checkArray(node.items, node.span, env);
    case "comprehension":
      return checkComprehension(node, env);
    case "record":
      return checkRecord(node, env);
    case "field":
      return checkField(node, env);
  }
}

const BINARY: Readonly<Record<Ast.BinaryOperator, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "mod",
  "^": "pow",
  "==": "equal",
  "!=": "notEqual",
  "<": "less",
  "<=": "lessEqual",
  ">": "greater",
  ">=": "greaterEqual",
  "&&": "and",
  "||": "or",
};

export const number = (value: number, elem: Elem, span: Span): Expr => ({
  kind: "number",
  value,
  type: array(elem, []),
  stage: "data",
  span,
});

/** All of them, or null where one is wrong; every one is checked. */
export function checkAll(nodes: readonly Ast.Expr[], env: Env): Expr[] | null {
  const found = nodes.map((node) => checkExpr(node, env));
  return found.every((expr) => expr !== null) ? found : null;
}

function operate(fn: string, operands: readonly Ast.Expr[], span: Span, env: Env): Expr | null {
  const args = checkAll(operands, env);
  return args === null ? null : callRow(builtRow(fn), args, null, span, env);
}

// ---------------------------------------------------------------------------------------- what an expression must be

/** Reports PPL313 where `value` depends on latents. */
export function needData(env: Env, value: Expr, what: string): boolean {
  if (value.stage === "data") return true;
  fault(env, "PPL313", value.span, { what, value: textOf(value.span), names: dependencies(env, [value]).latents });
  return false;
}

/** An expression whose value is an array: records are refused. */
export function checkArrayExpr(node: Ast.Expr, env: Env, op: string): (Expr & { readonly type: ArrayType }) | null {
  const value = checkExpr(node, env);
  return value === null ? null : asArray(value, env, op);
}

export function asArray(value: Expr, env: Env, op: string): (Expr & { readonly type: ArrayType }) | null {
  if (isArray(value)) return value;
  return fault(
    env,
    "PPL306",
    value.span,
    { value: textOf(value.span), found: "a record", op, wants: "a number or an array" },
    {
      hint: "take one of its fields with a point",
    },
  );
}

export const isArray = (value: Expr): value is Expr & { readonly type: ArrayType } => value.type.kind === "array";

// ---------------------------------------------------------------------------------------- choices

/** `if c then a else b` and `select(c, a, b)`. */
export function checkChoice(nodes: readonly Ast.Expr[], span: Span, env: Env): Expr | null {
  const [first, ...branches] = nodes as [Ast.Expr, Ast.Expr, Ast.Expr];
  const condition = checkExpr(first, env);
  const [then, otherwise] = branches.map((branch, i) =>
    checkExpr(branch, condition === null ? env : underCondition(env, condition, i === 0)),
  );
  if (condition === null || then == null || otherwise == null) return null;
  if (!checkCondition(condition, env)) return null;
  if (then.type.kind === "record" && otherwise.type.kind === "record")
    return recordChoice(condition, then, otherwise, span, env);
  const [c, a, b] = [asArray(condition, env, "`if`"), asArray(then, env, "`if`"), asArray(otherwise, env, "`if`")];
  if (c === null || a === null || b === null) return null;
  const joined = joinBranches([a, b], span, env);
  if (joined === null) return null;
  const shape = alignedShape([c, ...joined.values], "`if`", span, env);
  if (shape === null) return null;
  const [yes, no] = joined.values as [Expr, Expr];
  return {
    kind: "if",
    condition: c,
    then: yes,
    otherwise: no,
    type: array(joined.elem, shape),
    stage: stageOf([c, yes, no]),
    span,
  };
}

export function checkCondition(condition: Expr, env: Env): boolean {
  if (condition.type.kind === "array" && condition.type.elem.kind === "bool") return true;
  const numeric = condition.type.kind === "array" && condition.type.elem.kind === "int";
  fault(
    env,
    "PPL306",
    condition.span,
    { value: textOf(condition.span), found: showType(condition.type), op: "a condition", wants: "bool" },
    {
      hint: numeric ? `write ${textOf(condition.span)} != 0` : undefined,
    },
  );
  return false;
}

/** Records of the same fields: chosen as a whole by a scalar condition. */
function recordChoice(condition: Expr, then: Expr, otherwise: Expr, span: Span, env: Env): Expr | null {
  const type = joinTypes(then.type, otherwise.type);
  if (type === null || condition.type.kind !== "array" || condition.type.shape.length > 0) {
    return fault(env, "PPL306", otherwise.span, {
      value: textOf(otherwise.span),
      found: showType(otherwise.type),
      op: "this `if`",
      wants: `${showType(then.type)} and a scalar condition`,
    });
  }
  return { kind: "if", condition, then, otherwise, type, stage: stageOf([condition, then, otherwise]), span };
}

/** Values of both types are values of it; null where there is none. */
export function joinTypes(a: Type, b: Type): Type | null {
  if (a.kind === "array" && b.kind === "array") {
    const elem = joinElems(a.elem, b.elem);
    const aligned = align([a.shape, b.shape]);
    return elem === null || "problem" in aligned || a.shape.length !== b.shape.length
      ? null
      : array(elem, aligned.shape);
  }
  if (a.kind !== "record" || b.kind !== "record" || Object.keys(a.fields).length !== Object.keys(b.fields).length)
    return null;
  const fields: Record<string, Type> = {};
  for (const [name, type] of Object.entries(a.fields)) {
    const joined = Object.hasOwn(b.fields, name) ? joinTypes(type, b.fields[name]!) : null;
    if (joined === null) return null;
    fields[name] = joined;
  }
  return { kind: "record", fields };
}

/** Values of one element: indices of one dim stay indices, else they become numbers. */
export function joinBranches(
  values: readonly (Expr & { readonly type: ArrayType })[],
  span: Span,
  env: Env,
): { readonly elem: Elem; readonly values: readonly (Expr & { readonly type: ArrayType })[] } | null {
  const join = (list: typeof values): Elem | null =>
    list
      .map((v) => v.type.elem)
      .reduce<Elem | null>((a, b) => (a === null ? null : joinElems(a, b)), list[0]!.type.elem);
  const direct = join(values);
  if (direct !== null) return { elem: direct, values };
  const indices = values.filter((v) => v.type.elem.kind === "index");
  if (indices.length === values.length) {
    const other = indices.find((v) => joinElems(v.type.elem, indices[0]!.type.elem) === null) ?? indices[1]!;
    return fault(
      env,
      "PPL302",
      span,
      {
        left: textOf(indices[0]!.span),
        leftDim: dimOf(indices[0]!),
        right: textOf(other.span),
        rightDim: dimOf(other),
      },
      { hint: "int(…) makes a number of an index" },
    );
  }
  const numbers = values.map((v) => toNumber(v, env)) as typeof values;
  const elem = join(numbers);
  return { elem: elem ?? ice("numbers that have no common type"), values: numbers };
}

export const dimOf = (value: Expr & { readonly type: ArrayType }): string => {
  const { elem } = value.type;
  return elem.kind === "index" ? String(elem.dim ?? "?") : showElem(elem);
};

/** The shape that all take together; null after PPL301 or PPL304. */
export function alignedShape(
  values: readonly (Expr & { readonly type: ArrayType })[],
  op: string,
  span: Span,
  env: Env,
): Shape | null {
  const aligned = align(values.map((v) => v.type.shape));
  if (!("problem" in aligned)) return aligned.shape;
  const args = { op, left: aligned.left, right: aligned.right };
  return aligned.problem === "ambiguous"
    ? fault(env, "PPL304", span, args, { hint: COMPREHENSION })
    : fault(env, "PPL301", span, args);
}

export const COMPREHENSION = "a comprehension says which is meant: [i in N, j in N: …]";

// ---------------------------------------------------------------------------------------- arrays and records

/** `[a, b]`: the new size first. Elements have one shape; scalars are repeated. */
function checkArray(items: readonly Ast.Expr[], span: Span, env: Env): Expr | null {
  const checked = checkAll(items, env);
  if (checked === null) return null;
  if (checked.length === 0)
    return fault(env, "PPL308", span, { of: "an array literal", problem: "needs at least one element" });
  const values = checked.map((item) => asArray(item, env, "an array literal"));
  if (!values.every((value) => value !== null)) return null;
  const joined = joinBranches(values, span, env);
  if (joined === null) return null;
  const ranks = new Set(joined.values.map((v) => v.type.shape.length));
  const shape = alignedShape(joined.values, "an array literal", span, env);
  if (shape === null) return null;
  if (ranks.size > 1) {
    const [low, high] = [...joined.values]
      .sort((a, b) => a.type.shape.length - b.type.shape.length)
      .map((v) => v.type.shape);
    return fault(env, "PPL301", span, { op: "an array literal", left: low ?? [], right: high ?? [] });
  }
  return {
    kind: "array",
    items: joined.values,
    type: array(joined.elem, [joined.values.length, ...shape]),
    stage: stageOf(joined.values),
    span,
  };
}

/** `[i in N, j in M: e]`. */
function checkComprehension(node: Extract<Ast.Expr, { kind: "comprehension" }>, env: Env): Expr | null {
  const inner = openBinders(node.binders, env);
  const body = inner === null ? null : checkArrayExpr(node.body, inner.env, "a comprehension");
  if (inner === null || body === null) return null;
  const front = inner.binders.map(({ plate }) => plate.dim);
  return {
    kind: "comprehension",
    binders: inner.binders,
    body,
    type: array(body.type.elem, [...front, ...body.type.shape]),
    stage: body.stage,
    span: node.span,
  };
}

/** Enters indices over dims into a new scope; their axes differ from all that are open. Null after an error. */
export function openBinders(
  nodes: readonly Ast.Binder[],
  env: Env,
): { readonly env: Env; readonly binders: readonly Binder[] } | null {
  let inner: Env = { ...env, scope: newScope("plate", env.scope) };
  const binders: Binder[] = [];
  let sound = true;
  for (const { name, size, span } of nodes) {
    const entry = sizeOf(env, size);
    const dim = entry?.size ?? null;
    if (entry === null || dim === null) {
      if (entry !== null)
        unbuilt(env, span, "an index over a size that is known at load only", "declare the size as a dim");
      define(inner, inner.scope, name, null);
      sound = false;
      continue;
    }
    const symbol: Symbol = {
      name: name.text,
      kind: "plate-index",
      type: array(index(dim), []),
      axes: [],
      stage: "data",
      span: name.span,
    };
    if (!define(inner, inner.scope, name, symbol)) sound = false;
    const opened = inner.indices.filter(({ plate }) => plate.dim === dim).length;
    const binder: Binder = { symbol, plate: { axis: `${dim}${"'".repeat(opened)}`, dim }, span };
    binders.push(binder);
    inner = { ...inner, indices: [...inner.indices, binder] };
  }
  return sound ? { env: inner, binders } : null;
}

function checkRecord(node: Extract<Ast.Expr, { kind: "record" }>, env: Env): Expr | null {
  const fields: Record<string, Expr> = {};
  let sound = true;
  for (const { name, value } of node.fields) {
    const checked = checkExpr(value, env);
    if (Object.hasOwn(fields, name.text)) fault(env, "PPL203", name.span, { name: name.text });
    if (checked === null || Object.hasOwn(fields, name.text)) sound = false;
    else fields[name.text] = checked;
  }
  if (!sound) return null;
  const type: RecordType = {
    kind: "record",
    fields: Object.fromEntries(Object.entries(fields).map(([n, e]) => [n, e.type])),
  };
  return { kind: "record", fields, type, stage: stageOf(Object.values(fields)), span: node.span };
}

function checkField(node: Extract<Ast.Expr, { kind: "field" }>, env: Env): Expr | null {
  const base = checkExpr(node.base, env);
  if (base === null) return null;
  const { text, span } = node.field;
  const type = base.type.kind === "record" && Object.hasOwn(base.type.fields, text) ? base.type.fields[text]! : null;
  if (type === null) {
    const names = base.type.kind === "record" ? Object.keys(base.type.fields) : [];
    return fault(
      env,
      "PPL309",
      span,
      { value: textOf(node.base.span), field: text, type: showType(base.type) },
      {
        hint: names.length === 0 ? undefined : `its fields are ${names.join(", ")}`,
      },
    );
  }
  return { kind: "field", base, field: text, type, stage: base.stage, span: node.span };
}
