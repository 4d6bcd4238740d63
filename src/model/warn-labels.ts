// PPL426: components of a mixture that could change places. The posterior has a mode for every order of them, and a
// guide finds one. Warned of only where it is certain: every density stays the same when the members of a dim are
// renamed.

import { diagnose } from "../base/diagnostic.ts";
import type { Report } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import { findFunction } from "../function/index.ts";
import { textOf } from "./check-scope.ts";
import { eachSymbol, exprsOf, partsOf } from "./check-walk.ts";
import type { DensityReads } from "./density-reads.ts";
import { rowOf } from "./dist-row.ts";
import type { DistExpr, Expr, SampleStmt, Stmt, Subscript, Symbol } from "./model.ts";
import type { Size, Type } from "./types.ts";

export function warnLabels(statements: readonly Stmt[], reads: DensityReads, report: Report): void {
  for (const dim of componentDims(statements)) {
    const sites = statements.filter((stmt) => stmt.kind === "sample").filter((stmt) => hasDim(stmt, dim));
    const [first] = sites.filter((site) => canBeOrdered(site, dim));
    if (
      first === undefined ||
      !sites.every((site) => isExchangeable(site, dim)) ||
      !reads.exprs.every((expr) => isBlind(expr, dim))
    )
      continue;
    report.push(
      diagnose(
        "PPL426",
        first.symbol.span,
        { sites: sites.map(({ symbol }) => symbol.name), of: `the members of ${dim}` },
        {
          hint: orderedForm(first, dim),
        },
      ),
    );
  }
  for (const stmt of statements) if (stmt.kind === "observe") warnPair(stmt.dist, statements, report);
}

// ---------------------------------------------------------------------------------------- components along a dim

/** Dims of which a latent index, or a mixture, chooses a member. */
function componentDims(statements: readonly Stmt[]): readonly Size[] {
  const found = new Set<Size>();
  for (const stmt of statements) {
    if (stmt.kind !== "sample" && stmt.kind !== "observe") continue;
    if (stmt.kind === "sample" && stmt.dist.type.elem.kind === "index") found.add(stmt.dist.type.elem.dim);
    if (stmt.dist.name === "Mixture" && stmt.dist.each !== null) found.add(stmt.dist.each.plate.dim);
  }
  found.delete(null);
  return [...found];
}

const sizesOf = (type: Type): readonly Size[] =>
  type.kind === "array" ? type.shape : Object.values(type.fields).flatMap(sizesOf);

const dimsOf = ({ axes, type }: Symbol): readonly Size[] => [...axes.map((axis) => axis.dim), ...sizesOf(type)];

const hasDim = ({ symbol }: SampleStmt, dim: Size): boolean => dimsOf(symbol).includes(dim);

/** One number for each component. */
const canBeOrdered = ({ symbol, dist }: SampleStmt, dim: Size): boolean =>
  dimsOf(symbol).join() === String(dim) && rowOf(dist).dist.rank === 0 && dist.type.elem.kind === "real";

/** The distribution treats the entries of a vector over the dim alike. */
function isExchangeable({ dist }: SampleStmt, dim: Size): boolean {
  const { rank, name } = rowOf(dist).dist;
  return !dist.type.shape.slice(dist.type.shape.length - rank).includes(dim) || name === "Dirichlet";
}

// ---------------------------------------------------------------------------------------- blind to the order

const KEEP_ORDER: readonly string[] = ["one_hot", "softmax", "log_softmax", "zeros", "ones"];

/** Is the value, whatever else changes, the same function of the components in every order of the dim? */
function isBlind(expr: Expr, dim: Size): boolean {
  switch (expr.kind) {
    case "name":
      return !isGiven(expr.symbol, dim);
    case "subscript":
      return !takesFixed(expr.base, expr.subs, dim) && partsOf(expr).every((part) => isBlind(part, dim));
    case "array":
      return isShort(expr.items, dim) ? expr.items.every((item) => isBlind(item, dim)) : allAlike(expr.items);
    case "call":
      return isBlindCall(expr, dim) && expr.args.every((arg) => isBlind(arg, dim));
    case "ode":
      return false;
    default:
      return partsOf(expr).every((part) => isBlind(part, dim));
  }
}

/** A list that has another size than the dim. */
const isShort = (items: readonly Expr[], dim: Size): boolean => typeof dim === "number" && items.length !== dim;

/** Data with an entry for each member, or data that are members. */
const isGiven = (symbol: Symbol, dim: Size): boolean =>
  symbol.kind === "data" && (dimsOf(symbol).includes(dim) || isMember(symbol.type, dim));

const isMember = (type: Type, dim: Size): boolean =>
  type.kind === "array" && type.elem.kind === "index" && type.elem.dim === dim;

