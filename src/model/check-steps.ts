// Which steps of a scan a condition rules out, as far as the program tells: comparisons of its index with constants,
// `first(T)` and `last(T)`. What is read under them need not exist at those steps.

import type { Env, ScanView } from "./check-scope.ts";
import type { Expr } from "./model.ts";

/** The environment of what is used only where `condition` holds (or does not). */
export function underCondition(env: Env, condition: Expr, holds: boolean): Env {
  const { scan } = env;
  if (scan === null) return env;
  const base = env.checker.base;
  const excluded = (step: number): boolean => truth(condition, { scan, step, base }) === !holds;
  return {
    ...env,
    scan: { ...scan, excluded: [...scan.excluded, excluded], conditions: [...scan.conditions, condition] },
  };
}

/** Is nothing here used at the first `count` steps? */
export const skipsFirst = ({ excluded }: ScanView, count: number): boolean =>
  Array.from({ length: count }, (_, step) => step).every((step) => excluded.some((rules) => rules(step)));

/** One step, counted from the first; `base` is the file's. */
type At = { readonly scan: ScanView; readonly step: number; readonly base: number };

/** The condition at a step; null where that is not known. */
function truth(expr: Expr, at: At): boolean | null {
  if (expr.kind === "number") return expr.value !== 0;
  if (expr.kind !== "call") return null;
  const [a, b] = expr.args as [Expr, Expr];
  switch (expr.fn) {
    case "not":
      return negated(truth(a, at));
    case "and":
      return both(truth(a, at), truth(b, at));
    case "or":
      return negated(both(negated(truth(a, at)), negated(truth(b, at))));
    default:
      return compared(expr.fn, a, b, at);
  }
}

const negated = (value: boolean | null): boolean | null => (value === null ? null : !value);
const both = (a: boolean | null, b: boolean | null): boolean | null =>
  a === false || b === false ? false : a === null || b === null ? null : true;

const COMPARISONS: Readonly<Record<string, (difference: number) => boolean>> = {
  less: (d) => d < 0,
  lessEqual: (d) => d <= 0,
  greater: (d) => d > 0,
  greaterEqual: (d) => d >= 0,
  equal: (d) => d === 0,
  notEqual: (d) => d !== 0,
};

function compared(fn: string, a: Expr, b: Expr, at: At): boolean | null {
  const holds = Object.hasOwn(COMPARISONS, fn) ? COMPARISONS[fn] : undefined;
  const [left, right] = holds === undefined ? [null, null] : [placeOf(a, at), placeOf(b, at)];
  return left === null || right === null || left.sizes !== right.sizes ? null : holds!(left.offset - right.offset);
}

/** A whole number, `sizes` times the number of steps plus `offset`; a member of the dim counts from 0. */
type Place = { readonly sizes: number; readonly offset: number };

function placeOf(expr: Expr, at: At): Place | null {
  if (expr.kind === "number") return { sizes: 0, offset: expr.value };
  if (expr.kind === "name") {
    if (expr.symbol === at.scan.index)
      return at.scan.direction === "forward" ? { sizes: 0, offset: at.step } : { sizes: 1, offset: -1 - at.step };
    return isDim(expr, at) ? { sizes: 1, offset: 0 } : null;
  }
  if (expr.kind !== "call") return null;
  const [a, b] = expr.args;
  switch (expr.fn) {
    case "index_number":
      return plus(placeOf(a!, at), { sizes: 0, offset: at.base }, 1);
    case "index_of":
      return plus(placeOf(a!, at), { sizes: 0, offset: at.base }, -1);
    case "first":
      return isDim(a!, at) ? { sizes: 0, offset: 0 } : null;
    case "last":
      return isDim(a!, at) ? { sizes: 1, offset: -1 } : null;
    case "add":
      return plus(placeOf(a!, at), placeOf(b!, at), 1);
    case "sub":
      return plus(placeOf(a!, at), placeOf(b!, at), -1);
    case "neg":
      return plus({ sizes: 0, offset: 0 }, placeOf(a!, at), -1);
    default:
      return null;
  }
}

const plus = (a: Place | null, b: Place | null, sign: 1 | -1): Place | null =>
  a === null || b === null ? null : { sizes: a.sizes + sign * b.sizes, offset: a.offset + sign * b.offset };

/** Is the expression the dim of the scan, as its size? */
function isDim(expr: Expr, { scan }: At): boolean {
  const { type } = scan.index;
  return (
    expr.kind === "name" &&
    expr.symbol.kind === "dim" &&
    type.kind === "array" &&
    type.elem.kind === "index" &&
    type.elem.dim === expr.symbol.name
  );
}
