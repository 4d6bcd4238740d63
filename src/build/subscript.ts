// Reads by subscripts as graph. Enters: a value and what stands in the brackets; leaves: the entries, with the load
// checks of the positions that only data tell.

import { diagnose } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import type { Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Expr, PlateAxis, Subscript, Symbol } from "../model/model.ts";
import type { Shape } from "../model/types.ts";
import {
  add,
  expand,
  gather,
  maximum,
  minimum,
  mul,
  pick,
  reshape,
  scalar,
  slice,
  sub,
  toAxis,
  transpose,
} from "../op/index.ts";
import { arrayType, asDim, evaluateArray, plateOf, type Context } from "./expr.ts";
import { mapNodes, type Value } from "./value.ts";

export type SubscriptExpr = Extract<Expr, { kind: "subscript" }>;

/** A value on the axes of a symbol, read by subscripts of which the first are its axes. */
export function readMembers(members: Value, symbol: Symbol, expr: SubscriptExpr, ctx: Context): Value {
  const own = symbol.axes.map((plate, i) => isMember(expr.subs[i], plate, ctx));
  const open = symbol.axes.filter((_, i) => own[i] !== true);
  const rest = expr.subs.filter((_, i) => own[i] !== true);
  return readAll(
    mapNodes(members, (node) => open.reduceRight((n, plate) => asDim(n, plate, ctx, symbol), node)),
    rest,
    expr,
    ctx,
  );
}

/** Is `sub` the index of the plate on whose axis the value already lies? */
function isMember(sub: Subscript | undefined, plate: PlateAxis, ctx: Context): boolean {
  return sub?.kind === "index" && sub.value.kind === "name" && plateOf(sub.value.symbol, ctx)?.axis === plate.axis;
}

export function readAll(value: Value, subs: readonly Subscript[], expr: SubscriptExpr, ctx: Context): Value {
  return subs.length === 0 ? value : mapNodes(value, (node) => readNode(node, subs, expr, ctx));
}

/** Subscripts from the left. Single numbers side by side are one gather: x[a, b] never holds the rows x[a]. */
function readNode(node: Node, subs: readonly Subscript[], expr: SubscriptExpr, ctx: Context): Node {
  let dim = 0;
  let result = node;
  let numbers: readonly Node[] = [];
  for (const sub of subs) {
    const reading = readingOf(result, dim + numbers.length, sub, numbers, expr, ctx);
    if (reading.kind === "number" && reading.at.shape.length === 0) {
      numbers = [...numbers, reading.at];
      continue;
    }
    result = takeNumbers(result, dim, numbers);
    numbers = [];
    const rank = result.shape.length;
    result = take(result, dim, reading, ctx);
    dim += result.shape.length - rank + 1;
  }
  return takeNumbers(result, dim, numbers);
}

/** What one subscript reads: positions counted from 0, the member of an open plate, the entry of a latent state, a
 *  range. */
type Reading =
  | { readonly kind: "number"; readonly at: Node }
  | { readonly kind: "member"; readonly plate: PlateAxis }
  | { readonly kind: "state"; readonly hot: Node }
  | Extract<Subscript, { kind: "slice" }>;

/** `before`: the numbers that are taken together with this subscript. */
function readingOf(
  node: Node,
  dim: number,
  sub: Subscript,
  before: readonly Node[],
  expr: SubscriptExpr,
  ctx: Context,
): Reading {
  if (sub.kind === "slice") return sub;
  const index = sub.value;
  const size = node.shape[dim] as number;
  const plate = index.kind === "name" ? plateOf(index.symbol, ctx) : null;
  if (plate !== null && isOwn(plate, size, ctx) && ![node, ...before].some(({ axes }) => axes.includes(plate.axis)))
    return { kind: "member", plate };
  const member = memberIn(index);
  const value = evaluateArray(member, ctx);
  if (value.hot?.shape.length === 1 && value.hot.shape[0] === size) return { kind: "state", hot: value.hot };
  const zeroBased = arrayType(member).elem.kind === "index" ? value.node : fromZero(value.node, ctx);
  if (index.stage === "latent" || plate !== null) return { kind: "number", at: clampTo(zeroBased, size) };
  return { kind: "number", at: checked(zeroBased, size, sub, expr, ctx) };
}

/** The index itself where it stands as a number, its dim not known to be the one that is read. */
const memberIn = (index: Expr): Expr =>
  index.kind === "call" && index.fn === "index_number" ? (index.args[0] as Expr) : index;

/** Are the members of a plate, all of them present, the entries of a dim of this size? */
const isOwn = (plate: PlateAxis, size: number, { scope }: Context): boolean =>
  !scope.batched.has(plate.axis) && size === scope.sizeOf(plate.dim);

