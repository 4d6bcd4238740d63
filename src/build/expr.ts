// Expressions to graph. Every decision about the language was made by the checker; here values only get their layout.

import { diagnose, VariateError, type Diagnostic } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import type { Node } from "../ir/node.ts";
import {
  and,
  branch,
  concat,
  equal,
  expand,
  gather,
  iota,
  mul,
  pick,
  repeatTo,
  reshape,
  scalar,
  select,
  sub,
  toEvent,
} from "../op/index.ts";
import { builtRow, isSize, mismatch, spread, type Operand } from "../function/index.ts";
import { isImputed, readSymbol } from "../model/imputed.ts";
import type { Binder, Expr, PlateAxis, Symbol } from "../model/model.ts";
import type { ArrayType } from "../model/types.ts";
import { builtDist, densityFunction } from "./distribution.ts";
import { solution } from "./ode.ts";
import { bodyScope, dataNode, maskNode, missingNode, type ReadCheck, type Scope } from "./scope.ts";
import { clampTo, fromZero, readAll, readMembers, type SubscriptExpr } from "./subscript.ts";
import { arrayValue, mapNodes, type ArrayValue, type Value } from "./value.ts";

/** Where an expression stands: names bound by an inlined `fun` or a comprehension, and the data condition under which
 *  it is read. */
export type Context = {
  readonly scope: Scope;
  readonly locals: ReadonlyMap<Symbol, Value | PlateAxis>;
  readonly guard: Node | null;
  /** The condition of an elementwise choice around, entry by entry. */
  readonly entries?: Node;
};

export function evaluate(expr: Expr, ctx: Context): Value {
  switch (expr.kind) {
    case "number":
      return arrayValue(scalar(expr.value));
    case "name": {
      noteAbsent(expr, ctx);
      return nameValue(expr.symbol, ctx);
    }
    case "subscript":
      return subscript(expr, ctx);
    case "call":
      return call(expr, ctx);
    case "if":
      return choose(expr, ctx);
    case "array":
      return arrayLiteral(expr, ctx);
    case "comprehension":
      return comprehension(expr.binders, expr.body, ctx);
    case "record":
      return {
        kind: "record",
        fields: Object.fromEntries(Object.entries(expr.fields).map(([k, v]) => [k, evaluate(v, ctx)])),
      };
    case "field": {
      const base = evaluate(expr.base, ctx);
      return base.kind === "record"
        ? (base.fields[expr.field] ?? ice(`no field ${expr.field}`))
        : ice("field of an array");
    }
    case "based":
      return evaluate(expr.value, { ...ctx, scope: { ...ctx.scope, base: expr.base } });
    case "body":
      return evaluate(expr.value, { ...ctx, scope: bodyScope(expr.statements, ctx.scope, ctx) });
    case "where": {
      const locals = new Map(ctx.locals);
      for (const { symbol, value } of expr.bindings) locals.set(symbol, evaluate(value, { ...ctx, locals }));
      return evaluate(expr.value, { ...ctx, locals });
    }
    case "ode":
      return arrayValue(solution(expr, ctx));
    case "density":
      return density(expr, ctx);
  }
}

/** The node of an expression that is not a record. */
export function evaluateArray(expr: Expr, ctx: Context): ArrayValue {
  const value = evaluate(expr, ctx);
  return value.kind === "array" ? value : ice("a record where an array is expected");
}

export const arrayType = (expr: Expr): ArrayType =>
  expr.type.kind === "array" ? expr.type : ice("a record has no shape");

// ---------------------------------------------------------------------------------------- names

const isPlate = (bound: Value | PlateAxis): bound is PlateAxis => "axis" in bound;

/** The plate whose member an index name counts; null for other names. */
export function plateOf(symbol: Symbol, ctx: Context): PlateAxis | null {
  const local = ctx.locals.get(symbol);
  if (local !== undefined) return isPlate(local) ? local : null;
  return symbol.kind === "plate-index" ? ctx.scope.axisOf(symbol) : null;
}

