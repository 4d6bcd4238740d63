// What is assumed of a carried name before its definition is known, and how definition and start value are held to it.

import type { Span } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";
import { toIndex, toNumber } from "./check-apply.ts";
import type { ArrayExpr } from "./check-apply.ts";
import { joinTypes } from "./check-expr.ts";
import { fault, textOf } from "./check-scope.ts";
import type { CarriedView, Env } from "./check-scope.ts";
import { dependencies } from "./check-walk.ts";
import type { DistExpr, Expr, PlateAxis, Symbol } from "./model.ts";
import { array, index, prefixed, shapesAgree, showType, typeFits } from "./types.ts";
import type { Shape, Type } from "./types.ts";

/** A name of `carry` as written, with the place of its definition. */
export type Head = Pick<CarriedView, "name" | "start" | "position" | "axes" | "owners"> & {
  readonly declared: Type | null;
};

/** A start value (or a declared type) may have the dims of the plates inside the scan in front: one start for each
 * member. */
export function assumed(head: Head, env: Env): CarriedView {
  const { name, start, position, axes, owners, declared } = head;
  const inside = axes.filter((_, i) => owners[i] === null);
  const whole = declared ?? (start as Expr).type;
  const type = withoutFront(whole, inside) ?? whole;
  return {
    name,
    start,
    position,
    axes,
    owners,
    type,
    startAxes:
      start !== null && rankOf(start.type) > rankOf(type) && withoutFront(start.type, inside) !== null ? inside : [],
    stage: start?.stage ?? "data",
    latents: start === null ? [] : dependencies(env, [start]).latents,
    earlier: new Map(),
    defined: null,
  };
}

const rankOf = (type: Type): number => (type.kind === "array" ? type.shape.length : 0);

function withoutFront(type: Type, plates: readonly PlateAxis[]): Type | null {
  const front: Shape = plates.map(({ dim }) => dim);
  if (type.kind !== "array" || front.length === 0 || !shapesAgree(type.shape.slice(0, front.length), front))
    return null;
  return array(type.elem, type.shape.slice(front.length));
}

/** The assumption widened by the definition: element, sizes, stage and latents. The same object where nothing changed.
 * */
export function revised(view: CarriedView): CarriedView {
  const { defined } = view;
  if (defined === null) return view;
  const type = widened(view.type, defined.value) ?? view.type;
  const latents = [...new Set([...view.latents, ...defined.latents])];
  const { stage } = defined.symbol;
  const same = showType(type) === showType(view.type) && stage === view.stage && latents.length === view.latents.length;
  return same ? view : { ...view, type, stage, latents, earlier: new Map(), defined: null };
}

/** A start `0` for a member of a dim is its number. */
function widened(before: Type, value: Type): Type | null {
  if (before.kind === "array" && value.kind === "array" && before.elem.kind === "int" && value.elem.kind === "index")
    return widened(array(index(value.elem.dim), before.shape), value);
  return joinTypes(before, value);
}

// ---------------------------------------------------------------------------------------- what must agree

/** Notes the definition of a carried name and gives it as a value of the assumed type; null after PPL312. */
export function fitDefinition(
  value: Expr,
  symbol: Symbol,
  latents: readonly string[],
  view: CarriedView,
  env: Env,
): Expr | null {
  view.defined = { symbol, value: value.type, latents };
  return asType(value, view.type, env) ?? changes(view, value.span, value.type, env);
}

/** Notes the site of a carried name; false after PPL312. */
export function fitsDraw({ type, span }: DistExpr, symbol: Symbol, view: CarriedView, env: Env): boolean {
  view.defined = { symbol, value: type, latents: [symbol.name] };
  const isIndex = (t: Type): boolean => t.kind === "array" && t.elem.kind === "index";
  if (typeFits(type, view.type) && isIndex(type) === isIndex(view.type)) return true;
  changes(view, span, type, env);
  return false;
}

/** The view with its start value as one of the carried type; a scalar fills the shape. Null after PPL312. */
export function fitStart(view: CarriedView, env: Env): CarriedView | null {
  const { start, type, startAxes } = view;
  if (start === null) return view;
  const fills = type.kind === "array" && start.type.kind === "array" && start.type.shape.length === 0;
  const fitted = asType(
    start,
    fills
      ? array(type.elem, [])
      : prefixed(
          startAxes.map(({ dim }) => dim),
          type,
        ),
    env,
  );
  return fitted === null ? changes(view, start.span, start.type, env) : { ...view, start: fitted };
}

function asType(value: Expr, type: Type, env: Env): Expr | null {
  if (type.kind === "record" || value.type.kind === "record") return typeFits(value.type, type) ? value : null;
  const isIndex = value.type.elem.kind === "index";
  const converted =
    type.elem.kind === "index" && value.type.elem.kind === "int"
      ? toIndex(value as ArrayExpr, env)
      : isIndex && type.elem.kind !== "index"
        ? toNumber(value as ArrayExpr, env)
        : value;
  return typeFits(converted.type, type) ? converted : null;
}

const changes = ({ name, type }: CarriedView, span: Span, found: Type, env: Env): null =>
  fault(
    env,
    "PPL312",
    span,
    { name: name.text, value: textOf(span), found: showType(found), wanted: showType(type) },
    {
      labels: [{ span: name.span, text: "carried here" }],
    },
  );

/** The view of a name that the scan around it carries. */
export const carriedView = (name: Ast.Name, env: Env): CarriedView | undefined => env.scan?.carried.get(name.text);
