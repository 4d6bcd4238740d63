// User functions: checked once as they stand, with size variables that agree only with themselves; at each call inlined
// as a `where` whose size variables are bound to the sizes of the arguments.

import { diagnose } from "../base/diagnostic.ts";
import type { Report } from "../base/diagnostic.ts";
import { builtRow } from "../function/index.ts";
import type { Span } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";
import { callRow, stageOf } from "./check-apply.ts";
import { callsOf, targetsOf } from "../syntax/walk.ts";
import { positional } from "./check-call.ts";
import type { CallNode } from "./check-call.ts";
import { checkExpr } from "./check-expr.ts";
import { anywhere, disjoint, showRange } from "./check-interval.ts";
import { rangeOf, rangeOfBounds } from "./check-range.ts";
import { define, fault, newScope, noFacts, textOf } from "./check-scope.ts";
import type { Checker, Env, Fun, SizeEntry } from "./check-scope.ts";
import { wholeOf } from "./check-subscript.ts";
import { checkBody } from "./check-statement.ts";
import { checkBounds, checkType } from "./check-type.ts";
import { fitType } from "./check-value.ts";
import { dependencies } from "./check-walk.ts";
import type { Expr, Symbol } from "./model.ts";
import { array, int, joinSizes, showType, sizesAgree } from "./types.ts";
import type { Size, Type } from "./types.ts";

type Binding = { readonly symbol: Symbol; readonly value: Expr };

/** A dim as the number of its members. */
export const dimValue = (name: string, span: Span): Expr =>
  wholeOf({ name, kind: "dim", type: array(int, []), axes: [], stage: "data", span }, span);

// ---------------------------------------------------------------------------------------- definitions

/** Reports PPL207 and marks what calls itself, directly or not, among the `fun`s of one file. */
export function refuseRecursion(funs: ReadonlyMap<string, Fun>, report: Report): void {
  const calls = new Map(
    [...funs].map(([name, { decl }]) => [name, [...callsOf(decl)].filter((called) => funs.has(called))]),
  );
  for (const [name, fun] of funs) {
    const through = pathTo(name, name, calls, new Set());
    if (through === null) continue;
    const isReported = through.some((other) => funs.get(other)!.state === "broken");
    if (!isReported)
      report.push(
        diagnose("PPL207", fun.decl.name.span, { name, through }, { hint: "a recursion over data is a `scan`" }),
      );
    fun.state = "broken";
  }
}

/** Names on a way of calls from `from` to `to`, both left out; null where there is none. */
function pathTo(
  from: string,
  to: string,
  calls: ReadonlyMap<string, readonly string[]>,
  seen: Set<string>,
): string[] | null {
  for (const next of calls.get(from) ?? []) {
    if (next === to) return [];
    if (seen.has(next)) continue;
    seen.add(next);
    const rest = pathTo(next, to, calls, seen);
    if (rest !== null) return [next, ...rest];
  }
  return null;
}

/** Checks a definition once; its errors are reported here and nowhere else. */
export function ensureChecked(fun: Fun, env: Env): boolean {
  if (fun.state === "new") {
    fun.state = "checking";
    const report: Report = [];
    const checker: Checker = {
      ...env.checker,
      ...fun.home,
      left: new Set(),
      report,
      reads: new Set<Symbol>(),
      dimReads: new Set<string>(),
    };
    const sizes = new Map<string, SizeEntry>();
    for (const { type } of fun.decl.params)
      eachSizeName(type, ({ text, span }) => sizes.set(text, { size: text, value: dimValue(text, span) }));
    checkDefinition(fun.decl, funEnv({ ...env, checker }, sizes));
    env.checker.report.push(...report);
    fun.state = report.some((d) => d.severity === "error") ? "broken" : "sound";
  }
  return fun.state === "sound";
}

/** A `fun` sees its parameters; indices around the call stay open, so that its comprehensions take other axes. */
const funEnv = (env: Env, sizes: ReadonlyMap<string, SizeEntry>): Env => ({
  ...env,
  scope: newScope("root", null),
  block: "fun",
  sizes,
  plates: [],
  later: new Map(),
  partial: false,
  scan: env.scan && { ...env.scan, carried: new Map(), defines: new Set(), excluded: [], conditions: [] },
  guide: null,
});