function nameValue(symbol: Symbol, ctx: Context): Value {
  const plate = plateOf(symbol, ctx);
  if (plate !== null) return arrayValue(iota(plate.axis));
  const local = ctx.locals.get(symbol);
  if (local !== undefined) return local as Value;
  switch (symbol.kind) {
    case "data":
      return isImputed(symbol, ctx.scope.known.arrays)
        ? ctx.scope.valueOf(symbol)
        : arrayValue(dataNode(symbol.name, ctx.scope.known));
    case "dim":
      return arrayValue(scalar(ctx.scope.sizeOf(symbol.name)));
    case "constant":
      return arrayValue(scalar(symbol.name === "pi" ? Math.PI : Infinity));
    default:
      return mapNodes(ctx.scope.valueOf(symbol), (node) =>
        symbol.axes.reduceRight((n, axis) => asDim(n, axis, ctx, symbol), node),
      );
  }
}

/** A plate axis as the first event dim; members of a batch cannot be read whole. */
export function asDim(node: Node, plate: PlateAxis, ctx: Context, symbol: Symbol): Node {
  if (ctx.scope.batched.has(plate.axis)) {
    ctx.scope.report.push(diagnose("PPL507", symbol.span, { plate: plate.axis, name: symbol.name }));
    return expand(
      node,
      [ctx.scope.sizeOf(plate.dim), ...node.shape],
      node.shape.map((_, i) => i + 1),
    );
  }
  return toEvent(node, plate.axis, 0, ctx.scope.sizeOf(plate.dim));
}

// ---------------------------------------------------------------------------------------- missing entries

/** 1 where a read of data meets a missing entry (of those of `which`); null where none is missing in the array, or the
 *  expression reads something else. */
export function missingRead(
  expr: Expr,
  ctx: Context,
  which: (symbol: Symbol, scope: Scope) => Node | null = allMissing,
): Node | null {
  const symbol = readSymbol(expr);
  const absent = symbol?.kind === "data" && !ctx.locals.has(symbol) ? which(symbol, ctx.scope) : null;
  if (absent === null || expr.kind !== "subscript") return absent;
  const read = readAll(arrayValue(absent), expr.subs, expr, { ...ctx, scope: { ...ctx.scope, checks: [] } });
  return read.kind === "array" ? read.node : ice("a record in the data");
}

const allMissing = ({ name }: Symbol, { known }: Scope): Node | null => missingNode(name, known);

/** Missing entries that are not latent. */
function lostEntries(symbol: Symbol, { known, latentEntries }: Scope): Node | null {
  const latent = latentEntries(symbol);
  const { missing, shape } = known.arrays[symbol.name] ?? ice(`no data for ${symbol.name}`);
  return latent === null
    ? missingNode(symbol.name, known)
    : maskNode(
        missing!.map((entry, i) => entry - latent[i]!),
        shape,
      );
}

/** Notes a read for the load check: of entries that are missing and not latent (PPL606), of members that do not exist
 *  (PPL607). A latent subscript may read any. */
function noteAbsent(expr: Expr, ctx: Context): void {
  const symbol = readSymbol(expr);
  if (symbol === null || ctx.locals.has(symbol)) return;
  const anyOf =
    expr.kind === "subscript" && expr.subs.some((sub) => sub.kind === "index" && sub.value.stage === "latent");
  const read =
    symbol.kind === "data"
      ? missingRead(anyOf ? expr.base : expr, ctx, lostEntries)
      : absentRead(symbol, anyOf ? null : expr, ctx);
  if (read === null) return;
  const absent =
    ctx.entries !== undefined && ctx.entries.shape.join() === read.shape.join() ? and(ctx.entries, read) : read;
  const why = symbol.kind === "data" ? "missing" : "no member";
  ctx.scope.checks.push({
    kind: "presence",
    why,
    absent,
    guard: anyOf ? null : ctx.guard,
    of: symbol.name,
    span: expr.span,
  });
}

