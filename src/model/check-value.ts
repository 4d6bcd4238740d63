// A value where a distribution or a declared type expects one.

import type { Span } from "../base/span.ts";
import { toIndex, toNumber } from "./check-apply.ts";
import type { ArrayExpr } from "./check-apply.ts";
import { disjoint, isWithin, between, showRange } from "./check-interval.ts";
import { rangeOf, rangeOfReach, reachOf } from "./check-range.ts";
import { fault, textOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { partsOf } from "./check-walk.ts";
import type { DistExpr, Expr } from "./model.ts";
import { elemFits, shapesAgree, showElem, showSize, showType, sizesAgree, typeFits } from "./types.ts";
import type { Elem, Type } from "./types.ts";

/** `value` as one that `dist` could give; null after a report of its type, its shape, or bounds that leave no
 *  possible value. */
export function fitValue(value: ArrayExpr, dist: DistExpr, span: Span, env: Env): ArrayExpr | null {
  const fits =
    fitElem(value, dist, span, env) && fitShape(value, dist, span, env) && fitSupport(value, dist, span, env);
  if (!fits) return null;
  return dist.type.elem.kind === "index" ? toIndex(value, env) : value;
}

/** int for Bernoulli, Categorical and real distributions, bool for counts and reals; a real for a Bernoulli if it
 *  lies in [0, 1]. */
function fitElem(value: ArrayExpr, dist: DistExpr, span: Span, env: Env): boolean {
  const { elem } = value.type;
  const wanted = dist.type.elem;
  if (elem.kind === "index" && wanted.kind === "index" && !sizesAgree(elem.dim, wanted.dim)) {
    fault(env, "PPL302", span, {
      left: textOf(span),
      leftDim: showSize(elem.dim),
      right: textOf(dist.span),
      rightDim: showSize(wanted.dim),
    });
    return false;
  }
  const relaxed = wanted.kind === "bool" && elem.kind === "real" && isWithin(rangeOf(value, env), between(0, 1));
  if (relaxed || accepts(wanted, elem)) return true;
  fault(
    env,
    "PPL306",
    span,
    { value: textOf(span), found: showType(value.type), op: dist.name, wants: wantedBy(wanted) },
    {
      labels: [{ span: dist.span, text: `gives ${showElem(wanted)}` }],
      hint:
        wanted.kind === "bool" && elem.kind === "real"
          ? "a real is accepted where its declaration says `in [0, 1]`"
          : elem.kind === "real" && value.kind !== "call"
            ? `whole numbers are declared int: ${textOf(span).replace(/\[.*/, "")}: int`
            : undefined,
    },
  );
  return false;
}

function accepts(wanted: Elem, elem: Elem): boolean {
  if (wanted.kind === "index") return elem.kind === "index" || elem.kind === "int";
  if (elem.kind === "index") return false;
  return wanted.kind === "bool" ? elem.kind !== "real" : elemFits(elem, wanted);
}

const wantedBy = (elem: Elem): string =>
  elem.kind === "index" ? `${showElem(elem)} or int` : elem.kind === "bool" ? "bool, or int 0 and 1" : elem.kind;

function fitShape(value: ArrayExpr, dist: DistExpr, span: Span, env: Env): boolean {
  if (shapesAgree(value.type.shape, dist.type.shape)) return true;
  fault(
    env,
    "PPL301",
    span,
    {
      value: textOf(span),
      shape: value.type.shape,
      other: `a draw of \`${textOf(dist.span)}\``,
      wanted: dist.type.shape,
    },
    {
      labels: [{ span: dist.span, text: showType(dist.type) }],
      hint: shapeHint(value, dist, env),
    },
  );
  return false;
}

/** What would make the shapes agree: the index of an open plate, a plate, a matrix product. */
function shapeHint(value: ArrayExpr, dist: DistExpr, env: Env): string | undefined {
  const [own, drawn] = [value.type.shape, dist.type.shape];
  const text = textOf(value.span);
  if (own.length < drawn.length) return productHint(dist, own.length + 1);
  if (own.length === drawn.length) return undefined;
  const open = env.plates.find(({ plate }) => plate.dim === own[0]);
  if (open !== undefined && value.kind === "name")
    return `inside the plate, one entry of it: ${text}[${open.symbol.name}]`;
  const dim = typeof own[0] === "string" ? own[0] : "N";
  const plate = `write a plate over its dim: plate i in ${dim} { observe ${value.kind === "name" ? text : "y"}[i] ~ … }`;
  return dist.type.elem.kind === "real" && drawn.length === 0
    ? `${plate}; or give parameters of that shape (zeros(${dim}) + mu)`
    : plate;
}

/** `x * b` of [N, K] and [K] is elementwise. */
function productHint({ args }: DistExpr, rank: number): string | undefined {
  const isProduct = (expr: Expr): boolean =>
    expr.kind === "call" &&
    expr.fn === "mul" &&
    expr.type.kind === "array" &&
    expr.type.shape.length === rank &&
    (rank === 1
      ? expr.args.every(({ type }) => type.kind === "array" && type.shape.length === 1)
      : expr.args.some(({ type }) => type.kind === "array" && type.shape.length === rank - 1));
  const find = (expr: Expr): Expr | undefined =>
    isProduct(expr)
      ? expr
      : partsOf(expr)
          .map(find)
          .find((found) => found !== undefined);
  const product = Object.values(args)
    .map(find)
    .find((found) => found !== undefined);
  if (product?.kind !== "call") return undefined;
  const [a, b] = product.args.map(({ span }) => textOf(span));
  return `\`*\` is elementwise; the matrix product is dot(${a}, ${b})`;
}

function fitSupport(value: ArrayExpr, dist: DistExpr, span: Span, env: Env): boolean {
  const range = rangeOf(value, env);
  const support = rangeOfReach(reachOf(dist, env));
  if (!disjoint(range, support)) return true;
  fault(env, "PPL310", span, {
    kind: "observed",
    value: textOf(span),
    range: showRange(range),
    dist: textOf(dist.span),
    support: showRange(support),
  });
  return false;
}

/** `value` as a value of type `type`: an index becomes a number where one is wanted. Null after PPL301, PPL302 or
 *  PPL306. */
export function fitType(value: Expr, type: Type, what: string, env: Env): Expr | null {
  if (typeFits(value.type, type)) {
    const number =
      value.type.kind === "array" &&
      type.kind === "array" &&
      value.type.elem.kind === "index" &&
      type.elem.kind !== "index";
    return number ? toNumber(value as ArrayExpr, env) : value;
  }
  const text = textOf(value.span);
  if (value.type.kind === "array" && type.kind === "array" && elemFits(value.type.elem, type.elem)) {
    return fault(env, "PPL301", value.span, { value: text, shape: value.type.shape, other: what, wanted: type.shape });
  }
  if (
    value.type.kind === "array" &&
    type.kind === "array" &&
    value.type.elem.kind === "index" &&
    type.elem.kind === "index"
  ) {
    return fault(env, "PPL302", value.span, {
      left: text,
      leftDim: showSize(value.type.elem.dim),
      right: what,
      rightDim: showSize(type.elem.dim),
    });
  }
  return fault(env, "PPL306", value.span, {
    value: text,
    found: showType(value.type),
    op: what,
    wants: showType(type),
  });
}