function checkDefinition(decl: Ast.Fun, env: Env): void {
  for (const { name, type } of decl.params) {
    refuseMissing(type, env);
    const known = checkType(type, env);
    const range =
      type.kind === "type" && known?.kind === "array" ? rangeOfBounds(checkBounds(type, known, env), env) : anywhere;
    define(env, env.scope, name, known === null ? null : parameter(name, known, "data"), { ...noFacts, range });
  }
  refuseMissing(decl.result, env);
  checkValue(decl, env);
}

/** Only data has missing entries. */
function refuseMissing(type: Ast.TypeNode, env: Env): void {
  if (type.kind === "recordType") type.fields.forEach((field) => refuseMissing(field.type, env));
  else if (type.optional)
    fault(env, "PPL308", type.span, {
      of: "a type outside `data`",
      problem: "has no `?`: only data has missing entries",
    });
}

const parameter = (name: Ast.Name, type: Type, stage: "data" | "latent"): Symbol => ({
  name: name.text,
  kind: "local",
  type,
  axes: [],
  stage,
  span: name.span,
});

function eachSizeName(type: Ast.TypeNode, visit: (name: Ast.Name) => void): void {
  if (type.kind === "recordType") return type.fields.forEach((field) => eachSizeName(field.type, visit));
  for (const size of [...(type.argument === null ? [] : [type.argument]), ...type.sizes])
    if (size.kind === "name") visit(size.name);
}

/** The value of a body, as its declared type. */
function checkValue(decl: Ast.Fun, env: Env): Expr | null {
  const type = checkType(decl.result, env);
  const statements =
    decl.body.kind === "expr" ? [] : checkBody(decl.body.body, { ...env, later: targetsOf(decl.body.body) }, null);
  const node = returned(decl);
  const result = node === null ? null : checkExpr(node, env);
  if (type === null || result === null) return null;
  const fitted = fitType(result, type, `the result of \`${decl.name.text}\``, env);
  if (fitted === null || !keepsBounds(fitted, decl.result, type, `the result of \`${decl.name.text}\``, env))
    return null;
  const value: Expr = { ...fitted, type };
  return statements.length === 0
    ? value
    : { kind: "body", statements, value, type, stage: value.stage, span: value.span };
}

/** The parser reported a body that does not end in `return`. */
function returned({ body }: Ast.Fun): Ast.Expr | null {
  if (body.kind === "expr") return body.value;
  const last = body.body.statements.at(-1);
  return last?.kind === "return" ? last.value : null;
}

/** The bounds of a type of a `fun` are promises: PPL310 where no value can keep them. */
function keepsBounds(value: Expr, node: Ast.TypeNode, type: Type, name: string, env: Env): boolean {
  if (node.kind === "recordType" || type.kind === "record" || node.bounds.length === 0) return true;
  const [promised, range] = [rangeOfBounds(checkBounds(node, type, env), env), rangeOf(value, env)];
  if (!disjoint(range, promised)) return true;
  fault(env, "PPL310", value.span, {
    kind: "value",
    name,
    value: textOf(value.span),
    bounds: showRange(promised),
    range: showRange(range),
  });
  return false;
}

// ---------------------------------------------------------------------------------------- calls

export function checkFunCall(fun: Fun, node: CallNode, env: Env): Expr | null {
  const count = fun.decl.params.length;
  const args = positional(node, signatureOf(fun), count, count, env)?.map((arg) => checkExpr(arg, env));
  const sound = ensureChecked(fun, env);
  return !sound || args === undefined || !args.every((arg) => arg !== null) ? null : applied(fun, args, node.span, env);
}

export const signatureOf = ({ decl }: Fun): string =>
  `\`${decl.name.text}(${decl.params.map(({ name }) => name.text).join(", ")})\``;