/** A number, or part of the dim, as a subscript along it. */
const takesFixed = (base: Expr, subs: readonly Subscript[], dim: Size): boolean =>
  subs.some(
    (sub, i) =>
      sizesOf(base.type)[i] === dim &&
      (sub.kind === "slice" ? sub.from !== null || sub.to !== null : !isMember(sub.value.type, dim)),
  );

function isBlindCall({ fn, args, type }: Extract<Expr, { kind: "call" }>, dim: Size): boolean {
  if (fn === "index_number") return !isMember(args[0]!.type, dim);
  if (args.some((arg) => isMember(arg.type, dim)) && !args.every((arg) => isMember(arg.type, dim)) && fn !== "one_hot")
    return false;
  if (![type, ...args.map((arg) => arg.type)].some((one) => sizesOf(one).includes(dim))) return true;
  const kind = findFunction(fn)?.kind;
  return kind === undefined || kind === "elementwise" || kind === "reduction" || KEEP_ORDER.includes(fn);
}

const allAlike = (items: readonly Expr[]): boolean =>
  items.every((item) => item.kind === "number" && isSameText(item, items[0]!));

/** As written, in full. */
const isSameText = (a: { readonly span: Span }, b: { readonly span: Span }): boolean =>
  wholeText(a.span) === wholeText(b.span);

const wholeText = ({ source, start, end }: Span): string => source.text.slice(start, end);

function orderedForm({ symbol, dist }: SampleStmt, dim: Size): string {
  const { name } = symbol;
  return symbol.axes.length === 0
    ? `a site in increasing order: sample ${name} ~ Ordered(…, ${dim})`
    : `in increasing order, without the plate: sample ${name} ~ Ordered(${textOf(dist.span)}, ${dim})`;
}

// ---------------------------------------------------------------------------------------- components one by one

/** Two components of one kind whose parameters have one prior each, and weights that have no preference. */
function warnPair(dist: DistExpr, statements: readonly Stmt[], report: Report): void {
  const [one, other] = dist.parts;
  if (dist.name !== "Mixture" || dist.parts.length !== 2 || one!.name !== other!.name || one!.form !== other!.form)
    return;
  const sites = new Map(statements.flatMap((stmt) => (stmt.kind === "sample" ? [[stmt.symbol, stmt] as const] : [])));
  const pairs = Object.keys(one!.args)
    .map((name) => [one!.args[name]!, other!.args[name]!] as const)
    .filter(([a, b]) => !isSameText(a, b));
  const swapped = pairs.map(([a, b]) => [plainSite(a, sites), plainSite(b, sites)] as const);
  const alike = swapped.every(
    ([a, b]) =>
      a !== null && b !== null && isSameText(a.dist, b.dist) && isReadOnce(a, statements) && isReadOnce(b, statements),
  );
  if (swapped.length === 0 || !alike || !isEven(dist.args.weights, sites)) return;
  const [first, second] = swapped[0] as readonly [SampleStmt, SampleStmt];
  report.push(
    diagnose(
      "PPL426",
      first.symbol.span,
      { sites: swapped.flat().map((site) => site!.symbol.name), of: "the two components" },
      {
        hint: `in increasing order: sample ${first.symbol.name}s ~ Ordered(${textOf(first.dist.span)}, 2) in place of ${first.symbol.name} and ${second.symbol.name}`,
      },
    ),
  );
}

const plainSite = (expr: Expr, sites: ReadonlyMap<Symbol, SampleStmt>): SampleStmt | null =>
  expr.kind === "name" && expr.symbol.axes.length === 0 ? (sites.get(expr.symbol) ?? null) : null;

function isReadOnce({ symbol }: SampleStmt, statements: readonly Stmt[]): boolean {
  const reads: Symbol[] = [];
  for (const stmt of statements)
    if (stmt.kind !== "report") exprsOf(stmt).forEach((expr) => eachSymbol(expr, (read) => reads.push(read)));
  return reads.filter((read) => read === symbol).length === 1;
}

/** Equal weights, or `[w, 1 - w]` and `Dirichlet` whose prior is the same both ways. */
function isEven(weights: Expr | undefined, sites: ReadonlyMap<Symbol, SampleStmt>): boolean {
  const first = weights?.kind === "array" ? weights.items[0] : weights;
  const prior = first === undefined ? null : (plainSite(first, sites)?.dist ?? null);
  if (weights?.kind !== "array") return prior?.name === "Dirichlet" && prior.args.K !== undefined;
  if (allAlike(weights.items)) return true;
  if (prior === null || textOf(weights.items[1]!.span) !== `1 - ${textOf(first!.span)}`) return false;
  const [low, high] = Object.values(prior.args).map(({ span }) => textOf(span));
  return (
    (prior.name === "Uniform" && low === "0" && high === "1") ||
    (prior.name === "Beta" && prior.form === 0 && low === high)
  );
}