/** 1 where a read of a site under a data condition (`expr` null: of any member) meets one that does not exist. */
function absentRead(symbol: Symbol, expr: Expr | null, ctx: Context): Node | null {
  const present = symbol.kind === "site" ? ctx.scope.presenceOf(symbol) : null;
  if (present === null) return null;
  const absent = sub(scalar(1), present);
  if (expr?.kind !== "subscript" || symbol.axes.length === 0) return absent;
  const subs = expr.subs.slice(0, symbol.axes.length);
  const read = readMembers(
    arrayValue(absent),
    symbol,
    { ...expr, subs },
    { ...ctx, scope: { ...ctx.scope, checks: [], report: [] } },
  );
  return read.kind === "array" ? read.node : ice("a record where a member is");
}

/** `is_missing` of a read: as many entries as the read has. */
const isMissing = (read: Expr, ctx: Context): Node =>
  missingRead(read, ctx) ?? repeatTo(scalar(0), mayBeMissing(read, ctx).node.shape);

/** The value of a read of which missing entries do no harm. */
export function mayBeMissing(read: Expr, ctx: Context): ArrayValue {
  const checks: ReadCheck[] = [];
  const value = evaluateArray(read, { ...ctx, scope: { ...ctx.scope, checks, latentEntries: () => null } });
  ctx.scope.checks.push(...checks.filter(({ kind }) => kind === "range"));
  return value;
}

// ---------------------------------------------------------------------------------------- subscripts

function subscript(expr: SubscriptExpr, ctx: Context): Value {
  const { base, subs } = expr;
  noteAbsent(expr, ctx);
  if (base.kind !== "name") return readAll(evaluate(base, ctx), subs, expr, ctx);
  const onAxes = base.symbol.axes.length > 0 && !ctx.locals.has(base.symbol);
  return onAxes
    ? readMembers(ctx.scope.valueOf(base.symbol), base.symbol, expr, ctx)
    : readAll(nameValue(base.symbol, ctx), subs, expr, ctx);
}

// ---------------------------------------------------------------------------------------- operations

/** A size that the data gives; PPL609 where it is below zero. */
function sizeArgument(node: Node, { span }: Expr, fn: string, { scope }: Context): number {
  const size = scope.numberOf(node);
  if (!(size < 0)) return size;
  throw new VariateError([
    diagnose("PPL609", span, { param: "size", dist: `${fn}(…)`, wants: "a whole number >= 0", found: String(size) }),
  ]);
}

function call(expr: Extract<Expr, { kind: "call" }>, ctx: Context): Value {
  if (expr.fn === "is_missing") return arrayValue(isMissing(expr.args[0] as Expr, ctx));
  const args = expr.args.map((arg) => evaluateArray(arg, ctx));
  const state = comparedState(expr, args, ctx);
  if (state !== null) return arrayValue(state);
  const row = builtRow(expr.fn);
  const operands = args.map((a, i) => operandOf(expr.args[i] as Expr, a.node));
  const sizes = operands.map(({ node }, i) =>
    isSize(row, i, operands.length) ? sizeArgument(node, expr.args[i] as Expr, expr.fn, ctx) : NaN,
  );
  const buildCall = { over: expr.over, sizes, base: ctx.scope.base };
  const problem = mismatch(row, operands, buildCall, (dim) => ctx.scope.sizeOf(dim));
  if (problem !== null) throw new VariateError([shapesDiffer(expr, operands)]);
  return arrayValue(row.build(operands, buildCall));
}

const operandOf = (expr: Expr, node: Node): Operand => ({ type: arrayType(expr), node });

/** Sizes that were open until the data came do not agree. */
function shapesDiffer(expr: Extract<Expr, { kind: "call" }>, operands: readonly Operand[]): Diagnostic {
  const [left, right] = operands.filter(({ node }) => node.shape.length > 0);
  return diagnose(
    "PPL301",
    expr.span,
    { op: expr.fn, left: left?.node.shape ?? [], right: right?.node.shape ?? [] },
    {
      hint: "the sizes are known only now that the data is read",
    },
  );
}