/** A sound `fun` at arguments of the right number, inlined. */
export function applied({ decl, home }: Fun, args: readonly Expr[], span: Span, env: Env): Expr | null {
  const sizes = new Map<string, SizeEntry>();
  const kinds = decl.params.map(({ type }, i) => bindSizes(type, args[i]!.type, args[i]!, sizes, env));
  const wrong = kinds.indexOf(false);
  if (wrong >= 0) {
    const { name, type } = decl.params[wrong]!;
    return fault(env, "PPL306", args[wrong]!.span, {
      value: textOf(args[wrong]!.span),
      found: showType(args[wrong]!.type),
      op: `\`${name.text}\` of \`${decl.name.text}\``,
      wants: textOf(type.span),
    });
  }
  const checker: Checker = { ...env.checker, ...home, left: new Set() };
  return inlined(decl, args, funEnv({ ...env, checker }, sizes), span, env);
}

/** The body at these arguments. Errors that only this call causes are shown in the body, with the call as a label. */
function inlined(decl: Ast.Fun, args: readonly Expr[], inner: Env, span: Span, env: Env): Expr | null {
  const bindings: Binding[] = [];
  for (const [i, { name, type }] of decl.params.entries()) {
    const declared = checkType(type, inner);
    const what = `\`${name.text}\` of \`${decl.name.text}\``;
    const value = declared === null ? null : fitType(args[i]!, declared, what, env);
    if (declared === null || value === null) continue;
    if (!keepsBounds(value, type, declared, what, inner)) return null;
    const symbol = parameter(name, declared, args[i]!.stage);
    define(inner, inner.scope, name, symbol, { ...noFacts, ...dependencies(env, [value]), range: rangeOf(value, env) });
    bindings.push({ symbol, value });
  }
  if (bindings.length < args.length) return null;
  const report: Report = [];
  const body = checkValue(decl, { ...inner, checker: { ...inner.checker, report } });
  env.checker.report.push(...report.map((d) => ({ ...d, labels: [...d.labels, { span, text: "called here" }] })));
  if (body === null) return null;
  const value = based(body, inner, env);
  return {
    kind: "where",
    bindings,
    value,
    type: value.type,
    stage: stageOf([...args, value]),
    span,
  };
}

/** A part of a `fun` whose file counts from another base than that of the call. */
function based(value: Expr, { checker: { base } }: Env, call: Env): Expr {
  return base === call.checker.base
    ? value
    : { kind: "based", base, value, type: value.type, stage: value.stage, span: value.span };
}

/** Binds the size variables of a parameter's type to the sizes of its argument; false where the types are not of one
 *  kind. */
function bindSizes(type: Ast.TypeNode, actual: Type, value: Expr, sizes: Map<string, SizeEntry>, env: Env): boolean {
  if (type.kind === "recordType") {
    return (
      actual.kind === "record" &&
      type.fields.every(({ name, type: field }) => {
        const found = Object.hasOwn(actual.fields, name.text) ? actual.fields[name.text]! : null;
        if (found === null) return false;
        return bindSizes(
          field,
          found,
          { kind: "field", base: value, field: name.text, type: found, stage: value.stage, span: value.span },
          sizes,
          env,
        );
      })
    );
  }
  if (actual.kind !== "array" || actual.shape.length !== type.sizes.length) return false;
  if (type.name.text === "index") {
    if (actual.elem.kind !== "index") return false;
    if (type.argument !== null) bindSize(type.argument, actual.elem.dim, value.span, null, sizes);
  }
  type.sizes.forEach((size, at) =>
    bindSize(size, actual.shape[at] ?? null, value.span, () => sizeCall(value, at, env), sizes),
  );
  return true;
}

function bindSize(
  node: Ast.SizeNode,
  actual: Size,
  span: Span,
  measure: (() => Expr | null) | null,
  sizes: Map<string, SizeEntry>,
): void {
  if (node.kind === "number") return;
  const before = sizes.get(node.name.text);
  const size =
    before === undefined || !sizesAgree(before.size, actual)
      ? (before?.size ?? actual)
      : joinSizes(before.size, actual);
  if (before !== undefined && before.size === size) return;
  const value = typeof size === "string" ? dimValue(size, span) : size === null ? (measure?.() ?? null) : null;
  sizes.set(node.name.text, { size, value });
}

/** The size of a dim that no name tells, read off the argument. */
const sizeCall = (value: Expr, over: number, env: Env): Expr | null =>
  callRow(builtRow("size"), [value], over, value.span, env);