function take(node: Node, dim: number, reading: Reading, ctx: Context): Node {
  switch (reading.kind) {
    case "slice":
      return sliceOf(node, dim, reading, ctx);
    case "member":
      return toAxis(node, dim, reading.plate.axis);
    case "state":
      return byState(node, dim, reading.hot);
    case "number":
      return takeAt(node, dim, reading.at);
  }
}

/** Entries of the dims from `dim` on: [A, B] lies in memory as [A B], entry (a, b) at a B + b. */
function takeNumbers(node: Node, dim: number, numbers: readonly Node[]): Node {
  if (numbers.length < 2) return numbers.length === 0 ? node : takeAt(node, dim, numbers[0]!);
  const { shape } = node;
  const sizes = shape.slice(dim, dim + numbers.length);
  const index = numbers.reduce((at, number, i) => add(mul(at, scalar(sizes[i]!)), number));
  const flat = reshape(node, [...shape.slice(0, dim), sizeOf(sizes), ...shape.slice(dim + numbers.length)]);
  return takeAt(flat, dim, index);
}

/** x[…, index, …]: the index's event dims stand where dim was. */
function takeAt(node: Node, dim: number, index: Node): Node {
  const front = gather(node, dim, index);
  const r = index.shape.length;
  if (dim === 0 || r === 0) return front;
  const order = [...Array(dim).keys()].map((i) => r + i);
  return transpose(front, [
    ...order,
    ...Array(r).keys(),
    ...[...Array(front.shape.length - r - dim).keys()].map((i) => r + dim + i),
  ]);
}

/** sum_c hot[c] x[.., c, ..]: linear in the state. */
function byState(node: Node, dim: number, hot: Node): Node {
  const rank = node.shape.length;
  const order = [...node.shape.keys()].filter((i) => i !== dim);
  const last = dim === rank - 1 ? node : transpose(node, [...order, dim]);
  return pick(rank === 1 ? hot : expand(hot, last.shape, [rank - 1]), last);
}

/** A number in the file's base, counted from 0. */
export const fromZero = (number: Node, ctx: Context): Node => sub(number, scalar(ctx.scope.base));

export const clampTo = (index: Node, size: number): Node =>
  minimum(maximum(index, scalar(0)), scalar(Math.max(size - 1, 0)));

/** Notes the read for the load check (PPL605) and keeps the subscript inside the dim, so that an unguarded lane reads
 *  something. */
function checked(
  index: Node,
  size: number,
  sub: Extract<Subscript, { kind: "index" }>,
  whole: SubscriptExpr,
  ctx: Context,
): Node {
  const { elem } = arrayType(sub.value);
  if (elem.kind === "index" && sub.value.kind !== "number") return index;
  const named = whole.base.kind === "name" ? whole.base.symbol : null;
  ctx.scope.checks.push({
    kind: "range",
    index,
    guard: ctx.guard,
    size,
    base: ctx.scope.base,
    of: named?.name ?? "the array",
    dim: dimName(whole, whole.subs.indexOf(sub)) ?? String(size),
    span: sub.value.span,
  });
  return clampTo(index, size);
}

/** The dim that the subscript at `position` reads, where it has a name. */
function dimName(whole: SubscriptExpr, position: number): string | null {
  if (whole.base.kind !== "name") return null;
  const { axes, type } = whole.base.symbol;
  const sizes: Shape = [...axes.map((a) => a.dim), ...(type.kind === "array" ? type.shape : [])];
  const size = sizes[position];
  return typeof size === "string" ? size : null;
}

function sliceOf(node: Node, dim: number, sub: Extract<Subscript, { kind: "slice" }>, ctx: Context): Node {
  const size = node.shape[dim] as number;
  const number = (e: Expr): number => {
    const found = ctx.scope.numberOf(evaluateArray(e, ctx).node);
    return arrayType(e).elem.kind === "index" ? found : found - ctx.scope.base;
  };
  const from = sub.from === null ? 0 : number(sub.from);
  const to = sub.to === null ? size - 1 : number(sub.to);
  const bad = from < 0 ? from : to > size - 1 ? to : null;
  if (bad !== null && to >= from) {
    ctx.scope.report.push(
      diagnose("PPL605", (sub.from ?? sub.to ?? ice("empty slice")).span, {
        read: "slice",
        value: String(bad + ctx.scope.base),
        size: "the dim",
        count: size,
        base: ctx.scope.base,
      }),
    );
    return slice(node, dim, 0, 0);
  }
  return slice(node, dim, from, Math.max(to - from + 1, 0));
}