/** `z == k` and `z != k` with one latent state: the k-th entry of its one-hot vector, and what is left of 1. */
function comparedState(expr: Extract<Expr, { kind: "call" }>, args: readonly ArrayValue[], ctx: Context): Node | null {
  if ((expr.fn !== "equal" && expr.fn !== "notEqual") || expr.args.length !== 2) return null;
  const same = equalsState(expr, args, ctx);
  return same === null || expr.fn === "equal" ? same : sub(scalar(1), same);
}

function equalsState(expr: Extract<Expr, { kind: "call" }>, args: readonly ArrayValue[], ctx: Context): Node | null {
  const [left, right] = args.map((a) => (a.hot?.shape.length === 1 ? a.hot : null));
  if (left != null && right != null) return left.shape[0] === right.shape[0] ? pick(left, right) : null;
  const side = args.findIndex(
    (a, i) => a.hot !== null && a.hot.shape.length === 1 && expr.args[1 - i]?.stage === "data",
  );
  if (side < 0) return null;
  const other = expr.args[1 - side] as Expr;
  const { hot } = args[side] as ArrayValue;
  const node = (args[1 - side] as ArrayValue).node;
  if (node.shape.length > 0) return null;
  const index = arrayType(other).elem.kind === "index" ? node : fromZero(node, ctx);
  const size = (hot as Node).shape[0] as number;
  return mul(gather(hot as Node, 0, clampTo(index, size)), equal(index, clampTo(index, size)));
}

function choose(expr: IfExpr, ctx: Context): Value {
  const condition = evaluateArray(expr.condition, ctx).node;
  const under = (holds: boolean): Context => {
    if (expr.condition.stage === "latent") return ctx;
    const here = holds ? condition : sub(scalar(1), condition);
    if (condition.shape.length > 0) return { ...ctx, entries: here };
    return { ...ctx, guard: ctx.guard === null ? here : and(ctx.guard, here) };
  };
  const then = evaluate(expr.then, under(true));
  const otherwise = evaluate(expr.otherwise, under(false));
  return select2(expr, condition, then, otherwise);
}

type IfExpr = Extract<Expr, { kind: "if" }>;

function select2(expr: IfExpr, condition: Node, then: Value, otherwise: Value): Value {
  if (then.kind === "record" || otherwise.kind === "record") {
    if (then.kind !== "record" || otherwise.kind !== "record") return ice("branches of different kinds");
    return {
      kind: "record",
      fields: Object.fromEntries(
        Object.entries(then.fields).map(([k, v]) => [k, select2(expr, condition, v, otherwise.fields[k] as Value)]),
      ),
    };
  }
  const [c, a, b] = spread([
    operandOf(expr.condition, condition),
    operandOf(expr.then, then.node),
    operandOf(expr.otherwise, otherwise.node),
  ]);
  return arrayValue((expr.condition.stage === "latent" ? branch : select)(c as Node, a as Node, b as Node));
}

function arrayLiteral(expr: Extract<Expr, { kind: "array" }>, ctx: Context): Value {
  const items = spread(expr.items.map((item) => operandOf(item, evaluateArray(item, ctx).node)));
  const shape = items.find((n) => n.shape.length > 0)?.shape ?? [];
  const rows = items.map((n) => reshape(n.shape.length === shape.length ? n : expand(n, shape, []), [1, ...shape]));
  return arrayValue(concat(rows, 0));
}

/** The body on one more axis per binder, then the axes as leading dims. */
function comprehension(binders: readonly Binder[], body: Expr, ctx: Context): Value {
  const locals = new Map(ctx.locals);
  for (const { symbol, plate } of binders) locals.set(symbol, plate);
  const inner = evaluateArray(body, { ...ctx, locals }).node;
  return arrayValue(
    binders.reduceRight((node, { plate }) => toEvent(node, plate.axis, 0, ctx.scope.sizeOf(plate.dim)), inner),
  );
}

function density(expr: Extract<Expr, { kind: "density" }>, ctx: Context): Value {
  const d = builtDist(expr.dist, ctx);
  return arrayValue(densityFunction(expr.fn, d, evaluateArray(expr.at, ctx)));
}
